"""Which paths of a build context .dockerignore leaves out, as the docker CLI's classic builder reads it.

The last pattern that matches a path or a folder above it decides; `!` takes back. `*` and `?` stop at slashes, `**` does not.
Sources: moby/patternmatcher patternmatcher.go and ignorefile; docker/cli build/dockerignore.go; moby pkg/archive, the walk.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from typing import NamedTuple

from ..errors import RequestError


class Pattern(NamedTuple):
    """`text`: as it was cleaned, without `!`. `regex` matches the path and all that is below it."""

    text: str
    negated: bool
    regex: re.Pattern[str]


class Ignore:
    """The patterns of a file, in their order."""

    def __init__(self, patterns: Iterable[Pattern] = ()) -> None:
        self._patterns = list(patterns)

    @classmethod
    def parse(cls, text: bytes, origin: str = ".dockerignore") -> Ignore:
        """Raises RequestError for a pattern that is none, with its line."""
        lines = text.decode("utf-8-sig", "surrogateescape").split("\n")
        found = (_pattern(line, f"line {number} of {origin}") for number, line in enumerate(lines, 1))
        return cls(pattern for pattern in found if pattern)

    def ignores(self, path: str) -> bool:
        """`path`: relative, with slashes."""
        ignored = False
        for pattern in self._patterns:
            if pattern.negated == ignored and pattern.regex.fullmatch(path):
                ignored = not pattern.negated
        return ignored

    def may_keep_below(self, folder: str) -> bool:
        """Whether an ignored folder has to be looked into. A `!` with a wildcard above the folder's depth does not count,
        as for the CLI."""
        return any(pattern.negated and f"{pattern.text}/".startswith(f"{folder}/") for pattern in self._patterns)

    def leaving(self, path: str) -> Ignore:
        """The same, but `path` is left out."""
        return Ignore([*self._patterns, Pattern(path, False, re.compile(re.escape(path)))])

    def keeping(self, path: str) -> Ignore:
        """The same, but `path` is kept: the daemon needs the Dockerfile and .dockerignore, and removes them itself."""
        if not self.ignores(path):
            return self
        return Ignore([*self._patterns, Pattern(path, True, re.compile(re.escape(path)))])


def _pattern(line: str, where: str) -> Pattern | None:
    text = line.strip()
    if line.startswith("#") or not text:
        return None
    negated = text.startswith("!")
    text = text.removeprefix("!").strip() if negated else text
    if not text:
        raise RequestError(f"{where} is a bare '!'", "name what to take back behind it")
    text = posixpath.normpath(re.sub("^/+", "/", text)).removeprefix("/")
    try:
        return Pattern(text, negated, re.compile(f"(?s:{_regex(text, where)})"))
    except re.error as error:  # a range whose ends are the wrong way round
        raise _malformed(text, where) from error


def _regex(text: str, where: str) -> str:
    """What matches the paths, and all below them. `**` at the end takes what begins so; alone at the beginning, what ends
    so, in the middle of a name too."""
    plain = not re.search(r"[*?\[\]\\]", text.removeprefix("**").removesuffix("**"))
    if plain and text.startswith("**") and not text.endswith("**") and not text.startswith("**/"):
        return f".*{re.escape(text[2:])}(?:/.*)?"
    found, at = "", 0
    while at < len(text):
        sign = text[at]
        if text.startswith("**", at):
            at += 3 if text.startswith("**/", at) else 2
            found += "(?:.*/)?" if at < len(text) else ".*"
            continue
        if sign == "[":
            end = _end_of_class(text, at, where)
            found += _class(text[at + 1 : end - 1])
            at = end
            continue
        if sign == "\\":
            at += 1
            if at == len(text):
                raise _malformed(text, where)
        found += {"*": "[^/]*", "?": "[^/]"}.get(sign) or re.escape(text[at])
        at += 1
    return f"{found}(?:/.*)?"


def _end_of_class(text: str, start: int, where: str) -> int:
    """The place behind the bracket that closes. As Go's filepath.Match has it: not empty, each range with both its ends."""
    found = re.compile(r"\[\^?(?:(?:\\.|[^\\\]-])(?:-(?:\\.|[^\\\]-]))?)+\]", re.DOTALL).match(text, start)
    if not found:
        raise _malformed(text, where)
    return found.end()


def _class(inside: str) -> str:
    negation = "^" if inside.startswith("^") else ""
    signs = re.findall(r"\\.|.", inside.removeprefix("^"), re.DOTALL)
    body = "".join("-" if sign == "-" else re.escape(sign[-1]) for sign in signs)
    return f"[{negation}{body}]"


def _malformed(text: str, where: str) -> RequestError:
    return RequestError(
        f"{where}: {text!r} is no pattern", "close its brackets, and put no single backslash at its end"
    )
