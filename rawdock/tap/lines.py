"""What the tap shows: a line an exchange, a line a frame, an exchange as a command or a call. No secret is in it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pprint import pformat

from ..endpoint import Endpoint, Scheme
from ..errors import ProtocolError
from ..request import Request
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
    """The pieces of one exchange as lines; frames of stdout and stderr are put apart where they are frames."""

    def __init__(self, exchange: Exchange) -> None:
        kind = exchange.reply.get("Content-Type") if exchange.reply else ""
        framed = (
            "multiplexed" in kind or "raw-stream" in kind or exchange.upgraded or exchange.ask.target.find("/logs") > 0
        )
        self._decoder = StdcopyDecoder() if framed else None

    def lines(self, direction: str, data: bytes) -> list[str]:
        if direction == "sent":
            return [f"  > {_piece(data)}"]
        if self._decoder is not None:
            try:
                frames = self._decoder.feed(data)
            except ProtocolError:  # a TTY's
                self._decoder = None
            else:
                return [f"  < {frame.stream.name.lower()} {_piece(frame.data)}" for frame in frames]
        return [f"  < {_piece(data)}"]


def _piece(data: bytes) -> str:
    text = body_without_secrets(data[:SHOWN]).decode("utf-8", "backslashreplace")
    return f"{len(data)} bytes {text!r}{'…' if len(data) > SHOWN else ''}"


def request_of(exchange: Exchange) -> Request:
    """The request without secrets. A body of which not all was kept is to come from a file."""
    kept = exchange.sent
    body = None if kept.cut else body_without_secrets(bytes(kept.data), exchange.ask.target) or None
    headers = [pair for pair in exchange.ask.headers if pair[0].lower() not in OWN]
    return Request(
        exchange.ask.method,
        without_secrets(exchange.ask.target),
        headers=tuple(headers_without_secrets(headers)),
        body=body,
        body_file="BODY" if kept.cut else None,
    )


def curl_line(endpoint: Endpoint, request: Request, api_version: str | None = None) -> str:
    """The request as a curl command. `api_version` goes in front of the path, None for a path that has its own."""
    words = ["curl", "-sS"]
    if endpoint.scheme is Scheme.UNIX:
        words += ["--unix-socket", endpoint.address]
    if endpoint.tls is not None:
        for option, path in (("--cacert", endpoint.tls.ca), ("--cert", endpoint.tls.cert), ("--key", endpoint.tls.key)):
            words += [option, path] if path else []
    words += ["-g"] if any(ch in "[]{}" for ch in request.path) else []
    words += ["-I"] if request.method == "HEAD" else ["-X", request.method] if request.method != "GET" else []
    for name, value in request.headers:
        words += ["-H", f"{name}: {value}"]
    if request.body_file is not None:
        words += ["-T", request.body_file]
    elif request.body is not None:
        words += ["--data-binary", request.body.decode("utf-8", "backslashreplace")]
    version = f"/v{api_version}" if api_version else ""
    base = f"{'http' if endpoint.tls is None else 'https'}://{endpoint.authority}{endpoint.prefix}"
    return shlex.join([*words, f"{base}{version}{request.path}"])


def rawdock_line(endpoint: Endpoint, request: Request, api_version: str | None = None) -> str:
    """The request as a command of ours."""
    version = f"/v{api_version}" if api_version else ""
    words = ["rawdock", "-H", endpoint.url, request.method.lower(), version + request.path]
    words += [f"{name}:{value}" for name, value in request.headers]
    if request.body_file is not None:
        words += ["--input", request.body_file]
    if request.body is None:
        return shlex.join(words)
    text = request.body.decode("utf-8", "backslashreplace")
    return f"printf %s {shlex.quote(text)} | {shlex.join([*words, '--input', '-'])}"


def python_call(endpoint: Endpoint, request: Request, api_version: str | None = None) -> str:
    """The request as a call of the library, on a client named `docker`."""
    version = f"/v{api_version}" if api_version else ""
    arguments = [repr(request.method), repr(version + request.path)]
    if request.headers:
        arguments.append(f"headers={dict(request.headers)!r}")
    if request.body_file is not None:
        arguments.append(f"content=open({request.body_file!r}, 'rb')")
    elif request.body is not None:
        arguments.append(f"content={pformat(request.body, width=10**6)}")
    return f"docker.request({', '.join(arguments)})"


PRINTERS: dict[str, Callable[[Endpoint, Request, str | None], str]] = {
    "curl": curl_line,
    "rawdock": rawdock_line,
    "python": python_call,
}
