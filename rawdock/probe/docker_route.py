"""Whether a packet to a container address would stay on Docker's own networks, so that none leaks onto a LAN.

Containers behind a VM have addresses that mean nothing here: a default route would carry probes for 172.17.0.2 to whoever
routes for us, and a second daemon on this machine may well use the same subnet for containers of its own.
"""

from __future__ import annotations

import ipaddress
import platform
from collections.abc import Iterable

from ..endpoint import Endpoint, Scheme
from .inventory import Inventory
from .route import Route, owns_address, route_to
from .target import CLIENT, Kind, Target, Vantage


def is_same_machine(endpoint: Endpoint, inventory: Inventory, kernel: str) -> bool:
    """Whether the client stands in the daemon's own network namespace: only there can its bridges' gateways be bound. A
    daemon behind another machine's address, or on another kernel (Docker Desktop), is none of ours, though a second daemon
    of this machine may well have given its bridge the same gateway. `kernel`: the daemon's, as uname(1) says it."""
    if kernel != platform.release() or not _is_local(endpoint):
        return False
    ends = [end for container in inventory.containers for end in container.attachments]
    bridges = [network for network in inventory.networks.values() if network.bridge]
    gateways = {gateway for network in bridges for gateway in network.gateways}
    gateways |= {end.gateway for end in ends if end.gateway and end.network in {network.name for network in bridges}}
    return any(map(owns_address, sorted(gateways)))


def _is_local(endpoint: Endpoint) -> bool:
    if endpoint.scheme is Scheme.UNIX:
        return True
    try:
        return owns_address(str(ipaddress.ip_address(endpoint.address)))
    except ValueError:
        return endpoint.address == "localhost"


def refused_routes(
    inventory: Inventory, asked: Iterable[tuple[Vantage, Target]], same_machine: bool
) -> dict[tuple[Vantage, Target], str]:
    """The container addresses that we must not send to, with the way that a packet would take: one that does not stay on a
    Docker network. Where there is no route at all nothing can leave, so that the kernel may say it."""
    found = {}
    for vantage, target in asked:
        if target.kind is not Kind.CONTAINER:
            continue
        if vantage == CLIENT:
            route = route_to(target.address)
            if route is not None and not is_docker_route(route, target, inventory, same_machine):
                found[vantage, target] = str(route)
        elif not stays_inside(vantage, target, inventory):
            found[vantage, target] = "by the daemon's host and its own network"
    return found


def is_docker_route(route: Route, target: Target, inventory: Inventory, same_machine: bool) -> bool:
    """Whether a packet would go straight onto the target's own network: sent by the bridge's own address, out of that
    bridge; or by a container that is itself on the network (the client runs in it)."""
    network = inventory.networks.get(target.network or "")
    if network is None or route.gateway:
        return False
    ends = [end for container in inventory.containers if (end := container.on(network.name))]
    if any(route.source in end.addresses for end in ends):
        return True
    gateways = {*network.gateways, *(end.gateway for end in ends)}
    on_bridge = bool(network.bridge) and route.interface in (network.bridge, "")
    return same_machine and on_bridge and route.source in gateways


def stays_inside(vantage: Vantage, target: Target, inventory: Inventory) -> bool:
    """Whether a packet from inside the daemon's host would stay there: to a bridge, or to a network that the container is
    on. To another (macvlan, overlay) the host would send it by an interface of its own."""
    network = inventory.networks.get(target.network or "")
    here = inventory.named(vantage.container)
    return network is not None and bool(network.bridge or (here and here.on(network.name)))
