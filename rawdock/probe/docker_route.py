"""Whether a packet to a container address would stay on Docker's own networks, so that none leaks onto a LAN.

Containers behind a VM have addresses that mean nothing here: a default route would carry probes for 172.17.0.2 to whoever
routes for us, and a second daemon on this machine may well use the same subnet for containers of its own.
"""

from __future__ import annotations

import ipaddress
import platform
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..endpoint import Endpoint, Scheme
from .inventory import Container, Inventory
from .route import Route, owns_address, route_to
from .selection import leaves
from .target import CLIENT, Kind, Target, Vantage


@dataclass(frozen=True)
class Standpoint:
    """Where the client stands to the daemon. `same_machine`: in its own network namespace; `container`: the name of the
    daemon's container that the client runs in, and `proof` how that is known; `hosts`: the daemon's host as IP addresses:
    the endpoint's, or from inside a container the gateways of its bridges."""

    same_machine: bool = False
    container: str | None = None
    hosts: tuple[str, ...] = ()
    proof: str = ""

    @classmethod
    def of(
        cls,
        endpoint: Endpoint,
        inventory: Inventory,
        kernel: str,
        hosts: Iterable[str] = (),
        mounts: str = "",
    ) -> Standpoint:
        """`kernel`: the daemon's, as uname(1) says it; `mounts`: this process's /proc/self/mountinfo, proc(5)."""
        same_kernel = kernel == platform.release()
        own, proof = _container_mounted(inventory, mounts), "/proc/self/mountinfo has files of container"
        if own is None and same_kernel and endpoint.scheme is Scheme.UNIX:
            own, proof = _container_named(inventory), "this machine has the host name and an address of container"
        gateways = _bridge_gateways(inventory.network_of(own), inventory)
        return cls(
            same_kernel and _is_local(endpoint) and _owns_a_gateway(inventory),
            own.name if own else None,
            tuple(dict.fromkeys((*hosts, *gateways))),
            f"{proof} {own.name}" if own else "",
        )


def _owns_a_gateway(inventory: Inventory) -> bool:
    """Only in the daemon's network namespace can its bridges' gateways be bound; though a second daemon of this machine may
    well have given its bridge the same one."""
    return any(map(owns_address, gateways_of(inventory)))


def gateways_of(inventory: Inventory) -> list[str]:
    """The gateways of the daemon's bridges, sorted. A freshly started daemon's list of networks may leave one out that its
    containers name."""
    ends = [end for container in inventory.containers for end in container.attachments]
    bridges = [network for network in inventory.networks.values() if network.bridge]
    gateways = {gateway for network in bridges for gateway in network.gateways}
    names = {network.name for network in bridges}
    gateways |= {gateway for end in ends if end.network in names for gateway in end.gateways}
    return sorted(gateways)


def neighbours(container: Container | None, inventory: Inventory) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each network of the container, its own address there, and who else is on it."""
    for end in container.attachments if container else ():
        others = [one.name for one in inventory.containers if one is not container and one.on(end.network)]
        yield end.network, end.address or end.address6, tuple(others)


def _bridge_gateways(container: Container | None, inventory: Inventory) -> list[str]:
    ends = container.attachments if container else ()
    return [address for end in ends for address in inventory.hosts_on(end) if ":" not in address]


_OF_THE_DAEMON = {"/etc/hostname", "/etc/hosts", "/etc/resolv.conf"}  # which it puts into every container
_ID = re.compile(r"[0-9a-f]{64}")


def _container_mounted(inventory: Inventory, mounts: str) -> Container | None:
    """The container whose folder on the daemon's host holds one of these files: also in one with the host's network, or
    another's, where host name and addresses say nothing."""
    rows = [row.split() for row in mounts.splitlines()]
    ids = {id for row in rows if len(row) > 4 and row[4] in _OF_THE_DAEMON for id in _ID.findall(row[3])}
    return next((container for container in inventory.containers if container.id in ids), None)


def _container_named(inventory: Inventory) -> Container | None:
    """The container whose host name we bear and whose address we own. An address alone proves nothing: 172.17.0.2 is the
    first of every Docker host."""
    name = platform.node()
    for container in inventory.containers:
        if container.hostname == name and any(map(owns_address, container.addresses)):
            return container
    return None


