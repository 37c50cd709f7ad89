"""Who may look for an answer again and again instead of sleeping until it comes.

To sleep and be woken up costs some 20 us on each of the two ways of an exchange, as much as the daemon needs for a short
answer; to look costs a processor, which nobody else must want. Measured: docs/design.md.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from threading import Lock

AGAIN = 1.0  # seconds between two looks at the load


class Eager:
    """Shared by the connections of a tap: one of them may at a time, and none where others want the processors. `load`: how
    many programs run or would."""

    def __init__(
        self, processors: int = os.cpu_count() or 1, load: Callable[[], float] = lambda: os.getloadavg()[0]
    ) -> None:
        self._processors = processors
        self._load = load
        self._mutex = Lock()
        self._free = False
        self._looked = -AGAIN

    def begin(self) -> bool:
        """Whether the caller may; then `end` has to follow."""
        now = time.perf_counter()
        if now - self._looked > AGAIN:
            self._looked = now
            self._free = 1 < self._processors > self._load() - 1  # one of those is the client, or the daemon behind it
        return self._free and self._mutex.acquire(False)

    def end(self) -> None:
        self._mutex.release()
