"""The body of a request, from whatever the caller has it in, in bounded memory.

Small bytes go with the head. All else goes in parts: with a Content-Length when the size is known (bytes, regular files),
else in the chunked transfer coding (RFC 9112 section 7.1), which every Docker daemon takes.
"""

import io
import os
import stat
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import BinaryIO, NamedTuple, cast

from ..errors import RequestError
from ..net.parts import PIECE, AsBytes, FilePart, Part

WITH_HEAD = 64 * 1024  # bytes; larger bodies are not copied behind the head, and an early answer stops them

Content = bytes | bytearray | memoryview | str | Iterable[bytes] | AsyncIterable[bytes] | BinaryIO


class Body(NamedTuple):
    """`with_head`: bytes to send behind the head. `parts`: the payload that follows, unless None. `length`: bytes of both,
    None if unknown. `repeatable`: whether it can be sent again."""

    with_head: bytes
    parts: AsyncIterable[Part] | None
    length: int | None
    repeatable: bool

    def framed(self, length: int | None) -> AsyncIterable[Part] | None:
        """`parts` as they go over the wire under a Content-Length of `length`, chunked when that is None."""
        if self.parts is None:
            return None
        return _Chunked(AsBytes(self.parts)) if length is None else _Exactly(self.parts, length)


NOTHING = Body(b"", None, 0, True)


def body_of(content: object) -> Body:
    """Return the body. Raises RequestError for what is none: a dict, a text file, an iterable of str."""
    if isinstance(content, str):
        content = _encoded(content)
    if isinstance(content, memoryview) and not content.c_contiguous:
        content = bytes(content)
    if isinstance(content, bytes | bytearray | memoryview):
        size = content.nbytes if isinstance(content, memoryview) else len(content)
        if size <= WITH_HEAD:
            return Body(bytes(content), None, size, True)
        return Body(b"", _Pieces(content), size, True)
    if isinstance(content, AsyncIterable):
        return Body(b"", _AsyncItems(content), None, content.__aiter__() is not content)
    if hasattr(content, "read"):
        return _file_body(cast(BinaryIO, content))
    if isinstance(content, Iterable) and not isinstance(content, dict):
        return Body(b"", _Items(content), None, iter(content) is not content)
    raise _no_body(content, "")


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        bad = text[error.start]
        raise RequestError(f"content holds {bad!r}, which has no UTF-8", "give bytes: text.encode(…)") from error


def _file_body(file: BinaryIO) -> Body:
    """Read from where the file stands. A size is known for regular files and BytesIO: devices, pipes and /proc say 0."""
    if isinstance(file, io.TextIOBase):
        raise RequestError(f"{_name(file)} is open as text", "open it with mode 'rb'")
    try:
        start: int | None = file.tell() if file.seekable() else None
    except (AttributeError, OSError):
        start = None
    if start is None:
        _refuse_non_blocking(file)
        return Body(b"", _FileParts(file, None), None, False)
    if isinstance(file, io.BytesIO):
        return Body(b"", _FileParts(file, start), max(0, len(file.getbuffer()) - start), True)
    if size := _size(file):
        return Body(b"", _OpenFile(file, start), max(0, size - start), True)
    return Body(b"", _FileParts(file, start), None, True)


def _size(file: BinaryIO) -> int:
    """Bytes of a regular file, 0 where the descriptor's are not the bytes that reading gives."""
    if type(getattr(file, "raw", file)) is not io.FileIO:
        return 0  # what unpacks as it reads has the descriptor of something else
    try:
        if isinstance(file, io.BufferedRandom):
            file.flush()
        status = os.fstat(file.fileno())
    except (OSError, ValueError):
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def _refuse_non_blocking(file: BinaryIO) -> None:
    """A pipe that does not wait says None or b"" where nothing has come yet, which would be taken for its end."""
    if type(getattr(file, "raw", file)) is io.FileIO and not os.get_blocking(file.fileno()):
        raise RequestError(
            f"{_name(file)} does not wait for what comes", "let it: os.set_blocking(file.fileno(), True)"
        )


def _name(file: object) -> str:
    name = getattr(file, "name", None)
    return f"the file {name}" if isinstance(name, str) else f"the {type(file).__name__}"


