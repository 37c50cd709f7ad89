"""What stands around the daemon: which engine, on which side of which virtual machine, and what follows for whoever works
with it. Decided from what the daemon says of itself and from whether its bridges are this machine's own.

Sources: docker-machine's libmachine/provision (the label provider=DRIVER), ddev's GetDockerPlatform (Colima, Lima, Rancher
Desktop, OrbStack), Docker Desktop's own label com.docker.desktop.address, docs.docker.com on networking.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

_ALIAS, _PODMANS = "host.docker.internal", "host.containers.internal"
_DESKTOP_LABEL = "com.docker.desktop.address"


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
    ROOTLESS = "rootless"


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
    another machine, else ""; `source`: this machine's address towards it, "" if unknown; `same_machine`, `container`: where
    the client stands (docker_route.Standpoint); `gateways`: those of the daemon's bridges; `system`: the client's, as
    platform.system() names it."""

    version: Mapping[str, Any]
    info: Mapping[str, Any]
    host: str = ""
    source: str = ""
    same_machine: bool = False
    container: str | None = None
    gateways: tuple[str, ...] = ()
    system: str = "Linux"


@dataclass(frozen=True)
class Topology:
    """`title`: for people; `published`, `addresses`, `to_host`: where published ports answer, whether this machine reaches
    a container's own address, and how a container reaches this machine, a sentence each."""

    what: What
    where: Where
    title: str
    evidence: tuple[Evidence, ...]
    published: str
    addresses: str
    to_host: str

    @property
    def consequences(self) -> tuple[tuple[str, str], ...]:
        """What follows from it, each with its heading."""
        return (
            ("published ports answer", self.published),
            ("container addresses are", self.addresses),
            ("containers reach this machine", self.to_host),
        )


def decide(facts: Facts) -> Topology:
    """Return the topology. Every fact that had a say is in its evidence."""
    what, first = _what(facts)
    where, second = _where(facts)
    return Topology(
        what,
        where,
        _title(what, where, facts),
        tuple(evidence for evidence in (first, second) if evidence),
        _published(what, where, facts),
        _addresses(what, where),
        _to_host(what, where, facts),
    )


def _what(facts: Facts) -> tuple[What, Evidence | None]:
    """The table, asked in this order: whoever ships an engine in a virtual machine also ships Linux' own answers in it."""
    info = facts.info
    system, name, kernel = (str(info.get(field) or "") for field in ("OperatingSystem", "Name", "KernelVersion"))
    labels = [str(label) for label in info.get("Labels") or ()]
    parts = [str(part.get("Name")) for part in facts.version.get("Components") or ()]
    if "Podman Engine" in parts:
        return What.PODMAN, Evidence("GET /version names the component Podman Engine", "the engine is Podman")
    if address := _label(labels, _DESKTOP_LABEL):
        what = _desktop_of(address)
        return what, Evidence(f"GET /info has the label {_DESKTOP_LABEL}={address}", f"it is {_NAMES[what]}")
    if system.startswith("Docker Desktop"):
        what = _desktop_by_kernel(kernel, facts)
        fact = f"GET /info says OperatingSystem {system!r}, kernel {kernel!r}"
        return what, Evidence(fact, f"it is {_NAMES[what]}")
    if system.startswith("Docker for Mac") or (system.startswith("Alpine Linux") and kernel.endswith("-moby")):
        return What.MAC, Evidence(f"GET /info says OperatingSystem {system!r}, Name {name!r}", "it is Docker for Mac")
    for what, seen in (
        (What.ORBSTACK, system == "OrbStack"),
        (What.RANCHER, system.startswith("Rancher Desktop") or "rancher-desktop" in name),
        (What.COLIMA, name.startswith("colima")),
        (What.LIMA, name.startswith("lima")),
    ):
        if seen:
            fact = f"GET /info says OperatingSystem {system!r}, Name {name!r}"
            return what, Evidence(fact, f"it is {_NAMES[what]}")
    if driver := _label(labels, "provider"):
        return What.MACHINE, Evidence(
            f"GET /info has the label provider={driver}", f"docker-machine made this host, with its driver {driver}"
        )
    if system.startswith("Boot2Docker") or kernel.endswith("boot2docker"):
        return What.MACHINE, Evidence(f"GET /info says OperatingSystem {system!r}", "the host is a docker-machine VM")
    if any("name=rootless" in str(option) for option in info.get("SecurityOptions") or ()):
        return What.ROOTLESS, Evidence(
            "GET /info has the security option rootless", "the daemon's bridges are in a network namespace of its own"
        )
    return What.LINUX, Evidence(f"GET /info says OperatingSystem {system!r}", "nothing in it speaks of a product's VM")


def _label(labels: list[str], key: str) -> str:
    return next((value for name, _, value in (label.partition("=") for label in labels) if name == key), "")


def _desktop_of(address: str) -> What:
    """The label holds the path of a socket on the user's machine."""
    if address.startswith("npipe:"):
        return What.WINDOWS
    return What.MAC if address.startswith("unix:///Users/") else What.DESKTOP_LINUX


