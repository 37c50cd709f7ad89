"""The columns of stats, from documents as daemons with cgroup v1 and v2 send them."""

from __future__ import annotations

from typing import Any

import pytest

from rawdock.cli.stats import row
from rawdock.errors import ProtocolError
from rawdock.text.usage import usage

MIB = 1024 * 1024


def cpu(total: int, system: int, **more: Any) -> dict[str, Any]:
    return {"cpu_usage": {"total_usage": total, **more.pop("usage", {})}, "system_cpu_usage": system, **more}


BUSY = {
    "cpu_stats": cpu(3_000_000, 50_000_000, online_cpus=4),
    "precpu_stats": cpu(1_000_000, 10_000_000, online_cpus=4),
    "memory_stats": {"usage": 300 * MIB, "limit": 1024 * MIB, "stats": {"inactive_file": 44 * MIB}},
    "networks": {"eth0": {"rx_bytes": 1500, "tx_bytes": 20}, "eth1": {"rx_bytes": 500, "tx_bytes": 0}},
    "blkio_stats": {
        "io_service_bytes_recursive": [
            {"op": "Read", "value": 1_000_000},
            {"op": "write", "value": 5},
            {"op": "Total", "value": 1_000_005},
            {"op": "read", "value": 234_567},
            {"op": "", "value": 7},
        ]
    },
    "pids_stats": {"current": 12},
}


def test_a_busy_container() -> None:
    assert usage(BUSY) == {
        "CPUPerc": "20.00%",
        "MemUsage": "256MiB / 1GiB",
        "MemPerc": "25.00%",
        "NetIO": "2kB / 20B",
        "BlockIO": "1.23MB / 5B",
        "PIDs": "12",
    }


def test_one_that_does_not_run_uses_nothing() -> None:
    nothing = {"CPUPerc": "0.00%", "MemUsage": "0B / 0B", "MemPerc": "0.00%", "NetIO": "0B / 0B", "BlockIO": "0B / 0B"}
    assert usage({}) == {**nothing, "PIDs": "0"}
    assert usage(dict.fromkeys(BUSY)) == {**nothing, "PIDs": "0"}


@pytest.mark.parametrize(
    ("stats", "used"),
    [
        ({"total_inactive_file": 10 * MIB, "inactive_file": 50 * MIB}, "90MiB"),  # cgroup v1 has both, ours below all
        ({"inactive_file": 50 * MIB}, "50MiB"),
        ({"inactive_file": 200 * MIB}, "100MiB"),  # measured at another moment
        ({}, "100MiB"),
        (None, "100MiB"),
    ],
)
def test_file_cache_is_no_use_of_memory(stats: Any, used: str) -> None:
    assert usage({"memory_stats": {"usage": 100 * MIB, "stats": stats}})["MemUsage"] == f"{used} / 0B"


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (cpu(200, 1000, online_cpus=2), cpu(100, 0), "20.00%"),
        (cpu(200, 1000, usage={"percpu_usage": [1, 2, 3]}), cpu(100, 0), "30.00%"),
        (cpu(100, 1000, online_cpus=2), cpu(100, 0), "0.00%"),
        (cpu(200, 0, online_cpus=2), cpu(100, 0), "0.00%"),
        (cpu(50, 1000, online_cpus=2), cpu(100, 0), "0.00%"),  # it was restarted
        (cpu(1000, 1000, online_cpus=2), {}, "200.00%"),  # the first figures have none before them
    ],
)
def test_cpu_is_of_one_cpu(now: dict[str, Any], before: dict[str, Any], expected: str) -> None:
    assert usage({"cpu_stats": now, "precpu_stats": before})["CPUPerc"] == expected


@pytest.mark.parametrize(
    "found", [None, [], "text", {"memory_stats": 5}, {"networks": [1]}, {"memory_stats": {"usage": "x"}}]
)
def test_what_are_no_stats_is_said(found: Any) -> None:
    with pytest.raises(ProtocolError, match="stats of web"):
        row("web", found, full=False)
