"""The operation that a person names: by operationId, by method and path, by a path that stands in a log."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..errors import UsageError
from .near import near, one_of
from .operations import FIRST, LAST, Operation, Version, operation_of, operations
from .since import has_form

_VERSIONED = re.compile(r"/v(\d+)\.(\d+)(?=/)")
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")


def named(words: Sequence[str]) -> tuple[list[Operation], Version | None]:
    """The operations that `words` name (several for a path without method), and the API version that the path has. Raises
    UsageError, with near misses."""
    if len(words) == 1 and "/" not in words[0]:
        return [by_id(words[0])], None
    method = words[0].upper() if len(words) > 1 else ""
    if len(words) > 2 or (method and method not in _METHODS):
        raise UsageError(f"{' '.join(words)!r} names no operation", "write an operationId, or METHOD /path")
    path = words[-1].partition("?")[0]
    path = path if path.startswith("/") else f"/{path}"
    versioned = _VERSIONED.match(path)
    version = (int(versioned[1]), int(versioned[2])) if versioned else None
    if version:
        known(version, words[-1])
    path = path[versioned.end() :] if versioned else path
    found = [operation_of(each, path) for each in ([method] if method else _METHODS)]
    good = [each for each in found if each is not None]
    if not good:
        raise _no_path(method, path)
    exact = [each for each in good if each.path == path]  # DELETE /images/get would be of an image called get
    return exact or good, version


def by_id(word: str) -> Operation:
    """The operation of that operationId, in any case of letters. Raises UsageError."""
    found = next((each for each in operations() if each.id.lower() == word.lower()), None)
    if found:
        return found
    names = [each.id for each in operations()]
    inside = [name for name in names if len(word) > 2 and word.lower() in name.lower()]
    best = inside[:5] or near(word, names, 0.6)
    remedy = f"did you mean {one_of(best)}?" if best else "`rawdock ops` lists all"
    raise UsageError(f"there is no operation {word!r}", remedy)


def _no_path(method: str, path: str) -> UsageError:
    asked = f"{method} {path}".strip()
    others = [each.method for each in operations() if has_form(each.path, path)]
    if others:
        return UsageError(f"there is no operation {asked}", f"that path takes {one_of(others)}")
    paths = near(path, (each.path for each in operations()), 0.6)
    remedy = f"did you mean {one_of(paths)}?" if paths else "`rawdock ops` lists all"
    return UsageError(f"there is no operation {asked}", remedy)


def known(version: Version, origin: str) -> Version:
    """`version`, if the catalogue knows it. Raises UsageError."""
    if FIRST <= version <= LAST:
        return version
    raise UsageError(
        f"API version {version[0]}.{version[1]} from {origin!r} is not in the catalogue",
        f"write one from {FIRST[0]}.{FIRST[1]} to {LAST[0]}.{LAST[1]}",
    )


def version_of(text: str, origin: str) -> Version:
    """(1, 41) of "1.41". Raises UsageError."""
    match = re.fullmatch(r"v?(\d{1,4})\.(\d{1,4})", text)
    if not match:
        raise UsageError(f"API version {text!r} from {origin}", "write a number such as 1.41")
    return known((int(match[1]), int(match[2])), text)
