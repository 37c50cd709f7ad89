"""A line on a terminal's stderr that says how far a long transfer is. Written anew in its place, and gone at the end."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

from .console import Console

AFTER = 0.5  # seconds; a transfer that takes less shows nothing
EVERY = 0.1  # seconds


class Progress:
    """`with Progress(console, "received", total) as progress`: tell it of bytes with `add` or `reach`. `total`: bytes, None
    if unknown."""

    def __init__(
        self, console: Console, what: str, total: int | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console = console
        self._what = what
        self._total = total
        self._clock = clock
        self._begun = clock()
        self._next = self._begun + AFTER
        self._shown = False
        self._done = 0

    def add(self, count: int) -> None:
        self.reach(self._done + count)

    def reach(self, done: int) -> None:
        """So many bytes are through by now."""
        self._done = done
        now = self._clock()
        if now < self._next:
            return
        self._next = now + EVERY
        self._shown = True
        self._write(progress_line(self._what, done, self._total, now - self._begun)[: self._console.err_width - 1])

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        if self._shown:
            self._write("")

    def _write(self, text: str) -> None:
        self._console.err.write(f"\r{text}\x1b[K")
        self._console.err.flush()


def progress_line(what: str, done: int, total: int | None, seconds: float) -> str:
    """ "received 12.3 MB of 98.0 MB  12 %  45.6 MB/s  2 s left"."""
    rate = done / seconds if seconds > 0 else 0.0
    parts = [f"{what} {_size(done)}" + (f" of {_size(total)}" if total else "")]
    if total:
        parts.append(f"{100 * done // total} %")
    parts.append(f"{_size(rate)}/s")
    if total and rate and done <= total:
        left = round((total - done) / rate)
        parts.append(f"{left // 60} min {left % 60} s left" if left >= 60 else f"{left} s left")
    return "  ".join(parts)


def _size(count: float) -> str:
    """Bytes in decimal units, as the docker CLI counts them."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


class WatchedFile(io.BufferedReader):
    """A file whose reader tells how far it is. A body is sent by sendfile(2) and seeks on after each piece, or reads."""

    def __init__(self, raw: io.FileIO, reach: Callable[[int], None]) -> None:
        super().__init__(raw)
        self._reach = reach
        self._done = 0

    def seek(self, offset: int, whence: int = 0, /) -> int:
        position = super().seek(offset, whence)
        self._reach(position)
        return position

    def read1(self, size: int = -1, /) -> bytes:
        return self._told(super().read1(size))

    def read(self, size: int | None = -1, /) -> bytes:
        return self._told(super().read(size))

    def _told(self, data: Any) -> bytes:
        self._done += len(data)
        self._reach(self._done)
        return bytes(data)
