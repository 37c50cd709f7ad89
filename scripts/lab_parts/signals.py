"""What happens to Ctrl-C and its kin while something is built, and while something is taken away."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from .commands import say

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def signals_raise() -> Iterator[None]:
    """Turn a signal that would end `lab` into SystemExit, code 128 + signal as a shell counts it."""

    def interrupted(number: int, frame: FrameType | None) -> None:
        for every in _SIGNALS:
            signal.signal(every, signal.SIG_IGN)  # a second one must not interrupt the clean-up
        say(f"interrupted by {signal.Signals(number).name}")
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, interrupted) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def signals_wait() -> Iterator[None]:
    """Hold signals back: half a clean-up or half an apt-get is worse than a late end."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
