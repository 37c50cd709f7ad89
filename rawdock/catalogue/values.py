"""Values beside their types: those that fit, as they go over the wire, and one sentence for those that do not.

Text stands for a boolean or a number where the type is one; null fits everywhere, as Go takes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..errors import UsageError
from .models import ANY, ARRAY, MAP, OBJECT, Field, Shape, shape
from .near import near, one_of
from .operations import Parameter

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def parameter_text(parameter: Parameter, text: str, operation: str) -> str:
    """The text of a parameter as it is sent. Raises UsageError."""
    name = f"{parameter.name} of {operation}"
    if parameter.name == "filters":
        return _filters(text, name)
    kind = shape(parameter.type)
    if kind.kind == ARRAY:
        kind = shape(kind.inner)  # of a list it is one value: the parameter is repeated
    if kind.kind == "integer" and parameter.name in ("since", "until"):
        if not text.replace(".", "", 1).isdecimal():  # seconds, nanoseconds behind the point (moby api/types/time)
            raise UsageError(f"{text!r} for {name} is no number of seconds", "write such as 1700000000.5")
        return text
    value = _scalar(text, kind, name)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _filters(text: str, name: str) -> str:
    from json import loads

    try:
        good = isinstance(loads(text), dict)
    except ValueError:
        good = False
    if not good:
        raise UsageError(f"{text!r} for {name} is no JSON object", "write --filter NAME=VALUE")
    return text


class Unknown(NamedTuple):
    """A field that its model does not have. `place`: the fields around it, "HostConfig.", "" for none."""

    place: str
    name: str
    known: tuple[str, ...]


def unknown_fields(value: Any, kind: Shape, place: str = "", *, exact: bool = True) -> Iterator[Unknown]:
    """Fields of `value` that the type does not have. Not `exact`: in any case of letters, as Go's decoder takes them."""
    for name, part, field, inner in _parts(value, kind, exact):
        if field is None and kind.kind == OBJECT:
            yield Unknown(place, name, tuple(kind.fields or ()))
        else:
            yield from unknown_fields(part, shape(inner), place + (f"{field.name}." if field else ""), exact=exact)


def known_fields(value: Any, kind: Shape, place: str = "") -> Iterator[tuple[str, Field]]:
    """Each field of `value` that the type has, as ("HostConfig.Memory", its field)."""
    for _, part, field, inner in _parts(value, kind, exact=True):
        if field is not None:
            yield place + field.name, field
        yield from known_fields(part, shape(inner), place + (f"{field.name}." if field else ""))


def _parts(value: Any, kind: Shape, exact: bool) -> Iterator[tuple[str, Any, Field | None, str]]:
    """(name, part, its field if the type is an object, its type) of what `value` holds, where that is known."""
    if kind.kind == ARRAY and isinstance(value, list):
        yield from (("", part, None, kind.inner) for part in value)
    elif kind.kind == MAP and isinstance(value, dict):
        yield from ((name, part, None, kind.inner) for name, part in value.items())
    elif kind.kind == OBJECT and isinstance(value, dict) and kind.fields is not None:
        any_case = {} if exact else {name.lower(): field for name, field in kind.fields.items()}
        for name, part in value.items():
            field = kind.fields.get(name) or any_case.get(name.lower())
            yield name, part, field, field.type if field else ANY


def conforming(value: Any, kind: Shape, name: str) -> Any:
    """`value` with text turned into what its type says. `name`: how it is called in errors, "" for a whole body. Raises
    UsageError."""
    if value is None or kind.kind == ANY:
        return value
    if kind.kind == ARRAY:
        if not isinstance(value, list):
            last = name.rpartition(".")[2]
            raise UsageError(f"{_shown(value)} for {name} is no list", f"write {last}[]=… for each of its values")
        return [conforming(part, shape(kind.inner), name) for part in value]
    if kind.kind in (OBJECT, MAP):
        if not isinstance(value, dict):
            last = name.rpartition(".")[2]
            raise UsageError(f"{_shown(value)} for {name} is no object", f"write {last}[Name]=…, or {last}:=JSON")
        fields = kind.fields if kind.kind == OBJECT else None
        around = f"{name}." if name else ""
        return {key: conforming(part, _inner(kind, fields, key), around + key) for key, part in value.items()}
    return _scalar(value, kind, name)


def _inner(kind: Shape, fields: Mapping[str, Field] | None, key: str) -> Shape:
    if kind.kind == MAP:
        return shape(kind.inner)
    field = fields.get(key) if fields else None
    return shape(field.type) if field else Shape(ANY)


def _scalar(value: Any, kind: Shape, name: str) -> Any:
    if kind.kind == "boolean":
        if isinstance(value, str) and value in _BOOLEANS:
            return _BOOLEANS[value]
        if not isinstance(value, bool):
            raise UsageError(f"{_shown(value)} for {name} is no boolean", "write true or false")
    elif kind.kind in ("integer", "number"):
        convert = int if kind.kind == "integer" else float
        if isinstance(value, str):
            try:
                value = convert(value)
            except ValueError:
                raise UsageError(f"{_shown(value)} for {name} is no {kind.kind}", "write a number") from None
        elif isinstance(value, bool) or not isinstance(value, (int, convert)):
            raise UsageError(f"{_shown(value)} for {name} is no {kind.kind}", "write a number")
    elif kind.kind == "string" and not isinstance(value, str):
        last = name.rpartition(".")[2]
        raise UsageError(f"{_shown(value)} for {name} is no text", f"write {last}=… instead of {last}:=…")
    if kind.choices and str(value) not in kind.choices:
        best = near(str(value), kind.choices)[:1] or [choice for choice in kind.choices if choice]
        raise UsageError(f"{_shown(value)} is not known for {name}", f"write {one_of(best)}")
    return value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
