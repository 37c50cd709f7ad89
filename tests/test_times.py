"""--since and --until: what the docker CLI makes of the same words (moby client, internal/timestamp)."""

from __future__ import annotations

from datetime import datetime

import pytest

from rawdock.errors import UsageError
from rawdock.standins.looks import logs
from rawdock.standins.times import timestamp
from rawdock.text.duration import nanoseconds_of

NOW = 1_800_000_000.75


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("10m", 600_000_000_000),
        ("1h30m5s", 5405_000_000_000),
        ("1.5h", 5400_000_000_000),
        (".5s", 500_000_000),
        ("2us3µs", 5000),
        ("-90s", -90_000_000_000),
        ("+1ms", 1_000_000),
        ("0", 0),
        ("", None),
        ("10", None),
        ("m", None),
        ("1d", None),
        ("1h 2m", None),
        ("1,5h", None),
        ("--1s", None),
    ],
)
def test_durations_are_gos(text: str, nanoseconds: int | None) -> None:
    assert nanoseconds_of(text) == nanoseconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10m", "1799999400"),
        ("0s", "1800000000"),
        ("800ms", "1799999999"),
        ("-1h", "1800003600"),
        ("0", "0"),
        ("1136073600", "1136073600"),
        ("1136073600.000000001", "1136073600.000000001"),
        ("2006-01-02T15:04:05Z", "1136214245.000000000"),
        ("2006-01-02T15:04:05.12Z", "1136214245.120000000"),
        ("2006-01-02T15:04:05.999999999+07:00", "1136189045.999999999"),
        ("2006-01-02T15:04-01:30", "1136219640.000000000"),
        ("2006-01-02T15Z", "1136214000.000000000"),
        ("2006-01-02Z", "1136160000.000000000"),
    ],
)
def test_times_are_given_to_the_daemon_in_seconds(text: str, expected: str) -> None:
    assert timestamp(text, "--since", NOW) == expected


@pytest.mark.parametrize("text", ["2006-01-02", "2006-01-02T15", "2006-01-02T15:04", "2006-01-02T15:04:05"])
def test_a_date_without_a_zone_is_local(text: str) -> None:
    moment = datetime.fromisoformat(text if "T" not in text or ":" in text else f"{text}:00")
    assert timestamp(text, "--since", NOW) == f"{int(moment.timestamp())}.000000000"
    assert timestamp("2006-01-02T15:04:05.5", "--since", NOW).endswith(".500000000")


@pytest.mark.parametrize(
    "text", ["", "yesterday", "1x", "2006-13-02", "2006-01-02T25", "2006-01-02 15:04", "-5", "1e9"]
)
def test_what_is_no_time_is_said(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        timestamp(text, "--until", NOW)
    assert f"--until {text!r} is no time" in str(caught.value)


@pytest.mark.parametrize(("tail", "sent"), [("all", "all"), ("0", "0"), ("25", "25"), ("-1", "all")])
def test_a_negative_tail_is_all(tail: str, sent: str) -> None:
    assert dict(logs("web", now=NOW, tail=tail)[0].request.query)["tail"] == sent


@pytest.mark.parametrize("tail", ["", "x", "1.5", "--1"])
def test_a_tail_that_is_no_number_is_said(tail: str) -> None:
    with pytest.raises(UsageError, match="is no number of lines"):
        logs("web", now=NOW, tail=tail)
