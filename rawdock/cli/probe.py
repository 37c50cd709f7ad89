"""`rawdock probe`: who can reach whom."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..errors import UsageError
from .console import Console, printable
from .exit_codes import ExitCode

if TYPE_CHECKING:
    from ..client import SyncClient
    from ..probe.path import Path
    from ..probe.record import Result

HELP = """Find out who can reach whom around the daemon, and why not: from this machine, from the daemon's host and from every
running container, to every published port, container address, gateway and name.

A TCP connect alone is never called open: after it the probe listens 250 ms without sending a byte. A UDP port is sent an empty
line, or on 53, 123 and 3478 its protocol's smallest question; --no-udp sends none.
One helper container does the work inside: an image of one 7 KB program, imported without a registry, with the capability
SYS_ADMIN only (it enters the containers' network namespaces) and removed at the end. --no-helper does without.
No packet is sent to a container address over a route that is not Docker's."""
EXAMPLES = """examples:
  rawdock probe
  rawdock probe --machine dev
  rawdock probe client web:80
  rawdock probe app dns:53/udp
  rawdock probe --format html -o probe.html
  rawdock probe --json | jq -r 'select(.verdict == "filtered") | .explanation'

exit codes: 0 every vantage was probed, 1 no way of FROM TO is open, 2 usage, 3 a vantage could not be probed (--clean:
something stays), 6 no daemon there, 7 TLS failed, 8 no Docker daemon"""

_GOOD = {"open"}
_BAD = {"refused", "rejected", "filtered", "host-down", "mtu-black-hole", "vantage-unavailable", "error"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from ..probe.render import FORMATS

    parser.add_argument(
        "path", nargs="*", metavar="FROM TO", help="one path: client, host or a container, to CONTAINER:PORT[/udp]"
    )
    form = parser.add_mutually_exclusive_group()
    # Its default is that of the first of the two that argparse meets.
    form.add_argument(
        "--json", action="store_const", dest="format", const="jsonl", default="table", help="the same as --format jsonl"
    )
    known = "; ".join(f"{name}: {text}" for name, text in FORMATS.items())
    form.add_argument(
        "--format",
        choices=["table", *FORMATS],
        default="table",
        metavar="FORMAT",
        help=f"table (as it is without this); {known}",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write there instead of to standard output")
    parser.add_argument("--no-helper", action="store_true", help="start no container: probe from this machine only")
    parser.add_argument("--no-udp", action="store_true", help="send no datagram to any application")
    parser.add_argument("--clean", action="store_true", help="probe nothing: remove helpers that a killed probe left")
    parser.add_argument("--force", action="store_true", help="send to container addresses whatever the route")


def curl_script(options: argparse.Namespace, console: Console) -> Iterable[str]:
    """What reads is asked, since the rest follows from it; nothing is made, and nothing but the daemon is sent anything."""
    from ..probe.clean import clean
    from ..probe.matrix import Probe
    from ..probe.rehearsal import Rehearsal, RehearsedHelper, nothing_sent
    from .curl_option import lines_to
    from .curl_script import script, tokens_in
    from .endpoint_options import find_endpoint

    path = _path_of(options)
    client = Rehearsal(find_endpoint(options, console))
    with client:
        version = client.negotiate()
        if options.clean:
            clean(client)
        else:
            helper = not options.no_helper
            hosts = _hosts(client)
            Probe(
                client,
                hosts=hosts,
                use_helper=helper,
                force=options.force,
                path=path,
                udp=not options.no_udp,
                helper=RehearsedHelper,
                sweep=nothing_sent,
            ).run()
        return script(client.steps, lines_to(client.endpoint, tokens_in(client.steps), version))


def _path_of(options: argparse.Namespace) -> Path | None:
    from ..probe.path import Path
    from ..probe.protocol import Protocol

    if len(options.path) not in (0, 2):
        words = " ".join(options.path)
        raise UsageError(f"{words!r}: a path is FROM and TO", "write it as in: rawdock probe client web:80")
    path = Path.parse(*options.path) if options.path else None
    if path and path.protocol is Protocol.UDP and options.no_udp:
        raise UsageError(f"{options.path[1]!r} with --no-udp: that path takes a datagram", "leave --no-udp out")
    return path


def run(options: argparse.Namespace, console: Console) -> int:
    from ..client import SyncClient
    from ..probe.matrix import Probe
    from ..probe.path import is_open
    from .endpoint_options import find_endpoint

    path = _path_of(options)
    for number in (signal.SIGTERM, signal.SIGHUP):  # a closed terminal, too, must not leave the helper behind
        signal.signal(number, _terminate)
    with SyncClient(find_endpoint(options, console)) as client:
        client.negotiate()
        if options.clean:
            return _clean(client, console)
        hosts = _hosts(client)
        if not options.no_helper and options.format == "table":
            console.talk(
                "one helper container with CAP_SYS_ADMIN enters the containers' networks; --no-helper does without"
            )
        result = Probe(
            client,
            hosts=hosts,
            use_helper=not options.no_helper,
            force=options.force,
            path=path,
            udp=not options.no_udp,
        ).run()
    if options.format == "table":
        rows = list(_path_rows(path, result, console.width) if path else _table(result, console.width))
        if options.output is None:
            for text, head, colour in rows:
                console.print(_painted(text, head, console, colour) if head else text)
        else:
            _write("".join(f"{text}\n" for text, _, _ in rows), options.output, console)
    else:
        _write(_rendered(options.format, result, console), options.output, console)
    for trouble in result.troubles:
        console.talk(f"rawdock: {trouble}")
    if not result.complete:
        return ExitCode.INCOMPLETE
    return ExitCode.OK if path is None or is_open(path, result) else ExitCode.BROKEN


def _path_rows(path: Path, result: Result, width: int) -> Iterator[tuple[str, str, str]]:
    """Lines for people, as those of `_table`."""
    from ..probe.path import State, lines

    colours = {State.OK: "green", State.BROKEN: "red", State.BEYOND: "dim"}
    empty = True
    for state, line in lines(path, result, width):
        text, empty = printable(line), False
        yield text, f"  {state.value}" if state else "", colours[state] if state else ""
    if empty:
        why = "it shares another's network, or is on none, or there is no helper"
        yield f"no probe could be made from {printable(path.vantage.phrase)}: {why}", "", ""


def _clean(client: SyncClient, console: Console) -> int:
    from ..probe.clean import clean

    removals = clean(client)
    for kind, name, trouble in removals:
        console.print(printable(f"{kind} {name} {f'stays: {trouble}' if trouble else 'removed'}"))
    if not removals:
        console.print("no helper of a probe was left behind")
    return ExitCode.INCOMPLETE if any(removal.trouble for removal in removals) else ExitCode.OK


def _rendered(name: str, result: Result, console: Console) -> str:
    from ..probe.render import render

    text = render(name, result)
    if console.out_is_terminal:  # no name may steer it
        text = "".join(f"{printable(line)}\n" for line in text.splitlines())
    return text


def _write(text: str, path: str | None, console: Console) -> None:
    """Raises UsageError where the file cannot be written."""
    data = text.encode("utf-8", "backslashreplace")
    if path is None:
        console.write(data)
        return
    try:
        with open(path, "wb") as file:
            file.write(data)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{path!r} from -o cannot be written: {why}", "name another file") from error


def _painted(line: str, head: str, console: Console, colour: str) -> str:
    """The line with its head painted: a verdict stands at the front of an entry's first row only."""
    if not line.startswith(head):
        return line
    word = head.lstrip()
    return f"{head[: -len(word)]}{console.paint(word, colour)}{line[len(head) :]}"


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


def _table(result: Result, width: int) -> Iterator[tuple[str, str, str]]:
    """Lines for people, each with the part at its front that is painted and the colour ("" where none is)."""
    from ..probe.report import in_short, remedies, table, topology_lines

    for number, line in enumerate(topology_lines(result.topology, width)):
        yield printable(line), printable(line) if number == 0 else "", "bold"
    yield "", "", ""
    if not result.inventory.containers:
        yield "no container is running: there is nothing to probe; start one and come back", "", ""
        return
    for verdict, line in table(result.records, width):
        text = printable(line)
        if verdict is None:
            yield text, text, "bold"
        else:
            colour = "green" if verdict.value in _GOOD else "red" if verdict.value in _BAD else "yellow"
            yield text, f"  {verdict.value}", colour
    for heading, lines in (("what to do", remedies(result.records, width)), ("in short", in_short(result))):
        for number, line in enumerate(lines):
            if number == 0:
                yield "", "", ""
                yield heading, heading, "bold"
            yield f"  {printable(line)}", "", ""
