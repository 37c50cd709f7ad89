"""What a probe found, for people (a table and a few lines in short) and for machines (a JSON record a probe)."""

from __future__ import annotations

import errno
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from .matrix import Record, Result
from .target import Kind, Place
from .verdict import ANSWERED, Verdict

_VERDICT_WIDTH = max(len(verdict.value) for verdict in Verdict)
_TARGET_WIDTH = 36


def json_record(record: Record) -> dict[str, Any]:
    """One probe as a flat JSON object: names in docs/probe.md."""
    target, seen, judgement = record.target, record.seen, record.judgement
    icmp = seen.icmp
    return {
        "vantage": record.vantage.label,
        "target": target.socket if target.port else None,
        "kind": target.kind.value,
        "container": target.container,
        "container_port": target.container_port,
        "network": target.network,
        "name": target.name,
        "verdict": judgement.verdict.value,
        "explanation": judgement.explanation,
        "remedy": judgement.remedy,
        "certainty": "measured" if judgement.measured else "inferred",
        "errno": errno.errorcode.get(seen.errno, str(seen.errno)) if seen.errno else None,
        "icmp": icmp and {"type": icmp.type, "code": icmp.code, "from": icmp.offender, "mtu": icmp.mtu},
        "milliseconds": round(seen.milliseconds, 3),
        "passes": record.passes,
    }


def table(records: Sequence[Record], width: int) -> Iterator[tuple[Verdict | None, str]]:
    """Lines of text with the verdict that colours them (None: a heading). Targets of one vantage that got the same verdict
    and the same sentence share an entry."""
    for vantage, group in groupby(records, key=lambda record: record.vantage):
        what = {Place.CLIENT: "the client, this machine", Place.HOST: "the daemon's host"}
        yield None, f"from {what.get(vantage.place, f'container {vantage.label}')}"
        merged: dict[tuple[Verdict, str, str], list[Record]] = {}
        for record in group:
            judgement = record.judgement
            merged.setdefault((judgement.verdict, judgement.explanation, judgement.remedy), []).append(record)
        for (verdict, explanation, remedy), entries in merged.items():
            yield from ((verdict, line) for line in _entry(verdict, explanation, remedy, entries, width))
        yield None, ""


def _entry(verdict: Verdict, explanation: str, remedy: str, entries: list[Record], width: int) -> Iterator[str]:
    labels = [entry.target.label for entry in entries if entry.target.port]
    slowest = max(entry.seen.milliseconds for entry in entries)
    text = explanation + (f" → {remedy}" if remedy else "")
    why = textwrap.wrap(text, max(30, width - _VERDICT_WIDTH - _TARGET_WIDTH - 16), break_on_hyphens=False)
    took = f"{slowest:.1f} ms" if slowest else ""
    for row in range(max(len(labels), len(why), 1)):
        first = verdict.value if row == 0 else ""
        label = labels[row] if row < len(labels) else ""
        words = why[row] if row < len(why) else ""
        time = took if row == 0 else ""
        yield f"  {first:<{_VERDICT_WIDTH}}  {label:<{_TARGET_WIDTH}}  {time:>9}  {words}".rstrip()


def in_short(result: Result) -> Iterator[str]:
    """The answers that people come for, a line each, from the records alone."""
    client = [record for record in result.records if record.vantage.place is Place.CLIENT]
    inside = [record for record in result.records if record.vantage.place is Place.CONTAINER]
    yield from _published(record for record in client if record.target.kind is Kind.PUBLISHED)
    yield from _counted("container addresses from this machine", [r for r in client if r.target.kind is Kind.CONTAINER])
    yield from _counted("containers to their gateway", [r for r in inside if r.target.kind is Kind.GATEWAY])
    near, far = [], []
    for record in inside:
        if record.target.kind is Kind.CONTAINER and record.target.port:
            here = result.inventory.named(record.vantage.container)
            (near if here and here.on(record.target.network or "") else far).append(record)
    yield from _counted("containers to each other on one network", near)
    yield from _counted("containers to each other across networks", far)
    yield from _counted("containers to each other by name", [r for r in inside if r.target.kind is Kind.NAME])


def _published(records: Iterable[Record]) -> Iterator[str]:
    answered: dict[str, list[bool]] = {}
    for record in records:
        answered.setdefault(record.target.address, []).append(record.judgement.verdict in ANSWERED - {Verdict.REFUSED})
    yes = [f"{address} ({sum(hits)} of {len(hits)})" for address, hits in answered.items() if any(hits)]
    no = [address for address, hits in answered.items() if not any(hits)]
    if answered:
        silent = f"; not on {', '.join(no)}" if no else ""
        yield f"published ports answer on {', '.join(yes) or 'no address that was tried'}{silent}"


def _counted(what: str, records: list[Record]) -> Iterator[str]:
    """ "WHAT: 3 of 5 answer (2 open, 1 refused; 2 filtered)"."""
    if not records:
        return
    counts: dict[Verdict, int] = {}
    for record in records:
        counts[record.judgement.verdict] = counts.get(record.judgement.verdict, 0) + 1
    answered = sum(count for verdict, count in counts.items() if verdict in ANSWERED)
    parts = [f"{counts[verdict]} {verdict.value}" for verdict in Verdict if verdict in counts]
    yield f"{what}: {answered} of {len(records)} answer ({', '.join(parts)})"
