"""Byte streams to a daemon, and the two drivers that make them.

Everything above is written once, `async def`, over these two protocols. With `net.anyio` it runs on asyncio and trio; with
`net.blocking` every await completes at once, so a coroutine ends without ever suspending and needs no event loop.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol


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


class Driver(Protocol):
    """What an event loop, or its absence, gives. `connect_*` raise OSError, for the caller to explain."""

    async def connect_unix(self, path: str) -> ByteStream: ...

    async def connect_tcp(self, address: str, port: int) -> ByteStream:
        """Connect to one IP address."""
        ...

    async def resolve(self, host: str, port: int) -> list[str]:
        """Return the host's IP addresses in the order to try; an IP address is its own. Raises socket.gaierror."""
        ...

    def fail_after(self, seconds: float | None) -> AbstractContextManager[object]:
        """Raise TimeoutError from what runs inside once `seconds` have passed; None means never."""
        ...
