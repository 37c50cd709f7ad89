"""What is read before anything is asked: the daemon's containers and networks, and who listens in each namespace."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ..client import SyncClient
from .helper import LABEL, Helper
from .inventory import Inventory
from .listeners import Listener, read_listeners
from .protocol import Protocol
from .target import HOST

_RUNNING = {"running", "paused", "restarting"}
_TABLES = {  # those of IPv6 are missing where that is
    "/proc/self/net/tcp": Protocol.TCP,
    "/proc/self/net/tcp6": Protocol.TCP,
    "/proc/self/net/udp": Protocol.UDP,
    "/proc/self/net/udp6": Protocol.UDP,
}


def read_inventory(client: SyncClient) -> Inventory:
    """Read containers and networks from the daemon. A container that vanishes between two calls is left out."""
    inspected: list[dict[str, Any]] = []
    # Podman leaves paused ones out of its list of running ones.
    listed = client.get("/containers/json", params={"all": True}).raise_for_status()
    for container in listed.json():
        if container.get("State") not in _RUNNING or LABEL in (container.get("Labels") or {}):
            continue  # another probe's helper is none of the user's
        response = client.get(f"/containers/{container['Id']}/json")
        if response.status_code != 404:
            inspected.append(response.raise_for_status().json())
    networks = "/v4.0.0/libpod/networks/json" if "libpod-api-version" in listed.headers else "/networks"
    return Inventory.of(inspected, client.get(networks).raise_for_status().json())


def listeners_in(helper: Helper, sandboxes: Mapping[str, str]) -> dict[str, set[Listener]]:
    """By container, where its tables could be read; those of the daemon's host by HOST.label. `sandboxes`: container to the
    path that the agent enters."""
    words: list[str] = []
    where: dict[int, tuple[str, Protocol]] = {}
    for name, path in {HOST.label: "", **sandboxes}.items():
        if path:  # it begins at the daemon's host
            words.append(f"ns={path}")
        for table, protocol in _TABLES.items():
            words.append(f"file={table}")
            where[len(words)] = name, protocol
    found: dict[str, set[Listener]] = {}
    helper.start(words)
    report = helper.collect()
    for index, (name, protocol) in where.items():
        if report.file_errors.get(index, 0) in (0, errno.EFBIG) and index in report.files:
            text = report.files[index].decode("ascii", "replace")
            found.setdefault(name, set()).update(read_listeners(text, protocol))
    return found


def own_listeners() -> set[Listener] | None:
    """This machine's; None where there is no such table."""
    found = None
    for path, protocol in _TABLES.items():
        with suppress(OSError), open(path, encoding="ascii", errors="replace") as file:
            found = (found or set()) | read_listeners(file.read(), protocol)
    return found
