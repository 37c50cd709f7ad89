"""The requests of a connection, as a server or a proxy sees them. Source: RFC 9112 sections 3 and 6."""

from __future__ import annotations

import re
from functools import lru_cache

import httptools

from ..errors import ProtocolError
from .chunked import ChunkedBody
from .exchange import Ask
from .http1 import MAX_HEAD, BodyDecoder, LengthBody

_LINE = re.compile(rb"[A-Za-z]+ [^ \r\n]+ HTTP/1\.[01]\r?\n")


class AskDecoder:
    """Bytes to the head of the next request."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> tuple[Ask, bytes] | None:
        """Return the head and the bytes after it, or None while it is incomplete. Raises ProtocolError."""
        data = (self._buffer + data).lstrip(b"\r\n")  # a blank line before a request is ignored, RFC 9112 section 2.2
        end = data.find(b"\r\n\r\n") + 4
        if end < 4:
            if len(data) > MAX_HEAD or (len(data) > 8 and not re.match(rb"[A-Za-z]{3,}( |$)", data[:16])):
                raise ProtocolError(f"{data[:32]!r} begins no HTTP request")
            self._buffer = data
            return None
        self._buffer = b""
        return ask_of(data[:end]), data[end:]

    @property
    def started(self) -> bool:
        return bool(self._buffer)


class _Events:
    def __init__(self) -> None:
        self.target = b""
        self.headers: list[tuple[str, str]] = []
        self.complete = False

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode("latin-1"), value.rstrip(b" \t").decode("latin-1")))

    def on_headers_complete(self) -> None:
        self.complete = True


@lru_cache(64)  # who polls asks the same again and again
def ask_of(head: bytes) -> Ask:
    """The parsed head. Raises ProtocolError."""
    events = _Events()
    if not _LINE.match(head):
        raise ProtocolError(f"{head[:64]!r} is no HTTP request")
    parser = httptools.HttpRequestParser(events)
    try:
        parser.feed_data(head)
    except (httptools.HttpParserUpgrade, httptools.HttpParserError) as error:
        if not events.complete:
            raise ProtocolError(f"the request's head is malformed ({error}): {head[:64]!r}") from error
    target = events.target.decode("latin-1")
    return Ask(parser.get_method().decode(), target, parser.get_http_version(), events.headers)


def ask_body(ask: Ask) -> BodyDecoder:
    """The framing of a request's body. Raises ProtocolError for lengths that contradict each other."""
    if coding := ask.get("Transfer-Encoding").lower():
        if coding != "chunked":
            raise ProtocolError(f"transfer coding {coding!r}, expected chunked")
        return ChunkedBody()
    length = ask.get("Content-Length") or "0"
    if not (length.isascii() and length.isdecimal() and len(length) < 20):
        raise ProtocolError(f"Content-Length {length!r}, expected one number")
    return LengthBody(int(length))


def may_upgrade(ask: Ask) -> bool:
    """Whether bytes that follow the request may be no request: those of attach and exec, which go on without Upgrade too."""
    path = ask.target.partition("?")[0]
    return bool(ask.get("Upgrade")) or (
        ask.method == "POST" and re.search(r"/(attach|exec/[^/]+/start)$", path) is not None
    )
