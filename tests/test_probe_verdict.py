"""From what a probe saw to what it means: every verdict with its sentence, and no `open` that is none.

It is long because it is one table of verdicts, word for word.
"""

from __future__ import annotations

import errno
import struct
from dataclasses import replace
from typing import Any

import pytest
from test_probe_inventory import attached, bridge, document, published, read

from rawdock.probe.dns import query
from rawdock.probe.icmp_errors import rejector
from rawdock.probe.inventory import Published
from rawdock.probe.judge import judge
from rawdock.probe.listeners import Listener
from rawdock.probe.names import judge_name
from rawdock.probe.observation import ICMP, Observation, Outcome
from rawdock.probe.target import CLIENT, HOST, Kind, Place, Target, Vantage
from rawdock.probe.topology import What, Where
from rawdock.probe.verdict import Daemon, Judgement, Seen, Situation, Verdict

INVENTORY = read(
    document("web", settings=attached(bridge="172.17.0.2") | published(("0.0.0.0", 8080))),
    document("paused", state="paused", settings=attached(bridge="172.17.0.3") | published(("0.0.0.0", 8083))),
    document("local", settings=attached(bridge="172.17.0.4") | published(("127.0.0.1", 8084))),
    document("app", settings=attached(backend="172.18.0.2")),
    document("mute", settings=attached(quiet="172.19.0.2")),
    document("deaf", settings=attached(quiet="172.19.0.3")),
    networks=[
        bridge(),
        bridge("backend", "172.18.0.0/16"),
        bridge("quiet", "172.19.0.0/16", options={"com.docker.network.bridge.enable_icc": "false"}),
    ],
)
VM = "192.168.99.100"
ALL, LOOP, OTHER = Listener("0.0.0.0", 80), Listener("127.0.0.1", 80), Listener("172.18.0.9", 80)
MACHINE = Daemon(What.MACHINE, Where.REMOTE)
MAC = Daemon(What.MAC, Where.ELSEWHERE)
PROXIED = Daemon(What.LINUX, Where.SAME, listeners={Listener("0.0.0.0", 8080)})
BY_WEB = Observation(Outcome.FAILED, errno.ECONNREFUSED, icmp=ICMP(4, 3, 3, 0, "172.17.0.2"))
QUIET, CLOSED, TIMEOUT = Observation(Outcome.QUIET), Observation(Outcome.CLOSED), Observation(Outcome.TIMEOUT, 110)
DATA = Observation(Outcome.DATA, data=b"220 hello")
REFUSED = Observation(Outcome.FAILED, errno.ECONNREFUSED)


def inside(name: str) -> Vantage:
    return Vantage(Place.CONTAINER, name)


def on(name: str, address: str = VM) -> Target:
    """The port of this container that is published."""
    container = INVENTORY.named(name)
    assert container
    (port,) = container.published
    return Target(Kind.PUBLISHED, address, port.host_port, name, 80, port)


def at(name: str) -> Target:
    """The address of this container."""
    container = INVENTORY.named(name)
    assert container
    (end,) = container.attachments
    return Target(Kind.CONTAINER, end.address, 80, name, 80, network=end.network)


GATEWAY = Target(Kind.GATEWAY, "172.17.0.1", 2376, network="bridge")
GATEWAY_WEB = replace(on("web"), kind=Kind.GATEWAY, address="172.17.0.1", network="bridge")


def failure(number: int, *icmp: Any) -> Observation:
    return Observation(Outcome.FAILED, number, icmp=ICMP(*icmp) if icmp else None)


def verdict(seen: Observation, target: Target, vantage: Vantage = CLIENT, **known: Any) -> Judgement:
    known.setdefault("daemon", MACHINE)
    return judge(seen, Situation(vantage, target, INVENTORY, **known))


