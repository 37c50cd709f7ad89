"""Which records a rule of a policy is about, and whether they are as it says. Pure.

A port may be reached by several ways: a container's addresses on its networks, its name, the addresses that it is published on.
A rule takes those that it means together, and the best verdict of them is the port's: it is open if one way is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from ..catalogue.near import meant
from ..errors import UsageError
from .inventory import Container, Inventory
from .policy import Destination, Origin, Rule, Way
from .protocol import Protocol
from .record import Record, Result, best
from .selection import Named
from .target import CLIENT, HOST, Kind, Place, Target, Vantage
from .topology import Where
from .verdict import UNPROBED

_KINDS = {
    Way.DIRECT: {Kind.CONTAINER, Kind.NAME},
    Way.ADDRESS: {Kind.CONTAINER},
    Way.NAME: {Kind.NAME},
    Way.PUBLISHED: {Kind.PUBLISHED, Kind.GATEWAY},
}


class State(Enum):
    HELD = "ok"
    BROKEN = "MISMATCH"
    UNPROBED = "not probed"


@dataclass(frozen=True)
class Check:
    """One rule at one vantage and one of the ports that it means. `record` is the best way's, None where there is none; `why`
    says what is amiss, "" where it holds; `status` is that of the HTTP answer where the rule asks for one and it came."""

    rule: Rule
    vantage: str
    target: str
    record: Record | None
    state: State
    why: str = ""
    status: int | None = None

    @property
    def measured(self) -> str:
        if self.record is None:
            return "" if self.state is State.UNPROBED else "nothing there"
        judgement = self.record.judgement
        status = f" http={self.status}" if self.status is not None else ""
        return f"{judgement.verdict.value}{status}{' (predicted)' if judgement.predicted else ''}"


def meets(origin: Origin, vantage: Vantage, inventory: Inventory, host_is_client: bool) -> bool:
    """Whether the rule is about probes from there. `host_is_client`: this machine is the daemon's host."""
    if origin.is_network:
        container = inventory.named(vantage.container)
        return container is not None and container.on(origin.name) is not None
    if origin.is_node:
        on_host = vantage == HOST or (vantage == CLIENT and host_is_client)
        return on_host and origin.name in ("*", inventory.node)
    if origin.name == "*":
        return True
    if vantage == CLIENT:
        return origin.name == "client" or (origin.name == "host" and host_is_client)
    return origin.name == ("host" if vantage == HOST else vantage.container)


def label(destination: Destination, target: Target, inventory: Inventory) -> str | None:
    """What the rule calls this target, one word for all ways to the same port; None where it does not mean it. A policy is
    about ports of containers and of the daemon's host: not about large packets, nor this machine's port, which is another
    each time, nor another node's containers."""
    if target.kind in (Kind.PACKETS, Kind.CLIENT) or (target.container and inventory.named(target.container) is None):
        return None
    if destination.port not in (None, target.port) or destination.protocol not in (None, target.protocol):
        return None
    if destination.address:
        same = target.address == destination.address and target.kind is not Kind.NAME
        return f"{destination.name}:{target.socket}".lstrip(":") if same else None
    if destination.way is Way.ANY:
        return port_label(target)
    if destination.name == "host" and not destination.is_network:
        on_host = target.kind in (Kind.GATEWAY, Kind.PUBLISHED) or target.name == "host"
        return f"host:{_port(target)}" if on_host else None
    return _container_label(destination, target, inventory)


def port_label(target: Target) -> str:
    """The port as a rule writes it that means this target: its way is given where that is a published port."""
    if target.kind is Kind.ADDRESS:
        return f"{target.name}:{_port(target)}" if target.name == "host" else target.socket
    if target.kind in (Kind.GATEWAY, Kind.PUBLISHED):
        return f"{target.container}:{_port(target)}/published" if target.container else f"host:{_port(target)}"
    return f"{target.container}:{_port(target)}"


def _port(target: Target) -> str:
    """ "80", "53/udp"."""
    return f"{target.port}{'/udp' if target.protocol is Protocol.UDP else ''}"


def _container_label(destination: Destination, target: Target, inventory: Inventory) -> str | None:
    if target.container is None or target.kind not in _KINDS[destination.way]:
        return None
    if destination.is_network:
        container = inventory.named(target.container)
        if container is None or container.on(destination.name) is None:
            return None
        if target.kind is Kind.CONTAINER and target.network != destination.name:
            return None
    elif destination.name not in ("*", target.container) or destination.network not in ("", target.network):
        return None
    if destination.network:
        return f"{target.container}@{target.network}:{_port(target)}"
    way = "" if destination.way is Way.DIRECT else f"/{destination.way.value}"
    return f"{target.container}:{_port(target)}{way}"


