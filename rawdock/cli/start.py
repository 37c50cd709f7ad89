"""`rawdock start`: `docker start`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..standins import Step, lifecycle
from .console import Console
from .each import add_names, do_each
from .exit_codes import ExitCode

if TYPE_CHECKING:
    from ..client import SyncVerbs

HELP = "Start containers that were made or have ended, as `docker start` does."
EXAMPLES = """examples:
  rawdock start web db
  rawdock start -a job
  rawdock start -ai shell

exit codes: 0 all started, or with -a and -i the container's own; 1 the daemon refused one at least, 2 usage,
  6 no daemon there, 7 TLS failed, 8 no Docker daemon or it broke off"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-a", "--attach", action="store_true", help="print what it writes, and pass signals on to it")
    parser.add_argument("-i", "--interactive", action="store_true", help="attach, and give it our standard input")
    parser.add_argument("--detach-keys", metavar="KEYS", default="", help="such as ctrl-a,x (default: ctrl-p,ctrl-q)")
    add_names(parser)


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    if options.attach or options.interactive:
        return lifecycle.attached_start(options.names[0], stdin=options.interactive, detach_keys=options.detach_keys)
    return lifecycle.start(options.names)


def run(options: argparse.Namespace, console: Console) -> int:
    if not (options.attach or options.interactive):
        return do_each(options, console, steps(options, console))
    if len(options.names) > 1:
        raise UsageError(f"-a and -i of {len(options.names)} containers", "name one, or leave them out")
    from ..errors import StatusError
    from .standin import client_of

    with client_of(options, console) as client:
        try:
            return _attached(client, options, console)
        except StatusError as error:
            console.talk(f"rawdock: {error}")
            return ExitCode.REFUSED


def _attached(client: SyncVerbs, options: argparse.Namespace, console: Console) -> int:
    from ..client.exec_stream import identifier
    from ..net.blocking import run as drive
    from . import terminal
    from .attached import Manner, begun
    from .standin import document, fields_of, send

    name, keys = options.names[0], options.detach_keys
    found = fields_of(document(send(client, steps(options, console)[0])), name)
    config, settings = found.get("Config") or {}, found.get("HostConfig") or {}
    tty, feed = bool(config.get("Tty")), options.interactive and bool(config.get("OpenStdin"))
    remove = bool(settings.get("AutoRemove"))
    planned = lifecycle.attached_start(name, stdin=feed, remove=remove, detach_keys=keys)
    base = f"/containers/{identifier(found)}"
    detach = terminal.key_bytes(keys or terminal.DETACH_KEYS)
    if tty and feed:
        terminal.require_terminal(console.stdin.fileno())
    manner = Manner(tty, feed, f"{base}/resize", "" if tty else f"{base}/kill", detach)
    return drive(begun(client._core, identifier(found), planned[1:], console, manner))