@pytest.mark.parametrize(
    ("seen", "target", "vantage", "known", "expected", "sentence"),
    [
        # What was accepted
        (DATA, on("web"), CLIENT, {}, "open", "web spoke first"),
        (QUIET, on("web"), CLIENT, {"listeners": {ALL}}, "open", "web listens on 0.0.0.0:80"),
        (QUIET, on("web"), CLIENT, {}, "open", "connected and kept open, and web is running"),
        (QUIET, GATEWAY, inside("web"), {}, "open", "connected and kept open"),
        (
            QUIET, on("web"), CLIENT, {"listeners": {LOOP}}, "open-silent",
            "something accepted and keeps still, but in web nobody listens on port 80",
        ),
        (
            QUIET, on("web"), CLIENT, {"listeners": set()}, "open-silent",
            "something accepted and keeps still, but in web nobody listens on port 80",
        ),
        (
            QUIET, on("paused"), CLIENT, {"listeners": {ALL}}, "open-silent",
            "the kernel shook hands, but paused is paused and says nothing",
        ),
        (
            QUIET, on("web", "127.0.0.1"), CLIENT, {"listeners": {ALL}, "daemon_host": VM}, "open-silent",
            "something on this machine's localhost accepted and keeps still, but the port is published on the daemon's host, "
            f"{VM}: it need not be web",
        ),
        (
            DATA, on("web", "127.0.0.1"), CLIENT, {"daemon_host": VM}, "open",
            "something on this machine's localhost spoke first, but the port is published on the daemon's host, "
            f"{VM}: it need not be web",
        ),
        (
            CLOSED, on("web", "127.0.0.1"), CLIENT, {"listeners": set(), "daemon": MAC}, "accepted-then-closed",
            "the port forwarder accepted, but nobody listens on port 80 in web",
        ),
        (
            CLOSED, on("web", "127.0.0.1"), CLIENT, {"listeners": {LOOP}, "daemon": MAC}, "accepted-then-closed",
            "the port forwarder accepted, but web listens on 127.0.0.1:80 only, its own loopback",
        ),
        (
            CLOSED, on("web", "127.0.0.1"), CLIENT, {"listeners": {LOOP, OTHER}, "daemon": MAC}, "accepted-then-closed",
            "the port forwarder accepted, but web listens on 172.18.0.9:80 only",
        ),
        (
            CLOSED, on("web"), CLIENT, {"listeners": {ALL}}, "accepted-then-closed",
            "web accepted and hung up without a word",
        ),
        (
            CLOSED, on("web"), CLIENT, {}, "accepted-then-closed",
            "accepted and closed without a word: nobody listens in web behind the forwarder, or it hung up",
        ),
        (
            CLOSED, at("web"), CLIENT, {"listeners": set()}, "accepted-then-closed",
            "web accepted and hung up without a word",
        ),
        (CLOSED, GATEWAY, inside("web"), {}, "accepted-then-closed", "the host accepted and hung up without a word"),
        (
            CLOSED, on("web", "127.0.0.1"), CLIENT, {"listeners": {ALL}, "daemon_host": VM}, "accepted-then-closed",
            "something on this machine's localhost accepted and hung up without a word",
        ),
        (
            Observation(Outcome.RESET, errno.ECONNRESET), on("web"), CLIENT, {}, "reset",
            "connected, then web broke the connection off",
        ),
        (failure(errno.ECONNRESET), on("web"), CLIENT, {}, "reset", "connected, then web broke the connection off"),
        # What was refused
        (
            REFUSED, on("web", "127.0.0.1"), CLIENT, {"daemon_host": VM}, "refused",
            f"nothing listens on this machine's localhost: the port is published on the daemon's host, {VM}",
        ),
        (
            REFUSED, on("local", "127.0.0.1"), CLIENT, {"daemon_host": VM}, "refused",
            "nothing listens on this machine's localhost: the port is published on 127.0.0.1 of the daemon's host, "
            f"{VM}, only",
        ),
        (REFUSED, on("local"), CLIENT, {"daemon_host": VM}, "refused", "published on 127.0.0.1 of the daemon's host only"),
        (
            REFUSED, on("web", "127.0.0.1"), HOST, {"listeners": {LOOP}, "daemon_host": VM}, "refused",
            "web listens on 127.0.0.1:80 only, its own loopback",
        ),
        (
            REFUSED, at("web"), inside("local"), {"listeners": {LOOP}}, "refused",
            "web listens on 127.0.0.1:80 only, its own loopback",
        ),
        (REFUSED, at("web"), CLIENT, {"listeners": {OTHER}}, "refused", "web listens on 172.18.0.9:80 only"),
        (
            REFUSED, at("web"), CLIENT, {"listeners": set()}, "refused",
            "web is up, but nobody listens on port 80 in it",
        ),
        (REFUSED, at("web"), CLIENT, {}, "refused", "the host is up, but nothing listens there for web"),
        (
            REFUSED, at("web"), CLIENT, {"listeners": {ALL}}, "refused",
            "the host is up, but nothing listens there for web",
        ),
        (
            REFUSED, GATEWAY, inside("web"), {}, "refused",
            "the gateway is there and answers, but nothing listens on that port",
        ),
        # Firewalls
        (
            failure(errno.ECONNREFUSED, 4, 3, 3, 0, VM), on("web"), CLIENT, {}, "rejected",
            f"a firewall at {VM} rejected it (port unreachable)",
        ),
        (
            failure(errno.EHOSTUNREACH, 4, 3, 13, 0, VM), on("web"), CLIENT, {}, "rejected",
            f"a firewall at {VM} rejected it (administratively prohibited)",
        ),
        (
            failure(errno.EACCES, 6, 1, 1, 0, "2001:db8::1"), on("web"), CLIENT, {}, "rejected",
            "a firewall at 2001:db8::1 rejected it (administratively prohibited)",
        ),
        (
            failure(errno.EPERM), at("app"), inside("web"), {}, "rejected",
            "a firewall on web itself forbids it",
        ),
        (failure(errno.EACCES), at("app"), CLIENT, {}, "rejected", "a firewall on this machine itself forbids it"),
        (
            TIMEOUT, on("web"), CLIENT, {"second": Seen(rejector=VM)}, "rejected",
            f"no answer, twice, but a firewall at {VM} rejected other probes to that address, and what it sends of that is "
            "rate-limited",
        ),
        # No way there
        (
            failure(errno.ENETUNREACH), at("web"), CLIENT, {"daemon_host": VM}, "no-route",
            f"this machine has no route to 172.17.0.0/16: the containers live behind {VM}",
        ),
        (failure(errno.ENETUNREACH), at("web"), CLIENT, {}, "no-route", "this machine has no route to 172.17.0.0/16"),
        (failure(errno.ENETUNREACH), on("web"), CLIENT, {}, "no-route", f"this machine has no route to {VM}"),
        (failure(errno.ENETUNREACH), at("web"), inside("app"), {}, "no-route", "app has no route to 172.17.0.0/16"),
        (failure(errno.ENETUNREACH), at("web"), HOST, {}, "no-route", "the daemon's host has no route to 172.17.0.0/16"),
        (
            failure(errno.ENETUNREACH, 4, 3, 0, 0, "10.0.2.2"), at("web"), CLIENT, {}, "no-route",
            "10.0.2.2 has no route to 172.17.0.0/16",
        ),
        (
            failure(errno.EHOSTUNREACH, 4, 3, 1, 0, VM), at("web"), CLIENT, {}, "host-down",
            f"the API gives web the address 172.17.0.2, but no machine answers for it, says {VM}",
        ),
        (failure(errno.EHOSTUNREACH), at("web"), CLIENT, {}, "host-down",
            "the API gives web the address 172.17.0.2, but no machine answers for it"),
        (
            failure(errno.EADDRNOTAVAIL), on("web", "::1"), CLIENT, {}, "no-address",
            "this machine has no IPv6 address to send from",
        ),
        (
            failure(errno.EAFNOSUPPORT), on("web", "::1"), HOST, {}, "no-address",
            "the daemon's host has no IPv6 address to send from",
        ),
        (
            Observation(Outcome.NOT_SENT, route="by eth0 through 10.0.0.1"), at("web"), CLIENT, {}, "not-sent",
            "a packet would leave by eth0 through 10.0.0.1, not straight onto Docker network bridge: not sent",
        ),
        # Silence
        (
            TIMEOUT, at("app"), inside("web"), {"listeners": {ALL}}, "filtered",
            "dropped silently, twice: web is not on network backend, and Docker keeps networks apart",
        ),
        (
            TIMEOUT, at("paused"), inside("app"), {}, "filtered",
            "dropped silently, twice: app is not on network bridge, and Docker keeps networks apart",
        ),
        (
            TIMEOUT, at("deaf"), inside("mute"), {}, "filtered",
            "dropped silently, twice: network quiet has enable_icc=false",
        ),
        (
            TIMEOUT, at("paused"), inside("web"), {"listeners": {ALL}}, "open-silent",
            "paused is paused, and its queue of waiting connections is full",
        ),
        (
            TIMEOUT, on("paused"), CLIENT, {}, "open-silent",
            "paused is paused, and its queue of waiting connections is full",
        ),
        (
            TIMEOUT, on("web"), CLIENT, {}, "filtered",
            "dropped silently, twice: a firewall on the way, or no way back",
        ),
        (
            failure(errno.ETIMEDOUT), on("web"), CLIENT, {"listeners": {ALL}}, "filtered",
            "dropped silently, twice, by a rule in DOCKER-USER or FORWARD, or web does not take up the connections that wait",
        ),
        # Narrowed down by what other probes saw
        (
            TIMEOUT, on("web"), CLIENT, {"listeners": {ALL}, "second": Seen(QUIET)}, "filtered",
            "dropped silently, twice, by a rule in DOCKER-USER or FORWARD: the daemon's host itself gets through to web",
        ),
        (
            TIMEOUT, on("web"), CLIENT, {"listeners": set(), "second": Seen(REFUSED)}, "filtered",
            "dropped silently, twice, by a rule in DOCKER-USER or FORWARD: the daemon's host itself gets through to web",
        ),
        (
            TIMEOUT, on("web"), CLIENT, {"listeners": {ALL}, "second": Seen(QUIET, ("local",))}, "filtered",
            "dropped silently, twice, by a firewall on this machine or on the way, or a rule there for what comes from here: "
            "the daemon's host and local get through to web",
        ),
        (
            TIMEOUT, at("web"), inside("local"), {"listeners": {ALL}, "second": Seen(QUIET, ("paused",))}, "filtered",
            "dropped silently, twice, by a rule in DOCKER-USER or FORWARD for what comes from local: the daemon's host and "
            "paused get through to web",
        ),
        (
            TIMEOUT, on("web"), CLIENT, {"listeners": {ALL}, "second": Seen(TIMEOUT)}, "filtered",
            "dropped silently, twice, by a rule in web's own network (or its interface is down), or web does not take up the "
            "connections that wait: the daemon's host itself does not get through to web",
        ),
        (
            TIMEOUT, at("web"), HOST, {"listeners": {ALL}, "second": Seen(TIMEOUT, ("local",))}, "filtered",
            "dropped silently, twice, by a rule in OUTPUT, or web does not take up the connections that wait: local gets "
            "through to web",
        ),
        (
            TIMEOUT, GATEWAY, inside("web"), {"daemon": PROXIED}, "filtered",
            "dropped silently, twice, by a rule in INPUT: that is the chain which web meets at that address",
        ),
        (
            TIMEOUT, on("paused"), CLIENT, {"listeners": {ALL}, "second": Seen(QUIET)}, "filtered",
            "dropped silently, twice, by a rule in DOCKER-USER or FORWARD: the daemon's host itself gets through to paused",
        ),
        (
            TIMEOUT, on("web"), CLIENT, {"daemon": replace(MACHINE, forwards=False)}, "filtered",
            "dropped silently, twice: the daemon's host forwards nothing: /info says IPv4Forwarding false "
            "(net.ipv4.ip_forward=0)",
        ),
        (
            REFUSED, on("web"), CLIENT, {"listeners": {ALL}, "second": Seen(QUIET)}, "rejected",
            "web listens on 0.0.0.0:80, so it was a firewall that answered as a closed port does, by a rule in DOCKER-USER or "
            "FORWARD",
        ),
        (
            failure(errno.ECONNREFUSED, 4, 3, 3, 0, VM), on("web"), CLIENT, {"listeners": {ALL}, "second": Seen(BY_WEB)},
            "rejected", "web's own firewall rejected it (port unreachable)",
        ),
        (
            failure(errno.ECONNREFUSED, 4, 3, 3, 0, "192.168.99.1"), on("web"), CLIENT,
            {"daemon": replace(MACHINE, client_address="192.168.99.1")},
            "rejected", "this machine's own firewall rejected it (port unreachable)",
        ),
        (
            failure(errno.EHOSTUNREACH, 4, 3, 10, 0, "172.17.0.1"), GATEWAY, inside("web"),
            {"daemon": replace(MACHINE, listeners=set())},
            "rejected", "a firewall at 172.17.0.1, the daemon's host, rejected it (host prohibited), by a rule in INPUT",
        ),
        (
            QUIET, on("web", "127.0.0.1"), CLIENT, {"listeners": {ALL}, "daemon": PROXIED, "second": Seen(TIMEOUT)},
            "open-silent",
            "the port forwarder accepted, but web does not answer it: a rule in web's own network (or its interface is down), "
            "for nobody gets through to it",
        ),
        (
            QUIET, on("web", "127.0.0.1"), CLIENT,
            {"listeners": {ALL}, "daemon": PROXIED, "second": Seen(TIMEOUT, ("local",))}, "open-silent",
            "the port forwarder accepted, but web does not answer it: a rule in OUTPUT, for local gets through to web",
        ),
        (
            QUIET, on("web", "127.0.0.1"), CLIENT, {"listeners": {ALL}, "daemon": PROXIED, "second": Seen(BY_WEB)},
            "open-silent", "the port forwarder accepted, but web's own firewall rejected it",
        ),
        (
            QUIET, on("web", "127.0.0.1"), CLIENT, {"listeners": {ALL}, "daemon": PROXIED, "second": Seen(QUIET)},
            "open", "web listens on 0.0.0.0:80",
        ),
        (
            CLOSED, on("web", "127.0.0.1"), CLIENT, {"listeners": {ALL}, "daemon": PROXIED, "second": Seen(BY_WEB)},
            "accepted-then-closed", "the port forwarder accepted, but web's own firewall rejected it",
        ),
        (
            CLOSED, on("web"), CLIENT, {"listeners": set()}, "accepted-then-closed",
            "docker-proxy accepted what Docker's own NAT rules should have carried on to web: they are gone",
        ),
        # Nothing was asked
        (
            Observation(Outcome.NO_VANTAGE, errno.ENOENT), at("app"), inside("web"), {}, "vantage-unavailable",
            "its network namespace is gone: the container ended meanwhile",
        ),
        (
            Observation(Outcome.NO_VANTAGE, errno.EINVAL), at("app"), inside("web"), {}, "vantage-unavailable",
            "its network namespace is gone: the container ended meanwhile",
        ),
        (
            Observation(Outcome.NO_VANTAGE, errno.EPERM), at("app"), inside("web"), {}, "vantage-unavailable",
            "its network namespace could not be entered: Operation not permitted",
        ),
        (
            Observation(Outcome.ERROR, errno.EMFILE), at("app"), CLIENT, {}, "error",
            "the probe could not be made: Too many open files",
        ),
        (
            Observation(Outcome.ERROR), at("app"), inside("web"), {}, "error",
            "the probe could not be made: nothing was said about it",
        ),
        (failure(errno.ENOBUFS), at("app"), CLIENT, {}, "error", "the probe failed: No buffer space available"),
    ],
)  # fmt: skip
def test_judge(
    *, seen: Observation, target: Target, vantage: Vantage, known: dict[str, Any], expected: str, sentence: str
) -> None:
    found = verdict(seen, target, vantage, **known)
    assert (found.verdict.value, found.explanation) == (expected, sentence)


