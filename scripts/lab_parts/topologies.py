"""The topologies the lab can build, as a table: add a row, and `lab up NAME` builds it.

A topology says which network namespaces there are, what joins them, where dockerd and where the client runs.
Every address lives inside those namespaces only, so two instances may use the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass

from .commands import LabError


@dataclass(frozen=True)
class End:
    """One end of a veth pair. role: whose namespace; address: with prefix length, "192.168.99.1/24"."""

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
class Topology:
    """roles: a network namespace each; client, daemon: where each runs; links: veth pairs between roles.

    machine: None when the client is told the daemon's unix socket.
    """

    name: str
    summary: str
    roles: tuple[str, ...]
    client: str
    daemon: str
    links: tuple[tuple[End, End], ...] = ()
    machine: Machine | None = None


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
)

TOPOLOGIES = {topology.name: topology for topology in _TABLE}


def topology_named(name: str) -> Topology:
    """The topology of that name. Raises LabError, code 2, naming the known ones."""
    try:
        return TOPOLOGIES[name]
    except KeyError:
        raise LabError(f"unknown topology {name!r}; known: {', '.join(TOPOLOGIES)}", code=2) from None
