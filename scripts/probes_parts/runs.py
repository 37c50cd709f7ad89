"""A setup is made in a lab, and the probe is run in it; a case is read from what it said."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab_parts.breaking import bring, undo
from lab_parts.commands import LabError
from lab_parts.faults import fault_named
from lab_parts.instance import Instance
from lab_parts.lifecycle import down, up
from lab_parts.topologies import topology_named

from .cases import Case, Setup

CHECKOUT = Path(__file__).resolve().parents[2]
Record = dict[str, Any]
_TRIES = 3  # a busy machine's VM may not be found at once


@dataclass(frozen=True)
class Outcome:
    """One case as it came out. wire: what was seen; right: whether verdict and cause are those of the case."""

    case: Case
    setup: Setup
    wire: str
    verdict: str
    sentence: str
    right: bool


@contextmanager
def made(setup: Setup, name: str) -> Iterator[Instance]:
    """The lab with the setup's faults; the lab stays up for the next one, the faults go. Raises LabError."""
    instance = Instance(topology_named(setup.topology), name)
    faults = [fault_named(fault) for fault in setup.faults]
    if any(fault.daemon for fault in faults):
        up(instance, None, faults)
        yield instance
        down(instance)
        return
    up(instance, None)
    for fault in faults:
        bring(instance, fault)
    yield instance
    for fault in reversed(faults):
        undo(instance, fault)


def probe(instance: Instance, *options: str, columns: str = "120") -> str:
    """What `rawdock probe` prints there, that many columns wide. Raises LabError when a vantage could not be probed."""
    environment = ["env", f"PYTHONPATH={CHECKOUT}", f"COLUMNS={columns}"]
    words = [str(CHECKOUT / "scripts" / "lab"), "exec", instance.topology.name, "--as", instance.name, *environment]
    command = [*words, sys.executable, "-m", "rawdock", "probe", *options]
    for _ in range(_TRIES):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout
    raise LabError(f"rawdock probe on {instance.id} ended with {done.returncode}: {done.stderr.strip()}")


def records(instance: Instance, *options: str) -> list[Record]:
    return [json.loads(line) for line in probe(instance, "--json", *options).splitlines()[1:]]


def outcomes(setup: Setup, cases: tuple[Case, ...], found: list[Record]) -> list[Outcome]:
    return [_outcome(case, setup, found) for case in cases]


def _outcome(case: Case, setup: Setup, found: list[Record]) -> Outcome:
    same = [record for record in found if record["vantage"] == case.source and _is_meant(case, record)]
    if not same:
        return Outcome(case, setup, "", "not asked", "", right=False)
    record = same[0]
    right = record["verdict"] in case.verdict.split("|") and case.says in record["explanation"]
    return Outcome(case, setup, _wire(record), record["verdict"], record["explanation"], right)


def _is_meant(case: Case, record: Record) -> bool:
    word, _, name = case.to.partition(" ")
    if word == "at":
        return bool(record["kind"] == "container" and record["container"] == name)
    if word == "name":
        return bool(record["kind"] == "name" and record["name"] == name)
    return bool(record["kind"] in ("published", "gateway") and record["target"] == case.to)


_ACCEPTED = {
    "quiet": "connected, then quiet",
    "data": "connected, and it spoke",
    "closed": "connected, then closed without a byte",
    "reset": "connected, then reset",
    "not-sent": "nothing was sent",
}


def _wire(record: Record) -> str:
    """What was seen, without what changes from run to run."""
    if record["outcome"] == "timeout":
        return "silence, twice"
    if record["outcome"] != "failed":
        return _ACCEPTED.get(record["outcome"], str(record["outcome"]))
    icmp = record["icmp"]
    said = f", ICMP {icmp['type']}/{icmp['code']} from {icmp['from'] or 'its own kernel'}" if icmp else ""
    late = " after 3 s" if record["milliseconds"] > 1000 else ""
    return f"{record['errno']}{late}{said}"
