"""The driver for asyncio and trio, by anyio."""

from __future__ import annotations

import socket
from contextlib import AbstractContextManager

import anyio
import anyio.abc

from ..errors import ConnectionLostError
from . import ByteStream


class AnyioDriver:
    """Sockets of whichever event loop runs."""

    async def connect_unix(self, path: str) -> ByteStream:
        return AnyioStream(await anyio.connect_unix(path))

    async def connect_tcp(self, address: str, port: int) -> ByteStream:
        try:
            stream = await anyio.connect_tcp(address, port)
        except OSError as error:
            # anyio hides the errno of the attempt behind "All connection attempts failed".
            raise _attempt(error) from error
        raw = stream.extra(anyio.abc.SocketAttribute.raw_socket)
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        except OSError:
            pass  # the peer has reset the connection already, as the first use will say
        return AnyioStream(stream)

    async def resolve(self, host: str, port: int) -> list[str]:
        found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    def fail_after(self, seconds: float | None) -> AbstractContextManager[object]:
        return anyio.fail_after(seconds)


def _attempt(error: BaseException) -> OSError:
    """The innermost OSError with an errno behind `error`."""
    below: list[BaseException] = [*getattr(error, "exceptions", ())]
    below += [cause for cause in (error.__cause__, error.__context__) if cause is not None]
    for cause in below:
        found = _attempt(cause)
        if found.errno is not None:
            return found
    return error if isinstance(error, OSError) else OSError(str(error))


class AnyioStream:
    """An anyio socket stream as a ByteStream."""

    def __init__(self, stream: anyio.abc.SocketStream | anyio.abc.UNIXSocketStream) -> None:
        self._stream = stream
        self._ended = False

    async def receive(self, max_bytes: int = 65536) -> bytes:
        try:
            return await self._stream.receive(max_bytes)
        except anyio.EndOfStream:
            return b""
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise ConnectionLostError("the connection was lost") from error

    async def send(self, data: bytes) -> None:
        try:
            await self._stream.send(data)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise ConnectionLostError("the connection was lost") from error

    async def send_eof(self) -> None:
        if self._ended:
            return
        self._ended = True
        try:
            await self._stream.send_eof()
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError) as error:
            raise ConnectionLostError("the connection was lost") from error

    async def aclose(self) -> None:
        await self._stream.aclose()
