"""Where a command reads and writes: stdout is data and goes out as it came in, stderr is talk."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, TextIO


@dataclass(frozen=True)
class Console:
    """The outside of a command, handed in so that tests can give their own. `width` is in columns."""

    out: BinaryIO
    err: TextIO
    stdin: BinaryIO
    environ: Mapping[str, str]
    out_is_terminal: bool = False
    width: int = 120

    @classmethod
    def real(cls) -> Console:
        terminal = sys.stdout.isatty()
        width = shutil.get_terminal_size((120, 40)).columns if terminal else 120
        return cls(sys.stdout.buffer, sys.stderr, sys.stdin.buffer, os.environ, terminal, width)

    @property
    def colour(self) -> bool:
        """Colour for people on terminals only, and not under NO_COLOR (no-color.org)."""
        return self.out_is_terminal and not self.environ.get("NO_COLOR") and self.environ.get("TERM") != "dumb"

    def write(self, data: bytes) -> None:
        """Data to stdout, at once: a reader of a stream waits for each line."""
        self.out.write(data)
        self.out.flush()

    def print(self, text: str = "") -> None:
        """A line of text to stdout."""
        self.write(text.encode("utf-8", "backslashreplace") + b"\n")

    def talk(self, text: str) -> None:
        """A line to stderr."""
        self.err.write(f"{printable(text)}\n")
        self.err.flush()

    def paint(self, text: str, colour: str) -> str:
        """`text` in "red", "green", "yellow", "bold" or "dim" where colour is wanted."""
        code = {"red": 31, "green": 32, "yellow": 33, "bold": 1, "dim": 2}[colour]
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


def printable(text: str) -> str:
    """`text` with control characters written as escapes: names and messages from outside never steer a terminal."""
    return "".join(ch if ch.isprintable() or ch == "\n" else f"\\x{ord(ch):02x}" for ch in text)
