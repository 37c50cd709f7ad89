"""httpx over rawdock's transport and over its own."""

from __future__ import annotations

from collections.abc import Iterator

from ..cases import Case, Unit
from ..goals import HTTPX_OURS, HTTPX_OWN, at_most
from ..site import Site


def cases(site: Site) -> Iterator[Case]:
    """At 50 at a time in two ways: 1,000 asked for at once over 50 connections, where httpx's own pool looks through all that
    wait for each that ends, and 50 workers, where nothing waits."""
    count = 300 if site.quick else 1000
    for place in (site.canned, site.unix):
        for title, at_once, how, limit in (
            ("GET /_ping, one after the other", 1, "workers", 0.4),
            (f"{count} GET /_ping asked for at once, over 50 connections", 50, "crowd", 0.1),
            (f"{count} GET /_ping by 50 workers", 50, "workers", 0.1),
        ):
            runs = {
                name: site.client(
                    place, "httpx_client.py", "requests", whose, "/_ping", count, at_once, how, expect=2 * count
                )
                for name, whose in ((HTTPX_OURS, "ours"), (HTTPX_OWN, "own"))
            }
            goals = at_most(limit, HTTPX_OURS, HTTPX_OWN)
            yield Case("httpx", place.name, title, Unit.MICROSECONDS, site.rounds(3), runs, tuple(goals))
