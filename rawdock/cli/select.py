"""`--select PATH`: a part of a JSON document, `[].Names[0]` or `NetworkSettings.Ports`.

The grammar is jq's for paths, without pipes and functions: names with dots between them (one dot in front is allowed),
`[0]` and `[-1]` for places, `[]` for each, `["a.b"]` for names that hold dots or brackets. As with jq, what is not there is
null, and text is printed without quotes (`jq -r`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..errors import UsageError


class Each:
    """The step `[]`."""


EACH = Each()
Step = str | int | Each


def parse_path(text: str) -> list[Step]:
    """Return the steps. Raises UsageError naming the place where it is no path."""
    steps: list[Step] = []
    rest = text.removeprefix(".")
    while rest:
        if rest.startswith("["):
            step, rest = _bracket(rest, text)
        else:
            end = min((place for mark in ".[" if (place := rest.find(mark)) >= 0), default=len(rest))
            step, rest = rest[:end], rest[end:]
            if not step:
                raise _no_path(text, rest)
        steps.append(step)
        if rest.startswith("."):
            rest = rest[1:]
            if not rest:
                raise _no_path(text, ".")
        elif rest and not rest.startswith("["):
            raise _no_path(text, rest)
    return steps


def _bracket(rest: str, text: str) -> tuple[Step, str]:
    if rest[1:2] in ('"', "'"):
        end = rest.find(f"{rest[1]}]", 2)
        if end < 0:
            raise _no_path(text, rest)
        return rest[2:end], rest[end + 2 :]
    inside, closed, after = rest[1:].partition("]")
    if not closed:
        raise _no_path(text, rest)
    if not inside:
        return EACH, after
    if inside.removeprefix("-").isdecimal() and inside.isascii():
        return int(inside), after
    raise UsageError(f"{text!r} from --select: [{inside}] is no place", f'write ["{inside}"] for a name')


def _no_path(text: str, rest: str) -> UsageError:
    return UsageError(
        f"{text!r} from --select is no path at {rest!r}", "write such as [].Names[0] or NetworkSettings.Ports"
    )


def select(document: Any, steps: Iterable[Step]) -> Iterator[Any]:
    """What `steps` lead to, null for what is not there. Raises UsageError for a step into what has no parts."""
    found = [document]
    for step in steps:
        found = [part for value in found for part in _parts(value, step)]
    yield from found


def _parts(value: Any, step: Step) -> list[Any]:
    if isinstance(step, Each):
        if isinstance(value, dict):
            return list(value.values())
        if isinstance(value, list):
            return value
        if value is None:
            return []
    elif value is None:
        return [None]
    elif isinstance(step, str) and isinstance(value, dict):
        return [value.get(step)]
    elif isinstance(step, int) and isinstance(value, list):
        return [value[step] if -len(value) <= step < len(value) else None]
    shown = "[]" if isinstance(step, Each) else f"[{step}]" if isinstance(step, int) else repr(step)
    remedy = "put [] before it to take it of each" if isinstance(value, list) else "look at the answer without --select"
    raise UsageError(f"--select: {shown} of {_kind(value)}", remedy)


def _kind(value: Any) -> str:
    names = {list: "a list", dict: "an object", str: "text", bool: "true or false"}
    return names.get(type(value), "a number")


def as_text(value: Any) -> str:
    """Text bare, all else as one line of JSON."""
    if isinstance(value, str):
        return value
    from json import dumps

    return dumps(value, ensure_ascii=False, separators=(",", ":"))
