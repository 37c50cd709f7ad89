"""Bridges made with options that change who reaches whom, and what has no network at all. Measured on Docker 20.10 and 28.5."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from test_probe_inventory import attached, bridge, document, published, read

from rawdock.probe.docker_route import stays_inside
from rawdock.probe.failures import timed_out
from rawdock.probe.inventory import DEFAULT_BRIDGE
from rawdock.probe.judge import judge
from rawdock.probe.listeners import Listener
from rawdock.probe.model import expect
from rawdock.probe.observation import Observation, Outcome
from rawdock.probe.target import CLIENT, Kind, Place, Target, Vantage, container_targets
from rawdock.probe.topology import What, Where
from rawdock.probe.verdict import Daemon, Situation, Verdict


def option(name: str, value: str) -> dict[str, Any]:
    return {"options": {f"com.docker.network.bridge.{name}": value}}


SIX = {"Networks": {"six": {"IPAddress": "", "GlobalIPv6Address": "fd00::2", "IPv6Gateway": "fd00::1"}}}
OTHER = {"Networks": {"seven": {"IPAddress": "", "GlobalIPv6Address": "fd01::2", "IPv6Gateway": "fd01::1"}}}
INVENTORY = read(
    document("web", settings=attached(bridge="172.17.0.2") | published(("0.0.0.0", 8080), ("::", 8080))),
    document("plain", settings=attached(plain="172.20.0.2") | published(("0.0.0.0", 8081))),
    document(
        "both", settings=attached(plain="172.20.0.3", bridge="172.17.0.3") | published(("0.0.0.0", 8083), ("::", 8083))
    ),
    document("bare", settings=attached(bare="172.21.0.2") | published(("0.0.0.0", 8082))),
    document("alone", settings={"Networks": {"alone": {"IPAddress": "172.22.0.1", "Gateway": ""}}}),
    document("nowhere", settings={"Networks": {"none": {"IPAddress": "", "Gateway": ""}}}),
    document("six", settings=SIX),
    document("seven", settings=OTHER),
    networks=[
        bridge(),
        bridge("plain", "172.20.0.0/16", **option("enable_ip_masquerade", "false")),
        bridge("bare", "172.21.0.0/16", **option("inhibit_ipv4", "true")),
        bridge("alone", "172.22.0.0/16", Internal=True, **option("gateway_mode_ipv4", "isolated")),
        bridge("six", "fd00::/64"),
        bridge("seven", "fd01::/64"),
        {"Name": "none", "Id": "none", "Driver": "null", "IPAM": {"Config": []}},
    ],
)
DAEMON = Daemon(What.LINUX, Where.SAME, listeners={Listener("0.0.0.0", port) for port in (8080, 8081, 8082)})


def inside(name: str) -> Vantage:
    return Vantage(Place.CONTAINER, name)


def situation(vantage: Vantage, target: Target) -> Situation:
    return Situation(vantage, target, INVENTORY, {Listener("0.0.0.0", 80)}, daemon=DAEMON)


def port(name: str, kind: Kind, address: str, network: str | None = None) -> Target:
    container = INVENTORY.named(name)
    assert container
    binding = container.published[0]
    return Target(kind, address, binding.host_port, name, 80, binding, network)


@pytest.mark.parametrize(("name", "expected"), [("web", Verdict.FILTERED), ("plain", Verdict.OPEN)])
def test_without_masquerading_a_gateways_published_ports_lead_straight_into_other_networks(
    name: str, expected: Verdict
) -> None:
    """dockerd then writes no rule by which the bridge's own packets pass DNAT by."""
    asked = situation(inside("plain"), port(name, Kind.GATEWAY, "172.20.0.1", "plain"))
    assert expect(asked).verdict is expected
    assert ("does not masquerade" in timed_out(asked).explanation) is (expected is Verdict.FILTERED)


@pytest.mark.parametrize(
    ("name", "keeps_out"), [("bare", True), ("alone", True), ("plain", False), (DEFAULT_BRIDGE, False)]
)
def test_a_bridge_without_an_address_is_no_interface_that_leads_there(name: str, keeps_out: bool) -> None:
    network = INVENTORY.networks[name]
    assert (bool(network.addressless), not network.bridge) == (keeps_out, keeps_out)


def test_of_a_container_on_that_network_and_another_nothing_is_expected() -> None:
    """Its port may be published by the other one: measured on 20.10."""
    asked = situation(inside("plain"), port("both", Kind.GATEWAY, "172.20.0.1", "plain"))
    assert expect(asked).verdict is None


def test_a_forwarder_that_has_no_way_to_the_container_is_the_cause_and_not_its_app() -> None:
    asked = situation(CLIENT, port("bare", Kind.PUBLISHED, "127.0.0.1"))
    found = judge(Observation(Outcome.CLOSED), asked)
    assert found.explanation == (
        "the port forwarder accepted, but the daemon's host has no address on network bare "
        "(com.docker.network.bridge.inhibit_ipv4=true)"
    )
    assert (found.verdict, found.measured) == (expect(asked).verdict, False)


def test_nothing_leaves_an_internal_network_without_a_gateway() -> None:
    target = Target(Kind.CONTAINER, "172.17.0.2", 80, "web", 80, network=DEFAULT_BRIDGE)
    assert stays_inside(inside("alone"), target, INVENTORY)
    inventory = replace(INVENTORY, networks={**INVENTORY.networks, "alone": INVENTORY.networks["plain"]})
    assert stays_inside(inside("alone"), target, inventory)
    assert not stays_inside(inside("bare"), target, INVENTORY)


def test_between_networks_ipv6_is_not_called_without_a_route_where_there_is_a_gateway() -> None:
    asked = situation(inside("six"), Target(Kind.CONTAINER, "fd01::2", 80, "seven", 80, network="seven"))
    assert expect(asked).verdict is None
    found = timed_out(asked)
    assert (
        "six is not on network seven, and Docker keeps networks apart where it manages ip6tables" in found.explanation
    )
    assert (found.verdict, found.measured) == (Verdict.FILTERED, False)


def test_what_is_on_no_network_has_no_name_server_to_be_asked() -> None:
    container = INVENTORY.named("nowhere")
    assert container
    assert not [one for one in container_targets(container, INVENTORY, {}, None) if one.kind is Kind.NAME]
