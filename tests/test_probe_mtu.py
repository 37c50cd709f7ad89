"""Large packets: who pings whom, how the largest that passes is found, and what is said of it."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import replace

import pytest
from test_probe_inventory import attached, bridge, document, read

from rawdock.probe import mtu
from rawdock.probe.asks import Ask, Asked
from rawdock.probe.observation import ICMP, Observation, Outcome
from rawdock.probe.protocol import Protocol
from rawdock.probe.record import Record
from rawdock.probe.target import CLIENT, HOST, Kind, Place, Target, Vantage, container_targets, outside_targets

INVENTORY = read(
    document("web", settings=attached(bridge="172.17.0.2") | {"Ports": {"80/tcp": [{"HostPort": "8080"}]}}),
    document("app", exposed={"80/tcp": {}, "81/tcp": {}}, settings=attached(backend="172.18.0.2")),
    document("db", exposed={"5432/tcp": {}}, settings=attached(backend="172.18.0.3")),
    networks=[bridge(), bridge("backend", "172.18.0.0/16")],
)
APP, VM = Vantage(Place.CONTAINER, "app"), "192.168.99.100"
TO_DB = (APP, Target(Kind.PACKETS, "172.18.0.3", 0, "db", network="backend", protocol=Protocol.ICMP))
TO_WEB = (APP, Target(Kind.PACKETS, "172.17.0.2", 0, "web", network="bridge", protocol=Protocol.ICMP))
TO_VM = (CLIENT, Target(Kind.PACKETS, VM, 0, protocol=Protocol.ICMP))


def test_of_each_network_gateway_and_host_one_is_pinged() -> None:
    app = INVENTORY.named("app")
    assert app
    asked = [(APP, target) for target in container_targets(app, INVENTORY, {}, None)]
    found = mtu.pairs(asked, INVENTORY)
    assert found == [
        (APP, Target(Kind.PACKETS, "172.18.0.1", 0, network="backend", protocol=Protocol.ICMP)),
        TO_DB,
    ]
    assert found[1][1].label == "172.18.0.3/icmp (db)"
    outside = [(CLIENT, target) for target in outside_targets(INVENTORY, {}, [VM])]
    assert [target.address for _, target in mtu.pairs(outside, INVENTORY)] == [VM, "172.18.0.2", "172.17.0.2"]
    assert mtu.pairs([pair for pair in outside if pair[1].kind is Kind.PUBLISHED], INVENTORY) == [TO_VM]
    host = [(HOST, target) for target in outside_targets(INVENTORY, {})]
    assert [target.address for _, target in mtu.pairs(host, INVENTORY)] == ["172.18.0.2", "172.17.0.2"]


def test_every_container_of_a_network_is_pinged_by_its_neighbour() -> None:
    names = ["a", "b", "c", "d"]
    inventory = read(
        *(document(name, settings=attached(backend=f"172.18.0.{number}")) for number, name in enumerate(names, 2)),
        networks=[bridge("backend", "172.18.0.0/16")],
    )
    asked = [
        (Vantage(Place.CONTAINER, container.name), target)
        for container in inventory.containers
        for target in container_targets(container, inventory, {}, None)
    ]
    found = [(vantage.label, target.container) for vantage, target in mtu.pairs(asked, inventory) if target.container]
    assert found == [("a", "b"), ("b", "c"), ("c", "d"), ("d", "a")]


def test_each_node_of_a_swarm_has_a_wire_of_its_own() -> None:
    near = Target(Kind.CONTAINER, "172.18.0.3", 80, "db", 80, network="backend")
    far = [replace(near, address=f"172.18.0.{number}", container=f"web.{number}", node=node) for number, node in
           ((7, "node2"), (8, "node2"), (9, "node3"))]  # fmt: skip
    found = [target for _, target in mtu.pairs([(APP, target) for target in (near, *far)], INVENTORY)]
    assert [(target.address, target.node) for target in found] == [
        ("172.18.0.3", None),
        ("172.18.0.7", "node2"),
        ("172.18.0.9", "node3"),
    ]


def test_two_pings_a_small_one_and_one_as_large_as_it_goes() -> None:
    ask = Ask("172.18.0.3", 0, protocol=Protocol.ICMP, size=84)
    assert mtu.first_asks([TO_DB]) == [(APP, ask), (APP, Ask("172.18.0.3", 0, protocol=Protocol.ICMP))]
    assert ask.word() == "icmp=172.18.0.3,84,df"


class Link:
    """What a link answers that lets packets of `limit` bytes pass and drops larger ones; it counts rounds and pings."""

    def __init__(self, limit: int, interface: int) -> None:
        self.limit, self.interface = limit, interface
        self.rounds, self.pings = 0, 0

    def __call__(self, asks: list[Asked]) -> dict[Asked, Observation]:
        self.rounds += 1
        self.pings += len(asks)
        return {ask: self.one(ask[1].size or self.interface) for ask in asks}

    def one(self, size: int) -> Observation:
        if size <= self.limit:
            return Observation(Outcome.REPLY, size=size)
        return Observation(Outcome.TIMEOUT, errno.ETIMEDOUT, size=size)


def records(link: Callable[[list[Asked]], dict[Asked, Observation]], pair: mtu.Pair = TO_DB) -> list[Record]:
    return list(mtu.records([pair], link(mtu.first_asks([pair])), link, INVENTORY))


@pytest.mark.parametrize(
    ("limit", "interface"),
    [(1400, 1500), (1500, 9000), (84, 1500), (85, 1500), (1499, 1500), (1450, 1500), (577, 1500), (576, 1500),
     (1372, 1450), (8950, 9000), (6000, 9000), (1280, 65535)],
)  # fmt: skip
def test_the_largest_size_that_passes_is_found_in_three_rounds(limit: int, interface: int) -> None:
    link = Link(limit, interface)
    (record,) = records(link)
    assert record.judgement.verdict.value == "mtu-black-hole"
    found = int(record.judgement.explanation.split()[2])
    assert limit - interface // 600 <= found <= limit  # of a jumbo frame to some 15 bytes
    assert link.rounds <= 4 and link.pings <= 2 + 3 * 41


def test_a_black_hole_is_told_with_its_ends_and_the_networks_option() -> None:
    (record,) = records(Link(1400, 1500))
    assert record.target == TO_DB[1]
    assert record.judgement.explanation == (
        "packets over 1400 bytes vanish between app and db: a connection opens, and stalls with its first large packet"
    )
    assert record.judgement.remedy.startswith(
        "create network backend anew with -o com.docker.network.driver.mtu=1400; or let ICMP's fragmentation-needed"
    )
    (record,) = records(Link(1400, 1500), TO_WEB)
    assert record.judgement.remedy.startswith('give the daemon "mtu": 1400 in daemon.json;')
    (record,) = records(Link(1400, 1500), TO_VM)
    assert "between this machine and 192.168.99.100:" in record.judgement.explanation
    assert record.judgement.remedy.startswith("lower the MTU to 1400 where the packets start")


def test_a_router_that_says_what_it_takes_is_named() -> None:
    def narrow(asks: list[Asked]) -> dict[Asked, Observation]:
        refused = Observation(Outcome.FAILED, errno.EMSGSIZE, 0.1, ICMP(4, 3, 4, 1400, "172.18.0.1"), size=1500)
        return {ask: Observation(Outcome.REPLY) if ask[1].size == 84 else refused for ask in asks}

    (record,) = records(narrow)
    assert (record.judgement.verdict.value, record.seen.milliseconds) == ("too-big", 0.1)
    assert record.judgement.explanation == (
        "172.18.0.1 takes packets of at most 1400 bytes on the way to db, and app sends 1500; it says so, so TCP finds its "
        "size after a lost packet"
    )
    assert record.judgement.remedy == "create network backend anew with -o com.docker.network.driver.mtu=1400"


def test_a_tunnel_speaks_in_the_name_of_the_other_end() -> None:
    """As measured on an overlay network, the node's own link lowered to 1400."""

    def narrow(asks: list[Asked]) -> dict[Asked, Observation]:
        refused = Observation(Outcome.FAILED, errno.EMSGSIZE, 0.1, ICMP(4, 3, 4, 1350, "172.18.0.3"), size=1450)
        return {ask: Observation(Outcome.REPLY) if ask[1].size == 84 else refused for ask in asks}

    (record,) = records(narrow)
    assert record.judgement.explanation.startswith("a tunnel takes packets of at most 1350 bytes on the way to db,")


