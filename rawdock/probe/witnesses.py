"""What other probes saw of the same port: two answers that look alike are told apart by a second vantage.

The daemon's host goes straight to a container's own address, by its OUTPUT chain; other containers go by FORWARD; and another
port at the same address shows that the way to it is free.
"""

from __future__ import annotations

import errno
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from .asks import Ask, port_ask
from .icmp_errors import answered, connected, rejector
from .observation import Observation, Outcome
from .protocol import Protocol
from .target import HOST, Kind, Place, Target, Vantage
from .verdict import Seen

# Linux lets six ICMP errors to one peer go at once, and then one a second (icmp_ratelimit, icmp(7)): whoever saw fewer was
# not silenced by that.
_BURST = 4
Pair = tuple[Vantage, Target]
_NOT_ASKED = (Outcome.NOT_SENT, Outcome.NO_VANTAGE, Outcome.ERROR)
_Port = tuple[str | None, int | None, Protocol, int]  # the last: the address' family, 4 or 6


class Witnesses:
    """Of one run: `seen` by what was asked. `host`: the vantage that stands on the daemon's host."""

    def __init__(self, asked: Iterable[Pair], seen: Mapping[tuple[Vantage, Ask], Observation], host: Vantage = HOST):
        self._behind: dict[_Port, dict[str, Observation]] = defaultdict(dict)
        self._through: dict[_Port, list[Vantage]] = defaultdict(list)
        self._near: dict[tuple[Vantage, str], set[int]] = defaultdict(set)
        self._rejected: dict[Vantage, Counter[str]] = defaultdict(Counter)
        self._rejectors: dict[tuple[Vantage, str], str] = {}
        for vantage, target in asked:
            one, port = seen.get((vantage, port_ask(target))), _port(target)
            if one is None or one.outcome in _NOT_ASKED:
                continue
            # Without a route nothing was met: a swarm's node has none to an overlay, and its forwarder takes another network.
            if target.kind is Kind.CONTAINER and vantage == host and one.errno != errno.ENETUNREACH:
                self._behind[port][target.address] = one
            if answered(one):
                self._near[vantage, target.address].add(target.port)
            if connected(one) and target.kind is Kind.CONTAINER and vantage.place is Place.CONTAINER:
                self._through[port].append(vantage)
            if who := rejector(one, target.protocol):
                self._rejected[vantage][who] += 1
                self._rejectors[vantage, target.address] = who
                self._rejectors[vantage, target.network or target.address] = who

    def of(self, vantage: Vantage, target: Target) -> Seen:
        """A forwarder that was asked by IPv6 may dial IPv4: so a family that nobody tried is none that bears witness."""
        port = _port(target)
        if port not in self._behind and port not in self._through:
            port = (*port[:3], 4 if port[3] == 6 else 6)
        behind = self._behind.get(port, {})
        best = min(behind.values(), key=lambda one: (not connected(one), not answered(one)), default=None)
        others = tuple(one.phrase for one in self._through.get(port, ()) if one != vantage)
        near = bool(self._near[vantage, target.address] - {target.port})
        return Seen(behind.get(target.address, best), others, near, self._rejector(vantage, target))

    def _rejector(self, vantage: Vantage, target: Target) -> str:
        places = (target.address, target.network or target.address)
        who = next((found for place in places if (found := self._rejectors.get((vantage, place)))), "")
        return who if self._rejected[vantage][who] >= _BURST else ""


def _port(target: Target) -> _Port:
    return target.container, target.container_port, target.protocol, 6 if ":" in target.address else 4
