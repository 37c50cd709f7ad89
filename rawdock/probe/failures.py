"""What a probe that failed means. One errno has several causes: the error queue's ICMP message tells a firewall's
rejection from a closed port, and the API tells a port published elsewhere from one that nobody listens on.
"""

from __future__ import annotations

import errno
import ipaddress
import os

from .icmp_errors import ICMP_WORDS, rejects
from .inventory import Published
from .model import Way, expect
from .observation import ICMP, Observation
from .protocol import Protocol
from .suspects import container_rejects, gets_through, own_rules, owner, suspect
from .target import Kind, Place
from .topology import Where
from .verdict import Judgement, Situation, Verdict


def failed(seen: Observation, situation: Situation) -> Judgement:
    """Return the verdict on a probe that ended with an errno."""
    number, icmp = seen.errno, seen.icmp
    vantage = situation.vantage
    if icmp and rejects(icmp, situation.target.protocol):
        return _rejected(icmp, situation)
    if number == errno.ECONNREFUSED:
        return refused(situation)
    if number in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT) or (number == errno.ENETUNREACH and _lacks_ipv6(situation)):
        family = ipaddress.ip_address(situation.target.address).version
        return Judgement(Verdict.NO_ADDRESS, f"{vantage.phrase} has no IPv{family} address to send from")
    if number == errno.ENETUNREACH:
        return _no_route(icmp, situation)
    if number == errno.EHOSTUNREACH:
        return _host_down(icmp, situation)
    if number in (errno.EPERM, errno.EACCES):
        return Judgement(
            Verdict.REJECTED, f"a firewall on {vantage.phrase} itself forbids it", "look at its OUTPUT rules"
        )
    return Judgement(Verdict.ERROR, f"the probe failed: {os.strerror(number)}")


def _lacks_ipv6(situation: Situation) -> bool:
    """A container's kernel looks for an address first, or, where IPv6 is turned off in it (Docker 26), for a route."""
    here = situation.here
    return bool(here and ":" in situation.target.address and not any(end.address6 for end in here.attachments))


def _rejected(icmp: ICMP, situation: Situation) -> Judgement:
    words, expected = ICMP_WORDS[icmp.family, icmp.code], expect(situation)
    whose = owner(icmp.offender, situation)
    if whose == "this machine itself":
        return Judgement(
            Verdict.REJECTED, f"this machine's own firewall rejected it ({words})", "iptables -S OUTPUT on this machine"
        )
    if expected.way in (Way.THROUGH, Way.OUT) and container_rejects(situation):
        sentence = f"{situation.who}'s own firewall rejected it ({words})"
        return Judgement(Verdict.REJECTED, sentence, own_rules(situation).remedy)
    place = f"{icmp.offender}, {whose}," if whose else icmp.offender or "an unknown address"
    sentence = f"a firewall at {place} rejected it ({words})"
    rule = suspect(situation, expected) if whose == "the daemon's host" else None
    if rule is None:
        return Judgement(Verdict.REJECTED, sentence, "look at the rules at that address")
    return Judgement(Verdict.REJECTED, f"{sentence}, by {rule.who}", rule.remedy)


def refused(situation: Situation) -> Judgement:
    target, who = situation.target, situation.who
    if target.mesh:
        return Judgement(
            Verdict.REFUSED,
            f"service {who} is published on every node by the routing mesh, but nothing listens on this one: its kernel may "
            "lack IPVS, or no task runs",
            "publish it with mode=host, or load the kernel's module ip_vs",
            measured=False,
        )
    if situation.rootless and target.kind is Kind.GATEWAY and target.published:
        return Judgement(
            Verdict.REFUSED,
            "rootless Docker publishes ports on the machine that it runs on; the gateway is RootlessKit's namespace",
            "use an address of that machine in place of the gateway",
        )
    if target.node:
        return Judgement(Verdict.REFUSED, f"{who} is up, but nothing listens on port {target.port} there")
    if target.published and (elsewhere := _published_elsewhere(target.published, situation)):
        return elsewhere
    if other := situation.elsewhere():
        where = f"{other} only{', its own loopback' if other.is_loopback else ''}"
        return Judgement(Verdict.REFUSED, f"{who} listens on {where}", situation.remedy)
    if target.container and situation.listeners is not None and not situation.listener():
        return Judgement(
            Verdict.REFUSED,
            f"{who} is up, but nobody listens on {situation.port} in it",
            "start the app, or use the port that it listens on",
        )
    expected = expect(situation)
    if (listener := situation.listener()) and (rule := suspect(situation, expected)):
        return Judgement(
            Verdict.REJECTED,
            f"{who} listens on {listener}, so it was a firewall that answered as a closed port does, by {rule.who}",
            rule.remedy,
            measured=False,
        )
    if expected.because:
        return Judgement(Verdict.REFUSED, expected.because, expected.remedy)
    if target.container:
        return Judgement(Verdict.REFUSED, f"the host is up, but nothing listens there for {who}", measured=False)
    if target.kind is Kind.GATEWAY:
        return Judgement(Verdict.REFUSED, "the gateway is there and answers, but nothing listens on that port")
    return Judgement(Verdict.REFUSED, "the host is up, nothing listens there")


