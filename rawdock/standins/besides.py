"""What the docker CLI asks for its own sake beside the calls that do a command's work: seen by the tap from 20.10 and 28.2.

The stand-ins do without, so `rawdock explain` tells these apart. Source: docker/cli command/container/{exec,logs,run}.go,
command/network/remove.go; tests/test_explain_lab.py compares with both CLIs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..catalogue.operations import operation_of
from ..request import Request
from . import Step


class Beside(NamedTuple):
    """`place`: the number of the step, from 1, before which it is made; after the last, one more than there are."""

    place: int
    request: Request
    why: str


def besides(steps: Sequence[Step]) -> Iterator[Beside]:
    """In the order in which they are made."""
    yield Beside(1, Request("HEAD", "/_ping"), "which API version the daemon speaks")
    operations = [_operation(step) for step in steps]
    for place, (step, operation) in enumerate(zip(steps, operations, strict=True), 1):
        if operation == "ContainerExec":
            yield Beside(place, _of(step, "/exec", "/json"), "whether there is such a container")
        elif operation == "ContainerLogs":
            yield Beside(place, _of(step, "/logs", "/json"), "whether it has a TTY, and so no frames")
        elif operation == "NetworkDelete":
            yield Beside(place, Request("GET", step.request.path), "whether it is the swarm's own, then you are asked")
        elif operation == "ContainerStart" and operations == ["ContainerCreate", "ContainerStart"]:
            host = b'"AutoRemove":true' in (steps[0].request.body or b"")
            query = (("condition", "removed" if host else "next-exit"),)
            yield Beside(place, _of(step, "/start", "/wait")._replace(query=query), "left alone, as nobody waits")
        elif operation == "ExecStart" and step.answer == "hijack":
            yield Beside(place + 1, Request("GET", "/exec/{exec}/json"), "its exit code")
    if any(b'"Tty":true' in (step.request.body or b"") for step in steps):
        path = next(step.request.path.rpartition("/")[0] for step in steps if step.answer == "hijack")
        yield Beside(
            len(steps) + 1, Request("POST", f"{path}/resize"), "the size of the terminal, and again when it changes"
        )


def _operation(step: Step) -> str:
    found = operation_of(step.request.method, step.request.path)
    return found.id if found else ""


def _of(step: Step, end: str, other: str) -> Request:
    """Of the same container, with another end of the path."""
    method = "POST" if other == "/wait" else "GET"
    return Request(method, step.request.path.removesuffix(end) + other)
