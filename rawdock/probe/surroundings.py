"""The words of a topology: which engine it is, where this machine stands to it, and what both were decided from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from .swarm import Swarm


class What(Enum):
    """Which engine it is. The value is its name in JSON."""

    LINUX = "linux-host"
    MACHINE = "docker-machine"
    MAC = "docker-for-mac"
    WINDOWS = "docker-for-windows"
    DESKTOP_LINUX = "docker-desktop-for-linux"
    DESKTOP = "docker-desktop"
    ORBSTACK = "orbstack"
    RANCHER = "rancher-desktop"
    COLIMA = "colima"
    LIMA = "lima"
    PODMAN = "podman"
    PODMAN_MACHINE = "podman-machine"
    ROOTLESS_PODMAN = "rootless-podman"
    ROOTLESS = "rootless"
    WSL = "wsl2"
    DIND = "docker-in-docker"


NAMES = {
    What.LINUX: "Linux host",
    What.MACHINE: "docker-machine VM",
    What.MAC: "Docker for Mac",
    What.WINDOWS: "Docker for Windows",
    What.DESKTOP_LINUX: "Docker Desktop for Linux",
    What.DESKTOP: "Docker Desktop",
    What.ORBSTACK: "OrbStack",
    What.RANCHER: "Rancher Desktop",
    What.COLIMA: "Colima",
    What.LIMA: "Lima",
    What.PODMAN: "Podman",
    What.PODMAN_MACHINE: "Podman machine",
    What.ROOTLESS_PODMAN: "rootless Podman",
    What.ROOTLESS: "rootless Docker",
    What.WSL: "Linux in WSL 2",
    What.DIND: "Docker in Docker",
}

DESKTOPS = {What.MAC, What.WINDOWS, What.DESKTOP_LINUX, What.DESKTOP}
FORWARDERS = DESKTOPS | {What.RANCHER, What.COLIMA, What.LIMA, What.ORBSTACK}
PODMANS = {What.PODMAN, What.PODMAN_MACHINE, What.ROOTLESS_PODMAN}
ROOTLESS = {What.ROOTLESS, What.ROOTLESS_PODMAN}


class Where(Enum):
    """Where this machine stands to it. ELSEWHERE: the endpoint is on this machine, the daemon's network is not."""

    SAME = "same-machine"
    CONTAINER = "in-a-container"
    REMOTE = "remote"
    ELSEWHERE = "behind-a-socket"


class Evidence(NamedTuple):
    """`fact`: what was seen, with its place; `meaning`: what follows from it."""

    fact: str
    meaning: str


@dataclass(frozen=True)
class Facts:
    """What the decision is made from. `version`, `info`: the daemon's documents; `host`: the endpoint's host where that is
    another machine, else ""; `source`: this machine's address towards it, "" if unknown; `same_machine`, `container`,
    `proof`: where the client stands (docker_route.Standpoint); `networks`: of that container, with its address and the
    others on it; `gateways`: those of the daemon's bridges; `system`, `kernel`: the client's, as platform.system() and
    platform.release() name them; `swarm`: the daemon's."""

    version: Mapping[str, Any]
    info: Mapping[str, Any]
    host: str = ""
    source: str = ""
    same_machine: bool = False
    container: str | None = None
    gateways: tuple[str, ...] = ()
    system: str = "Linux"
    kernel: str = ""
    proof: str = ""
    networks: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    swarm: Swarm | None = None
