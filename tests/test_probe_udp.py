"""Datagrams: what is sent to which port, and what an answer, an error and silence mean.

It is long because it has every verdict with its sentence.
"""

from __future__ import annotations

import errno
from dataclasses import replace
from typing import Any

import pytest
from test_probe_inventory import attached, bridge, document, read

from rawdock.cli import main
from rawdock.errors import UsageError
from rawdock.probe.asks import Ask, asks, own_ask, port_ask
from rawdock.probe.icmp_errors import rejector
from rawdock.probe.inventory import Published
from rawdock.probe.judge import judge
from rawdock.probe.listeners import Listener, answering, on_port, read_listeners
from rawdock.probe.model import expect
from rawdock.probe.observation import ICMP, Observation, Outcome
from rawdock.probe.path import Path
from rawdock.probe.payloads import payload
from rawdock.probe.protocol import Protocol
from rawdock.probe.record import Record, Result
from rawdock.probe.render.grade import Grade, grade
from rawdock.probe.report import remedies
from rawdock.probe.surroundings import Facts
from rawdock.probe.target import CLIENT, Kind, Place, Target, Vantage, container_addresses, container_targets, hairpins
from rawdock.probe.target import outside_targets as outside
from rawdock.probe.topology import What, Where, decide
from rawdock.probe.verdict import Daemon, Judgement, Seen, Situation, Verdict

UDP = Protocol.UDP
BINDING = Published("0.0.0.0", 5353, 53, UDP)
INVENTORY = read(
    document("dns", settings=attached(bridge="172.17.0.2") | {"Ports": {"53/udp": [{"HostPort": "5353"}]}}),
    document("asleep", state="paused", exposed={"53/udp": {}}, settings=attached(bridge="172.17.0.3")),
    document("app", exposed={"53/udp": {}}, settings=attached(backend="172.18.0.2")),
    networks=[bridge(), bridge("backend", "172.18.0.0/16")],
)
VM = "192.168.99.100"
ON = Target(Kind.PUBLISHED, VM, 5353, "dns", 53, BINDING, protocol=UDP)
LOCAL = replace(ON, address="127.0.0.1")
GATEWAY = replace(ON, kind=Kind.GATEWAY, address="172.18.0.1", network="backend")
AT = Target(Kind.CONTAINER, "172.17.0.2", 53, "dns", 53, network="bridge", protocol=UDP)
ASLEEP = Target(Kind.CONTAINER, "172.17.0.3", 53, "asleep", 53, network="bridge", protocol=UDP)
APP = Vantage(Place.CONTAINER, "app")
ALL, LOOP = Listener("0.0.0.0", 53, UDP), Listener("127.0.0.1", 53, UDP)
REPLY = Observation(Outcome.REPLY, data=b"x")
SILENCE = Observation(Outcome.TIMEOUT, errno.ETIMEDOUT)


def unreachable(by: str = "172.17.0.2") -> Observation:
    return Observation(Outcome.FAILED, errno.ECONNREFUSED, icmp=ICMP(4, 3, 3, 0, by))


def verdict(seen: Observation, target: Target, vantage: Vantage = CLIENT, **known: Any) -> Judgement:
    return judge(seen, Situation(vantage, target, INVENTORY, **known))


