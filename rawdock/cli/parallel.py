"""Several questions at once, each in a thread, for commands that ask more than one daemon."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def each_at_once(ask: Callable[[T], R], items: Sequence[T], seconds: float) -> list[R | None]:
    """ask(item) of each item, in order; None where no answer came within `seconds`, for a name may resolve for longer
    than any time-out of ours. What `ask` raises is raised here."""
    answers: list[R | None] = [None] * len(items)
    failures: list[BaseException] = []

    def run(place: int, item: T) -> None:
        try:
            answers[place] = ask(item)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(items)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    if failures:
        raise failures[0]
    return list(answers)
