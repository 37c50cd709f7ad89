"""What should be: the verdict that Docker's own rules give a probe, from the API's facts and the tables of listeners alone.

A difference to what was measured is then the work of something outside Docker: a rule in DOCKER-USER, ufw, a sysctl, the
app itself. Where the API does not tell, nothing is expected: nor of a UDP socket, which may answer our datagram or not.

Source: the rules that dockerd 20.10 writes (libnetwork/drivers/bridge). Published ports are translated for what comes from
outside, and for the host's own packets to an address that is not loopback; docker-proxy takes the rest: loopback, IPv6, and
what comes from a bridge. Without userland-proxy that is translated too, and isolation drops what leads to another bridge.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from enum import Enum

from . import listeners as table
from .inventory import Attachment, Container, Network
from .listeners import Listener
from .protocol import Protocol
from .surroundings import Where
from .target import Kind, Place
from .verdict import Daemon, Situation, Verdict


class Way(Enum):
    """How a packet goes at the daemon's host, by the chain that it passes there. PROXY: to docker-proxy, which goes on with a
    connection of its own; FORWARDER: a product's, on the client's machine."""

    OUT = "OUTPUT"
    THROUGH = "FORWARD"
    PROXY = "INPUT, docker-proxy"
    IN = "INPUT"
    FORWARDER = "a forwarder"


@dataclass(frozen=True, slots=True)
class Expectation:
    """`verdict` is None where nothing is known. `because`, `remedy`: why it is not open by Docker's own rules, "" where that
    is a matter of the app."""

    verdict: Verdict | None = None
    way: Way | None = None
    because: str = ""
    remedy: str = ""


UNKNOWN = Expectation()


def foreseen(situation: Situation) -> Situation:
    """The same with its expectation, so that it is worked out once; what the probes then see adds nothing to it."""
    return replace(situation, expected=expect(situation))


def expect(situation: Situation) -> Expectation:
    """Return what the probe of this situation should give."""
    if situation.expected is not None:
        return situation.expected
    target, daemon = situation.target, situation.daemon
    if daemon is None or not target.port:
        return UNKNOWN
    if situation.unsent:
        return Expectation(Verdict.NOT_SENT)
    if target.kind is Kind.PUBLISHED:
        return _published(situation, daemon)
    if target.kind is Kind.GATEWAY:
        here, network = situation.here, situation.network
        return _gateway(situation, daemon, network) if here and network else UNKNOWN
    if target.kind is Kind.NAME and not (situation.network and situation.network.has_names):
        return Expectation(Verdict.NAME_NO_RESOLVER)
    return _direct(situation, daemon)


def _direct(situation: Situation, daemon: Daemon) -> Expectation:
    """The container's own address."""
    network, there = situation.network, situation.container
    if network is None or there is None:
        return UNKNOWN
    place = situation.vantage.place
    if place is Place.CLIENT and daemon.where is not Where.SAME:
        own = situation.inventory.named(daemon.client_container)
        if own and own.on(network.name):
            return _from_container(own, there, network, situation, daemon)
        return UNKNOWN if daemon.forced else Expectation(Verdict.NO_ROUTE)
    if place is Place.CONTAINER:
        here = situation.here
        return _from_container(here, there, network, situation, daemon) if here else UNKNOWN
    return _answer(situation, Way.OUT) if network.bridge else UNKNOWN


