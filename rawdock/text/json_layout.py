"""JSON set out anew without being read into values: numbers and escapes stay as they were written. Source: Go's encoding/json,
Indent and Compact, by which the docker CLI prints what inspect gives."""

from __future__ import annotations

import re
from collections.abc import Iterable

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_OPENING, _CLOSING = "{[", "}]"


def indented(text: str, width: int = 4) -> str:
    """JSON with each member and item in a line of its own. `text` must be JSON. `width`: columns a level."""
    return "".join(_indented(_TOKEN.findall(text), width))


def compact(text: str) -> str:
    """JSON in one line without spaces. `text` must be JSON."""
    return "".join(_TOKEN.findall(text))


def _indented(tokens: list[str], width: int) -> Iterable[str]:
    level, opened = 0, False  # whether the token before opened an object or a list
    for token in tokens:
        if token in _CLOSING:
            level -= 1
            if not opened:
                yield "\n" + " " * (width * level)
        elif opened:
            yield "\n" + " " * (width * level)
        opened = token in _OPENING
        level += opened
        yield token
        if token == ",":
            yield "\n" + " " * (width * level)
        elif token == ":":
            yield " "
