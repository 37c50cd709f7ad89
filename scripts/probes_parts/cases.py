"""The cases, a line each: add one, and `scripts/probes` makes it, asks the probe and writes its row.

A `Setup` is a lab with faults; all its cases are read from one run of the probe.
"""

# ruff: noqa: E501  # a case is a line
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Setup:
    """how: how it is made, for the table; options: the probe's."""

    topology: str
    how: str
    faults: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """what: the case; source: the vantage; to: an address and port, or "at NAME" for a container's own address, or "name NAME";
    verdict, says: what the probe must answer (two with "|" between where it is a matter of luck), and words of the sentence that name the cause."""

    what: str
    source: str
    to: str
    verdict: str
    says: str


VM = "192.168.99.100"
HOST = "daemon host"
WEB = f"{VM}:8080"


def _machine(how: str, *faults: str, options: tuple[str, ...] = ()) -> Setup:
    return Setup("docker-machine", how, faults, options)


def _rule(fault: str, how: str, *cases: Case) -> tuple[Setup, tuple[Case, ...]]:
    return _machine(how, fault), cases


_FORWARD = "by a rule in DOCKER-USER or FORWARD"
_REJECTED = "REJECT from DOCKER-USER"

BASE = (
    _machine("the lab's docker-machine, whole"),
    (
        Case("published, somebody listens", "client", WEB, "open", "web listens on 0.0.0.0:80"),
        Case("published, nobody listens, through DNAT", "client", f"{VM}:8082", "refused", "nobody listens on port 80"),
        Case("app on its own loopback, through DNAT", "client", f"{VM}:8081", "refused", "listens on 127.0.0.1:7000 only"),
        Case("paused container", "client", f"{VM}:8083", "open-silent", "paused is paused"),
        Case("published on 127.0.0.1 only", "client", f"{VM}:8084", "refused", "published on 127.0.0.1 of the daemon's host only"),
        Case("docker-machine's port on the client's localhost", "client", "127.0.0.1:8080", "refused", f"published on the daemon's host, {VM}"),
        Case("container's address from outside the VM", "client", "at web", "no-route", "no route to 172.17.0.0/16"),
        Case("published, nobody listens, through docker-proxy", HOST, "127.0.0.1:8082", "accepted-then-closed", "nobody listens on port 80 in bare"),
        Case("app on its own loopback, through docker-proxy", HOST, "127.0.0.1:8081", "accepted-then-closed", "listens on 127.0.0.1:7000 only"),
        Case("paused container, through docker-proxy", HOST, "127.0.0.1:8083", "open-silent", "paused is paused"),
        Case("published, by IPv6's localhost", HOST, "[::1]:8080", "open", "web listens on 0.0.0.0:80"),
        Case("container on another bridge", "app", "at web", "filtered", "Docker keeps networks apart"),
        Case("another bridge's published port, by the own gateway", "app", "172.18.0.1:8080", "open", "web listens on"),
        Case("another bridge's published port, nobody listens", "app", "172.18.0.1:8082", "accepted-then-closed", "nobody listens on port 80 in bare"),
        Case("a service of the daemon's host, by the gateway", "web", "172.17.0.1:2376", "open", "connected and kept open"),
        Case("a name on a network of its own", "app", "name db", "open", "resolves"),
        Case("a name on the default bridge", "web", "name local", "name-no-resolver", ""),
    ),
)  # fmt: skip

APPS = (
    Setup(
        "native",
        "the lab's native, with apps and networks of their own kind",
        ("hangs-up", "resets", "no-icc", "internal", "no-network"),
    ),
    (
        Case("on one machine, a container's address", "client", "at web", "open", "web listens on 0.0.0.0:80"),
        Case("app that hangs up at once, through docker-proxy", "client", "127.0.0.1:8090", "accepted-then-closed", "hasty accepted and hung up"),
        Case("app that hangs up at once", "client", "at hasty", "accepted-then-closed", "hasty accepted and hung up"),
        Case("app that resets, through docker-proxy", "client", "127.0.0.1:8091", "accepted-then-closed", "rude accepted and hung up"),
        Case("app that resets", "client", "at rude", "reset", "rude broke the connection off"),
        Case("network with enable_icc=false", "mute1", "at mute2", "filtered", "network mute has enable_icc=false"),
        Case("enable_icc=false, from the daemon's host", "client", "at mute2", "open", "mute2 listens on"),
        Case("out of an internal network", "inner1", "at web", "filtered|no-route", "on inner alone, an internal network"),
        Case("within an internal network", "inner1", "at inner2", "open", "inner2 listens on"),
        Case("published port from an internal network", "inner1", "172.20.0.1:8080", "filtered", "inner is an internal network"),
        Case("into an internal network, from the daemon's host", "client", "at inner2", "open", "inner2 listens on"),
        Case("container without a network", "alone", "at web", "no-route", "alone has no route to 172.17.0.0/16"),
    ),
)  # fmt: skip

