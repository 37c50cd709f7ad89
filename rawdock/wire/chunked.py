"""The chunked transfer coding of an HTTP/1.1 body (RFC 9112 section 7.1).

A daemon puts every log frame into a chunk of its own, so short lines are a chunk for every 30 bytes: chunks that have come
whole are taken without a state in between, and those alike in a row in one go.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from ..errors import ProtocolError, TruncatedError
from .runs import run_of

MAX_LINE = 4096  # bytes; Go stops at the same
MAX_TRAILERS = 256 * 1024  # bytes
LONG = 1024  # bytes; a chunk that is worth to be passed over without a copy
MAX_SIZES = 4096  # sizes remembered; log lines have fewer
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?\r\n", re.DOTALL)


class _Line(Enum):
    """What the next line of a chunked body is."""

    SIZE = auto()
    END_OF_CHUNK = auto()
    TRAILER = auto()


class ChunkedBody:
    """A BodyDecoder. Payload is handed on as it comes, part of a chunk too: a decoder that waits for whole chunks stalls at
    the end of a long log frame."""

    def __init__(self) -> None:
        self.complete = False
        self.rest = b""
        self._buffer = b""  # an unfinished line
        self._left = 0  # bytes of the current chunk still to come
        self._due = _Line.SIZE
        self._sizes: dict[bytes, int] = {}  # by their lines, of chunks that have been
        self._trailers = 0  # bytes
        self._received = 0  # bytes

    def feed(self, data: bytes) -> bytes:
        if self._buffer:
            data, self._buffer = self._buffer + data, b""
        parts: list[bytes | memoryview] = []
        position = 0
        while position < len(data) and not self.complete:
            if self._left:
                payload = data[position : position + self._left]
                position += len(payload)
                self._left -= len(payload)
                self._received += len(payload)
                parts.append(payload)
                continue
            if self._due is _Line.SIZE and (passed := self._take_whole_chunks(data, position, parts)) > position:
                position = passed
                continue
            line_end = data.find(b"\n", position) + 1
            line = data[position : line_end or len(data)]
            if self._due is _Line.END_OF_CHUNK and not b"\r\n".startswith(line):
                # Said before the line's end, which may never come.
                raise ProtocolError(f"a chunk is longer than its size said: {line[:32]!r} follows it")
            if len(line) > MAX_LINE:
                raise ProtocolError(f"a line of the chunked coding is over {MAX_LINE} bytes")
            if not line_end:
                self._buffer = line
                break
            self._take(line)
            position = line_end
        if self.complete:
            self.rest += data[position:]
        return bytes(parts[0]) if len(parts) == 1 else b"".join(parts)

    def pass_over(self, data: bytes) -> int:
        """As `feed`, for whoever only counts: how many bytes of payload are in `data`. Copies none of a long chunk."""
        before, position = self._received, 0
        while position < len(data):
            if self._left < LONG:
                end = data.find(b"\n", position) + 1
                if self.complete or self._left or not end or end - position > 18:
                    self.feed(data[position:])
                    break
                self.feed(data[position:end])  # what is between two chunks
                position = end
                continue
            step = min(self._left, len(data) - position)
            position += step
            self._left -= step
            self._received += step
        return self._received - before

    def _take_whole_chunks(self, data: bytes, position: int, parts: list[bytes | memoryview]) -> int:
        """Append the payload of the chunks that begin at `position`, are whole and of a size seen before. Return where they
        end; what stands there goes the long way."""
        sizes = self._sizes
        previous = -1  # the size of the chunk before, in bytes
        view = memoryview(data)
        while start := data.find(b"\n", position) + 1:
            line = data[position:start]
            size = sizes.get(line)
            if size is None:
                break
            if size == previous and (run := run_of(data, position, line, size, b"\r\n")):
                payload, position = run
                parts.append(payload)
                self._received += len(payload)
                continue
            end = start + size
            if not data.startswith(b"\r\n", end):
                break
            parts.append(view[start:end] if size >= LONG else data[start:end])  # a long one is copied by the join alone
            self._received += size
            position = end + 2
            previous = size
        return position

    def _take(self, line: bytes) -> None:
        if self._due is _Line.END_OF_CHUNK:
            self._due = _Line.SIZE
        elif self._due is _Line.TRAILER:
            self._trailers += len(line)
            if self._trailers > MAX_TRAILERS:
                raise ProtocolError(f"the reply's trailers are over {MAX_TRAILERS} bytes")
            self.complete = line == b"\r\n"
            if not self.complete and b":" not in line:
                raise ProtocolError(f"a trailer of the reply is {line[:32]!r}, expected a header field")
        else:
            match = _SIZE.fullmatch(line)
            if not match:
                raise ProtocolError(f"a chunk's size is {line[:32]!r}, expected hexadecimal digits")
            self._left = int(match[1], 16)
            self._due = _Line.END_OF_CHUNK if self._left else _Line.TRAILER
            if self._left and len(self._sizes) < MAX_SIZES:
                self._sizes[line] = self._left

    def close(self) -> None:
        if not self.complete:
            raise TruncatedError(f"the reply ended in the middle, after {self._received} bytes")
