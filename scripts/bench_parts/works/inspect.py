"""1,000 inspects of a container, 50 at a time."""

from __future__ import annotations

from collections.abc import Iterator

from ..cases import Case, Unit
from ..goals import AIODOCKER, ASYNC, DOCKER_PY, GO, at_most
from ..site import Site

COUNT, AT_ONCE = 1000, 50


def cases(site: Site) -> Iterator[Case]:
    path = "/containers/web/json"
    for place in (site.canned, site.unix, site.tls):
        runs = {
            peer: site.client(place, peer, "requests", path, COUNT, AT_ONCE) for peer in (ASYNC, AIODOCKER, DOCKER_PY)
        }
        runs[GO] = site.program(place, site.go, f"/v1.41{path}", COUNT, AT_ONCE)
        goals = [*at_most(1.1, ASYNC, GO), *at_most(0.5, ASYNC, AIODOCKER)]
        yield Case(
            "inspect",
            place.name,
            "1,000 inspects, 50 at a time",
            Unit.MILLISECONDS,
            site.rounds(5),
            runs,
            tuple(goals),
            scale=COUNT,
            same_bytes=True,
        )
