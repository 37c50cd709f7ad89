"""One path, hop by hop: the first broken hop is the culprit, what lies behind it was not reached."""

from __future__ import annotations

import argparse
from dataclasses import replace

import pytest
from probe_result import VM, published
from test_probe_inventory import attached, bridge, document, read

from rawdock.cli.probe import add_arguments
from rawdock.errors import UsageError
from rawdock.probe.inventory import Published
from rawdock.probe.observation import Observation, Outcome
from rawdock.probe.path import Path, State, is_open, lines, ways
from rawdock.probe.protocol import Protocol
from rawdock.probe.record import Record, Result
from rawdock.probe.target import CLIENT, HOST, Kind, Place, Target, Vantage, container_addresses
from rawdock.probe.topology import Facts, decide
from rawdock.probe.verdict import Judgement, Verdict

INVENTORY = read(
    document("web", settings=published(8080)),
    document("db", settings=attached(backend="172.18.0.2")),
    networks=[bridge(), bridge("backend", "172.18.0.0/16")],
)
DB = Vantage(Place.CONTAINER, "db")
EVERYWHERE, ON_LOCALHOST = Published("0.0.0.0", 8080, 80), Published("127.0.0.1", 8080, 80)
DIRECT = Target(Kind.CONTAINER, "172.17.0.2", 80, "web", 80, network="bridge")
NAMED = Target(Kind.NAME, "172.17.0.2", 80, "web", 80, network="bridge", name="web")


def port(address: str, binding: Published = EVERYWHERE) -> Target:
    return Target(Kind.PUBLISHED, address, 8080, "web", 80, binding)


def seen(vantage: Vantage, target: Target, verdict: Verdict) -> Record:
    return Record(vantage, target, Judgement(verdict, f"why {verdict.value}", "cure"), Observation(Outcome.FAILED))


def result(*records: Record, same_machine: bool = False) -> Result:
    topology = decide(Facts({}, {}, host="" if same_machine else VM, same_machine=same_machine))
    return Result(INVENTORY, topology, list(records))


def states(path: Path, found: Result) -> list[list[State]]:
    return [[hop.state for hop in hops] for _, hops in ways(path, found)]


OK, BROKEN, BEYOND = State.OK, State.BROKEN, State.BEYOND
TO_WEB = Path(CLIENT, "web", 80)


@pytest.mark.parametrize(
    ("target", "verdict", "look", "expected"),
    [
        (port(VM), Verdict.OPEN, Verdict.OPEN, [OK, OK, OK]),
        (port(VM), Verdict.REFUSED, Verdict.REFUSED, [OK, OK, BROKEN]),  # the container's own, passed on
        (port(VM), Verdict.REFUSED, Verdict.OPEN, [BROKEN, BEYOND, BEYOND]),
        (port(VM, ON_LOCALHOST), Verdict.REFUSED, Verdict.REFUSED, [BROKEN, BEYOND, BEYOND]),
        (port("127.0.0.1"), Verdict.REFUSED, Verdict.REFUSED, [BROKEN, BEYOND, BEYOND]),  # another machine's
        (port(VM), Verdict.ACCEPTED_THEN_CLOSED, Verdict.REFUSED, [OK, OK, BROKEN]),
        (port(VM), Verdict.ACCEPTED_THEN_CLOSED, Verdict.FILTERED, [OK, BROKEN, BEYOND]),
        (port(VM), Verdict.FILTERED, Verdict.OPEN, [BROKEN, BEYOND, BEYOND]),
        (port(VM), Verdict.REJECTED, Verdict.OPEN, [BROKEN, BEYOND, BEYOND]),
        (DIRECT, Verdict.OPEN, Verdict.OPEN, [OK, OK]),
        (DIRECT, Verdict.REFUSED, Verdict.REFUSED, [OK, BROKEN]),
        (DIRECT, Verdict.NO_ROUTE, Verdict.OPEN, [BROKEN, BEYOND]),
        (DIRECT, Verdict.NOT_SENT, Verdict.OPEN, [BROKEN, BEYOND]),
        (NAMED, Verdict.OPEN, Verdict.OPEN, [OK, OK, OK]),
        (NAMED, Verdict.REFUSED, Verdict.REFUSED, [OK, OK, BROKEN]),
        (NAMED, Verdict.NAME_NO_RESOLVER, Verdict.OPEN, [BROKEN, BEYOND, BEYOND]),
    ],
)
def test_the_first_broken_hop_is_found(target: Target, verdict: Verdict, look: Verdict, expected: list[State]) -> None:
    found = result(seen(CLIENT, target, verdict), seen(HOST, DIRECT, look))
    assert states(TO_WEB, found) == [expected]
    assert is_open(TO_WEB, found) == (BROKEN not in expected)


