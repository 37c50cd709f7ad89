"""`rawdock probe`: who can reach whom."""

from __future__ import annotations

import argparse
import json
import signal
from typing import TYPE_CHECKING

from .console import Console, printable
from .exit_codes import ExitCode

if TYPE_CHECKING:
    from ..client import SyncClient
    from ..probe.matrix import Result

HELP = """Find out who can reach whom around the daemon, and why not: from this machine, from the daemon's host and from every
running container, to every published port, container address, gateway and name.

A TCP connect alone is never called open: after it the probe listens 250 ms without sending a byte.
One helper container does the work inside: an image of one 6 KB program, imported without a registry, with the capability
SYS_ADMIN only (it enters the containers' network namespaces) and removed at the end. --no-helper does without.
No packet is sent to a container address over a route that is not Docker's."""
EXAMPLES = """examples:
  rawdock probe
  rawdock probe --machine dev
  rawdock probe --json | jq -r 'select(.verdict == "filtered") | .explanation'

exit codes: 0 every vantage was probed, 3 one could not be, 2 usage, 6 no daemon there, 7 TLS failed, 8 no Docker daemon"""

_GOOD = {"open"}
_BAD = {"refused", "rejected", "filtered", "host-down", "vantage-unavailable", "error"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--json", action="store_true", help="print the topology, then one JSON record a probe, a line each"
    )
    parser.add_argument("--no-helper", action="store_true", help="start no container: probe from this machine only")
    parser.add_argument("--force", action="store_true", help="send to container addresses whatever the route")


def run(options: argparse.Namespace, console: Console) -> int:
    from ..client import SyncClient
    from ..probe.matrix import Probe
    from ..probe.report import json_record, json_topology
    from .endpoint_options import find_endpoint

    for number in (signal.SIGTERM, signal.SIGHUP):  # a closed terminal, too, must not leave the helper behind
        signal.signal(number, _terminate)
    with SyncClient(find_endpoint(options, console)) as client:
        client.negotiate()
        hosts = _hosts(client)
        if not options.no_helper and not options.json:
            console.talk(
                "one helper container with CAP_SYS_ADMIN enters the containers' networks; --no-helper does without"
            )
        result = Probe(client, hosts=hosts, use_helper=not options.no_helper, force=options.force).run()
    if options.json:
        console.print(json.dumps(json_topology(result.topology)))
        for record in result.records:
            console.print(json.dumps(json_record(record)))
    else:
        _print_table(result, console)
    for trouble in result.troubles:
        console.talk(f"rawdock: {trouble}")
    return ExitCode.OK if result.complete else ExitCode.INCOMPLETE


def _painted(line: str, verdict: str, console: Console, colour: str) -> str:
    """The line with its verdict painted, which stands at the front of an entry's first row only."""
    head = f"  {verdict}"
    return f"  {console.paint(verdict, colour)}{line[len(head) :]}" if line.startswith(head) else line


def _terminate(number: int, frame: object) -> None:
    """Leave by way of every `with`, so that the helper is removed."""
    raise SystemExit(128 + number)


def _hosts(client: SyncClient) -> list[str]:
    """The daemon's host as IP addresses; none behind a Unix socket, and none behind an ssh that goes by a proxy: what bears
    that address here may be somebody else."""
    from ..net.blocking import BlockingDriver
    from ..net.blocking import run as drive

    endpoint = client.endpoint
    if endpoint.ssh is not None:
        from ..net.ssh import effective

        target = drive(effective(endpoint, BlockingDriver()))
        return [] if target.proxied else drive(BlockingDriver().resolve(target.host, target.port))
    if endpoint.port is None:
        return []
    return drive(BlockingDriver().resolve(endpoint.address, endpoint.port))


def _print_table(result: Result, console: Console) -> None:
    from ..probe.report import in_short, remedies, table, topology_lines

    for number, line in enumerate(topology_lines(result.topology, console.width)):
        text = printable(line)
        console.print(console.paint(text, "bold") if number == 0 else text)
    console.print()
    if not result.inventory.containers:
        console.print("no container is running: there is nothing to probe; start one and come back")
        return
    for verdict, line in table(result.records, console.width):
        text = printable(line)
        if verdict is None:
            console.print(console.paint(text, "bold") if text else "")
        else:
            colour = "green" if verdict.value in _GOOD else "red" if verdict.value in _BAD else "yellow"
            console.print(_painted(text, verdict.value, console, colour))
    for heading, lines in (("what to do", remedies(result.records, console.width)), ("in short", in_short(result))):
        for number, line in enumerate(lines):
            if number == 0:
                console.print()
                console.print(console.paint(heading, "bold"))
            console.print(f"  {printable(line)}")
