"""How a container reaches the machine of the client: where a socket of ours waits, by which names, and what it means."""

from __future__ import annotations

import errno
import socket

import pytest
from test_probe_inventory import attached, bridge, document, read
from test_probe_words import reply

from rawdock.probe.asks import asks
from rawdock.probe.judge import judge
from rawdock.probe.observation import Observation, Outcome
from rawdock.probe.target import Kind, Place, Target, Vantage
from rawdock.probe.this_machine import (
    addresses,
    judge_way,
    listening,
    product_names,
    resolved,
    targets,
    wrong_alias,
)
from rawdock.probe.topology import What, Where
from rawdock.probe.verdict import Situation

INVENTORY = read(
    document("web", settings=attached(bridge="172.17.0.2")),
    document(
        "app",
        settings=attached(backend="172.18.0.2"),
        HostConfig={
            "NetworkMode": "backend",
            "ExtraHosts": [
                "host.docker.internal:host-gateway",
                "db.example:203.0.113.7",
                "host.lima.internal:[fd00::1]",
            ],
        },
    ),
    document("lan", settings=attached(lan="10.0.0.2")),
    networks=[
        bridge(),
        bridge("backend", "172.18.0.0/16"),
        bridge("lan", "10.0.0.0/16", Driver="macvlan"),
    ],
)
WEB, APP, LAN = (INVENTORY.named(name) for name in ("web", "app", "lan"))
FROM_APP = Vantage(Place.CONTAINER, "app")
WAY = Target(Kind.CLIENT, "172.18.0.1", 40000, network="backend")


@pytest.mark.parametrize(
    ("what", "where", "source", "expected"),
    [
        (What.LINUX, Where.SAME, "", ["172.17.0.1", "172.18.0.1"]),
        (What.ROOTLESS, Where.SAME, "", []),
        (What.MACHINE, Where.REMOTE, "192.168.99.1", ["192.168.99.1"]),
        (What.MACHINE, Where.REMOTE, "", []),  # no neighbour
        (What.LINUX, Where.REMOTE, "192.0.2.1", []),  # that address is one of a LAN
        (What.MAC, Where.ELSEWHERE, "", ["127.0.0.1"]),
        (What.LINUX, Where.ELSEWHERE, "", []),
        (What.MAC, Where.CONTAINER, "", []),
    ],
)
def test_a_socket_waits_where_no_lan_can_reach_it(what: What, where: Where, source: str, expected: list[str]) -> None:
    assert addresses(what, where, ["172.17.0.1", "172.18.0.1"], source) == expected


def test_the_kernel_shakes_hands_and_nobody_says_a_word() -> None:
    with listening(["127.0.0.1", "203.0.113.1"]) as ports:
        assert list(ports) == ["127.0.0.1"]
        with socket.create_connection(("127.0.0.1", ports["127.0.0.1"]), 5) as connection:
            connection.settimeout(0.01)
            with pytest.raises(TimeoutError):
                connection.recv(1)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", ports["127.0.0.1"]), 5)


def test_a_container_asks_the_gateway_of_its_own_network_and_its_aliases() -> None:
    ports = {"172.17.0.1": 1, "172.18.0.1": 2}
    assert WEB and APP
    assert targets(WEB, INVENTORY, ports, {}) == [Target(Kind.CLIENT, "172.17.0.1", 1, network="bridge")]
    assert targets(APP, INVENTORY, ports, {}) == [
        Target(Kind.CLIENT, "172.18.0.1", 2, network="backend"),
        Target(Kind.CLIENT, "172.17.0.1", 1, name="host.docker.internal"),
        Target(Kind.CLIENT, "fd00::1", 0, name="host.lima.internal"),
    ]


def test_before_a_docker_machine_it_is_our_address_there_and_host_gateway_leads_elsewhere() -> None:
    assert APP
    way, alias, _ = targets(APP, INVENTORY, {"192.168.99.1": 3}, {})
    assert (way.address, way.port, way.label) == ("192.168.99.1", 3, "192.168.99.1 (this machine)")
    assert (alias.address, alias.is_elsewhere, alias.label) == (
        "172.17.0.1", True, "host.docker.internal (this machine)",
    )  # fmt: skip
    found = wrong_alias(Situation(FROM_APP, alias, INVENTORY))
    assert (found.verdict.value, found.explanation) == (
        "name-wrong-address",
        "host.docker.internal leads to 172.17.0.1, which is the daemon's host and not this machine: nothing was sent",
    )


def test_nothing_is_sent_to_an_alias_that_leads_elsewhere_nor_to_a_name_that_is_none() -> None:
    assert APP
    found = targets(APP, INVENTORY, {"192.168.99.1": 3}, {})
    asked = [ask.address for target in found for _, ask in asks(FROM_APP, target, INVENTORY, ())]
    assert asked == ["192.168.99.1"]


def test_from_a_macvlan_nothing_is_asked() -> None:
    assert LAN
    assert targets(LAN, INVENTORY, {"172.17.0.1": 1, "127.0.0.1": 2}, {"host.docker.internal": "192.168.65.2"}) == []


def test_behind_a_product_the_names_that_its_name_server_knows() -> None:
    assert product_names(What.MAC, Where.ELSEWHERE) == ("host.docker.internal", "docker.for.mac.localhost")
    assert product_names(What.LINUX, Where.ELSEWHERE) == product_names(What.MAC, Where.REMOTE) == ()
    assert APP
    assert targets(APP, INVENTORY, {"127.0.0.1": 4}, {"host.docker.internal": "192.168.65.2"}) == [
        Target(Kind.CLIENT, "192.168.65.2", 4, name="host.docker.internal")
    ]
    assert targets(APP, INVENTORY, {"127.0.0.1": 4}, {}) == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Observation(Outcome.REPLY, data=reply((1, bytes([192, 168, 65, 2])))), "192.168.65.2"),
        (Observation(Outcome.REPLY, data=reply((1, bytes([192, 168, 1, 2])))), ""),  # a LAN's
        (Observation(Outcome.REPLY, data=reply((1, bytes([8, 8, 8, 8])))), ""),
        (Observation(Outcome.REPLY, data=reply(flags=0x8183)), ""),
        (Observation(Outcome.REPLY, data=b"nonsense"), ""),
        (Observation(Outcome.TIMEOUT, errno.ETIMEDOUT), ""),
    ],
)
def test_an_answer_counts_only_from_the_products_own_network(answer: Observation, expected: str) -> None:
    assert resolved(answer, What.MAC) == expected


@pytest.mark.parametrize(
    ("seen", "expected", "sentence", "remedy"),
    [
        (Observation(Outcome.QUIET), "open", "app reaches a service of this machine that listens there", ""),
        (
            Observation(Outcome.TIMEOUT, errno.ETIMEDOUT), "filtered",
            "dropped silently, twice: a firewall of this machine keeps containers out, or one on the way",
            "let 172.18.0.0/16 in: with ufw, ufw allow from 172.18.0.0/16",
        ),
        (
            Observation(Outcome.RESET, errno.ECONNRESET), "reset",
            "the forwarder accepted, but did not get through to this machine's localhost",
            "is a firewall of this machine between them?",
        ),
        (
            Observation(Outcome.FAILED, errno.ECONNREFUSED), "refused", "the host is up, nothing listens there", "",
        ),
    ],
)  # fmt: skip
def test_what_it_means(seen: Observation, expected: str, sentence: str, remedy: str) -> None:
    situation = Situation(FROM_APP, WAY, INVENTORY)
    found = judge_way(seen, judge(seen, situation), situation)
    assert (found.verdict.value, found.explanation, found.remedy) == (expected, sentence, remedy)
