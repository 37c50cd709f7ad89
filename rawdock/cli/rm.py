"""`rawdock rm`: `docker rm`."""

from __future__ import annotations

import argparse

from ..errors import NotFoundError
from ..standins import Step, lifecycle
from .console import Console
from .each import AT_ONCE, EXIT_CODES, add_names, do_each

HELP = "Remove containers, as `docker rm` does."
EXAMPLES = f"""examples:
  rawdock rm web
  rawdock rm -f -v web db

{EXIT_CODES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-f", "--force", action="store_true", help="kill those that run, and take those that are gone for removed"
    )
    parser.add_argument("-v", "--volumes", action="store_true", help="remove their anonymous volumes too")
    parser.add_argument("-l", "--link", action="store_true", help="remove the link of that name alone")
    add_names(parser)


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    return lifecycle.remove(options.names, force=options.force, volumes=options.volumes, link=options.link)


def run(options: argparse.Namespace, console: Console) -> int:
    return do_each(
        options,
        console,
        steps(options, console),
        at_once=AT_ONCE,
        forgive=lambda error: options.force and isinstance(error, NotFoundError),
    )
