"""GET /_ping on one kept connection, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from ..cases import Case, Done, Run, Unit
from ..goals import AIODOCKER, ASYNC, BARE, BARE_ASYNC, CURL, DOCKER_PY, GO, SYNC, at_most
from ..site import Place, Site


def cases(site: Site) -> Iterator[Case]:
    count = 500 if site.quick else 2000
    for place in (site.canned, site.unix, site.tls):
        runs = {
            peer: site.client(place, peer, "requests", "/_ping", number, expect=2 * number)
            for peer, number in (
                (SYNC, count),
                (ASYNC, count),
                (AIODOCKER, count),
                (DOCKER_PY, count // 3),
            )
        }
        runs[GO] = site.program(place, site.go, "/_ping", count, 1, expect=2 * count)
        runs[CURL] = curl(site, place, count)
        for peer, way in ((BARE, "blocking"), (BARE_ASYNC, "watched")):
            runs[peer] = site.client(place, "bare.py", way, "/_ping", count, expect=2 * count)
        goals = [*at_most(0.9, ASYNC, GO), *at_most(0.6, ASYNC, AIODOCKER), *at_most(0.6, SYNC, GO)]
        yield Case(
            "ping",
            place.name,
            "GET /_ping on a kept connection",
            Unit.MICROSECONDS,
            site.rounds(5, quick=2),
            runs,
            tuple(goals),
        )


def curl(site: Site, place: Place, count: int) -> Run:
    """Many URLs, one process; its start is counted in."""
    words = ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{size_download}\n", *place.curl]
    return site.program(
        place,
        *words,
        f"{place.url}/_ping?[1-{count}]",
        reads=lambda stdout, wall: Done(wall, count, sum(map(int, stdout.split()))),
        expect=2 * count,
    )
