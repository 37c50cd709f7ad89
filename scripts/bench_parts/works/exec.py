"""A line through an exec of cat and back."""

from __future__ import annotations

from collections.abc import Iterator

from ..cases import Case, Unit
from ..goals import AIODOCKER, ASYNC, CLI, DOCKER_PY, SYNC, at_most
from ..site import Site


def cases(site: Site) -> Iterator[Case]:
    count = 300 if site.quick else 2000
    runs = {
        peer: site.client(site.unix, peer, "echo", "web", count, expect=5 * count)
        for peer in (SYNC, ASYNC, AIODOCKER, DOCKER_PY)
    }
    words = ("docker", "exec", "-i", "web", "cat")
    runs[CLI] = site.client(site.unix, "pipe.py", "echo", count, *words, expect=5 * count)
    goals = [*at_most(1, SYNC, CLI), *at_most(1, ASYNC, CLI)]
    yield Case("exec", site.unix.name, "echo through an exec", Unit.MICROSECONDS, site.rounds(5), runs, tuple(goals))
