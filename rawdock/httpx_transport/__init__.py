"""httpx over our own connections: all of httpx, to any endpoint of a daemon.

    async with httpx.AsyncClient(transport=HTTPXTransport(endpoint), base_url="http://docker") as client:
        print((await client.get("/version")).json())

Whatever host the URL names, the endpoint is asked; the API version is the caller's (`/v1.41/info`). What httpx asks for by
itself, `Accept-Encoding: gzip, deflate, …`, is sent as `identity`. `limits`, `verify`, `cert` and `proxy` of a client, and the
extensions `trace` and `sni_hostname` of a request, do not count: they belong to httpx's own transport.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx

from ..discovery import endpoint_of
from ..endpoint import Endpoint
from ..net.blocking import BlockingDriver, run
from ..wire.http1 import Head
from .engine import Engine, Exchange
from .upgrade import AsyncNetworkStream, NetworkStream

__all__ = ["HTTPXTransport", "SyncHTTPXTransport"]

CONNECTIONS = 100  # httpx's own default


class HTTPXTransport(httpx.AsyncBaseTransport):
    """For httpx.AsyncClient, on asyncio and trio. No I/O before the first request. `connections`: at most so many at a time,
    others wait for httpx's time-out `pool`; None for no limit."""

    def __init__(self, endpoint: Endpoint | str | None = None, *, connections: int | None = CONNECTIONS) -> None:
        from ..net.anyio import AnyioDriver

        self._engine = Engine(endpoint_of(endpoint), AnyioDriver(), connections)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        head, exchange = await self._engine.begin(request)
        network = _network_stream(head, exchange)
        return _response(head, _AsyncBody(exchange), network)

    async def aclose(self) -> None:
        await self._engine.aclose()


class SyncHTTPXTransport(httpx.BaseTransport):
    """For httpx.Client: no event loop, no thread of its own; several threads may share it. See HTTPXTransport."""

    def __init__(self, endpoint: Endpoint | str | None = None, *, connections: int | None = CONNECTIONS) -> None:
        self._engine = Engine(endpoint_of(endpoint), BlockingDriver(), connections)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        head, exchange = run(self._engine.begin(request))
        network = NetworkStream(_network_stream(head, exchange))
        return _response(head, _SyncBody(exchange), network)

    def close(self) -> None:
        run(self._engine.aclose())


class _AsyncBody(httpx.AsyncByteStream):
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if part := await self._exchange.receive():
            return part
        raise StopAsyncIteration

    async def aclose(self) -> None:
        await self._exchange.aclose()


class _SyncBody(httpx.SyncByteStream):
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def __iter__(self) -> Iterator[bytes]:
        while part := run(self._exchange.receive()):
            yield part

    def close(self) -> None:
        run(self._exchange.aclose())


def _network_stream(head: Head, exchange: Exchange) -> AsyncNetworkStream:
    connection = exchange.connection
    assert connection is not None
    if head.status != 101:
        return AsyncNetworkStream(connection.stream, b"", exchange.engine.driver)
    return AsyncNetworkStream(*exchange.upgrade(), exchange.engine.driver)


def _response(head: Head, stream: Any, network: object) -> httpx.Response:
    response = httpx.Response(
        head.status,
        headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in head.headers],
        stream=stream,
        extensions={
            "http_version": f"HTTP/{head.http_version}".encode(),
            "reason_phrase": head.reason.encode("latin-1"),
            "network_stream": network,
        },
    )
    if all(value.isascii() for _, value in head.headers):
        response.headers.encoding = "ascii"  # else httpx tries it out for each use
    return response