def _desktop_by_kernel(kernel: str, facts: Facts) -> What:
    """linuxkit's kernel runs below Desktop on a Mac, on Linux and on Hyper-V: then this machine's own system decides."""
    if "microsoft" in kernel.lower():
        return What.WINDOWS
    if facts.host:
        return What.DESKTOP
    by_system = {"Darwin": What.MAC, "Windows": What.WINDOWS, "Linux": What.DESKTOP_LINUX}
    return by_system.get(facts.system, What.DESKTOP)


def _where(facts: Facts) -> tuple[Where, Evidence]:
    gateways = ", ".join(facts.gateways) or "none"
    if facts.container:
        return Where.CONTAINER, Evidence(
            f"this machine has the host name and an address of container {facts.container}",
            "the client runs in one of the daemon's containers",
        )
    if facts.same_machine:
        return Where.SAME, Evidence(
            f"a socket can be bound to a bridge's gateway here ({gateways})",
            "the client is in the daemon's own network namespace",
        )
    if facts.host:
        return Where.REMOTE, Evidence(
            f"the endpoint's host {facts.host} is no address of this machine", "the daemon is on another machine"
        )
    return Where.ELSEWHERE, Evidence(
        f"no bridge's gateway can be bound here ({gateways}), though the endpoint is on this machine",
        "the daemon's network is a VM's, or another namespace's",
    )


_NAMES = {
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
    What.ROOTLESS: "rootless Docker",
}
_DESKTOPS = {What.MAC, What.WINDOWS, What.DESKTOP_LINUX, What.DESKTOP}
FORWARDERS = _DESKTOPS | {What.RANCHER, What.COLIMA, What.LIMA, What.ORBSTACK}


def _title(what: What, where: Where, facts: Facts) -> str:
    name = _NAMES[what]
    if where is Where.CONTAINER:
        return f"client in container {facts.container} of {_article(name)}"
    if where is Where.SAME:
        if what is What.PODMAN:
            return "Podman on this machine"
        return name if what in (What.LINUX, What.ROOTLESS) else f"inside {_article(name)}"
    if where is Where.REMOTE:
        return f"{name} at {facts.host}" if what is not What.LINUX else f"remote Linux host at {facts.host}"
    if what is What.LINUX:
        return "Linux daemon behind a socket, in a VM or a network namespace of its own"
    return "Podman machine, or rootless Podman" if what is What.PODMAN else name


def _article(name: str) -> str:
    return f"a {name}" if name.endswith(("host", "VM")) else name


def _published(what: What, where: Where, facts: Facts) -> str:
    if where is Where.CONTAINER:
        return "on the gateway of this container's own network, not on its localhost"
    if where is Where.SAME:
        return "on localhost and on every address of this machine"
    if where is Where.REMOTE:
        return f"on {facts.host} only, not on this machine's localhost"
    if what in _DESKTOPS:
        return "on this machine's localhost; its forwarder accepts even where nobody listens in the container"
    if what in FORWARDERS or what is What.PODMAN:
        return "on this machine's localhost, by a forwarder"
    if what is What.ROOTLESS:
        return "on localhost and on this machine's addresses, by RootlessKit; it accepts even where nobody listens"
    return "on the daemon's host; on this machine's localhost only if something forwards there"


def _addresses(what: What, where: Where) -> str:
    if where is Where.CONTAINER:
        return "reachable from here on the networks that this container is on"
    if where is Where.SAME:
        return "reachable from here"
    if what is What.ORBSTACK:
        return "reachable from here: OrbStack routes to them"
    if what is What.MACHINE or where is Where.REMOTE:
        return "not reachable from here: the containers' networks are in the VM; a route through it would lead there"
    return "not reachable from here: the containers' networks are on the other side of a forwarder; publish a port"


def _to_host(what: What, where: Where, facts: Facts) -> str:
    if where is Where.SAME and what is not What.ROOTLESS:
        gateways = f" ({', '.join(facts.gateways)})" if facts.gateways else ""
        # Podman writes both names into every container's /etc/hosts, with the gateway's address (seen on 5.4).
        name = f"the names {_PODMANS} and {_ALIAS} lead there" if what is What.PODMAN else ""
        name = name or f"by name only with --add-host {_ALIAS}:host-gateway"
        return f"by the gateway of their network{gateways}, if the service listens there or on 0.0.0.0; {name}"
    if what is What.MAC:
        return (
            f"by the name {_ALIAS} (18.03 and later) or docker.for.mac.localhost; the gateway is the VM, not this Mac"
        )
    if what is What.WINDOWS:
        return f"by the name {_ALIAS}, or docker.for.win.localhost (old); the gateway is the VM, not this machine"
    if what in FORWARDERS:
        return f"by the name {_ALIAS}; the gateway is the VM, not this machine"
    if what is What.PODMAN:
        return f"by the name {_PODMANS} or {_ALIAS}"
    if what is What.ROOTLESS:
        return "by this machine's own LAN address; the gateway is RootlessKit's namespace, not this machine"
    if where is Where.CONTAINER:
        return "as any container reaches another: by its address on a shared network"
    if facts.source:
        return f"by {facts.source}, this machine's address towards {facts.host}; the gateway is the daemon's host"
    return "by an address of this machine that the daemon's host has a route to; the gateway is the daemon's host"
