"""Signals that end a command while it writes files: it unwinds, so that no file stays half written."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_ENDING = (signal.SIGTERM, signal.SIGHUP)
_PAUSE = 2.0  # seconds


@contextmanager
def ended_cleanly(pause: float = _PAUSE) -> Iterator[None]:
    """SIGTERM and SIGHUP raise SystemExit, and each of them, and Ctrl-C, is sent again every `pause` seconds until the block
    has been left. For one that comes just before a system call begins to wait does not wake it, and its handler would run
    when the daemon says something, which may be never; and what a handler raises inside of a `__del__` is lost."""
    before: dict[int, Any] = {}
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            before[number] = signal.signal(number, lambda found, frame: sys.exit(128 + found))
    read, write = os.pipe()
    os.set_blocking(write, False)
    woken = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    over: list[bool] = []
    _thread.start_new_thread(_remind, (_thread.get_ident(), read, pause, over))
    try:
        yield
    finally:
        over.append(True)
        signal.set_wakeup_fd(woken)
        os.close(write)  # which ends the thread
        for ending, handler in before.items():
            signal.signal(ending, handler)


def _remind(thread: int, read: int, pause: float, over: list[bool]) -> None:
    while byte := os.read(read, 1):
        while byte[0] in (*_ENDING, signal.SIGINT) and not over:
            time.sleep(pause)
            if not over:
                signal.pthread_kill(thread, byte[0])
    os.close(read)