@pytest.mark.parametrize(
    "answers",
    [
        (Observation(Outcome.REPLY), Observation(Outcome.REPLY)),
        (Observation(Outcome.TIMEOUT, 110), Observation(Outcome.TIMEOUT, 110)),  # no ping passes at all
        (Observation(Outcome.ERROR, errno.EACCES), Observation(Outcome.ERROR, errno.EACCES)),  # nor may be sent
        (Observation(Outcome.FAILED, errno.ENETUNREACH), Observation(Outcome.FAILED, errno.ENETUNREACH)),
        (Observation(Outcome.REPLY), Observation(Outcome.FAILED, errno.EMSGSIZE, icmp=ICMP(0, 0, 0, 1500, ""))),
    ],
)
def test_where_there_is_no_trouble_or_no_telling_there_is_no_record(
    answers: tuple[Observation, Observation],
) -> None:
    seen = dict(zip(mtu.first_asks([TO_DB]), answers, strict=True))
    assert list(mtu.records([TO_DB], seen, lambda asks: {}, INVENTORY)) == []


def test_one_lost_ping_is_no_black_hole() -> None:
    link = Link(1500, 1500)
    small, full = mtu.first_asks([TO_DB])
    seen = {small: Observation(Outcome.REPLY, size=84), full: Observation(Outcome.TIMEOUT, 110, size=1500)}
    assert list(mtu.records([TO_DB], seen, link, INVENTORY)) == []
