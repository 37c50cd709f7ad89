"""`rawdock top`: `docker top`."""

from __future__ import annotations

import argparse

from ..standins import Step, looks
from ..text.table import table
from .console import Console, printable
from .standin import ask, fields_of

HELP = "List the processes of a container, as `docker top` does; what stands behind its name is for ps(1) on the daemon's host."
EXAMPLES = """examples:
  rawdock top web
  rawdock top web -o pid,user,args

exit codes: 0 listed, 2 usage, 4 or 5 the daemon refused, 6 no daemon there, 7 TLS failed, 8 no Docker daemon"""
MIN_WIDTH = 20  # columns


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("container", metavar="CONTAINER")
    parser.add_argument("words", metavar="PS-OPTION", nargs=argparse.REMAINDER).required = False


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    return looks.top(options.container, options.words)


def run(options: argparse.Namespace, console: Console) -> int:
    found = fields_of(ask(options, console, steps(options, console)[0]), "the processes")
    rows = [found.get("Titles") or [], *(found.get("Processes") or [])]
    for line in table([[printable(cell) for cell in row] for row in rows], MIN_WIDTH):
        console.print(line)
    return 0
