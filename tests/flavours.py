"""One test over the three flavours: the same coroutine is awaited on asyncio and trio, and driven to its end over the
blocking driver."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import anyio

from rawdock import Client, Endpoint, SyncClient, TLSFiles
from rawdock.client.core import Core
from rawdock.net import Driver
from rawdock.net.anyio import AnyioDriver
from rawdock.net.blocking import BlockingDriver
from rawdock.net.blocking import run as run_blocking

T = TypeVar("T")
FLAVOURS = ["sync", "asyncio", "trio"]


def driver_of(flavour: str) -> Driver:
    return BlockingDriver() if flavour == "sync" else AnyioDriver()


def run(flavour: str, body: Callable[[], Coroutine[Any, Any, T]]) -> T:
    return run_blocking(body()) if flavour == "sync" else anyio.run(body, backend=flavour)


def with_core(
    flavour: str, url: str, body: Callable[[Core], Awaitable[T]], *, tls: TLSFiles | None = None, **options: Any
) -> T:
    """Run `body` on the core of a client of that flavour, which is closed at the end."""
    endpoint = Endpoint.parse(url, "the test", tls)
    client = (SyncClient if flavour == "sync" else Client)(endpoint, **options)

    async def use() -> T:
        try:
            return await body(client._core)
        finally:
            await client._core.aclose()

    return run(flavour, use)
