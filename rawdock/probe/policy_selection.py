"""What of the matrix a policy asks for, so that nothing else is probed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..catalogue.near import meant
from ..errors import UsageError
from .inventory import Container, Inventory
from .policy import Destination, Rule, Way
from .policy_match import label, meets
from .protocol import Protocol
from .selection import Named
from .target import Target, Vantage, container_word


class Policy:
    """What of the matrix a policy asks for, as a probe's selection. Raises UsageError, with the line, for a name that is
    not there."""

    def __init__(self, rules: Sequence[Rule], file: str) -> None:
        self.rules = rules
        self._file = file
        self._from: dict[Vantage, set[Rule]] = {}
        self._to: dict[Target, set[Rule]] = {}

    def within(self, inventory: Inventory) -> Inventory:
        self._from, self._to = {}, {}
        for rule in self.rules:
            self._require_names(rule, inventory)
        return replace(inventory, containers=tuple(self._with_ports(each) for each in inventory.containers))

    def asks(self, vantage: Vantage, target: Target, inventory: Inventory) -> bool:
        """Remembered by vantage and by target, since there are thousands of pairs."""
        if vantage not in self._from:
            self._from[vantage] = {rule for rule in self.rules if meets(rule.origin, vantage, inventory, True)}
        if target not in self._to:
            self._to[target] = {rule for rule in self.rules if label(rule.destination, target, inventory) is not None}
        return not self._from[vantage].isdisjoint(self._to[target])

    def more(self, vantage: Vantage, inventory: Inventory) -> Iterator[Named]:
        for rule in self.rules:
            end = rule.destination
            if end.port is not None and meets(rule.origin, vantage, inventory, True):
                protocol = end.protocol or Protocol.TCP
                if end.address:
                    yield Named(end.address, end.port, end.name, protocol)
                elif end.name == "host" and not end.is_network:
                    yield Named("", end.port, protocol=protocol)

    def _with_ports(self, container: Container) -> Container:
        ends = [rule.destination for rule in self.rules if _is_about(rule.destination, container)]
        ends = [end for end in ends if end.port is not None and end.way is not Way.PUBLISHED]
        tcp = {end.port for end in ends if end.port and end.protocol is not Protocol.UDP}
        udp = {end.port for end in ends if end.port and end.protocol is Protocol.UDP}
        return replace(
            container,
            exposed=tuple(sorted({*container.exposed, *tcp})),
            exposed_udp=tuple(sorted({*container.exposed_udp, *udp})),
        )

    def _require_names(self, rule: Rule, inventory: Inventory) -> None:
        containers = list(map(container_word, [*(each.name for each in inventory.containers), *inventory.stopped]))
        networks, nodes = list(inventory.networks), [inventory.node, *inventory.nodes]
        start, end = rule.origin, rule.destination
        self._require(start.name, "node", nodes, rule, start.is_node and start.name != "*")
        self._require(start.name, "network", networks, rule, start.is_network)
        is_container = not (start.is_node or start.is_network or start.name in ("client", "host", "*"))
        self._require(start.name, "container", containers, rule, is_container)
        self._require(end.name, "network", networks, rule, end.is_network)
        self._require(end.network, "network", networks, rule, bool(end.network))
        is_container = not (end.address or end.is_network or end.name in ("host", "*"))
        self._require(end.name, "container", containers, rule, is_container)

    def _require(self, name: str, kind: str, known: Sequence[str], rule: Rule, needed: bool) -> None:
        if needed and name not in known:
            there = ", ".join(known[:10]) or "none"
            raise UsageError(
                f"{self._file}, line {rule.line}: there is no {kind} {name!r}",
                meant(name, known) or f"{kind}s: {there}{', …' if len(known) > 10 else ''}",
            )


def _is_about(destination: Destination, container: Container) -> bool:
    if destination.address:
        return False
    if destination.is_network:
        return container.on(destination.name) is not None
    return destination.name in ("*", container_word(container.name))
