"""What one probe found, and what all of them did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .inventory import Inventory
from .observation import Observation
from .target import Target, Vantage
from .topology import Topology
from .verdict import UNPROBED, Judgement, Verdict

_ORDER = {verdict: number for number, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class Record:
    """One probe and what came of it. `passes` is how often it was asked; `expected` what Docker's own rules would have given
    (model.py), None where that is not known."""

    vantage: Vantage
    target: Target
    judgement: Judgement
    seen: Observation
    passes: int = 1
    expected: Verdict | None = None

    @property
    def differs(self) -> bool:
        """Whether something outside Docker has a hand in it."""
        could_not = self.judgement.verdict in (Verdict.VANTAGE_UNAVAILABLE, Verdict.ERROR)
        return self.expected is not None and not could_not and self.expected is not self.judgement.verdict


@dataclass
class Result:
    """All records, in the order of vantages. `troubles`: what went wrong on the way, `notes`: what went another way than the
    best, a sentence each. `inside`: whether more than this machine was to ask."""

    inventory: Inventory
    topology: Topology
    records: list[Record] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    inside: bool = False

    @property
    def complete(self) -> bool:
        return not self.troubles and all(r.judgement.verdict is not Verdict.VANTAGE_UNAVAILABLE for r in self.records)


def best(records: Iterable[Record]) -> Record:
    """Of several ways the one with the best verdict, and of those the quickest; what could not be probed comes last."""

    def rank(record: Record) -> tuple[bool, int, bool, float]:
        judgement = record.judgement
        verdict = judgement.verdict
        return verdict in UNPROBED, _ORDER[verdict], judgement.predicted, record.seen.milliseconds

    return min(records, key=rank)
