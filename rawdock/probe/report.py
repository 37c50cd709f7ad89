"""What a probe found, for people (a table and a few lines in short) and for machines (a JSON record a probe)."""

from __future__ import annotations

import errno
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import Any

from .record import Record, Result
from .target import Kind, Place
from .topology import Topology
from .verdict import Verdict


def json_record(record: Record) -> dict[str, Any]:
    """One probe as a flat JSON object: names in docs/probe.md."""
    target, seen, judgement = record.target, record.seen, record.judgement
    icmp = seen.icmp
    return {
        "vantage": record.vantage.label,
        "target": target.socket if target.address else None,
        "protocol": target.protocol.value,
        "kind": target.kind.value,
        "container": target.container,
        "container_port": target.container_port,
        "network": target.network,
        "name": target.name,
        "node": target.node,
        "verdict": judgement.verdict.value,
        "expected": record.expected and record.expected.value,
        "explanation": judgement.explanation,
        "remedy": judgement.remedy,
        "certainty": judgement.certainty,
        "outcome": seen.outcome.value,
        "errno": errno.errorcode.get(seen.errno, str(seen.errno)) if seen.errno else None,
        "icmp": icmp and {"type": icmp.type, "code": icmp.code, "from": icmp.offender, "mtu": icmp.mtu},
        "milliseconds": round(seen.milliseconds, 3),
        "passes": record.passes,
    }


def with_expected(record: Record) -> str:
    """The explanation, and where the verdict is none of Docker's making, the one that would have been."""
    said = record.judgement.explanation
    return f"{said} (by Docker's own rules: {record.expected.value})" if record.differs and record.expected else said


def json_topology(topology: Topology) -> dict[str, Any]:
    """What stands before the records: names in docs/probe.md."""
    return {
        "kind": "topology",
        "topology": topology.what.value,
        "client": topology.where.value,
        "title": topology.title,
        "evidence": [evidence._asdict() for evidence in topology.evidence],
        "published": topology.published,
        "addresses": topology.addresses,
        "to_this_machine": topology.to_host,
        "further": dict(topology.further),
    }


def topology_lines(topology: Topology, width: int) -> Iterator[str]:
    """What it is, what follows from it, and how that was found out."""
    yield topology.title
    heading_width = max(len(heading) for heading, _ in topology.consequences)
    for heading, sentence in topology.consequences:
        yield from _hanging(f"  {heading:<{heading_width}}  ", sentence, width)
    for number, evidence in enumerate(topology.evidence):
        heading = "because" if number == 0 else "and"
        yield from _hanging(f"  {heading:<{heading_width}}  ", f"{evidence.fact}: {evidence.meaning}", width)


def _hanging(head: str, sentence: str, width: int) -> list[str]:
    indent = head if width - len(head) >= _NARROW else "    "
    wide = max(width, len(indent) + _NARROW)
    return textwrap.wrap(
        sentence if indent == head else f"{head.strip()}: {sentence}",
        wide,
        initial_indent=indent if indent == head else "  ",
        subsequent_indent=" " * len(indent),
        break_on_hyphens=False,
    )


@dataclass(frozen=True)
class Entry:
    """Targets of one vantage that got the same verdict and the same sentence. `milliseconds` is the slowest one's."""

    verdict: Verdict
    explanation: str
    targets: tuple[str, ...]
    milliseconds: float


def entries(records: Sequence[Record]) -> Iterator[tuple[str, list[Entry]]]:
    """Each vantage's heading with its entries, the best verdicts first."""
    for vantage, group in groupby(records, key=lambda record: record.vantage):
        merged: dict[tuple[Verdict, str], list[Record]] = {}
        for record in group:
            merged.setdefault((record.judgement.verdict, with_expected(record)), []).append(record)
        found = [
            Entry(
                verdict,
                short(explanation),
                tuple(short(record.target.label) for record in same if record.target.address),
                max(record.seen.milliseconds for record in same),
            )
            for (verdict, explanation), same in merged.items()
        ]
        order = list(Verdict)
        yield (
            _HEADINGS.get(vantage.place, f"from container {short(vantage.phrase)}"),
            sorted(found, key=lambda entry: order.index(entry.verdict)),
        )


_SWARM_ID = re.compile(r"\.([0-9a-z]{5})[0-9a-z]{20}\b")


def short(text: str) -> str:
    """With the IDs of a swarm's nodes and tasks, 25 characters each, cut: "web.1.x2bq7…"."""
    return _SWARM_ID.sub(r".\1…", text)


_HEADINGS = {Place.CLIENT: "from this machine", Place.HOST: "from the daemon's host"}


