"""A whole command: list the containers, and --help."""

from __future__ import annotations

from collections.abc import Iterator

from ..cases import Case, Unit, whole_run
from ..goals import AIODOCKER, CLI, CURL, DOCKER_PY, at_most
from ..site import VENV, Site

OURS = "rawdock"
PYTHON = "python -c pass"


def cases(site: Site) -> Iterator[Case]:
    command, path = VENV / "bin" / "rawdock", "/containers/json"
    rounds = site.rounds(15, quick=5)
    for place, limit in ((site.unix, 1.5), (site.tls, 2.5)):
        listing = {
            OURS: site.program(place, command, "get", path, reads=whole_run(1)),
            CURL: site.program(place, "curl", "--silent", *place.curl, f"{place.url}/v1.41{path}", reads=whole_run(1)),
            CLI: site.program(place, "docker", "ps", reads=whole_run(1)),
        }
        for peer in (AIODOCKER, DOCKER_PY):
            listing[peer] = site.client(place, peer, "listing", reads=whole_run(1))
        goals = tuple(at_most(limit, OURS, CLI))
        yield Case("start", place.name, "list the containers", Unit.MILLISECONDS, rounds, listing, goals)
    helped = {
        name: site.program(site.unix, *words, reads=whole_run(1))
        for name, words in (
            (OURS, (command, "--help")),
            (CURL, ("curl", "--help")),
            (CLI, ("docker", "--help")),
            (PYTHON, (VENV / "bin" / "python", "-c", "pass")),
        )
    }
    yield Case(
        "start", site.unix.name, "--help", Unit.MILLISECONDS, rounds, helped, tuple(at_most(30 / 9, OURS, PYTHON))
    )
