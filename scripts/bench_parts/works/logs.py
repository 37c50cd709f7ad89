"""A container's logs, demultiplexed (curl: not), of 16 KiB frames and of lines of 20 bytes."""

from __future__ import annotations

from collections.abc import Iterator

from ..canned import LINE, LONG_FRAME, logs, wire_size
from ..cases import Case, Run, Unit, whole_run
from ..goals import AIODOCKER, ASYNC, CLI, CLI_PIPED, CURL, DOCKER_PY, SYNC, Goal, at_least, lean
from ..site import Place, Site

MB = 1_000_000


def cases(site: Site) -> Iterator[Case]:
    """The docker CLI twice: into /dev/null, its best case, which gives nobody the lines; and through a pipe into a program,
    which then has them in its hands as the others do. The goals are beside the latter."""
    ours = (SYNC, ASYNC)
    bound = [goal for name in ours for goal in at_least(0.95, name, CURL)]
    for name, payload, each in (("long", site.stock.long, LONG_FRAME), ("short", site.stock.short, len(LINE))):
        runs = {
            peer: read(site, site.unix, peer, name, payload, each)
            for peer in (*ours, CURL, CLI, CLI_PIPED, AIODOCKER, DOCKER_PY)
        }
        title = f"logs of {'16 KiB frames' if name == 'long' else '20-byte lines'}, {payload // MB} MB"
        yield Case("logs", site.unix.name, title, Unit.RATE, site.rounds(2), runs, (*bound, *lean(*ours)))
    size = 50 if site.quick else 500
    yield from canned(site, "long", size, size, LONG_FRAME)
    yield from canned(site, "short", 20 if site.quick else 100, 5 if site.quick else 20, len(LINE))


def canned(site: Site, kind: str, most: int, slow: int, each: int) -> Iterator[Case]:
    """most, slow: megabytes, for the fast clients and for those that take a second for each 5."""
    sizes = {SYNC: most, ASYNC: most, CURL: most, CLI: most, CLI_PIPED: slow, AIODOCKER: slow, DOCKER_PY: slow}
    runs = {}
    for peer, size in sizes.items():
        name = f"{kind}-{size}"
        runs[peer] = read(site, site.canned, peer, name, logs(name)[1], each)
    goals: list[Goal] = []
    for name in (SYNC, ASYNC):
        beside_cli, beside_aiodocker = (1, 6) if kind == "short" else (6, 2)
        goals += [*at_least(beside_cli, name, CLI_PIPED), *at_least(beside_aiodocker, name, AIODOCKER), *lean(name)]
    title = f"logs of {'16 KiB frames' if kind == 'long' else '20-byte lines'}, {most} MB"
    if slow != most:
        title += f" ({AIODOCKER}, {DOCKER_PY}, {CLI_PIPED}: {slow} MB)"
    yield Case("logs", site.canned.name, title, Unit.RATE, site.rounds(2), runs, tuple(goals))


def read(site: Site, place: Place, peer: str, name: str, payload: int, each: int) -> Run:
    if peer == CURL:
        path = f"/v1.41/containers/{name}/logs?stdout=1&stderr=1"
        wire = wire_size(payload, each) + (payload % each + 8 if payload % each else 0)
        return site.curl(place, path, "--output", "/dev/null", payload=payload, expect=wire)
    if peer == CLI:
        return site.program(
            place, "docker", "logs", name, reads=whole_run(payload), stdout=site.nowhere, expect=payload
        )
    if peer == CLI_PIPED:
        return site.client(place, "pipe.py", "drain", "docker", "logs", name, expect=payload)
    return site.client(place, peer, "logs", name, expect=payload)
