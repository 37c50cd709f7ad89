"""The extension "network_stream": the bare connection after 101, for attach and exec.

Source: httpcore's network backends (`read`, `write`, `aclose`, `get_extra_info`), whose exceptions libraries over httpx expect
here. `send_eof` is ours: it ends a process's stdin, over TLS too, which httpcore's stream cannot.
"""

from __future__ import annotations

import ssl
from typing import Any, NoReturn

from ..errors import NetworkError
from ..net import ByteStream, Driver
from ..net.blocking import run


class AsyncNetworkStream:
    """What httpcore calls an AsyncNetworkStream. `first` is what came with the reply's head."""

    def __init__(self, stream: ByteStream, first: bytes, driver: Driver) -> None:
        self._stream = stream
        self._first = first
        self._driver = driver

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """At most `max_bytes`, b"" at the end. `timeout`: seconds. Raises httpcore.ReadTimeout or ReadError."""
        if self._first:
            data, self._first = self._first[:max_bytes], self._first[max_bytes:]
            return data
        import httpcore

        try:
            with self._driver.fail_after(timeout):
                return await self._stream.receive(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(f"nothing came for {timeout} s") from error
        except NetworkError as error:
            raise httpcore.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of `buffer`. Raises httpcore.WriteTimeout or WriteError."""
        import httpcore

        try:
            with self._driver.fail_after(timeout):
                await self._stream.send(buffer)
        except TimeoutError as error:
            raise httpcore.WriteTimeout(f"the daemon took nothing for {timeout} s") from error
        except NetworkError as error:
            raise httpcore.WriteError(str(error)) from error

    async def send_eof(self) -> None:
        """Close our half; reading goes on."""
        import httpcore

        try:
            await self._stream.send_eof()
        except NetworkError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NoReturn:
        raise NotImplementedError("a daemon's connection is under TLS from its start, or never")

    def get_extra_info(self, info: str) -> Any:
        """As httpx documents them: "ssl_object" under TLS, "socket", "client_addr" and "server_addr" of it, "is_readable";
        None for any other."""
        stream: Any = self._stream
        match info:
            case "ssl_object" | "socket":
                return getattr(stream, info, None)
            case "client_addr":
                return stream.socket.getsockname()
            case "server_addr":
                return stream.socket.getpeername()
            case "is_readable":
                return stream.readable()
        return None


class NetworkStream:
    """The same without an event loop."""

    def __init__(self, stream: AsyncNetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return run(self._stream.read(max_bytes, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        run(self._stream.write(buffer, timeout))

    def send_eof(self) -> None:
        run(self._stream.send_eof())

    def close(self) -> None:
        run(self._stream.aclose())

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NoReturn:
        run(self._stream.start_tls(ssl_context, server_hostname, timeout))
        raise AssertionError

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
