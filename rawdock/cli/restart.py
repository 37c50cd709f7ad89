"""`rawdock restart`: `docker restart`."""

from __future__ import annotations

import argparse

from ..standins import Step, lifecycle
from .console import Console
from .each import EXIT_CODES, add_names, do_each, require_signal
from .stop import add_stop_options

HELP = "Stop containers and start them again, as `docker restart` does, one after the other."
EXAMPLES = f"""examples:
  rawdock restart web
  rawdock restart -t 2 web db

{EXIT_CODES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_stop_options(parser)
    add_names(parser)


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    return lifecycle.stop(options.names, options.timeout, options.signal, again=True)


def run(options: argparse.Namespace, console: Console) -> int:
    return do_each(
        options, console, steps(options, console), ready=lambda client: require_signal(client, options.signal)
    )
