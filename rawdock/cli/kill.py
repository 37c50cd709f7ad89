"""`rawdock kill`: `docker kill`."""

from __future__ import annotations

import argparse

from ..standins import Step, lifecycle
from .console import Console
from .each import AT_ONCE, EXIT_CODES, add_names, do_each

HELP = "Send a signal to containers, as `docker kill` does: SIGKILL unless another is given."
EXAMPLES = f"""examples:
  rawdock kill web
  rawdock kill -s HUP web db

{EXIT_CODES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-s", "--signal", metavar="SIGNAL", default="", help="by name or number (default: KILL)")
    add_names(parser)


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    return lifecycle.kill(options.names, options.signal)


def run(options: argparse.Namespace, console: Console) -> int:
    return do_each(options, console, steps(options, console), at_once=AT_ONCE)
