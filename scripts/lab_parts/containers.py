"""The containers of every topology: each a different answer to "who can reach this port, and why not"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from .api import API
from .client_container import binds
from .commands import LabError, wait_until
from .image import IMAGE
from .instance import Instance
from .topologies import Topology

_T = TypeVar("_T")

NETWORK = "backend"
_LISTEN_SECONDS = 10
_TCP_LISTEN = "0A"  # the state column of /proc/net/tcp, proc(5)


@dataclass(frozen=True)
class Container:
    """listens: address:port inside, None for nowhere; published: address and port on the host ({vm} is the daemon's host's);
    command: what listens, in place of an HTTP server; stopped: it is made and not started."""

    name: str
    exposed: int
    listens: str | None
    published: tuple[str, int] | None = None
    network: str = "bridge"
    paused: bool = False
    command: tuple[str, ...] = ()
    stopped: bool = False
    for_client: bool = False

    @property
    def status(self) -> str:
        return "paused" if self.paused else "running"

    def settings(self, instance: Instance) -> dict[str, object]:
        """The body of POST /containers/create."""
        port = f"{self.exposed}/tcp"
        serve = ["httpd", "-f", "-p", self.listens or "", "-h", "/www"]
        bindings = {}
        if self.published:
            bindings[port] = [{"HostIp": instance.placed(self.published[0]), "HostPort": str(self.published[1])}]
        return {
            "Image": IMAGE,
            "Cmd": list(self.command) or (serve if self.listens else ["sleep", "2147483647"]),
            "Labels": {"rawdock.lab": instance.id},
            "ExposedPorts": {port: {}},
            # A process with pid 1 and no handler ignores SIGTERM: `stop` would wait its ten seconds.
            "StopSignal": "SIGKILL",
            "HostConfig": {
                "NetworkMode": self.network,
                "PortBindings": bindings,
                "RestartPolicy": {"Name": "no"},
                "Binds": binds(instance) if self.for_client else [],
            },
        }


_TABLE = (
    Container("web", 80, "0.0.0.0:80", ("", 8080)),
    Container("loopback", 7000, "127.0.0.1:7000", ("", 8081)),
    Container("bare", 80, None, ("", 8082)),
    Container("paused", 80, "0.0.0.0:80", ("", 8083), paused=True),
    Container("local", 80, "0.0.0.0:80", ("127.0.0.1", 8084)),
    Container("app", 80, "0.0.0.0:80", network=NETWORK),
    Container("db", 5432, "0.0.0.0:5432", network=NETWORK),
)


_IN_A_SWARM = ("web", "bare")


def containers_of(topology: Topology) -> tuple[Container, ...]:
    """Rootless Docker cannot pause without cgroups of its own, cgroups(7) v2; a swarm has services to show, so few of these."""
    found = tuple(container for container in _TABLE if not (topology.rootless and container.paused))
    if topology.swarm:
        return tuple(container for container in found if container.name in _IN_A_SWARM)
    if topology.client_container:
        found += (Container(topology.client_container, 80, None, for_client=True),)
    return found


def start_containers(instance: Instance, api: API) -> None:
    """Start those of the topology. Raises LabError."""
    api.call("POST", "/networks/create", {"Name": NETWORK, "Driver": "bridge", "CheckDuplicate": True})
    start(containers_of(instance.topology), instance, api)


def start(containers: Sequence[Container], instance: Instance, api: API) -> None:
    """Start them and return once every listener listens. Raises LabError."""
    _for_each(lambda container: _create(container, instance, api), containers)
    running = [container for container in containers if not container.stopped]
    # One after the other: addresses are given in the order of starting, so they are the same in every lab.
    for container in running:
        api.call("POST", f"/containers/{container.name}/start")
    _for_each(lambda container: _await_listener(container, api), running)
    for container in running:
        if container.paused:
            api.call("POST", f"/containers/{container.name}/pause")


def remove_containers(containers: Sequence[Container], api: API) -> None:
    """Remove those that are there."""
    entries = api.call("GET", "/containers/json?all=1")
    known = {name.lstrip("/") for entry in entries for name in entry["Names"]}
    _for_each(
        lambda container: api.call("DELETE", f"/containers/{container.name}?force=1"),
        [container for container in containers if container.name in known],
    )


def trouble(topology: Topology, api: API) -> str | None:
    """What of the containers is not as it should be, in a few words; None when all is well."""
    try:
        found: list[dict[str, Any]] = api.call("GET", "/containers/json?all=1")
    except PermissionError:
        return "only root may ask its daemon"
    except (OSError, LabError):
        return "its daemon does not answer"
    states = {name.lstrip("/"): entry["State"] for entry in found for name in entry["Names"]}
    for container in containers_of(topology):
        state = states.get(container.name, "missing")
        if state != container.status:
            return f"container {container.name} is {state}"
    return None


def _for_each(action: Callable[[Container], _T], containers: Sequence[Container]) -> list[_T]:
    with ThreadPoolExecutor(len(containers) or 1) as pool:
        return list(pool.map(action, containers))


def _create(container: Container, instance: Instance, api: API) -> None:
    api.call("POST", f"/containers/create?name={container.name}", container.settings(instance))


def _await_listener(container: Container, api: API) -> None:
    """Wait for the listener in the container's own network, seen by its first process; nothing is sent."""
    if container.listens is None:
        return
    port = int(container.listens.rpartition(":")[2])
    pid: int = api.call("GET", f"/containers/{container.name}/json")["State"]["Pid"]
    if not wait_until(lambda: port in listening_ports(pid), _LISTEN_SECONDS):
        said = api.call("GET", f"/containers/{container.name}/logs?stdout=1&stderr=1&tail=3")
        raise LabError(f"container {container.name} does not listen on {port}; its log: {said!r}")


def listening_ports(pid: int) -> set[int]:
    """The TCP ports with a listener in the network of a process; empty once it has ended."""
    rows = []
    for table in ("tcp", "tcp6"):  # the second is missing where IPv6 is
        with suppress(OSError):
            rows += Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
    cells = (row.split() for row in rows)
    return {int(cell[1].rpartition(":")[2], 16) for cell in cells if cell[3] == _TCP_LISTEN}
