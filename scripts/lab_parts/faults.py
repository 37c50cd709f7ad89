"""The faults the lab can have, as a table: add a row, and `lab fault TOPOLOGY NAME` brings it.

Each is what somebody's machine has: a firewall's rule, a sysctl, a network's option, an app of its own kind.
Source: iptables-extensions(8) for REJECT, ip-sysctl.rst, ufw(8) for what its default does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .commands import LabError
from .containers import Container


@dataclass(frozen=True)
class Step:
    """Two shell commands: one makes the fault, the other takes it back. where: whose network they run in: the topology's
    role "daemon" or "client", or a container's name. {web} in them is that container's address, {vm} the daemon's host's.
    """

    where: str
    do: str
    undo: str


def rule(words: str, where: str = "daemon") -> Step:
    """An iptables rule: its chain, then the rest. It becomes the chain's first."""
    return Step(where, f"iptables -w -I {words}", f"iptables -w -D {words}")


@dataclass(frozen=True)
class Fault:
    """daemon: settings of the daemon, which only `up --fault` can make; networks: bodies of POST /networks/create, by name;
    steps are done in their order and taken back in the opposite one."""

    name: str
    summary: str
    steps: tuple[Step, ...] = ()
    networks: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    containers: tuple[Container, ...] = ()
    daemon: Mapping[str, object] = field(default_factory=dict)


_WEB = "-p tcp -d {web} --dport 80 -j"
_SYSCTL = "/proc/sys/net/ipv4/ip_forward"


def _reject(name: str, how: str, summary: str) -> Fault:
    return Fault(name, summary, (rule(f"DOCKER-USER {_WEB} REJECT --reject-with {how}"),))


def _served(name: str, network: str = "bridge", published: tuple[str, int] | None = None) -> Container:
    return Container(name, 80, "0.0.0.0:80", published, network)


