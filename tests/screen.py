"""What a terminal shows after some output: as much of one as progress in place needs."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\x1b\[(\d*)([A-Za-z])|\x1b[78]|\x1b\[\?\d+[hl]|\r|\n|[^\x1b\r\n]+")


def screen(output: str) -> list[str]:
    """The lines, without spaces at their ends."""
    lines, row, column = [""], 0, 0
    for token in _TOKEN.finditer(output):
        text, count = token[0], int(token[1] or 1)
        if text == "\r":
            column = 0
        elif text == "\n" or token[2] == "B":
            row += 1 if text == "\n" else count
            lines += [""] * (row + 1 - len(lines))
        elif token[2] == "A":
            row = max(0, row - count)
        elif token[2] == "K":
            lines[row] = ""
        elif not text.startswith("\x1b"):
            lines[row] = lines[row][:column].ljust(column) + text + lines[row][column + len(text) :]
            column += len(text)
    return [line.rstrip() for line in lines]
