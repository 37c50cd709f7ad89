"""Columns as the docker CLI sets them. Source: Go's text/tabwriter with minimal width 10 and padding 3."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

MIN_WIDTH, PADDING = 10, 3  # columns


def table(rows: Iterable[Sequence[str]], min_width: int = MIN_WIDTH) -> list[str]:
    """The lines of a table, its header the first row. The last cell of a line is not padded. `min_width`: a column's, its
    padding included."""
    cells = [list(row) for row in rows]
    count = max((len(row) for row in cells), default=0)
    widths = [
        max((max(min_width, display_width(row[column]) + PADDING) for row in cells if column < len(row) - 1), default=0)
        for column in range(count)
    ]
    return ["".join(_line(row, widths)) for row in cells]


def _line(row: list[str], widths: list[int]) -> Iterable[str]:
    for cell, width in zip(row[:-1], widths, strict=False):
        yield cell + " " * (width - display_width(cell))
    yield from row[-1:]


def display_width(text: str) -> int:
    """How many columns of a terminal it takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(ch) in "WF" for ch in text)
    return len(text) + wide - sum(unicodedata.combining(ch) != 0 for ch in text)


def ellipsis(text: str, width: int) -> str:
    """`text` in at most `width` columns, with … where it was cut."""
    if display_width(text) <= width:
        return text
    taken = 0
    for place, ch in enumerate(text):
        taken += display_width(ch)
        if taken > width - 1:
            return f"{text[:place]}…"
    return text


def short_id(identifier: str) -> str:
    """The first twelve hexadecimal digits, without `sha256:`."""
    return identifier.partition(":")[2][:12] if ":" in identifier else identifier[:12]
