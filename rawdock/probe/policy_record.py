"""A policy that says what was measured, in few lines. Pure, and the same bytes for the same records.

Candidates are lines for one place, a network or all, to one port or all of a container, a network or all; such a line is true
where every port that it means has the same verdict. Of the true ones that which says most is taken, until all is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from .policy import Destination, Origin, Way
from .policy_match import Measured, meets, place
from .protocol import Protocol
from .record import Record, Result, best
from .target import Kind, Target, Vantage, container_word
from .topology import Where
from .verdict import UNPROBED, Verdict

HEAD = "# Recorded by rawdock probe --record; rawdock probe --check says where it is otherwise.\n"


ByTarget = dict[Target, list[Record]]


class _Unit(NamedTuple):
    """What is recorded: how a port is reached from a vantage in one manner, whatever the address."""

    vantage: Vantage
    manner: str
    container: str
    port: int
    protocol: Protocol


@dataclass(frozen=True)
class _End:
    """A destination as it is written, and for each unit that it takes in, the verdict that a check would give."""

    text: str
    verdicts: dict[_Unit, Verdict]


class _Line(NamedTuple):
    says: frozenset[_Unit]
    origin: str
    end: str
    verdict: Verdict

    @property
    def rank(self) -> tuple[object, ...]:
        """The best line first: that which says most, then the most general."""
        return -len(self.says), _generality(self.origin), self.origin, _generality(self.end), self.end


def _generality(word: str) -> int:
    return {"*": 0, "@": 1}.get(word[:1], 2)


def recorded(result: Result) -> str:
    """The policy's text. What could not be probed stands in it as a comment."""
    records = [record for record in result.records if _is_recorded(record, result)]
    units: dict[_Unit, list[Record]] = {}
    for record in records:
        units.setdefault(_unit(record), []).append(record)
    truth = {unit: best(found).judgement.verdict for unit, found in units.items()}
    lines = _chosen(truth, list(_candidates(truth, records, result)))
    return HEAD + "".join(_missing(result)) + "".join(_written(lines))


def _is_recorded(record: Record, result: Result) -> bool:
    target = record.target
    meant = target.kind not in (Kind.PACKETS, Kind.CLIENT, Kind.ADDRESS)
    there = target.container is None or result.inventory.named(target.container) is not None
    return bool(target.port) and meant and there and record.judgement.verdict not in UNPROBED


def _unit(record: Record) -> _Unit:
    target = record.target
    published = target.kind in (Kind.PUBLISHED, Kind.GATEWAY)
    manner = "published" if published else target.kind.value
    return _Unit(record.vantage, manner, target.container or "", target.port, target.protocol)


def _candidates(truth: dict[_Unit, Verdict], records: list[Record], result: Result) -> Iterator[_Line]:
    """Every true line."""
    origins = _origins(truth, result)
    measured = Measured(result)
    by_target: dict[Target, list[Record]] = {}
    for record in records:
        by_target.setdefault(record.target, []).append(record)
    for end in _ends(by_target, measured):
        mean = frozenset(end.verdicts)
        for origin, own in origins.items():
            units = own & mean
            found = {end.verdicts[unit] for unit in units}
            if len(found) == 1:
                verdict = found.pop()
                says = frozenset(unit for unit in units if truth[unit] is verdict)
                yield _Line(says, origin, end.text, verdict)


def _origins(truth: dict[_Unit, Verdict], result: Result) -> dict[str, frozenset[_Unit]]:
    """Places as they are written, with what is probed from there."""
    by_vantage: dict[Vantage, set[_Unit]] = {}
    for unit in truth:
        by_vantage.setdefault(unit.vantage, set()).add(unit)
    words = {place(vantage): Origin(place(vantage)) for vantage in by_vantage}
    words |= {f"@{name}": Origin(name, True) for name in result.inventory.networks}
    words["*"] = Origin("*")
    same = result.topology.where is Where.SAME
    found: dict[str, frozenset[_Unit]] = {}
    for word, origin in words.items():
        own = [units for vantage, units in by_vantage.items() if meets(origin, vantage, result.inventory, same)]
        if own:
            found[word] = frozenset().union(*own)
    return found


