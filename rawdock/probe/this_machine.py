"""Whether a container reaches the machine that the client runs on: to a socket of our own, by gateway, address or alias.

For as long as the probe runs, the client listens where the topology says that containers find it: on its bridges' gateways
where it is the daemon's host, on its host-only address before a docker-machine VM, on its localhost behind Docker Desktop's
forwarder. Nothing is read from whoever connects, and nothing said; on no address of a LAN is anything opened.

No packet leaves for an alias that leads elsewhere: an address is one that we listen on, or of the product's own network.
Sources: docs.docker.com on networking (host.docker.internal, host-gateway), docs.podman.io (host.containers.internal),
lima-vm.io on networks, docs.orbstack.dev/docker/network.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from .dns import read_answer
from .docker_route import gateways_of
from .inventory import DEFAULT_BRIDGE, Container, Inventory
from .observation import Observation, Outcome
from .target import Kind, Target
from .topology import What, Where
from .verdict import Judgement, Situation, Verdict

LOCALHOST = "127.0.0.1"
_NAMES = {"host.docker.internal", "docker.for.mac.localhost", "docker.for.mac.host.internal", "docker.for.win.localhost",
          "docker.for.win.host.internal", "host.containers.internal", "host.lima.internal", "host.orb.internal"}  # fmt: skip
_DESKTOP = "192.168.65.0/24"
# Which names a product's own name server has, and the network that it gives them an address of.
_PRODUCTS = {
    What.MAC: (("host.docker.internal", "docker.for.mac.localhost"), _DESKTOP),
    What.WINDOWS: (("host.docker.internal", "docker.for.win.localhost"), _DESKTOP),
    What.DESKTOP_LINUX: (("host.docker.internal",), _DESKTOP),
    What.DESKTOP: (("host.docker.internal",), _DESKTOP),
    What.COLIMA: (("host.docker.internal",), "192.168.5.0/24"),
    What.LIMA: (("host.docker.internal", "host.lima.internal"), "192.168.5.0/24"),
    What.RANCHER: (("host.docker.internal",), "192.168.5.0/24"),
    What.ORBSTACK: (("host.docker.internal",), "0.250.250.0/24"),
}


def addresses(what: What, where: Where, gateways: Iterable[str], source: str) -> list[str]:
    """Where this machine listens. `source`: its address towards the daemon's host, where the two are neighbours."""
    if where is Where.SAME and what is not What.ROOTLESS:
        return list(gateways)
    if where is Where.REMOTE and what is What.MACHINE and source:
        return [source]
    return [LOCALHOST] if where is Where.ELSEWHERE and what in _PRODUCTS else []


@contextmanager
def listening(wanted: Iterable[str]) -> Iterator[dict[str, int]]:
    """Yield the port on each of these addresses; one that cannot be bound is left out."""
    ports: dict[str, int] = {}
    with ExitStack() as stack:
        for address in wanted:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            made = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
            try:
                made.bind((address, 0))
                made.listen(4096)  # nobody accepts: the kernel shakes hands with as many
            except OSError:
                continue
            ports[address] = made.getsockname()[1]
        yield ports


def product_names(what: What, where: Where) -> tuple[str, ...]:
    """What the product's own name server may be asked for: it knows them, and passes them on to nobody."""
    return _PRODUCTS[what][0] if where is Where.ELSEWHERE and what in _PRODUCTS else ()


def resolved(answer: Observation, what: What) -> str:
    """The address that the product's name server gave, "" where it is none of the product's own network."""
    try:
        found = read_answer(answer.data).addresses if answer.outcome is Outcome.REPLY else []
    except ValueError:
        return ""
    own = ipaddress.ip_network(_PRODUCTS[what][1])
    return next((address for address in found if ipaddress.ip_address(address) in own), "")


def targets(
    container: Container, inventory: Inventory, ports: Mapping[str, int], aliases: Mapping[str, str]
) -> list[Target]:
    """From inside a container. `ports`: of `listening`; `aliases`: names that the product's name server knows."""
    ends = [(end, inventory.networks.get(end.network)) for end in container.attachments]
    if not ports or not ends or not all(network and network.bridge for _, network in ends):
        return []  # a macvlan's packets go to a router of the LAN
    if LOCALHOST in ports:
        port = ports[LOCALHOST]
        return [Target(Kind.CLIENT, address, port, name=name) for name, address in aliases.items()]
    own = {gateway: end.network for end, _ in ends for gateway in end.gateways}
    here = [address for address in ports if address in own] or [
        address for address in ports if address not in gateways_of(inventory)
    ]
    found = [Target(Kind.CLIENT, address, ports[address], network=own.get(address)) for address in here]
    for name, address in container.aliases:
        leads = _default_gateway(inventory) if address == "host-gateway" else address
        if name in _NAMES and leads:
            found.append(Target(Kind.CLIENT, leads, ports.get(leads, 0), network=own.get(leads), name=name))
    return found


def _default_gateway(inventory: Inventory) -> str:
    """What host-gateway stands for, unless the daemon was told otherwise. A freshly started daemon's network may not name
    it, but containers on it do."""
    network = inventory.networks.get(DEFAULT_BRIDGE)
    ends = [end for container in inventory.containers if (end := container.on(DEFAULT_BRIDGE))]
    known = [*(network.gateways if network else ()), *(gateway for end in ends for gateway in end.gateways)]
    return next((gateway for gateway in known if ":" not in gateway), "")


def wrong_alias(situation: Situation) -> Judgement:
    """Return the verdict on an alias that leads elsewhere, which nothing was sent to."""
    target = situation.target
    there = "the daemon's host" if target.address in gateways_of(situation.inventory) else "another machine"
    return Judgement(
        Verdict.NAME_WRONG_ADDRESS,
        f"{target.name} leads to {target.address}, which is {there} and not this machine: nothing was sent",
        f"--add-host {target.name}:ADDRESS, with the address by which containers reach this machine",
        measured=False,
    )


def judge_way(seen: Observation, judgement: Judgement, situation: Situation) -> Judgement:
    """Return the verdict on a way to this machine. `judgement`: what the probe would mean of any port."""
    who = situation.vantage.phrase
    if judgement.verdict is Verdict.OPEN:
        return Judgement(Verdict.OPEN, f"{who} reaches a service of this machine that listens there")
    if seen.outcome in (Outcome.CLOSED, Outcome.RESET):
        return Judgement(
            judgement.verdict,
            "the forwarder accepted, but did not get through to this machine's localhost",
            "is a firewall of this machine between them?",
        )
    if judgement.verdict is Verdict.FILTERED:
        networks = (
            [situation.inventory.networks[end.network] for end in situation.here.attachments] if situation.here else []
        )
        subnets = " ".join(subnet for network in networks for subnet in network.subnets if ":" not in subnet)
        return Judgement(
            Verdict.FILTERED,
            "dropped silently, twice: a firewall of this machine keeps containers out, or one on the way",
            f"let {subnets} in: with ufw, ufw allow from {subnets.split(' ')[0]}" if subnets else "",
        )
    return judgement
