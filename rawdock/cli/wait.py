"""`rawdock wait`: `docker wait`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..standins import Step, lifecycle
from .console import Console
from .each import EXIT_CODES, add_names, do_each

if TYPE_CHECKING:
    from ..client import Response, SyncVerbs

HELP = "Wait until containers have ended, and print the exit code of each, as `docker wait` does."
EXAMPLES = f"""examples:
  rawdock wait job
  rawdock wait first second

{EXIT_CODES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_names(parser)


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    return lifecycle.wait(options.names)


def run(options: argparse.Namespace, console: Console) -> int:
    return do_each(options, console, steps(options, console), said=_exit_code)


def _exit_code(name: str, client: SyncVerbs, answer: Response) -> str:
    from ..client.run import exit_code

    return str(exit_code(client._core, answer.content))
