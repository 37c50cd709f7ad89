"""Watching and waiting: what has changed between two runs, and when the next attempt is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from test_policy import DB, INVENTORY, WEB, at, on_host, record, result
from test_probe_inventory import attached, bridge, document, read

from rawdock.cli.probe_wait import seconds_of
from rawdock.errors import RefusedError, UsageError
from rawdock.probe.path import Path
from rawdock.probe.record import Record, Result
from rawdock.probe.target import CLIENT, HOST, Kind, Target
from rawdock.probe.verdict import Judgement, Verdict
from rawdock.probe.waiting import Attempt, attempted, wait
from rawdock.probe.watch import changes

# Watching


def said(before: Result, after: Result) -> list[str]:
    return [str(change) for change in changes(before, after)]


def test_a_change_is_a_line_with_the_old_and_the_new_verdict() -> None:
    same = record(WEB, at("db", "172.18.0.2", 99), Verdict.REFUSED)
    before = result(same, record(WEB, at("db", "172.18.0.2", 5432), Verdict.OPEN))
    after = result(same, record(WEB, at("db", "172.18.0.2", 5432), Verdict.REFUSED))
    assert said(before, after) == ["web 172.18.0.2:5432 (db) open -> refused: why refused"]
    assert said(before, before) == []


def test_a_target_that_is_new_or_gone_is_said_to_be() -> None:
    one, other = (record(CLIENT, at("db", "172.18.0.2", port), Verdict.OPEN) for port in (80, 81))
    assert said(result(one), result(other)) == [
        "client 172.18.0.2:80 (db) open -> (none)",
        "client 172.18.0.2:81 (db) (none) -> open: why open",
    ]


def test_a_container_that_has_gone_is_one_line() -> None:
    from_db = record(DB, at("web", "172.18.0.3", 80), Verdict.OPEN)
    to_db = record(CLIENT, at("db", "172.18.0.2", 80), Verdict.OPEN)
    kept = record(CLIENT, on_host("127.0.0.1"), Verdict.OPEN)
    without = read(document("web", settings=attached(backend="172.18.0.3")), networks=[bridge()])
    before, after = result(kept, to_db, from_db), result(kept, inventory=without)
    assert said(before, after) == ["db gone", "old gone"]
    assert said(after, before) == ["client 172.18.0.2:80 (db) (none) -> open: why open", "db new: 1 open"]


def test_a_container_called_client_has_gone_and_this_machine_has_not() -> None:
    was = read(document("client", settings=attached(backend="172.18.0.3")), networks=[bridge()])
    kept = record(CLIENT, on_host("127.0.0.1"), Verdict.OPEN)
    assert said(result(kept, inventory=was), result(kept, inventory=read(networks=[bridge()]))) == [
        "container:client gone"
    ]


# Waiting


@dataclass
class Clock:
    """Time passes while somebody waits. `events`: the waits that an event ends, each after a tenth of a second."""

    events: set[int] = field(default_factory=set)
    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def wait(self, seconds: float | None) -> bool:
        assert seconds is not None
        self.waits.append(seconds)
        happened = len(self.waits) in self.events
        self.now += min(seconds, 0.1) if happened else seconds
        return happened

    def __call__(self) -> float:
        return self.now


def attempts(*opens: bool) -> Callable[[], Attempt]:
    made = iter(opens)
    return lambda: Attempt(next(made, False), "so it is")


def test_what_is_open_is_not_waited_for() -> None:
    clock = Clock()
    assert wait(attempts(True), clock, 30, clock).open
    assert clock.waits == []


def test_attempts_become_rarer_until_an_event() -> None:
    clock = Clock(events={6})
    assert wait(attempts(*[False] * 9, True), clock, 30, clock).open
    assert clock.waits == [0.25, 0.5, 1.0, 2.0, 2.0, 2.0, 0.25, 0.5, 1.0]


def test_at_the_time_out_the_last_reason_is_given() -> None:
    clock = Clock()
    last = wait(attempts(), clock, 2, clock)
    assert (last.open, last.says, clock.now) == (False, "so it is", 2)
    assert clock.waits == [0.25, 0.5, 1.0, 0.25]


TO_WEB = Path(CLIENT, "web", 80)


def seen(verdict: Verdict, measured: bool = True) -> Result:
    where = on_host("127.0.0.1")
    one = record(HOST, at("web", "172.18.0.3", 80), Verdict.OPEN)
    judgement = Judgement(verdict, f"why {verdict.value}", measured=measured)
    local = Target(Kind.PUBLISHED, "172.17.0.1", 8080, "web", 80, where.published)
    return result(Record(CLIENT, local, judgement, one.seen), one)


@pytest.mark.parametrize(
    ("verdict", "measured", "proof", "is_open"),
    [
        (Verdict.OPEN, True, True, True),
        (Verdict.OPEN, False, True, False),
        (Verdict.OPEN, False, False, True),
        (Verdict.OPEN_SILENT, True, False, False),
        (Verdict.ACCEPTED_THEN_CLOSED, True, False, False),
    ],
)
def test_open_is_what_answers_or_has_a_listener(verdict: Verdict, measured: bool, proof: bool, is_open: bool) -> None:
    made = attempted(TO_WEB, lambda: seen(verdict, measured), proof)
    assert (made.open, made.says) == (is_open, f"172.17.0.1:8080: why {verdict.value}")


@pytest.mark.parametrize("error", [UsageError("no such container", "start it"), RefusedError("nobody listens")])
def test_a_container_or_a_daemon_that_is_not_there_may_come(error: Exception) -> None:
    def fail() -> Result:
        raise error

    made = attempted(TO_WEB, fail)
    assert (made.open, made.says, made.result) == (False, str(error).partition(";")[0], None)


def test_where_nothing_can_be_asked_that_is_the_reason() -> None:
    assert attempted(TO_WEB, lambda: result(inventory=INVENTORY)).says == "nothing can be asked from this machine"


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30.0), ("1m30s", 90.0), ("500ms", 0.5), ("7", 7.0), ("0.5", 0.5), ("0", 0)]
)
def test_a_time_is_read(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-1s", "1.2.3", "٣"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="from --timeout is no time"):
        seconds_of(text)
