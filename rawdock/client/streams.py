"""Calls whose answers are streams: JSON documents, events, logs. Mixed into the clients.

Each is a context manager that yields what to iterate; leaving it early closes the connection, so the daemon stops.
Sources: moby pkg/jsonmessage (an error inside a stream that began with 200: errorDetail, beside it error until 1.48),
api/pkg/stdcopy.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from urllib.parse import quote

from ..errors import ProtocolError, StreamError
from ..net.faults import located
from ..wire.ndjson import NDJSONDecoder
from ..wire.stdcopy import Frame, StdcopyDecoder, Stream
from .core import Core, Options
from .response import Reply

if TYPE_CHECKING:
    from typing_extensions import Unpack

T = TypeVar("T")
Filters = Mapping[str, Sequence[str]]


class _Decoder(Protocol[T]):
    def feed(self, data: bytes) -> list[T]: ...

    def close(self) -> list[T]: ...


class Items(Generic[T]):
    """What a decoder finds in a reply, one after the other. `check` raises for an item that is an error."""

    def __init__(self, core: Core, reply: Reply, decoder: _Decoder[T], check: Callable[[T], None]) -> None:
        self._endpoint = core.endpoint
        self._reply = reply
        self._decoder = decoder
        self._check = check
        self._ready: Iterator[T] = iter(())
        self._ended = False

    def __aiter__(self) -> Items[T]:
        return self

    async def __anext__(self) -> T:
        while True:
            for item in self._ready:
                self._check(item)
                return item
            if self._ended:
                raise StopAsyncIteration
            data = await self._reply.receive()
            try:
                self._ready = iter(self._decoder.feed(data) if data else self._decoder.close())
            except ProtocolError as error:
                raise located(self._endpoint, error) from error
            self._ended = not data


class _Frames:
    """Frames as a decoder of items. A TTY's output has no frames: it is all stdout."""

    def __init__(self, tty: bool) -> None:
        self._stdcopy = None if tty else StdcopyDecoder()

    def feed(self, data: bytes) -> list[Frame]:
        return [Frame(Stream.STDOUT, data)] if self._stdcopy is None else self._stdcopy.feed(data)

    def close(self) -> list[Frame]:
        if self._stdcopy is not None:
            self._stdcopy.close()
        return []


async def _open_documents(
    core: Core, method: str, path: str, raise_errors: bool, options: Options
) -> tuple[Reply, Items[Any]]:
    reply = await _begin(core, method, path, options)
    return reply, Items(core, reply, NDJSONDecoder(), _raise_error if raise_errors else _accept)


async def _open_logs(core: Core, container: str, params: dict[str, str | int]) -> tuple[Reply, Items[Frame]]:
    path = f"/containers/{quote(container, safe='')}"
    reply = await _begin(core, "GET", f"{path}/logs", {"params": params})
    try:
        tty = False
        if reply.head.get("Content-Type") != "application/vnd.docker.multiplexed-stream":
            # Before API 1.42 logs name no type, and raw-stream stands for frames too: only the container knows.
            inspected = (await core.request("GET", f"{path}/json")).raise_for_status().json()
            tty = bool((inspected.get("Config") or {}).get("Tty"))
    except BaseException:
        await core.close(reply)
        raise
    return reply, Items(core, reply, _Frames(tty), _raise_systemerr)


async def _begin(core: Core, method: str, path: str, options: Options) -> Reply:
    """The reply at its head; a status of 400 or more is raised with the daemon's words."""
    reply = await core.open(method, path, **options)
    if reply.status_code >= 400:
        try:
            await reply.raise_for_status()
        finally:
            await core.close(reply)
    return reply


def _raise_error(document: Any) -> None:
    if isinstance(document, dict) and ("errorDetail" in document or "error" in document):
        detail = document.get("errorDetail")
        detail = detail if isinstance(detail, dict) else {}
        message = detail.get("message") or document.get("error") or "no message"
        raise StreamError(f"the daemon gave up in the middle: {message}", detail.get("code"))


def _accept(document: Any) -> None:
    return None


def _raise_systemerr(frame: Frame) -> None:
    if frame.stream is Stream.SYSTEMERR:
        raise StreamError(f"the daemon cannot go on with the logs: {frame.data.decode('utf-8', 'replace').strip()}")


