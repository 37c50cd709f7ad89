"""The client's own vantage: many probes in one poll loop, no task and no thread a port.

A connect alone is never called open: attempts.py says what is waited for after it. The socket's error queue says who sent
an ICMP error, on Linux.
"""

from __future__ import annotations

import errno
import selectors
import time
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .attempts import LISTEN, Attempt, attempt
from .observation import Observation, Outcome

if TYPE_CHECKING:
    from .asks import Ask

__all__ = ["FIRST_PASS", "LISTEN", "MAX_AT_ONCE", "SECOND_PASS", "sweep"]

FIRST_PASS = 1.5  # seconds; a SYN goes out at 0 and 1 s, a datagram at 0 and 1.1 s
SECOND_PASS = 3.5  # seconds; under 3.1 s an absent neighbour looks like a time-out
MAX_AT_ONCE = 500  # sockets; under the usual limit of 1024 files, and where that is lower we do with what there is


def sweep(asks: Iterable[Ask], timeout: float) -> list[Observation]:
    """Return what was answered, in order. `timeout`: seconds for the connect, or the answer, of each."""
    return _Sweep(list(asks), timeout).run()


class _Sweep:
    def __init__(self, asks: list[Ask], timeout: float) -> None:
        self._asks = asks
        self._timeout = timeout
        self._found: dict[int, Observation] = {}
        self._live: dict[int, Attempt] = {}
        self._selector = selectors.DefaultSelector()

    def run(self) -> list[Observation]:
        waiting = deque(enumerate(self._asks))
        try:
            while True:
                while waiting and len(self._live) < MAX_AT_ONCE and self._start(*waiting[0]):
                    waiting.popleft()
                if not self._live:
                    break
                self._turn()
        finally:
            for live in self._live.values():
                live.connection.close()
            self._selector.close()
        return [self._found[index] for index in range(len(self._asks))]

    def _start(self, index: int, ask: Ask) -> bool:
        """Return False when this one must wait until a live one has freed its file."""
        try:
            made = attempt(ask, self._timeout)
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE) and self._live:
                return False
            self._found[index] = Observation(Outcome.ERROR, error.errno or 0)
            return True
        self._live[index] = made
        made.start()
        self._selector.register(made.connection, made.events, index)
        self._settle(index)
        return True

    def _turn(self) -> None:
        first = min(live.wake for live in self._live.values())
        for key, _ in self._selector.select(max(0.0, first - time.monotonic()) + 0.001):
            live = self._live[key.data]
            live.on_event()
            self._settle(key.data)
        now = time.monotonic()
        for index in [index for index, live in self._live.items() if live.wake <= now]:
            self._live[index].on_wake()
            self._settle(index)

    def _settle(self, index: int) -> None:
        """Put away what is over, and wait for what the others wait for now."""
        live = self._live[index]
        if live.seen is None:
            if self._selector.get_key(live.connection).events != live.events:
                self._selector.modify(live.connection, live.events, index)
            return
        self._found[index] = live.seen
        del self._live[index]
        self._selector.unregister(live.connection)
        live.connection.close()
