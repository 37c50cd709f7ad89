"""The command line: a module a command, each with HELP, add_arguments(parser) and run(options, console).

Only the module of the command that is asked for is imported, and what a command needs is imported inside its run: a command
that makes one request over a Unix socket imports neither asyncio, anyio, httpx nor ssl.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Protocol, cast

from .. import __version__
from ..errors import RawdockError
from .console import Console
from .endpoint_options import add_endpoint_options
from .exit_codes import ExitCode, exit_code
from .parser import Parser

COMMANDS = {
    "get": "send a GET request and print what the daemon answers, as it came",
    "run": "run a command in a new container",
    "ps": "list containers",
    "exec": "run a command in a running container",
    "doctor": "test the way to the daemon layer by layer and say what is broken",
    "machine": "list docker-machine's machines, and print the address or the environment of one",
    "endpoints": "list every daemon that could be meant, which one is and why, and which answer",
    "probe": "find out who can reach whom around the daemon, and why not",
}
EXAMPLES = """examples:
  rawdock get /containers/json
  rawdock doctor
  rawdock probe --machine dev
  docker-machine env dev | rawdock --machine-env - doctor"""


MODULES: dict[str, str] = {}  # of commands that share one; the others are called like their module


class Command(Protocol):
    HELP: str
    EXAMPLES: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, options: argparse.Namespace, console: Console) -> int: ...


class _CommandParser(Parser):
    """Imports its command's module when argparse gives it the words after the command's name, so never another command."""

    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, args: Any = None, namespace: Any = None
    ) -> Any:
        name = self.prog.split()[-1]
        command = cast("Command", import_module(f".{MODULES.get(name, name)}", __name__))
        self.description, self.epilog = command.HELP, command.EXAMPLES
        command.add_arguments(self)
        if not getattr(command, "WITHOUT_DAEMON", False):
            add_endpoint_options(self)
        self.set_defaults(run=command.run)
        return super().parse_known_args(args, namespace)


def main(arguments: Sequence[str], console: Console | None = None) -> int:
    """Run a command and return its exit code. Errors become one sentence on stderr, never a traceback."""
    console = console or Console.real()
    try:
        options = _parser().parse_args(arguments)
        run: Callable[[argparse.Namespace, Console], int] = options.run
        return run(options, console)
    except SystemExit as stop:  # --help and --version, or a signal that ends the command
        return int(stop.code or 0)
    except RawdockError as error:
        console.talk(f"rawdock: {error}")
        return exit_code(error)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        return ExitCode.OK  # the reader has gone, which is its right


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="rawdock",
        description="A raw client for the Docker daemon, and a tester of who can reach whom around it.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"rawdock {__version__}")
    add_endpoint_options(parser)
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=_CommandParser, prog="rawdock"
    )
    for name, summary in COMMANDS.items():
        commands.add_parser(
            name, help=summary, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
        )
    return parser
