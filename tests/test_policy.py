"""Policies: what a line means, what is wrong with one, and which records it is about."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from probe_result import VM, published
from test_probe_inventory import attached, bridge, document, read

from rawdock.cli.console import Console
from rawdock.cli.probe_policy import read_rules
from rawdock.errors import UsageError
from rawdock.probe.inventory import Inventory, Published
from rawdock.probe.observation import Observation, Outcome
from rawdock.probe.policy import CLASSES, UNDECIDED, Destination, Origin, Rule, Way, parse_policy
from rawdock.probe.policy_check import Check, State, check
from rawdock.probe.policy_match import Measured
from rawdock.probe.policy_record import recorded
from rawdock.probe.policy_report import check_json, check_lines, folded_lines, model
from rawdock.probe.policy_selection import Policy
from rawdock.probe.protocol import Protocol
from rawdock.probe.record import Record, Result
from rawdock.probe.selection import Named, leaves, targets_of
from rawdock.probe.target import CLIENT, HOST, Kind, Place, Target, Vantage
from rawdock.probe.topology import Facts, decide
from rawdock.probe.verdict import UNPROBED, Judgement, Verdict

WEB, DB = Vantage(Place.CONTAINER, "web"), Vantage(Place.CONTAINER, "db")
INVENTORY = read(
    document("web", settings={**published(8080), **attached(backend="172.18.0.3")}),
    document("db", settings=attached(backend="172.18.0.2", bridge="172.17.0.2")),
    document("old", settings=attached(bridge="172.17.0.9")),
    networks=[bridge(), bridge("backend", "172.18.0.0/16")],
)
SWARM = replace(INVENTORY, node="one", nodes=("two",))
BINDING = Published("0.0.0.0", 8080, 80)


def rule(line: str) -> Rule:
    (one,) = parse_policy(line, "p")
    return one


def record(vantage: Vantage, target: Target, verdict: Verdict, took: float = 1.0) -> Record:
    return Record(
        vantage, target, Judgement(verdict, f"why {verdict.value}"), Observation(Outcome.QUIET, milliseconds=took)
    )


def at(name: str, address: str, port: int, network: str = "backend") -> Target:
    return Target(Kind.CONTAINER, address, port, name, port, network=network)


def named(name: str, address: str, port: int) -> Target:
    return Target(Kind.NAME, address, port, name, port, network="backend", name=name)


def on_host(address: str) -> Target:
    return Target(Kind.PUBLISHED, address, 8080, "web", 80, BINDING)


def result(*records: Record, inventory: Inventory = INVENTORY, inside: bool = True) -> Result:
    return Result(inventory, decide(Facts({}, {}, host=VM)), list(records), inside=inside)


RECORDS = [
    record(CLIENT, on_host(VM), Verdict.OPEN),
    record(CLIENT, on_host("127.0.0.1"), Verdict.REFUSED),
    record(CLIENT, at("db", "172.18.0.2", 5432), Verdict.NO_ROUTE),
    record(CLIENT, at("db", "172.17.0.2", 5432, "bridge"), Verdict.NO_ROUTE),
    record(HOST, on_host("127.0.0.1"), Verdict.OPEN),
    record(HOST, at("db", "172.18.0.2", 5432), Verdict.OPEN, took=7.0),
    record(HOST, at("db", "172.17.0.2", 5432, "bridge"), Verdict.OPEN),
    record(WEB, at("db", "172.18.0.2", 5432), Verdict.OPEN),
    record(WEB, at("db", "172.17.0.2", 5432, "bridge"), Verdict.FILTERED),
    record(WEB, named("db", "172.18.0.2", 5432), Verdict.NAME_UNKNOWN),
    record(DB, Target(Kind.GATEWAY, "172.18.0.1", 8080, "web", 80, BINDING, "backend"), Verdict.OPEN),
    record(DB, Target(Kind.GATEWAY, "172.18.0.1", 2376, network="backend"), Verdict.REFUSED),
    record(DB, at("web", "172.18.0.3", 80), Verdict.RESET),
    record(DB, named("web", "172.18.0.3", 80), Verdict.RESET),
]
MEASURED = result(*RECORDS)


# A line


@pytest.mark.parametrize(
    ("word", "destination"),
    [
        ("web:80", Destination("web", 80)),
        ("web:8080/published", Destination("web", 8080, Way.PUBLISHED)),
        ("web:*/name", Destination("web", None, Way.NAME, protocol=None)),
        ("@n2:80/address", Destination("n2", 80, Way.ADDRESS, is_network=True)),
        ("*:*", Destination("*", None, protocol=None)),
        ("*", Destination("*", None, Way.ANY, protocol=None)),
        ("dns:53/udp/published", Destination("dns", 53, Way.PUBLISHED, protocol=Protocol.UDP)),
        ("*:*/udp", Destination("*", None, protocol=Protocol.UDP)),
        ("host:22", Destination("host", 22)),
        ("container:host:22", Destination("container:host", 22)),
        ("container:web:22", Destination("web", 22)),
        (
            "container:client@n2:*/udp",
            Destination("container:client", None, Way.ADDRESS, protocol=Protocol.UDP, network="n2"),
        ),
        ("gl@overlay:80", Destination("gl", 80, Way.ADDRESS, network="overlay")),
        ("meta:169.254.169.254:80", Destination("meta", 80, address="169.254.169.254")),
        ("192.0.2.1:80", Destination("", 80, address="192.0.2.1")),
        ("x:[2001:db8::1]:80", Destination("x", 80, address="2001:db8::1")),
        ("[2001:DB8::1]:80", Destination("", 80, address="2001:db8::1")),
    ],
)
def test_a_target_is_read(word: str, destination: Destination) -> None:
    assert rule(f"* {word} open").destination == destination


def test_a_line_is_words_with_options_and_a_comment() -> None:
    one = rule("  @n2\tdb:5432   open|refused within=1.5s http=204 # or so")
    assert one.origin == Origin("n2", is_network=True)
    assert (one.line, one.text) == (1, "@n2 db:5432 open|refused within=1.5s http=204")
    assert one.allowed == {Verdict.OPEN, Verdict.REFUSED}
    assert (one.within, one.status) == (1500.0, 204)


def test_comments_and_empty_lines_count_as_lines() -> None:
    rules = parse_policy("# first\n\nclient web:80 open\r\n#web db:1 open\nhost db:1 !open\n", "p")
    assert [(one.line, one.origin.name) for one in rules] == [(3, "client"), (5, "host")]


@pytest.mark.parametrize(
    ("expect", "inside", "outside"),
    [
        ("!open", {Verdict.FILTERED, Verdict.OPEN_SILENT}, {Verdict.OPEN}),
        ("reachable", {Verdict.OPEN, Verdict.REFUSED}, {Verdict.FILTERED, Verdict.NO_ROUTE}),
        ("blocked|refused", {Verdict.FILTERED, Verdict.REFUSED, Verdict.NAME_UNKNOWN}, {Verdict.OPEN}),
        ("!blocked", {Verdict.OPEN}, {Verdict.NOT_SENT}),
    ],
)
def test_what_is_expected_is_a_set(expect: str, inside: set[Verdict], outside: set[Verdict]) -> None:
    allowed = rule(f"* * {expect}").allowed
    assert inside <= allowed and not outside & allowed and not UNPROBED & allowed


def test_every_verdict_about_a_target_is_in_one_class() -> None:
    reachable, blocked = CLASSES["reachable"], CLASSES["blocked"]
    assert not reachable & blocked
    assert reachable | blocked == set(Verdict) - UNPROBED - UNDECIDED


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("web", "p, line 2: 'web' has 1 of the three words FROM TO EXPECT"),
        ("a/b db:80 open", "p, line 2: 'a/b' is no place to probe from"),
        ("@ db:80 open", "p, line 2: '@' is no place to probe from"),
        ("web db open", "p, line 2: 'db' has no port"),
        ("web db:http open", "p, line 2: 'db:http' has the port 'http', expected 1 to 65535 or *"),
        ("web db:65536 open", "p, line 2: 'db:65536' has the port '65536'"),
        ("web db:٨٠ open", "p, line 2: 'db:٨٠' has the port '٨٠'"),
        (
            "web db:80/publised open",
            "p, line 2: 'db:80/publised': /publised is no way to reach a port; did you mean /published?",
        ),
        ("web x:192.0.2.1:* open", "p, line 2: 'x:192.0.2.1:*': an address takes one port"),
        ("web x:192.0.2.300:80 open", "p, line 2: 'x:192.0.2.300:80' is no target"),
        (
            "web client:80 open",
            "p, line 2: 'client:80': client is where probes start, and none of their targets; a container of that name is "
            "container:client",
        ),
        ("container: db:80 open", "p, line 2: 'container:' is no place to probe from"),
        ("container:@n2 db:80 open", "p, line 2: 'container:@n2' is no place to probe from"),
        ("web container::80 open", "p, line 2: 'container::80' is no target"),
        ("node: db:80 open", "p, line 2: 'node:' is no place to probe from; write client, host, a container's name, "),
        ("web db@a@b:80 open", "p, line 2: 'db@a@b:80': a network is one name behind a container's"),
        ("web @a@b:80 open", "p, line 2: '@a@b:80': a network is one name behind a container's"),
        ("web db@a:80/name open", "p, line 2: 'db@a:80/name': a network is one name behind a container's"),
        ("web db:80 opne", "p, line 2: 'opne' is no verdict; did you mean open?"),
        ("web db:80 open|", "p, line 2: '' in 'open|' is no verdict; known are open, "),
        ("web db:80 vantage-unavailable", "p, line 2: 'vantage-unavailable' is no verdict"),
        ("web db:80 open http=99", "p, line 2: 'http=99': '99' is not a status, as in http=200"),
        ("web db:80 open within=soon", "p, line 2: 'within=soon': 'soon' is not a time, as in within=2s"),
        ("web db:80 open within=0s", "p, line 2: 'within=0s': '0s' is not a time"),
        ("web db:80 open wihtin=2s", "p, line 2: 'wihtin=2s' is no option; did you mean within?"),
    ],
)
def test_a_wrong_line_is_named_with_its_word(line: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_policy(f"client web:80 open\n{line}\n", "p")
    assert str(caught.value).startswith(said)


def test_a_policy_of_a_windows_editor_is_read(tmp_path: Path) -> None:
    """A byte order mark, and lines that end with a carriage return, too."""
    (tmp_path / "policy").write_bytes(b"\xef\xbb\xbf# from to expect\r\nclient web:80 open\r\n")
    console = Console(io.BytesIO(), io.StringIO(), io.BytesIO(), {})
    assert [one.text for one in read_rules(str(tmp_path / "policy"), console).rules] == ["client web:80 open"]
    (tmp_path / "policy").write_bytes(b"\xef\xbb\xbf\n\xff")
    with pytest.raises(UsageError, match=r"policy, line 2: the bytes b'\\xff' are no UTF-8 text"):
        read_rules(str(tmp_path / "policy"), console)


def test_a_policy_without_a_rule_is_an_error() -> None:
    with pytest.raises(UsageError, match="p: there is no rule in it"):
        parse_policy("# nothing\n", "p")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("webb db:80 open", "p, line 1: there is no container 'webb'; did you mean web?"),
        ("web bd:80 open", "p, line 1: there is no container 'bd'; containers: db, old, web"),
        ("@bakend db:80 open", "p, line 1: there is no network 'bakend'; did you mean backend?"),
        ("web @x:80 open", "p, line 1: there is no network 'x'; networks: bridge, backend"),
        ("web db@x:80 open", "p, line 1: there is no network 'x'; networks: bridge, backend"),
        ("node:one3 db:80 open", "p, line 1: there is no node 'one3'; did you mean one?"),
    ],
)
def test_a_name_that_is_not_there_is_named_with_the_nearest(line: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        Policy([rule(line)], "p").within(SWARM)
    assert str(caught.value) == said


# What it is about


def checks(line: str, found: Result = MEASURED) -> list[tuple[str, str, State]]:
    return [(one.vantage, one.target, one.state) for one in check(rule(line), Measured(found))]


HELD, BROKEN = State.HELD, State.BROKEN


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("client web:8080/published open", [("client", "web:8080/published", HELD)]),  # by the best of its addresses
        ("client db:5432 no-route", [("client", "db:5432", HELD)]),
        ("web db:5432 open", [("web", "db:5432", HELD)]),
        ("web db:5432/name name-unknown", [("web", "db:5432/name", HELD)]),
        ("web @bridge:* filtered", [("web", "db:5432", HELD)]),  # its address on that network alone
        ("web @bridge:* open", [("web", "db:5432", BROKEN)]),
        ("@backend host:2376 refused", [("db", "host:2376", HELD)]),
        ("* web:8080/published open", [("client", "web:8080/published", HELD), ("host", "web:8080/published", HELD),
                                       ("db", "web:8080/published", HELD)]),
        ("client x:172.17.0.2:5432 no-route", [("client", "x:172.17.0.2:5432", HELD)]),
        ("host db:5432 open within=5ms", [("host", "db:5432", HELD)]),
        ("host @backend:* open within=5ms", [("host", "db:5432", BROKEN)]),
        ("db web:81 open", [("db", "web:81", BROKEN)]),
        ("web db@bridge:5432 filtered", [("web", "db@bridge:5432", HELD)]),
        ("web db@backend:5432 open", [("web", "db@backend:5432", HELD)]),
        ("node:* db@bridge:5432 open", [("host", "db@bridge:5432", HELD)]),
    ],
)  # fmt: skip
def test_a_rule_is_about_the_ports_that_it_means(line: str, expected: list[tuple[str, str, State]]) -> None:
    assert checks(line) == expected


def test_the_word_for_everything_is_about_every_port() -> None:
    found = checks("db * open|reset|refused")
    assert found == [("db", "web:8080/published", HELD), ("db", "host:2376", HELD), ("db", "web:80", HELD)]


def test_of_a_swarms_nodes_the_daemons_own_is_probed_from() -> None:
    swarm = result(*RECORDS, inventory=SWARM)
    assert checks("node:one db:5432 open", swarm) == [("host", "db:5432", HELD)]
    found = list(check(rule("node:* db:5432 open"), Measured(swarm)))
    assert [(one.vantage, one.state) for one in found] == [("node:two", State.UNPROBED), ("host", HELD)]
    assert found[0].why == "a probe starts on the daemon's own node, one; ask two's daemon"


def test_on_one_machine_the_daemons_host_is_this_one() -> None:
    here = Result(
        INVENTORY, decide(Facts({}, {}, same_machine=True)), [record(CLIENT, on_host("127.0.0.1"), Verdict.OPEN)]
    )
    assert checks("host web:8080/published open", here) == [("client", "web:8080/published", HELD)]


NAMESAKES = read(
    document("client", settings=attached(backend="172.18.0.2")),
    document("host", settings={**published(8080), **attached(backend="172.18.0.3")}),
    document("web", settings=attached(backend="172.18.0.4")),
    networks=[bridge("backend", "172.18.0.0/16")],
)
IN_CLIENT, IN_HOST = Vantage(Place.CONTAINER, "client"), Vantage(Place.CONTAINER, "host")
AS_NAMED = result(
    record(CLIENT, at("web", "172.18.0.4", 80), Verdict.NO_ROUTE),
    record(CLIENT, at("host", "172.18.0.3", 80), Verdict.HOST_DOWN),
    record(HOST, at("web", "172.18.0.4", 80), Verdict.FILTERED),
    record(IN_CLIENT, at("web", "172.18.0.4", 80), Verdict.OPEN),
    record(IN_CLIENT, named("host", "172.18.0.3", 22), Verdict.REFUSED),
    record(IN_CLIENT, Target(Kind.GATEWAY, "172.18.0.1", 22, network="backend"), Verdict.RESET),
    record(IN_HOST, at("web", "172.18.0.4", 80), Verdict.REFUSED),
    record(IN_HOST, at("client", "172.18.0.2", 80), Verdict.RESET),
    inventory=NAMESAKES,
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("client web:80 no-route", [("client", "web:80", HELD)]),
        ("host web:80 filtered", [("host", "web:80", HELD)]),
        ("container:client web:80 open", [("container:client", "web:80", HELD)]),
        ("container:host web:80 refused", [("container:host", "web:80", HELD)]),
        ("container:web host:22 open", [("container:web", "host:22", BROKEN)]),
        ("@backend host:22 reset", [("container:client", "host:22", HELD)]),
        ("@backend container:host:22/name refused", [("container:client", "container:host:22/name", HELD)]),
        ("client container:host:80 host-down", [("client", "container:host:80", HELD)]),
        ("container:host container:client@backend:80 reset", [("container:host", "container:client@backend:80", HELD)]),
        ("client * no-route|host-down", [("client", "web:80", HELD), ("client", "container:host:80", HELD)]),
    ],
)
def test_containers_called_client_and_host_are_told_from_the_places(
    line: str, expected: list[tuple[str, str, State]]
) -> None:
    assert [one for one in checks(line, AS_NAMED) if one[0] != "web"] == expected


def test_such_containers_are_asked_for_by_their_own_words() -> None:
    policy = Policy(parse_policy("container:client container:host:99 open\nclient host:98 open", "p"), "p")
    inventory = policy.within(NAMESAKES)
    assert [container.exposed for container in inventory.containers] == [(), (80, 99), ()]
    target = at("host", "172.18.0.3", 99)
    assert policy.asks(IN_CLIENT, target, inventory)
    assert not policy.asks(CLIENT, target, inventory)
    assert list(policy.more(IN_CLIENT, inventory)) == []
    assert list(policy.more(CLIENT, inventory)) == [Named("", 98)]


def test_such_containers_are_recorded_by_their_own_words() -> None:
    states = {one.state for each in parse_policy(recorded(AS_NAMED), "p") for one in check(each, Measured(AS_NAMED))}
    assert states == {HELD}
    assert "\ncontainer:client  " in recorded(AS_NAMED)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("gone db:5432 open", "container gone is not running"),
        ("web gone:80 open", "container gone is not running"),
        ("@empty db:5432 open", "no running container is on network empty"),
        ("client db:81/published open", "db publishes no port"),
        ("client web:81/published open", "web publishes port 8080"),
    ],
)
def test_a_rule_that_finds_nothing_is_not_met_and_says_why(line: str, why: str) -> None:
    inventory = Inventory(INVENTORY.containers, INVENTORY.networks, {"gone": "exited"})
    (one,) = check(rule(line), Measured(result(*RECORDS, inventory=inventory)))
    assert (one.state, one.why, one.measured) == (BROKEN, why, "nothing there")


def test_what_could_not_be_probed_is_neither() -> None:
    alone = result(record(CLIENT, on_host(VM), Verdict.OPEN), inside=False)
    (one,) = check(rule("web db:5432 open"), Measured(alone))
    assert (one.vantage, one.state, one.why) == ("web", State.UNPROBED, "only this machine asked")
    (one,) = check(rule("client web:81/published open"), Measured(result(inside=False)))
    assert (one.vantage, one.state, one.why) == ("client", BROKEN, "web publishes port 8080")
    gone = Record(WEB, Target(Kind.CONTAINER, "", 0, "web"), Judgement(Verdict.VANTAGE_UNAVAILABLE, "it ended"),
                  Observation(Outcome.NO_VANTAGE))  # fmt: skip
    (one,) = check(rule("web db:5432 open"), Measured(result(gone)))
    assert (one.state, one.why) == (State.UNPROBED, "it ended")


# What is asked for it


def test_a_port_that_nobody_exposes_is_asked_and_an_address_besides() -> None:
    policy = Policy(parse_policy("web db:99 open\ndb meta:169.254.169.254:80 !open\ndb host:22 open\n", "p"), "p")
    inventory = policy.within(INVENTORY)
    exposed = {container.name: container.exposed for container in inventory.containers}
    assert exposed["db"] == (99,) and 99 not in exposed["web"]
    assert list(policy.more(DB, inventory)) == [Named("169.254.169.254", 80, "meta"), Named("", 22)]
    assert list(policy.more(WEB, inventory)) == []
    assert policy.asks(WEB, at("db", "172.18.0.2", 99), inventory)
    assert not policy.asks(DB, at("db", "172.18.0.2", 99), inventory)


def test_an_address_that_is_a_containers_is_known_as_such() -> None:
    (known,) = targets_of(Named("172.18.0.2", 99), WEB, INVENTORY, "")
    assert (known.kind, known.container, known.network) == (Kind.CONTAINER, "db", "backend")
    (other,) = targets_of(Named("192.0.2.1", 80, "x"), WEB, INVENTORY, "")
    assert (other.kind, other.label) == (Kind.ADDRESS, "192.0.2.1:80 (x)")
    gateways = targets_of(Named("", 22), DB, INVENTORY, "")
    assert [(target.kind, target.address) for target in gateways] == [
        (Kind.GATEWAY, "172.18.0.1"),
        (Kind.GATEWAY, "172.17.0.1"),
    ]
    assert [target.address for target in targets_of(Named("", 22), CLIENT, INVENTORY, VM)] == [VM]


@pytest.mark.parametrize(
    ("address", "leaving"),
    [
        ("192.0.2.1", True),
        ("127.0.0.1", False),
        ("172.17.0.1", False),
        ("172.17.4.4", False),
        (VM, False),
        ("8.8.8.8", True),
    ],
)
def test_an_address_outside_dockers_networks_leaves_the_daemons_host(address: str, leaving: bool) -> None:
    assert leaves(WEB, Target(Kind.ADDRESS, address, 80), INVENTORY, [VM]) is leaving


# Recorded


def test_what_was_recorded_holds_and_is_recorded_alike_again() -> None:
    text = recorded(MEASURED)
    assert recorded(result(*reversed(RECORDS))) == text
    states = {one.state for each in parse_policy(text, "p") for one in check(each, Measured(MEASURED))}
    assert states == {HELD}


def test_few_lines_say_it() -> None:
    many = [f"c{number}" for number in range(9)]
    inventory = read(
        *(document(name, settings=attached(backend=f"172.18.0.{number + 2}")) for number, name in enumerate(many)),
        networks=[bridge("backend", "172.18.0.0/16")],
    )
    records = [
        record(Vantage(Place.CONTAINER, here), at(there, f"172.18.0.{number + 2}", 80), Verdict.OPEN)
        for here in many
        for number, there in enumerate(many)
        if here != there
    ]
    lines = [line for line in recorded(result(*records, inventory=inventory)).splitlines() if line and line[0] != "#"]
    assert lines == ["*  *:*  open"]


def test_a_changed_verdict_breaks_what_was_recorded() -> None:
    rules = parse_policy(recorded(MEASURED), "p")
    ports = {(one.vantage, one.target.container, one.target.port) for one in RECORDS}
    for port in ports:
        changed = [
            record(one.vantage, one.target, Verdict.HOST_DOWN)
            if (one.vantage, one.target.container, one.target.port) == port
            else one
            for one in RECORDS
        ]
        assert BROKEN in {found.state for each in rules for found in check(each, Measured(result(*changed)))}, port


def test_what_could_not_be_probed_stands_in_it_as_a_comment() -> None:
    gone = Record(WEB, Target(Kind.CONTAINER, "", 0, "web"), Judgement(Verdict.VANTAGE_UNAVAILABLE, "it\nended"),
                  Observation(Outcome.NO_VANTAGE))  # fmt: skip
    assert "\n# web: it ended\n" in recorded(result(*RECORDS, gone))


# Said


def test_three_columns_with_the_models_and_one_row_for_all_that_hold() -> None:
    expected = Record(WEB, at("db", "172.18.0.2", 5432), Judgement(Verdict.FILTERED, "dropped"), Observation(Outcome.TIMEOUT),
                      expected=Verdict.OPEN)  # fmt: skip
    first, second = parse_policy("* web:8080/published open\nweb db:5432 open", "p")
    found = [*check(first, Measured(MEASURED)), *check(second, Measured(result(expected)))]
    assert model(found[-1]) == "open"
    assert [line for _, line in check_lines(found, 100)] == [
        "          line  from  to                  policy  model  measured",
        "ok        1     *     web:8080/published  open           open (3 paths)",
        "MISMATCH  2     web   db:5432             open    open   filtered",
        "            dropped",
        "",
        "3 as expected, 1 otherwise",
    ]


def test_where_the_table_has_no_room_a_check_is_a_few_lines() -> None:
    rules = parse_policy("* web:8080/published open\nclient db:5432 open|refused within=2s", "p")
    found = [each for one in rules for each in check(one, Measured(MEASURED))]
    assert [line for _, line in folded_lines(found, 40)] == [
        "ok        line 1: * to web:8080/published",
        "    policy open, measured open (3 paths)",
        "MISMATCH  line 2: client to db:5432",
        "    policy open|refused within=2s,",
        "    measured no-route",
        "    why no-route",
        "",
        "3 as expected, 1 otherwise",
    ]
    assert [state for state, _ in folded_lines(found, 40)][:3] == [HELD, None, BROKEN]


def test_as_json_a_check_is_a_line() -> None:
    (one,) = check(rule("client web:8080/published open"), Measured(MEASURED))
    assert check_json([one]) == (
        '{"kind": "check", "line": 1, "rule": "client web:8080/published open", "vantage": "client", "target": '
        '"web:8080/published", "socket": "192.168.99.100:8080", "policy": "open", "model": null, "measured": "open", "http": '
        'null, "ok": true, "explanation": "why open", "milliseconds": 1.0}\n'
    )
    assert isinstance(one, Check)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("side web:80 open", "container side lives in the network of container db: write db in its place"),
        ("client side:80 open", "container side lives in the network of container db: write db in its place"),
    ],
)
def test_a_rule_about_a_container_in_anothers_network_says_whom_to_name(line: str, why: str) -> None:
    side = document("side", mode="container:db", settings={"Networks": {}})
    inventory = read(document("db", settings=attached(backend="172.18.0.2")), side)
    (one,) = check(rule(line), Measured(result(inventory=inventory)))
    assert (one.state, one.why) == (State.BROKEN, why)