def _from_container(
    here: Container, there: Container, network: Network, situation: Situation, daemon: Daemon
) -> Expectation:
    is_v6 = ":" in situation.target.address
    if is_v6 and not any(end.address6 for end in here.attachments):
        return Expectation(Verdict.NO_ADDRESS)
    if here.on(network.name):
        if not network.bridge:
            return UNKNOWN  # what carries it is not this host's alone
        if not network.talks and daemon.filters_bridges:
            because = f"network {network.name} has enable_icc=false"
            return Expectation(Verdict.FILTERED, Way.THROUGH, because, "use a network without it")
        return _answer(situation, Way.THROUGH)
    connect = f"docker network connect {network.name} {here.name}"
    inner = next((end.network for end in here.attachments if _is_internal(end.network, situation)), "")
    inner = inner if len(here.attachments) == 1 else ""
    internal = f"{here.name} is on {inner} alone, an internal network: nothing leaves it" if inner else ""
    ends = [end for end in here.attachments if (end.gateway6 if is_v6 else end.gateway)]
    overlays = [end for end in here.attachments if _driver(end.network, situation) == "overlay"]
    if not ends and not overlays:  # from an overlay, docker_gwbridge leads out
        return Expectation(Verdict.NO_ROUTE, None, internal, connect if inner else "")
    bridged = all((own := situation.inventory.networks.get(end.network)) and own.bridge for end in ends)
    if is_v6 or not daemon.isolates or not network.bridge or not bridged:
        return UNKNOWN
    if inner:
        return Expectation(Verdict.FILTERED, Way.THROUGH, internal, connect)
    because = f"{here.name} is not on network {network.name}, and Docker keeps networks apart"
    return Expectation(Verdict.FILTERED, Way.THROUGH, because, connect)


def _driver(name: str, situation: Situation) -> str:
    network = situation.inventory.networks.get(name)
    return network.driver if network else ""


def _is_internal(name: str, situation: Situation) -> bool:
    network = situation.inventory.networks.get(name)
    return network is not None and network.internal


def _published(situation: Situation, daemon: Daemon) -> Expectation:
    """A published port, from the client or from the daemon's host."""
    target, binding = situation.target, situation.target.published
    address = ipaddress.ip_address(target.address)
    where = daemon.where if situation.vantage.place is Place.CLIENT else Where.SAME
    if binding is None or not daemon.has_dockers_rules or situation.vantage.place is Place.CONTAINER:
        return UNKNOWN
    if where is Where.ELSEWHERE:
        return _behind(situation, Way.FORWARDER) if daemon.has_forwarder and address.is_loopback else UNKNOWN
    if where is Where.CONTAINER and address.version == 6:
        return UNKNOWN  # the API does not tell whether the container has an IPv6 localhost
    if where is not Where.SAME and address.is_loopback:
        return Expectation(Verdict.REFUSED)
    if where is Where.REMOTE and daemon.has_forwarder:
        return _behind(situation, Way.FORWARDER)
    if not binding.for_all and binding.host_ip != target.address:
        taken = daemon.listeners is not None and _host_listener(situation, daemon.listeners)
        return UNKNOWN if daemon.listeners is None or taken else Expectation(Verdict.REFUSED, Way.IN)
    if where is Where.CONTAINER:
        own = situation.inventory.named(daemon.client_container)
        ends = [end for end in own.attachments if target.address in situation.inventory.hosts_on(end)] if own else []
        network = situation.inventory.networks.get(ends[0].network) if ends else None
        return _gateway(situation, daemon, network) if network else UNKNOWN
    if address.version == 6 and any(end.address6 for end in _attachments(situation)):
        return UNKNOWN  # translated by engines that manage ip6tables, else proxied
    if address.is_loopback or address.version == 6:
        return _proxied(situation, daemon)
    if where is Where.SAME:
        return _answer(situation, Way.OUT)
    return _translated(situation, daemon)


def _attachments(situation: Situation) -> tuple[Attachment, ...]:
    return situation.container.attachments if situation.container else ()


def _translated(situation: Situation, daemon: Daemon) -> Expectation:
    """By DNAT, from another machine or from a bridge: the container itself answers."""
    if not daemon.forwards:
        because = "the daemon's host forwards nothing: /info says IPv4Forwarding false (net.ipv4.ip_forward=0)"
        return Expectation(Verdict.FILTERED, Way.THROUGH, because, "sysctl net.ipv4.ip_forward=1 on the daemon's host")
    return _answer(situation, Way.THROUGH)


