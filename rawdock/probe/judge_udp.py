"""What a UDP probe means. Only an answer proves an open port, and only an ICMP error a closed one; silence has many causes,
told apart by a second vantage: the container's own table of UDP sockets, and the same question asked from its own namespace.
"""

from __future__ import annotations

import errno

from .failures import failed, refused, timed_out
from .observation import Observation, Outcome
from .target import Kind
from .verdict import Judgement, Situation, Verdict

_OWN_PROTOCOL = "ask it in its own protocol"


def judge_udp(seen: Observation, situation: Situation) -> Judgement:
    """Return the verdict on a datagram that was answered, failed or got no answer."""
    if seen.outcome is Outcome.REPLY:
        return _answered(seen, situation)
    if seen.outcome is Outcome.TIMEOUT:
        return _silent(situation)
    if seen.errno == errno.ECONNREFUSED:
        return _unreachable(seen, situation)
    return failed(seen, situation)


def _answered(seen: Observation, situation: Situation) -> Judgement:
    who, target = situation.who, situation.target
    if situation.other_localhost:
        return Judgement(
            Verdict.OPEN,
            "something on this machine's localhost answered, but the port is published on the daemon's host, "
            f"{situation.daemon_host}: it need not be {who}",
            f"use {situation.daemon_host} in place of localhost",
            measured=False,
        )
    if seen.source:
        return Judgement(
            Verdict.WRONG_SOURCE,
            f"{who} answered, but from {seen.source} in place of {target.address}: a client that has connected its socket "
            "does not get that",
            f"send to {seen.source}, to the container's own address, or set userland-proxy to false for the daemon",
        )
    return Judgement(Verdict.OPEN, f"{who} answered")


def _unreachable(seen: Observation, situation: Situation) -> Judgement:
    """Who closed the port sends the same message as a firewall with REJECT: the table of sockets tells them apart."""
    who, icmp, binding = situation.who, seen.icmp, situation.target.published
    listener = situation.listener()
    if situation.other_localhost or (binding and not binding.for_all and binding.host_ip != situation.target.address):
        return refused(situation)  # the port is published elsewhere
    if listener and listener.address == "::" and ":" not in situation.target.address:
        return Judgement(
            Verdict.REFUSED,
            f"{who} has a socket on {listener}, but for IPv6 alone: IPV6_V6ONLY",
            "let it bind 0.0.0.0 too",
            measured=False,
        )
    if listener:
        by = f"at {icmp.offender}" if icmp and icmp.offender else "on the way"
        return Judgement(
            Verdict.REJECTED,
            f"{who} has a socket on {listener}, but a firewall {by} rejected the datagram (port unreachable)",
            "look at the rules at that address",
        )
    return refused(situation)


def _silent(situation: Situation) -> Judgement:
    by_design = timed_out(situation)
    if by_design.verdict is Verdict.REJECTED or (by_design.verdict is Verdict.FILTERED and not by_design.measured):
        return by_design
    who, target, container = situation.who, situation.target, situation.container
    if container and container.state == "paused":
        return Judgement(
            Verdict.NO_ANSWER,
            f"{who} is paused: what is sent waits in its socket",
            f"docker unpause {who}",
            measured=False,
        )
    if container and situation.listeners is not None:
        return _by_second_vantage(situation)
    through = ", or a forwarder swallowed the error" if target.published else ""
    return Judgement(
        Verdict.NO_ANSWER,
        f"no answer, twice: it is open and keeps still, or a firewall dropped it{through}",
        _OWN_PROTOCOL,
        measured=False,
    )


def _by_second_vantage(situation: Situation) -> Judgement:
    """Its sockets are known, and where its namespace could be entered, what it says to a neighbour."""
    who, target, own = situation.who, situation.target, situation.own
    if listener := situation.listener():
        if own and own.outcome is Outcome.REPLY:
            return Judgement(
                Verdict.FILTERED,
                f"dropped silently, twice: {who} answers the same datagram inside its own network",
                "look at the rules on the way",
            )
        inside = ", not even inside its own network" if own and own.outcome is Outcome.TIMEOUT else ""
        return Judgement(
            Verdict.NO_ANSWER,
            f"{who} has a socket on {listener} and does not answer our datagram{inside}",
            _OWN_PROTOCOL,
            measured=False,
        )
    swallowed = (
        "the port forwarder swallowed the error"
        if target.kind in (Kind.PUBLISHED, Kind.GATEWAY)
        else "the error that says so was dropped, or is rate-limited"
    )
    if other := situation.elsewhere():
        where = f"{other} only{', its own loopback' if other.is_loopback else ''}"
        return Judgement(Verdict.NO_ANSWER, f"{who} has a socket on {where}; {swallowed}", "let it bind 0.0.0.0")
    return Judgement(
        Verdict.NO_ANSWER,
        f"nobody in {who} has UDP port {target.container_port} open; {swallowed}",
        "start the app, or publish the port that it has open",
    )
