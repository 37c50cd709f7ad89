"""`rawdock probe`: who can reach whom."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..errors import UsageError
from .console import Console, printable
from .exit_codes import ExitCode

if TYPE_CHECKING:
    from ..client import SyncClient
    from ..probe.path import Path
    from .probe_run import Runner

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
  rawdock probe --wait client web:80 --timeout 30s
  rawdock probe --record now.policy
  rawdock probe --check now.policy
  rawdock probe --watch
  rawdock probe --format html -o probe.html
  rawdock probe --json | jq -r 'select(.verdict == "filtered") | .explanation'

exit codes: 0 every vantage was probed, 1 no way of FROM TO is open, or a rule is not met, 2 usage, 3 a vantage could not be
probed (--clean: something stays), 6 no daemon there, 7 TLS failed, 8 no Docker daemon"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from ..probe.render import FORMATS
    from ..probe.ways import Way

    parser.add_argument(
        "path",
        nargs="*",
        metavar="FROM TO",
        help="one path: client, host or a container, to CONTAINER:PORT[/udp] or ADDRESS:PORT; container:client and "
        "container:host are containers of these names",
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
    help_ = parser.add_mutually_exclusive_group()
    help_.add_argument(
        "--helper",
        choices=[way.value for way in Way],
        help="the way into the containers' networks, and no other: sandbox is one helper container for all, container a helper "
        "in each one's network, exec a process in each, none probes from this machine only",
    )
    help_.add_argument(
        "--no-helper", action="store_const", dest="helper", const="none", help="the same as --helper none"
    )
    parser.add_argument("--no-udp", action="store_true", help="send no datagram to any application")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--check", metavar="POLICY", help="probe what the policy says, and say where it is otherwise; - is stdin"
    )
    mode.add_argument("--record", metavar="POLICY", help="write what is measured as a policy; - is stdout")
    mode.add_argument(
        "--watch", action="store_true", help="probe again at the daemon's events, and say what has changed"
    )
    mode.add_argument("--wait", action="store_true", help="wait until the path FROM TO is open")
    mode.add_argument("--clean", action="store_true", help="probe nothing: remove helpers that a killed probe left")
    parser.add_argument("--timeout", metavar="TIME", help="how long --wait waits: 30s without this")
    parser.add_argument("--force", action="store_true", help="send to container addresses whatever the route")


def curl_script(options: argparse.Namespace, console: Console) -> Iterable[str]:
    """What reads is asked, since the rest follows from it; nothing is made, and nothing but the daemon is sent anything."""
    from ..probe.clean import clean
    from ..probe.rehearsal import Rehearsal, RehearsedHelper, nothing_sent
    from ..probe.ways import Way
    from .curl_option import lines_to
    from .curl_script import script, tokens_in
    from .endpoint_options import find_endpoint
    from .probe_run import Runner

    path = _path_of(options)
    _refuse_without_script(options)
    client = Rehearsal(find_endpoint(options, console))
    with client:
        version = client.negotiate()
        if options.clean:
            clean(client)
        else:
            ways = [Way.NONE] if options.helper == "none" else [Way.SANDBOX]
            Runner(options, client).probe(path, ways, helper=RehearsedHelper, sweep=nothing_sent).run()
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
    from .endpoint_options import find_endpoint
    from .probe_run import Runner, heed_signals

    path = _path_of(options)
    _refuse_idle_words(options)
    policy = None
    if options.check is not None:
        from .probe_policy import read_rules

        policy = read_rules(options.check, console)
    heed_signals()
    with SyncClient(find_endpoint(options, console)) as client:
        client.negotiate()
        if options.clean:
            return _clean(client, console)
        runner = Runner(options, client)
        if policy is not None:
            from .probe_policy import run_check

            return run_check(policy, options, console, runner)
        if options.record is not None:
            from .probe_policy import run_record

            return run_record(options.record, console, runner)
        if options.wait and path:
            from .probe_wait import run_wait

            return run_wait(path, options, console, client, runner)
        if options.watch:
            from .probe_watch import run_watch

            return run_watch(path, options, console, client, runner)
        return _once(path, options, console, runner)


def _refuse_idle_words(options: argparse.Namespace) -> None:
    """Words that would do nothing are refused: whoever wrote them thought that they do."""
    if options.wait and not options.path:
        raise UsageError("--wait waits for one path", "write it as in: rawdock probe --wait client web:80")
    if options.timeout is not None and not options.wait:
        raise UsageError("--timeout is for --wait alone", "a probe without it ends by itself")
    if options.timeout is not None:
        from .probe_wait import seconds_of

        seconds_of(options.timeout)  # before a daemon is asked
    for word in ("check", "record", "clean"):
        given = getattr(options, word)
        if options.path and given not in (None, False):
            raise UsageError(f"--{word} takes no path", "leave FROM and TO out")
    form = options.format
    allowed = {"check": ("table", "jsonl"), "watch": ("table", "jsonl"), "record": ("table",), "clean": ("table",)}
    for word, forms in allowed.items():
        if getattr(options, word) not in (None, False) and form not in forms:
            raise UsageError(f"--{word} has no form {form}", f"it has: {', '.join(forms)}")
    for word in ("record", "watch", "clean"):
        if getattr(options, word) not in (None, False) and options.output is not None:
            raise UsageError(f"--{word} takes no -o", "what it says goes to standard output")


def _refuse_without_script(options: argparse.Namespace) -> None:
    for word in ("check", "record", "watch", "wait"):
        if getattr(options, word) not in (None, False):
            raise UsageError(
                f"--curl: what --{word} asks depends on what it finds", f"leave --{word} out for one probe's calls"
            )
    if options.helper in ("container", "exec"):
        raise UsageError(f"--curl: there is no script for --helper {options.helper}", "leave it out")


def _once(path: Path | None, options: argparse.Namespace, console: Console, runner: Runner) -> int:
    from ..probe.path import is_open
    from .probe_lines import print_result

    if options.format == "table":
        runner.say_helper(console)
    result = runner.probe(path).run()
    print_result(result, path, options.format, options.output, console)
    for note in (*result.notes, *result.troubles):
        console.talk(f"rawdock: {note}")
    if result.troubles or not (path.probed(result) if path else result.complete):
        return ExitCode.INCOMPLETE
    return ExitCode.OK if path is None or is_open(path, result) else ExitCode.BROKEN


def _clean(client: SyncClient, console: Console) -> int:
    from ..probe.clean import clean

    removals = clean(client)
    for kind, name, trouble in removals:
        console.print(printable(f"{kind} {name} {f'stays: {trouble}' if trouble else 'removed'}"))
    if not removals:
        console.print("no helper of a probe was left behind")
    return ExitCode.INCOMPLETE if any(removal.trouble for removal in removals) else ExitCode.OK
