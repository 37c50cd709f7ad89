"""Probers that have a process in each namespace: a run is a job for each segment of the words, side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from .agent_lines import Report
from .segments import Segment, merged, segments

AT_ONCE = 16  # jobs; each is a process and a connection to the daemon, which has as many to give


class Many:
    """Runs of one prober. `job` is called in a thread of its own; what it raises is raised by `collect`."""

    def __init__(self, job: Callable[[Segment], Report]) -> None:
        self._job = job
        self._run: list[tuple[Segment, Future[Report]]] = []
        self._pool = ThreadPoolExecutor(AT_ONCE, "probe")
        self._ended = threading.Event()

    def start(self, words: Sequence[str]) -> None:
        self._run = [(segment, self._pool.submit(self._one, segment)) for segment in segments(words)]

    def collect(self) -> Report:
        return merged([(segment, future.result()) for segment, future in self._run])

    def end(self) -> None:
        """Begin no further job, and wait for those that run."""
        self._ended.set()
        self._pool.shutdown(cancel_futures=True)

    def _one(self, segment: Segment) -> Report:
        return Report() if self._ended.is_set() else self._job(segment)
