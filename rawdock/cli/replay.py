"""`rawdock replay`: the daemon of a recorded session."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from .console import Console, printable
from .exit_codes import ExitCode
from .serving import add_listen, program_or_socket, serve

HELP = """Be the daemon of a session that `rawdock tap --har` recorded: any client is answered as then, without Docker.
A request matches by method, path (its API version apart), query and body; of several alike the first comes first, and the last
again and again. What was not recorded is answered 501, with the nearest that was.
The program is run with DOCKER_HOST set to a socket of the replay's own; --listen serves programs that are started elsewhere."""
EXAMPLES = """examples:
  rawdock replay session.har -- docker ps
  rawdock replay session.har --listen unix:///tmp/replay.sock
  rawdock replay session.har --listen unix:///tmp/replay.sock --delays

exit codes: 0 or else the program's own; 2 usage, 4 a request had not been recorded, 126 or 127 the program could not be run"""
WITHOUT_CALLS = "`rawdock replay` answers requests and makes none"
WITHOUT_DAEMON = "and a replay needs none"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("session", metavar="FILE", help="a HAR file")
    parser.add_argument("--delays", action="store_true", help="keep the recorded pauses (default: none)")
    add_listen(parser)


def parse_words(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace:
    """What comes after -- is another program's, its options too."""
    parser.usage = "rawdock replay [-h] [--delays] FILE (--listen unix:///PATH | -- PROGRAM [ARG…])"
    place = list(words).index("--") if "--" in words else len(words)
    options, rest = parser.parse_known_args(words[:place])
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}; a program comes after --")
    options.words = list(words[place:])
    return options


def run(options: argparse.Namespace, console: Console) -> int:
    from ..replay import replay
    from .endpoint_options import refuse_daemon

    refuse_daemon(options, WITHOUT_DAEMON)
    words, path = program_or_socket(options, "rawdock replay FILE")
    with replay(options.session, path, delays=options.delays, say=lambda line: console.talk(printable(line))) as daemon:
        code = serve(words, daemon.url, options.session, console)
    return code or (ExitCode.CLIENT_ERROR if daemon.unrecorded else ExitCode.OK)
