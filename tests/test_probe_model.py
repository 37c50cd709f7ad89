"""What should be, by Docker's own rules: a table of situations, from the API's documents and tables of listeners."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from test_probe_inventory import attached, bridge, document, published, read

from rawdock.probe.inventory import Published
from rawdock.probe.listeners import Listener
from rawdock.probe.model import Way, expect, foreseen
from rawdock.probe.observation import Observation, Outcome
from rawdock.probe.target import CLIENT, HOST, Kind, Place, Target, Vantage
from rawdock.probe.topology import What, Where
from rawdock.probe.verdict import Daemon, Seen, Situation

V6 = {"Networks": {"six": {"IPAddress": "172.21.0.2", "GlobalIPv6Address": "fd00::2", "Gateway": "172.21.0.1"}}}
INVENTORY = read(
    document("web", settings=attached(bridge="172.17.0.2") | published(("0.0.0.0", 8080), ("::", 8080))),
    document("near", settings=attached(bridge="172.17.0.3")),
    document("paused", state="paused", settings=attached(bridge="172.17.0.4") | published(("0.0.0.0", 8083))),
    document("local", settings=attached(bridge="172.17.0.5") | published(("127.0.0.1", 8084))),
    document("app", settings=attached(backend="172.18.0.2")),
    document("mute", settings=attached(quiet="172.19.0.2")),
    document("deaf", settings=attached(quiet="172.19.0.3")),
    document("inner", settings=attached(inside="172.20.0.2")),
    document("inner2", settings=attached(inside="172.20.0.3")),
    document("inner28", settings={"Networks": {"inside": {"IPAddress": "172.20.0.4", "Gateway": ""}}}),
    document("six", settings=V6),
    document("lan", settings=attached(macvlan="192.0.2.9")),
    document("none", settings={"Networks": {"none": {"IPAddress": "", "Gateway": ""}}}),
    networks=[
        bridge(),
        bridge("backend", "172.18.0.0/16"),
        bridge("quiet", "172.19.0.0/16", options={"com.docker.network.bridge.enable_icc": "false"}),
        bridge("inside", "172.20.0.0/16", Internal=True),
        bridge("six", "172.21.0.0/16"),
        bridge("macvlan", "192.0.2.0/24", Driver="macvlan"),
    ],
)
VM = "192.168.99.100"
ALL, LOOP = {Listener("0.0.0.0", 80)}, {Listener("127.0.0.1", 80)}
ALL6 = {Listener("::", 80)}
PROXIES = {Listener("0.0.0.0", 8080), Listener("::", 8080), Listener("0.0.0.0", 8083), Listener("127.0.0.1", 8084)}
HERE = Daemon(What.LINUX, Where.SAME, listeners=PROXIES)
MACHINE = Daemon(What.MACHINE, Where.REMOTE, listeners=PROXIES | {Listener("::", 2376)})
MAC = Daemon(What.MAC, Where.ELSEWHERE, listeners=PROXIES)
INSIDE = Daemon(What.LINUX, Where.CONTAINER, listeners=PROXIES, client_container="near")
NO_PROXY = replace(HERE, proxies=False)
PODMAN = Daemon(What.PODMAN, Where.SAME, listeners=set())
SEEN: dict[str, Any] = {
    "second": Seen(Observation(Outcome.TIMEOUT), ("container near",), True, "192.0.2.1"),
    "own": Observation(Outcome.REPLY),
    "ended": True,
}


def inside(name: str) -> Vantage:
    return Vantage(Place.CONTAINER, name)


def at(name: str, kind: Kind = Kind.CONTAINER, address: str = "") -> Target:
    container = INVENTORY.named(name)
    assert container
    (end,) = container.attachments
    named = name if kind is Kind.NAME else None
    return Target(kind, address or end.address, 80, name, 80, network=end.network, name=named)


def on(name: str, address: str) -> Target:
    container = INVENTORY.named(name)
    assert container
    port = container.published[0]
    return Target(Kind.PUBLISHED, address, port.host_port, name, 80, port)


def gateway(name: str, network: str, address: str) -> Target:
    return replace(on(name, address), kind=Kind.GATEWAY, network=network)


DAEMON = Target(Kind.GATEWAY, "172.17.0.1", 2376, network="bridge")
FOREIGN = Target(Kind.PUBLISHED, VM, 8085, "web", 80, Published("10.9.9.9", 8085, 80))


@pytest.mark.parametrize(
    ("vantage", "target", "daemon", "known", "verdict", "way"),
    [
        # A container's own address
        (CLIENT, at("web"), HERE, {"listeners": ALL}, "open", Way.OUT),
        (CLIENT, at("web"), HERE, {"listeners": set()}, "refused", Way.OUT),
        (CLIENT, at("web"), HERE, {"listeners": LOOP}, "refused", Way.OUT),
        (CLIENT, at("web"), HERE, {}, None, None),
        (CLIENT, at("paused"), HERE, {"listeners": ALL}, "open-silent", Way.OUT),
        (CLIENT, at("paused"), HERE, {"listeners": set()}, "refused", Way.OUT),
        (CLIENT, at("inner"), HERE, {"listeners": ALL}, "open", Way.OUT),
        (CLIENT, at("lan"), HERE, {"listeners": ALL}, None, None),
        (CLIENT, at("web"), MACHINE, {"listeners": ALL}, "no-route", None),
        (CLIENT, at("web"), MACHINE, {"listeners": ALL, "unsent": True}, "not-sent", None),
        (CLIENT, at("web"), replace(MACHINE, forced=True), {"listeners": ALL}, None, None),
        (CLIENT, at("web"), INSIDE, {"listeners": ALL}, "open", Way.THROUGH),
        (CLIENT, at("app"), INSIDE, {"listeners": ALL}, "no-route", None),
        (HOST, at("app"), MACHINE, {"listeners": ALL}, "open", Way.OUT),
        (inside("near"), at("web"), MACHINE, {"listeners": ALL}, "open", Way.THROUGH),
        (inside("app"), at("web"), MACHINE, {"listeners": ALL}, "filtered", Way.THROUGH),
        (inside("inner"), at("web"), MACHINE, {"listeners": ALL}, "filtered", Way.THROUGH),
        (inside("inner28"), at("web"), MACHINE, {"listeners": ALL}, "no-route", None),
        (inside("inner"), at("inner2"), MACHINE, {"listeners": ALL}, "open", Way.THROUGH),
        (inside("mute"), at("deaf"), MACHINE, {"listeners": ALL}, "filtered", Way.THROUGH),
        (inside("mute"), at("deaf"), replace(MACHINE, filters_bridges=False), {"listeners": ALL}, "open", Way.THROUGH),
        (inside("none"), at("web"), MACHINE, {"listeners": ALL}, "no-route", None),
        (inside("lan"), at("web"), MACHINE, {"listeners": ALL}, None, None),
        (inside("web"), at("six", address="fd00::2"), MACHINE, {"listeners": ALL6}, "no-address", None),
        (inside("app"), at("web"), PODMAN, {"listeners": ALL}, None, None),
        # By name
        (inside("near"), at("web", Kind.NAME), MACHINE, {"listeners": ALL}, "name-no-resolver", None),
        (inside("inner"), at("inner2", Kind.NAME), MACHINE, {"listeners": ALL}, "open", Way.THROUGH),
        # Published
        (CLIENT, on("web", "127.0.0.1"), HERE, {"listeners": ALL}, "open", Way.PROXY),
        (CLIENT, on("web", "127.0.0.1"), HERE, {"listeners": LOOP}, "accepted-then-closed", Way.PROXY),
        (CLIENT, on("web", "::1"), HERE, {"listeners": set()}, "accepted-then-closed", Way.PROXY),
        (CLIENT, on("paused", "127.0.0.1"), HERE, {"listeners": ALL}, "open-silent", Way.PROXY),
        (CLIENT, on("web", VM), HERE, {"listeners": set()}, "refused", Way.OUT),
        (CLIENT, on("web", "127.0.0.1"), NO_PROXY, {"listeners": set()}, "refused", Way.OUT),
        (CLIENT, on("web", "::1"), NO_PROXY, {"listeners": ALL}, "refused", Way.IN),
        (CLIENT, on("web", "127.0.0.1"), replace(HERE, listeners=None), {"listeners": ALL}, None, None),
        (CLIENT, on("web", VM), MACHINE, {"listeners": ALL}, "open", Way.THROUGH),
        (CLIENT, on("web", VM), MACHINE, {"listeners": set()}, "refused", Way.THROUGH),
        (CLIENT, on("web", VM), replace(MACHINE, forwards=False), {"listeners": ALL}, "filtered", Way.THROUGH),
        (CLIENT, on("web", "127.0.0.1"), MACHINE, {"listeners": ALL}, "refused", None),
        (CLIENT, on("local", VM), MACHINE, {"listeners": ALL}, "refused", Way.IN),
        (CLIENT, on("local", VM), replace(MACHINE, listeners=None), {"listeners": ALL}, None, None),
        (CLIENT, FOREIGN, replace(MACHINE, listeners={Listener(VM, 8085)}), {"listeners": ALL}, None, None),
        (HOST, on("local", "127.0.0.1"), MACHINE, {"listeners": ALL}, "open", Way.PROXY),
        (CLIENT, on("web", "127.0.0.1"), MAC, {"listeners": ALL}, "open", Way.FORWARDER),
        (CLIENT, on("web", "::1"), MAC, {"listeners": set()}, "accepted-then-closed", Way.FORWARDER),
        (CLIENT, on("web", "127.0.0.1"), replace(MAC, what=What.LINUX), {"listeners": ALL}, None, None),
        (CLIENT, on("web", "172.17.0.1"), INSIDE, {"listeners": ALL}, "open", Way.PROXY),
        (CLIENT, on("web", "127.0.0.1"), PODMAN, {"listeners": ALL}, None, None),
        # From a container to its gateway
        (inside("app"), gateway("web", "backend", "172.18.0.1"), HERE, {"listeners": ALL}, "open", Way.PROXY),
        (inside("app"), gateway("web", "backend", "172.18.0.1"), NO_PROXY, {"listeners": ALL}, "filtered", Way.THROUGH),
        (inside("near"), gateway("web", "bridge", "172.17.0.1"), NO_PROXY, {"listeners": ALL}, "open", Way.THROUGH),
        (inside("inner"), gateway("web", "inside", "172.20.0.1"), HERE, {"listeners": ALL}, "filtered", Way.THROUGH),
        (inside("web"), DAEMON, MACHINE, {}, "open", Way.IN),
        (inside("web"), DAEMON, HERE, {}, "refused", Way.IN),
        (inside("web"), DAEMON, replace(HERE, listeners=None), {}, None, None),
        # Nothing was asked
        (inside("web"), Target(Kind.CONTAINER, "", 0, "web"), MACHINE, {}, None, None),
    ],
)
def test_what_dockers_own_rules_give(
    vantage: Vantage, target: Target, daemon: Daemon, known: dict[str, Any], verdict: str | None, way: Way | None
) -> None:
    situation = Situation(vantage, target, INVENTORY, daemon=daemon, **known)
    found = expect(situation)
    assert (found.verdict and found.verdict.value, found.way) == (verdict, way)
    # What the probes then saw adds nothing, so it is worked out before them, once.
    before = foreseen(situation)
    assert expect(replace(situation, **SEEN)) == before.expected == found
    assert expect(replace(before, **SEEN)) is before.expected


@pytest.mark.parametrize(
    ("vantage", "target", "daemon", "because"),
    [
        (inside("app"), at("web"), HERE, "app is not on network bridge, and Docker keeps networks apart"),
        (inside("inner"), at("web"), HERE, "inner is on inside alone, an internal network: nothing leaves it"),
        (inside("inner28"), at("web"), HERE, "inner28 is on inside alone, an internal network: nothing leaves it"),
        (inside("mute"), at("deaf"), HERE, "network quiet has enable_icc=false"),
        (
            CLIENT, on("web", VM), replace(MACHINE, forwards=False),
            "the daemon's host forwards nothing: /info says IPv4Forwarding false (net.ipv4.ip_forward=0)",
        ),
        (
            inside("app"), gateway("web", "backend", "172.18.0.1"), NO_PROXY,
            "without userland-proxy a published port is a way into another network, and Docker keeps networks apart",
        ),
        (
            inside("inner"), gateway("web", "inside", "172.20.0.1"), HERE,
            "inside is an internal network, from which published ports cannot be reached",
        ),
        (CLIENT, on("web", "::1"), NO_PROXY, "no docker-proxy listens for IPv6: userland-proxy is off"),
        (
            CLIENT, on("web", "::1"), replace(HERE, proxies=True, listeners=set()),
            "no docker-proxy listens there: the container was about to end or to start, or its docker-proxy died",
        ),
    ],
)  # fmt: skip
def test_what_docker_forbids_has_a_cause_and_a_remedy(
    vantage: Vantage, target: Target, daemon: Daemon, because: str
) -> None:
    found = expect(Situation(vantage, target, INVENTORY, ALL, daemon=daemon))
    assert found.because == because and found.remedy
