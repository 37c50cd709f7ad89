"""The head of a request: our own header lines, the caller's in their place, and how the body is framed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .. import __version__
from ..endpoint import Endpoint
from ..request import is_plain
from ..wire.http1 import encode_request, request_line
from .content import NOTHING, Body

Params = Mapping[str, str | int | bool]
Pairs = Sequence[tuple[str, str]]  # where a name may come twice


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
        names = {name.lower(): value for name, value in given.items()} if given else {}
        announced = names.get("content-length") or ""
        if body.parts is not None and announced.isdecimal():
            length = int(announced)
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


def query_of(path: str, params: Params | Pairs) -> str:
    pairs = texts(params)
    separator = "&" if "?" in path else "?"
    if all(is_plain(name) and is_plain(value) for name, value in pairs):
        return separator + "&".join(f"{name}={value}" for name, value in pairs)
    from urllib.parse import urlencode  # 2 ms to import

    return separator + urlencode(pairs, errors="surrogateescape")


def texts(params: Params | Pairs) -> list[tuple[str, str]]:
    """Names and values as they go out, before encoding: true and false as JSON has them."""
    pairs = params.items() if isinstance(params, Mapping) else params
    return [(name, str(value).lower() if isinstance(value, bool) else str(value)) for name, value in pairs]