@pytest.mark.parametrize(
    ("seen", "target", "known", "expected", "sentence"),
    [
        (REPLY, ON, {}, "open", "dns answered"),
        (
            REPLY, LOCAL, {"daemon_host": VM}, "open",
            "something on this machine's localhost answered, but the port is published on the daemon's host, "
            f"{VM}: it need not be dns",
        ),
        (
            replace(REPLY, source="172.17.0.1"), ON, {}, "wrong-source",
            f"dns answered, but from 172.17.0.1 in place of {VM}: a client that has connected its socket does not get that",
        ),
        (unreachable(), AT, {"listeners": set()}, "refused", "dns is up, but nobody listens on UDP port 53 in it"),
        (
            unreachable(), AT, {"listeners": {Listener("0.0.0.0", 53)}}, "refused",
            "dns is up, but nobody listens on UDP port 53 in it",
        ),
        (unreachable(), AT, {}, "refused", "the host is up, but nothing listens there for dns"),
        (
            unreachable(), AT, {"listeners": {LOOP}}, "refused",
            "dns listens on 127.0.0.1:53/udp only, its own loopback",
        ),
        (
            unreachable("127.0.0.1"), LOCAL, {"listeners": {ALL}, "daemon_host": VM}, "refused",
            f"nothing listens on this machine's localhost: the port is published on the daemon's host, {VM}",
        ),
        (
            unreachable(VM), replace(ON, published=Published("127.0.0.1", 5353, 53, UDP)), {"listeners": {ALL}}, "refused",
            "published on 127.0.0.1 of the daemon's host only",
        ),
        (
            unreachable(), AT, {"listeners": {Listener("::", 53, UDP)}}, "refused",
            "dns has a socket on [::]:53/udp, but for IPv6 alone: IPV6_V6ONLY",
        ),
        (
            unreachable(VM), ON, {"listeners": {ALL}}, "rejected",
            f"dns has a socket on 0.0.0.0:53/udp, but a firewall at {VM} rejected the datagram (port unreachable)",
        ),
        (
            Observation(Outcome.FAILED, errno.EHOSTUNREACH, icmp=ICMP(4, 3, 13, 0, VM)), ON, {}, "rejected",
            f"a firewall at {VM} rejected it (administratively prohibited)",
        ),
        (Observation(Outcome.FAILED, errno.ENETUNREACH), AT, {}, "no-route", "this machine has no route to 172.17.0.0/16"),
        (
            Observation(Outcome.FAILED, errno.EADDRNOTAVAIL), replace(AT, address="fd00::2"), {}, "no-address",
            "this machine has no IPv6 address to send from",
        ),
        (Observation(Outcome.FAILED, errno.EPERM), AT, {}, "rejected", "a firewall on this machine itself forbids it"),
        # Silence
        (
            SILENCE, ON, {}, "no-answer",
            "no answer, twice: it is open and keeps still, or a firewall dropped it, or a forwarder swallowed the error",
        ),
        (SILENCE, AT, {}, "no-answer", "no answer, twice: it is open and keeps still, or a firewall dropped it"),
        (
            SILENCE, ON, {"listeners": set()}, "no-answer",
            "nobody in dns has UDP port 53 open; the port forwarder swallowed the error",
        ),
        (
            SILENCE, AT, {"listeners": set()}, "no-answer",
            "nobody in dns has UDP port 53 open; the error that says so was dropped, or is rate-limited",
        ),
        (
            SILENCE, ON, {"listeners": {LOOP}}, "no-answer",
            "dns has a socket on 127.0.0.1:53/udp only, its own loopback; the port forwarder swallowed the error",
        ),
        (
            SILENCE, ON, {"listeners": {ALL}}, "no-answer",
            "dns has a socket on 0.0.0.0:53/udp and does not answer our datagram",
        ),
        (
            SILENCE, ON, {"listeners": {ALL}, "own": SILENCE}, "no-answer",
            "dns has a socket on 0.0.0.0:53/udp and does not answer our datagram, not even inside its own network",
        ),
        (
            SILENCE, ON, {"listeners": {ALL}, "own": REPLY}, "filtered",
            "dropped silently, twice: dns answers the same datagram inside its own network",
        ),
        (
            SILENCE, ASLEEP, {"listeners": {ALL}}, "no-answer",
            "asleep is paused: what is sent waits in its socket",
        ),
        (
            SILENCE, AT, {"second": Seen(rejector=VM)}, "rejected",
            f"no answer, twice, but a firewall at {VM} rejected other probes to that address, and what it sends of that is "
            "rate-limited",
        ),
    ],
)  # fmt: skip
def test_judge_udp(seen: Observation, target: Target, known: dict[str, Any], expected: str, sentence: str) -> None:
    found = verdict(seen, target, **known)
    assert (found.verdict.value, found.explanation) == (expected, sentence)


@pytest.mark.parametrize("number", [errno.EADDRNOTAVAIL, errno.ENETUNREACH])
def test_a_container_without_ipv6_has_no_address_whatever_its_kernel_looks_for_first(number: int) -> None:
    found = verdict(Observation(Outcome.FAILED, number), replace(AT, address="fd00::2"), APP)
    assert (found.verdict.value, found.explanation) == ("no-address", "app has no IPv6 address to send from")


