"""What is read before anything is asked: the daemon's containers and networks, and who listens in each namespace."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..client import SyncClient
from ..errors import ProtocolError, RawdockError
from .agent_lines import udp_word
from .dns import query
from .helper import LABEL
from .inventory import DOCKER_RESOLVER, Inventory
from .listeners import Listener, read_listeners
from .prober import Prober
from .protocol import Protocol
from .sock_diag import own_diag, read_diag
from .swarm import Swarm, swarm_of
from .target import HOST
from .this_machine import resolved
from .topology import What

_RUNNING = {"running", "paused", "restarting"}
_TCP = ("/proc/self/net/tcp", "/proc/self/net/tcp6")  # those of IPv6 are missing where that is
_UDP = ("/proc/self/net/udp", "/proc/self/net/udp6")
_DIAG = ("diag=4", "diag=6")
Read = Callable[[bytes], set[Listener]]


@contextmanager
def understood(what: str) -> Iterator[None]:
    """Turn whatever goes wrong in the reading of a daemon's documents into one sentence, a ProtocolError."""
    try:
        yield
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise ProtocolError(
            f"the daemon's answers to {what} are not what Docker or Podman gives: {type(error).__name__}: {error}"
        ) from error


def read_object(client: SyncClient, path: str) -> dict[str, Any]:
    """The JSON object there. Raises RawdockError."""
    with understood(f"GET {path}"):
        document = client.get(path).raise_for_status().json()
        if not isinstance(document, dict):
            raise ValueError(f"{document!r:.40}, expected an object")
        return document


def read_inventory(client: SyncClient) -> Inventory:
    """Read containers and networks from the daemon. A container that vanishes between two calls is left out. Raises
    RawdockError."""
    with understood("GET /containers/json, /containers/ID/json and /networks"):
        return _inventory(client)


def _inventory(client: SyncClient) -> Inventory:
    inspected: list[dict[str, Any]] = []
    stopped: dict[str, str] = {}
    # Podman leaves paused ones out of its list of running ones.
    listed = client.get("/containers/json", params={"all": True}).raise_for_status()
    for container in listed.json():
        if LABEL in (container.get("Labels") or {}):
            continue  # another probe's helper is none of the user's
        if container.get("State") not in _RUNNING:
            stopped |= {name.lstrip("/"): str(container.get("State")) for name in container.get("Names") or ()}
            continue
        response = client.get(f"/containers/{container['Id']}/json")
        if response.status_code != 404:
            inspected.append(response.raise_for_status().json())
    networks = "/v4.0.0/libpod/networks/json" if "libpod-api-version" in listed.headers else "/networks"
    return Inventory.of(inspected, client.get(networks).raise_for_status().json(), stopped)


def read_swarm(client: SyncClient, info: Mapping[str, Any]) -> Swarm | None:
    """None where the daemon is in no swarm. What it does not say (a worker does not, an authorization plugin may forbid it)
    is left out."""
    with understood("GET /info"):
        swarm = swarm_of(info)
    if swarm is None or not swarm.manager:
        return swarm
    answers = [_listed(client, path) for path in ("/nodes", "/tasks", "/services")]
    with understood("GET /nodes, /tasks and /services"):
        return swarm_of(info, *answers)


_PATIENCE = 5.0  # seconds; a manager without a quorum lets one wait


def _listed(client: SyncClient, path: str) -> list[dict[str, Any]]:
    try:
        with understood(f"GET {path}"):
            documents = client.request("GET", path, timeout=_PATIENCE).raise_for_status().json()
    except RawdockError:
        return []
    return documents if isinstance(documents, list) else []


def listeners_in(helper: Prober, sandboxes: Mapping[str, str]) -> dict[str, set[Listener]]:
    """By container, where its tables could be read; those of the daemon's host by HOST.label. `sandboxes`: container to the
    path that the agent enters."""
    places = {HOST.label: "", **sandboxes}
    told, datagrams = _read(helper, places, {read_diag: _DIAG, _udp: _UDP})
    if untold := {name: path for name, path in places.items() if name not in told}:  # a kernel without inet_diag
        told |= _read(helper, untold, {_tcp: _TCP})[0]
    return {name: told.get(name, set()) | datagrams.get(name, set()) for name in {**told, **datagrams}}


