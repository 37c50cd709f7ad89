"""Byte streams to a daemon, and the two drivers that make them.

Everything above is written once, `async def`, over these two protocols. With `net.anyio` it runs on asyncio and trio; with
`net.blocking` every await completes at once, so a coroutine ends without ever suspending and needs no event loop.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .process import Process

from .parts import Part


class ByteStream(Protocol):
    """An ordered, reliable stream of bytes in both directions. Its methods raise NetworkError subclasses."""

    async def receive(self, max_bytes: int = 65536) -> bytes:
        """Return at least one byte and at most `max_bytes`; b"" once the peer has closed its half."""
        ...

    async def send(self, data: bytes) -> None:
        """Send all of `data`."""
        ...

    async def send_eof(self) -> None:
        """Close our half; receiving goes on. Twice is harmless."""
        ...

    async def aclose(self) -> None:
        """Close both halves. Closing twice is harmless."""
        ...


class Event(Protocol):
    """Set once; all who wait go on, and who comes later does not wait."""

    def set(self) -> None: ...

    async def wait(self) -> object: ...


class Ending(Protocol):
    """The end of what runs in the background."""

    async def wait(self) -> object: ...


class Driver(Protocol):
    """What an event loop, or its absence, gives. `connect_*` raise OSError, for the caller to explain. `of_one_thread`: whether
    what it makes is for the thread alone in which its event loop runs."""

    @property
    def of_one_thread(self) -> bool: ...

    async def connect_unix(self, path: str) -> ByteStream: ...

    async def connect_tcp(self, address: str, port: int) -> ByteStream:
        """Connect to one IP address."""
        ...

    async def connect_process(self, process: Process) -> ByteStream:
        """Return the stream over a running program's input and output. Closing it ends the program."""
        ...

    async def resolve(self, host: str, port: int) -> list[str]:
        """Return the host's IP addresses in the order to try; an IP address is its own. Raises socket.gaierror."""
        ...

    def fail_after(self, seconds: float | None) -> AbstractContextManager[object]:
        """Raise TimeoutError from what runs inside once `seconds` have passed; None means never."""
        ...

    def shielded(self, seconds: float) -> AbstractContextManager[object]:
        """Let what runs inside finish though an outer limit has passed or the task is cancelled. Given up, without an
        error, after `seconds`."""
        ...

    def beside(self, background: Coroutine[Any, Any, object]) -> AbstractAsyncContextManager[Ending]:
        """Run `background`, over streams of this driver, beside what runs inside. Its error ends what runs inside and is
        raised; leaving ends it."""
        ...

    async def both(self, first: Coroutine[Any, Any, object], second: Coroutine[Any, Any, object]) -> None:
        """Run two coroutines over streams of this driver at once, until both end. An error of one ends the other and is
        raised."""
        ...

    def event(self) -> Event: ...

    def mutex(self) -> AbstractContextManager[object]:
        """A lock against other threads for a few statements without an await, to be entered again and again."""
        ...

    async def send_until(
        self, stream: ByteStream, parts: AsyncIterator[Part], hear: Callable[[bytes], bool], idle: float | None = None
    ) -> None:
        """Send `parts`. What the peer says meanwhile goes to `hear`, b"" at its end; once that returns True, sending stops.
        Raises TimeoutError when a part takes over `idle` seconds to be taken. (Blocking, TLS is heard only afterwards.)"""
        ...