def test_across_networks_silence_is_dockers_own() -> None:
    found = verdict(SILENCE, AT, APP, listeners={ALL}, own=REPLY, daemon=Daemon(What.LINUX, Where.SAME))
    assert (found.verdict.value, found.measured) == ("filtered", False)
    assert "app is not on network bridge" in found.explanation


def test_a_closed_udp_port_is_no_firewall_and_a_closed_tcp_port_that_says_so_is() -> None:
    assert rejector(unreachable(VM), UDP) == ""
    assert rejector(unreachable(VM)) == VM
    six = Observation(Outcome.FAILED, errno.ECONNREFUSED, icmp=ICMP(6, 1, 4, 0, "fd00::2"))
    assert (rejector(six, UDP), rejector(six)) == ("", "fd00::2")


def test_the_remedy_for_a_port_on_another_address_maps_udp() -> None:
    local = replace(ON, published=Published("127.0.0.1", 5353, 53, UDP))
    assert verdict(unreachable(VM), local).remedy == "publish it for all addresses: -p 5353:53/udp"


HERE = Daemon(What.LINUX, Where.SAME, listeners={Listener("0.0.0.0", 5353, UDP)})


@pytest.mark.parametrize(
    ("target", "vantage", "listeners", "expected"),
    [
        (AT, CLIENT, {ALL}, None),  # whether the app answers us is its own affair
        (AT, CLIENT, set(), "refused"),
        (AT, CLIENT, {Listener("0.0.0.0", 53)}, "refused"),
        (AT, APP, {ALL}, "filtered"),
        (LOCAL, CLIENT, set(), "no-answer"),  # docker-proxy's
        (LOCAL, CLIENT, {ALL}, None),
        (GATEWAY, APP, set(), "no-answer"),
        (ASLEEP, CLIENT, {ALL}, "no-answer"),
    ],
)
def test_what_is_expected_of_a_datagram(
    target: Target, vantage: Vantage, listeners: set[Listener], expected: str | None
) -> None:
    found = expect(Situation(vantage, target, INVENTORY, listeners, daemon=HERE)).verdict
    assert (found.value if found else None) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Judgement(Verdict.OPEN, "dns answered"), Grade.OPEN),
        (Judgement(Verdict.NO_ANSWER, "nobody has it open"), Grade.BROKEN),
        (Judgement(Verdict.NO_ANSWER, "it has a socket and keeps still", measured=False), Grade.BY_DESIGN),
        (Judgement(Verdict.WRONG_SOURCE, "from another address"), Grade.BROKEN),
    ],
)
def test_a_ci_server_hears_of_what_is_broken_and_of_no_riddle(found: Judgement, expected: Grade) -> None:
    result = Result(INVENTORY, decide(Facts({}, {})))
    assert grade(Record(CLIENT, AT, found, SILENCE), result) is expected


WAY = Target(Kind.CLIENT, "172.18.0.1", 40000, network="backend")


def test_a_firewall_of_this_machine_is_broken_and_has_a_cure_though_containers_are_kept_apart() -> None:
    result = Result(INVENTORY, decide(Facts({}, {})))
    kept_out = Record(APP, WAY, Judgement(Verdict.FILTERED, "a firewall of this machine", "let it in"), SILENCE)
    apart = Record(APP, AT, Judgement(Verdict.FILTERED, "other network", "connect"), SILENCE)
    assert (grade(kept_out, result), grade(apart, result)) == (Grade.BROKEN, Grade.BY_DESIGN)
    assert list(remedies([kept_out, apart], 80)) == ["let it in", "    a firewall of this machine"]


# What is asked


@pytest.mark.parametrize(("port", "size"), [(53, 12), (123, 48), (3478, 20), (9, 1), (None, 1)])
def test_a_payload_is_a_question_of_the_ports_own_protocol_or_an_empty_line(port: int | None, size: int) -> None:
    assert len(payload(port)) == size
    assert size > 1 or payload(port) == b"\n"


def test_the_payload_goes_by_the_port_inside_the_container() -> None:
    assert port_ask(ON) == Ask(VM, 5353, protocol=UDP, payload=payload(53))
    assert port_ask(ON).word() == f"udp={VM},5353,{payload(53).hex()}"