def _published_elsewhere(binding: Published, situation: Situation) -> Judgement | None:
    """Where the port is published on another address than the one that was asked."""
    everywhere = f"publish it for all addresses: -p {_mapping(binding)}"
    if situation.other_localhost:
        if binding.for_all or binding.host_ip == situation.daemon_host:
            return Judgement(
                Verdict.REFUSED,
                "nothing listens on this machine's localhost: the port is published on the daemon's host, "
                f"{situation.daemon_host}",
                f"use {situation.daemon_host} in place of localhost",
            )
        return Judgement(
            Verdict.REFUSED,
            f"nothing listens on this machine's localhost: the port is published on {binding.host_ip} of the "
            f"daemon's host, {situation.daemon_host}, only",
            everywhere,
        )
    if not binding.for_all and binding.host_ip != situation.target.address:
        return Judgement(Verdict.REFUSED, f"published on {binding.host_ip} of the daemon's host only", everywhere)
    return None


def _mapping(binding: Published) -> str:
    udp = "/udp" if binding.protocol is Protocol.UDP else ""
    return f"{binding.host_port}:{binding.container_port}{udp}"


def _no_route(icmp: ICMP | None, situation: Situation) -> Judgement:
    where, place = _where(situation), situation.vantage.place
    if icmp and icmp.family and icmp.offender:
        return Judgement(Verdict.NO_ROUTE, f"{icmp.offender} has no route to {where}")
    explanation = f"{situation.vantage.phrase} has no route to {where}"
    if place is Place.CONTAINER:
        expected = expect(situation)
        if expected.verdict is Verdict.NO_ROUTE and expected.because:
            return Judgement(Verdict.NO_ROUTE, expected.because, expected.remedy)
        return Judgement(Verdict.NO_ROUTE, explanation, "connect it to a network there")
    if place is Place.CLIENT and situation.target.kind is Kind.CONTAINER:
        network = situation.network
        if network and network.driver == "overlay":
            why = f"{explanation}: a node has no address on overlay network {network.name}, containers only"
            return Judgement(Verdict.NO_ROUTE, why, "use a published port")
        if situation.daemon_host:
            behind = f": the containers live behind {situation.daemon_host}"
            return Judgement(Verdict.NO_ROUTE, explanation + behind, "use a published port, or add a route")
        behind = ": rootless Docker's networks are in a namespace of their own" if situation.rootless else ""
        return Judgement(Verdict.NO_ROUTE, explanation + behind, "use a published port")
    return Judgement(Verdict.NO_ROUTE, explanation)


def _where(situation: Situation) -> str:
    """The target's subnet, or its address where no subnet is known."""
    address = ipaddress.ip_address(situation.target.address)
    subnets = situation.network.subnets if situation.network else ()
    return next((subnet for subnet in subnets if address in ipaddress.ip_network(subnet, strict=False)), str(address))


def _host_down(icmp: ICMP | None, situation: Situation) -> Judgement:
    if situation.ended:
        return _ended(situation)
    says = f", says {icmp.offender}" if icmp and icmp.family and icmp.offender else ""
    there = situation.container
    if there and there.addresses and situation.daemon:
        end = situation.target.address if situation.direct else there.addresses[0]
        return Judgement(
            Verdict.HOST_DOWN,
            f"the API gives {there.name} the address {end}, but no machine answers for it{says}",
            f"is its interface down, or has it another address now? ip addr in {there.name}'s network namespace",
        )
    return Judgement(
        Verdict.HOST_DOWN,
        f"no machine answers for that address{says}",
        "is it stopped, or was the address given to another?",
    )