def test_without_the_second_look_the_hop_that_it_judges_is_left_out() -> None:
    assert states(TO_WEB, result(seen(CLIENT, port(VM), Verdict.ACCEPTED_THEN_CLOSED))) == [[OK, BROKEN]]


def test_on_one_machine_the_clients_own_probe_is_the_second_look() -> None:
    records = [seen(CLIENT, port("127.0.0.1"), Verdict.REFUSED), seen(CLIENT, DIRECT, Verdict.REFUSED)]
    found = result(*records, same_machine=True)
    assert states(TO_WEB, found) == [[OK, OK, BROKEN], [OK, BROKEN]]
    assert states(Path(HOST, "web", 80), found) == states(TO_WEB, found)


def test_lines_give_cause_and_cure_below_the_broken_hop() -> None:
    found = result(seen(CLIENT, port(VM), Verdict.REFUSED), seen(HOST, DIRECT, Verdict.REFUSED))
    assert [line for _, line in lines(TO_WEB, found, 80)] == [
        f"by {VM}:8080",
        f"  ok           this machine to {VM}:8080",
        "  ok           the daemon's host to 172.17.0.2",
        "  BROKEN       port 80 in web",
        "               why refused",
        "               cure",
    ]


def test_what_has_no_room_in_a_row_goes_below_it() -> None:
    found = result(seen(CLIENT, port(VM), Verdict.OPEN), seen(HOST, DIRECT, Verdict.OPEN))
    assert [line for _, line in lines(TO_WEB, found, 40)] == [
        f"by {VM}:8080",
        "  ok           this machine to",
        f"               {VM}:8080",
        "  ok           the daemon's host to",
        "               172.17.0.2",
        "  ok           port 80 in web",
        "               why open",
    ]


@pytest.mark.parametrize(
    "end", ["web", "web:", ":80", "web:0", "web:65536", "web:http", "web:-1", "web:٨٠", "container::80", ""]
)
def test_an_end_that_is_no_container_and_port_is_refused(end: str) -> None:
    with pytest.raises(UsageError, match=r"expected CONTAINER:PORT"):
        Path.parse("client", end)


def test_a_path_without_a_start_is_refused() -> None:
    for start in ("", "container:"):
        with pytest.raises(UsageError, match=r"the path's start is empty"):
            Path.parse(start, "web:80")


def test_the_words_client_and_host_are_no_ends_unless_a_container_is_called_so() -> None:
    with pytest.raises(UsageError, match="no running container is called 'host', and a path only starts there"):
        Path.parse("db", "host:80").within(INVENTORY)
    called_so = replace(INVENTORY, containers=(replace(INVENTORY.containers[0], name="client"),))
    assert Path.parse("client", "client:80").within(called_so).named("client")


def test_the_words_client_and_host_are_no_containers() -> None:
    assert Path.parse("client", "web:80") == TO_WEB
    assert Path.parse("host", "web:80").vantage == HOST
    assert Path.parse("db", "web:80").vantage == DB


def test_a_container_of_such_a_name_is_written_with_what_it_is() -> None:
    assert Path.parse("container:client", "web:80").vantage == Vantage(Place.CONTAINER, "client")
    assert Path.parse("container:db", "container:web:80/udp") == Path(DB, "web", 80, Protocol.UDP)
    assert Path.parse("db", "container:192.0.2.1:80").container == "192.0.2.1"
    assert Vantage(Place.CONTAINER, "client").label == "container:client"
    assert DB.label == "db"


@pytest.mark.parametrize("path", [Path(CLIENT, "wev", 80), Path(Vantage(Place.CONTAINER, "wev"), "web", 80)])
def test_a_container_that_does_not_run_is_named_with_those_that_do(path: Path) -> None:
    with pytest.raises(UsageError, match=r"no running container is called 'wev'") as caught:
        path.within(INVENTORY)
    assert "running: db, web" in str(caught.value.remedy)
    assert ("or write client or host" in str(caught.value.remedy)) == (path.vantage != CLIENT)


