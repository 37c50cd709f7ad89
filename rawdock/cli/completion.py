"""`rawdock completion`: the script that makes a shell complete rawdock's words.

The script holds the words itself, made by shtab from the parsers: pressing Tab starts no Python, as argcomplete would at each
press (54 ms, and 44 ms for its own import). No other command imports anything for it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from .console import Console
from .endpoint_options import refuse_daemon

WITHOUT_DAEMON = "and `rawdock completion` asks none"
HELP = "Print the script that makes a shell complete rawdock's commands and options. It is made anew after an update."
EXAMPLES = """examples:
  eval "$(rawdock completion bash)"
  rawdock completion bash >~/.local/share/bash-completion/completions/rawdock
  rawdock completion zsh >~/.zfunc/_rawdock    (a folder of $fpath, before compinit; or eval, after it)
  rawdock completion fish >~/.config/fish/completions/rawdock.fish

exit codes: 0 printed, 2 usage"""
WITHOUT_CALLS = "`rawdock completion` asks no daemon"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=("bash", "zsh", "fish"), help="bash, zsh or fish")


def run(options: argparse.Namespace, console: Console) -> int:
    import shtab

    from .parser import whole_parser

    refuse_daemon(options, WITHOUT_DAEMON)
    parser = whole_parser()
    for action in _actions(parser):
        if action.metavar == "FILE":
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif "--storage-path" in action.option_strings:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    console.print(shtab.complete(parser, shell=options.shell))
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        for inner in action.choices.values() if isinstance(action.choices, dict) else ():
            if isinstance(inner, argparse.ArgumentParser):
                yield from _actions(inner)
