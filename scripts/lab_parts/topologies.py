"""The topologies the lab can build, as a table: add a row, and `lab up NAME` builds it.

A topology says which network namespaces there are, what joins them, where dockerd and where the client runs.
Every address lives inside those namespaces only, so two instances may use the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass

from .commands import LabError


@dataclass(frozen=True)
class End:
    """One end of a veth pair. role: whose namespace; address: with prefix length, "192.168.99.1/24", "" on a bridge."""

    role: str
    interface: str
    address: str


@dataclass(frozen=True)
class Machine:
    """A daemon as docker-machine leaves it: TLS on tcp://ip:port, its files in docker-machine's store."""

    name: str
    ip: str
    port: int = 2376

    @property
    def url(self) -> str:
        return f"tcp://{self.ip}:{self.port}"


@dataclass(frozen=True)
class Desktop:
    """A daemon in a VM behind a forwarder: what the VM calls itself, and where containers find the client's machine."""

    host_name: str
    os_name: str
    aliases: tuple[str, ...]
    alias_address: str
    resolver: str


@dataclass(frozen=True)
class Topology:
    """roles: a network namespace each; client, daemon: where each runs; links: veth pairs between roles.

    machine: None when the client is told the daemon's unix socket; desktop: None when there is no forwarder;
    client_container: the name of the container that the client runs in, "" where it runs in none; rootless: whether
    the daemon is an unprivileged user's; swarm: the roles of all nodes of a swarm, the manager's first; bridge: the
    role in which the far ends of the links are joined to one Ethernet, "" where they are not.
    """

    name: str
    summary: str
    roles: tuple[str, ...]
    client: str
    daemon: str
    links: tuple[tuple[End, End], ...] = ()
    machine: Machine | None = None
    desktop: Desktop | None = None
    client_container: str = ""
    rootless: bool = False
    swarm: tuple[str, ...] = ()
    bridge: str = ""

    @property
    def daemons(self) -> tuple[str, ...]:
        """The roles that a daemon runs in, the client's first."""
        return self.swarm or (self.daemon,)

    @property
    def host_name(self) -> str:
        """The daemon's own, where it plays another machine."""
        return self.machine.name if self.machine else self.desktop.host_name if self.desktop else ""


_TABLE = (
    Topology(
        name="native",
        summary="client and daemon on one machine, a unix socket between them",
        roles=("client",),
        client="client",
        daemon="client",
    ),
    Topology(
        name="docker-machine",
        summary="client and VM on a host-only network, TLS on 2376, a docker-machine store",
        roles=("client", "vm"),
        client="client",
        daemon="vm",
        # Interfaces and addresses as docker-machine's virtualbox driver gives them to the first machine.
        links=((End("client", "vboxnet0", "192.168.99.1/24"), End("vm", "eth1", "192.168.99.100/24")),),
        machine=Machine("lab", "192.168.99.100"),
    ),
    Topology(
        name="docker-for-mac",
        summary="no route to the VM; a forwarder on the client's localhost, host aliases in containers",
        roles=("client", "vm", "vpnkit"),
        client="client",
        daemon="vm",
        links=((End("vm", "eth0", "192.168.65.3/24"), End("vpnkit", "eth0", "192.168.65.1/24")),),
        # As Docker for Mac 18.03 had it: the Mac is an address of vpnkit's, and no neighbour of the VM.
        desktop=Desktop(
            host_name="linuxkit-025000000001",
            os_name="Docker for Mac",
            aliases=("host.docker.internal", "docker.for.mac.localhost", "docker.for.mac.host.internal"),
            alias_address="192.168.65.2",
            resolver="192.168.65.1",
        ),
    ),
    Topology(
        name="rootless",
        summary="dockerd of an unprivileged user in rootlesskit's and slirp4netns' namespaces; a LAN beside the client",
        roles=("client", "lan"),
        client="client",
        daemon="client",
        links=((End("client", "eth0", "192.168.78.2/24"), End("lan", "eth0", "192.168.78.1/24")),),
        rootless=True,
    ),
    Topology(
        name="client-in-container",
        summary="the client in a container on the default bridge that has the daemon's socket",
        roles=("client",),
        client="client",
        daemon="client",
        client_container="toolbox",
    ),
    Topology(
        name="swarm",
        summary="three daemons on one Ethernet, the client on the manager's host; services on an overlay network",
        roles=("node1", "node2", "node3", "ethernet"),
        client="node1",
        daemon="node1",
        links=tuple(
            (End(f"node{n}", "eth0", f"192.168.79.{n}/24"), End("ethernet", f"port{n}", "")) for n in (1, 2, 3)
        ),
        swarm=("node1", "node2", "node3"),
        bridge="ethernet",
    ),
)

TOPOLOGIES = {topology.name: topology for topology in _TABLE}


def topology_named(name: str) -> Topology:
    """The topology of that name. Raises LabError, code 2, naming the known ones."""
    try:
        return TOPOLOGIES[name]
    except KeyError:
        raise LabError(f"unknown topology {name!r}; known: {', '.join(TOPOLOGIES)}", code=2) from None