def _no_body(value: object, where: str) -> RequestError:
    remedy = "give a dict as json=" if isinstance(value, dict) else "give bytes, an iterable of bytes or a binary file"
    if isinstance(value, os.PathLike):
        remedy = "open the file with mode 'rb', or give rawdock.tar_of(path) where an archive is wanted"
    return RequestError(f"content {where}is of type {type(value).__name__}, which cannot be sent", remedy)


class _Pieces:
    """Bytes, cut."""

    def __init__(self, content: bytes | bytearray | memoryview) -> None:
        self._view = memoryview(content).cast("B")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._view), PIECE):
            yield bytes(self._view[start : start + PIECE])


class _FileParts:
    """A binary file from `start`, or from where it stands if it cannot seek."""

    def __init__(self, file: BinaryIO, start: int | None) -> None:
        self._file = file
        self._start = start

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._start is not None:
            self._file.seek(self._start)
        read = self._file.read if self._start is not None else getattr(self._file, "read1", self._file.read)
        while part := read(PIECE):
            yield _checked(part)


class _OpenFile:
    """A regular file from `start`, without reading it: a stream may send it by sendfile(2)."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        self._file = file
        self._start = start

    async def __aiter__(self) -> AsyncIterator[Part]:
        descriptor, offset = self._file.fileno(), self._start
        while left := os.fstat(descriptor).st_size - offset:
            if left < 0:
                return
            part = FilePart(descriptor, offset, min(left, PIECE))
            offset = self._file.seek(offset + len(part))  # as if it had been read
            yield part


class _Items:
    """An iterable of bytes; a generator is closed at the end."""

    def __init__(self, items: Iterable[object]) -> None:
        self._items = items

    async def __aiter__(self) -> AsyncIterator[bytes]:
        iterator = iter(self._items)
        try:
            for item in iterator:
                yield _checked(item)
        finally:
            if close := getattr(iterator, "close", None):
                close()


class _AsyncItems:
    """An async iterable of bytes; a generator is closed at the end."""

    def __init__(self, items: AsyncIterable[object]) -> None:
        self._items = items

    async def __aiter__(self) -> AsyncIterator[bytes]:
        iterator = self._items.__aiter__()
        try:
            async for item in iterator:
                yield _checked(item)
        finally:
            if close := getattr(iterator, "aclose", None):
                await close()


def _checked(item: object) -> bytes:
    if isinstance(item, bytes):
        return item
    if isinstance(item, bytearray | memoryview):
        return bytes(item)
    raise _no_body(item, "has an item that ")


class _Chunked:
    def __init__(self, parts: AsyncIterable[bytes]) -> None:
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        iterator = self._parts.__aiter__()
        try:
            async for part in iterator:
                if part:  # an empty chunk would be the end
                    yield b"%x\r\n%b\r\n" % (len(part), part)
            yield b"0\r\n\r\n"
        finally:
            await _close(iterator)


class _Exactly:
    """Parts that a Content-Length has announced: what is more is not sent (a file that grows), less is an error."""

    def __init__(self, parts: AsyncIterable[Part], length: int) -> None:
        self._parts = parts
        self._length = length

    async def __aiter__(self) -> AsyncIterator[Part]:
        left = self._length
        iterator = self._parts.__aiter__()
        try:
            async for part in iterator:
                if part:
                    yield part[:left]
                    left -= len(part)
                if left <= 0:
                    return
        finally:
            await _close(iterator)
        if left:
            raise RequestError(f"content ended after {self._length - left} of the {self._length} bytes announced")


async def _close(iterator: AsyncIterator[Part]) -> None:
    if close := getattr(iterator, "aclose", None):
        await close()


def refuse_no_archive(content: object) -> None:
    """Raise RequestError for what is no archive, though a body: text, as which a path goes, and None."""
    if content is None or isinstance(content, str):
        shown = f"{content[:80]!r}, which is text" if content is not None else "None"
        raise RequestError(f"the archive is {shown}", "give rawdock.tar_of(path), or a tar file open with mode 'rb'")


def refuse_async(content: object) -> None:
    """Raise RequestError for content that only an event loop could read."""
    if hasattr(content, "__aiter__"):
        raise RequestError(
            "content is an async iterable, and SyncClient has no event loop", "use Client, or an iterable"
        )
