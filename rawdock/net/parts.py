"""What a request's body is sent from: bytes, or bytes that lie in a file and go from there to a socket by sendfile(2),
without a copy in this process. Source: sendfile(2); to a Unix socket too, on Linux.
"""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncIterable, AsyncIterator
from typing import TYPE_CHECKING, NoReturn

from ..errors import RequestError

if TYPE_CHECKING:
    import _socket

PIECE = 256 * 1024  # bytes read at a time where sendfile cannot be used
_NOT_THERE = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOTSOCK}


class FilePart:
    """`size` bytes of an open regular file, from `offset` on. Its length is `size`."""

    __slots__ = ("descriptor", "offset", "size")

    def __init__(self, descriptor: int, offset: int, size: int) -> None:
        self.descriptor = descriptor
        self.offset = offset
        self.size = size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, span: slice) -> FilePart:
        """The part from or up to a place in it, as of bytes."""
        start, stop, _ = span.indices(self.size)
        return FilePart(self.descriptor, self.offset + start, max(0, stop - start))

    def read(self) -> bytes:
        """At most PIECE bytes from its beginning. Raises RequestError if the file has become shorter than it was."""
        return os.pread(self.descriptor, min(self.size, PIECE), self.offset) or self._shorter()

    def send_to(self, connection: _socket.socket) -> int:
        """Send what a non-blocking socket takes; return how many bytes. Raises BlockingIOError when it takes none."""
        try:
            return os.sendfile(connection.fileno(), self.descriptor, self.offset, self.size) or self._shorter()
        except (OSError, AttributeError) as error:
            if isinstance(error, OSError) and error.errno not in _NOT_THERE:
                raise
        return connection.send(self.read())

    def _shorter(self) -> NoReturn:
        raise RequestError(
            f"content ended at byte {self.offset} of its file, which has become shorter", "send it again"
        )


Part = bytes | FilePart


class AsBytes:
    """The same, read: for streams that are no bare socket."""

    def __init__(self, parts: AsyncIterable[Part]) -> None:
        self._parts = parts.__aiter__()
        self._left: Part = b""

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        part = self._left or await self._parts.__anext__()
        data = part.read() if isinstance(part, FilePart) else part
        self._left = part[len(data) :]
        return data

    async def aclose(self) -> None:
        if close := getattr(self._parts, "aclose", None):
            await close()
