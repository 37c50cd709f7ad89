"""Which records a rule of a policy is about. Pure.

A port may be reached by several ways: a container's addresses on its networks, its name, the addresses that it is published on.
A rule takes those that it means together, under one word.
"""

from __future__ import annotations

from .inventory import Inventory
from .policy import Destination, Origin, Rule, Way
from .protocol import Protocol
from .record import Record, Result
from .target import CLIENT, HOST, Kind, Place, Target, Vantage, container_word
from .topology import Where

_KINDS = {
    Way.DIRECT: {Kind.CONTAINER, Kind.NAME},
    Way.ADDRESS: {Kind.CONTAINER},
    Way.NAME: {Kind.NAME},
    Way.PUBLISHED: {Kind.PUBLISHED, Kind.GATEWAY},
}


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
    return origin.name == place(vantage) or (origin.name == "host" and vantage == CLIENT and host_is_client)


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
        on_host = target.kind in (Kind.GATEWAY, Kind.PUBLISHED) or _is_named_host(target)
        return f"host:{_port(target)}" if on_host else None
    return _container_label(destination, target, inventory)


def port_label(target: Target) -> str:
    """The port as a rule writes it that means this target: its way is given where that is a published port."""
    if target.kind is Kind.ADDRESS and not _is_named_host(target):
        return target.socket
    name = container_word(target.container) if target.container else "host"
    way = "/published" if target.container and target.kind in (Kind.GATEWAY, Kind.PUBLISHED) else ""
    return f"{name}:{_port(target)}{way}"


def _is_named_host(target: Target) -> bool:
    """Whether it is the daemon's host by the word for it, and no container that is called so."""
    return target.kind is Kind.ADDRESS and target.name == "host"


def _port(target: Target) -> str:
    """ "80", "53/udp"."""
    return f"{target.port}{'/udp' if target.protocol is Protocol.UDP else ''}"


def _container_label(destination: Destination, target: Target, inventory: Inventory) -> str | None:
    if target.container is None or target.kind not in _KINDS[destination.way]:
        return None
    name = container_word(target.container)
    if destination.is_network:
        container = inventory.named(target.container)
        if container is None or container.on(destination.name) is None:
            return None
        if target.kind is Kind.CONTAINER and target.network != destination.name:
            return None
    elif destination.name not in ("*", name) or destination.network not in ("", target.network):
        return None
    if destination.network:
        return f"{name}@{target.network}:{_port(target)}"
    way = "" if destination.way is Way.DIRECT else f"/{destination.way.value}"
    return f"{name}:{_port(target)}{way}"


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


def vantages(inventory: Inventory, host_is_client: bool) -> list[Vantage]:
    """All from which a probe can be made."""
    containers = [Vantage(Place.CONTAINER, container.name) for container in inventory.containers if container.sandbox]
    return [CLIENT, *([] if host_is_client else [HOST]), *containers]
