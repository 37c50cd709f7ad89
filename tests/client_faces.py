"""One test for both clients: the async one gets a synchronous face. And the bytes of hijacked answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

from anyio.from_thread import start_blocking_portal
from wire_daemon import Script, WireDaemon

from rawdock import Client, Endpoint, SyncClient
from rawdock.wire.stdcopy import Frame

T = TypeVar("T")
RAW = "application/vnd.docker.raw-stream"
MULTIPLEXED = "application/vnd.docker.multiplexed-stream"


def upgraded(kind: str = RAW) -> bytes:
    lines = ["HTTP/1.1 101 UPGRADED", f"Content-Type: {kind}", "Connection: Upgrade", "Upgrade: tcp", "", ""]
    return "\r\n".join(lines).encode()


def frame(stream: int, data: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


class AsyncSide:
    """A sync face of one opened async object, so that a test is written once."""

    def __init__(self, target: Any, call: Callable[..., Any]) -> None:
        self._target, self._call = target, call

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        return (lambda *words, **options: self._call(value, *words, **options)) if callable(value) else value

    def __iter__(self) -> Iterator[Any]:
        return iter(self._call(_listed, self._target))

    def frames(self) -> Iterator[Frame]:
        return iter(self._call(_listed, self._target.frames()))

    def feeding(self, content: Any) -> AbstractContextManager[Any]:
        async def enter() -> AbstractContextManager[Any]:
            context: AbstractContextManager[Any] = self._portal.wrap_async_context_manager(
                self._target.feeding(content)
            )
            return context

        return self._call(enter)  # type: ignore[no-any-return]

    @property
    def _portal(self) -> Any:
        return self._call.__self__  # type: ignore[attr-defined]


async def _listed(items: AsyncIterator[T]) -> list[T]:
    return [item async for item in items]


class Caller:
    """A client of either kind, used by the same words: the async one on a loop in a thread, through a portal."""

    def __init__(self, backend: str) -> None:
        self.backend = backend

    def use(self, endpoint: Endpoint, body: Callable[[Any], T], **options: Any) -> T:
        if self.backend == "blocking":
            with SyncClient(endpoint, **options) as client:
                return body(client)
        with start_blocking_portal(self.backend) as portal:
            face = AsyncClientFace(Client(endpoint, **options), portal)
            try:
                return body(face)
            finally:
                portal.call(face.client.aclose)


class AsyncClientFace:
    def __init__(self, client: Client, portal: Any) -> None:
        self.client, self.portal = client, portal

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.client, name)
        if name in ("hijack", "attach", "exec_stream"):
            return lambda *words, **options: self._opened(method(*words, **options))
        return lambda *words, **options: self.portal.call(lambda: method(*words, **options))

    def _opened(self, context: Any) -> Any:
        return _Opened(self.portal, context)


class _Opened:
    def __init__(self, portal: Any, context: Any) -> None:
        self._portal = portal
        self._context = portal.wrap_async_context_manager(context)

    def __enter__(self) -> AsyncSide:
        return AsyncSide(self._context.__enter__(), self._portal.call)

    def __exit__(self, *error: Any) -> bool | None:
        return bool(self._context.__exit__(*error))


def talk(
    caller: Caller, folder: Path, body: Callable[[Any], T], *scripts: Script, transport: str = "unix", **options: Any
) -> tuple[T, WireDaemon]:
    with WireDaemon(folder, transport, *scripts) as daemon:
        endpoint = Endpoint.parse(daemon.url, "the test")
        return caller.use(endpoint, body, api_version="1.43", **options), daemon
