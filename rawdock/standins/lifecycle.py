"""What is done to containers by their names: started, stopped, killed, removed, waited for. A step a name, in their order.
Source: docker/cli command/container/{start,stop,restart,kill,rm,wait}.go."""

from __future__ import annotations

from collections.abc import Iterable

from ..request import Request, container_path
from . import Step


def start(names: Iterable[str]) -> list[Step]:
    return [Step(Request("POST", container_path(name, "/start"))) for name in names]


def attached_start(name: str, *, stdin: bool, remove: bool = False, detach_keys: str = "") -> list[Step]:
    """Look at it, attach, ask to wait, start: in this order no output and no end is missed. `stdin`: whether it reads ours;
    `remove`: whether the daemon removes it at its end, which inspect says."""
    streams = [*(["stdin"] if stdin else []), "stdout", "stderr"]
    keys = (("detachKeys", detach_keys),) if detach_keys else ()
    query = (("stream", "1"), *((stream, "1") for stream in streams), *keys)
    upgrade = (("Connection", "Upgrade"), ("Upgrade", "tcp"))
    condition = "removed" if remove else "next-exit"
    return [
        Step(Request("GET", container_path(name, "/json")), saves="container"),
        Step(Request("POST", "/containers/{container}/attach", query, upgrade), answer="hijack"),
        Step(Request("POST", "/containers/{container}/wait", (("condition", condition),))),
        Step(Request("POST", "/containers/{container}/start")),
    ]


def stop(names: Iterable[str], seconds: int | None, signal: str, *, again: bool = False) -> list[Step]:
    """`seconds`: until it is killed, -1 for never, None for the container's own. `again`: restart it."""
    query = (*((("signal", signal),) if signal else ()), *((("t", str(seconds)),) if seconds is not None else ()))
    path = "/restart" if again else "/stop"
    return [Step(Request("POST", container_path(name, path), query)) for name in names]


def kill(names: Iterable[str], signal: str) -> list[Step]:
    query = (("signal", signal),) if signal else ()
    return [Step(Request("POST", container_path(name, "/kill"), query)) for name in names]


def remove(names: Iterable[str], *, force: bool, volumes: bool, link: bool) -> list[Step]:
    chosen = {"force": force, "v": volumes, "link": link}
    query = tuple((name, "1") for name, wanted in chosen.items() if wanted)
    return [Step(Request("DELETE", container_path(name.strip("/")), query)) for name in names]


def wait(names: Iterable[str]) -> list[Step]:
    return [Step(Request("POST", container_path(name, "/wait"))) for name in names]
