"""`rawdock stop`: `docker stop`."""

from __future__ import annotations

import argparse

from ..standins import Step, lifecycle
from .console import Console
from .each import AT_ONCE, EXIT_CODES, add_names, do_each, require_signal

HELP = "Stop containers, as `docker stop` does: by a signal, and by SIGKILL where that does not end them in time."
EXAMPLES = f"""examples:
  rawdock stop web
  rawdock stop -t 2 web db

{EXIT_CODES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_stop_options(parser)
    add_names(parser)


def add_stop_options(parser: argparse.ArgumentParser) -> None:
    """Those of `restart` too."""
    parser.add_argument("-s", "--signal", metavar="SIGNAL", default="", help="in place of the container's own")
    parser.add_argument(
        "-t",
        "--timeout",
        "--time",
        type=int,
        metavar="SECONDS",
        help="until it is killed, -1 for never (default: the container's own, mostly 10)",
    )


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    return lifecycle.stop(options.names, options.timeout, options.signal)


def run(options: argparse.Namespace, console: Console) -> int:
    return do_each(
        options,
        console,
        steps(options, console),
        at_once=AT_ONCE,
        ready=lambda client: require_signal(client, options.signal),
    )
