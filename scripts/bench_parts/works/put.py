"""An archive of 200 MB into a container, and the load of an image, each from a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..cases import Case, Run, Unit, whole_run
from ..goals import AIODOCKER, ASYNC, CLI, CURL, DOCKER_PY, SYNC, at_most, lean
from ..site import Place, Site

PATHS = {"put": "/v1.41/containers/target/archive?path=/tmp", "load": "/v1.41/images/load?quiet=1"}


def cases(site: Site) -> Iterator[Case]:
    """The lab's daemon has no plain TCP, so that is the canned server's, which throws away what comes."""
    for place in (site.unix, site.tls, site.canned, site.canned_tcp):
        for kind in PATHS:
            if place in (site.canned, site.canned_tcp) and kind == "load":
                continue  # a body is a body there
            limit = 1.05 if place is site.tls else 0.9
            goals = [*at_most(limit, SYNC, CURL), *at_most(limit, ASYNC, CURL), *lean(SYNC, ASYNC)]
            title = f"{'archive put' if kind == 'put' else 'image load'} of {size_of(site, kind) // 1_000_000} MB from a file"
            yield Case("put", place.name, title, Unit.RATE, site.rounds(3), runs_of(site, place, kind), tuple(goals))


def runs_of(site: Site, place: Place, kind: str) -> dict[str, Run]:
    file, size = file_of(site, kind), size_of(site, kind)
    runs: dict[str, Run] = {
        peer: site.client(place, peer, "send", kind, file, expect=size) for peer in (SYNC, ASYNC, AIODOCKER, DOCKER_PY)
    }
    words = ("--request", "PUT" if kind == "put" else "POST", "--header", "Content-Type: application/x-tar")
    runs[CURL] = site.curl(
        place, PATHS[kind], "--output", "/dev/null", *words, "--upload-file", file, counts="upload", expect=size
    )
    if place in (site.unix, site.tls):
        argv = ("cp", "-", "target:/tmp") if kind == "put" else ("load", "--quiet")
        runs[CLI] = site.program(
            place, "docker", *argv, reads=whole_run(size), stdin=file, stdout=site.nowhere, expect=size
        )
    return runs


def file_of(site: Site, kind: str) -> Path:
    return site.stock.tar if kind == "put" else site.stock.image


def size_of(site: Site, kind: str) -> int:
    return file_of(site, kind).stat().st_size
