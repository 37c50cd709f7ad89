"""`rawdock machine ls`: docker-machine's columns.

STATE is what can honestly be said: a store does not know whether a machine runs. "Running" means that its daemon answered
just now, "Unknown" that nobody asked or nothing answered, "Error" that config.json cannot be read.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

from ..discovery.machine_list import Machine, list_machines
from ..discovery.machine_store import MachineStore
from ..endpoint import Endpoint
from ..errors import RawdockError
from .console import Console, printable
from .exit_codes import ExitCode

COLUMNS = ("NAME", "ACTIVE", "DRIVER", "STATE", "URL", "SWARM", "DOCKER", "ERRORS")


def print_machines(store: MachineStore, options: argparse.Namespace, console: Console) -> int:
    machines = list_machines(store, console.environ.get("DOCKER_HOST", ""))
    if options.quiet:
        for machine in machines:
            if not machine.broken:  # as docker-machine does: no command can do anything with such a name
                console.print(machine.name)
        return ExitCode.OK
    rows = [_row(machine) for machine in machines]
    if not options.offline:
        _ask(machines, rows, options.timeout)
    if options.json:
        console.print(json.dumps(rows, indent=2))
        return ExitCode.OK
    table = [COLUMNS, *(tuple(printable(row[name.lower()]) for name in COLUMNS) for row in rows)]
    widths = [max(len(line[place]) for line in table) + 3 for place in range(len(COLUMNS) - 1)]
    for line in table:
        console.print("".join(f"{cell:<{width}}" for cell, width in zip(line, [*widths, 0], strict=True)).rstrip())
    return ExitCode.OK


def curl_script(store: MachineStore) -> Iterator[str]:
    from .curl_option import alive_lines

    found = ((machine.name, machine.endpoint or machine.error) for machine in list_machines(store))
    return alive_lines((name, one) for name, one in found if one is not None)


def _row(machine: Machine) -> dict[str, Any]:
    return {
        "name": machine.name,
        "active": machine.active,
        "driver": machine.driver,
        "state": "Error" if machine.broken else "Unknown",
        "url": machine.endpoint.url if machine.endpoint else "",
        "swarm": machine.swarm,
        "docker": "" if machine.broken else "Unknown",
        "errors": str(machine.error) if machine.error else "",
        "notes": list(machine.endpoint.notes) if machine.endpoint else [],
    }


def _ask(machines: list[Machine], rows: list[dict[str, Any]], seconds: float) -> None:
    """Ask each daemon for its version, all at once, and write into the rows what came."""
    from .parallel import each_at_once

    known = [(machine.endpoint, row) for machine, row in zip(machines, rows, strict=True) if machine.endpoint]
    answers = each_at_once(lambda pair: _version(pair[0], seconds), known, seconds + 1.5)
    for (endpoint, row), answer in zip(known, answers, strict=True):
        if isinstance(answer, str):
            row["state"], row["docker"] = "Running", f"v{answer}"
            continue
        cause = f"no answer within {seconds:g} s" if answer is None else answer.cause.removeprefix(f"{endpoint}: ")
        row["errors"] = "; ".join([cause, *endpoint.notes])


def _version(endpoint: Endpoint, seconds: float) -> str | RawdockError:
    """The daemon's version, or why there is none."""
    from ..client import SyncVerbs
    from ..errors import NotDockerError

    try:
        with SyncVerbs(endpoint) as client:
            answer = client.get("/version", timeout=seconds).raise_for_status().json()
    except RawdockError as error:
        return error
    except ValueError:
        answer = None
    version = answer.get("Version") if isinstance(answer, dict) else None
    return version if isinstance(version, str) else NotDockerError(f"{endpoint}: /version names no version")