@pytest.mark.parametrize("code", [2, 3, 9, 10, 13])
def test_every_icmp_code_of_a_firewall_is_rejected(code: int) -> None:
    seen = failure(errno.EHOSTUNREACH, 4, 3, code, 0, VM)
    found = verdict(seen, on("web"))
    assert rejector(seen) == VM
    assert (found.verdict, VM in found.explanation) == (Verdict.REJECTED, True)


@pytest.mark.parametrize("kernel", [(0, 3, 3), (4, 11, 0), (6, 3, 0)])
def test_other_icmp_is_no_firewall(kernel: tuple[int, int, int]) -> None:
    seen = failure(errno.EHOSTUNREACH, *kernel, 0, "")
    assert (verdict(seen, on("web")).verdict, rejector(seen)) == (Verdict.HOST_DOWN, "")


@pytest.mark.parametrize("seen", [QUIET, CLOSED, TIMEOUT, REFUSED])
@pytest.mark.parametrize(
    ("target", "known"),
    [
        (on("paused"), {"listeners": {ALL}}),
        (at("paused"), {"listeners": {ALL}}),
        (on("web"), {"listeners": set()}),
        (on("web"), {"listeners": {LOOP}}),
        (at("web"), {"listeners": {LOOP}}),
        (on("web", "127.0.0.1"), {"listeners": {ALL}, "daemon_host": VM}),
    ],
)
def test_nothing_is_open_without_a_word_or_a_listener_that_could_say_one(
    seen: Observation, target: Target, known: dict[str, Any]
) -> None:
    assert verdict(seen, target, **known).verdict is not Verdict.OPEN


