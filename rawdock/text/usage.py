"""A container's use of resources in the columns of `docker stats`. Source: docker/cli command/container/stats_helpers.go and
formatter_stats.go; the fields are those of GET /containers/{id}/stats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .units import binary_size, human_size

FIGURES = ("CPUPerc", "MemUsage", "MemPerc", "NetIO", "BlockIO", "PIDs")
UNKNOWN = {name: "-- / --" if name == "MemUsage" else "--" for name in FIGURES}


def usage(document: Mapping[str, Any]) -> dict[str, str]:
    """FIGURES by name. What a container that does not run leaves out is 0."""
    memory = document.get("memory_stats") or {}
    used, limit = memory_used(memory), _number(memory, "limit")
    networks = (document.get("networks") or {}).values()
    received, sent = (sum(_number(network, name) for network in networks) for name in ("rx_bytes", "tx_bytes"))
    read, written = block_io(document)
    return {
        "CPUPerc": f"{cpu_percent(document):.2f}%",
        "MemUsage": f"{binary_size(used)} / {binary_size(limit)}",
        "MemPerc": f"{used / limit * 100 if limit else 0:.2f}%",
        "NetIO": f"{human_size(received)} / {human_size(sent)}",
        "BlockIO": f"{human_size(read)} / {human_size(written)}",
        "PIDs": str(_number(document.get("pids_stats") or {}, "current")),
    }


def cpu_percent(document: Mapping[str, Any]) -> float:
    """Of one CPU: what the container used since the figures before, against all that the machine's CPUs used."""
    now, before = document.get("cpu_stats") or {}, document.get("precpu_stats") or {}
    used = _total(now) - _total(before)
    whole = _number(now, "system_cpu_usage") - _number(before, "system_cpu_usage")
    cpus = _number(now, "online_cpus") or len((now.get("cpu_usage") or {}).get("percpu_usage") or [])
    return used / whole * cpus * 100 if used > 0 and whole > 0 else 0.0


def memory_used(memory: Mapping[str, Any]) -> int:
    """Bytes, without the file cache that could be dropped: cgroup v1 calls it total_inactive_file, v2 inactive_file."""
    stats, used = memory.get("stats") or {}, _number(memory, "usage")
    cache = _number(stats, "total_inactive_file") or _number(stats, "inactive_file")
    return used - cache if cache < used else used


def block_io(document: Mapping[str, Any]) -> tuple[int, int]:
    """(read, written) in bytes."""
    entries = (document.get("blkio_stats") or {}).get("io_service_bytes_recursive") or []
    totals = {"r": 0, "w": 0}
    for entry in entries:
        kind = str(entry.get("op"))[:1].lower()
        if kind in totals:
            totals[kind] += _number(entry, "value")
    return totals["r"], totals["w"]


def _total(cpu: Mapping[str, Any]) -> int:
    return _number(cpu.get("cpu_usage") or {}, "total_usage")


def _number(fields: Mapping[str, Any], name: str) -> int:
    return fields.get(name) or 0
