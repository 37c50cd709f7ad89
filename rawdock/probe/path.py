"""One path, hop by hop: from a vantage to a port of a container, by every way that leads there, and where each breaks.

A way is an address that the vantage may use: the container's own, its name, or a published port. What lies behind a published
port is told apart by a second look: the daemon's host asks the container's own address.
"""

from __future__ import annotations

import ipaddress
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from ..errors import UsageError
from .inventory import Container, Inventory
from .protocol import Protocol
from .record import Record, Result
from .selection import Named
from .target import CLIENT, CONTAINER, HOST, Kind, Place, Target, Vantage
from .topology import Where
from .verdict import UNPROBED, Verdict

_PLACES = {"client": CLIENT, "host": HOST}


class State(Enum):
    OK = "ok"
    BROKEN = "BROKEN"
    BEYOND = "not reached"


@dataclass(frozen=True)
class Hop:
    """`says`: what is known of it, "" where nothing needs to be said; `remedy` where it is broken."""

    what: str
    state: State
    says: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class Path:
    """From a vantage to a container's port, or with `address` to whoever has it."""

    vantage: Vantage
    container: str
    port: int
    protocol: Protocol = Protocol.TCP
    address: str = ""

    @classmethod
    def parse(cls, start: str, end: str) -> Path:
        """Raises UsageError for no `start`, and for an `end` that is not NAME:PORT, ADDRESS:PORT, or one of them with /udp."""
        name, _, spec = end.rpartition(":")
        port, _, kind = spec.partition("/")
        known = {"": Protocol.TCP, "tcp": Protocol.TCP, "udp": Protocol.UDP}
        numbered = port.isascii() and port.isdigit() and 0 < int(port) < 65536
        container = name.removeprefix(CONTAINER)
        if not container or not numbered or kind not in known or spec.endswith("/"):
            raise UsageError(
                f"{end!r} as the path's end: expected CONTAINER:PORT or ADDRESS:PORT, with /udp or without",
                "write it as in web:80, dns:53/udp, 192.0.2.1:80 or [2001:db8::1]:80",
            )
        vantage = _PLACES.get(start, Vantage(Place.CONTAINER, start.removeprefix(CONTAINER)))
        if vantage.container == "":
            raise UsageError("the path's start is empty", "write client, host or a container's name")
        try:
            address = str(ipaddress.ip_address(name.removeprefix("[").removesuffix("]")))
        except ValueError:
            return cls(vantage, container, int(port), known[kind])
        return cls(vantage, "", int(port), known[kind], address)

    @property
    def words(self) -> str:
        return f"{'UDP ' if self.protocol is Protocol.UDP else ''}port {self.port}"

    def within(self, inventory: Inventory) -> Inventory:
        """The inventory in which the container's port counts as exposed, so that it is asked. Raises UsageError for a
        container that is not there."""
        for name, is_start in ((self.vantage.container, True), (self.container, False)):
            if not name:
                continue
            if state := inventory.stopped.get(name):
                void = "nothing can be asked from it" if is_start else "none of its ports can answer"
                raise UsageError(f"container {name!r} does not run, it is {state}: {void}", f"rawdock start {name}")
            if inventory.named(name) is None:
                known = ", ".join(container.name for container in inventory.containers) or "none"
                others = "client or host" if is_start else "an IP address"
                why = ", and a path only starts there" if name in _PLACES else ""
                raise UsageError(
                    f"no running container is called {name!r}{why}", f"running: {known}; or write {others}"
                )
        self._require_address(inventory)
        containers = tuple(
            self._with_port(each) if each.name == self.container else each for each in inventory.containers
        )
        return replace(inventory, containers=containers)

    def _require_address(self, inventory: Inventory) -> None:
        """Raises UsageError for a container that is asked, or asked from, in the network of another or of the host."""
        start, end = inventory.named(self.vantage.container), inventory.named(self.container)
        why, instead = inventory.homeless(start) if start and not start.sandbox else ("", "")
        if start and why:
            raise UsageError(f"container {start.name!r} {why}", f"write {instead} in its place" if instead else "")
        why, instead = inventory.homeless(end) if end else ("", "")
        if end and why:
            written = f"{instead}:{self.port}{'/udp' if self.protocol is Protocol.UDP else ''}"
            remedy = f"write {written} in its place" if instead else ""
            if instead == "host":
                remedy = f"write an address of the daemon's host in its place: ADDRESS:{self.port}"
            raise UsageError(f"container {end.name!r} {why}: it has no address of its own", remedy)

    def _with_port(self, container: Container) -> Container:
        ports = tuple(sorted({*container.exposes(self.protocol), self.port}))
        if self.protocol is Protocol.UDP:
            return replace(container, exposed_udp=ports)
        return replace(container, exposed=ports)

    def asks(self, vantage: Vantage, target: Target, inventory: Inventory) -> bool:
        """Whether the path needs this probe: its own, and the second look from the daemon's host."""
        if self.address:
            same = (target.address, target.port, target.protocol) == (self.address, self.port, self.protocol)
            return self.vantage in (vantage, HOST) and target.kind is not Kind.NAME and same
        meant = (target.container, target.container_port, target.protocol) == (self.container, self.port, self.protocol)
        return meant and vantage in (self.vantage, HOST, CLIENT)

    def probed(self, result: Result) -> bool:
        """Whether something could be asked from its start."""
        return any(record.judgement.verdict not in UNPROBED for record in _from(self.vantage, result))

    def more(self, vantage: Vantage, inventory: Inventory) -> Iterator[Named]:
        if self.address and vantage in (self.vantage, *([CLIENT] if self.vantage == HOST else [])):
            yield Named(self.address, self.port, protocol=self.protocol)


