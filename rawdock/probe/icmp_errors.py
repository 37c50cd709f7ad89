"""Who answered a probe: the port's own kernel, or a firewall in between, by the ICMP error of the socket's queue.

Codes: RFC 792 and RFC 1812 section 5.2.7.1; RFC 4443 section 3.1.
"""

from __future__ import annotations

import errno

from .observation import ICMP, Observation, Outcome
from .protocol import Protocol

ICMP_WORDS = {
    (4, 2): "protocol unreachable",
    (4, 3): "port unreachable",
    (4, 9): "network prohibited",
    (4, 10): "host prohibited",
    (4, 13): "administratively prohibited",
    (6, 1): "administratively prohibited",
    (6, 4): "port unreachable",
    (6, 5): "policy",
    (6, 6): "reject route",
}


def rejects(icmp: ICMP | None, protocol: Protocol = Protocol.TCP) -> bool:
    """Whether it is what a firewall's REJECT sends. A closed UDP port says port unreachable by itself."""
    if icmp is None or not icmp.family:
        return False
    if protocol is Protocol.UDP and (icmp.family, icmp.code) in ((4, 3), (6, 4)):
        return False
    unreachable = 3 if icmp.family == 4 else 1
    return icmp.type == unreachable and (icmp.family, icmp.code) in ICMP_WORDS


def rejector(seen: Observation, protocol: Protocol = Protocol.TCP) -> str:
    """The address of the firewall that rejected this probe, "" if none did."""
    return seen.icmp.offender if seen.icmp and rejects(seen.icmp, protocol) else ""


def connected(seen: Observation) -> bool:
    """Whether somebody took it: a connection, if only to break it off at once, or a datagram that was answered."""
    broken_off = seen.outcome is Outcome.FAILED and seen.errno in (errno.ECONNRESET, errno.EPIPE)
    return broken_off or seen.outcome in (Outcome.DATA, Outcome.QUIET, Outcome.CLOSED, Outcome.RESET, Outcome.REPLY)


def answered(seen: Observation) -> bool:
    """Whether the port's own kernel said something: no silence, and no message of somebody in between."""
    refused = seen.outcome is Outcome.FAILED and seen.errno == errno.ECONNREFUSED and not rejects(seen.icmp)
    return refused or connected(seen)
