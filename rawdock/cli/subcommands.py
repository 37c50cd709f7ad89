"""Commands with commands of their own, such as `rawdock network ls`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..standins import Step
from .console import Console
from .endpoint_options import add_endpoint_options
from .parser import CURL_HELP, Parser


class Subcommand(NamedTuple):
    """`steps`: the calls that its words come to. `examples`: of its words, one a line."""

    name: str
    help: str
    examples: Sequence[str]
    add_arguments: Callable[[argparse.ArgumentParser], None]
    steps: Callable[[argparse.Namespace], list[Step]]
    run: Callable[[argparse.Namespace, Console], int]
    aliases: Sequence[str] = ()


def add_subcommands(parser: argparse.ArgumentParser, known: Sequence[Subcommand]) -> None:
    """Add them; each puts its `steps` and `run` into the options, as `plan` and `answer`."""
    exit_codes = ["", *(parser.epilog or "").rpartition("\n\n")[2].split("\n")]  # those of the command itself
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    for subcommand in known:
        added = commands.add_parser(
            subcommand.name,
            aliases=list(subcommand.aliases),
            help=subcommand.help,
            description=f"{subcommand.help[0].upper()}{subcommand.help[1:]}.",
            epilog="\n".join(
                ["examples:", *(f"  {parser.prog} {words}" for words in subcommand.examples), *exit_codes]
            ),
            formatter_class=parser.formatter_class,
            allow_abbrev=False,
        )
        subcommand.add_arguments(added)
        add_endpoint_options(added)
        added.add_argument("--curl", action="store_true", default=argparse.SUPPRESS, help=CURL_HELP)
        added.set_defaults(plan=subcommand.steps, answer=subcommand.run)


def planned(options: argparse.Namespace, console: Console) -> list[Step]:
    """The steps of the subcommand that the words chose."""
    plan: Callable[[argparse.Namespace], list[Step]] = options.plan
    return plan(options)


def answered(options: argparse.Namespace, console: Console) -> int:
    """Run the subcommand that the words chose."""
    answer: Callable[[argparse.Namespace, Console], int] = options.answer
    return answer(options, console)
