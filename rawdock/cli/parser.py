"""argparse over all commands: help, and a sentence for what is wrong. What a command takes its module says."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, cast

from .. import __version__
from ..errors import UsageError
from . import COMMANDS, EXAMPLES, MODULES
from .console import Console
from .endpoint_options import NAMING, OPTIONS, add_endpoint_options

if TYPE_CHECKING:
    from ..standins import Step


CURL_HELP = "print the curl command lines that do the same, send nothing"
Run = Callable[[argparse.Namespace, Console], int]
Script = Callable[[argparse.Namespace, Console], Iterable[str]]
Plan = Callable[[argparse.Namespace, Console], "Sequence[Step]"]


class Command(Protocol):
    HELP: str
    EXAMPLES: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, options: argparse.Namespace, console: Console) -> int: ...


class Parser(argparse.ArgumentParser):
    """Raises what is wrong as a UsageError that says where help is."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._entered = False
        self.color = False  # Python 3.14's, which the manual would take for letters

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, f"see `{self.prog} --help`")

    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, args: Any = None, namespace: Any = None
    ) -> Any:
        if self._entered:  # again, by parse_known_intermixed_args
            return super().parse_known_args(args, namespace)
        self._entered = True
        try:
            return self.parse_words(sys.argv[1:] if args is None else args, namespace)
        finally:
            self._entered = False

    def parse_words(self, args: Sequence[str], namespace: Any) -> Any:
        """What argparse's parse_known_args gives, for words as docker takes them."""
        from .plain_switches import plain_switches

        words = plain_switches(self, args)
        operands = self._get_positional_actions()
        if any(operand.nargs == "+" for operand in operands):
            found, rest = self.parse_known_intermixed_args(
                words.known, namespace
            )  # options may stand between several names
        else:
            found, rest = self.parse_known_args(words.known, namespace)
        for name in words.switched_off:
            setattr(found, name, False)
        if words.program is not None:
            setattr(found, operands[-1].dest, words.program)
        return found, rest

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Of a command that is none the near ones are said, not all."""
        if isinstance(action, argparse._SubParsersAction) and value not in action.choices:
            raise no_command(self, value, action.choices)
        super()._check_value(action, value)


_DOCKERS = {  # of docker's words those that have another way here
    "container": "leave the word out, as in `rawdock ps` and `rawdock rm`",
    "image": "leave the word out, as in `rawdock images` and `rawdock rmi`",
    "system": "write `rawdock info`, `rawdock events` or `rawdock get /system/df`",
    **{
        word: f"the API has it: `rawdock call {operation}`, which `rawdock op {operation}` explains"
        for word, operation in {
            "attach": "ContainerAttach",
            "commit": "ImageCommit",
            "create": "ContainerCreate",
            "diff": "ContainerChanges",
            "export": "ContainerExport",
            "history": "ImageHistory",
            "import": "ImageCreate",
            "login": "SystemAuth",
            "pause": "ContainerPause",
            "port": "ContainerInspect",
            "rename": "ContainerRename",
            "search": "ImageSearch",
            "unpause": "ContainerUnpause",
            "update": "ContainerUpdate",
        }.items()
    },
}


def no_command(parser: argparse.ArgumentParser, word: str, known: Iterable[str]) -> UsageError:
    from ..catalogue.near import meant

    docker = _DOCKERS.get(word, "") if parser.prog == "rawdock" else ""
    listed = f"`{parser.prog} --help` lists those that it has"
    return UsageError(f"{parser.prog} has no command {word!r}", docker or meant(word, known) or listed)


class _CommandParser(Parser):
    """Imports its command's module when argparse gives it the words after the command's name, so never another command."""

    _command: Command | None = None

    def parse_words(self, args: Sequence[str], namespace: Any) -> Any:
        command = self.fill()
        if parse_words := getattr(
            command, "parse_words", None
        ):  # its words are another program's, and so are its options
            words = parse_words(self, args)
            words.run = command.run
            return words, []
        found, rest = super().parse_words(args, namespace)
        if hasattr(found, "items"):  # argparse gives words behind an option to no positional that took some before it
            found.items = [*found.items, *(word for word in rest if not _is_option(word))]
            rest = [word for word in rest if _is_option(word)]
        if rest:  # said here, where the help is the command's own
            unknown = [word for word in rest if _is_option(word)] or rest  # the others may be their values
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, rest

    def fill(self) -> Command:
        """Import the command and take its words."""
        name = self.prog.split()[-1]
        command = self._command = cast("Command", import_module(f".{MODULES.get(name, name)}", __package__))
        self.description, self.epilog = command.HELP, command.EXAMPLES
        command.add_arguments(self)
        if why := getattr(command, "WITHOUT_CALLS", None):
            self.add_argument("--curl", action=NoCalls, nargs=0, const=why, help=argparse.SUPPRESS)
        if why := getattr(command, "WITHOUT_DAEMON", None):
            refuse_endpoint_options(self, why)
        if hasattr(command, "parse_words"):
            return command
        if why is None:
            add_endpoint_options(self)
        self.set_defaults(run=command.run)
        if planned := getattr(command, "steps", None):
            self.add_argument("--curl", action="store_true", help=CURL_HELP)
            self.set_defaults(run=partial(_run_or_print, command.run, planned), calls=planned)
        elif scripted := getattr(command, "curl_script", None):
            self.add_argument("--curl", action="store_true", help=CURL_HELP)
            self.set_defaults(run=partial(_run_or_script, command.run, scripted))
        return command


def _run_or_print(run: Run, planned: Plan, options: argparse.Namespace, console: Console) -> int:
    if not options.curl:
        return run(options, console)
    from .curl_script import print_steps

    return print_steps(options, console, planned(options, console))


def _run_or_script(run: Run, scripted: Script, options: argparse.Namespace, console: Console) -> int:
    if not options.curl:
        return run(options, console)
    from .curl_option import print_lines

    return print_lines(scripted(options, console), console)


class _NoDaemon(argparse.Action):
    """An option that names a daemon, to a command that takes none: its `const` says why."""

    def __call__(self, parser: object, namespace: object, values: object, option_string: str | None = None) -> NoReturn:
        raise UsageError(f"{option_string} names a daemon, {self.const}", "leave it out")


def refuse_endpoint_options(parser: argparse.ArgumentParser, why: str) -> None:
    """The words after the command's name; before it, `refuse_daemon` says the same."""
    for names, _ in OPTIONS:
        if names[-1].removeprefix("--").replace("-", "_") in NAMING:
            parser.add_argument(*names, action=_NoDaemon, const=why, default=argparse.SUPPRESS, help=argparse.SUPPRESS)


