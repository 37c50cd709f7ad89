"""`rawdock probe`, the whole command: few containers and many, those that answer and those that Docker keeps apart."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from lab_parts.api import API
from lab_parts.commands import wait_until
from lab_parts.containers import containers_of, remove_containers
from lab_parts.environment import client_variables
from lab_parts.image import IMAGE
from lab_parts.instance import Instance, default_name
from lab_parts.lifecycle import down, up
from lab_parts.namespaces import NETNS
from lab_parts.topologies import topology_named

from ..cases import Case, Done, Reader, Run, Unit
from ..goals import Goal, lean, within
from ..site import VENV, Place, Site

OURS = "rawdock"
EXECS = "docker exec, sh and nc"


@dataclass(frozen=True)
class Crowd:
    """Containers that listen on ports from 80 on, spread over networks. `least`: the records that a probe must give."""

    title: str
    containers: int
    ports: int
    networks: int
    least: int
    goals: tuple[Goal, ...]

    def names(self) -> list[str]:
        return [f"c{number:03}" for number in range(self.containers)]


CROWDS = (
    Crowd("10 containers of 3 ports on one network", 10, 3, 1, 300, tuple(within(0.7, OURS))),
    Crowd("25 containers on 3 networks, 26 vantages", 25, 1, 3, 625, tuple(within(2.5, OURS))),
    Crowd(
        "100 containers of 3 ports on 20 networks, 30,000 probes",
        100,
        3,
        20,
        30_000,
        (*within(60, OURS), *lean(OURS, limit=100)),
    ),
)


def cases(site: Site) -> Iterator[Case]:
    for crowd in CROWDS[:2] if site.quick else CROWDS:
        instance = Instance(topology_named("native"), f"crowd-{default_name()}")
        client = str(NETNS / instance.namespace(instance.topology.client))
        place = Place("real unix", client_variables(instance), (), "", client)
        command = VENV / "bin" / "rawdock"
        ours = site.program(place, command, "probe", "--json", reads=_records(crowd.least))
        runs = {OURS: ours}
        if crowd.networks == 1:
            runs[EXECS] = _execs(site, place, crowd)
        beside = partial(_crowded, instance, crowd)
        rounds = site.rounds(5) if crowd.containers < 100 else 1
        yield Case("probe", place.name, crowd.title, Unit.MILLISECONDS, rounds, runs, crowd.goals, beside=beside)


def _records(least: int) -> Reader:
    def read(stdout: bytes, wall: float) -> Done:
        count = stdout.count(b"\n") - 1  # the topology's line
        if count < least:
            raise ValueError(f"{count} records, expected {least}")
        return Done(wall, 1, None)

    return read


def _execs(site: Site, place: Place, crowd: Crowd) -> Run:
    """One exec a container, each with all its connects in the background: what a shell does fastest. It tells a refusal from
    an accept, and nothing more."""
    ports = [str(80 + number) for number in range(crowd.ports)]
    each = "; ".join(f"nc -w 2 {name} {port} </dev/null >/dev/null 2>&1 &" for name in crowd.names() for port in ports)
    inside = shlex.quote(each.replace("&;", "&") + " wait")
    script = " ".join(f"docker exec {name} sh -c {inside} &" for name in crowd.names()) + " wait"
    return site.program(place, "sh", "-c", script, reads=lambda _, wall: Done(wall, 1, None))


@contextmanager
def _crowded(instance: Instance, crowd: Crowd) -> Iterator[None]:
    down(instance)
    up(instance, None)
    try:
        api = API(instance.socket, timeout=120)
        remove_containers(containers_of(instance.topology), api)
        for number in range(crowd.networks):
            api.call("POST", "/networks/create", {"Name": f"n{number}"})
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(partial(_start, api, crowd), range(crowd.containers)))
        last = crowd.names()[-1]
        wait_until(lambda: b"httpd" in str(api.call("GET", f"/containers/{last}/top")).encode(), 10)
        yield
    finally:
        down(instance)


def _start(api: API, crowd: Crowd, number: int) -> None:
    ports = [80 + port for port in range(crowd.ports)]
    *others, last = ports
    serve = "".join(f"httpd -p {port} -h /www; " for port in others) + f"exec httpd -f -p {last} -h /www"
    name = crowd.names()[number]
    settings = {
        "Image": IMAGE,
        "Cmd": ["sh", "-c", serve],
        "ExposedPorts": {f"{port}/tcp": {} for port in ports},
        "StopSignal": "SIGKILL",
        "HostConfig": {"NetworkMode": f"n{number % crowd.networks}"},
    }
    api.call("POST", f"/containers/create?name={name}", settings)
    api.call("POST", f"/containers/{name}/start")
