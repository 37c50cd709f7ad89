"""scripts/bench: its arithmetic, its canned bytes, its page. What it measures it checks itself; no figure is asserted here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bench_parts import canned, report
from bench_parts.cases import Case, Run, Unit, own_words
from bench_parts.goals import ASYNC, CURL, SYNC, Figure, Goal, Kind, Sample, at_least, at_most, lean

from rawdock.wire.stdcopy import StdcopyDecoder

BENCH = Path(__file__).resolve().parents[1] / "scripts" / "bench"


def figure(seconds: float, memory: float = 20) -> Figure:
    return Figure(seconds, seconds, memory, seconds, seconds)


def test_a_figure_is_the_median_of_its_rounds_and_their_largest_memory() -> None:
    found = Figure.of([Sample(3, 1, 10), Sample(1, 2, 30), Sample(2, 9, 20)])
    assert found == Figure(seconds=2, cpu=2, memory=30, fastest=1, slowest=3)


@pytest.mark.parametrize(
    ("goal", "ours", "peer", "measured", "met"),
    [
        (Goal(Kind.TIME, SYNC, CURL, 0.9), figure(0.9), figure(1), 0.9, True),
        (Goal(Kind.TIME, SYNC, CURL, 0.9), figure(0.91), figure(1), 0.91, False),
        (Goal(Kind.RATE, SYNC, CURL, 0.95), figure(1), figure(0.95), 0.95, True),
        (Goal(Kind.RATE, SYNC, CURL, 6), figure(1), figure(5), 5, False),
        (Goal(Kind.MEMORY, SYNC, "", 30), figure(1, memory=30), figure(1), 30, False),
        (Goal(Kind.OVER, SYNC, CURL, 0.002), figure(0.5), figure(0.499), 0.001, True),
        (Goal(Kind.OVER, SYNC, CURL, 0.002), figure(0.5), figure(0.497), 0.003, False),
    ],
)
def test_a_goal_is_met_by_the_ratio_it_names(
    goal: Goal, ours: Figure, peer: Figure, measured: float, met: bool
) -> None:
    figures = {SYNC: ours, CURL: peer}
    assert goal.measured(figures) == pytest.approx(measured)
    assert goal.met(figures) is met


def test_a_goal_without_its_peer_is_not_measured() -> None:
    (goal,) = at_most(0.9, ASYNC, CURL)
    assert goal.met({ASYNC: figure(1)}) is None
    assert goal.verdict({CURL: figure(1)}) == "not measured"


@pytest.mark.parametrize(
    ("unit", "cost", "shown"), [(Unit.MICROSECONDS, 5e-5, 50), (Unit.MILLISECONDS, 0.5, 500), (Unit.RATE, 2e-8, 50)]
)
def test_a_unit_shows_seconds_for_one(unit: Unit, cost: float, shown: float) -> None:
    assert unit.of(cost) == pytest.approx(shown)


def payload(name: str) -> bytes:
    """What the canned log's first block holds, the chunks taken off by hand."""
    (log,) = (answer for answer in canned.answers(b'{"Id":"x"}', (name,)) if answer.pattern == f"/{name}/logs")
    rest, frames = log.block, []
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        frames.append(rest[: int(size, 16)])
        assert rest[int(size, 16) :].startswith(b"\r\n")
        rest = rest[int(size, 16) + 2 :]
    decoder = StdcopyDecoder()
    found = b"".join(frame.data for frame in decoder.feed(b"".join(frames)))
    decoder.close()
    return found


@pytest.mark.parametrize(("name", "each"), [("short-5", 20), ("long-50", 16384)])
def test_a_canned_log_holds_the_bytes_that_the_clients_must_count(name: str, each: int) -> None:
    blocks, size = canned.logs(name)
    found = payload(name)
    assert len(found) * blocks == size
    assert canned.wire_size(len(found), each) == len(found) + 8 * len(found) // each
    assert found.count(b"\n") == len(found) // each


def result(*goals: Goal) -> report.Result:
    runs = {name: Run(("true",), {}) for name in (SYNC, CURL)}
    case = Case("logs", "real unix", "logs", Unit.RATE, 1, runs, goals)
    return report.Result(case, {SYNC: figure(1e-8), CURL: figure(2e-8)})


def test_tables_show_rate_memory_and_verdict() -> None:
    text = report.terminal(result(*at_least(3, SYNC, CURL), *lean(SYNC)))
    rows = [line.split() for line in text.splitlines()]
    assert ["rawdock", "sync", "100", "100", "to", "100", "10.0", "20.0"] in rows
    assert ["rawdock", "sync:", "at", "least", "3", "of", "curl's", "rate", "2.00", "NOT", "MET"] in rows
    assert ["rawdock", "sync:", "under", "30", "MiB", "20.0", "MiB", "met"] in rows


def test_a_page_keeps_what_stands_around_the_figures() -> None:
    old = f"# Benchmarks\n\nBefore.\n\n{report.BEGIN}\nold figures\n{report.END}\n\nAfter.\n"
    part = report.page([result(*at_most(1, SYNC, CURL))], [("machine", "2 cores")], "scripts/bench")
    new = report.put_into(old, part)
    assert "old figures" not in new
    assert new.startswith("# Benchmarks\n\nBefore.\n") and new.endswith("\n\nAfter.\n")
    assert "| logs | real unix | logs | rawdock sync: at most 1 of curl's time | 0.50 | met |" in new
    assert report.put_into(new, part) == new
    assert report.put_into("# Benchmarks\n", part).count(report.BEGIN) == 1


def test_json_gives_seconds_and_verdicts() -> None:
    found = json.loads(json.dumps(report.as_json([result(*at_most(1, SYNC, CURL))], [("machine", "x")])))
    (case,) = found["cases"]
    assert case["figures"][CURL]["seconds"] == 2e-8
    assert case["goals"] == [{"goal": "rawdock sync: at most 1 of curl's time", "measured": 0.5, "met": True}]


def test_a_client_tells_its_own_time() -> None:
    done = own_words(b'{"seconds": 0.5, "amount": 10, "bytes": 20, "cpu": null}\n', 3.0)
    assert (done.seconds, done.amount, done.bytes) == (0.5, 10, 20)


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, BENCH, *words], capture_output=True, text=True, timeout=60, check=False)


def test_help_names_every_work() -> None:
    done = bench("--help")
    assert done.returncode == 0, done.stderr
    assert "  imports   python -c 'import rawdock' beside python -c pass." in done.stdout.splitlines()


def test_an_unknown_work_is_refused_before_anything_is_made() -> None:
    done = bench("pong")
    assert done.returncode == 2
    assert "'pong' is nothing to measure; known: ping, inspect" in done.stderr
