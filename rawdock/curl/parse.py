"""curl's command line, read as curl reads it: short options joined, values attached or as the next word, URLs anywhere.

Not as curl: an abbreviated long option is refused, since a newer curl may give it another meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .exit_codes import CurlError, usage
from .options import FLAGS, NUMBERS, REFUSED, SECONDS, SHORT, VALUES

_DATA = {"data", "data-ascii", "data-binary", "data-raw", "data-urlencode", "json"}

Read = Callable[[str], bytes]  # a file's bytes; "-" is standard input. Raises CurlError


class Data(NamedTuple):
    """One of -d and its kin: the option's long name, and what was given to it."""

    option: str
    text: str


@dataclass
class Command:
    """What the words say. `values`: of options that count once, the last. `outputs`: of -o, "" for -O, each for a URL."""

    flags: set[str] = field(default_factory=set[str])
    values: dict[str, str] = field(default_factory=dict[str, str])
    urls: list[str] = field(default_factory=list[str])
    data: list[Data] = field(default_factory=list[Data])
    headers: list[str] = field(default_factory=list[str])
    queries: list[str] = field(default_factory=list[str])
    uploads: list[str] = field(default_factory=list[str])
    outputs: list[str] = field(default_factory=list[str])

    def number(self, name: str) -> float | None:
        return float(self.values[name]) if name in self.values else None


def parse(words: Sequence[str]) -> Command:
    """Return what `words`, without "curl", say. Raises CurlError with exit code 2."""
    command = Command()
    rest = list(words)
    only_urls = False
    while rest:
        word = rest.pop(0)
        if only_urls or not word.startswith("-") or word == "-":
            command.urls.append(word)
        elif word == "--":
            only_urls = True
        elif word.startswith("--"):
            _long(command, word, rest)
        else:
            _short(command, word, rest)
    _check(command)
    return command


def _long(command: Command, word: str, rest: list[str]) -> None:
    name = word[2:]
    if name in VALUES:
        _give(command, name, word, rest)
    elif name in FLAGS:
        _switch(command, name)
    elif name.startswith("no-") and name[3:] in FLAGS:
        command.flags.discard(name[3:])
    elif name == "buffer":
        command.flags.discard("no-buffer")
    else:
        raise _unknown(word, name)


def _short(command: Command, word: str, rest: list[str]) -> None:
    letters = word[1:]
    while letters:
        letter, letters = letters[0], letters[1:]
        name = SHORT.get(letter)
        if name is None or name in REFUSED:
            raise _unknown(f"-{letter}", name or letter)
        if name in VALUES:
            _give(command, name, f"-{letter}", [letters] if letters else rest)
            return
        _switch(command, name)


def _switch(command: Command, name: str) -> None:
    command.flags.add(name)
    if name == "remote-name":
        command.outputs.append("")


def _unknown(word: str, name: str) -> CurlError:
    if name in REFUSED:
        return usage(f"{word} is not taken here", REFUSED[name][1])
    stem, equals, _ = name.partition("=")
    if equals and (stem in VALUES or stem in FLAGS):  # the value is not shown: it may be a password
        return usage(
            f"--{stem}=… is no option of curl: a value is a word of its own", f"write --{stem} and then the value"
        )
    near = [known for known in (*VALUES, *FLAGS) if len(name) > 1 and known.startswith(name)]
    if near:
        return usage(f"{word} is not written out", "write " + " or ".join(f"--{known}" for known in near))
    return usage(f"{word} is no option of curl that is known here", "see `rawdock curl --help`")


def _give(command: Command, name: str, word: str, rest: list[str]) -> None:
    if not rest:
        raise usage(f"{word} needs a value", f"write {word} and then the value")
    value = rest.pop(0)
    if name in NUMBERS and not (value.isascii() and value.replace(".", "", name in SECONDS).isdigit()):
        raise usage(f"{word} {value!r}, expected a number", "seconds may have a fraction" if name in SECONDS else "")
    if name in _DATA:
        command.data.append(Data(name, value))
    elif name == "url":
        command.urls.append(value)
    elif name == "header":
        command.headers.append(value)
    elif name == "url-query":
        command.queries.append(value)
    elif name == "upload-file":
        command.uploads.append(value)
    elif name == "output":
        command.outputs.append(value)
    else:
        command.values[name] = value


def _check(command: Command) -> None:
    if not command.urls:
        raise usage("no URL is given", "write one such as http://localhost/version")
    if "user" in command.values and ":" not in command.values["user"]:
        raise usage(
            "-u gives a user without a password, for which curl would ask on the terminal", "write -u USER:PASS"
        )
    asked = [
        words
        for words, given in (
            ("-d", command.data and "get" not in command.flags),
            ("-I", "head" in command.flags),
            ("-T", command.uploads),
        )
        if given
    ]
    if len(asked) > 1:
        raise usage(f"{' and '.join(asked)} each ask for a method of their own", "give one of them, or -G with -d")
