"""The manual page rawdock(1), made from the parsers: what --help says, in the language of man(7).

Source: man(7), groff_man(7). A line of text must not begin with a dot or an apostrophe, a backslash is \\e, and a bare hyphen
would be set as one that no shell takes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from itertools import groupby

from .. import __version__
from . import COMMANDS, EXAMPLES
from .parser import commands_of, whole_parser

ENVIRONMENT = (
    ("DOCKER_HOST", "the daemon, such as unix:///var/run/docker.sock or tcp://192.168.99.100:2376"),
    ("DOCKER_CONTEXT", "a docker context, where DOCKER_HOST is not set"),
    ("DOCKER_TLS_VERIFY", "not empty: speak TLS to tcp://, and verify the daemon"),
    ("DOCKER_CERT_PATH", "the folder of ca.pem, cert.pem and key.pem"),
    ("DOCKER_CONFIG", "the folder of config.json and contexts, instead of ~/.docker"),
    ("DOCKER_API_VERSION", "speak this version, without asking"),
    ("MACHINE_STORAGE_PATH", "docker-machine's store, instead of ~/.docker/machine"),
    ("NO_COLOR", "not empty: no colours"),
)
EXIT_STATUS = (
    ("0", "well"),
    ("1", "an error within a stream, a broken layer, no open way, or one of several names refused"),
    ("2", "usage, or a file that cannot be read or written"),
    ("3", "a vantage of the probe could not be used"),
    ("4, 5", "the daemon answered 4xx, or 5xx"),
    ("6", "no daemon there"),
    ("7", "TLS failed, or a certificate cannot be used"),
    ("8", "what answers is no Docker daemon, or it broke off"),
    ("130", "Ctrl-C"),
)


def page() -> str:
    parser = whole_parser()
    lines = [
        r".if !c\[u2026] .char \[u2026] ...",  # where the terminal has no such character
        f'.TH RAWDOCK 1 "" "rawdock {__version__}" "User Commands"',
        ".SH NAME",
        rf"rawdock \- {text(_uncapped(parser.description or ''))}",
        ".SH SYNOPSIS",
        *_usage(parser),
        ".SH OPTIONS",
        *_options(parser),
        ".SH COMMANDS",
    ]
    for name, command in commands_of(parser).items():
        lines += [f'.SS "rawdock {name}"', *_command(command)]
        for inner, subcommand in commands_of(command).items():
            lines += [f'.SS "rawdock {name} {inner}"', *_command(subcommand)]
    lines += [".SH ENVIRONMENT", *_terms(ENVIRONMENT), ".SH EXIT STATUS", *_terms(EXIT_STATUS)]
    lines += [".SH EXAMPLES", *_epilog(EXAMPLES)]
    return "\n".join(lines) + "\n"


def text(plain: str) -> str:
    """One line that man(7) prints as it is."""
    escaped = plain.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq").replace("`", r"\(ga")
    escaped = escaped.replace("^", r"\(ha").replace("~", r"\(ti")
    escaped = "".join(ch if ch.isascii() else rf"\[u{ord(ch):04X}]" for ch in escaped)
    return rf"\&{escaped}" if escaped.startswith(".") else escaped


def _uncapped(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:].rstrip(".")


def _command(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield from _paragraphs(parser.description or COMMANDS.get(parser.prog.split()[-1], ""))
    yield ".P"
    yield from _usage(parser)
    yield from _options(parser)
    yield from _epilog(parser.epilog or "")


def _usage(parser: argparse.ArgumentParser) -> Iterator[str]:
    words = " ".join(parser.format_usage().partition(":")[2].split())
    yield rf"\fB{text(parser.prog)}\fR{text(words.removeprefix(parser.prog))}"


def _paragraphs(description: str) -> Iterator[str]:
    """Lines that are indented stand as they are, such as tables."""
    for block in description.split("\n\n"):
        for indented, group in groupby(block.split("\n"), lambda line: line.startswith("  ")):
            lines = list(group)
            yield from _verbatim(lines) if indented else (".P", *(text(line.strip()) for line in lines))


def _verbatim(lines: Iterable[str]) -> Iterator[str]:
    yield from (".P", ".nf", *map(text, lines), ".fi")


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Each with its help; --help and the daemon's, which are the same of every command, only once, at the beginning."""
    formatter = parser._get_formatter()
    whole = parser.prog == "rawdock"
    for group in parser._action_groups:
        if (group.title or "").startswith("the daemon") and not whole:
            continue
        for action in group._group_actions:
            if action.help == argparse.SUPPRESS or isinstance(action, argparse._SubParsersAction):
                continue
            if action.dest == "help" and not whole:
                continue
            value = action.metavar or ("" if action.nargs == 0 else action.dest.upper())
            names = [f"{name} {value}".rstrip() for name in action.option_strings] or [str(value)]
            meaning = " ".join(formatter._expand_help(action).split()) if action.help else ""
            yield from (".TP", rf"\fB{text(', '.join(names))}\fR", text(meaning))


def _terms(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, meaning in pairs:
        yield from (".TP", rf"\fB{text(term)}\fR", text(meaning))


def _epilog(epilog: str) -> Iterator[str]:
    for block in filter(None, epilog.split("\n\n")):
        if block.startswith("examples:"):
            yield from _verbatim(block.split("\n"))
        else:
            yield from (".P", *(text(line.strip()) for line in block.split("\n")))
