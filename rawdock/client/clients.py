"""`Client` for asyncio and trio, `SyncClient` without an event loop, the same code below both."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING

from ..discovery import discover
from ..endpoint import Endpoint
from ..net.timeouts import Timeouts
from .build import BuildCalls, SyncBuildCalls
from .core import CONNECTIONS, Options
from .execs import ExecCalls, SyncExecCalls
from .images import ImageCalls, SyncImageCalls
from .response import Reply, Response
from .streams import StreamCalls, SyncStreamCalls
from .verbs import SyncVerbs, core_of

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack


def connect(
    host: str | None = None,
    *,
    context: str | None = None,
    machine: str | None = None,
    api_version: str | None = None,
    timeouts: Timeouts = Timeouts(),  # noqa: B008 -- frozen
    connections: int | None = CONNECTIONS,
) -> Client:
    """Return a client of the daemon that the docker CLI would talk to with `-H host` or `--context context`, or with what the
    environment says; `machine` is a name in docker-machine's store. Connects at the first request:
    `async with rawdock.connect() as client`. Raises EndpointError."""
    endpoint = discover(os.environ, host=host, context=context, machine=machine)
    return Client(endpoint, api_version=api_version, timeouts=timeouts, connections=connections)


class Client(StreamCalls, ExecCalls, ImageCalls, BuildCalls):
    """The client for asyncio and trio. `endpoint`: an Endpoint, or text such as "tcp://box:2375"; else the environment's. The
    constructor does no I/O but reading files. Use it with `async with`.

    `api_version`: "1.41" fixes the version and skips the negotiation, as DOCKER_API_VERSION does. `connections`: at most so
    many at once, None for no limit; more requests wait for their turn, and a stream has one until it is closed.

    One event loop at a time may use it. A process that is forked leaves the connections to its parent and makes its own.
    """

    def __init__(
        self,
        endpoint: Endpoint | str | None = None,
        *,
        api_version: str | None = None,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 -- frozen
        connections: int | None = CONNECTIONS,
    ) -> None:
        from ..net.anyio import AnyioDriver

        self._core = core_of(endpoint, AnyioDriver(), api_version, timeouts, connections)

    @property
    def endpoint(self) -> Endpoint:
        return self._core.endpoint

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.endpoint}>"

    async def negotiate(self) -> str | None:
        """The API version that is spoken, asked for once: "1.41"; None if the daemon names none. Raises NotDockerError."""
        return await self._core.negotiate()

    async def request(self, method: str, path: str, **options: Unpack[Options]) -> Response:
        """Return the whole reply, whatever its status: `raise_for_status` makes an error of it. The API version goes before a
        path that has none. Raises RequestError, NetworkError, and PeerError for what is no reply."""
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
        """Close the connections that nothing uses, the others when their streams are left. No request can be made after."""
        await self._core.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class SyncClient(SyncVerbs, SyncStreamCalls, SyncExecCalls, SyncImageCalls, SyncBuildCalls):
    """The client without an event loop: no thread, no portal. See Client. Use it with `with`; several threads may share it,
    each reply being one thread's own."""
