"""A file of 200 MB out of a container, its export, and a saved image, each to a file."""

from __future__ import annotations

from collections.abc import Iterator

from ..cases import Case, Run, Unit, whole_run
from ..goals import AIODOCKER, ASYNC, CLI, CURL, DOCKER_PY, SYNC, at_most, lean
from ..site import Site
from ..stock import BIG

PATHS = {
    "archive": "/v1.41/containers/big/archive?path=/big",
    "export": "/v1.41/containers/big/export",
    "save": f"/v1.41/images/{BIG}/get",
}
TITLES = {"archive": "archive get", "export": "export", "save": "image save"}


def cases(site: Site) -> Iterator[Case]:
    into = site.folder / "got"
    for kind, path in PATHS.items():
        name = BIG if kind == "save" else "big"
        runs: dict[str, Run] = {
            peer: site.client(site.unix, peer, "fetch", kind, name, into, writes=into)
            for peer in (SYNC, ASYNC, AIODOCKER, DOCKER_PY)
        }
        runs[CURL] = site.curl(site.unix, path, "--output", into, writes=into)
        words = {
            "archive": ("cp", "big:/big", "-"),
            "export": ("export", "big"),
            "save": ("save", BIG),
        }[kind]
        size = site.stock.tar.stat().st_size
        runs[CLI] = site.program(site.unix, "docker", *words, reads=whole_run(size), stdout=into, writes=into)
        goals = [*at_most(1.0, SYNC, CURL), *at_most(1.0, ASYNC, CURL), *lean(SYNC, ASYNC)]
        title = f"{TITLES[kind]} of {size // 1_000_000} MB to a file"
        yield Case("get", site.unix.name, title, Unit.RATE, site.rounds(3), runs, tuple(goals), same_bytes=True)
