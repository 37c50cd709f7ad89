"""A whole command: list the containers, and --help."""

from __future__ import annotations

from collections.abc import Iterator

from ..cases import Case, Run, Unit, whole_run
from ..goals import AIODOCKER, CLI, CURL, DOCKER_PY
from ..site import VENV, Site

OURS = "rawdock"


def cases(site: Site) -> Iterator[Case]:
    command, path = VENV / "bin" / "rawdock", "/containers/json"

    def run(*words: object) -> Run:
        return site.program(site.unix, *words, reads=whole_run(1))

    listing = {
        OURS: run(command, "get", path),
        CURL: run("curl", "--silent", *site.unix.curl, f"{site.unix.url}/v1.41{path}"),
        CLI: run("docker", "ps"),
    }
    for peer in (AIODOCKER, DOCKER_PY):
        listing[peer] = site.client(site.unix, peer, "listing", reads=whole_run(1))
    helped = {OURS: run(command, "--help"), CURL: run("curl", "--help"), CLI: run("docker", "--help")}
    rounds = site.rounds(15, quick=5)
    for title, runs in (("list the containers", listing), ("--help", helped)):
        yield Case("start", site.unix.name, title, Unit.MILLISECONDS, rounds, runs)