def test_what_the_api_says_is_marked_as_inferred() -> None:
    assert verdict(QUIET, on("web"), listeners={ALL}).measured
    assert not verdict(QUIET, on("web")).measured
    assert not verdict(TIMEOUT, at("app"), inside("web")).measured


def test_a_remedy_never_sends_to_an_address_that_would_refuse_too() -> None:
    assert VM in verdict(REFUSED, on("web", "127.0.0.1"), daemon_host=VM).remedy
    assert (
        verdict(REFUSED, on("local", "127.0.0.1"), daemon_host=VM).remedy == "publish it for all addresses: -p 8084:80"
    )


def test_of_a_network_with_two_families_the_targets_subnet_is_named() -> None:
    dual = bridge("dual", IPAM={"Config": [{"Subnet": "172.20.0.0/16"}, {"Subnet": "2001:db8:1::/64"}]})
    target = Target(Kind.CONTAINER, "2001:db8:1::2", 80, "x", 80, network="dual")
    situation = Situation(CLIENT, target, read(networks=[dual]))
    assert judge(failure(errno.ENETUNREACH), situation).explanation == "this machine has no route to 2001:db8:1::/64"


# Names


def answer(*addresses: str, code: int = 0, name: str = "app") -> Observation:
    """Docker's name server: the question back, then an A record for each address, named by a pointer."""
    asked = query(name)
    head = asked[:2] + struct.pack(">5H", 0x8180 | code, 1, len(addresses), 0, 0)
    records = b"".join(
        b"\xc0\x0c" + struct.pack(">2HIH", 1, 1, 600, 4) + bytes(map(int, address.split("."))) for address in addresses
    )
    return Observation(Outcome.REPLY, data=head + asked[12:] + records)


