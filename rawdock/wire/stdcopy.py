"""The frames in which a daemon sends a container's stdout and stderr over one stream.

Eight bytes of header, then the payload: stream number (0 stdin, written to stdout; 1 stdout; 2 stderr; 3 an error of the
daemon itself), three zero bytes, length: big-endian uint32, bytes. Source: moby api/pkg/stdcopy.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from ..errors import ProtocolError, TruncatedError

HEADER = 8  # bytes


class Stream(IntEnum):
    STDIN = 0
    STDOUT = 1
    STDERR = 2
    SYSTEMERR = 3


class Frame(NamedTuple):
    """A frame, or a part of one: a long frame is handed on as its bytes come, not held until it is whole."""

    stream: Stream
    data: bytes


class StdcopyDecoder:
    """Bytes to frames, cut anywhere. Zero-length frames are legal and give nothing."""

    def __init__(self) -> None:
        self._header = b""
        self._stream = Stream.STDOUT
        self._left = 0  # bytes of the current frame still to come

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames in `data`. Raises ProtocolError for a header that is none (a TTY's stream has no frames)."""
        frames: list[Frame] = []
        position = 0
        while position < len(data):
            if not self._left:
                taken = HEADER - len(self._header)
                self._header += data[position : position + taken]
                position += taken
                self._check_header()
                if len(self._header) == HEADER:
                    self._open_frame()
            else:
                payload = data[position : position + self._left]
                frames.append(Frame(self._stream, payload))
                self._left -= len(payload)
                position += len(payload)
        return frames

    def _check_header(self) -> None:
        # Its beginning tells already: a TTY's prompt may be two bytes long, and then waits for us.
        if self._header[0] > Stream.SYSTEMERR or not b"\0\0\0".startswith(self._header[1:4]):
            raise ProtocolError(f"{self._header!r} is no frame header", "a container with a TTY sends no frames")

    def _open_frame(self) -> None:
        header, self._header = self._header, b""
        self._stream = Stream(header[0])
        self._left = int.from_bytes(header[4:], "big")

    def close(self) -> None:
        """The stream ended. Raises TruncatedError in the middle of a frame."""
        if self._header or self._left:
            missing = self._left or HEADER - len(self._header)
            raise TruncatedError(f"the stream ended in a frame, {missing} bytes before its end")
