"""A reply as a stream of items: documents, log frames, pieces of an archive. The error where it breaks off names them."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Generic, Protocol, TypeVar

from ..endpoint import Endpoint
from ..errors import ProtocolError, RawdockError
from .core import Core
from .response import Reply, broken_off

T = TypeVar("T")


class Decoder(Protocol[T]):
    def feed(self, data: bytes) -> list[T]: ...

    def close(self) -> list[T]:
        """The reply ended as it should. Return what was held back. Raises TruncatedError."""
        ...


class Pieces:
    """Bytes as they come."""

    def feed(self, data: bytes) -> list[bytes]:
        return [data]

    def close(self) -> list[bytes]:
        return []


class ItemStream(Generic[T]):
    """`async for item in stream`, or `receive` for all items that came together. `failure`: the error that an
    item is, if it is one; what came before it is handed on first."""

    def __init__(
        self,
        reply: Reply,
        endpoint: Endpoint,
        what: str,
        decoder: Decoder[T],
        failure: Callable[[T], RawdockError | None] | None = None,
    ) -> None:
        self._reply = reply
        self._endpoint = endpoint
        reply.what = what
        self._decoder = decoder
        self._failure_of = failure
        self._failure: RawdockError | None = None
        self._ended = False
        self._ready: deque[T] = deque()
        self.head = reply.head

    async def receive(self) -> list[T]:
        """The items that came together, none at the end. Raises TruncatedError or NetworkError where the reply breaks off,
        and what the daemon reports within it."""
        if self._ready:
            ready, self._ready = list(self._ready), deque()
            return ready
        while not (self._failure or self._ended):
            if items := self._sound(await self._next()):
                return items
        if self._failure:
            raise self._failure
        return []

    def __aiter__(self) -> ItemStream[T]:
        return self

    async def __anext__(self) -> T:
        if not self._ready:
            self._ready.extend(await self.receive())
            if not self._ready:
                raise StopAsyncIteration
        return self._ready.popleft()

    async def _next(self) -> list[T]:
        data = await self._reply.receive()
        self._ended = not data
        try:
            return self._decoder.feed(data) if data else self._decoder.close()
        except ProtocolError as error:
            raise broken_off(self._endpoint, self._reply.what, error) from error

    def _sound(self, items: list[T]) -> list[T]:
        """The items before the first that is an error."""
        if self._failure_of:
            for number, item in enumerate(items):
                if error := self._failure_of(item):
                    self._failure = error
                    return items[:number]
        return items


class SyncItemStream(Generic[T]):
    """An ItemStream to iterate without an event loop."""

    def __init__(self, stream: ItemStream[T]) -> None:
        from ..net.blocking import run

        self._run = run
        self._stream = stream
        self.head = stream.head

    def receive(self) -> list[T]:
        """See ItemStream."""
        return self._run(self._stream.receive())

    def __iter__(self) -> SyncItemStream[T]:
        return self

    def __next__(self) -> T:
        ready = self._stream._ready
        if not ready:
            ready.extend(self._run(self._stream.receive()))
            if not ready:
                raise StopIteration
        return ready.popleft()


@asynccontextmanager
async def opened(core: Core, method: str, path: str, **options: Any) -> AsyncIterator[Reply]:
    """A reply of a good status. Leaving before its end closes the connection. Raises StatusError."""
    reply = await core.open(method, path, **options)
    try:
        await reply.raise_for_status()
        yield reply
    finally:
        await core.close(reply)
