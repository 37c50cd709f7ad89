"""From the daemon's stamp on an event to its reader, while containers are created."""

from __future__ import annotations

from collections.abc import Iterator

from ..cases import Case, Unit
from ..goals import AIODOCKER, ASYNC, CLI, CURL, DOCKER_PY, SYNC, at_most
from ..site import Site


def cases(site: Site) -> Iterator[Case]:
    """Our clients, docker-py and aiodocker have the decoded event; curl's and the docker CLI's reader, a script, has it when
    the line has come through a pipe and was decoded."""
    count = 30 if site.quick else 100
    runs = {
        peer: site.client(site.unix, peer, "events", count, expect=count)
        for peer in (SYNC, ASYNC, AIODOCKER, DOCKER_PY)
    }
    url = "http://localhost/v1.41/events?filters=%7B%22event%22%3A%5B%22create%22%5D%7D"
    curl = ("curl", "--silent", "--no-buffer", *site.unix.curl, url)
    cli = ("docker", "events", "--filter", "event=create", "--format", "{{json .}}")
    runs[CURL] = site.client(site.unix, "pipe.py", "events", count, *curl, expect=count)
    runs[CLI] = site.client(site.unix, "pipe.py", "events", count, *cli, expect=count)
    goals = [*at_most(1.1, SYNC, CURL), *at_most(1.1, ASYNC, CURL)]
    yield Case(
        "events",
        site.unix.name,
        "event to reader",
        Unit.MICROSECONDS,
        site.rounds(3),
        runs,
        tuple(goals),
        beside=site.create_containers,
    )
