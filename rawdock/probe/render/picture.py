"""The picture as data: boxes, what hangs on what, and an edge for all probes of one verdict between two of them.

mermaid.py, dot.py and svg.py draw it. Ports are published on the edge of the daemon's host: whatever address of it was asked,
the edge ends at the port.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from ..inventory import Container, Inventory
from ..protocol import Protocol
from ..record import Record, Result
from ..report import with_expected
from ..target import Kind, Place, Target, Vantage
from ..verdict import Verdict

CLIENT_NODE, HOST_NODE = "client", "host"


class Tone(Enum):
    """How good a verdict is; it colours an edge. CUT: nothing came back, or nothing was sent."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"
    CUT = "cut"


_TONES = {
    Verdict.OPEN: Tone.GOOD,
    Verdict.OPEN_SILENT: Tone.DOUBTFUL,
    Verdict.ACCEPTED_THEN_CLOSED: Tone.DOUBTFUL,
    Verdict.RESET: Tone.DOUBTFUL,
    Verdict.NO_ANSWER: Tone.DOUBTFUL,
    Verdict.WRONG_SOURCE: Tone.DOUBTFUL,
    Verdict.TOO_BIG: Tone.DOUBTFUL,
    Verdict.NAME_OTHER_NETWORK: Tone.CUT,
    Verdict.NO_ROUTE: Tone.CUT,
    Verdict.NO_ADDRESS: Tone.CUT,
    Verdict.FILTERED: Tone.CUT,
    Verdict.NOT_SENT: Tone.CUT,
    Verdict.VANTAGE_UNAVAILABLE: Tone.CUT,
}


def tone(verdict: Verdict) -> Tone:
    return _TONES.get(verdict, Tone.BAD)


@dataclass(frozen=True)
class Port:
    """A published port of the daemon's host. `node` names it as an edge's end."""

    number: int
    container: str

    @property
    def node(self) -> str:
        return f"port:{self.number}:{self.container}"


@dataclass(frozen=True)
class Edge:
    """`source`, `end`: nodes. `measured` is False where one of its probes was inferred in part or predicted; `differs`: whether
    the verdict is none that Docker's own rules would give."""

    source: str
    end: str
    vantage: Vantage
    verdict: Verdict
    records: tuple[Record, ...]
    differs: bool = False

    @property
    def tone(self) -> Tone:
        return tone(self.verdict)

    @property
    def measured(self) -> bool:
        return all(record.judgement.certainty == "measured" for record in self.records)

    @property
    def label(self) -> str:
        """Address of a published port, else the port; verdict; and the time of the slowest."""
        asked = dict.fromkeys(_asked(record.target) for record in self.records if record.target.address)
        slowest = max(record.seen.milliseconds for record in self.records)
        return " ".join([", ".join(asked), self.verdict.value, *([f"{slowest:.1f} ms"] if slowest else [])]).strip()

    @property
    def story(self) -> str:
        """A sentence for each explanation, with the targets that it holds for."""
        told: dict[str, list[str]] = {}
        for record in self.records:
            targets = told.setdefault(with_expected(record), [])
            if record.target.address:
                targets.append(record.target.label)
        start = f"from {self.vantage.phrase}"
        return "; ".join(
            f"{start} to {', '.join(targets)}: {self.verdict.value}, {explanation}"
            if targets
            else f"{start}: {explanation}"
            for explanation, targets in told.items()
        )


@dataclass(frozen=True)
class Picture:
    """Networks that no container is on are left out. `one_machine`: the client is on the daemon's host."""

    title: str
    one_machine: bool
    host: str
    networks: tuple[str, ...]
    containers: tuple[Container, ...]
    ports: tuple[Port, ...]
    edges: tuple[Edge, ...]


def picture(result: Result, records: Iterable[Record]) -> Picture:
    """Draw these of the result's records."""
    inventory = result.inventory
    used = dict.fromkeys(end.network for container in inventory.containers for end in container.attachments)
    ports = dict.fromkeys(
        Port(published.host_port, container.name)
        for container in inventory.containers
        for published in container.published
    )
    merged: dict[tuple[str, str, Verdict, bool], list[Record]] = {}
    for record in records:
        ends = _source(record.vantage), _end(record.target, inventory)
        if ends[1]:
            merged.setdefault((*ends, record.judgement.verdict, record.differs), []).append(record)
    one_machine = result.topology.where.value == "same-machine"
    return Picture(
        result.topology.title,
        one_machine,
        "this machine, the daemon's host" if one_machine else result.topology.title,
        tuple(sorted(used)),
        inventory.containers,
        tuple(ports),
        tuple(
            Edge(source, end, same[0].vantage, verdict, tuple(same), differs)
            for (source, end, verdict, differs), same in merged.items()
        ),
    )


def from_client(result: Result) -> list[Record]:
    """What a still picture shows: of all vantages at once nobody could follow a line."""
    return [record for record in result.records if record.vantage.place is Place.CLIENT] or result.records


def container_node(name: str) -> str:
    return f"container:{name}"


def network_node(name: str) -> str:
    return f"network:{name}"


def _asked(target: Target) -> str:
    if target.kind in (Kind.PACKETS, Kind.CLIENT):
        return "large packets" if target.kind is Kind.PACKETS else target.name or target.address
    udp = "/udp" if target.protocol is Protocol.UDP else ""
    if target.kind is not Kind.PUBLISHED:
        return f":{target.port}{udp}"
    return f"localhost{udp}" if ipaddress.ip_address(target.address).is_loopback else f"{target.address}{udp}"


def _source(vantage: Vantage) -> str:
    if vantage.container:
        return container_node(vantage.container)
    return CLIENT_NODE if vantage.place is Place.CLIENT else HOST_NODE


def _end(target: Target, inventory: Inventory) -> str:
    """ "" where there is no such node: nothing was probed."""
    if not target.address:
        return ""
    if target.kind is Kind.CLIENT:
        return CLIENT_NODE
    if target.container and inventory.named(target.container):
        if target.published and target.kind in (Kind.PUBLISHED, Kind.GATEWAY):
            return Port(target.published.host_port, target.container).node
        return container_node(target.container)
    drawn = any(container.on(target.network or "") for container in inventory.containers)
    return network_node(target.network) if target.network and drawn else HOST_NODE