_TABLE = (
    _reject("reject-port", "icmp-port-unreachable", "REJECT for web:80 in DOCKER-USER, as iptables does it by default"),
    _reject("reject-host", "icmp-host-prohibited", "the same, host prohibited, as firewalld does it"),
    _reject("reject-admin", "icmp-admin-prohibited", "the same, administratively prohibited"),
    _reject("reject-net", "icmp-net-prohibited", "the same, network prohibited"),
    _reject("reject-proto", "icmp-proto-unreachable", "the same, protocol unreachable"),
    _reject("reject-reset", "tcp-reset", "the same, by a reset, which looks like a closed port"),
    Fault("drop", "DROP for web:80 in FORWARD", (rule(f"FORWARD {_WEB} DROP"),)),
    Fault("docker-user-drop", "DROP for everything in DOCKER-USER", (rule("DOCKER-USER -j DROP"),)),
    Fault("output-drop", "DROP for web:80 in the daemon host's OUTPUT", (rule(f"OUTPUT {_WEB} DROP"),)),
    Fault(
        "client-drop",
        "DROP for port 8080 in the client's OUTPUT",
        (rule("OUTPUT -p tcp --dport 8080 -j DROP", "client"),),
    ),
    Fault(
        "client-reject",
        "REJECT for port 8080 in the client's OUTPUT",
        (rule("OUTPUT -p tcp --dport 8080 -j REJECT", "client"),),
    ),
    Fault(
        "input-drop",
        "DROP in INPUT for all but loopback and the daemon's port, as ufw's default has it",
        (
            rule("INPUT -j DROP"),
            rule("INPUT -p tcp --dport 2376 -j ACCEPT"),
            rule("INPUT -i lo -j ACCEPT"),
            rule("INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"),
        ),
    ),
    Fault(
        "input-reject",
        "REJECT in INPUT for what comes from containers, as firewalld's default does it",
        (
            rule("INPUT -s 172.16.0.0/12 -j REJECT --reject-with icmp-host-prohibited"),
            rule("INPUT -i lo -j ACCEPT"),
            rule("INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"),
        ),
    ),
    Fault(
        "own-rules",
        "DROP for port 80 by web's own rules",
        (rule("INPUT -p tcp --dport 80 -j DROP", "web"),),
    ),
    Fault(
        "own-reject",
        "REJECT for port 80 by web's own rules",
        (rule("INPUT -p tcp --dport 80 -j REJECT", "web"),),
    ),
    Fault(
        "ip-forward-off",
        "net.ipv4.ip_forward=0 on the daemon's host",
        (Step("daemon", f"echo 0 >{_SYSCTL}", f"echo 1 >{_SYSCTL}"),),
    ),
    Fault(
        "forward-policy-accept",
        "FORWARD's policy is ACCEPT, as dockerd leaves it where forwarding was on before it came",
        (Step("daemon", "iptables -w -P FORWARD ACCEPT", "iptables -w -P FORWARD DROP"),),
    ),
    Fault(
        "nat-flushed",
        "Docker's NAT rules are no longer asked, as after a firewall's reload",
        (
            Step(
                "daemon",
                "iptables -w -t nat -D PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
                "iptables -w -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
            ),
        ),
    ),
    Fault(
        "static-route",
        "a route from the client to the containers' networks, through the VM",
        (Step("client", "ip route add 172.16.0.0/12 via {vm}", "ip route del 172.16.0.0/12"),),
    ),
    Fault(
        "mtu",
        "the VM's link to the client has an MTU of 1400",
        (Step("daemon", "ip link set eth1 mtu 1400", "ip link set eth1 mtu 1500"),),
    ),
    Fault(
        "mtu-black-hole",
        "the same, and the ICMP errors that would say so are dropped",
        (
            Step("daemon", "ip link set eth1 mtu 1400", "ip link set eth1 mtu 1500"),
            rule("OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP"),
        ),
    ),
    Fault(
        "stale-address",
        "web's interface is down: nobody answers for the address that the API tells",
        (
            Step("web", "ip link set eth0 down", "ip link set eth0 up && ip route add default via 172.17.0.1"),
            # Who has spoken with it lately would hold on to its neighbour entry for longer than a probe waits.
            Step("daemon", "ip neigh flush dev docker0", "true"),
            Step("local", "ip neigh flush dev eth0", "true"),
        ),
    ),
    Fault(
        "no-icc",
        "a network with enable_icc=false, and mute1 and mute2 on it",
        networks={"mute": {"Options": {"com.docker.network.bridge.enable_icc": "false"}}},
        containers=(_served("mute1", "mute"), _served("mute2", "mute")),
    ),
    Fault(
        "internal",
        "an internal network, and inner1 and inner2 on it",
        networks={"inner": {"Internal": True}},
        containers=(_served("inner1", "inner"), _served("inner2", "inner")),
    ),
    Fault("no-network", "alone, a container without a network", containers=(_served("alone", "none"),)),
    Fault(
        "hangs-up",
        "hasty, an app that closes each connection at once, on port 8090",
        containers=(Container("hasty", 80, "0.0.0.0:80", ("", 8090), command=("nc", "-ll", "-p", "80", "-e", "true")),),
    ),
    Fault(
        "resets",
        "rude, which resets each connection once it stands, on port 8091",
        (rule("INPUT -p tcp --dport 80 -m conntrack --ctstate ESTABLISHED -j REJECT --reject-with tcp-reset", "rude"),),
        containers=(_served("rude", published=("", 8091)),),
    ),
    Fault(
        "one-address",
        "narrow, published on the VM's address alone, port 8092",
        containers=(_served("narrow", published=("{vm}", 8092)),),
    ),
    Fault(
        "stopped",
        "ended, published on 8093 and stopped",
        containers=(Container("ended", 80, None, ("", 8093), stopped=True),),
    ),
    Fault("no-proxy", "the daemon's setting userland-proxy=false", daemon={"userland-proxy": False}),
)

FAULTS = {fault.name: fault for fault in _TABLE}


def fault_named(name: str) -> Fault:
    """The fault of that name. Raises LabError, code 2, naming the known ones."""
    try:
        return FAULTS[name]
    except KeyError:
        raise LabError(f"unknown fault {name!r}; known: {', '.join(FAULTS)}", code=2) from None
