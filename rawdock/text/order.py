"""The order in which the docker CLI lists names. Source: fvbommel/sortorder, NaturalLess."""

from __future__ import annotations

import re

_PART = re.compile(r"\d+|\D", re.ASCII)


def natural_key(text: str) -> list[tuple[int, int, int]]:
    """A key under which "a10" comes after "a9": digits count as numbers, other characters by their code point."""
    return [
        (ord("0"), int(part), len(part)) if part[0].isdecimal() and part.isascii() else (ord(part), 0, 0)
        for part in _PART.findall(text)
    ]
