"""Which probes are met by silence as Docker means it: the second look at those may be short."""

from __future__ import annotations

from collections.abc import Iterable

from .asks import Ask, port_ask
from .model import expect
from .target import Vantage
from .verdict import Situation, Verdict


def silent(situations: Iterable[Situation]) -> set[tuple[Vantage, Ask]]:
    """Those to which nothing should come back by Docker's own rules, or nothing need, from a paused process whose queue may be
    full: whatever the target is asked for."""
    quiet: set[tuple[Vantage, Ask]] = set()
    others: set[tuple[Vantage, Ask]] = set()
    for situation in situations:
        ask = (situation.vantage, port_ask(situation.target))
        verdict = expect(situation).verdict
        if verdict in (Verdict.FILTERED, Verdict.OPEN_SILENT, Verdict.NO_ANSWER):
            quiet.add(ask)
        elif verdict is not Verdict.NAME_NO_RESOLVER:  # that is not about the port
            others.add(ask)
    return quiet - others