def test_the_same_is_asked_from_the_applications_own_namespace_where_that_can_be_entered() -> None:
    own = (Vantage(Place.CONTAINER, "dns"), Ask("172.17.0.2", 53, protocol=UDP, payload=payload(53)))
    assert own_ask(ON, INVENTORY) == own_ask(AT, INVENTORY) == own
    assert [ask for _, ask in asks(CLIENT, ON, INVENTORY, ())] == [port_ask(ON)]
    assert list(asks(CLIENT, ON, INVENTORY, ["dns"])) == [(CLIENT, port_ask(ON)), own]


# Targets


def test_a_udp_target_says_so() -> None:
    assert (AT.socket, AT.label) == ("172.17.0.2:53/udp", "172.17.0.2:53/udp (dns)")
    assert replace(AT, address="::1").socket == "[::1]:53/udp"


def test_published_and_open_udp_ports_are_targets_and_a_clients_socket_is_none() -> None:
    found = [target.socket for target in outside(INVENTORY, {}) if target.kind is Kind.PUBLISHED]
    assert found == ["127.0.0.1:5353/udp"]
    sockets = {Listener("0.0.0.0", 514, UDP), Listener("0.0.0.0", 40000, UDP), Listener("127.0.0.11", 53, UDP)}
    ports = [(t.port, t.protocol) for t in container_addresses(INVENTORY, {"app": sockets}) if t.container == "app"]
    assert ports == [(53, UDP), (514, UDP)]


def test_the_gateway_shows_published_udp_ports() -> None:
    app = INVENTORY.named("app")
    assert app
    gateways = [t.socket for t in container_targets(app, INVENTORY, {}, None) if t.kind is Kind.GATEWAY]
    assert gateways == ["172.18.0.1:5353/udp"]


def test_from_a_container_the_hosts_own_address_shows_published_udp_ports_alone() -> None:
    both = read(document("dns", settings=attached(bridge="172.17.0.2") | {
        "Ports": {"53/udp": [{"HostPort": "5353"}, {"HostIp": "::", "HostPort": "5353"}], "53/tcp": [{"HostPort": "5353"}],
                  "54/udp": [{"HostIp": "127.0.0.1", "HostPort": "54"}]}
    }))  # fmt: skip
    assert [target.socket for target in hairpins(both, VM)] == [f"{VM}:5353/udp"]


def test_a_path_may_end_at_a_udp_port() -> None:
    path = Path.parse("client", "dns:53/udp")
    assert (path.container, path.port, path.protocol) == ("dns", 53, UDP)
    assert Path.parse("client", "dns:53/tcp") == Path.parse("client", "dns:53")
    assert path.asks(CLIENT, AT, INVENTORY) and not path.asks(CLIENT, replace(AT, protocol=Protocol.TCP), INVENTORY)
    found = Path.parse("client", "app:9/udp").within(INVENTORY).named("app")
    assert found and (found.exposed, found.exposed_udp) == ((), (9, 53))


@pytest.mark.parametrize("end", ["dns:53/", "dns:53/sctp", "dns:/udp", "dns:53/udp/", "dns:53/UDP"])
def test_a_path_to_no_known_protocol_is_a_usage_error(end: str) -> None:
    with pytest.raises(UsageError, match="expected CONTAINER:PORT or ADDRESS:PORT, with /udp or without"):
        Path.parse("client", end)


# /proc/net/udp, in the form of proc(5): one socket for all, one with a peer


TABLE = """   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  101: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0 0
  102: 0100007F:0036 0200007F:1234 01 00000000:00000000 00:00000000 00000000     0        0 2 2 0 0
"""


def test_udp_sockets_without_a_peer_are_listeners() -> None:
    assert read_listeners(TABLE, UDP) == {ALL}
    assert str(ALL) == "0.0.0.0:53/udp"


def test_a_udp_socket_is_no_tcp_listener() -> None:
    assert answering({ALL}, "172.17.0.2", 53) is None
    assert answering({ALL, Listener("0.0.0.0", 53)}, "172.17.0.2", 53, UDP) == ALL
    assert (on_port({ALL}, 53), on_port({ALL}, 53, UDP)) == (None, ALL)


def test_a_udp_path_without_datagrams_is_a_usage_error(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "--no-udp", "client", "dns:53/udp"]) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert "'dns:53/udp' with --no-udp: that path takes a datagram; leave --no-udp out" in said.err
