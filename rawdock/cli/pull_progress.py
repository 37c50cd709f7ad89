"""The progress of a pull, push, load or build on standard output or error."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from ..text.progress import ProgressText
from .console import Console, printable

SINKS = {"out": Console.write, "err": Console.write_error}


def show(console: Console, documents: Iterable[Any], place: str = "out") -> None:
    """Show them as they come. `place`: "out", "err", or "" for nowhere. Raises what the stream raises, when all before it
    has been shown."""
    if not place:
        for _ in documents:
            pass
        return
    write: Callable[[Console, bytes], None] = SINKS[place]
    text = ProgressText(_width(console, place), printable, time.time)
    for document in documents:
        if shown := text.feed(document):
            write(console, shown.encode("utf-8", "replace"))


def _width(console: Console, place: str) -> int | None:
    if place == "out":
        return console.width if console.out_is_terminal else None
    try:
        return os.get_terminal_size(console.err.fileno()).columns or 120
    except (OSError, ValueError):  # no terminal, or no descriptor at all
        return None
