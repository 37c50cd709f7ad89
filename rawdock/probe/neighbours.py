"""Which containers are asked by which, where a network has too many for all of them.

Two that meet on one network take an entry each in the kernel's table of neighbours. It is one for the whole machine, of 1024
entries as a rule (net.ipv4.neigh.default.gc_thresh3), and keeps each for half a minute; where it is full, the kernel drops what
goes to a new neighbour, the users' own packets too. Measured: of 94 containers asked at once, half on one network each, 19,322
of 36,837 probes met a silence that was ours. So we take part of it, and every container asks and is asked by as many others.
What is not asked is predicted (model.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from .asks import Asked, port_ask
from .model import expect
from .observation import Observation, Outcome
from .verdict import Judgement, Situation, Verdict

ENTRIES = 400  # of the table, that we take; gateways take some more
SPARED = Observation(Outcome.NOT_SENT)
Meeting = tuple[str, str, str]  # network, and two containers in order


def spared(situations: Iterable[Situation]) -> set[Asked]:
    """Those that are not to be asked."""
    meetings: dict[Asked, Meeting] = {}
    members: dict[str, set[str]] = {}
    for situation in situations:
        here, network, there = situation.here, situation.network, situation.container
        if here and network and there and situation.direct and here.on(network.name):
            first, second = sorted((here.name, there.name))
            meetings[situation.vantage, port_ask(situation.target)] = network.name, first, second
            members.setdefault(network.name, set()).update((first, second))
    places = {
        network: {name: number for number, name in enumerate(sorted(names))} for network, names in members.items()
    }

    def apart(meeting: Meeting) -> int:
        """How far, on a ring of the network's containers: taken by that, all get as many."""
        network, first, second = meeting
        distance = places[network][second] - places[network][first]
        return min(distance, len(places[network]) - distance)

    kept = set(sorted(set(meetings.values()), key=lambda meeting: (apart(meeting), meeting))[: ENTRIES // 2])
    return {ask for ask, meeting in meetings.items() if meeting not in kept}


def predicted(situation: Situation) -> Judgement:
    """What stands for a probe that was spared."""
    count = situation.inventory.members[situation.target.network or ""]
    why = f"not asked, for the sake of the kernel's table of neighbours: {count} containers are on that network"
    expected = expect(situation).verdict
    if expected is None:
        return Judgement(Verdict.NOT_SENT, why, predicted=True)
    return Judgement(expected, f"{why}; this is what Docker's own rules give", predicted=True)
