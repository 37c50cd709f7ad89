"""The head of a request: our own header lines, the caller's in their place, and how the body is framed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from .. import __version__
from ..endpoint import Endpoint
from ..errors import RequestError
from ..wire.http1 import encode_request, request_line
from .content import NOTHING, Body


class RequestHeads:
    """Heads of requests to one endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._common = {
            "host": ("Host", endpoint.authority),
            "user-agent": ("User-Agent", f"rawdock/{__version__}"),
            "accept-encoding": ("Accept-Encoding", "identity"),  # an archive sent gzipped takes five times as long
        }
        self._common_lines = encode_request("GET", "/", self._common.values()).partition(b"/ HTTP/1.1")[2]

    def lines(
        self, method: str, body: Body, given: Mapping[str, str | None] | None, *, is_json: bool
    ) -> tuple[list[tuple[str, str | None]], int | None]:
        """The headers of this request beyond the common ones, and the length under which its body goes, None for chunked.
        Where the caller names one of ours, in whatever case, the caller's goes."""
        lines: list[tuple[str, str | None]] = []
        length = body.length
        names = _checked(given) if given else {}
        announced = names.get("content-length") or ""
        if announced.isdecimal():
            length = int(announced)
            if length != (body.length if body.length is not None else length):
                _refuse_framing(f"Content-Length is {announced}, and the body has {body.length} bytes")
        if names.get("transfer-encoding") and (length is not None or names["transfer-encoding"] != "chunked"):
            _refuse_framing(f"Transfer-Encoding is {names['transfer-encoding']}, and the body is sent otherwise")
        if length is None:
            lines.append(("Transfer-Encoding", "chunked"))
        elif body is not NOTHING or method in ("POST", "PUT"):
            lines.append(("Content-Length", str(length)))
        if is_json:
            lines.append(("Content-Type", "application/json"))
        if given:
            lines = [(name, value) for name, value in lines if name.lower() not in names]
            lines += given.items()
        return lines, length

    def encode(self, method: str, target: str, lines: list[tuple[str, str | None]]) -> bytes:
        """The request's head. Where there are no lines but the common ones, those were checked and encoded once."""
        if not lines:
            return request_line(method, target).encode() + self._common_lines
        named = {name.lower() for name, _ in lines}
        ours = [line for name, line in self._common.items() if name not in named]
        return encode_request(method, target, ours + [(name, value) for name, value in lines if value is not None])


def _checked(given: object) -> dict[str, str | None]:
    """The caller's headers by their names in lower case. Raises RequestError for what are none; a value is not shown, it may
    be a secret."""
    if not isinstance(given, Mapping):
        raise RequestError(f"headers are of type {type(given).__name__}", 'give a dict such as {"X-Name": "value"}')
    for name, value in given.items():
        if not isinstance(name, str) or not isinstance(value, str | None):
            wrong = value if isinstance(name, str) else name
            raise RequestError(f"header {name!r} has something of type {type(wrong).__name__}", "give text")
    return {name.lower(): value for name, value in given.items()}


def _refuse_framing(words: str) -> NoReturn:
    """What follows would be read as the next request, or never come."""
    raise RequestError(f"header {words}", "leave it out: how the body goes follows from what it is")