def _is_local(endpoint: Endpoint) -> bool:
    if endpoint.scheme is Scheme.UNIX:
        return True
    try:
        return owns_address(str(ipaddress.ip_address(endpoint.address)))
    except ValueError:
        return endpoint.address == "localhost"


def refused_routes(
    inventory: Inventory, asked: Iterable[tuple[Vantage, Target]], standpoint: Standpoint
) -> dict[tuple[Vantage, Target], str]:
    """What we must not send to, with the way that a packet would take: one that does not stay on a Docker network. Where
    there is no route at all nothing can leave, so that the kernel may say it."""
    found = {}
    for vantage, target in asked:
        if vantage == CLIENT and not is_ours(target, standpoint):
            route = route_to(target.address)
            if route is not None and not is_docker_route(route, target, inventory, standpoint):
                found[vantage, target] = str(route)
        elif vantage != CLIENT and not _may_ask(vantage, target, inventory, standpoint):
            found[vantage, target] = "by an interface of the daemon's host"
    return found


def _may_ask(vantage: Vantage, target: Target, inventory: Inventory, standpoint: Standpoint) -> bool:
    if target.kind is Kind.ADDRESS:
        # Where the machine has no route, nothing can leave, and the kernel may say it.
        nowhere = standpoint.same_machine and route_to(target.address) is None
        return nowhere or not leaves(vantage, target, inventory, standpoint.hosts)
    return not _may_leave(vantage, target) or stays_inside(vantage, target, inventory)


def _may_leave(vantage: Vantage, target: Target) -> bool:
    """Gateways and names are of a container's own networks; and what the daemon's host asks on itself stays there."""
    of_host = target.kind in (Kind.PUBLISHED, Kind.CLIENT) and vantage.container is not None
    return of_host or target.kind is Kind.CONTAINER


def is_ours(target: Target, standpoint: Standpoint) -> bool:
    """Whether the client may try this port of the host without a look at the route: on localhost, on the endpoint's host, or
    on an address of its own. Any other HostIp means something on the daemon's side only."""
    if target.kind not in (Kind.PUBLISHED, Kind.ADDRESS):
        return False
    address = target.address
    return ipaddress.ip_address(address).is_loopback or address in standpoint.hosts or owns_address(address)


def is_docker_route(route: Route, target: Target, inventory: Inventory, standpoint: Standpoint) -> bool:
    """Whether a packet would go straight onto the target's own network: sent by the bridge's own address, out of that
    bridge; or by the container that the client runs in, if it is on the network."""
    network = inventory.networks.get(target.network or "")
    if network is None or route.gateway:
        return False
    own = inventory.network_of(inventory.named(standpoint.container))
    if own and (end := own.on(network.name)) and route.source in end.addresses:
        return True
    ends = [end for container in inventory.containers if (end := container.on(network.name))]
    gateways = {*network.gateways, *(gateway for end in ends for gateway in end.gateways)}
    on_bridge = bool(network.bridge) and route.interface in (network.bridge, "")
    return standpoint.same_machine and on_bridge and route.source in gateways


def stays_inside(vantage: Vantage, target: Target, inventory: Inventory) -> bool:
    """Whether a packet from inside the daemon's host would stay there. A container reaches another network, or an address
    of the daemon's host, by its default route: that leads to the daemon's host from a bridge, and straight to a router of the
    LAN from a macvlan."""
    network = inventory.networks.get(target.network or "")
    here = inventory.named(vantage.container)
    if here is None or (network is None and target.kind is Kind.CONTAINER):
        return network is not None and bool(network.bridge)
    ways_out = [end for end in here.attachments if end.gateways or not _is_shut(end.network, inventory)]
    if (network and here.on(network.name)) or not here.addresses or not ways_out:  # then nothing leaves it
        return True
    ends = [inventory.networks.get(end.network) for end in here.attachments]
    # From an overlay the default route leads to docker_gwbridge, a bridge of the daemon's host, or nowhere (--internal).
    leads = network is None or bool(network.bridge)
    return leads and all(end is not None and (end.bridge or end.driver == "overlay") for end in ends)


def _is_shut(name: str, inventory: Inventory) -> bool:
    network = inventory.networks.get(name)
    return network is not None and network.driver == "bridge" and network.internal