def table(records: Sequence[Record], width: int) -> Iterator[tuple[Verdict | None, str]]:
    """Lines of at most `width` columns where that can be, each with the verdict that colours it (None: a heading)."""
    groups = list(entries(records))
    everything = [entry for _, found in groups for entry in found]
    verdicts = max((len(entry.verdict.value) for entry in everything), default=0)
    targets = max((len(target) for entry in everything for target in entry.targets), default=0)
    indent = 2 + verdicts + 2 + targets + 2 + 9 + 2
    for number, (heading, found) in enumerate(groups):
        if number:
            yield None, ""
        yield None, heading
        for entry in found:
            if width - indent < _NARROW:
                yield from ((entry.verdict, line) for line in _narrow(entry, verdicts, targets, width))
                continue
            words = textwrap.wrap(entry.explanation, width - indent, break_on_hyphens=False)
            took = f"{entry.milliseconds:.1f} ms" if entry.milliseconds else ""
            rows = zip_longest([entry.verdict.value], entry.targets, [took], words, fillvalue="")
            for verdict, target, time, why in rows:
                yield entry.verdict, f"  {verdict:<{verdicts}}  {target:<{targets}}  {time:>9}  {why}".rstrip()


_NARROW = 30  # columns; a sentence with less room beside its targets goes below them


def _narrow(entry: Entry, verdicts: int, targets: int, width: int) -> Iterator[str]:
    indent = " " * 4
    if 4 + verdicts + targets > width:
        yield from (f"  {entry.verdict.value}", *(f"{indent}{target}" for target in entry.targets))
        indent = " " * 6
    else:
        for verdict, target in zip_longest([entry.verdict.value], entry.targets, fillvalue=""):
            yield f"  {verdict:<{verdicts}}  {target}".rstrip()
    yield from textwrap.wrap(entry.explanation, max(20, width), initial_indent=indent, subsequent_indent=indent)


def remedies(records: Iterable[Record], width: int) -> Iterator[str]:
    """What to do, each once, and below it why. That networks are kept apart is Docker's design and needs no cure."""
    reasons: dict[str, str] = {}
    for record in records:
        judgement = record.judgement
        apart = judgement.verdict in (Verdict.FILTERED, Verdict.NOT_SENT, Verdict.NAME_OTHER_NETWORK)
        of_container = record.target.kind in (Kind.CONTAINER, Kind.NAME) and not record.target.node
        by_design = apart and of_container and record.vantage.place is Place.CONTAINER
        if judgement.remedy and not by_design:
            reasons.setdefault(short(judgement.remedy), short(judgement.explanation))
    for remedy, reason in reasons.items():
        yield remedy
        yield from textwrap.wrap(reason, max(30, width - 6), initial_indent="    ", subsequent_indent="    ")


def in_short(result: Result) -> Iterator[str]:
    """The answers that people come for, a line each, from the records alone."""
    known = [record for record in result.records if record.expected]
    different = sum(record.differs for record in known)
    if different:
        yield f"other than Docker's own rules would have it: {different} of {len(known)}"
    client = [record for record in result.records if record.vantage.place is Place.CLIENT]
    inside = [record for record in result.records if record.vantage.place is Place.CONTAINER]
    yield from _published(record for record in client if record.target.kind is Kind.PUBLISHED)
    yield from _counted("container addresses from this machine", [r for r in client if r.target.kind is Kind.CONTAINER])
    yield from _counted("containers to this machine", [r for r in inside if r.target.kind is Kind.CLIENT])
    yield from _counted("containers to their gateway", [r for r in inside if r.target.kind is Kind.GATEWAY])
    near: list[Record] = []
    far: list[Record] = []
    for record in inside:
        if record.target.kind is Kind.CONTAINER and record.target.address:
            here = result.inventory.named(record.vantage.container)
            (near if here and here.on(record.target.network or "") else far).append(record)
    yield from _counted("containers to each other on one network", near)
    yield from _counted("containers to each other across networks", far)
    yield from _counted("containers to each other by name", [r for r in inside if r.target.kind is Kind.NAME])
    yield from _counted("large packets", [record for record in result.records if record.target.kind is Kind.PACKETS])


def _published(records: Iterable[Record]) -> Iterator[str]:
    by_address: dict[str, list[Record]] = {}
    for record in records:
        by_address.setdefault(record.target.address, []).append(record)
    for address, found in by_address.items():
        yield from _counted(f"published ports on {address}", found)


def _counted(what: str, records: list[Record]) -> Iterator[str]:
    """ "WHAT: 2 open, 1 refused, 2 filtered"."""
    found = [record.judgement.verdict for record in records]
    if found:
        yield f"{what}: {', '.join(f'{found.count(verdict)} {verdict.value}' for verdict in Verdict if verdict in found)}"
