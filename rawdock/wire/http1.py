"""HTTP/1.1 as a client of a Docker daemon needs it: request bytes, the reply's head, the framing of its body.

Decoders have `feed(data)`, which returns what is now known, and `close()`, which the end of the connection calls: an end
that comes too early is an error, never an end. Sources: RFC 9112 (sections 4, 6, 7); heads are parsed by httptools.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple, Protocol

import httptools

from ..errors import ProtocolError, RequestError, TLSSpokenError, TruncatedError
from .chunked import ChunkedBody

KNOWN_HEAD = 2048  # bytes; longer heads are not kept
MAX_HEAD = 256 * 1024  # bytes, with the 1xx replies before it; Go stops at 10 MiB, no daemon was seen over 2 KiB
# Compiled when first used, and kept by re: compiled here, they would cost each command 0.5 ms, and most need none.
_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # a token, RFC 9110 section 5.6.2
_VALUE = r"[\t -~\x80-\xff]*"  # RFC 9110 section 5.5

Headers = Iterable[tuple[str, str]]


def request_line(method: str, target: str) -> str:
    """Return it without its end. Raises RequestError where a part would break out of it (RFC 9112 section 11.2)."""
    if not method.isascii() or not method.isalpha():
        raise RequestError(f"{method!r} is no HTTP method", "methods are words such as GET")
    if not target.startswith("/"):
        raise RequestError(f"path {target!r} does not begin with /", f"write /{target}")
    if not (target.isascii() and target.isprintable()) or " " in target:
        bad = next(ch for ch in target if not "!" <= ch <= "~")
        raise RequestError(f"path {target!r} holds {bad!r}", "percent-encode it, a space is %20")
    return f"{method} {target} HTTP/1.1"


def encode_request(method: str, target: str, headers: Headers) -> bytes:
    """Return a request head. Raises RequestError where a part would break out of its line (RFC 9112 section 11.2)."""
    lines = [request_line(method, target)]
    for name, value in headers:
        if not (name.isascii() and name.replace("-", "a").isalnum()) and not re.fullmatch(_NAME, name):
            raise RequestError(f"header {name!r} cannot be sent", "a name is one word of ASCII letters and hyphens")
        if not (value.isprintable() and value.isascii()) and not re.fullmatch(
            _VALUE, value
        ):  # not shown: it may be a secret
            raise RequestError(f"the value of header {name!r} cannot be sent", "a value is one line of Latin-1")
        lines.append(f"{name}: {value}")
    lines.append("\r\n")
    return "\r\n".join(lines).encode("latin-1")


class Head(NamedTuple):
    """A reply's status line and headers. `headers` keeps order, spelling and repetition."""

    http_version: str
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    keep_alive: bool

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
        self._searched = 0  # bytes of the buffer in which no end begins
        self._passed_over = 0  # bytes of 1xx replies

    def feed(self, data: bytes) -> tuple[Head, bytes] | None:
        """Return the head and the bytes after it, or None while it is incomplete.
        Raises ProtocolError when the bytes are no HTTP or the head is over MAX_HEAD."""
        if not self.started and data.startswith(b"HTTP/1.1 ") and 0 <= (end := data.find(b"\r\n\r\n")) < KNOWN_HEAD:
            head = _known_head(data[: end + 4])  # mostly a head comes whole
            if head.status >= 200:
                return head, data[end + 4 :]
        self._buffer += data
        while True:
            if len(self._buffer) >= 5 and not self._buffer.startswith(b"HTTP/"):
                raise not_http(bytes(self._buffer))
            end = self._buffer.find(b"\r\n\r\n", self._searched)
            size = end + 4 if end >= 0 else len(self._buffer) + 1  # at least one byte is still to come
            if self._passed_over + size > MAX_HEAD:
                raise ProtocolError(f"the reply's head is over {MAX_HEAD} bytes")
            if end < 0:
                self._searched = max(0, len(self._buffer) - 3)
                return None
            head = _parse_head(bytes(self._buffer[:size]))
            del self._buffer[:size]
            if head.status == 101 or head.status >= 200:
                return head, bytes(self._buffer)
            self._passed_over += size
            self._searched = 0

    @property
    def started(self) -> bool:
        """Whether any byte of a reply has come."""
        return bool(self._buffer or self._passed_over)

    def close(self) -> None:
        """The connection ended. Always an error: TruncatedError, or ProtocolError if the bytes were no HTTP anyway."""
        if not b"HTTP/".startswith(self._buffer[:5]):
            raise not_http(bytes(self._buffer))
        raise TruncatedError(f"the connection ended {len(self._buffer)} bytes into the reply's head")