def _read(
    helper: Prober, places: Mapping[str, str], what: Mapping[Read, Sequence[str]]
) -> list[dict[str, set[Listener]]]:
    """For each kind, what it makes of its files, or words of the agent's; a place of which none could be read is left out."""
    words: list[str] = []
    where: dict[int, tuple[Read, str]] = {}
    for name, path in places.items():
        if path:  # it begins at the daemon's host
            words.append(f"ns={path}")
        for read, ones in what.items():
            for one in ones:
                words.append(one if "=" in one else f"file={one}")
                where[len(words)] = read, name
    helper.start(words)
    report = helper.collect()
    found: dict[Read, dict[str, set[Listener]]] = {read: {} for read in what}
    for index, (read, name) in where.items():
        if report.file_errors.get(index, 0) in (0, errno.EFBIG) and index in report.files:
            with suppress(OSError, ValueError):
                found[read].setdefault(name, set()).update(read(report.files[index]))
    return list(found.values())


def _tcp(data: bytes) -> set[Listener]:
    return read_listeners(data.decode("ascii", "replace"))


def _udp(data: bytes) -> set[Listener]:
    return read_listeners(data.decode("ascii", "replace"), Protocol.UDP)


def product_aliases(
    helper: Prober, sandboxes: Mapping[str, str], inventory: Inventory, what: What, names: Collection[str]
) -> dict[str, dict[str, str]]:
    """By container whose network has a name server, the `names` with the addresses that the product gives them."""
    words, where = ["timeout=1500"], {}
    for name, path in sandboxes.items():
        container = inventory.named(name)
        ends = container.attachments if container else ()
        if not any((network := inventory.networks.get(end.network)) and network.has_names for end in ends):
            continue
        words.append(f"ns={path}")
        for alias in names:
            words.append(udp_word(DOCKER_RESOLVER, 53, query(alias)))
            where[len(words)] = name, alias
    found: dict[str, dict[str, str]] = {}
    if where:
        helper.start(words)
        report = helper.collect()
        for index, (name, alias) in where.items():
            if (seen := report.observations.get(index)) and (address := resolved(seen, what)):
                found.setdefault(name, {})[alias] = address
    return found


def own_listeners() -> set[Listener] | None:
    """This machine's; None where there is no way to know."""
    if sys.platform != "linux":
        return None
    found = _own(_UDP, _udp)
    try:
        return own_diag() | (found or set())
    except OSError:
        told = _own(_TCP, _tcp)
        return found if told is None else told | (found or set())


def _own(paths: Sequence[str], read: Read) -> set[Listener] | None:
    found = None
    for path in paths:
        with suppress(OSError), open(path, "rb") as file:
            found = (found or set()) | read(file.read())
    return found


def own_proxies(inventory: Inventory) -> bool | None:
    """Whether published ports have a docker-proxy on this machine; None where that cannot be told."""
    said = []
    for path in _loopback_settings(inventory):
        with suppress(OSError), open(path, "rb") as file:
            said.append(file.read())
    return _with_proxies(said)


def proxies_there(helper: Prober, inventory: Inventory) -> bool | None:
    """The same of the daemon's host."""
    words = [f"file={path}" for path in _loopback_settings(inventory)]
    if not words:
        return None
    helper.start(words)
    return _with_proxies(helper.collect().files.values())


def _loopback_settings(inventory: Inventory) -> list[str]:
    """Of Docker's bridges, whether they route loopback addresses: without docker-proxy, dockerd lets them. (It keeps the ports
    taken all the same, by listeners that accept nothing.)"""
    bridges = [network.bridge for network in inventory.networks.values() if network.bridge]
    return [f"/proc/sys/net/ipv4/conf/{bridge}/route_localnet" for bridge in bridges]


def _with_proxies(settings: Iterable[bytes]) -> bool | None:
    said = {text.strip() for text in settings} - {b""}
    return said == {b"0"} if said else None


def mounts() -> str:
    """This process's, "" where the system has no such table."""
    try:
        return Path("/proc/self/mountinfo").read_text(errors="replace")
    except OSError:
        return ""
