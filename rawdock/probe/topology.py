"""What stands around the daemon: which engine, on which side of which virtual machine, and what follows for whoever works
with it. Decided from what the daemon says of itself and from whether its bridges are this machine's own.

Sources: docker-machine's libmachine/provision (the label provider=DRIVER), ddev's GetDockerPlatform (Colima, Lima, Rancher
Desktop, OrbStack), Docker Desktop's own label com.docker.desktop.address, moby's pkg/parsers/operatingsystem for
"(containerized)".
"""

from __future__ import annotations

from dataclasses import dataclass

from . import consequences
from .surroundings import NAMES, Evidence, Facts, What, Where

__all__ = ["Evidence", "Facts", "Topology", "What", "Where", "decide"]

_DESKTOP_LABEL = "com.docker.desktop.address"


@dataclass(frozen=True)
class Topology:
    """`title`: for people; `published`, `addresses`, `to_host`: where published ports answer, whether this machine reaches
    a container's own address, and how a container reaches this machine, a sentence each; `further`: pairs of a heading and
    a sentence that only some topologies have."""

    what: What
    where: Where
    title: str
    evidence: tuple[Evidence, ...]
    published: str
    addresses: str
    to_host: str
    further: tuple[tuple[str, str], ...] = ()

    @property
    def consequences(self) -> tuple[tuple[str, str], ...]:
        """What follows from it, each with its heading."""
        return (
            ("published ports answer", self.published),
            ("container addresses are", self.addresses),
            ("containers reach this machine", self.to_host),
            *self.further,
        )


def decide(facts: Facts) -> Topology:
    """Return the topology. Every fact that had a say is in its evidence."""
    what, first = _what(facts)
    where, second = _where(facts)
    third = None
    if what is What.PODMAN and where is not Where.SAME:
        what, third = _podman(facts)
    return Topology(
        what,
        where,
        consequences.title(what, where, facts),
        tuple(evidence for evidence in (first, second, third, _swarm(facts)) if evidence),
        consequences.published(what, where, facts),
        consequences.addresses(what, where, facts),
        consequences.to_host(what, where, facts),
        consequences.further(what, where, facts),
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
        return what, Evidence(f"GET /info has the label {_DESKTOP_LABEL}={address}", f"it is {NAMES[what]}")
    if system.startswith("Docker Desktop"):
        what = _desktop_by_kernel(kernel, facts)
        fact = f"GET /info says OperatingSystem {system!r}, kernel {kernel!r}"
        return what, Evidence(fact, f"it is {NAMES[what]}")
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
            return what, Evidence(fact, f"it is {NAMES[what]}")
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
    if system.endswith("(containerized)"):
        return What.DIND, Evidence(
            f"GET /info says OperatingSystem {system!r}", "the daemon itself runs in a container"
        )
    if "microsoft" in kernel.lower():
        return What.WSL, Evidence(
            f"GET /info says kernel {kernel!r}", "the daemon runs in WSL 2, without Docker Desktop"
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
    if facts.container and not facts.same_machine:
        return Where.CONTAINER, Evidence(facts.proof, "the client runs in one of the daemon's containers")
    if facts.same_machine:
        return Where.SAME, Evidence(
            f"a socket can be bound to a bridge's gateway here ({gateways})",
            "the client is in the daemon's own network namespace"
            + (f", in container {facts.container} with --network host" if facts.container else ""),
        )
    if facts.host:
        return Where.REMOTE, Evidence(
            f"the endpoint's host {facts.host} is no address of this machine", "the daemon is on another machine"
        )
    return Where.ELSEWHERE, Evidence(
        f"no bridge's gateway can be bound here ({gateways}), though the endpoint is on this machine",
        "the daemon's network is a VM's, or another namespace's",
    )


def _podman(facts: Facts) -> tuple[What, Evidence | None]:
    """Which of Podman's two, where its network is not ours and that can be said."""
    if facts.system != "Linux":
        machine = Evidence(f"this machine runs {facts.system}", "Podman is in a VM, podman machine")
        return (What.PODMAN, None) if facts.host else (What.PODMAN_MACHINE, machine)
    rootless = any("name=rootless" in str(option) for option in facts.info.get("SecurityOptions") or ())
    kernel = facts.info.get("KernelVersion")
    if rootless and kernel == facts.kernel:
        fact = f"GET /info has the security option rootless, and this machine's kernel, {kernel}"
        return What.ROOTLESS_PODMAN, Evidence(fact, "its networks are in a namespace of an unprivileged user's")
    return What.PODMAN, None


def _swarm(facts: Facts) -> Evidence | None:
    swarm = facts.swarm
    if swarm is None:
        return None
    return Evidence(
        f"GET /info says that the swarm is active, NodeAddr {swarm.address}, ControlAvailable {swarm.manager}",
        f"{swarm.name}, a {'manager' if swarm.manager else 'worker'}, is the node that was asked",
    )
