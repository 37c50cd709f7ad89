"""What a tar archive holds, written below a folder, and nothing outside of it whatever the archive says.

Each member's place is walked to from the folder by open(2) with O_NOFOLLOW, a step at a time, so no link is followed, be it
from the archive or there before. A member must stand below the one name that was asked for, which becomes the name that it
shall have here: an archive cannot bring a neighbour along. A file is written under another name and renamed when it is whole,
so nothing is written through a hard link, and what is cut leaves nothing. Owners, set-user-ID and set-group-ID bits are not
taken over, and devices not made.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from ..errors import ProtocolError, UsageError
from ..wire.tar import Member, TarDecoder

Place = tuple[str, ...]
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
BIGGEST_TIME = 1 << 40  # seconds; what a file system would take


class Untarring:
    """`with Untarring(folder, "src", "copy") as untarring`: feed it the archive; leaving without an error completes it.
    `base`: the first part of every name in the archive, "" for what stands at its root. `name`: what it becomes here, "" for
    the folder itself. `left_out`: the devices, by their names in the archive, the first hundred.

    Raises ProtocolError for an archive that is none or leads elsewhere, UsageError for what cannot be written."""

    def __init__(self, folder: str, base: str, name: str) -> None:
        self._folder, self._base, self._name = folder, base, name
        self._decoder = TarDecoder()
        self._open_folders: list[
            tuple[Place, Member]
        ] = []  # the way to the last member, whose times are still to be set
        self._file: BinaryIO | None = None
        self._part = ""
        self._member: Member | None = None
        self._place: Place = ()
        self._left = 0
        self._parent: tuple[Place, int] | None = None  # the folder of the last member, open
        self.left_out: list[str] = []

    def __enter__(self) -> Untarring:
        with self._told(self._folder):
            self._root = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if kind is None:
                self._decoder.close()
                self._leave(())
        finally:
            self._forget_part()
            self._forget_parent()
            os.close(self._root)

    def feed(self, data: bytes) -> None:
        for item in self._decoder.feed(data):
            if isinstance(item, bytes):
                if self._file:
                    with self._told(self._shown()):
                        self._file.write(item)
                self._left -= len(item)
            else:
                self._begin(item)
            if self._file and not self._left:
                self._complete()

    def _begin(self, member: Member) -> None:
        self._member, self._left = member, member.size
        self._place = self._placed(member.name)
        self._leave(self._place)
        with self._told(self._shown()):
            if not self._place:
                if member.kind != "folder":
                    raise ProtocolError(f"the archive has a {member.kind} where a folder was asked for")
                return  # the folder itself, which was there
            self._make(member, self._place)

    def _make(self, member: Member, place: Place) -> None:
        if member.kind == "device":
            if len(self.left_out) < 100:
                self.left_out.append(member.name)
            return
        parent, name = self._open_parent(place), place[-1]
        there = _kind_of(parent, name)
        if member.kind == "folder":
            if there and there != stat.S_IFDIR:
                raise self._in_the_way("is there and no folder")
            if not there:
                os.mkdir(name, 0o700, dir_fd=parent)
            if self._open_folders and self._open_folders[-1][0] == place:
                self._open_folders.pop()
            self._open_folders.append((place, member))
            return
        if there == stat.S_IFDIR:
            raise self._in_the_way("is a folder, and the archive has none there")
        if member.kind == "file":
            self._part = f".{os.urandom(8).hex()}.part"
            self._file = open(os.open(self._part, _FILE, 0o600, dir_fd=parent), "wb")  # noqa: SIM115
        else:
            self._make_special(member, parent, name, bool(there))

    def _make_special(self, member: Member, parent: int, name: str, there: bool) -> None:
        """A link or FIFO, which takes the place of what is there as a file does."""
        self._part = part = f".{os.urandom(8).hex()}.part"
        if member.kind == "link":
            if "\0" in member.link:
                raise ProtocolError(f"the archive links {member.name!r} to {member.link!r}, which is no path")
            os.symlink(member.link, part, dir_fd=parent)
            os.utime(part, _times(member), dir_fd=parent, follow_symlinks=False)
        elif member.kind == "fifo":
            os.mkfifo(part, member.mode & 0o777, dir_fd=parent)
        else:
            self._link(member, parent, part)
        os.replace(part, name, src_dir_fd=parent, dst_dir_fd=parent)
        self._forget_part()  # rename(2) leaves both where they are names of one file

    def _link(self, member: Member, parent: int, part: str) -> None:
        target = self._placed(member.link)
        if not target:
            raise ProtocolError(f"the archive links {member.name!r} to its own folder")
        with self._opened(target[:-1]) as folder:
            if _kind_of(folder, target[-1]) != stat.S_IFREG:
                raise ProtocolError(f"the archive links {member.name!r} to {member.link!r}, which is no file in it")
            os.link(target[-1], part, src_dir_fd=folder, dst_dir_fd=parent, follow_symlinks=False)

    def _complete(self) -> None:
        assert self._file and self._member and self._parent
        with self._told(self._shown()):
            descriptor = self._file.fileno()
            self._file.flush()
            os.fchmod(descriptor, self._member.mode & 0o777)
            os.utime(descriptor, _times(self._member))
            self._file.close()
            os.replace(self._part, self._place[-1], src_dir_fd=self._parent[1], dst_dir_fd=self._parent[1])
        self._file, self._part = None, ""

    def _forget_part(self) -> None:
        """A signal may have come before the file was open, or after it had its name."""
        if self._file:
            with suppress(OSError):  # a full disk is told already
                self._file.close()
        if self._part and self._parent:
            with suppress(FileNotFoundError):
                os.unlink(self._part, dir_fd=self._parent[1])
        self._file, self._part = None, ""

    def _leave(self, place: Place) -> None:
        """Set mode and time of the folders in which nothing more is written: those that do not lead to `place`."""
        while self._open_folders and place[: len(self._open_folders[-1][0])] != self._open_folders[-1][0]:
            done, member = self._open_folders.pop()
            with self._told(self._path(done)), self._opened(done) as descriptor:
                os.fchmod(descriptor, member.mode & 0o1777)
                os.utime(descriptor, _times(member))

    def _placed(self, name: str) -> Place:
        """Where a name of the archive's is here, from the folder on. Raises ProtocolError for one that leads elsewhere."""
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if self._base:
            if name.startswith("/") or parts[:1] != [self._base]:
                raise ProtocolError(f"the archive names {name!r}, which is not below {self._base!r}")
            parts = parts[1:]
        if ".." in parts or "\0" in name:
            raise ProtocolError(f"the archive names {name!r}, which leads out of the folder")
        return (self._name, *parts) if self._name else tuple(parts)

    def _open_parent(self, place: Place) -> int:
        """The folder that `place` is in. It stays open for the next member, which is mostly in the same."""
        if self._parent is None or self._parent[0] != place[:-1]:
            self._forget_parent()
            self._parent = place[:-1], self._walk(place[:-1], make=True)
        return self._parent[1]

    def _forget_parent(self) -> None:
        if self._parent:
            os.close(self._parent[1])
            self._parent = None

    @contextmanager
    def _opened(self, place: Place) -> Iterator[int]:
        descriptor = self._walk(place, make=False)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _walk(self, place: Place, *, make: bool) -> int:
        """The folder, opened; those on the way are made where the archive has not named them."""
        here = os.dup(self._root)
        try:
            for part in place:
                if make and not _kind_of(here, part):
                    os.mkdir(part, 0o777, dir_fd=here)
                inside = os.open(part, _FOLDER, dir_fd=here)
                os.close(here)
                here = inside
        except BaseException:
            os.close(here)
            raise
        return here

    def _shown(self) -> str:
        return self._path(self._place)

    def _path(self, place: Place) -> str:
        return os.path.join(self._folder, *place)

    def _in_the_way(self, why: str) -> UsageError:
        return UsageError(f"{self._shown()!r} {why}", "move it out of the way, or copy to another place")

    @contextmanager
    def _told(self, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            on_the_way = error.errno in (errno.ENOTDIR, errno.ELOOP)
            why = "a link or a file is on the way, and nothing is written through one" if on_the_way else error.strerror
            raise UsageError(f"{path!r} cannot be written: {why}", "copy to another place") from error


def _kind_of(folder: int, name: str) -> int:
    """The kind of file, as stat.S_IFMT has it; 0 where there is none."""
    try:
        return stat.S_IFMT(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return 0


def _times(member: Member) -> tuple[float, float]:
    time = member.mtime if abs(member.mtime) < BIGGEST_TIME else 0.0  # nor is NaN
    return time, time