def _gateway(situation: Situation, daemon: Daemon, network: Network) -> Expectation:
    """From a container to its gateway: a published port, or a service of the daemon's host."""
    target, there = situation.target, situation.container
    if target.published is None:
        if daemon.listeners is None:
            return UNKNOWN
        found = table.answering(daemon.listeners, target.address, target.port)
        return Expectation(Verdict.OPEN if found else Verdict.REFUSED, Way.IN)
    if not daemon.has_dockers_rules:
        return UNKNOWN
    if network.internal:
        because = f"{network.name} is an internal network, from which published ports cannot be reached"
        return Expectation(Verdict.FILTERED, Way.THROUGH, because, "use a network that is not internal")
    if not network.masquerades and ":" not in target.address and not (there and there.on(network.name)):
        # dockerd leaves out the rule by which a bridge's own packets pass its DNAT: measured on 20.10 and 28.5.
        because = (
            f"{network.name} does not masquerade, so that a published port leads straight into another network, and "
            "Docker keeps networks apart"
        )
        remedy = f"connect both to one network, or make {network.name} without enable_ip_masquerade=false"
        return Expectation(Verdict.FILTERED, Way.THROUGH, because, remedy)
    if not network.masquerades and there and len(there.attachments) > 1:
        return UNKNOWN  # nor does the API tell by which of its networks the port is published
    if daemon.rootless:
        return Expectation(Verdict.REFUSED, Way.IN)  # published on the machine around its namespace, not in that
    if _has_proxy(situation, daemon) is not False:
        return _proxied(situation, daemon)
    if there and there.on(network.name):
        return _translated(situation, daemon)
    because = "without userland-proxy a published port is a way into another network, and Docker keeps networks apart"
    remedy = "connect both to one network, or let userland-proxy be"
    return Expectation(Verdict.FILTERED, Way.THROUGH, because, remedy)


def _proxied(situation: Situation, daemon: Daemon) -> Expectation:
    has_proxy = _has_proxy(situation, daemon)
    if has_proxy is None:
        return UNKNOWN
    if has_proxy:
        return _behind(situation, Way.PROXY)
    if ":" not in situation.target.address:
        return _answer(situation, Way.OUT)
    if daemon.proxies:
        because = "no docker-proxy listens there: the container was about to end or to start, or its docker-proxy died"
        return Expectation(Verdict.REFUSED, Way.IN, because, f"probe again; else: docker restart {situation.who}")
    because = "no docker-proxy listens for IPv6: userland-proxy is off"
    return Expectation(Verdict.REFUSED, Way.IN, because, "use 127.0.0.1, or let userland-proxy be")


def _has_proxy(situation: Situation, daemon: Daemon) -> bool | None:
    """Whether docker-proxy listens for this target; None where the host's table is not known."""
    if daemon.proxies is False:
        return False
    if daemon.listeners is None:
        return None
    return _host_listener(situation, daemon.listeners) is not None


def _host_listener(situation: Situation, listeners: set[Listener]) -> Listener | None:
    target = situation.target
    return table.answering(listeners, target.address, target.port, target.protocol)


def _behind(situation: Situation, way: Way) -> Expectation:
    """What a forwarder makes of the container's own answer: it has accepted before it asks, and of a datagram's it passes
    no error on."""
    answer = _answer(situation, way)
    if answer.verdict is not Verdict.REFUSED:
        return answer
    is_udp = situation.target.protocol is Protocol.UDP
    return replace(answer, verdict=Verdict.NO_ANSWER if is_udp else Verdict.ACCEPTED_THEN_CLOSED)


def _answer(situation: Situation, way: Way) -> Expectation:
    """What the container's own kernel says."""
    there = situation.container
    if there is None or situation.listeners is None or situation.deaf_end():
        return UNKNOWN
    if way is Way.PROXY and (network := situation.addressless()):
        because = f"the daemon's host has no address on network {network.name} ({network.addressless})"
        return Expectation(Verdict.REFUSED, way, because, "publish it from a network without that option")
    if not situation.listener():
        return Expectation(Verdict.REFUSED, way)
    if situation.target.protocol is Protocol.UDP:
        return Expectation(Verdict.NO_ANSWER if there.state == "paused" else None, way)
    return Expectation(Verdict.OPEN_SILENT if there.state == "paused" else Verdict.OPEN, way)
