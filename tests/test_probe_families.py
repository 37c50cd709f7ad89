"""Containers with two families or several networks: which address a forwarder dials, and who bears witness."""

from __future__ import annotations

import errno
from dataclasses import replace

import pytest
from test_probe_inventory import bridge, document, published, read

from rawdock.probe.asks import Ask
from rawdock.probe.judge import judge
from rawdock.probe.listeners import Listener
from rawdock.probe.model import expect
from rawdock.probe.observation import Observation, Outcome
from rawdock.probe.protocol import Protocol
from rawdock.probe.target import CLIENT, Kind, Target
from rawdock.probe.topology import What, Where
from rawdock.probe.verdict import Daemon, Judgement, Situation, Verdict
from rawdock.probe.witnesses import Witnesses

BOTH = {"six": {"IPAddress": "172.21.0.2", "GlobalIPv6Address": "fd00::2", "Gateway": "172.21.0.1"}}
OLD = {"bridge": {"IPAddress": "172.17.0.2", "Gateway": "172.17.0.1"}}
PORTS = published(("0.0.0.0", 8080), ("::", 8080))
INVENTORY = read(
    document("both", settings=PORTS | {"Networks": BOTH}),
    document("two", settings=PORTS | {"Networks": OLD | BOTH}),
    document("old", settings=PORTS | {"Networks": OLD}),
    document("new", settings=PORTS | {"Networks": {"six": {"IPAddress": "", "GlobalIPv6Address": "fd00::3"}}}),
    networks=[bridge(), bridge("six", "172.21.0.0/16")],
)
DAEMON = Daemon(What.LINUX, Where.SAME, listeners={Listener("0.0.0.0", 8080), Listener("::", 8080)})
V4, V6 = Listener("0.0.0.0", 80), Listener("::", 80, v6only=True)
QUIET, CLOSED = Observation(Outcome.QUIET), Observation(Outcome.CLOSED)
REFUSED = Observation(Outcome.FAILED, errno.ECONNREFUSED)


def situation(name: str, address: str, *listeners: Listener) -> Situation:
    container = INVENTORY.named(name)
    assert container
    binding = next(port for port in container.published if (":" in port.host_ip) == (":" in address))
    target = Target(Kind.PUBLISHED, address, 8080, name, 80, binding)
    return Situation(CLIENT, target, INVENTORY, set(listeners), daemon=DAEMON)


def closed(name: str, address: str, listener: Listener) -> Judgement:
    return judge(CLOSED, situation(name, address, listener))


@pytest.mark.parametrize(
    ("name", "address", "ends"),
    [
        ("both", "127.0.0.1", ["172.21.0.2"]),
        ("both", "::1", ["fd00::2"]),
        ("old", "::1", ["172.17.0.2"]),
        ("new", "127.0.0.1", ["fd00::3"]),
        ("two", "127.0.0.1", ["172.17.0.2", "172.21.0.2"]),
        ("two", "::1", ["fd00::2", "172.17.0.2"]),  # by which network it is published, the API does not tell
    ],
)
def test_a_forwarder_dials_the_family_that_it_was_asked_by_where_there_is_one(
    name: str, address: str, ends: list[str]
) -> None:
    assert situation(name, address).ends() == ends


@pytest.mark.parametrize(
    ("address", "listener", "expected", "cure"),
    [
        ("127.0.0.1", V6, "the port forwarder accepted, but both listens on [::]:80 (IPv6 alone) only", "0.0.0.0"),
        ("::1", V4, "the port forwarder accepted, but both listens on 0.0.0.0:80 only", "::"),
    ],
)
def test_an_app_that_listens_in_the_other_family_did_not_hang_up(
    address: str, listener: Listener, expected: str, cure: str
) -> None:
    """Measured on 20.10: docker-proxy's -container-ip is of the family of its -host-ip."""
    found = closed("both", address, listener)
    assert (found.explanation, found.remedy) == (expected, f"let it listen on {cure}")
    assert expect(situation("both", address, listener)).verdict in (
        found.verdict,
        None,
    )  # by IPv6 some engines translate


def test_of_several_ends_the_one_that_was_dialled_is_not_claimed_to_be_known() -> None:
    found = closed("two", "::1", V4)
    assert "either the port forwarder dialled fd00::2, where nobody listens, or two hung up" in found.explanation
    assert not found.measured
    assert expect(situation("two", "::1", V4)).verdict is None


def test_a_quiet_connection_is_open_whatever_the_other_family_says() -> None:
    """The host is refused at the IPv6 address, where nobody listens; by IPv4 it gets through."""
    target = situation("two", "127.0.0.1").target
    own = [Target(Kind.CONTAINER, each, 80, "two", 80, network="six") for each in ("172.21.0.2", "fd00::2")]
    seen = {(CLIENT, Ask(one.address, 80)): what for one, what in zip(own, (QUIET, REFUSED), strict=True)}
    witnesses = Witnesses([(CLIENT, one) for one in own], seen, CLIENT)
    assert witnesses.of(CLIENT, target).behind == QUIET
    assert [witnesses.of(CLIENT, one).behind for one in own] == [QUIET, REFUSED]


@pytest.mark.parametrize("outcome", [Outcome.QUIET, Outcome.DATA, Outcome.CLOSED, Outcome.RESET, Outcome.REPLY])
def test_who_answers_where_the_port_is_not_published_is_somebody_else(outcome: Outcome) -> None:
    inventory = read(document("web", settings=published(("127.0.0.2", 8080))), networks=[bridge()])
    binding = inventory.containers[0].published[0]
    elsewhere = Target(Kind.PUBLISHED, "127.0.0.1", 8080, "web", 80, binding)
    protocol = Protocol.UDP if outcome is Outcome.REPLY else Protocol.TCP
    asked = Situation(CLIENT, replace(elsewhere, protocol=protocol), inventory, {V4}, daemon=DAEMON)
    found = judge(Observation(outcome), asked)
    assert (found.verdict, found.measured, found.remedy) == (
        Verdict.OPEN_SILENT,
        False,
        "use 127.0.0.2 in place of 127.0.0.1",
    )
    assert "something else answers at 127.0.0.1:8080" in found.explanation
    there = replace(asked, target=replace(asked.target, address="127.0.0.2"))
    assert "something else" not in judge(Observation(outcome), there).explanation
    behind = replace(asked, daemon=replace(DAEMON, what=What.MAC))
    assert "something else" not in judge(Observation(outcome), behind).explanation