_ANSWERED = {Verdict.OPEN, Verdict.OPEN_SILENT, Verdict.ACCEPTED_THEN_CLOSED, Verdict.RESET, Verdict.WRONG_SOURCE}
_NAMELESS = {
    Verdict.NAME_UNKNOWN,
    Verdict.NAME_OTHER_NETWORK,
    Verdict.NAME_NO_UPSTREAM,
    Verdict.NAME_NO_RESOLVER,
    Verdict.NAME_WRONG_ADDRESS,
}


def ways(path: Path, result: Result) -> Iterator[tuple[Record, list[Hop]]]:
    """Each way with its hops in order; behind the first broken one, none is reached."""
    own = _from(path.vantage, result)
    looks = [record for record in _from(HOST, result) if record.target.kind is Kind.CONTAINER]
    for record in own:
        if record.target.port:
            elsewhere = (
                result.topology.where in (Where.REMOTE, Where.CONTAINER)
                and ipaddress.ip_address(record.target.address).is_loopback
            )
            hops = list(_hops(record, looks, path, bound=_bound(record) and not elsewhere))
            if large := next((one for one in own if _is_large(one, record)), None):
                hops.insert(-1, _large(large))
            yield record, _in_order(hops)


def _is_large(record: Record, other: Record) -> bool:
    """Whether it says what large packets to the same address met."""
    return record.target.kind is Kind.PACKETS and record.target.address == other.target.address


def _large(record: Record) -> Hop:
    judgement = record.judgement
    finds_its_size = judgement.verdict is Verdict.TOO_BIG
    state = State.OK if finds_its_size else State.BROKEN
    return Hop(f"large packets to {record.target.address}", state, judgement.explanation, judgement.remedy)


def is_open(path: Path, result: Result) -> bool:
    """Whether at least one way leads to somebody who answers."""
    return any(hops[-1].state is State.OK for _, hops in ways(path, result))


def _from(vantage: Vantage, result: Result) -> list[Record]:
    """On one machine, the daemon's host is the client."""
    same = vantage == HOST and result.topology.where is Where.SAME
    return [record for record in result.records if record.vantage == (CLIENT if same else vantage)]


