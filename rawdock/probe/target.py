"""What is probed from where, by default: pure functions of the inventory."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from .inventory import DEFAULT_BRIDGE, DOCKER_RESOLVER, Container, Inventory, Published
from .listeners import Listener, socket_text
from .protocol import Protocol


class Place(Enum):
    CLIENT = "client"
    HOST = "daemon host"
    CONTAINER = "container"


_PLACES = ("client", "host")  # what a path and a policy call this machine and the daemon's host
CONTAINER = "container:"  # before the name of a container that is called like one of them; no name has a colon


def container_word(name: str) -> str:
    """What stands for a container where places are named: "web", but "container:client"."""
    return f"{CONTAINER}{name}" if name in _PLACES else name


@dataclass(frozen=True)
class Vantage:
    """Where a probe starts. `container` is set for a container's network namespace."""

    place: Place
    container: str | None = None

    @property
    def label(self) -> str:
        return container_word(self.container) if self.container else self.place.value

    @property
    def phrase(self) -> str:
        """What a sentence calls it."""
        if self.place is Place.CLIENT:
            return "this machine"
        return self.container or "the daemon's host"


CLIENT, HOST = Vantage(Place.CLIENT), Vantage(Place.HOST)


class Kind(Enum):
    PUBLISHED = "published"
    CONTAINER = "container"
    GATEWAY = "gateway"
    NAME = "name"
    PACKETS = "packets"
    CLIENT = "client"
    ADDRESS = "address"


@dataclass(frozen=True)
class Target:
    """One address and port, or of PACKETS an address alone. `container` is the one meant to answer, with `container_port`
    inside it; `published` the binding in between; `network` whose address it is; `name` what a NAME target asks the name
    server for, or what an ADDRESS is called, which is asked only because somebody named it; `node` the other node of a swarm
    that the container is on; `mesh`: whether it is published on every node, and `container` a service."""

    kind: Kind
    address: str
    port: int
    container: str | None = None
    container_port: int | None = None
    published: Published | None = None
    network: str | None = None
    name: str | None = None
    protocol: Protocol = Protocol.TCP
    node: str | None = None
    mesh: bool = False

    @property
    def socket(self) -> str:
        """ "172.17.0.2:80", "[::1]:80", "172.17.0.2:53/udp"."""
        return socket_text(self.address, self.port, self.protocol)

    @property
    def is_foreign_name(self) -> bool:
        """Whether it is a name that the vantage's name server does not know: such a one is never asked for, because it
        would be passed on to a server of the LAN."""
        return self.kind is Kind.NAME and self.network is None

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is an alias of this machine that leads to another: nothing is sent there."""
        return self.kind is Kind.CLIENT and not self.port

    @property
    def label(self) -> str:
        """What a table calls it."""
        if self.kind is Kind.NAME:
            return f"{self.name} (name)"
        if self.kind is Kind.CLIENT:  # the port is another one each time
            return f"{self.name or self.address} (this machine)"
        if self.kind is Kind.ADDRESS and self.name:
            return f"{self.socket} ({self.name})"
        where = f" on {self.node}" if self.node else ""
        return f"{self.socket} ({self.container}{where})" if self.container else self.socket


Listening = Mapping[str, set[Listener]]  # by container, where its table could be read


def outside_targets(inventory: Inventory, listening: Listening, hosts: Iterable[str] = ()) -> list[Target]:
    """From the client, or from the daemon's host: every published port on every plausible address (localhost, `hosts`, its
    own HostIp), then every container address. `hosts`: the endpoint's host as IP addresses, none for a Unix socket."""
    plausible = ["127.0.0.1", "::1", *hosts]
    found = [target for container in inventory.containers for target in _published(container, plausible)]
    return list(dict.fromkeys([*found, *container_addresses(inventory, listening)]))


def _published(container: Container, addresses: Iterable[str]) -> list[Target]:
    """Each binding on the addresses of its own family, and on its HostIp. A port bound for both families is listed
    twice by the daemon, and each binding takes the addresses of its family."""
    found = []
    for port in container.published:
        family = ipaddress.ip_address(port.host_ip).version
        plausible = [address for address in addresses if ipaddress.ip_address(address).version == family]
        if not port.for_all:
            plausible.append(port.host_ip)
        found += [_binding(Kind.PUBLISHED, address, port, container.name) for address in plausible]
    return found


def _binding(kind: Kind, address: str, port: Published, container: str, network: str | None = None) -> Target:
    return Target(kind, address, port.host_port, container, port.container_port, port, network, protocol=port.protocol)


def container_addresses(inventory: Inventory, listening: Listening) -> list[Target]:
    """Each container's addresses with the ports that it exposes, publishes or, where known, listens on; with one port
    where it has none."""
    return [
        Target(Kind.CONTAINER, address, port, container.name, port, network=attachment.network, protocol=protocol)
        for container in inventory.containers
        for attachment in container.attachments
        if not ((network := inventory.networks.get(attachment.network)) and network.mesh)
        for address in attachment.addresses
        for port, protocol in exposed_ports(container, inventory, listening)
    ]


