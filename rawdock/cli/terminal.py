"""A terminal as an interactive command has it: raw, its size, its keys that detach, its signals. Sources: termios(3), tty(4);
docker/cli's default keys, ctrl-p ctrl-q."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from ..errors import UsageError
from ..net.files import file_parts

DETACH_KEYS = "ctrl-p,ctrl-q"
_CONTROL = "@abcdefghijklmnopqrstuvwxyz[\\]^_"  # ctrl-@ is 0, ctrl-a 1, …


class Detached(Exception):
    """The keys that detach were typed: what runs goes on without us."""


@contextmanager
def raw(descriptor: int) -> Iterator[None]:
    """Every key goes to the other end as it is, ctrl-c too. What was set before is set again, whatever happens."""
    import termios
    import tty

    before = termios.tcgetattr(descriptor)
    tty.setraw(descriptor, termios.TCSADRAIN)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def size(descriptor: int) -> tuple[int, int] | None:
    """(rows, columns); None if it is no terminal, or one of unknown size."""
    try:
        columns, rows = os.get_terminal_size(descriptor)
    except OSError:
        return None
    return (rows, columns) if rows and columns else None


def key_bytes(words: str) -> bytes:
    """The bytes that "ctrl-p,ctrl-q" or "ctrl-a,x" are. Raises UsageError."""
    keys = b""
    for word in words.split(","):
        low = word.lower()
        if len(word) == 1 and word.isascii():
            keys += word.encode()
        elif low.startswith("ctrl-") and len(low) == 6 and low[5] in _CONTROL:
            keys += bytes([_CONTROL.index(low[5])])
        else:
            raise UsageError(
                f"--detach-keys {words!r}: {word!r} is no key", "write letters and ctrl-a to ctrl-z, with commas"
            )
    return keys


async def typed(descriptor: int, detach: bytes = b"") -> AsyncIterator[bytes]:
    """What is read from a descriptor as it comes, to its end. Raises Detached once the keys `detach` have come in a row; until
    that is decided they are held back."""
    held = b""
    async for data in file_parts(descriptor):
        if not held and (not detach or detach[0] not in data):
            yield data  # byte by byte a file of 50 MB took 12 s of processor time
            continue
        passed = bytearray()
        for byte in data:
            held += bytes([byte])
            while held and not detach.startswith(held):
                passed.append(held[0])
                held = held[1:]
            if held == detach:
                if passed:
                    yield bytes(passed)
                raise Detached
        if passed:
            yield bytes(passed)
    if held:
        yield held


@contextmanager
def signals(numbers: Sequence[int]) -> Iterator[socket.socket]:
    """A socket that gives each signal that comes, a byte with its number, instead of what it would do."""
    mine, others = socket.socketpair()
    for end in (mine, others):
        end.setblocking(False)
    before: dict[int, Any] = {number: signal.signal(number, _noted) for number in numbers}
    wakeup = signal.set_wakeup_fd(others.fileno(), warn_on_full_buffer=False)
    try:
        yield mine
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        mine.close()
        others.close()


def _noted(number: int, frame: FrameType | None) -> None:
    """The wake-up descriptor has it already."""


def require_terminal(descriptor: int) -> None:
    """Raise UsageError unless the descriptor is a terminal."""
    if not os.isatty(descriptor):
        raise UsageError("-t needs a terminal, and standard input is none", "leave -t out, or run it in a terminal")


def stdin_descriptor() -> int:
    return sys.stdin.fileno()
