"""`rawdock help`: what `--help` prints, for those who ask so; and the manual page."""

from __future__ import annotations

import argparse

from .console import Console

WITHOUT_DAEMON = "and `rawdock help` asks none"
WITHOUT_CALLS = "`rawdock help` asks no daemon"
HELP = "Print the help of a command, as --help behind it does; or the manual page, which is made from the same words."
EXAMPLES = """examples:
  rawdock help
  rawdock help ps
  rawdock help network create
  rawdock help --man >~/.local/share/man/man1/rawdock.1

exit codes: 0 printed, 2 usage"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", metavar="COMMAND", nargs="*", default=[], help="such as ps, or network create")
    parser.add_argument("--man", action="store_true", help="print the page rawdock(1) instead, with every command")


def run(options: argparse.Namespace, console: Console) -> int:
    from ..errors import UsageError
    from .parser import child_of, parser_of

    if options.man:
        from .man import page

        if options.words:
            raise UsageError("--man is one page of all commands", "leave the command out")
        console.write(page().encode())
        return 0
    parser = parser_of(console.width)
    for word in options.words:
        parser = child_of(parser, word)
    console.write(parser.format_help().encode())
    return 0
