"""Words as docker's parser takes them and argparse does not: a switch with a value behind it, `--rm=false`, and what stands
behind IMAGE or CONTAINER, `--` among it, which is another program's. Source: spf13/pflag, parseLongArg and
parseSingleShortArg."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NamedTuple

from ..errors import UsageError

_TRUTH = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),  # strconv.ParseBool's
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}

_CERTIFICATES = "set DOCKER_CERT_PATH to the folder that has ca.pem, cert.pem and key.pem"
_DOCKERS = {  # of docker's options before a command those that have another way here
    "--config": "set DOCKER_CONFIG to the folder",
    "--tls": "set DOCKER_TLS=1",
    "--tlsverify": "set DOCKER_TLS_VERIFY=1",
    **dict.fromkeys(("--tlscacert", "--tlscert", "--tlskey"), _CERTIFICATES),
}


class Words(NamedTuple):
    """`known`: for argparse. `switched_off`: the names of what a `=false` said last. `program`: the words of another program,
    None where the command runs none."""

    known: list[str]
    switched_off: set[str]
    program: list[str] | None


def plain_switches(parser: argparse.ArgumentParser, words: Sequence[str]) -> Words:
    """The words as `parser` takes them. Raises UsageError for a switch whose value is neither true nor false."""
    reader = _Reader(parser)
    program = reader.read(words)
    return Words(reader.known, reader.off, program)


class _Reader:
    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self.known: list[str] = []
        self.off: set[str] = set()
        self._prog = parser.prog
        self._options = parser._option_string_actions
        operands = parser._get_positional_actions()
        self._takes_operands = bool(operands)
        self._runs = len(operands) > 1 and operands[-1].nargs == argparse.REMAINDER
        self._commands = any(operand.nargs == argparse.PARSER for operand in operands)
        others = self._commands or (len(operands) == 1 and operands[0].nargs == argparse.REMAINDER)
        self._operands = 1 if others else len(operands) - 1 if self._runs else 0  # 0: as many as there are

    def read(self, words: Sequence[str]) -> list[str] | None:
        """The words of a program."""
        place = seen = 0
        only_operands = False
        while place < len(words):
            word = words[place]
            place += 1
            if word == "--" and not only_operands:
                only_operands = True
                self.known += ["--"] if self._takes_operands else []
            elif only_operands or not word.startswith("-") or word == "-":
                self.known.append(word)
                seen += 1
                if seen == self._operands:
                    return self._behind(words[place:])
            elif self._option(word):  # its value is the next word
                self.known += words[place : place + 1]
                place += 1
        return None

    def _behind(self, rest: Sequence[str]) -> list[str] | None:
        """What stands behind the last operand: a program's words, or what argparse is to give to another parser as it is."""
        if self._runs:
            return list(rest)
        self.known += rest
        return None

    def _option(self, word: str) -> bool:
        """Take an option's word; whether the next word is its value."""
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            action = self._options.get(name)
            if action is None:
                self._unknown(name)
            if isinstance(action, argparse._StoreTrueAction):
                if self._on(action, name, value if equals else "true"):
                    self.known.append(name)
                return False
            self.known.append(word)
            return action is not None and action.nargs is None and not equals
        for place, letter in enumerate(word[1:], 1):
            action = self._options.get(f"-{letter}")
            if action is None:
                self._unknown(f"-{letter}")
            if action is None or action.nargs is None:
                self.known.append(word)
                return action is not None and place == len(word) - 1
            if isinstance(action, argparse._StoreTrueAction):
                given = word[place + 1 : place + 2] == "="
                on = self._on(action, f"-{letter}", word[place + 2 :] if given else "true")
                if given:
                    kept = word[: place + on]
                    self.known += [kept] if kept != "-" else []
                    return False
        self.known.append(word)
        return False

    def _unknown(self, name: str) -> None:
        """Raise UsageError before a command's name: argparse would take the option's value for it."""
        if self._commands:
            raise UsageError(f"unrecognized arguments: {name}", _DOCKERS.get(name) or f"see `{self._prog} --help`")

    def _on(self, action: argparse.Action, name: str, value: str) -> bool:
        if value not in _TRUTH:
            raise UsageError(f"{name}={value}: {value!r} is neither true nor false", "write one of them, or nothing")
        if _TRUTH[value]:
            self.off.discard(action.dest)
        else:
            self.off.add(action.dest)
        return _TRUTH[value]
