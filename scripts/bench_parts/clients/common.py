"""What the client programs share: how they are called and how they answer."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Done(NamedTuple):
    """What a work took. amount: requests, events or bytes, as the work counts. bytes: what came or went, to be checked. cpu:
    seconds of this process, None for the whole of it, its children included."""

    seconds: float
    amount: int
    bytes: int
    cpu: float | None = None


class Timer:
    """Of a work, from its making to `done`."""

    def __init__(self) -> None:
        self._cpu = time.process_time()
        self._start = time.perf_counter()

    def done(self, amount: int, size: int) -> Done:
        return Done(time.perf_counter() - self._start, amount, size, time.process_time() - self._cpu)

    def done_with(self, file: str) -> Done:
        """A work whose bytes are those of the file."""
        done = self.done(0, 0)
        size = os.stat(file).st_size
        return done._replace(amount=size, bytes=size)


def main(**works: Callable[..., Done]) -> None:
    """Run the work of the name on the command line and print its Done as JSON; under BENCH_PROFILE=1 a profile before it."""
    work, words = works[sys.argv[1]], sys.argv[2:]
    done = profiled(work, words) if os.environ.get("BENCH_PROFILE") else work(*words)
    cpu = "null" if done.cpu is None else f"{done.cpu:.9f}"
    print(f'{{"seconds": {done.seconds:.9f}, "amount": {done.amount}, "bytes": {done.bytes}, "cpu": {cpu}}}')


def profiled(work: Callable[..., Done], words: list[str]) -> Done:
    import cProfile
    import pstats

    profile = cProfile.Profile()
    done = profile.runcall(work, *words)
    pstats.Stats(profile, stream=sys.stdout).strip_dirs().sort_stats("tottime").print_stats(12)
    return done


def median(values: list[float]) -> float:
    """Without the statistics module, which would weigh on the memory."""
    return sorted(values)[len(values) // 2]


def latency(event: Mapping[str, int]) -> float:
    """Seconds from the daemon's stamp on an event to now: both clocks are this machine's."""
    return (time.time_ns() - event["timeNano"]) / 1e9
