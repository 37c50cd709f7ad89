"""`rawdock replay`: the daemon of a recorded session."""

from __future__ import annotations

import argparse
import signal

from .console import Console
from .exit_codes import ExitCode

HELP = """Be the daemon of a session that `rawdock tap --har` recorded: any client is answered as then, without Docker.
A request matches by method, path (its API version apart), query and body; of several alike the first comes first, and the last
again and again. What was not recorded is answered 501, with the nearest that was."""
EXAMPLES = """examples:
  rawdock replay session.har --listen unix:///tmp/replay.sock
  rawdock replay session.har --listen unix:///tmp/replay.sock --delays

exit codes: 0 a signal ended it, 2 usage, 4 a request had not been recorded"""
WITHOUT_CALLS = "`rawdock replay` answers requests and makes none"
WITHOUT_DAEMON = True
STOP = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("session", metavar="FILE", help="a HAR file")
    parser.add_argument("--listen", metavar="unix:///PATH", required=True, help="where to listen, until Ctrl-C")
    parser.add_argument("--delays", action="store_true", help="keep the recorded pauses (default: none)")


def run(options: argparse.Namespace, console: Console) -> int:
    from ..replay import replay
    from .endpoint_options import refuse_daemon
    from .tap import socket_path

    refuse_daemon(options, "and a replay needs none")
    path = socket_path(options.listen)
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP)  # before the first thread, which takes the mask over
    with replay(options.session, path, delays=options.delays, say=console.talk) as daemon:
        console.talk(f"rawdock: DOCKER_HOST={daemon.url} leads to {options.session}")
        signal.sigwait(STOP)
    return ExitCode.CLIENT_ERROR if daemon.unrecorded else ExitCode.OK