def test_a_container_that_is_stopped_is_said_to_be() -> None:
    with pytest.raises(UsageError, match="container 'ended' does not run, it is exited") as caught:
        Path(CLIENT, "ended", 80).within(replace(INVENTORY, stopped={"ended": "exited"}))
    assert caught.value.remedy == "rawdock start ended"
    with pytest.raises(UsageError, match="it is exited: nothing can be asked from it"):
        Path(Vantage(Place.CONTAINER, "ended"), "web", 80).within(replace(INVENTORY, stopped={"ended": "exited"}))


def test_a_port_that_nobody_exposes_is_asked_all_the_same() -> None:
    path = Path(CLIENT, "db", 5432)
    targets = container_addresses(path.within(INVENTORY), {})
    asked = [target.socket for target in targets if path.asks(CLIENT, target, INVENTORY)]
    assert asked == ["172.18.0.2:5432"]
    assert not any(path.asks(Vantage(Place.CONTAINER, "web"), target, INVENTORY) for target in targets)


def test_without_words_it_is_the_table_of_everything() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert (parser.parse_args([]).format, parser.parse_args([]).path) == ("table", [])
    assert parser.parse_args(["--json"]).format == "jsonl"
    assert parser.parse_args(["--format", "tap"]).format == "tap"


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [(Verdict.MTU_BLACK_HOLE, [OK, BROKEN, BEYOND]), (Verdict.TOO_BIG, [OK, OK, OK])],
)
def test_large_packets_are_a_hop_where_there_is_trouble_with_them(verdict: Verdict, expected: list[State]) -> None:
    large = Target(Kind.PACKETS, "172.17.0.2", 0, "web", network="bridge", protocol=Protocol.ICMP)
    found = result(seen(DB, DIRECT, Verdict.OPEN), seen(DB, large, verdict))
    path = Path(DB, "web", 80)
    assert states(path, found) == [expected]
    assert is_open(path, found) == (expected[-1] is OK)


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Verdict.WRONG_SOURCE, [OK, BROKEN]),
        (Verdict.NO_ANSWER, [BROKEN, BEYOND]),  # which hop keeps still, nobody knows
        (Verdict.REFUSED, [OK, BROKEN]),
    ],
)
def test_a_datagrams_hops(verdict: Verdict, expected: list[State]) -> None:
    target = replace(DIRECT, protocol=Protocol.UDP)
    assert states(Path(DB, "web", 80, Protocol.UDP), result(seen(DB, target, verdict))) == [expected]
    said = [text for _, text in lines(Path(DB, "web", 80, Protocol.UDP), result(seen(DB, target, verdict)), 80)]
    assert said[0] == "by 172.17.0.2:80/udp"
    assert any("UDP port 80 in web" in line for line in said)


@pytest.mark.parametrize(
    ("path", "why", "remedy"),
    [
        (("side", "web:80"), "'side' lives in the network of container web", "write web in its place"),
        (("db", "side:81/udp"), "'side' lives in the network of container web", "write web:81/udp in its place"),
        (("hosted", "web:80"), "'hosted' lives in the network of the daemon's host", "write host in its place"),
        (("client", "hosted:80"), "'hosted' lives in the network of the daemon's host", "ADDRESS:80"),
        (("client", "lone:80"), "'lone' is on no network", ""),
        (("client", "again:80"), "'again' is restarting just now", ""),
    ],
)
def test_a_container_without_an_address_of_its_own_is_said_to_have_none(
    path: tuple[str, str], why: str, remedy: str
) -> None:
    inventory = read(
        document("web"),
        document("db"),
        document("side", mode="container:web", settings={"Networks": {}}),
        document("hosted", mode="host", settings={"Networks": {"host": {}}}),
        document("again", state="restarting", settings={"Networks": {"bridge": {"IPAddress": ""}}}),
        document("lone", mode="none", settings={"Networks": {"none": {}}}),
    )
    with pytest.raises(UsageError, match=f"container {why}") as caught:
        Path.parse(*path).within(inventory)
    assert remedy in caught.value.remedy
    Path.parse("lone", "web:80").within(inventory)  # the kernel says that there is no route
