"""What is measured, as values: a Case is one work at one place, done by several clients in turn."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypedDict

from .goals import Goal


@dataclass(frozen=True)
class Done:
    """What a client says that it did. amount: requests, events or bytes; bytes: what came or went, None if it cannot tell; cpu:
    seconds of the work alone, None for those of the whole process."""

    seconds: float
    amount: float
    bytes: int | None
    cpu: float | None = None


Reader = Callable[[bytes, float], Done]


def own_words(stdout: bytes, wall: float) -> Done:
    """Of the programs in clients/ and native/, and of curl with `-w`: a line of JSON, the time without the start."""
    found = json.loads(stdout)
    return Done(found["seconds"], found["amount"], found["bytes"], found.get("cpu"))


def whole_run(amount: float) -> Reader:
    """Of a program that tells nothing: from its start to its end."""
    return lambda stdout, wall: Done(wall, amount, None)


class Unit(Enum):
    """How a cost in seconds for one (request, event, byte) is shown: the word, and the figure."""

    MICROSECONDS = "us"
    MILLISECONDS = "ms"
    RATE = "MB/s"

    def of(self, cost: float) -> float:
        if self is Unit.RATE:
            return 1 / cost / 1e6
        return cost * (1e6 if self is Unit.MICROSECONDS else 1e3)


@dataclass(frozen=True)
class Run:
    """One client at one work. words: program and arguments; network: a network namespace's path, "-" for this one; expect: the
    bytes that must have come or gone; writes: a file that is removed after its size was compared with `expect`."""

    words: tuple[str, ...]
    environment: Mapping[str, str]
    network: str = "-"
    reads: Reader = own_words
    expect: int | None = None
    writes: Path | None = None
    stdin: Path | None = None
    stdout: Path | None = None


class RunOptions(TypedDict, total=False):
    """What of a Run has a default, for the functions that make one."""

    reads: Reader
    expect: int | None
    writes: Path | None
    stdin: Path | None
    stdout: Path | None


@dataclass(frozen=True)
class Case:
    """One work at one place. scale: the shown figure is of so many requests, events or bytes. same_bytes: all clients must
    have had as many. before: a run that must succeed first; beside: what goes on meanwhile."""

    work: str
    place: str
    title: str
    unit: Unit
    rounds: int
    runs: Mapping[str, Run]
    goals: tuple[Goal, ...] = ()
    scale: float = 1
    same_bytes: bool = False
    before: Run | None = None
    beside: Callable[[], AbstractContextManager[object]] = nullcontext

    @property
    def name(self) -> str:
        return f"{self.work}, {self.place}: {self.title}"
