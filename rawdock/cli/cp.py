"""`rawdock cp`: `docker cp`."""

from __future__ import annotations

import argparse
import os
import posixpath
import shlex
import stat
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from ..errors import UsageError
from ..standins import Step
from ..standins.copying import (
    Side,
    get_archive,
    means_contents,
    means_folder,
    name_of,
    placed,
    put_archive,
    side,
    stat_path,
)
from ..text.units import human_size
from .console import Console
from .exit_codes import ExitCode

if TYPE_CHECKING:
    from ..client import SyncClient
    from ..wire.pathstat import PathStat

HELP = "Copy files and folders out of a container or into one, as `docker cp` does."
EXAMPLES = """examples:
  rawdock cp web:/etc/nginx ./nginx
  rawdock cp site/. web:/srv
  rawdock cp web:/var/log - | tar t
  tar c site | rawdock cp - web:/srv

What comes out of a container is written below the place that is named and nowhere else: no link is followed, set-user-ID bits
are dropped, and devices are left out.

exit codes: 0 copied, 3 devices were left out, 2 usage, 4 or 5 the daemon refused, 6 no daemon there, 7 TLS failed,
  8 no Docker daemon, or it broke off, or its archive leads elsewhere"""
PAUSE = 0.075  # seconds between two looks of the progress, as docker/cli has it


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-a", "--archive", action="store_true", help="into a container: as its user's own files")
    parser.add_argument("-L", "--follow-link", action="store_true", help="copy what a link SOURCE leads to")
    parser.add_argument("-q", "--quiet", action="store_true", help="print no progress")
    parser.add_argument("source", metavar="SOURCE", help="CONTAINER:PATH, a path, or - for a tar archive")
    parser.add_argument("target", metavar="TARGET", help="CONTAINER:PATH, a path, or - for a tar archive")


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    source, target = _sides(options)
    if source.container:
        look = [stat_path(*source)] if options.follow_link else []
        into = "" if target.path == "-" else f"| tar -x -C {shlex.quote(os.path.dirname(target.path) or '.')}"
        return [*look, get_archive(*source)._replace(into=into)]
    folder, name = os.path.split(os.path.abspath(source.path))
    fed = "" if source.path == "-" else f"tar -C {shlex.quote(folder)} -c {shlex.quote(name)}"
    put = put_archive(*target, owners=options.archive)._replace(fed=fed)
    if source.path != "-" and not means_folder(target.path):
        above, name = posixpath.split(target.path)
        put = put._replace(
            note=f"if that is no folder: path={quote_plus(above or '.')}, and the file in it is named {name}"
        )
    return [stat_path(*target), put]


def run(options: argparse.Namespace, console: Console) -> int:
    from .ending import ended_cleanly
    from .standin import whole_client_of

    source, target = _sides(options)
    if source.container and target.path == "-" and console.out_is_terminal:
        raise UsageError("standard output is a terminal, and an archive is no text", "redirect it")
    if source.container and target.path != "-":
        _check_target(target.path)
    with ended_cleanly(), whole_client_of(options, console) as client:
        progress = _Progress(console, options.quiet, "from" if source.container else "to")
        if not source.container:
            return _put(client, source.path, target, options, progress, console)
        return _get(client, source, target.path, options.follow_link, progress, console)


def _sides(options: argparse.Namespace) -> tuple[Side, Side]:
    source, target = side(options.source), side(options.target)
    if not source.path or not target.path:
        raise UsageError("a path is empty", "write CONTAINER:PATH on one side, a path or - on the other")
    if source.container and target.container:
        raise UsageError("both are in containers", f"copy in two steps: rawdock cp {options.source} - | rawdock cp - …")
    if not source.container and not target.container:
        raise UsageError("neither is in a container", "write CONTAINER:PATH on one side")
    return source, target


