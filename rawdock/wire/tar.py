"""A tar archive as it comes: bytes cut anywhere to members and what is in them.

Read are ustar, GNU's long names and pax records (POSIX.1-2008, pax; GNU tar manual, "Basic Tar Format"). Names come as they are
written, not to be trusted. Headers by tarfile's TarInfo, the rest our own: tarfile takes a header of any length into memory.
"""

from __future__ import annotations

import tarfile
from typing import NamedTuple

from ..errors import ProtocolError, TruncatedError

BLOCK = tarfile.BLOCKSIZE
MAX_EXTENSION = 1024 * 1024  # bytes of a long name or of pax records
_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
)
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_EMPTY = (tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE)


class Member(NamedTuple):
    """`kind`: "file", "folder", "link", "hard link", "fifo" or "device". `size`: bytes that follow. `mode`: permissions,
    without the kind. `mtime`: seconds since 1970."""

    name: str
    kind: str
    size: int
    mode: int
    mtime: float
    link: str


_KINDS = {
    tarfile.DIRTYPE: "folder",
    tarfile.SYMTYPE: "link",
    tarfile.LNKTYPE: "hard link",
    tarfile.CHRTYPE: "device",
    tarfile.BLKTYPE: "device",
    tarfile.FIFOTYPE: "fifo",
}


class TarDecoder:
    """`feed` gives members, each followed by the bytes in it; between two members there may be any number of pieces."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._left = 0  # bytes of the member that are still to come
        self._padding = 0
        self._extension = b""  # the type of the long name or pax records that are being read
        self._records: dict[str, str] = {}  # what they say of the next member
        self._ended = False

    def feed(self, data: bytes) -> list[Member | bytes]:
        """Raises ProtocolError for what is no tar archive, or one of a kind that is not read."""
        found: list[Member | bytes] = []
        self._held += data
        while not self._ended:
            if self._extension:
                if len(self._held) < self._left + self._padding:
                    break
                self._read_extension()
            elif self._left:
                if not self._held:
                    break
                piece = bytes(self._held[: self._left])
                del self._held[: len(piece)]
                self._left -= len(piece)
                found.append(piece)
            elif self._padding:
                skipped = min(self._padding, len(self._held))
                del self._held[:skipped]
                self._padding -= skipped
                if self._padding:
                    break
            elif len(self._held) < BLOCK:
                break
            else:
                self._read_header(found)
        if self._ended:
            self._held.clear()  # what follows the end is fill
        return found

    def close(self) -> None:
        """The bytes ended. Raises TruncatedError where the archive did not."""
        if not self._ended and (self._held or self._left or self._padding or self._extension):
            raise TruncatedError("the archive ended in the middle of a member")
        if not self._ended:
            raise TruncatedError("the archive ended without its end mark")

    def _read_header(self, found: list[Member | bytes]) -> None:
        block = bytes(self._held[:BLOCK])
        del self._held[:BLOCK]
        if not block.strip(b"\0"):
            self._ended = True
            return
        try:
            info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except (tarfile.TarError, ValueError) as error:
            raise ProtocolError(f"the archive has a header that is none: {error}") from error
        if info.size < 0:
            raise ProtocolError(f"the archive has a member of {info.size} bytes")
        if info.type in (_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL):
            if info.size > MAX_EXTENSION:
                raise ProtocolError(f"the archive has a name or attributes of {info.size} bytes")
            self._extension, self._left, self._padding = info.type, info.size, -info.size % BLOCK
            return
        member = self._member(info)
        self._left, self._padding = member.size, -member.size % BLOCK
        found.append(member)

    def _member(self, info: tarfile.TarInfo) -> Member:
        records, self._records = self._records, {}
        if info.type not in _FILES and info.type not in _EMPTY:
            raise ProtocolError(f"the archive has a member of type {info.type!r}, which is not read")
        if any(name.startswith("GNU.sparse.") for name in records):
            raise ProtocolError("the archive has a sparse file, which is not read")
        is_file = info.type in _FILES
        try:
            size = int(records.get("size", info.size)) if is_file else 0
            mtime = float(records.get("mtime", info.mtime))
        except ValueError as error:
            raise ProtocolError(f"the archive has a member with wrong attributes: {error}") from error
        if size < 0:
            raise ProtocolError(f"the archive has a member of {size} bytes")
        name, link = records.get("path", info.name), records.get("linkpath", info.linkname)
        return Member(name, _KINDS.get(info.type, "file"), size, info.mode & 0o7777, mtime, link)

    def _read_extension(self) -> None:
        data = bytes(self._held[: self._left])
        del self._held[: self._left + self._padding]
        kind, self._extension, self._left, self._padding = self._extension, b"", 0, 0
        if kind == _PAX:
            self._records |= _pax_records(data)
        elif kind != _PAX_GLOBAL:  # what holds for all members says nothing that is needed here
            text = data.partition(b"\0")[0].decode("utf-8", "surrogateescape")
            self._records["path" if kind == _LONG_NAME else "linkpath"] = text


def _pax_records(data: bytes) -> dict[str, str]:
    """Of "LENGTH NAME=VALUE\\n", the length in bytes and of the whole record."""
    found = {}
    while data.strip(b"\0"):
        length, space, _ = data.partition(b" ")
        if not (space and length.isdigit() and len(length) < 8 and len(length) + 2 < int(length) <= len(data)):
            raise ProtocolError(f"the archive has attributes that are none: {data[:40]!r}")
        record, data = data[len(length) + 1 : int(length)], data[int(length) :]
        name, _, value = record.removesuffix(b"\n").partition(b"=")
        found[name.decode("utf-8", "surrogateescape")] = value.decode("utf-8", "surrogateescape")
    return found