def _ends(records: ByTarget, measured: Measured) -> Iterator[_End]:
    """Destinations as they are written: each port, all ports of a container, of a network, and of all."""
    words: dict[str, Destination] = {}
    for target in records:
        words |= dict(_words(target))
    for way in (Way.DIRECT, Way.ADDRESS, Way.NAME, Way.PUBLISHED):
        end = "*" if way is Way.DIRECT else f"*/{way.value}"
        words[f"*:{end}"] = Destination("*", None, way, protocol=None)
        for network in measured.inventory.networks:
            words[f"@{network}:{end}"] = Destination(network, None, way, is_network=True, protocol=None)
    for text, destination in words.items():
        yield _End(text, _verdicts(destination, records, measured))


def _words(target: Target) -> Iterator[tuple[str, Destination]]:
    port, protocol = target.port, target.protocol
    text = f"{port}/udp" if protocol is Protocol.UDP else str(port)
    if target.container is None:
        yield f"host:{text}", Destination("host", port, protocol=protocol)
        return
    name = container_word(target.container)
    if target.kind in (Kind.PUBLISHED, Kind.GATEWAY):
        yield f"{name}:{text}/published", Destination(name, port, Way.PUBLISHED, protocol=protocol)
        yield f"{name}:*/published", Destination(name, None, Way.PUBLISHED, protocol=None)
        return
    yield f"{name}:{text}", Destination(name, port, protocol=protocol)
    yield f"{name}:*", Destination(name, None, protocol=None)
    way = Way.NAME if target.kind is Kind.NAME else Way.ADDRESS
    yield f"{name}:{text}/{way.value}", Destination(name, port, way, protocol=protocol)
    yield f"{name}:*/{way.value}", Destination(name, None, way, protocol=None)


def _verdicts(destination: Destination, records: ByTarget, measured: Measured) -> dict[_Unit, Verdict]:
    found: dict[tuple[Vantage, str], list[Record]] = {}
    for target, word in measured.labels(destination).items():
        for record in records.get(target, ()):
            found.setdefault((record.vantage, word), []).append(record)
    verdicts: dict[_Unit, Verdict] = {}
    for same in found.values():
        verdict = best(same).judgement.verdict
        verdicts |= dict.fromkeys(map(_unit, same), verdict)
    return verdicts


def _chosen(truth: dict[_Unit, Verdict], candidates: list[_Line]) -> list[_Line]:
    """Few lines that say everything. The greedy choice: each time the line that says most of what is not yet said."""
    from heapq import heapify, heappop, heappush

    left = set(truth)
    heap = [(line.rank, number) for number, line in enumerate(candidates)]
    heapify(heap)
    chosen: list[_Line] = []
    while left and heap:
        _, number = heappop(heap)
        line = candidates[number]
        says = frozenset(line.says & left)
        if len(says) == len(line.says):
            chosen.append(line)
            left -= says
        elif says:  # others have said a part of it since
            candidates[number] = line._replace(says=says)
            heappush(heap, (candidates[number].rank, number))
    return chosen


def _written(lines: Iterable[_Line]) -> Iterator[str]:
    """In columns, by origin."""
    rows = sorted((_order(line.origin), line.origin, line.end, line.verdict.value) for line in lines)
    first = max((len(row[1]) for row in rows), default=0)
    second = max((len(row[2]) for row in rows), default=0)
    before = ""
    for _, origin, end, verdict in rows:
        if origin != before:
            yield "\n"
            before = origin
        yield f"{origin:<{first}}  {end:<{second}}  {verdict}\n"


def _order(origin: str) -> int:
    return {"client": 0, "host": 1, "*": 2}.get(origin, 3 if origin.startswith("@") else 4)


def _missing(result: Result) -> Iterator[str]:
    for record in result.records:
        if record.judgement.verdict in UNPROBED and record.target.kind is not Kind.PACKETS:
            why = " ".join(record.judgement.explanation.split())
            where = f" {record.target.label}" if record.target.port else ""
            yield f"# {place(record.vantage)}{where}: {why}\n"