MAC = (
    Setup("docker-for-mac", "the lab's docker-for-mac, whole"),
    (
        Case("Docker for Mac: localhost", "client", "127.0.0.1:8080", "open", "web listens on 0.0.0.0:80"),
        Case("Docker for Mac: nobody listens", "client", "127.0.0.1:8082", "accepted-then-closed", "nobody listens on port 80 in bare"),
        Case("Docker for Mac: app on its own loopback", "client", "127.0.0.1:8081", "accepted-then-closed", "listens on 127.0.0.1:7000 only"),
        Case("Docker for Mac: paused container", "client", "127.0.0.1:8083", "open-silent", "paused is paused"),
        Case("Docker for Mac: container's address", "client", "at web", "no-route", "no route to 172.17.0.0/16"),
    ),
)  # fmt: skip

NO_PROXY = (
    _machine("dockerd --userland-proxy=false", "no-proxy"),
    (
        Case("userland-proxy=false: nobody listens", HOST, "127.0.0.1:8082", "refused", "bare is up, but nobody listens on port 80"),
        Case("userland-proxy=false: another bridge's published port", "app", "172.18.0.1:8080", "filtered", "without userland-proxy"),
        Case("userland-proxy=false: the own bridge's published port", "bare", "172.17.0.1:8080", "open", "web listens on"),
    ),
)  # fmt: skip