class NoCalls(argparse.Action):
    """--curl of a command that makes no request: its `const` says so."""

    def __call__(self, *_: object) -> NoReturn:
        raise UsageError(f"--curl: {self.const}")


def _is_option(word: str) -> bool:
    return word.startswith("-") and word != "-"


_WITH_VALUE = ("-H", "--host", "--context", "--machine", "--machine-env")


def _named(words: Sequence[str]) -> str | None:
    """The command that the words name beyond doubt."""
    place = 0
    while place < len(words) and words[place] in _WITH_VALUE:
        place += 2
    return words[place] if place < len(words) and words[place] in COMMANDS else None


def parser_of(width: int, words: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser; where `words` name a command, with that one alone: 44 others cost 10 ms."""
    # Without a width argparse imports shutil for each argument, and with it three kinds of compression: 3 ms.
    formatter = cast("Any", partial(argparse.RawDescriptionHelpFormatter, width=min(width, 120) - 2))
    parser = Parser(
        prog="rawdock",
        description="A raw client for the Docker daemon, and a tester of who can reach whom around it.",
        epilog=EXAMPLES,
        formatter_class=formatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"rawdock {__version__}")
    add_endpoint_options(parser)
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=_CommandParser, prog="rawdock"
    )
    only = _named(words)
    for name in [only] if only else COMMANDS:
        commands.add_parser(name, help=COMMANDS[name], formatter_class=formatter, allow_abbrev=False)
    return parser


def whole_parser() -> argparse.ArgumentParser:
    """The parser with every command's words, for completion and the manual: it imports all commands' modules."""
    parser = parser_of(80)
    for command in commands_of(parser).values():
        if isinstance(command, _CommandParser):
            command.fill()
    return parser


def commands_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parser's commands by their names, aliases left out."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return {command.prog.split()[-1]: command for command in action.choices.values()}
    return {}


def child_of(parser: argparse.ArgumentParser, word: str) -> argparse.ArgumentParser:
    """The parser of one of its commands, with its words. Raises UsageError where it has none of that name."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction) and word in action.choices:
            child: argparse.ArgumentParser = action.choices[word]
            if isinstance(child, _CommandParser):
                child.fill()
            return child
    raise no_command(parser, word, commands_of(parser))
