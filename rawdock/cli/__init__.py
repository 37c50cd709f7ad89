"""The command line: a module a command, each with HELP, add_arguments(parser) and run(options, console).

Only the module of the command that is asked for is imported, and what a command needs is imported inside its run: a command
that makes one request over a Unix socket imports neither asyncio, anyio, httpx nor ssl.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn, Protocol, cast

from .. import __version__
from ..errors import RawdockError
from .console import Console, printable
from .endpoint_options import add_endpoint_options
from .exit_codes import ExitCode, exit_code

COMMANDS = {
    "get": "send a GET request and print what the daemon answers, as it came",
    "doctor": "test the way to the daemon layer by layer and say what is broken",
    "probe": "find out who can reach whom around the daemon, and why not",
}
EXAMPLES = """examples:
  rawdock get /containers/json
  rawdock doctor
  rawdock probe --machine dev
  docker-machine env dev | rawdock --machine-env - doctor"""


class Command(Protocol):
    HELP: str
    EXAMPLES: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, options: argparse.Namespace, console: Console) -> int: ...


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, then where help is."""

    def error(self, message: str) -> NoReturn:
        self.exit(ExitCode.USAGE, f"rawdock: {printable(message)}; see `{self.prog} --help`\n")


def main(arguments: Sequence[str], console: Console | None = None) -> int:
    """Run a command and return its exit code. Errors become one sentence on stderr, never a traceback."""
    console = console or Console.real()
    try:
        parser, commands = _parser(arguments)
        options = parser.parse_args(arguments)
        return commands[options.command].run(options, console)
    except RawdockError as error:
        console.talk(f"rawdock: {error}")
        return exit_code(error)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return ExitCode.OK


def _parser(arguments: Sequence[str]) -> tuple[argparse.ArgumentParser, dict[str, Command]]:
    parser = _Parser(
        prog="rawdock",
        description="A raw client for the Docker daemon, and a tester of who can reach whom around it.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"rawdock {__version__}")
    add_endpoint_options(parser)
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands: dict[str, Command] = {}
    for name, summary in COMMANDS.items():
        wanted = name in arguments
        if wanted:
            commands[name] = cast("Command", import_module(f".{name}", __name__))
        subparser = subparsers.add_parser(
            name,
            help=summary,
            description=commands[name].HELP if wanted else "",
            epilog=commands[name].EXAMPLES if wanted else "",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if wanted:
            commands[name].add_arguments(subparser)
            add_endpoint_options(subparser)
    return parser, commands


def _forget_stdout() -> None:
    """The reader has gone, which is its right: keep the interpreter from flushing once more at its end."""
    import os

    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)