def _comes_by_route(situation: Situation) -> bool:
    """Whether a client elsewhere asked a port that is not published, over a route that was forced."""
    there, daemon, port = situation.container, situation.daemon, situation.target.container_port
    outside = daemon is not None and daemon.where is Where.REMOTE and situation.vantage.place is Place.CLIENT
    return outside and there is not None and port not in {one.container_port for one in there.published}


def _crosses_by_ipv6(situation: Situation) -> bool:
    """Whether one of Docker's networks asks another by IPv6: the API does not tell whether dockerd keeps these apart."""
    here, network, daemon = situation.here, situation.network, situation.daemon
    between = situation.direct and here is not None and network is not None and not here.on(network.name)
    return between and ":" in situation.target.address and daemon is not None and daemon.isolates


def _ended(situation: Situation) -> Judgement:
    """A neighbour that was known is given up after our last pass only: delay_first_probe_time, 5 s, before it is asked anew,
    arp(7)."""
    return Judgement(
        Verdict.HOST_DOWN, f"{situation.who} ended meanwhile, and nobody has its address", "probe again", measured=False
    )


def timed_out(situation: Situation) -> Judgement:
    """Return the verdict where nothing came back: from the model and from what other probes saw, why that may be."""
    there, expected, seen = situation.container, expect(situation), situation.second
    if situation.target.node:
        return Judgement(
            Verdict.FILTERED,
            f"no answer, twice, from {situation.who}: overlay network {situation.target.network} does not carry packets "
            "there and back",
            "let UDP 4789 pass between the nodes, and TCP and UDP 7946",
            measured=False,
        )
    if expected.verdict is Verdict.FILTERED:
        return Judgement(
            Verdict.FILTERED, f"dropped silently, twice: {expected.because}", expected.remedy, measured=False
        )
    if situation.ended and situation.direct:
        return _ended(situation)
    if seen.rejector:  # measured: of 30 at once, Linux rejects six or seven and is silent to the rest
        return Judgement(
            Verdict.REJECTED,
            f"no answer, twice, but a firewall at {seen.rejector} rejected other probes to that address, and what it sends of "
            "that is rate-limited",
            "look at the rules at that address",
            measured=False,
        )
    through = seen.behind is not None and gets_through(situation)
    if there and there.state == "paused" and (seen.others or not through):
        # Measured: each probe of ours stays in the queue of a process that never accepts; busybox httpd has room for 9.
        return Judgement(
            Verdict.OPEN_SILENT,
            f"{there.name} is paused, and its queue of waiting connections is full",
            f"docker unpause {there.name}",
            measured=False,
        )
    if there and situation.direct and situation.target.protocol is Protocol.TCP and _comes_by_route(situation):
        port = situation.target.container_port
        return Judgement(
            Verdict.FILTERED,
            f"dropped silently, twice: port {port} of {there.name} is not published, and what comes from outside is "
            "forwarded to published ports only",
            f"publish it: -p {port}:{port}",
            measured=False,
        )
    if _crosses_by_ipv6(situation):
        here, network = situation.here, situation.network
        assert here and network
        return Judgement(
            Verdict.FILTERED,
            f"dropped silently, twice: {here.name} is not on network {network.name}, and Docker keeps networks apart where it "
            "manages ip6tables; else it is a firewall on the way",
            f"docker network connect {network.name} {here.name}",
            measured=False,
        )
    full = f", or {there.name} does not take up the connections that wait" if there and situation.listener() else ""
    is_tcp = situation.target.protocol is Protocol.TCP  # a datagram may be silence's own answer
    if is_tcp and (rule := suspect(situation, expected)):
        since = f": {rule.since}" if rule.since else ""
        return Judgement(
            Verdict.FILTERED,
            f"dropped silently, twice, by {rule.who}{'' if through else full}{since}",
            rule.remedy,
            measured=False,
        )
    return Judgement(
        Verdict.FILTERED,
        f"dropped silently, twice: a firewall on the way, or no way back{full}",
        "look at the rules on the way",
    )
