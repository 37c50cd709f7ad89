"""What the tap shows: a line an exchange, a line a frame, an exchange as a command or a call. No secret is in it."""

from __future__ import annotations

import json
from collections.abc import Callable

from ..curl.code import python_call
from ..curl.items import rawdock_line
from ..curl.job import Job
from ..curl.print import curl_line
from ..endpoint import Endpoint
from ..errors import ProtocolError
from ..request import Request, origin_form
from ..text.secrets import body_without_secrets, headers_without_secrets, without_secrets
from ..text.units import human_size
from ..wire.exchange import Exchange
from ..wire.stdcopy import StdcopyDecoder

OWN = {"host", "user-agent", "content-length", "transfer-encoding", "connection", "accept-encoding"}  # every client's
SHOWN = 200  # bytes of a frame


def begun_line(exchange: Exchange) -> str:
    """The reply has begun and goes on."""
    return f"{_asked(exchange)}  {exchange.reply.status if exchange.reply else '---'}  …"


def ended_line(exchange: Exchange) -> str:
    """Method, path, status, milliseconds until the reply's end, and the sizes of both bodies."""
    took = (exchange.ended - exchange.begun) * 1000
    status = exchange.reply.status if exchange.reply else "---"
    sent = human_size(exchange.sent.size + exchange.input.size)
    line = f"{_asked(exchange)}  {status}  {took:.1f} ms  sent {sent}, received {human_size(exchange.received.size)}"
    return f"{line}  ({exchange.trouble})" if exchange.trouble else line


def _asked(exchange: Exchange) -> str:
    return f"{exchange.ask.method:<6} {without_secrets(exchange.ask.target)}"


class FrameLines:
    """The pieces of one exchange as lines: frames of stdout and stderr put apart where they are frames, and JSON document by
    document, since a secret is known by what stands before it."""

    def __init__(self, exchange: Exchange) -> None:
        kind = exchange.reply.get("Content-Type") if exchange.reply else ""
        framed = (
            "multiplexed" in kind or "raw-stream" in kind or exchange.upgraded or exchange.ask.target.find("/logs") > 0
        )
        self._decoder = StdcopyDecoder() if framed else None
        self._is_json = "json" in kind and not framed
        self._start = b""  # of a document
        self._size = 0

    def lines(self, direction: str, data: bytes) -> list[str]:
        if direction == "sent":
            return [f"  > {_piece(data)}"]
        if self._is_json:
            return self._documents(data)
        if self._decoder is not None:
            try:
                frames = self._decoder.feed(data)
            except ProtocolError:  # a TTY's
                self._decoder = None
            else:
                return [f"  < {frame.stream.name.lower()} {_piece(frame.data)}" for frame in frames]
        return [f"  < {_piece(data)}"]

    def end(self) -> list[str]:
        """What is left of a document that no line feed ended."""
        return self._documents(b"\n") if self._size else []

    def _documents(self, data: bytes) -> list[str]:
        found = []
        for place, part in enumerate(data.split(b"\n")):
            if place:
                found.append(f"  < {_piece(self._start, self._size)}")
                self._start, self._size = b"", 0
            self._start += part[: SHOWN - len(self._start)]
            self._size += len(part)
        return found


def _piece(data: bytes, size: int | None = None) -> str:
    """`size`: of all of it, where `data` is but its beginning."""
    size = len(data) if size is None else size
    text = body_without_secrets(data[:SHOWN]).decode("utf-8", "backslashreplace")
    return f"{size} bytes {text!r}{'…' if size > SHOWN else ''}"


def request_of(exchange: Exchange) -> Request:
    """The request without secrets. A body of which not all was kept is to come from a file."""
    kept = exchange.sent
    body = None if kept.cut else _in_one_line(body_without_secrets(bytes(kept.data), exchange.ask.target)) or None
    headers = [pair for pair in exchange.ask.headers if pair[0].lower() not in OWN]
    return Request(
        exchange.ask.method,
        without_secrets(origin_form(exchange.ask.target)),
        headers=tuple(headers_without_secrets(headers)),
        body=body,
        body_file="BODY" if kept.cut else None,
    )


def _in_one_line(body: bytes) -> bytes:
    """JSON without its line feeds, which are but layout: Go's encoder ends a document with one."""
    if b"\n" not in body:
        return body
    try:
        json.loads(body)
    except ValueError:
        return body
    return body.translate(_LAYOUT).strip()


_LAYOUT = bytes.maketrans(b"\n\r\t", b"   ")


def _curl(endpoint: Endpoint, request: Request, api_version: str | None) -> str:
    return curl_line(endpoint, request, api_version, in_one=True)


def _rawdock(endpoint: Endpoint, request: Request, api_version: str | None) -> str:
    version = f"/v{api_version}" if api_version else ""
    return rawdock_line(Job(endpoint, request._replace(path=version + request.path))).rstrip("\n")


def _python(endpoint: Endpoint, request: Request, api_version: str | None) -> str:
    version = f"/v{api_version}" if api_version else ""
    return python_call(request._replace(path=version + request.path))


PRINTERS: dict[str, Callable[[Endpoint, Request, str | None], str]] = {
    "curl": _curl,
    "rawdock": _rawdock,
    "python": _python,
}
