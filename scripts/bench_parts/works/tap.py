"""What `rawdock tap` costs: /_ping, archives of 200 MB, 200 connections at once; its memory is that of the larger of the two,
tap and client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..cases import Case, Run, Unit
from ..goals import AIODOCKER, DOCKER_PY, GO, SYNC, Goal, at_least, at_most, lean
from ..site import VENV, Site

MEMORY = 50  # MiB
TAPPED, RECORDED = ", tapped", ", tapped with --har"


def cases(site: Site) -> Iterator[Case]:
    yield pings(site)
    yield archives(site)
    yield many(site)


def pings(site: Site) -> Case:
    count = 500 if site.quick else 2000
    runs = {GO: site.program(site.unix, site.go, "/_ping", count, 1, expect=2 * count)}
    for peer, number in ((SYNC, count), (AIODOCKER, count), (DOCKER_PY, count // 3)):
        runs[peer] = site.client(site.unix, peer, "requests", "/_ping", number, expect=2 * number)
    goals = [goal for peer in runs for goal in at_most(1.3, peer + TAPPED, peer)]
    title = "GET /_ping on a kept connection"
    return Case("tap", site.unix.name, title, Unit.MICROSECONDS, site.rounds(7), both(site, runs), tuple(goals))


def archives(site: Site) -> Case:
    into = site.folder / "got"
    runs = {SYNC: site.client(site.unix, SYNC, "fetch", "archive", "big", into, writes=into)}
    title = f"archive get of {site.stock.tar.stat().st_size // 1_000_000} MB to a file"
    goals = [*at_least(0.8, SYNC + TAPPED, SYNC), *lean(SYNC + TAPPED, SYNC + RECORDED, limit=MEMORY)]
    return Case(
        "tap", site.unix.name, title, Unit.RATE, site.rounds(5), both(site, runs), tuple(goals), same_bytes=True
    )


def many(site: Site) -> Case:
    count, at_once = 4000, 200
    runs = {GO: site.program(site.unix, site.go, "/_ping", count, at_once, expect=2 * count)}
    title = f"{count} GET /_ping over {at_once} connections at once"
    goals: tuple[Goal, ...] = tuple(lean(GO + TAPPED, GO + RECORDED, limit=MEMORY))
    return Case("tap", site.unix.name, title, Unit.MICROSECONDS, site.rounds(3), both(site, runs), goals)


def both(site: Site, runs: dict[str, Run]) -> dict[str, Run]:
    """Each as it is and through the tap, and the first recorded as well."""
    found: dict[str, Run] = {}
    for place, (name, run) in enumerate(runs.items()):
        found |= {name: run, name + TAPPED: tapped(run)}
        if not place:
            found[name + RECORDED] = tapped(run, "--har", str(site.folder / "tap.har"))
    return found


def tapped(run: Run, *options: str) -> Run:
    return replace(run, words=(str(VENV / "bin" / "rawdock"), "tap", "-o", "/dev/null", *options, "--", *run.words))
