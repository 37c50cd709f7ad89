"""JSON for people on a terminal: indented, coloured, and unable to steer it.

The text is laid out anew token by token, so numbers, the order of names and names that come twice stay as the daemon wrote
them. Colours are jq's: names bold blue, text green, null dim.
"""

from __future__ import annotations

import re
from json import loads

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_OPENING, _CLOSING = "{[", "}]"


def is_json(text: str) -> bool:
    try:
        loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def pretty(text: str, *, colour: bool, indent: int | None = 2) -> str:
    """Valid JSON laid out over lines, or on one line without `indent`."""
    tokens = _TOKEN.findall(text)
    parts: list[str] = []
    depth = 0
    for number, token in enumerate(tokens):
        following = tokens[number + 1] if number + 1 < len(tokens) else ""
        if token in _OPENING:
            parts.append(token)
            if following not in _CLOSING:
                depth += 1
                parts.append(_break(depth, indent))
        elif token in _CLOSING:
            if tokens[number - 1] not in _OPENING:
                depth -= 1
                parts.append(_break(depth, indent))
            parts.append(token)
        elif token == ",":
            parts.append(token + (_break(depth, indent) or " "))
        elif token == ":":
            parts.append(": ")
        else:
            parts.append(_painted(_harmless(token), following == ":", colour))
    return "".join(parts)


def _break(depth: int, indent: int | None) -> str:
    return "" if indent is None else "\n" + " " * (indent * depth)


def _harmless(token: str) -> str:
    """A token whose characters that no one can see, escapes and marks that turn the text round among them, are \\u escapes."""
    if token.isprintable():
        return token
    return "".join(ch if ch.isprintable() else _escape(ch) for ch in token)


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))


def _painted(token: str, is_name: bool, colour: bool) -> str:
    if not colour:
        return token
    code = "34;1" if is_name else "32" if token.startswith('"') else "2" if token == "null" else "0"
    return f"\x1b[{code}m{token}\x1b[0m"
