"""What follows for the user from the engine and from where this machine stands to it: a sentence each.

Sources: docs.docker.com on networking, docs.orbstack.dev/docker/network, colima and lima on host addresses, moby's rootless
mode and swarm networking; what of it was seen for real stands in docs/probe.md.
"""

from __future__ import annotations

from .surroundings import DESKTOPS, FORWARDERS, NAMES, PODMANS, ROOTLESS, Facts, What, Where
from .swarm import Swarm

_ALIAS, _PODMANS = "host.docker.internal", "host.containers.internal"


def title(what: What, where: Where, facts: Facts) -> str:
    name = NAMES[what]
    swarm = facts.swarm
    return _place(what, where, name, facts) + (f", {swarm.role} of a swarm" if swarm else "")


def _place(what: What, where: Where, name: str, facts: Facts) -> str:
    if where is Where.CONTAINER:
        return f"client in container {facts.container} of {_article(name)}"
    if where is Where.SAME:
        if what in PODMANS:
            return f"{name} on this machine"
        return name if what in (What.LINUX, What.ROOTLESS, What.WSL) else f"inside {_article(name)}"
    if where is Where.REMOTE:
        return f"{name} at {facts.host}" if what is not What.LINUX else f"remote Linux host at {facts.host}"
    if what is What.LINUX:
        return "Linux daemon behind a socket, in a VM or a network namespace of its own"
    return "Podman machine, or rootless Podman" if what is What.PODMAN else name


def _article(name: str) -> str:
    return f"a {name}" if name.endswith(("host", "VM")) else name


def published(what: What, where: Where, facts: Facts) -> str:
    if where is Where.CONTAINER:
        return "on the gateway of this container's own network, not on its localhost"
    if what in ROOTLESS and where is not Where.REMOTE:
        return "on localhost and on this machine's addresses, by a forwarder that accepts even where nobody listens"
    if where is Where.SAME:
        return "on localhost and on every address of this machine"
    if what is What.DIND:
        return f"on {facts.host or 'the address of the container that the daemon runs in'}, nowhere on this machine"
    if where is Where.REMOTE:
        return f"on {facts.host} only, not on this machine's localhost"
    if what in DESKTOPS:
        return "on this machine's localhost; its forwarder accepts even where nobody listens in the container"
    if what in (What.COLIMA, What.LIMA):
        return (
            "on this machine's localhost, by a forwarder; on the VM's address too, where it has one (--network-address)"
        )
    if what in FORWARDERS or what in PODMANS:
        return "on this machine's localhost, by a forwarder"
    if what is What.WSL:
        return "on localhost of WSL and, by its forwarding, of Windows; other machines need netsh portproxy or mirrored mode"
    return "on the daemon's host; on this machine's localhost only if something forwards there"


def addresses(what: What, where: Where, facts: Facts) -> str:
    if where is Where.CONTAINER:
        names = ", ".join(f"{name} ({_several(others)})" for name, _, others in facts.networks)
        on = f": {names}" if names else ""
        return f"reachable from here on the networks that this container is on{on}"
    if where is Where.SAME:
        overlays = "; those on overlay networks not" if facts.swarm else ""
        return f"reachable from here{overlays}"
    if what is What.ORBSTACK:
        return "reachable from here: OrbStack routes to them"
    if what in ROOTLESS and where is not Where.REMOTE:
        return (
            "not reachable from here: the containers' networks are in a network namespace of the user's; publish a port"
        )
    if what is What.DIND:
        return "not reachable from here: the containers' networks are inside the daemon's own container"
    if what is What.MACHINE or where is Where.REMOTE:
        return "not reachable from here: the containers' networks are in the VM; a route through it would lead there"
    return "not reachable from here: the containers' networks are on the other side of a forwarder; publish a port"


_MANY = 5


def _several(names: tuple[str, ...]) -> str:
    if not names:
        return "alone"
    more = len(names) - _MANY
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:_MANY])} and {more} more"


def to_host(what: What, where: Where, facts: Facts) -> str:
    if where is Where.CONTAINER:
        own = ", ".join(f"{address} on {name}" for name, address, _ in facts.networks if address)
        return f"as any container reaches another: by its address{f' ({own})' if own else ''} on a shared network"
    if where is Where.SAME and what not in ROOTLESS:
        gateways = f" ({', '.join(facts.gateways)})" if facts.gateways else ""
        # Podman writes both names into every container's /etc/hosts, with the gateway's address (seen on 5.4).
        name = f"the names {_PODMANS} and {_ALIAS} lead there" if what in PODMANS else ""
        name = name or f"by name only with --add-host {_ALIAS}:host-gateway"
        return f"by the gateway of their network{gateways}, if the service listens there or on 0.0.0.0; {name}"
    if what is What.MAC:
        return (
            f"by the name {_ALIAS} (18.03 and later) or docker.for.mac.localhost; the gateway is the VM, not this Mac"
        )
    if what is What.WINDOWS:
        return f"by the name {_ALIAS}, or docker.for.win.localhost (old); the gateway is the VM, not this machine"
    if what is What.DESKTOP_LINUX:
        return f"by the name {_ALIAS}; the gateway, and the host of --network host, is the VM, not this machine"
    if what in (What.COLIMA, What.LIMA):
        return (
            f"by the name {_ALIAS} or the address 192.168.5.2; the gateway, and what --add-host NAME:host-gateway gives, "
            "is the VM, not this machine"
        )
    if what in FORWARDERS:
        return f"by the name {_ALIAS}; the gateway is the VM, not this machine"
    if what in PODMANS:
        return f"by the name {_PODMANS} or {_ALIAS}"
    if what is What.ROOTLESS and where is not Where.REMOTE:
        return (
            "by this machine's own LAN address; neither the gateway nor host-gateway leads here, both are RootlessKit's "
            "namespace, and 10.0.2.2 is closed unless rootlesskit runs without --disable-host-loopback"
        )
    if facts.source:
        return f"by {facts.source}, this machine's address towards {facts.host}; the gateway is the daemon's host"
    return "by an address of this machine that the daemon's host has a route to; the gateway is the daemon's host"


def further(what: What, where: Where, facts: Facts) -> tuple[tuple[str, str], ...]:
    """What only some topologies have: pairs of a heading and a sentence."""
    found: list[tuple[str, str]] = []
    if what in ROOTLESS and where is not Where.SAME:
        found.append(("the daemon's host is", "the user's network namespace, where the bridges are, not this machine"))
    if facts.swarm:
        found += _of_swarm(facts.swarm)
    return tuple(found)


def _of_swarm(swarm: Swarm) -> list[tuple[str, str]]:
    others = ", ".join(f"{name} ({address})" if name and address else name or address for name, address in swarm.others)
    beside = others or (f"the {swarm.size - 1} other nodes" if swarm.size > 1 else "the other nodes")
    known = "" if swarm.manager else "; a worker knows the managers only"
    return [
        (
            "containers of other nodes",
            "there are none: it is the only node"
            if swarm.manager and swarm.size == 1
            else f"are not seen from here: ask the daemons of {beside}{known}",
        ),
        ("overlay networks", "join containers on all nodes; a node itself has no address on them"),
        ("services' ports answer", "in mode host on the nodes of their tasks, in mode ingress on every node (by IPVS)"),
    ]
