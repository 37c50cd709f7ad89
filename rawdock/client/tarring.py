"""Folders and files as a tar archive that is made while it is sent: of a file, a piece at a time is in memory.

What goes in is what `tar` would take: links as links, hard links as such, devices and FIFOs, no sockets; owner root, as
`docker build` has it, unless asked otherwise; times to the second. Sorted, so that the same files make the same archive.
"""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import Iterator

from ..errors import RequestError
from ..net.parts import PIECE
from ..wire.dockerignore import Ignore

_TYPES = {
    stat.S_IFREG: tarfile.REGTYPE,
    stat.S_IFDIR: tarfile.DIRTYPE,
    stat.S_IFLNK: tarfile.SYMTYPE,
    stat.S_IFIFO: tarfile.FIFOTYPE,
    stat.S_IFCHR: tarfile.CHRTYPE,
    stat.S_IFBLK: tarfile.BLKTYPE,
}


def tar_of(path: str | os.PathLike[str], name: str | None = None) -> Tarred:
    """Return the archive of a file or folder, to give to `archive_put` or to iterate. `name`: what it is called there,
    else its own name; "" for what is in a folder without the folder. A link given as `path` is followed. The files are read
    where the archive is sent, so a slow disk stops an event loop. Raises RequestError for what cannot be read, on the way too.
    """
    found = os.path.realpath(path)
    try:
        is_folder = stat.S_ISDIR(os.stat(found).st_mode)
    except OSError as error:
        raise _unreadable(os.fspath(path), error) from error
    if name is None:
        name = os.path.basename(os.path.abspath(path))
    if not name and not is_folder:
        raise RequestError(f"{os.fspath(path)!r} is a file without a name", "name it")
    return Tarred(found, name.strip("/"))


class Tarred:
    """Iterate it for the archive's bytes, as often as needed. `path`: a link is archived as such. `ignore` is for what is
    inside `path`. `owners`: keep them, by number, instead of making all root's."""

    def __init__(
        self,
        path: str,
        name: str,
        ignore: Ignore = Ignore(),  # noqa: B008 -- never changed
        *,
        owners: bool = False,
    ) -> None:
        self._path = path
        self._name = name
        self._ignore = ignore
        self._owners = owners

    def __iter__(self) -> Iterator[bytes]:
        held = bytearray()
        for part in self._parts():
            held += part
            if len(held) >= PIECE:
                yield bytes(held)
                held.clear()
        yield bytes(held) + bytes(2 * tarfile.BLOCKSIZE)

    def _parts(self) -> Iterator[bytes]:
        first: dict[tuple[int, int], str] = {}  # names of files that have more than one
        if self._name:
            yield from self._entry(self._path, self._name, first)
        if os.path.isdir(self._path) and not os.path.islink(self._path):
            for inside in self._walk(""):
                name = f"{self._name}/{inside}" if self._name else inside
                yield from self._entry(f"{self._path}/{inside}", name, first)

    def _walk(self, folder: str) -> Iterator[str]:
        """The paths below a folder, relative to the whole."""
        for entry in _sorted_entries(f"{self._path}/{folder}"):
            inside = f"{folder}{entry.name}"
            is_folder = entry.is_dir(follow_symlinks=False)
            ignored = self._ignore.ignores(inside)
            if not ignored:
                yield inside
            if is_folder and (not ignored or self._ignore.may_keep_below(inside)):
                yield from self._walk(f"{inside}/")

    def _entry(self, path: str, name: str, first: dict[tuple[int, int], str]) -> Iterator[bytes]:
        """The header of one entry and what is in it."""
        try:
            found = os.lstat(path)
            if stat.S_ISREG(found.st_mode):
                yield from self._file(path, name, first)
            elif not stat.S_ISSOCK(found.st_mode):
                info = _header(name, found, self._owners)
                if info.issym():
                    info.linkname = os.readlink(path)
                yield _encoded(info)
        except OSError as error:
            raise _unreadable(path, error) from error

    def _file(self, path: str, name: str, first: dict[tuple[int, int], str]) -> Iterator[bytes]:
        """Neither a link nor a FIFO that took its place meanwhile is followed or waited for."""
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb", buffering=0) as file:
            found = os.fstat(descriptor)
            info = _header(name, found, self._owners)
            if found.st_nlink > 1:
                info.linkname = first.setdefault((found.st_dev, found.st_ino), name)
                if info.linkname != name:
                    info.type, info.size = tarfile.LNKTYPE, 0
                else:
                    info.linkname = ""
            yield _encoded(info)
            left = info.size
            while left:
                part = file.read(min(PIECE, left))
                if not part:
                    raise RequestError(f"{path!r} became shorter while it was sent", "send it when nobody writes to it")
                left -= len(part)
                yield part
            yield bytes(-info.size % tarfile.BLOCKSIZE)


def file_entry(name: str, content: bytes) -> bytes:
    """A file of root's, header and all, to stand before or in an archive."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    return _encoded(info) + content + bytes(-len(content) % tarfile.BLOCKSIZE)


def _sorted_entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise _unreadable(folder, error) from error


def _header(name: str, found: os.stat_result, owners: bool) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    if owners:
        info.uid, info.gid = found.st_uid, found.st_gid
    info.type = _TYPES[stat.S_IFMT(found.st_mode)]
    info.mode, info.mtime = stat.S_IMODE(found.st_mode), int(found.st_mtime)
    if info.isreg():
        info.size = found.st_size
    if info.ischr() or info.isblk():
        info.devmajor, info.devminor = os.major(found.st_rdev), os.minor(found.st_rdev)
    return info


def _encoded(info: tarfile.TarInfo) -> bytes:
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def _unreadable(path: str, error: OSError) -> RequestError:
    return RequestError(f"{path!r} cannot be read: {error.strerror}", "check that it is there and who may read it")