def not_http(data: bytes) -> ProtocolError:
    """The error for bytes that are no HTTP reply; a TLS alert or record is called by its name."""
    if data[:2] in (b"\x15\x03", b"\x16\x03"):
        return TLSSpokenError("the peer speaks TLS", "set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH")
    return ProtocolError(f"the peer does not speak HTTP: it sent {data[:32]!r}", "give the address of a Docker daemon")


class _HeadEvents:
    """What httptools calls while it reads a head."""

    __slots__ = ("reason", "headers", "complete")

    def __init__(self) -> None:
        self.reason = b""
        self.headers: list[tuple[str, str]] = []
        self.complete = False

    def on_status(self, reason: bytes) -> None:
        self.reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        # llhttp leaves the white space at a value's end, which is no part of it (RFC 9112 section 5.1)
        self.headers.append((name.decode("latin-1"), value.rstrip(b" \t").decode("latin-1")))

    def on_headers_complete(self) -> None:
        self.complete = True


def _parse_head(head: bytes) -> Head:
    events = _HeadEvents()
    parser = httptools.HttpResponseParser(events)
    try:
        parser.feed_data(head)
    except (httptools.HttpParserUpgrade, httptools.HttpParserError) as error:
        if error.__context__ is not None and not isinstance(error.__context__, Exception):
            raise error.__context__ from None  # Ctrl-C in a callback, which httptools takes for the callback's own fault
        # A complete head is no error: at 101 httptools stops, since what follows is no HTTP.
        if not events.complete:
            raise ProtocolError(f"the reply's head is malformed ({error}): {head[:64]!r}") from error
    version, status = parser.get_http_version(), parser.get_status_code()
    if status < 100:
        raise ProtocolError(f"the reply's status is {status}, expected 100 or more: {head[:64]!r}")
    options = ",".join(value for name, value in events.headers if name.lower() == "connection").lower()
    closing = "close" in (option.strip() for option in options.split(","))
    keep_alive = version == "1.1" and not closing
    return Head(version, status, events.reason.decode("latin-1"), tuple(events.headers), keep_alive)


# A daemon answers alike questions with one head within a second, when its Date changes: parsing again would cost 12 us.
_known_head = lru_cache(64)(_parse_head)


class BodyDecoder(Protocol):
    """The framing of one body. `complete` turns true at its end; `rest` holds the bytes that were fed after it."""

    complete: bool
    rest: bytes

    def feed(self, data: bytes) -> bytes:
        """Return the payload in `data`, b"" if there is none yet. Raises ProtocolError where the framing is broken."""
        ...

    def close(self) -> None:
        """The connection ended. Raises TruncatedError unless the body is complete or ends so."""
        ...


class LengthBody:
    """A body of a known number of bytes (RFC 9112 section 6.2)."""

    def __init__(self, length: int) -> None:
        self._length = self._left = length
        self.complete = length == 0
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        payload = data[: self._left]
        self.rest += data[self._left :]
        self._left -= len(payload)
        self.complete = not self._left
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


@lru_cache(64)  # with the heads that come again
def _framing(headers: tuple[tuple[str, str], ...]) -> tuple[str, frozenset[str]]:
    """What Transfer-Encoding says, and the different lengths that Content-Length does."""
    codings = [value for name, value in headers if name.lower() == "transfer-encoding"]
    lengths = [value for name, value in headers if name.lower() == "content-length"]
    return ",".join(codings).lower(), frozenset(each.strip() for value in lengths for each in value.split(","))


def body_decoder(method: str, head: Head) -> BodyDecoder:
    """Return the framing of the body that follows `head` (RFC 9112 section 6.3). After 101 everything until the end of
    the connection is the body. Raises ProtocolError for lengths that contradict each other."""
    if head.status == 101:
        return UntilCloseBody()
    if method == "HEAD" or head.status in (204, 304):
        return LengthBody(0)
    codings, lengths = _framing(head.headers)
    if codings:
        if codings != "chunked":
            raise ProtocolError(f"transfer coding {codings!r}, expected chunked")
        return ChunkedBody()
    if not lengths:
        return UntilCloseBody()
    length, *others = lengths
    if others or not (length.isascii() and length.isdecimal() and len(length) < 20):
        raise ProtocolError(f"Content-Length {', '.join(head.all('Content-Length'))!r}, expected one number")
    return LengthBody(int(length))
