"""`docker inspect`: what a name may be of, and where the daemon says all that it knows. Source: docker/cli
command/system/inspect.go."""

from __future__ import annotations

from ..request import Request, container_path, quoted
from . import Step

PATHS = {  # in the order in which a name is looked for
    "container": "/containers/{}/json",
    "image": "/images/{}/json",
    "network": "/networks/{}",
    "volume": "/volumes/{}",
    "service": "/services/{}",
    "task": "/tasks/{}",
    "node": "/nodes/{}",
    "plugin": "/plugins/{}/json",
    "secret": "/secrets/{}",
    "config": "/configs/{}",
}


def inspect(kind: str, name: str, *, size: bool = False) -> Step:
    """`kind`: a name in PATHS. `size`: of a container's files."""
    query: tuple[tuple[str, str], ...] = ()
    if kind == "container" and size:
        query = (("size", "1"),)
    if kind == "service":
        query = (("insertDefaults", "true"),)
    if kind == "container":
        return Step(Request("GET", container_path(name, "/json"), query))
    return Step(Request("GET", PATHS[kind].format(quoted(name)), query))
