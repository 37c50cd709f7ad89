"""HTTP/1.1 as a client of a Docker daemon needs it: request bytes, the reply's head, the framing of its body.

Decoders have `feed(data)`, which returns what is now known, and `close()`, which the end of the connection calls: an end
that comes too early is an error, never an end. Sources: RFC 9112 (sections 4, 6, 7); heads are parsed by httptools.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import httptools

from ..errors import ProtocolError, RequestError, TruncatedError

MAX_HEAD = 256 * 1024  # bytes; Go's client stops at 10 MiB, no daemon was seen over 2 KiB
MAX_CHUNK_LINE = 4096  # bytes; Go stops at the same
_FORBIDDEN = frozenset("\r\n\0")

Headers = Iterable[tuple[str, str]]


def encode_request(method: str, target: str, headers: Headers) -> bytes:
    """Return a request head. Raises RequestError where a part would break out of its line (RFC 9112 section 11.2)."""
    if not method.isascii() or not method.isalpha():
        raise RequestError(f"{method!r} is no HTTP method", "methods are words such as GET")
    if not target.startswith("/"):
        raise RequestError(f"path {target!r} does not begin with /", f"write /{target}")
    if bad := next((ch for ch in target if not "!" <= ch <= "~"), None):
        raise RequestError(f"path {target!r} holds {bad!r}", "percent-encode it, a space is %20")
    lines = [f"{method} {target} HTTP/1.1"]
    for name, value in headers:
        if _FORBIDDEN & set(name + value) or not name or ":" in name or " " in name:
            raise RequestError(f"header {name!r} cannot be sent", "a name is one word, a value is one line")
        lines.append(f"{name}: {value}")
    lines.append("\r\n")
    try:
        return "\r\n".join(lines).encode("latin-1")
    except UnicodeEncodeError as error:
        raise RequestError(f"header value {error.object[error.start : error.end]!r} is not Latin-1") from error


class Head:
    """A reply's status line and headers. `headers` keeps order, spelling and repetition, as str pairs."""

    __slots__ = ("http_version", "status", "reason", "headers", "keep_alive")

    def __init__(
        self, http_version: str, status: int, reason: str, headers: list[tuple[str, str]], keep_alive: bool
    ) -> None:
        self.http_version = http_version
        self.status = status
        self.reason = reason
        self.headers = headers
        self.keep_alive = keep_alive

    def get(self, name: str, default: str = "") -> str:
        """The first header of that name, spelled in any case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), default)

    def all(self, name: str) -> list[str]:
        wanted = name.lower()
        return [value for key, value in self.headers if key.lower() == wanted]


class HeadDecoder:
    """Bytes to a Head. 1xx replies other than 101 are passed over, as RFC 9110 section 15.2 has it."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> tuple[Head, bytes] | None:
        """Return the head and the bytes after it, or None while it is incomplete.
        Raises ProtocolError when the bytes are no HTTP or the head is over MAX_HEAD."""
        self._buffer += data
        while True:
            if len(self._buffer) >= 5 and not self._buffer.startswith(b"HTTP/"):
                raise not_http(bytes(self._buffer))
            end = self._buffer.find(b"\r\n\r\n", self._searched)
            if end < 0:
                if len(self._buffer) > MAX_HEAD:
                    raise ProtocolError(f"the reply's head is over {MAX_HEAD} bytes")
                self._searched = max(0, len(self._buffer) - 3)
                return None
            head = _parse_head(bytes(self._buffer[: end + 4]))
            rest = bytes(self._buffer[end + 4 :])
            if head.status == 101 or head.status >= 200:
                return head, rest
            self._buffer, self._searched = bytearray(rest), 0

    @property
    def started(self) -> bool:
        """Whether any byte of this head has come."""
        return bool(self._buffer)

    def close(self) -> None:
        """The connection ended. Always an error: TruncatedError, or ProtocolError if the bytes were no HTTP anyway."""
        if not b"HTTP/".startswith(self._buffer[:5]):
            raise not_http(bytes(self._buffer))
        raise TruncatedError(f"the connection ended {len(self._buffer)} bytes into the reply's head")


def not_http(data: bytes) -> ProtocolError:
    """The error for bytes that are no HTTP reply; a TLS alert or record is called by its name."""
    if data[:2] in (b"\x15\x03", b"\x16\x03"):
        return ProtocolError("the peer speaks TLS", "set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH")
    return ProtocolError(f"the peer does not speak HTTP: it sent {data[:32]!r}", "give the address of a Docker daemon")


class _HeadEvents:
    """What httptools calls while it reads a head."""

    __slots__ = ("reason", "headers")

    def __init__(self) -> None:
        self.reason = b""
        self.headers: list[tuple[str, str]] = []

    def on_status(self, reason: bytes) -> None:
        self.reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode("latin-1"), value.decode("latin-1")))


