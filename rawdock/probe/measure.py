"""From what is to be asked to the records: ask everything, ask the undecided again, judge each with what the others saw."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from . import mtu, this_machine
from .asks import asks, name_ask, own_ask, port_ask, server_ask
from .dns import is_name
from .inventory import Inventory
from .judge import has_ended, judge
from .model import expect, foreseen
from .names import foreign_name, judge_name
from .neighbours import SPARED, predicted, spared
from .observation import Observation, Outcome
from .passes import Answers, Passes
from .record import Record
from .silences import silent
from .target import Kind, Target, Vantage
from .verdict import Situation
from .witnesses import Witnesses


def measure(
    situations: Iterable[Situation],
    inventory: Inventory,
    unsent: Mapping[tuple[Vantage, Target], str],
    passes: Passes,
    entered: Collection[str],
    host: Vantage,
) -> list[Record]:
    """Return a record of each, and of each trouble with large packets, by vantage as these first come. `unsent`: where a packet
    would go that is not sent; `entered`: the containers whose own namespace is asked from; `host`: the vantage that stands on
    the daemon's host. What became of the helper, `passes` tells."""
    situations = [foreseen(situation) for situation in situations]
    asked = [(situation.vantage, situation.target) for situation in situations]
    sent = [pair for pair in asked if pair not in unsent]
    spares = spared(situations)
    met = [(vantage, target) for vantage, target in sent if (vantage, port_ask(target)) not in spares]
    large = mtu.pairs(met, inventory)
    pings = mtu.first_asks(large)
    answers = passes.ask(
        [*(ask for pair in sent for ask in asks(*pair, inventory, entered)), *pings],
        dict.fromkeys(spares, SPARED),
        silent(situations).union(pings),
    )
    witnesses = Witnesses(asked, answers.seen, host)
    ended = {vantage.container for (vantage, _), one in answers.seen.items() if has_ended(one)}
    records = []
    for situation in situations:
        own = own_ask(situation.target, inventory)
        more = replace(
            situation,
            second=witnesses.of(situation.vantage, situation.target),
            own=answers.seen.get(own) if own else None,
            ended=situation.target.container in ended,
        )
        records.append(_record(more, answers, unsent.get((situation.vantage, situation.target))))
    records += mtu.records(large, answers.seen, passes.once, inventory)
    order = {vantage: number for number, vantage in enumerate(dict.fromkeys(vantage for vantage, _ in asked))}
    return sorted(records, key=lambda record: order[record.vantage])


def _record(situation: Situation, answers: Answers, route: str | None) -> Record:
    """`route`: where a packet would have gone that was not sent. Another container, on a network with the same subnet, may
    have been asked at the very address."""
    vantage, target = situation.vantage, situation.target
    if route is not None:
        seen = Observation(Outcome.NOT_SENT, route=route)
        return Record(vantage, target, judge(seen, situation), seen, 0, expect(situation).verdict)
    if target.is_foreign_name:
        return Record(vantage, target, foreign_name(situation), Observation(Outcome.NOT_SENT), 0)
    if target.is_elsewhere:
        return Record(vantage, target, this_machine.wrong_alias(situation), Observation(Outcome.NOT_SENT), 0)
    port = (vantage, port_ask(target))
    seen = answers.seen[port]
    judgement = predicted(situation) if seen is SPARED else judge(seen, situation)
    if target.kind is Kind.CLIENT:
        judgement = this_machine.judge_way(seen, judgement, situation)
    if target.kind is Kind.NAME:
        can_be_asked = is_name(target.name or "")
        answer = answers.seen.get((vantage, name_ask(target, situation.inventory))) if can_be_asked else None
        server = answers.seen.get((vantage, server_ask(target, situation.inventory)))
        judgement = judge_name(answer, judgement, situation, server)
    return Record(vantage, target, judgement, seen, answers.passes.get(port, 0), expect(situation).verdict)