class _Progress:
    """How much has been copied, on a terminal's stderr."""

    def __init__(self, console: Console, quiet: bool, direction: str) -> None:
        self._console, self._shown = console, not quiet and console.out_is_terminal
        self._words = f"Copying {direction} container - "
        self._size = 0
        self._next = 0.0

    def counting(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._size += len(piece)
            if self._shown and (now := time.monotonic()) >= self._next:
                self._next = now + PAUSE
                self._write(f"\r\x1b[K{self._words}{human_size(self._size)}")
            yield piece

    def clear(self) -> None:
        if self._shown:
            self._write("\r\x1b[K")

    def done(self, target: str) -> None:
        self.clear()
        if self._shown:
            self._console.talk(f"Successfully copied {human_size(self._size)} to {target}")

    def _write(self, text: str) -> None:
        self._console.err.write(text)
        self._console.err.flush()


def _check_target(path: str) -> None:
    """As docker/cli's ValidateOutputPath: before anything is asked of the daemon."""
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise UsageError(f"there is no folder {folder!r}", "make it first")
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(f"{path!r} cannot be written: {error.strerror}", "give a folder or a file") from error
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        raise UsageError(f"{path!r} is neither a folder nor a file", "give one, or a name that is not there yet")


def _get(client: SyncClient, source: Side, target: str, follow: bool, progress: _Progress, console: Console) -> int:
    from ..client.untarring import Untarring

    path, name = source.path, name_of(source.path)
    if follow and (found := _stat(client, *source)) and stat.S_ISLNK(found.mode):
        path = posixpath.join(posixpath.dirname(path), found.link_target)  # the name stays the link's
    with client.archive_get(source.container, path) as archive:
        if target == "-":
            for piece in archive:
                console.write(piece)
            return 0
        real = os.path.realpath(target)
        ending = "/." if means_contents(target) else "/" if means_folder(target) else ""
        folder, name = placed(
            real + ending,
            exists=os.path.exists(real),
            is_folder=os.path.isdir(real),
            source_is_folder=archive.stat.is_dir,
            name=name,
        )
        try:
            with Untarring(folder, name_of(path), name) as untarring:
                for piece in progress.counting(archive):
                    untarring.feed(piece)
        finally:
            progress.clear()
    progress.done(os.path.abspath(target))
    for left_out in untarring.left_out:
        console.talk(f"rawdock: {left_out!r} is a device, which was left out")
    return ExitCode.INCOMPLETE if untarring.left_out else ExitCode.OK


def _put(
    client: SyncClient,
    source: str,
    target: Side,
    options: argparse.Namespace,
    progress: _Progress,
    console: Console,
) -> int:
    found, path = _stat(client, *target), target.path
    if found and stat.S_ISLNK(found.mode):
        path = posixpath.join(posixpath.dirname(path), found.link_target)
        found = _stat(client, target.container, path)
    if found and not (stat.S_ISDIR(found.mode) or stat.S_ISREG(found.mode)):
        raise UsageError(
            f"{options.target!r} is neither a folder nor a file", "give one, or a name that is not there yet"
        )
    is_folder = found is not None and found.is_dir
    if source == "-":
        if not is_folder:
            raise UsageError(f"{options.target!r} is no folder, and an archive is unpacked in one", "make it first")
        client.archive_put(
            target.container, path, console.stdin, no_overwrite_dir_non_dir=True, copy_uid_gid=options.archive
        )
        return 0
    from ..client.tarring import Tarred

    here, name = _source(source, options.follow_link)
    folder, name = placed(
        path, exists=found is not None, is_folder=is_folder, source_is_folder=_is_folder(here), name=name
    )
    try:
        content = progress.counting(Tarred(here, name, owners=True))
        client.archive_put(
            target.container, folder, content, no_overwrite_dir_non_dir=True, copy_uid_gid=options.archive
        )
    finally:
        progress.clear()
    progress.done(f"{target.container}:{path}")
    return 0


def _stat(client: SyncClient, container: str, path: str) -> PathStat | None:
    """None where there is none, or the daemon does not say: what is wrong is said better by the call that follows."""
    from ..errors import StatusError

    try:
        return client.archive_stat(container, path)
    except StatusError:
        return None


def _source(path: str, follow: bool) -> tuple[str, str]:
    """(where it is, what it is called), "" for what is in a folder. Raises UsageError where nothing is."""
    absolute = os.path.abspath(path)
    name = "" if means_contents(path) else os.path.basename(absolute)
    here = os.path.realpath(absolute) if follow or means_folder(path) else absolute
    if not os.path.lexists(here):
        raise UsageError(f"there is no {path!r}", "check the path")
    if means_folder(path) and not os.path.isdir(here):
        raise UsageError(f"{path!r} is no folder", "leave out what ends its name")
    return here, name


def _is_folder(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)
