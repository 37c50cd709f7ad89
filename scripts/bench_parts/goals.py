"""What is asked of the figures, and the arithmetic that says whether it is reached. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median

SYNC, ASYNC = "rawdock sync", "rawdock async"
HTTPX_OURS, HTTPX_OWN = "httpx, our transport", "httpx, its own"
GO, AIODOCKER, DOCKER_PY, CURL = "Go net/http", "aiodocker", "docker-py", "curl"
CLI, CLI_PIPED = "docker CLI", "docker CLI, piped"
BARE, BARE_ASYNC = "bare socket", "bare asyncio"


@dataclass(frozen=True)
class Sample:
    """One run of one client. seconds, cpu: for one request, event or byte, cpu of the work alone where the client
    tells it, else of the whole process; memory: the largest resident set, MiB."""

    seconds: float
    cpu: float
    memory: float


@dataclass(frozen=True)
class Figure:
    """The rounds of one client: medians, and the largest memory. fastest, slowest: of the seconds."""

    seconds: float
    cpu: float
    memory: float
    fastest: float
    slowest: float

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> Figure:
        seconds = [sample.seconds for sample in samples]
        return cls(
            median(seconds),
            median(sample.cpu for sample in samples),
            max(sample.memory for sample in samples),
            min(seconds),
            max(seconds),
        )


class Kind(Enum):
    TIME = "time"  # ours / theirs, at most
    RATE = "rate"  # theirs / ours in time, at least
    MEMORY = "memory"  # MiB, under
    OVER = "over"  # seconds more than theirs, under
    WITHIN = "within"  # seconds, at most


@dataclass(frozen=True)
class Goal:
    """What `ours` must reach, beside `peer` unless it is memory or a time of its own."""

    kind: Kind
    ours: str
    peer: str
    limit: float

    def measured(self, figures: Mapping[str, Figure]) -> float | None:
        """The figure that the limit is for; None when one of the two was not measured."""
        ours = figures.get(self.ours)
        if ours is None:
            return None
        if self.kind is Kind.MEMORY:
            return ours.memory
        if self.kind is Kind.WITHIN:
            return ours.seconds
        peer = figures.get(self.peer)
        if peer is None:
            return None
        if self.kind is Kind.OVER:
            return ours.seconds - peer.seconds
        return ours.seconds / peer.seconds if self.kind is Kind.TIME else peer.seconds / ours.seconds

    def met(self, figures: Mapping[str, Figure]) -> bool | None:
        found = self.measured(figures)
        if found is None:
            return None
        if self.kind is Kind.RATE:
            return found >= self.limit
        return found <= self.limit if self.kind in (Kind.TIME, Kind.WITHIN) else found < self.limit

    @property
    def text(self) -> str:
        if self.kind is Kind.MEMORY:
            return f"{self.ours}: under {self.limit:g} MiB"
        if self.kind is Kind.WITHIN:
            return f"{self.ours}: at most {self.limit:g} s"
        if self.kind is Kind.OVER:
            return f"{self.ours}: under {self.limit * 1e3:g} ms more than {self.peer}"
        word = "at most" if self.kind is Kind.TIME else "at least"
        return f"{self.ours}: {word} {self.limit:g} of {possessive(self.peer)} {self.kind.value}"

    def shown(self, figures: Mapping[str, Figure]) -> str:
        found = self.measured(figures)
        if found is None:
            return "not measured"
        if self.kind is Kind.MEMORY:
            return f"{found:.1f} MiB"
        if self.kind is Kind.WITHIN:
            return f"{found:.2f} s"
        return f"{found * 1e3:.2f} ms" if self.kind is Kind.OVER else f"{found:.2f}"

    def verdict(self, figures: Mapping[str, Figure]) -> str:
        return {None: "not measured", True: "met", False: "NOT MET"}[self.met(figures)]


def possessive(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def at_most(limit: float, ours: str, *peers: str) -> list[Goal]:
    return [Goal(Kind.TIME, ours, peer, limit) for peer in peers]


def at_least(limit: float, ours: str, *peers: str) -> list[Goal]:
    return [Goal(Kind.RATE, ours, peer, limit) for peer in peers]


def lean(*ours: str, limit: float = 30) -> list[Goal]:
    """Under 30 MiB at its largest."""
    return [Goal(Kind.MEMORY, name, "", limit) for name in ours]


def within(seconds: float, *ours: str) -> list[Goal]:
    return [Goal(Kind.WITHIN, name, "", seconds) for name in ours]
