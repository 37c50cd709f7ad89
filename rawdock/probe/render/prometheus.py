"""Prometheus' text format 0.0.4: gauges, for node_exporter's textfile collector.
Source: prometheus.io/docs/instrumenting/exposition_formats."""

from __future__ import annotations

from ..record import Record, Result
from ..target import Kind
from ..verdict import Verdict


def render(result: Result) -> str:
    topology = _labels({"topology": result.topology.what.value, "client": result.topology.where.value})
    lines = [
        *_head("topology_info", "What stands around the daemon; always 1."),
        f"rawdock_probe_topology_info{topology} 1",
        *_head("open", "Whether somebody answers there: 1, or 0 with the verdict that says why not."),
    ]
    records = {tuple(_place(record).items()): record for record in result.records}
    for place, record in records.items():
        verdict = record.judgement.verdict
        labels = _labels({**dict(place), "verdict": verdict.value})
        lines.append(f"rawdock_probe_open{labels} {int(verdict is Verdict.OPEN)}")
    lines += _head("duration_seconds", "From the start of the probe to its outcome.")
    for place, record in records.items():
        lines.append(f"rawdock_probe_duration_seconds{_labels(dict(place))} {record.seen.milliseconds / 1000:.6f}")
    return "\n".join([*lines, ""])


def _head(name: str, text: str) -> list[str]:
    return [f"# HELP rawdock_probe_{name} {text}", f"# TYPE rawdock_probe_{name} gauge"]


def _place(record: Record) -> dict[str, str]:
    """What a series is known by from one run to the next."""
    target = record.target
    return {
        "vantage": record.vantage.label,
        # A socket of ours has another port each time.
        "target": target.address if target.kind is Kind.CLIENT else target.socket if target.address else "",
        "kind": target.kind.value,
        "container": target.container or "",
        "name": target.name or "",
    }


def _labels(values: dict[str, str]) -> str:
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in values.items() if value)
    return f"{{{told}}}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
