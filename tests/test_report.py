"""The probe's outputs: a table in which equal answers share an entry, a few lines in short, a flat JSON record."""

from __future__ import annotations

import errno

from rawdock.probe.inventory import Inventory
from rawdock.probe.observation import ICMP, Observation, Outcome
from rawdock.probe.record import Record, Result
from rawdock.probe.report import in_short, json_record, remedies, table
from rawdock.probe.target import CLIENT, Kind, Place, Target, Vantage
from rawdock.probe.topology import Facts, decide
from rawdock.probe.verdict import Judgement, Verdict

WEB = Vantage(Place.CONTAINER, "web")


def record(
    vantage: Vantage, address: str, verdict: Verdict, why: str, remedy: str = "", kind: Kind = Kind.PUBLISHED
) -> Record:
    target = Target(kind, address, 80, "app", 80)
    return Record(vantage, target, Judgement(verdict, why, remedy), Observation(Outcome.QUIET, milliseconds=1.25))


RECORDS = [
    record(CLIENT, "127.0.0.1", Verdict.REFUSED, "nothing listens", "use another"),
    record(CLIENT, "127.0.0.2", Verdict.REFUSED, "nothing listens", "use another"),
    record(CLIENT, "127.0.0.3", Verdict.OPEN, "app listens"),
    record(WEB, "172.18.0.2", Verdict.FILTERED, "kept apart", "connect them", Kind.CONTAINER),
]


def lines(width: int = 100) -> list[str]:
    return [line for _, line in table(RECORDS, width)]


def test_targets_with_the_same_answer_share_an_entry_and_the_best_comes_first() -> None:
    assert lines() == [
        "from this machine",
        "  open      127.0.0.3:80 (app)      1.2 ms  app listens",
        "  refused   127.0.0.1:80 (app)      1.2 ms  nothing listens",
        "            127.0.0.2:80 (app)",
        "",
        "from container web",
        "  filtered  172.18.0.2:80 (app)     1.2 ms  kept apart",
    ]


def test_a_long_sentence_is_wrapped_beside_its_targets() -> None:
    long = record(CLIENT, "127.0.0.1", Verdict.REFUSED, "word " * 30)
    found = [line for _, line in table([long], 80)]
    assert len(found) > 3 and max(map(len, found)) <= 80


def test_a_remedy_is_given_once_and_isolation_by_design_needs_none() -> None:
    assert list(remedies(RECORDS, 80)) == ["use another", "    nothing listens"]


def test_in_short_counts_verdicts_by_what_people_ask() -> None:
    result = Result(Inventory((), {}), decide(Facts({}, {})), RECORDS)
    assert list(in_short(result)) == [
        "published ports on 127.0.0.1: 1 refused",
        "published ports on 127.0.0.2: 1 refused",
        "published ports on 127.0.0.3: 1 open",
        "containers to each other across networks: 1 filtered",
    ]


def test_a_json_record_has_the_documented_fields() -> None:
    seen = Observation(Outcome.FAILED, errno.EHOSTUNREACH, 0.5, ICMP(4, 3, 13, 0, "192.0.2.1"))
    judgement = Judgement(Verdict.REJECTED, "a firewall", "look there", measured=False)
    target = Target(Kind.CONTAINER, "::1", 80, "app", 80, network="backend")
    assert json_record(Record(WEB, target, judgement, seen, 2)) == {
        "vantage": "web",
        "target": "[::1]:80",
        "protocol": "tcp",
        "kind": "container",
        "container": "app",
        "container_port": 80,
        "network": "backend",
        "name": None,
        "node": None,
        "verdict": "rejected",
        "expected": None,
        "explanation": "a firewall",
        "remedy": "look there",
        "certainty": "inferred",
        "outcome": "failed",
        "errno": "EHOSTUNREACH",
        "icmp": {"type": 3, "code": 13, "from": "192.0.2.1", "mtu": 0},
        "milliseconds": 0.5,
        "passes": 2,
    }


def test_what_docker_has_no_hand_in_is_said_and_counted() -> None:
    target = Target(Kind.CONTAINER, "172.17.0.2", 80, "app", 80, network="bridge")
    judgement = Judgement(Verdict.FILTERED, "dropped")
    record = Record(WEB, target, judgement, Observation(Outcome.TIMEOUT), 2, Verdict.OPEN)
    same = Record(WEB, target, judgement, Observation(Outcome.TIMEOUT), 2, Verdict.FILTERED)
    assert (record.differs, same.differs, json_record(record)["expected"]) == (True, False, "open")
    assert "dropped (by Docker's own rules: open)" in [line for _, line in table([record], 120)][1]
    found = in_short(Result(Inventory((), {}), decide(Facts({}, {})), [record, same]))
    assert next(found) == "other than Docker's own rules would have it: 1 of 2"


def test_an_empty_inventory_gives_an_empty_report() -> None:
    assert list(table([], 80)) == [] and list(in_short(Result(Inventory((), {}), decide(Facts({}, {}))))) == []


def test_a_container_that_is_unavailable_is_said_without_a_target() -> None:
    gone = Record(
        WEB,
        Target(Kind.CONTAINER, "", 0, "web"),
        Judgement(Verdict.VANTAGE_UNAVAILABLE, "not probed"),
        Observation(Outcome.NO_VANTAGE),
    )
    assert [line.split() for _, line in table([gone], 80)][1] == ["vantage-unavailable", "not", "probed"]


def test_in_a_narrow_terminal_the_sentence_goes_below() -> None:
    found = [line for _, line in table(RECORDS[2:3], 40)]
    assert found == ["from this machine", "  open  127.0.0.3:80 (app)", "    app listens"]
    found = [line for _, line in table(RECORDS[2:3], 25)]
    assert found == ["from this machine", "  open", "    127.0.0.3:80 (app)", "      app listens"]
