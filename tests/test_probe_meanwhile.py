"""Containers that end while they are probed: nobody else is blamed for what was seen of them."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_probe_inventory import attached, document, read
from wire_daemon import HOLD, REQUEST, WireDaemon, reply

from rawdock.client import SyncClient
from rawdock.endpoint import Endpoint
from rawdock.probe.meanwhile import Meanwhile, excused
from rawdock.probe.observation import ICMP, Observation, Outcome
from rawdock.probe.record import Record
from rawdock.probe.target import CLIENT, Kind, Place, Target, Vantage
from rawdock.probe.verdict import Judgement, Verdict

INVENTORY = read(document("web"), document("app", settings=attached(bridge="172.17.0.3")))
WEB, APP = Vantage(Place.CONTAINER, "web"), Vantage(Place.CONTAINER, "app")
GONE = {"web-0123456789abcdef"}
INFO = {"SystemTime": "2026-11-27T11:16:00.25Z"}


def ended(folder: Path, answer: bytes, info: dict[str, Any] = INFO) -> tuple[set[str], list[str]]:
    """What is said to have ended within two and a half seconds, and the calls that were made."""
    moments: Iterator[float] = iter([100.0, 102.5])
    with WireDaemon(folder, "unix", [REQUEST, answer, HOLD]) as daemon:
        with SyncClient(Endpoint.parse(daemon.url, "the test"), api_version="1.41") as client:
            found = Meanwhile(client, info, lambda: next(moments)).ended()
        return found, [line.partition(" HTTP")[0] for lines in daemon.lines for line in lines]


@pytest.mark.parametrize("moment", ["2026-11-27T11:16:00.25Z", "2026-11-27T12:46:00.250000001+01:30"])
def test_the_daemon_is_asked_by_its_own_clock(tmp_path: Path, moment: str) -> None:
    events = [{"Actor": {"ID": "a", "Attributes": {}}}, {"Actor": {"ID": "b"}}, {"Actor": {"ID": "a"}}]
    answer = reply("".join(json.dumps(one) + "\n" for one in events).encode())
    found, (line,) = ended(tmp_path, answer, {"SystemTime": moment})
    assert found == {"a", "b"}
    assert "since=1795778160.250000&until=1795778162.750000" in line
    assert "die" in line


@pytest.mark.parametrize("answer", [reply(b"no", "403 Forbidden"), reply(b"<html>"), reply(b'{"Actor": null}\n')])
def test_a_daemon_that_does_not_tell_excuses_nobody(tmp_path: Path, answer: bytes) -> None:
    assert ended(tmp_path, answer)[0] == set()


@pytest.mark.parametrize("info", [{}, {"SystemTime": None}, {"SystemTime": "now"}])
def test_a_daemon_without_a_clock_is_not_asked(tmp_path: Path, info: dict[str, Any]) -> None:
    assert ended(tmp_path, reply(b""), info) == (set(), [])


def record(vantage: Vantage, name: str, verdict: Verdict, icmp: ICMP | None = None) -> Record:
    target = Target(Kind.CONTAINER, "172.17.0.2", 80, name, 80, network="bridge")
    seen = Observation(Outcome.FAILED, errno.ECONNREFUSED, icmp=icmp)
    return Record(vantage, target, Judgement(verdict, "a firewall", "look at it"), seen, expected=Verdict.OPEN)


def test_what_was_never_asked_of_one_that_ended_stands() -> None:
    unasked = replace(record(APP, "web", Verdict.NAME_OTHER_NETWORK), seen=Observation(Outcome.NOT_SENT))
    assert list(excused([unasked], INVENTORY, GONE)) == [unasked]


@pytest.mark.parametrize(
    ("given", "verdict", "why"),
    [
        (record(APP, "web", Verdict.REJECTED), "refused", "web ended meanwhile, if only to be started anew"),
        (record(CLIENT, "web", Verdict.HOST_DOWN), "host-down", "web ended meanwhile, if only to be started anew"),
        (
            record(WEB, "app", Verdict.NO_ROUTE),
            "vantage-unavailable",
            "the container ended meanwhile, if only to be started anew",
        ),
        (record(APP, "app", Verdict.FILTERED), "filtered", "a firewall"),
        (record(APP, "web", Verdict.OPEN), "open", "a firewall"),
        (record(APP, "web", Verdict.REJECTED, ICMP(4, 3, 13, 0, "172.17.0.1")), "rejected", "web ended meanwhile"),
    ],
)
def test_what_was_seen_of_one_that_ended_has_that_cause(given: Record, verdict: str, why: str) -> None:
    (found,) = excused([given], INVENTORY, GONE)
    assert found.judgement.verdict.value == verdict
    assert found.judgement.explanation.startswith(why)
    assert found.differs is (found.judgement.explanation == "a firewall" and verdict != "open")