_ANY_PORT = 80  # where there is nothing to expect: a refusal still proves that the address can be reached


_EPHEMERAL = range(32768, 61000)  # where the kernel takes ports for those who ask: ip(7), ip_local_port_range


def exposed_ports(container: Container, inventory: Inventory, listening: Listening) -> list[tuple[int, Protocol]]:
    """TCP first."""
    own = {(each.port, each.protocol) for each in listening.get(container.name, ()) if _serves(each)}
    for each in (container, *inventory.guests(container)):
        own |= {(port, protocol) for protocol in (Protocol.TCP, Protocol.UDP) for port in each.exposes(protocol)}
    return sorted(own, key=lambda one: (one[1] is Protocol.UDP, one[0])) or [(_ANY_PORT, Protocol.TCP)]


def _serves(listener: Listener) -> bool:
    """Docker's own name server is on a random port in every namespace of a user-defined network; and a UDP socket on a port
    that the kernel chose is most likely a client's, waiting for an answer."""
    asks = listener.protocol is Protocol.UDP and listener.port in _EPHEMERAL
    return listener.address != DOCKER_RESOLVER and not asks


def container_targets(
    container: Container, inventory: Inventory, listening: Listening, daemon_port: int | None
) -> list[Target]:
    """From inside a container: its gateways with every port published for all addresses (and the daemon's own), the
    other containers' addresses, and the names of those on the same network."""
    others = [t for t in container_addresses(inventory, listening) if t.container != container.name]
    return list(
        dict.fromkeys([*_gateways(container, inventory, daemon_port), *others, *_names(container, others, inventory)])
    )


def hairpins(inventory: Inventory, host: str) -> list[Target]:
    """The UDP ports published on an address of the daemon's host that is no gateway, as a container may ask them: docker-proxy
    answers from the gateway's address then. A TCP connection has but one address, and is left out."""
    return [
        _binding(Kind.PUBLISHED, host, port, other.name)
        for other in inventory.containers
        for port in other.published
        if port.protocol is Protocol.UDP and port.for_all and (":" in port.host_ip) == (":" in host)
    ]


def _gateways(container: Container, inventory: Inventory, daemon_port: int | None) -> list[Target]:
    found = []
    for name, gateway in _ways_out(container, inventory):
        ports = [
            _binding(Kind.GATEWAY, gateway, port, other.name, name)
            for other in inventory.containers
            for port in other.published
            if port.host_ip == gateway or (port.for_all and (":" in port.host_ip) == (":" in gateway))
        ]
        if daemon_port is not None:
            ports.append(Target(Kind.GATEWAY, gateway, daemon_port, network=name))
        found += ports or [Target(Kind.GATEWAY, gateway, _ANY_PORT, network=name)]
    return found


_SWARMS_BRIDGE = "docker_gwbridge"


def _ways_out(container: Container, inventory: Inventory) -> list[tuple[str, str]]:
    """Networks and the addresses that the daemon's host has on them. A container on overlays alone leaves by a bridge that
    its document does not name."""
    networks = {end.network: inventory.networks.get(end.network) for end in container.attachments}
    bridges = {name for name, network in networks.items() if network and network.bridge}
    found = [(end.network, address) for end in container.attachments for address in inventory.hosts_on(end)]
    beside = inventory.networks.get(_SWARMS_BRIDGE)
    if not bridges and beside and any(network and network.driver == "overlay" for network in networks.values()):
        found += [(beside.name, gateway) for gateway in beside.gateways]
    return found


def _names(container: Container, others: list[Target], inventory: Inventory) -> list[Target]:
    """One for each port of a container, however many networks it shares with this one: the name server names one address.
    Where one answers, it is asked only for names that it knows; what it does not know is a target without a network."""
    found: dict[tuple[str | None, int, Protocol], Target] = {}
    has_server = any((n := inventory.networks.get(end.network)) and n.has_names for end in container.attachments)
    for target in others:
        network = inventory.networks.get(target.network or "")
        known_there = network is not None and (network.has_names or not has_server)
        if network and known_there and container.on(network.name):
            named = replace(target, kind=Kind.NAME, name=target.container)
            key = target.container, target.port, target.protocol
            known = found.get(key)
            if known is None or (known.network == DEFAULT_BRIDGE and network.has_names):
                found[key] = named
    here = {name for name, _, _ in found}
    foreign = {target.container: target for target in reversed(others) if target.container not in here and has_server}
    unknown = [replace(target, kind=Kind.NAME, name=name, network=None) for name, target in foreign.items()]
    return [*found.values(), *reversed(unknown)]
