"""The query of a request, from what the caller has.

What Docker's daemons take is not what Python prints: booleans are true and false, and a parameter that is an object (filters,
buildargs, labels) is JSON. Sources: moby api/server/httputils/form.go, api/types/filters/parse.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import RequestError
from ..request import is_plain

Value = str | int | float | bool | None
Params = Mapping[str, Value | Sequence[Value] | Mapping[str, Any]]
Pairs = Sequence[tuple[str, str]]  # where a name may come twice
Filters = Mapping[str, str | int | Iterable[str | int] | None]


def query_of(path: str, params: Params | Pairs) -> str:
    """ "?all=true", or "&all=true" where `path` has a query already; "" for none. Raises RequestError."""
    pairs = texts(params)
    if not pairs:
        return ""
    separator = "&" if "?" in path else "?"
    if all(is_plain(name) and is_plain(value) for name, value in pairs):
        return separator + "&".join(f"{name}={value}" for name, value in pairs)
    from urllib.parse import urlencode  # 2 ms to import

    return separator + urlencode(pairs, errors="surrogateescape")


def texts(params: Params | Pairs) -> list[tuple[str, str]]:
    """Names and values as they go out, before encoding: None is left out, a list is a parameter repeated, a dict is JSON.
    Raises RequestError for what has no such form."""
    found: list[tuple[str, str]] = []
    for name, value in _pairs(params):
        if isinstance(value, str):
            found.append((name, value))
        elif isinstance(value, Mapping):
            if text := encode_filters(value) if name == "filters" else _json(value):
                found.append((name, text))
        elif isinstance(value, list | tuple) and name != "filters":
            found += [(name, _text(name, each)) for each in value if each is not None]
        elif value is not None:
            found.append((name, _text(name, value)))
    return found


def _pairs(params: Any) -> Iterable[tuple[str, Any]]:
    pairs = params.items() if isinstance(params, Mapping) else params
    if isinstance(pairs, str | bytes) or not isinstance(pairs, Iterable):
        raise RequestError(f"params are of type {type(params).__name__}", 'give a dict such as {"all": True}')
    pairs = list(pairs)
    for pair in pairs:
        if not isinstance(pair, tuple | list) or len(pair) != 2 or not isinstance(pair[0], str):
            raise RequestError(f"params hold {pair!r}", "give a dict of text to values, or pairs of them")
    return pairs


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if type(value).__module__ == "datetime":  # which takes 2 ms to import, for a question
        raise RequestError(f"parameter {name} is a {type(value).__name__}", "give the text or number that it takes")
    if isinstance(value, bytes | bytearray | Mapping | list | tuple | set | frozenset):
        remedy = 'give a dict such as {"label": ["a=b"]}' if name == "filters" else "give text or a number"
        raise RequestError(f"parameter {name} is of type {type(value).__name__}", remedy)
    return str(value)


def encode_filters(filters: Filters | None) -> str:
    """'{"label": ["a=b"]}', "" for none. A filter without a value is left out: daemons take neither [] nor null for it.
    Raises RequestError for what is none."""
    if not isinstance(filters, Mapping | None):
        raise RequestError(f"filters are of type {type(filters).__name__}", 'give a dict such as {"label": ["a=b"]}')
    found: dict[str, list[str]] = {}
    for name, values in (filters or {}).items():
        if isinstance(values, Mapping | bytes):
            raise RequestError(f"filter {name} is of type {type(values).__name__}", 'give text or a list: ["a=b"]')
        each = list(values) if isinstance(values, Iterable) and not isinstance(values, str) else [values]
        if each and each != [None]:
            found[name] = [str(one).lower() if isinstance(one, bool) else str(one) for one in each]
    return _json(found) if found else ""


def _json(value: object) -> str:
    from json import dumps

    return dumps(value)
