"""The client: `Client` for asyncio and trio, `SyncClient` without an event loop, the same code below both."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

from ..discovery import discover
from ..endpoint import Endpoint
from ..net.dial import CONNECT_TIMEOUT
from .core import Core, Options, Params
from .execs import ExecCalls, SyncExecCalls
from .response import Reply, Response, error_message
from .streams import StreamCalls, SyncStreamCalls
from .version import (
    NEWEST_API,
    OLDEST_API,
    environment_version,
    negotiated_version,
    parse_api_version,
    wants_tls,
)

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = [
    "Client",
    "SyncClient",
    "Options",
    "Params",
    "Reply",
    "Response",
    "SyncReply",
    "NEWEST_API",
    "OLDEST_API",
    "error_message",
    "negotiated_version",
    "parse_api_version",
    "wants_tls",
]


class Client(StreamCalls, ExecCalls):
    """The client for asyncio and trio. Without an endpoint it takes the environment's; the constructor does no I/O but
    reading files. Use it with `async with`.

    `api_version`: "1.41" fixes the version and skips the negotiation. `connect_timeout`: seconds, None for no limit.
    """

    def __init__(
        self,
        endpoint: Endpoint | None = None,
        *,
        api_version: str | None = None,
        connect_timeout: float | None = CONNECT_TIMEOUT,
    ) -> None:
        from ..net.anyio import AnyioDriver

        version = api_version or environment_version(os.environ)
        self._core = Core(endpoint or discover(os.environ), AnyioDriver(), version, connect_timeout)

    @property
    def endpoint(self) -> Endpoint:
        return self._core.endpoint

    async def negotiate(self) -> str | None:
        return await self._core.negotiate()

    async def request(self, method: str, path: str, **options: Unpack[Options]) -> Response:
        """Return the whole reply, whatever its status."""
        return await self._core.request(method, path, **options)

    async def get(self, path: str, **options: Unpack[Options]) -> Response:
        return await self.request("GET", path, **options)

    async def head(self, path: str, **options: Unpack[Options]) -> Response:
        return await self.request("HEAD", path, **options)

    async def post(self, path: str, **options: Unpack[Options]) -> Response:
        return await self.request("POST", path, **options)

    async def put(self, path: str, **options: Unpack[Options]) -> Response:
        return await self.request("PUT", path, **options)

    async def delete(self, path: str, **options: Unpack[Options]) -> Response:
        return await self.request("DELETE", path, **options)

    @asynccontextmanager
    async def stream(self, method: str, path: str, **options: Unpack[Options]) -> AsyncIterator[Reply]:
        """`async with client.stream("GET", "/events") as reply`: the reply at its head, the body as it comes."""
        reply = await self._core.open(method, path, **options)
        try:
            yield reply
        finally:
            await self._core.close(reply)

    async def aclose(self) -> None:
        await self._core.aclose()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class SyncReply:
    """A Reply to iterate: each item is the next bytes of the body as they came."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self.http_version = reply.http_version
        self.status_code = reply.status_code
        self.reason_phrase = reply.reason_phrase
        self.raw_headers = reply.raw_headers

    def __iter__(self) -> Iterator[bytes]:
        from ..net.blocking import run

        while part := run(self._reply.receive()):
            yield part


class SyncClient(SyncStreamCalls, SyncExecCalls):
    """The client without an event loop: no thread, no portal. See Client. Use it with `with`, from one thread at a time."""

    def __init__(
        self,
        endpoint: Endpoint | None = None,
        *,
        api_version: str | None = None,
        connect_timeout: float | None = CONNECT_TIMEOUT,
    ) -> None:
        from ..net.blocking import BlockingDriver, run

        version = api_version or environment_version(os.environ)
        self._run = run
        self._core = Core(endpoint or discover(os.environ), BlockingDriver(), version, connect_timeout)

    @property
    def endpoint(self) -> Endpoint:
        return self._core.endpoint

    def negotiate(self) -> str | None:
        return self._run(self._core.negotiate())

    def request(self, method: str, path: str, **options: Unpack[Options]) -> Response:
        """Return the whole reply, whatever its status."""
        return self._run(self._core.request(method, path, **options))

    def get(self, path: str, **options: Unpack[Options]) -> Response:
        return self.request("GET", path, **options)

    def head(self, path: str, **options: Unpack[Options]) -> Response:
        return self.request("HEAD", path, **options)

    def post(self, path: str, **options: Unpack[Options]) -> Response:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Unpack[Options]) -> Response:
        return self.request("PUT", path, **options)

    def delete(self, path: str, **options: Unpack[Options]) -> Response:
        return self.request("DELETE", path, **options)

    @contextmanager
    def stream(self, method: str, path: str, **options: Unpack[Options]) -> Iterator[SyncReply]:
        """`with client.stream("GET", "/events") as reply`: the reply at its head; iterate it for the body."""
        reply = self._run(self._core.open(method, path, **options))
        try:
            yield SyncReply(reply)
        finally:
            self._run(self._core.close(reply))

    def close(self) -> None:
        self._run(self._core.aclose())

    def __enter__(self) -> SyncClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
