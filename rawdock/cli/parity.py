"""`rawdock parity`: the same calls by rawdock and its peers, and whether the daemon says the same to each."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .console import Console, printable
from .endpoint_options import find_endpoint
from .exit_codes import ExitCode

if TYPE_CHECKING:
    from ..parity.compare import Comparison

HELP = """Make the same read-only calls by rawdock, httpx, requests, curl, a bare socket and the docker CLI, those that are
here, and compare what the daemon says to each: any client can stand in. What moves from call to call is not compared, nor
is the order of lists."""
EXAMPLES = """examples:
  rawdock parity
  rawdock parity --repeat 20
  rawdock parity --json

exit codes: 0 all say the same, 1 one differs or failed, 2 usage, 6 no daemon there, 7 TLS failed, 8 no Docker daemon"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--repeat", type=_count, default=5, metavar="N", help="make each call N times (default: 5)")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")


def curl_script(options: argparse.Namespace, console: Console) -> list[str]:
    """Each call once. The daemon is asked which container is inspected."""
    from ..client import SyncClient
    from ..parity.compare import calls_to
    from ..request import Request
    from .curl_option import lines_to

    endpoint = find_endpoint(options, console)
    with SyncClient(endpoint) as client:
        _, calls = calls_to(client)
    return lines_to(endpoint, (Request("GET", call.path) for call in calls))


def run(options: argparse.Namespace, console: Console) -> int:
    import json

    from ..parity.compare import Result, compare, document
    from ..parity.libraries import libraries
    from ..parity.programs import programs

    endpoint = find_endpoint(options, console)
    others, absent = programs(console.environ)
    comparison = compare(endpoint, [*libraries(), *others], options.repeat)
    if options.json:
        console.print(json.dumps(document(endpoint, comparison), indent=2))
    else:
        console.print(printable(f"{endpoint}, API {comparison.api_version or 'without a version'}"))
        console.print(f"calls: {', '.join(call.name for call in comparison.calls)}")
        _print_table(comparison, console)
        if absent:
            console.print(f"not here: {', '.join(absent)}")
    well = all(row.result in (Result.SAME, Result.CANNOT) for row in comparison.rows)
    return ExitCode.OK if well else ExitCode.BROKEN


def _print_table(comparison: Comparison, console: Console) -> None:
    from ..parity.compare import Result
    from ..text.table import table

    colours = {Result.SAME: "green", Result.CANNOT: "dim", Result.DIFFERS: "red", Result.FAILED: "red"}
    cells = [["CLIENT", "VERSION", "CALLS", "MEDIAN", "SAYS"]]
    for row in comparison.rows:
        median = "-" if row.median is None else f"{row.median * 1000:.1f} ms"
        says = console.paint(row.result.value, colours[row.result])
        detail = f": {printable(row.detail)}" if row.detail else ""
        cells.append([row.peer.name, printable(row.peer.version), str(row.calls), median, f"{says}{detail}"])
    for line in table(cells):
        console.print(line)


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r}, expected a number from 1 to 10000")
    return int(text)
