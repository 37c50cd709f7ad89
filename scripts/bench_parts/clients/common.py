"""What the client programs share: how they are called and how they answer."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

NOW = time.perf_counter


class Done(NamedTuple):
    """What a work took. amount: requests, events or bytes, as the work counts. bytes: what came or went, to be checked."""

    seconds: float
    amount: int
    bytes: int


def main(**works: Callable[..., Done]) -> None:
    """Run the work of the name on the command line and print its Done as JSON; under BENCH_PROFILE=1 a profile before it."""
    work, words = works[sys.argv[1]], sys.argv[2:]
    done = profiled(work, words) if os.environ.get("BENCH_PROFILE") else work(*words)
    print(f'{{"seconds": {done.seconds:.9f}, "amount": {done.amount}, "bytes": {done.bytes}}}')


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
