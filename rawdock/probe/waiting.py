"""Wait until a path is open: until somebody answers, or a process is known to listen. That a forwarder
accepts is not enough."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from ..errors import NetworkError, UsageError
from .path import Path, State, ways
from .record import Record, Result, best
from .verdict import Verdict

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 2.0  # seconds between attempts while nothing happens


class Attempt(NamedTuple):
    """`says`: by which way it is open, or why not. `result` is None where there was nothing to probe."""

    open: bool
    says: str
    result: Result | None = None


class Waker(Protocol):
    def wait(self, seconds: float | None) -> bool:
        """Whether something happened on the daemon within `seconds`."""
        ...


def wait(
    attempt: Callable[[], Attempt], waker: Waker, timeout: float, clock: Callable[[], float] = time.monotonic
) -> Attempt:
    """Return the first attempt that is open, or the last within `timeout` seconds. Attempts become rarer while nothing
    happens; an event brings the next forward."""
    deadline = clock() + timeout
    pause = FIRST_PAUSE
    while True:
        made = attempt()
        left = deadline - clock()
        if made.open or left <= 0:
            return made
        pause = FIRST_PAUSE if waker.wait(min(pause, left)) else min(LONGEST_PAUSE, 2 * pause)


def attempted(path: Path, run: Callable[[], Result], proof: bool = True) -> Attempt:
    """Run once. `proof`: whether an open verdict must be measured. A container that is not there, or a daemon that does not
    answer, may come."""
    try:
        result = run()
    except (UsageError, NetworkError) as error:
        return Attempt(False, error.cause)
    found = list(ways(path, result))
    for record, hops in found:
        verdict, measured = record.judgement.verdict, record.judgement.measured
        if (verdict is Verdict.OPEN and measured) or (hops[-1].state is State.OK and not proof):
            return Attempt(True, _says(record), result)
    probed = [record for record, _ in found]
    if not probed:
        return Attempt(False, f"nothing can be asked from {path.vantage.phrase}", result)
    return Attempt(False, _says(best(probed)), result)


def _says(record: Record) -> str:
    name = f"the name {record.target.name}, " if record.target.name else ""
    return f"{name}{record.target.socket}: {record.judgement.explanation}"
