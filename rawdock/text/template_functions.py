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
        return f"map[{' '.join(f'{key}:{go_text(item)}' for key, item in sorted(value.items()))}]"
    if isinstance(value, list):
        return f"[{' '.join(map(go_text, value))}]"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


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


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if value is None or isinstance(value, Null):
            return None
        if isinstance(value, dict):
            value = value.get(key)
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
    ready = [
        value if isinstance(value, int | float) and not isinstance(value, bool) else go_text(value) for value in values
    ]
    return form.replace("%v", "%s").replace("%q", '"%s"') % tuple(ready)


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


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "json": compact_json,
    "split": lambda text, separator: str(text).split(separator),
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
