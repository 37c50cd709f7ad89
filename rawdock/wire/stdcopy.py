"""The frames in which a daemon sends a container's stdout and stderr over one stream.

Eight bytes of header, then the payload: stream number (0 stdin, written to stdout; 1 stdout; 2 stderr; 3 an error of the
daemon itself), three zero bytes, length: big-endian uint32, bytes. Source: moby api/pkg/stdcopy.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import NamedTuple

from ..errors import ProtocolError, TruncatedError
from .runs import run_of

HEADER = 8  # bytes
LONG = 4096  # bytes; frames from here on are handed on as they are
_FIELDS = struct.Struct(">II")  # stream number and three zero bytes as one number, length


class Stream(IntEnum):
    STDIN = 0
    STDOUT = 1
    STDERR = 2
    SYSTEMERR = 3


_STREAMS = {stream << 24: stream for stream in Stream}


class Frame(NamedTuple):
    """Payload of one stream. Short frames of a stream that arrive together, one after the other, are handed on as one; a long
    one is handed on as its bytes come, not held until it is whole."""

    stream: Stream
    data: bytes


def frame_header(data: bytes | bytearray, position: int) -> tuple[Stream, int]:
    """(stream, length in bytes) of the header at `position`. Raises ProtocolError for what is none."""
    word, size = _FIELDS.unpack_from(data, position)
    stream = _STREAMS.get(word)
    if stream is None:
        raise not_framed(data[position : position + HEADER])
    return stream, size


def not_framed(header: bytes | bytearray) -> ProtocolError:
    return ProtocolError(f"{bytes(header)!r} is no frame header", "a container with a TTY sends no frames")


def check_beginning(header: bytes | bytearray) -> None:
    """Raise ProtocolError if no header begins so: a TTY's prompt may be two bytes long, and then waits for us."""
    if header[0] > Stream.SYSTEMERR or not b"\0\0\0".startswith(header[1:4]):
        raise not_framed(header)


class StdcopyDecoder:
    """Bytes to frames, cut anywhere. Zero-length frames are legal and give nothing."""

    def __init__(self) -> None:
        self._header = b""  # an unfinished one
        self._stream = Stream.STDOUT
        self._left = 0  # bytes of the current frame still to come

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames in `data`. Raises ProtocolError for a header that is none (a TTY's stream has no frames)."""
        if self._header:
            data, self._header = self._header + data, b""
        frames: list[Frame] = []
        stream, position, end = self._stream, self._left, len(data)
        parts = [data[:position]] if position and data else []
        word = stream << 24
        previous = -1  # the length of the frame before, in bytes
        while end - position >= HEADER:
            number, size = _FIELDS.unpack_from(data, position)
            if number != word:
                _hand_on(frames, stream, parts)
                parts = []
                stream, _ = frame_header(data, position)
                word, previous = number, -1
            start = position + HEADER
            if size == previous and (run := run_of(data, position, data[position:start], size)):
                payload, position = run
                parts.append(payload)
                continue
            position = start + size
            parts.append(data[start:position])
            previous = size
        _hand_on(frames, stream, parts)
        self._stream, self._left = stream, max(0, position - end)
        if position < end:
            check_beginning(data[position:])
            self._header = data[position:]
        return frames

    @property
    def within_frame(self) -> bool:
        """Whether the last frame is not complete."""
        return self._left > 0

    def close(self) -> None:
        """The stream ended. Raises TruncatedError in the middle of a frame."""
        if self._header or self._left:
            missing = self._left or HEADER - len(self._header)
            raise TruncatedError(f"the stream ended in a frame, {missing} bytes before its end")


def _hand_on(frames: list[Frame], stream: Stream, parts: list[bytes]) -> None:
    if len(parts) > 1 and len(parts[1]) >= LONG:  # to join long ones would copy what is worth a call each
        frames.extend(Frame(stream, part) for part in parts if part)
        return
    data = parts[0] if len(parts) == 1 else b"".join(parts)
    if data:
        frames.append(Frame(stream, data))