FAULTS = (
    _rule(
        "reject-port", f"{_REJECTED}, icmp-port-unreachable",
        Case("firewall rejects: port unreachable", "client", WEB, "rejected", f"(port unreachable), {_FORWARD}"),
    ),
    _rule(
        "reject-host", f"{_REJECTED}, icmp-host-prohibited",
        Case("firewall rejects: host prohibited", "client", WEB, "rejected", f"(host prohibited), {_FORWARD}"),
    ),
    _rule(
        "reject-admin", f"{_REJECTED}, icmp-admin-prohibited",
        Case("firewall rejects: administratively prohibited", "client", WEB, "rejected", f"(administratively prohibited), {_FORWARD}"),
    ),
    _rule(
        "reject-net", f"{_REJECTED}, icmp-net-prohibited",
        Case("firewall rejects: network prohibited", "client", WEB, "rejected", f"(network prohibited), {_FORWARD}"),
    ),
    _rule(
        "reject-proto", f"{_REJECTED}, icmp-proto-unreachable",
        Case("firewall rejects: protocol unreachable", "client", WEB, "rejected", f"(protocol unreachable), {_FORWARD}"),
    ),
    _rule(
        "reject-reset", f"{_REJECTED}, tcp-reset",
        Case("firewall rejects by a reset", "client", WEB, "rejected", f"answered as a closed port does, {_FORWARD}"),
    ),
    _rule("drop", "DROP in FORWARD", Case("firewall drops what is forwarded", "client", WEB, "filtered", _FORWARD)),
    _rule(
        "docker-user-drop", "DROP for all in DOCKER-USER",
        Case("DOCKER-USER drops", "client", WEB, "filtered", f"{_FORWARD}: the daemon's host itself gets through to web"),
        Case("DOCKER-USER drops, IPv6's localhost", HOST, "[::1]:8080", "open", "web listens on"),
        Case("DOCKER-USER drops, within a network", "app", "at db", "filtered", _FORWARD),
    ),
    _rule(
        "output-drop", "DROP in OUTPUT of the daemon's host",
        Case("the daemon's host drops what it sends itself", HOST, "at web", "filtered", "by a rule in OUTPUT"),
        Case("the daemon's host drops what docker-proxy sends", "app", "172.18.0.1:8080", "open-silent", "a rule in OUTPUT"),
        Case("the daemon's host drops what it sends itself, seen from outside", "client", WEB, "open", "web listens on"),
    ),
    _rule(
        "client-drop", "DROP in OUTPUT of the client",
        Case("the client's own firewall drops", "client", WEB, "filtered", "by a firewall on this machine or on the way"),
    ),
    _rule(
        "client-reject", "REJECT in OUTPUT of the client",
        Case("the client's own firewall rejects", "client", WEB, "rejected", "this machine's own firewall rejected it"),
    ),
    _rule(
        "input-drop", "ufw's default: DROP in INPUT",
        Case("INPUT drops: published port from outside", "client", WEB, "open", "web listens on"),
        Case("INPUT drops: by a container's gateway", "app", "172.18.0.1:8080", "filtered", "by a rule in INPUT"),
        Case("INPUT drops: port published on 127.0.0.1 only", "client", f"{VM}:8084", "filtered", "by a rule in INPUT"),
    ),
    _rule(
        "input-reject", "firewalld's default: REJECT in INPUT",
        Case("INPUT rejects: by a container's gateway", "app", "172.18.0.1:8080", "rejected", "by a rule in INPUT"),
        Case("INPUT rejects: a service of the daemon's host", "web", "172.17.0.1:2376", "rejected", "by a rule in INPUT"),
    ),
    _rule(
        "own-rules", "DROP in web's own network",
        Case("container's own rules drop", "client", WEB, "filtered", "by a rule in web's own network"),
        Case("container's own rules drop, through docker-proxy", HOST, "127.0.0.1:8080", "open-silent", "web does not answer it"),
    ),
    _rule(
        "own-reject", "REJECT in web's own network",
        Case("container's own rules reject", "client", WEB, "rejected", "web's own firewall rejected it"),
        Case("container's own rules reject, through docker-proxy", HOST, "127.0.0.1:8080", "accepted-then-closed|open-silent", "web's own firewall rejected it"),
    ),
    _rule(
        "ip-forward-off", "net.ipv4.ip_forward=0",
        Case("forwarding is off: published port", "client", WEB, "filtered", "IPv4Forwarding false"),
        Case("forwarding is off: a service of the daemon's host", "web", "172.17.0.1:2376", "open", "connected and kept open"),
    ),
    _rule(
        "nat-flushed", "Docker's NAT rules are gone",
        Case("NAT rules flushed: nobody listens", "client", f"{VM}:8082", "accepted-then-closed", "NAT rules"),
    ),
    _rule(
        "stale-address", "web's interface is down",
        Case("absent neighbour, from outside", "client", WEB, "host-down", "the API gives web the address 172.17.0.2"),
        Case("absent neighbour, from the daemon's host", HOST, "at web", "host-down", "the API gives web the address 172.17.0.2"),
        Case("absent neighbour, within a network", "local", "at web", "host-down", "the API gives web the address 172.17.0.2"),
    ),
    _rule(
        "one-address", "-p 192.168.99.100:8092:80",
        Case("published on the VM's address only, there", "client", f"{VM}:8092", "open", "narrow listens on"),
        Case("published on the VM's address only, elsewhere", "client", "127.0.0.1:8092", "refused", f"the port is published on the daemon's host, {VM}"),
    ),
    (
        _machine("a static route through the VM, probed with --force", "static-route", options=("--force",)),
        (
            Case("static route: a published container port", "client", "at web", "open", "web listens on"),
            Case("static route: one that is not published", "client", "at db", "filtered", "not published"),
        ),
    ),
    (
        _machine("the same, and FORWARD's policy is ACCEPT", "static-route", "forward-policy-accept", options=("--force",)),
        (Case("static route, FORWARD's policy is ACCEPT", "client", "at db", "open", "db listens on"),),
    ),
)  # fmt: skip

CASES: tuple[tuple[Setup, tuple[Case, ...]], ...] = (BASE, MAC, APPS, NO_PROXY, *FAULTS)
