"""What of the matrix is asked, and what besides it: for a path, and for a policy. Pure.

An address that is none of Docker's is asked only where somebody named it, and only if no packet leaves Docker's networks.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from typing import Protocol as Interface

from .inventory import Inventory
from .protocol import Protocol
from .target import CLIENT, HOST, Kind, Target, Vantage


class Named(NamedTuple):
    """An address and port that somebody asked for. `address` "" is the daemon's host, wherever that is from there; `name` is
    what it is called, "" for nothing."""

    address: str
    port: int
    name: str = ""
    protocol: Protocol = Protocol.TCP


class Selection(Interface):
    def within(self, inventory: Inventory) -> Inventory:
        """The inventory in which every port that is meant counts as exposed. Raises UsageError for a name that is not there."""
        ...

    def asks(self, vantage: Vantage, target: Target, inventory: Inventory) -> bool: ...

    def more(self, vantage: Vantage, inventory: Inventory) -> Iterable[Named]:
        """What is asked from there besides the matrix."""
        ...


def selected(
    selection: Selection,
    asked: list[tuple[Vantage, Target]],
    vantages: Sequence[Vantage],
    inventory: Inventory,
    daemon_host: str,
) -> list[tuple[Vantage, Target]]:
    """What of the matrix is to be asked from these vantages, and what besides."""
    found = [pair for pair in asked if selection.asks(*pair, inventory)]
    known = {(vantage, *_port(target)) for vantage, target in found if target.kind is not Kind.NAME}
    for vantage in vantages:
        for named in selection.more(vantage, inventory):
            targets = targets_of(named, vantage, inventory, daemon_host)
            found += [(vantage, target) for target in targets if (vantage, *_port(target)) not in known]
    return sorted(found, key=lambda pair: vantages.index(pair[0]))


def _port(target: Target) -> tuple[str, int, Protocol]:
    return target.address, target.port, target.protocol


def targets_of(named: Named, vantage: Vantage, inventory: Inventory, daemon_host: str) -> list[Target]:
    """`daemon_host`: its address where it is another machine's, else ""."""
    if named.address:
        return [_target_at(named, vantage, inventory)]
    container = inventory.named(vantage.container)
    if container is None:
        address = daemon_host if vantage == CLIENT and daemon_host else "127.0.0.1"
        return [Target(Kind.ADDRESS, address, named.port, name="host", protocol=named.protocol)]
    return [
        Target(Kind.GATEWAY, address, named.port, network=end.network, protocol=named.protocol)
        for end in container.attachments
        for address in inventory.hosts_on(end)
        if ":" not in address
    ]


def _target_at(named: Named, vantage: Vantage, inventory: Inventory) -> Target:
    """A container's address is known as such, whoever named it."""
    address, port, name, protocol = named
    for container in inventory.containers:
        for end in container.attachments:
            if address in end.addresses:
                return Target(
                    Kind.CONTAINER, address, port, container.name, port, network=end.network, protocol=protocol
                )
    here = inventory.named(vantage.container)
    for end in here.attachments if here else ():
        if address in inventory.hosts_on(end):
            return Target(Kind.GATEWAY, address, port, network=end.network, protocol=protocol)
    return Target(Kind.ADDRESS, address, port, name=name or None, protocol=protocol)


def leaves(vantage: Vantage, target: Target, inventory: Inventory, hosts: Iterable[str]) -> bool:
    """Whether a packet from inside the daemon's host to this address would go out of it, as far as the API tells. `hosts`:
    addresses of the daemon's host."""
    address = ipaddress.ip_address(target.address)
    gateways = {gateway for network in inventory.networks.values() if network.bridge for gateway in network.gateways}
    if address.is_loopback or target.address in {*gateways, *hosts}:
        return False
    here = inventory.named(vantage.container)
    if here is not None and not here.attachments and vantage != HOST:
        return False  # it has no way out at all
    bridged = [network for network in inventory.networks.values() if network.bridge]
    return not any(
        address in ipaddress.ip_network(subnet, strict=False) for network in bridged for subnet in network.subnets
    )
