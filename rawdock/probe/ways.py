"""The ways to a container's network, the best first. Where the daemon refuses one, the next is used, and that is said."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from ..client import SyncClient
from .helper import Helper
from .inventory import Container
from .prober import Prober


class Way(Enum):
    """The values are the words of --helper."""

    SANDBOX = "sandbox"
    CONTAINER = "container"
    EXEC = "exec"
    NONE = "none"


ALL = tuple(Way)

NAMES = {
    Way.SANDBOX: "the one helper container for all networks",
    Way.CONTAINER: "a helper container in each container's network",
    Way.EXEC: "processes of ours in the containers",
}
INSTEAD = {
    Way.CONTAINER: "a helper in each container's network is used, without any capability; it sees the same, but takes longer",
    Way.EXEC: "python3 or sh is run in the containers; that sees nothing from the daemon's host, from paused containers and "
    "from those without either, and sh does not see who sent an ICMP error",
    Way.NONE: "only this machine asks; what lies inside is inferred from the API",
}


def prober(
    way: Way, client: SyncClient, architecture: str, containers: Sequence[Container], helper: type[Helper] = Helper
) -> Prober:
    """`containers`: those that have a network namespace of their own; `helper`: what goes the first way. Raises ValueError for
    Way.NONE."""
    if way is Way.SANDBOX:
        return helper(client, architecture, [container.sandbox for container in containers])
    if way is Way.CONTAINER:
        from .container_helpers import ContainerHelpers

        return ContainerHelpers(client, architecture, containers)
    if way is Way.EXEC:
        from .execs import Execs

        return Execs(client, containers)
    raise ValueError(way)


def fallback(way: Way, following: Way, why: str) -> str:
    """The sentence that is said where a way was refused."""
    return f"the daemon refused {NAMES[way]} ({why}): {INSTEAD[following]}"
