"""A container's logs, from bytes to frames or to whole lines.

The daemon keeps a line of over 16 KiB as several log entries: all but the last are of 16 KiB and have no newline, each comes
in a frame of its own, and with time stamps each begins with the stamp of the line's first. A TTY's logs are the same without
frames. Source: moby daemon/logger/copier.go; 20.10 sent a line of 40 kB as three frames with one stamp. Podman cuts a line
wherever a read ended, and gives each fragment the stamp of its own moment (seen on 5.8; 5.4 has whole seconds).
"""

from __future__ import annotations

from typing import Protocol

from ..errors import ProtocolError, TruncatedError
from .stdcopy import HEADER, Frame, StdcopyDecoder, Stream, check_beginning, frame_header

FRAGMENT = 16 * 1024  # bytes of a line in each of its entries but the last
MAX_LINE = 16 * 1024 * 1024  # bytes; what is longer is handed on in parts


class LogDecoder(Protocol):
    def feed(self, data: bytes) -> list[Frame]: ...

    def close(self) -> list[Frame]:
        """The logs ended. Return what was held back. Raises TruncatedError."""
        ...


def log_decoder(*, tty: bool, join: bool, timestamps: bool, own_stamps: bool = False) -> LogDecoder:
    """`join`: each frame is one line. Else frames come as they are, parts of long ones too. `own_stamps`: fragments of one
    line differ in theirs."""
    if tty:
        return TTYLines(timestamps) if join else TTYBytes()
    return FramedLines(timestamps, own_stamps) if join else LogFrames()


class LogFrames:
    """Frames as they come. Only an error of the daemon's own is held until it is whole, since it will be a message."""

    def __init__(self) -> None:
        self._frames = StdcopyDecoder()
        self._error = b""  # the beginning of it

    def feed(self, data: bytes) -> list[Frame]:
        frames = self._frames.feed(data)
        if self._error and frames:
            begun, self._error = self._error, b""
            frames[0] = Frame(Stream.SYSTEMERR, begun + frames[0].data)
        if frames and frames[-1].stream is Stream.SYSTEMERR and self._frames.within_frame:
            self._error = frames.pop().data
        return frames

    def close(self) -> list[Frame]:
        if self._error:
            return [Frame(Stream.SYSTEMERR, self._error)]
        self._frames.close()
        return []


class TTYBytes:
    """A TTY's output, all of it stdout."""

    def feed(self, data: bytes) -> list[Frame]:
        return [Frame(Stream.STDOUT, data)]

    def close(self) -> list[Frame]:
        return []


class FramedLines:
    """Whole lines, each with its newline. A line that has none ends where its stream does, or where a fragment with another
    stamp follows: then a process ended within it, and another wrote the next. Where each fragment has a stamp of its own that
    cannot be told."""

    def __init__(self, timestamps: bool, own_stamps: bool = False) -> None:
        self._timestamps = timestamps
        self._own_stamps = own_stamps
        self._buffer = bytearray()  # an unfinished frame
        self._lines: dict[Stream, _Line] = {}

    def feed(self, data: bytes) -> list[Frame]:
        found: list[Frame] = []
        self._buffer += data
        position = 0
        while len(self._buffer) - position >= HEADER:
            stream, size = frame_header(self._buffer, position)
            if size > MAX_LINE:
                raise ProtocolError(f"a frame of the logs is of {size} bytes, expected at most {MAX_LINE}")
            end = position + HEADER + size
            if len(self._buffer) < end:
                break
            if size:
                self._take(found, stream, bytes(self._buffer[position + HEADER : end]))
            position = end
        del self._buffer[:position]
        if self._buffer:
            check_beginning(self._buffer[:HEADER])
        return found

    def close(self) -> list[Frame]:
        if self._buffer:
            raise TruncatedError(f"the logs ended {len(self._buffer)} bytes into a frame")
        return self._begun()

    def _begun(self) -> list[Frame]:
        """Lines that nothing will end any more."""
        lines, self._lines = self._lines, {}
        return [Frame(stream, line.whole()) for stream, line in lines.items()]

    def _take(self, found: list[Frame], stream: Stream, data: bytes) -> None:
        if stream is Stream.SYSTEMERR:  # whatever lines are begun will not be ended
            found += self._begun()
            found.append(Frame(stream, data))
            return
        line = self._lines.pop(stream, None)
        stamp = data[: data.find(b" ") + 1] if self._timestamps else b""
        if line and line.stamp != stamp and not self._own_stamps:
            found.append(Frame(stream, line.whole()))
            line = None
        if line:
            line.add(data[len(stamp) :])
        else:
            line = _Line(stamp, data)
        if data.endswith(b"\n") or line.size > MAX_LINE:
            found.append(Frame(stream, line.whole()))
        else:
            self._lines[stream] = line


class _Line:
    """Fragments of one line. The stamp stays on the first alone."""

    def __init__(self, stamp: bytes, data: bytes) -> None:
        self.stamp = stamp
        self.size = len(data)
        self._parts = [data]

    def add(self, data: bytes) -> None:
        self._parts.append(data)
        self.size += len(data)

    def whole(self) -> bytes:
        return b"".join(self._parts)


class TTYLines:
    """Whole lines of a TTY, all of them stdout."""

    def __init__(self, timestamps: bool) -> None:
        self._timestamps = timestamps
        self._line = _Line(b"", b"")  # unfinished

    def feed(self, data: bytes) -> list[Frame]:
        *lines, rest = data.split(b"\n")
        if lines:
            self._line.add(lines[0])
            lines[0] = self._line.whole()
            self._line = _Line(b"", b"")
        self._line.add(rest)
        frames = [Frame(Stream.STDOUT, self._whole(line) + b"\n") for line in lines]
        return frames + self.close() if self._line.size > MAX_LINE else frames

    def close(self) -> list[Frame]:
        rest, self._line = self._line.whole(), _Line(b"", b"")
        return [Frame(Stream.STDOUT, self._whole(rest))] if rest else []

    def _whole(self, line: bytes) -> bytes:
        return without_repeated_stamps(line) if self._timestamps else line


def without_repeated_stamps(line: bytes) -> bytes:
    """A line whose fragments each begin with its stamp, with the first stamp only. They stand where 16 KiB are over."""
    stamp = line[: line.find(b" ") + 1]
    stride = len(stamp) + FRAGMENT
    if not stamp or not line.startswith(stamp, stride):
        return line
    parts = [line[:stride]]
    position = stride
    while line.startswith(stamp, position):
        parts.append(line[position + len(stamp) : position + stride])
        position += stride
    return b"".join(parts) + line[position:]