def _logs_params(
    follow: bool,
    stdout: bool,
    stderr: bool,
    since: float | None,
    until: float | None,
    timestamps: bool,
    tail: int | str,
) -> dict[str, str | int]:
    times = {name: _seconds(value) for name, value in (("since", since), ("until", until)) if value is not None}
    flags = {"follow": follow, "stdout": stdout, "stderr": stderr, "timestamps": timestamps}
    return {**{name: int(value) for name, value in flags.items()}, **times, "tail": tail}


def _events_params(since: float | None, until: float | None, filters: Filters | None) -> dict[str, str | int]:
    times: dict[str, str | int] = {
        name: _seconds(value) for name, value in (("since", since), ("until", until)) if value is not None
    }
    return times | (
        {"filters": json.dumps({name: list(values) for name, values in filters.items()})} if filters else {}
    )


def _seconds(value: float) -> str:
    """S.NNNNNNNNN: the daemon rounds anything shorter."""
    return f"{value:.9f}"


class StreamCalls:
    """For Client: awaited."""

    _core: Core

    @asynccontextmanager
    async def json_stream(
        self, method: str, path: str, *, raise_errors: bool = True, **options: Unpack[Options]
    ) -> AsyncIterator[AsyncIterator[Any]]:
        """`async with client.json_stream("POST", "/images/create", params=…) as documents: async for document in documents`.
        Raises StatusError for a status of 400 or more, StreamError for an error inside the stream (unless `raise_errors` is
        False), TruncatedError for a stream that breaks off."""
        reply, documents = await _open_documents(self._core, method, path, raise_errors, options)
        try:
            yield documents
        finally:
            await self._core.close(reply)

    @asynccontextmanager
    async def events(
        self, *, since: float | None = None, until: float | None = None, filters: Filters | None = None
    ) -> AsyncIterator[AsyncIterator[Any]]:
        """The daemon's events as they come. `since`, `until`: seconds of Unix time; without `until` it never ends by itself.
        `filters`: {"type": ["container"], "label": ["a=b"]}."""
        params = _events_params(since, until, filters)
        async with self.json_stream("GET", "/events", params=params) as documents:
            yield documents

    @asynccontextmanager
    async def logs(
        self,
        container: str,
        *,
        follow: bool = False,
        stdout: bool = True,
        stderr: bool = True,
        since: float | None = None,
        until: float | None = None,
        timestamps: bool = False,
        tail: int | str = "all",
    ) -> AsyncIterator[AsyncIterator[Frame]]:
        """The container's output as frames (stream, data), stdout and stderr apart; a TTY's is all stdout. `since`, `until`:
        seconds of Unix time; `tail`: lines from the end. Raises StatusError, StreamError, TruncatedError."""
        params = _logs_params(follow, stdout, stderr, since, until, timestamps, tail)
        reply, frames = await _open_logs(self._core, container, params)
        try:
            yield frames
        finally:
            await self._core.close(reply)


class SyncStreamCalls:
    """For SyncClient: driven to their end."""

    _core: Core

    @contextmanager
    def json_stream(
        self, method: str, path: str, *, raise_errors: bool = True, **options: Unpack[Options]
    ) -> Iterator[Iterator[Any]]:
        """See StreamCalls.json_stream."""
        from ..net.blocking import run

        reply, documents = run(_open_documents(self._core, method, path, raise_errors, options))
        try:
            yield _driven(documents)
        finally:
            run(self._core.close(reply))

    @contextmanager
    def events(
        self, *, since: float | None = None, until: float | None = None, filters: Filters | None = None
    ) -> Iterator[Iterator[Any]]:
        """See StreamCalls.events."""
        with self.json_stream("GET", "/events", params=_events_params(since, until, filters)) as documents:
            yield documents

    @contextmanager
    def logs(
        self,
        container: str,
        *,
        follow: bool = False,
        stdout: bool = True,
        stderr: bool = True,
        since: float | None = None,
        until: float | None = None,
        timestamps: bool = False,
        tail: int | str = "all",
    ) -> Iterator[Iterator[Frame]]:
        """See StreamCalls.logs."""
        from ..net.blocking import run

        params = _logs_params(follow, stdout, stderr, since, until, timestamps, tail)
        reply, frames = run(_open_logs(self._core, container, params))
        try:
            yield _driven(frames)
        finally:
            run(self._core.close(reply))


def _driven(items: Items[T]) -> Iterator[T]:
    from ..net.blocking import run

    while True:
        try:
            item = run(items.__anext__())
        except StopAsyncIteration:
            return
        yield item
