"""What of an httpx request goes over the wire: its header lines, and its body in parts, framed.

Source: RFC 9112 sections 6 and 7. httpx says how a body is framed: Content-Length, or Transfer-Encoding: chunked.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NamedTuple

import httpx


class Lines(NamedTuple):
    """The header lines of a request as they are sent, and how they frame its body. `length`: bytes, None if not given."""

    lines: list[tuple[str, str]]
    length: int | None
    chunked: bool
    is_ascii: bool


def header_lines(raw: list[tuple[bytes, bytes]], netloc: bytes, authority: str) -> Lines:
    lines: list[tuple[str, str]] = []
    length: int | None = None
    chunked = False
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        match name.lower():
            case "host":
                value = authority if raw_value == netloc else value
            case "accept-encoding":
                # httpx's own wish: an archive sent gzipped takes five times as long
                value = "identity" if value.startswith("gzip, deflate") else value
            case "transfer-encoding":
                chunked = True
            case "content-length":
                length = int(value) if value.isdecimal() else None
        lines.append((name, value))
    if chunked:  # it overrides a length, which then must not be sent (RFC 9112 section 6.2)
        lines = [(name, value) for name, value in lines if name.lower() != "content-length"]
    return Lines(lines, None if chunked else length, chunked, all(value.isascii() for _, value in lines))


async def framed(request: httpx.Request, lines: Lines) -> AsyncGenerator[bytes, None]:
    """The body as it goes over the wire. Raises httpx.LocalProtocolError where it does not have the length that it should."""
    left = lines.length or 0
    async with aclosing(_parts(request.stream)) as parts:
        async for part in parts:
            if lines.chunked:
                if part:
                    yield b"%x\r\n%b\r\n" % (len(part), part)
                continue
            left -= len(part)
            if left < 0:
                raise misfit(request, lines, left)
            yield part
    if lines.chunked:
        yield b"0\r\n\r\n"
    elif left:
        raise misfit(request, lines, left)


def misfit(request: httpx.Request, lines: Lines, left: int) -> httpx.LocalProtocolError:
    """What to raise for a body that leaves `left` bytes of its length unused, below 0 where it goes beyond: the daemon would
    wait for the rest, or take what is over for the next request."""
    if left > 0:
        return httpx.LocalProtocolError(f"the body is {left} bytes shorter than its Content-Length", request=request)
    if lines.length is None:
        message = "the body has neither a Content-Length that is a number nor Transfer-Encoding: chunked"
        return httpx.LocalProtocolError(message, request=request)
    return httpx.LocalProtocolError(f"the body is longer than its Content-Length, {lines.length}", request=request)


async def _parts(stream: httpx.SyncByteStream | httpx.AsyncByteStream) -> AsyncGenerator[bytes, None]:
    """The parts of a body in either flavour; httpx has made sure that it fits the client's."""
    if isinstance(stream, httpx.SyncByteStream):
        for part in stream:
            yield part
        return
    iterator = stream.__aiter__()
    try:
        async for part in iterator:
            yield part
    finally:
        if close := getattr(iterator, "aclose", None):  # trio warns about a generator that is only dropped
            await close()