def _in_order(hops: list[Hop]) -> list[Hop]:
    first = next((number for number, hop in enumerate(hops) if hop.state is State.BROKEN), len(hops))
    return [*hops[: first + 1], *(Hop(hop.what, State.BEYOND) for hop in hops[first + 1 :])]


def _hops(record: Record, looks: list[Record], path: Path, bound: bool) -> Iterator[Hop]:
    """`bound`: whether the container's port is published on the address that was asked."""
    target, judgement = record.target, record.judgement
    verdict = judgement.verdict
    start = record.vantage.phrase
    process = f"{path.words} in {path.container}" if path.container else f"{path.words} there"
    broken = Hop("", State.BROKEN, judgement.explanation, judgement.remedy)
    if target.kind is Kind.NAME:
        yield (
            replace(broken, what=f"the name {target.name}")
            if verdict in _NAMELESS
            else Hop(f"the name {target.name}", State.OK)
        )
    answers = (
        Hop(process, State.OK, judgement.explanation) if verdict is Verdict.OPEN else replace(broken, what=process)
    )
    if target.kind in (Kind.CONTAINER, Kind.NAME, Kind.ADDRESS):
        reached = verdict in _ANSWERED or verdict is Verdict.REFUSED
        way = f"{start} to {target.address}"
        yield Hop(way, State.OK) if reached else replace(broken, what=way)
        yield answers
        return
    # A kernel's forwarding passes the container's own refusal on, as if the port itself had refused.
    is_v6 = ":" in target.address
    alike = [one for one in looks if (":" in one.target.address) is is_v6] or looks
    look = next((one for one in alike if one.judgement.verdict is not Verdict.OPEN), alike[0] if alike else None)
    passed_on = bool(look and verdict is Verdict.REFUSED and look.judgement.verdict is Verdict.REFUSED and bound)
    way = f"{start} to {target.socket}"
    yield Hop(way, State.OK) if verdict in _ANSWERED or passed_on else replace(broken, what=way)
    if look:
        inside = f"the daemon's host to {look.target.address}"
        reached = look.judgement.verdict in _ANSWERED or look.judgement.verdict is Verdict.REFUSED
        bad = Hop(inside, State.BROKEN, look.judgement.explanation, look.judgement.remedy)
        yield Hop(inside, State.OK) if reached else bad
    yield answers


def _bound(record: Record) -> bool:
    binding = record.target.published
    return binding is not None and (binding.for_all or binding.host_ip == record.target.address)


def lines(path: Path, result: Result, width: int) -> Iterator[tuple[State | None, str]]:
    """For people: each way below its heading (None), a line a hop, and below a broken one why and what to do."""
    found = list(ways(path, result))
    widest = max((len(hop.what) for _, hops in found for hop in hops), default=0)
    for record, hops in found:
        target = record.target
        yield None, f"by {f'the name {target.name}, ' if target.kind is Kind.NAME else ''}{target.socket}"
        for hop in hops:
            yield from _hop_lines(hop, widest, width)


def _hop_lines(hop: Hop, widest: int, width: int) -> Iterator[tuple[State | None, str]]:
    beside = hop.says if hop.state is State.OK else ""
    row = f"  {hop.state.value:<11}  {hop.what:<{widest}}  {beside}".rstrip()
    below = [] if hop.state is State.OK else [hop.says, hop.remedy]
    if len(row) > width:
        first, *more = _wrapped(hop.what, width)
        row, below = f"  {hop.state.value:<11}  {first}", [" ".join(more), hop.says, hop.remedy]
    yield hop.state, row
    yield from ((None, f"{' ' * _INDENT}{line}") for sentence in below for line in _wrapped(sentence, width))


_INDENT = 15  # columns of the state and what is around it


def _wrapped(sentence: str, width: int) -> list[str]:
    return textwrap.wrap(sentence, max(25, width - _INDENT), break_on_hyphens=False)
