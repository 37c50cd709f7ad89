"""The functions of a template, and how Go prints a value. Source: text/template's built-in functions, docker/cli templates."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ..errors import UsageError
from .zero_values import Null


def go_text(value: Any) -> str:
    """As fmt.Print has it: `map[a:1 b:2]`, `[a b]`, `true`, `<nil>`."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        if not isinstance(value, _Bare) and (struct := struct_text(value)) is not None:
            return struct
        return f"map[{' '.join(f'{key}:{_entry(key, item)}' for key, item in sorted(value.items()))}]"
    if isinstance(value, list):
        return f"[{' '.join(map(go_text, value))}]"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def struct_text(value: dict[str, Any]) -> str | None:
    """As fmt.Print has a structure of Go's, where it is one that can be told by its fields and holds no pointer that is set:
    of those it prints addresses in memory."""
    for needed, fields in _STRUCTS:
        if needed <= value.keys() <= fields.keys():
            whole = {**fields, **value}
            if all(whole[name] is None or name not in _POINTERS for name in fields):
                return f"{{{' '.join(go_text(whole[name]) for name in fields)}}}"
    return None


def _entry(key: str, item: Any) -> str:
    """Of a map. Those of "80/tcp" and "/data" are sets, whose values are structures without a field."""
    return "{}" if item == {} and "/" in key else go_text(item)


# Names in Go's order with the values of what the daemon leaves out. Source: moby api/types/container, go-connections nat.
_POINTERS = {"Health"}
_STRUCTS: tuple[tuple[set[str], dict[str, Any]], ...] = (
    ({"HostIp", "HostPort"}, {"HostIp": "", "HostPort": ""}),
    ({"Name", "MaximumRetryCount"}, {"Name": "", "MaximumRetryCount": 0}),
    (
        {"Source", "Destination", "RW"},
        dict.fromkeys(("Type", "Name", "Source", "Destination", "Driver", "Mode", "RW", "Propagation"), ""),
    ),
    (
        {"Status", "Running", "Pid", "ExitCode", "StartedAt"},
        {
            **dict.fromkeys(("Status", "Running", "Paused", "Restarting", "OOMKilled", "Dead", "Pid", "ExitCode"), ""),
            **{"Error": "", "StartedAt": "", "FinishedAt": "", "Health": None},
        },
    ),
)


def truth(value: Any) -> bool:
    """What `if` takes for true: all but nil, false, 0, and what is empty."""
    return bool(value)


def compact_json(value: Any) -> str:
    """One line of JSON; what is callable in an object, a method for templates, is left out."""
    if isinstance(value, dict):
        value = {key: item for key, item in value.items() if not callable(item)}
    if isinstance(value, Null):
        return "null"
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")  # Go escapes the two for JavaScript's sake


class _Bare(dict[str, Any]):
    """Shown as a map, whatever its fields. `index .Ports "80/tcp"` fails with the docker CLI's types, whose key is no text, and
    it falls back to what JSON gives."""


def _bare(value: Any) -> Any:
    return [_Bare(item) if isinstance(item, dict) else item for item in value] if isinstance(value, list) else value


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if value is None or isinstance(value, Null):
            return None
        if isinstance(value, dict):
            value = _bare(value.get(key)) if "/" in str(key) else value.get(key)
        elif isinstance(value, list | str) and isinstance(key, int):
            if not 0 <= key < len(value):
                raise UsageError(f"the template asks for item {key} of {len(value)}", "count from 0")
            value = value[key]
        else:
            raise UsageError(f"the template asks for item {go_text(key)!r} of {go_text(value)!r}", "")
    return value


def _len(value: Any) -> int:
    if value is None or not hasattr(value, "__len__"):
        raise UsageError(f"the template asks for the length of {go_text(value)!r}", "a list, an object or text has one")
    return len(value)


def _slice(value: Any, *bounds: int) -> Any:
    return value[slice(*(bounds or (None,)) if len(bounds) != 1 else (bounds[0], None))]


def _printf(form: str, *values: Any) -> str:
    from .go_printf import go_printf

    return go_printf(form, values, go_text)


def _print(*values: Any) -> str:
    """Go puts a space between two values of which neither is text."""
    text = ""
    before: Any = ""
    for value in values:
        text += " " * (not isinstance(before, str) and not isinstance(value, str)) + go_text(value)
        before = value
    return text


def _and(*values: Any) -> Any:
    return next((value for value in values if not truth(value)), values[-1])


def _or(*values: Any) -> Any:
    return next((value for value in values if truth(value)), values[-1])


def _join(items: Any, separator: str) -> str:
    return separator.join(map(go_text, items or []))


_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", '"': "&#34;"}
_JS = {"\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D"}


def _replaced(value: Any, by: dict[str, str]) -> str:
    return "".join(by.get(character, character) for character in go_text(value))


def _urlquery(value: Any) -> str:
    from urllib.parse import quote_plus

    return quote_plus(go_text(value))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "json": compact_json,
    "split": lambda text, separator: str(text).split(separator) if separator else list(str(text)),
    "join": _join,
    "title": lambda text: str(text).title(),
    "lower": lambda text: str(text).lower(),
    "upper": lambda text: str(text).upper(),
    "pad": lambda text, before, after: f"{' ' * before}{text}{' ' * after}" if text else text,
    "truncate": lambda text, length: str(text)[:length],
    "len": _len,
    "index": _index,
    "slice": _slice,
    "print": _print,
    "println": lambda *values: " ".join(map(go_text, values)) + "\n",
    "printf": _printf,
    "html": lambda value: _replaced(value, _HTML),
    "js": lambda value: _replaced(value, _JS),
    "urlquery": _urlquery,
    "not": lambda value: not truth(value),
    "and": _and,
    "or": _or,
    "eq": lambda first, *others: any(first == other for other in others),
    "ne": lambda first, second: first != second,
    "lt": lambda first, second: first < second,
    "le": lambda first, second: first <= second,
    "gt": lambda first, second: first > second,
    "ge": lambda first, second: first >= second,
}
