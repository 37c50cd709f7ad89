"""What containers and the daemon are asked about themselves: logs, events, use of resources, processes. Source: docker/cli
command/container/{logs,stats,top}.go, command/system/events.go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..errors import UsageError
from ..request import Request, container_path
from . import Step
from .filters import filters
from .times import since_and_until


def logs(
    name: str,
    *,
    now: float,
    follow: bool = False,
    since: str = "",
    until: str = "",
    timestamps: bool = False,
    details: bool = False,
    tail: str = "all",
) -> list[Step]:
    """`now`: seconds since 1970. Raises UsageError."""
    if tail != "all" and not tail.removeprefix("-").isdecimal():
        raise UsageError(f"--tail {tail!r} is no number of lines", "write one, or all")
    switches = {"follow": follow, "timestamps": timestamps, "details": details}
    chosen = tuple((switch, "1") for switch, wanted in switches.items() if wanted)
    count = "all" if tail.startswith("-") else tail
    query = (("stdout", "1"), ("stderr", "1"), *chosen, ("tail", count), *since_and_until(since, until, now))
    return [Step(Request("GET", container_path(name, "/logs"), query), answer="frames")]


def events(*, now: float, since: str, until: str, wanted: Iterable[str]) -> list[Step]:
    query = (*since_and_until(since, until, now), *filters(wanted))
    return [Step(Request("GET", "/events", query), answer="documents")]


def stats(names: Iterable[str], *, stream: bool) -> list[Step]:
    """A step a name. Without `stream` there is one document, whose figures of the second before give the use of the CPU."""
    query = (("stream", "1" if stream else "0"),)
    return [Step(Request("GET", container_path(name, "/stats"), query), answer="documents") for name in names]


def top(name: str, ps: Sequence[str]) -> list[Step]:
    """`ps`: words for ps(1) on the daemon's host."""
    query = (("ps_args", " ".join(ps)),) if ps else ()
    return [Step(Request("GET", container_path(name, "/top"), query))]
