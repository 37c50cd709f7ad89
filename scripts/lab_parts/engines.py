"""The engines the lab can run, as a table: Debian's packages, each in the suite that has that version.

An engine that is not the machine's own runs in a root file system of its own; rootfs.py makes it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from .commands import LabError

VARIABLE = "RAWDOCK_ENGINE"


@dataclass(frozen=True)
class Engine:
    """program: what serves the API; version: how its version begins; suite, packages: where Debian has it."""

    name: str
    program: str
    version: str
    suite: str
    packages: tuple[str, ...]

    @property
    def is_podman(self) -> bool:
        return self.program == "podman"


# netavark and aardvark-dns: podman's network and its names; Debian only recommends them.
_PODMAN = ("podman", "crun", "netavark", "aardvark-dns", "nftables", "iptables")
_DOCKER = ("docker.io", "iptables", "procps")  # procps: `docker top` runs ps beside the daemon

_TABLE = (
    Engine("20.10", "dockerd", "20.10.", "bookworm", _DOCKER),
    Engine("26.1", "dockerd", "26.1.", "trixie", _DOCKER),
    Engine("28.5", "dockerd", "28.5.", "sid", _DOCKER),
    Engine("podman-5.4", "podman", "5.4.", "trixie", _PODMAN),
    Engine("podman-5.8", "podman", "5.8.", "sid", _PODMAN),
)

ENGINES = {engine.name: engine for engine in _TABLE}


def engine_wanted(option: str | None, environment: Mapping[str, str] = os.environ) -> Engine | None:
    """The engine of --engine, else of RAWDOCK_ENGINE; None for the machine's own dockerd, whichever it is.

    Raises LabError, code 2, naming the known ones.
    """
    name = option or environment.get(VARIABLE)
    if not name:
        return None
    if name not in ENGINES:
        origin = "--engine" if option else VARIABLE
        raise LabError(f"unknown engine {name!r} from {origin}; known: {', '.join(ENGINES)}", code=2)
    return ENGINES[name]
