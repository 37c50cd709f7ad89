"""`docker cp`: which side is the container's, where things are put, and what is asked of the daemon.

Source: docker/cli command/container/cp.go; moby go-archive copy.go, whose rules `placed` is.
"""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from ..errors import UsageError
from ..request import Request, container_path
from . import Step

TAR = (("Content-Type", "application/x-tar"),)


class Side(NamedTuple):
    """A path in a container, or here, where `container` is ""."""

    container: str
    path: str


def side(word: str) -> Side:
    """`CONTAINER:PATH`, or a path of this machine, which begins with / or . where it has a colon."""
    container, colon, path = word.partition(":")
    if not colon or word.startswith(("/", ".")):
        return Side("", word)
    if not container or not path:
        raise UsageError(f"{word!r} is no path", "write CONTAINER:PATH, or ./PATH for a file with a colon")
    return Side(container, path)


def means_folder(path: str) -> bool:
    """Whether it ends as a folder alone may: `x/`, `x/.`, `.`."""
    return path.endswith("/") or means_contents(path)


def means_contents(path: str) -> bool:
    """`x/.` is what is in x, without x."""
    return path == "." or path.endswith("/.")


def name_of(path: str) -> str:
    """The name of the thing that a path in a container leads to, "" for what is in a folder or at the root."""
    return "" if means_contents(path) else posixpath.basename(posixpath.normpath(f"/{path}"))


def placed(target: str, *, exists: bool, is_folder: bool, source_is_folder: bool, name: str) -> tuple[str, str]:
    """(folder, name) under which a source goes: `target` is where it was sent, `name` what it is called by itself, "" for what
    is in a folder. The name is "" where it goes into the folder itself. Raises UsageError where it cannot go."""
    if exists and is_folder:
        return target, name
    if exists and means_folder(target):
        raise UsageError(f"{target!r} is no folder", "leave out what ends its name")
    if exists and source_is_folder:
        raise UsageError(
            f"{target!r} is a file, and the source a folder", "give a folder, or a name that is not there yet"
        )
    if not exists and (means_contents(target) or (means_folder(target) and not source_is_folder)):
        raise UsageError(f"there is no folder {target!r}", "make it first, or leave out what ends its name")
    cut = posixpath.normpath(target)
    return posixpath.dirname(cut) or ".", posixpath.basename(cut)


def stat_path(container: str, path: str) -> Step:
    return Step(Request("HEAD", container_path(container, "/archive"), (("path", path),)))


def get_archive(container: str, path: str) -> Step:
    return Step(Request("GET", container_path(container, "/archive"), (("path", path),)), answer="bytes")


def put_archive(container: str, path: str, *, owners: bool) -> Step:
    """The archive comes from standard input. `owners`: give the files to the container's user."""
    query = [("path", path), ("noOverwriteDirNonDir", "true"), *([("copyUIDGID", "true")] if owners else [])]
    return Step(Request("PUT", container_path(container, "/archive"), tuple(query), TAR, body_file="-"))