def _parse_head(head: bytes) -> Head:
    events = _HeadEvents()
    parser = httptools.HttpResponseParser(events)
    try:
        parser.feed_data(head)
    except httptools.HttpParserUpgrade:
        pass  # 101: what follows is no HTTP, and is the caller's
    except httptools.HttpParserError as error:
        raise ProtocolError(f"the reply's head is malformed ({error}): {head[:64]!r}") from error
    version = parser.get_http_version()
    closing = any(name.lower() == "connection" and "close" in value.lower() for name, value in events.headers)
    return Head(
        version,
        parser.get_status_code(),
        events.reason.decode("latin-1"),
        events.headers,
        keep_alive=version == "1.1" and not closing,
    )


class BodyDecoder(Protocol):
    """The framing of one body. `complete` turns true at its end; `rest` then holds the bytes after it."""

    complete: bool
    rest: bytes

    def feed(self, data: bytes) -> bytes:
        """Return the payload in `data`, b"" if there is none yet. Raises ProtocolError where the framing is broken."""

    def close(self) -> None:
        """The connection ended. Raises TruncatedError unless the body is complete or ends so."""


class LengthBody:
    """A body of a known number of bytes (RFC 9112 section 6.2)."""

    def __init__(self, length: int) -> None:
        self._length = self._left = length
        self.complete = length == 0
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        if len(data) < self._left:
            self._left -= len(data)
            return data
        payload, self.rest = (data, b"") if len(data) == self._left else (data[: self._left], data[self._left :])
        self._left = 0
        self.complete = True
        return payload

    def close(self) -> None:
        if not self.complete:
            raise TruncatedError(f"the reply ended after {self._length - self._left} of {self._length} bytes")


class UntilCloseBody:
    """A body that the end of the connection ends: HTTP/1.0, hijacked replies, hand-written errors."""

    def __init__(self) -> None:
        self.complete = False
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        return data

    def close(self) -> None:
        self.complete = True


class ChunkedBody:
    """The chunked transfer coding (RFC 9112 section 7.1). Payload is handed on as it comes, part of a chunk too:
    a decoder that waits for whole chunks stalls at the end of a long log frame."""

    def __init__(self) -> None:
        self.complete = False
        self.rest = b""
        self._buffer = b""  # an unfinished line
        self._left = 0  # bytes of the current chunk still to come
        self._after_chunk = False  # a CRLF is due
        self._trailers = False  # the last chunk was seen
        self._received = 0

    def feed(self, data: bytes) -> bytes:
        if self._buffer:
            data, self._buffer = self._buffer + data, b""
        parts: list[bytes] = []
        position, end = 0, len(data)
        while position < end and not self.complete:
            if self._left:
                taken = min(self._left, end - position)
                parts.append(data[position : position + taken])
                self._left -= taken
                self._received += taken
                position += taken
                self._after_chunk = not self._left
                continue
            line_end = data.find(b"\n", position)
            if line_end < 0:
                if end - position > MAX_CHUNK_LINE:
                    raise ProtocolError(f"a chunk's size line is over {MAX_CHUNK_LINE} bytes")
                self._buffer = data[position:]
                break
            line = data[position:line_end].rstrip(b"\r")
            position = line_end + 1
            self._line(line)
        if self.complete:
            self.rest = data[position:]
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _line(self, line: bytes) -> None:
        if self._after_chunk:
            if line:
                raise ProtocolError(f"a chunk is longer than its size said: {line[:32]!r} follows it")
            self._after_chunk = False
        elif self._trailers:
            self.complete = not line
        else:
            size = line.partition(b";")[0].strip()
            if not size or len(size) > 16 or size.strip(b"0123456789abcdefABCDEF"):
                raise ProtocolError(f"a chunk's size is {line[:32]!r}, expected hexadecimal digits")
            self._left = int(size, 16)
            self._trailers = not self._left

    def close(self) -> None:
        if not self.complete:
            raise TruncatedError(f"the reply ended in the middle, after {self._received} bytes")


def body_decoder(method: str, head: Head) -> BodyDecoder:
    """Return the framing of the body that follows `head` (RFC 9112 section 6.3). After 101 everything until the end of
    the connection is the body. Raises ProtocolError for lengths that contradict each other."""
    if head.status == 101:
        return UntilCloseBody()
    if method == "HEAD" or head.status in (204, 304):
        return LengthBody(0)
    codings = ",".join(head.all("Transfer-Encoding")).lower()
    if codings:
        if codings.strip() != "chunked":
            raise ProtocolError(f"transfer coding {codings!r}, expected chunked")
        return ChunkedBody()
    lengths = {length.strip() for value in head.all("Content-Length") for length in value.split(",")}
    if not lengths:
        return UntilCloseBody()
    length = lengths.pop()
    if lengths or not (length.isascii() and length.isdigit()):
        raise ProtocolError(f"Content-Length {', '.join(head.all('Content-Length'))!r}, expected one number")
    return LengthBody(int(length))