OPEN = Judgement(Verdict.OPEN, "app listens on 0.0.0.0:80")


def named(name: str) -> Target:
    return replace(at(name), kind=Kind.NAME, name=name)


@pytest.mark.parametrize(
    ("seen", "target", "expected", "sentence"),
    [
        (answer("172.18.0.2"), named("app"), "open", "resolves; app listens on 0.0.0.0:80"),
        (answer("172.18.0.7", "172.18.0.2"), named("app"), "open", "resolves; app listens on 0.0.0.0:80"),
        (
            answer("172.18.0.7"), named("app"), "name-wrong-address",
            "app resolves to 172.18.0.7, not to 172.18.0.2",
        ),
        (answer(code=3), named("app"), "name-unknown", "the name server does not know app (no such name)"),
        (answer(), named("app"), "name-unknown", "the name server does not know app (no address, code 0)"),
        (
            Observation(Outcome.REPLY, data=b"nonsense"), named("app"), "name-unknown",
            "the name server's answer cannot be read: a truncated DNS answer",
        ),
        (
            Observation(Outcome.TIMEOUT, errno.ETIMEDOUT), named("app"), "name-no-upstream",
            "the name server is there but gives no answer for app: it does not know it, and the server that it passes names "
            "on to is silent",
        ),
        (
            answer(code=2), named("app"), "name-no-upstream",
            "the name server does not know app, and the server that it passes names on to is of no help (code 2)",
        ),
        (
            REFUSED, named("web"), "name-no-resolver",
            "the default bridge has no name server: containers on it know each other by address only",
        ),
        (REFUSED, named("app"), "name-no-resolver", "no name server answers: Connection refused"),
        (
            Observation(Outcome.NO_VANTAGE, errno.ENOENT), named("app"), "vantage-unavailable",
            "its network namespace is gone: the container ended meanwhile",
        ),
        (
            Observation(Outcome.ERROR), named("app"), "error",
            "the name server could not be asked: nothing was said about it",
        ),
        (
            None, replace(at("app"), kind=Kind.NAME, name="a..b"), "name-unknown",
            "no name server can be asked for a..b: DNS allows 63 characters between dots, at least one, 253 in all",
        ),
    ],
)  # fmt: skip
def test_judge_name(seen: Observation | None, target: Target, expected: str, sentence: str) -> None:
    found = judge_name(seen, OPEN, Situation(inside("web"), target, INVENTORY))
    assert (found.verdict.value, found.explanation) == (expected, sentence)