class Measured:
    """A result, by vantage and target."""

    def __init__(self, result: Result) -> None:
        self.inventory = result.inventory
        self.inside = result.inside
        self.host_is_client = result.topology.where is Where.SAME
        self.records: dict[Vantage, dict[Target, Record]] = {}
        for record in result.records:
            self.records.setdefault(record.vantage, {})[record.target] = record
        self._targets = dict.fromkeys(record.target for record in result.records if record.target.port)
        self._labels: dict[Destination, dict[Target, str]] = {}

    def groups(self, rule: Rule) -> dict[tuple[str, str], list[Record]]:
        """The records that the rule is about, by vantage and by the word for the port."""
        found: dict[tuple[str, str], list[Record]] = {}
        labels = self.labels(rule.destination)
        for vantage, records in self.records.items():
            if meets(rule.origin, vantage, self.inventory, self.host_is_client):
                for target in labels.keys() & records.keys() if len(labels) < len(records) else records:
                    if target in labels:
                        found.setdefault((place(vantage), labels[target]), []).append(records[target])
        return found

    def labels(self, destination: Destination) -> dict[Target, str]:
        """The targets that it means, with the word for each."""
        if destination not in self._labels:
            words = ((target, label(destination, target, self.inventory)) for target in self._targets)
            self._labels[destination] = {target: word for target, word in words if word is not None}
        return self._labels[destination]


def place(vantage: Vantage) -> str:
    """The word of a policy for it."""
    return {Place.CLIENT: "client", Place.HOST: "host"}.get(vantage.place, vantage.label)


def check(rule: Rule, measured: Measured) -> Iterator[Check]:
    """One for each port that the rule means, and one for each vantage from where nothing could be probed."""
    unprobed = dict(_unprobed(rule, measured))
    for vantage, why in unprobed.items():
        yield Check(rule, vantage, _written(rule), None, State.UNPROBED, why)
    found = measured.groups(rule)
    for (vantage, word), records in found.items():
        if vantage not in unprobed:
            yield judged(rule, vantage, word, best(records))
    if not found and not unprobed:
        yield Check(rule, rule.text.split()[0], _written(rule), None, State.BROKEN, _nothing(rule, measured.inventory))


def _written(rule: Rule) -> str:
    return rule.text.split()[1]


def judged(rule: Rule, vantage: str, word: str, record: Record) -> Check:
    verdict = record.judgement.verdict
    if verdict in UNPROBED:
        return Check(rule, vantage, word, record, State.UNPROBED, record.judgement.explanation)
    if verdict not in rule.allowed:
        return Check(rule, vantage, word, record, State.BROKEN, record.judgement.explanation)
    took = record.seen.milliseconds
    if rule.within is not None and took > rule.within:
        return Check(
            rule, vantage, word, record, State.BROKEN, f"it took {took:.1f} ms, longer than {rule.within:g} ms"
        )
    return Check(rule, vantage, word, record, State.HELD)


def _unprobed(rule: Rule, measured: Measured) -> Iterator[tuple[str, str]]:
    """The vantages that the rule names from which nothing was asked, and why."""
    if rule.origin.is_node:
        for node in measured.inventory.nodes:
            if rule.origin.name in ("*", node):
                yield (
                    f"node:{node}",
                    f"a probe starts on the daemon's own node, {measured.inventory.node}; ask {node}'s daemon",
                )
    for vantage in vantages(measured.inventory, measured.host_is_client):
        if not meets(rule.origin, vantage, measured.inventory, measured.host_is_client):
            continue
        records = measured.records.get(vantage)
        if records is None and not measured.inside and vantage != CLIENT:
            yield place(vantage), "only this machine asked"
        nowhere = next((one for one in (records or {}).values() if not one.target.port), None)
        if nowhere:
            yield place(vantage), nowhere.judgement.explanation


def vantages(inventory: Inventory, host_is_client: bool) -> list[Vantage]:
    """All from which a probe can be made."""
    containers = [Vantage(Place.CONTAINER, container.name) for container in inventory.containers if container.sandbox]
    return [CLIENT, *([] if host_is_client else [HOST]), *containers]


def _nothing(rule: Rule, inventory: Inventory) -> str:
    """Why a rule found nothing to be about."""
    for name, is_network in (
        (rule.origin.name, rule.origin.is_network),
        (rule.destination.name, rule.destination.is_network),
    ):
        if is_network and not any(container.on(name) for container in inventory.containers):
            return f"no running container is on network {name}"
        if not is_network and name in inventory.stopped:
            return f"container {name} is not running"
    container = inventory.named(rule.destination.name)
    if container and rule.destination.way is Way.PUBLISHED:
        ports = sorted({port.host_port for port in container.published})
        known = f"port{'s' if len(ports) > 1 else ''} {', '.join(map(str, ports))}" if ports else "no port"
        return f"{container.name} publishes {known}"
    return "no probe is made there: a container does not ask itself, and no one who shares its network or the host's"


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
        containers = [*(container.name for container in inventory.containers), *inventory.stopped]
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
    return destination.name in ("*", container.name)