SILENCE = Observation(Outcome.TIMEOUT, errno.ETIMEDOUT)


def test_a_name_server_that_says_nothing_of_itself_either_is_none() -> None:
    situation = Situation(inside("web"), named("app"), INVENTORY)
    found = judge_name(SILENCE, OPEN, situation, SILENCE)
    assert (found.verdict, found.explanation, found.remedy) == (
        Verdict.NAME_NO_RESOLVER,
        "the name server is silent, to a question about itself, too",
        "look at the rules inside web: what drops datagrams to port 53?",
    )
    knows_itself = Observation(Outcome.REPLY, data=b"rd\x90\x04")
    assert judge_name(SILENCE, OPEN, situation, knows_itself).verdict is Verdict.NAME_NO_UPSTREAM
    assert judge_name(answer("172.18.0.2"), OPEN, situation, SILENCE).verdict is Verdict.OPEN


def test_a_name_takes_over_what_its_address_does() -> None:
    closed = Judgement(Verdict.REFUSED, "app is up", "start it", measured=False)
    found = judge_name(answer("172.18.0.2"), closed, Situation(inside("web"), named("app"), INVENTORY))
    assert found == Judgement(Verdict.REFUSED, "resolves; app is up", "start it", measured=False)


def test_the_address_on_another_shared_network_is_not_a_wrong_one() -> None:
    inventory = read(document("app", settings=attached(backend="172.18.0.2", front="172.19.0.2")))
    found = judge_name(answer("172.19.0.2"), OPEN, Situation(inside("web"), named("app"), inventory))
    assert (found.verdict, found.measured) == (Verdict.OPEN, False)
    assert found.explanation == "resolves to 172.19.0.2, on another network; app listens on 0.0.0.0:80"


def test_the_published_port_of_a_binding_knows_whether_it_is_for_all() -> None:
    addresses = ["0.0.0.0", "::", "127.0.0.1", "::1"]
    assert [Published(address, 1, 1).for_all for address in addresses] == [True, True, False, False]
