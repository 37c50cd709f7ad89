"""The driver for asyncio and trio, by anyio.

The sockets are our own, non-blocking, and anyio waits for them; under asyncio not for their reads (asyncio_reader.py). Its
streams on asyncio read into a buffer of the transport, which an error of a send throws away: the answer of a daemon that
refuses an upload early would be lost with it. And each of their calls goes once round the event loop, which costs a short
exchange a quarter of its time.
"""

from __future__ import annotations

import _thread
import errno
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel

from ..errors import ConnectionLostError
from . import ByteStream, Ending, Event
from .parts import AsBytes, FilePart, Part
from .pollable import Pollable

if TYPE_CHECKING:
    from .asyncio_reader import AsyncioReader
    from .process import Process

READ_SIZE = 65536  # bytes; of an answer to an upload under way
BACKLOG_PAUSE = 0.005  # seconds; a Unix listener whose queue is full says so at once instead of letting us wait
_NO_LIMIT = nullcontext()


class AnyioDriver:
    """Sockets of whichever event loop runs."""

    of_one_thread = True

    async def connect_unix(self, path: str) -> ByteStream:
        return await _connect(socket.AF_UNIX, path)

    async def connect_tcp(self, address: str, port: int) -> ByteStream:
        return await _connect(socket.AF_INET6 if ":" in address else socket.AF_INET, (address, port))

    async def resolve(self, host: str, port: int) -> list[str]:
        found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    def fail_after(self, seconds: float | None) -> AbstractContextManager[object]:
        return _NO_LIMIT if seconds is None else anyio.fail_after(seconds)

    def shielded(self, seconds: float) -> AbstractContextManager[object]:
        return anyio.move_on_after(seconds, shield=True)

    @asynccontextmanager
    async def beside(self, background: Coroutine[Any, Any, object]) -> AsyncIterator[Ending]:
        problems: list[BaseException] = []
        ended = anyio.Event()

        async def run_background() -> None:
            try:
                await background
                ended.set()
            except anyio.get_cancelled_exc_class():
                raise
            except BaseException as error:
                problems.append(error)
                tasks.cancel_scope.cancel()

        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(run_background)
                try:
                    yield ended
                except anyio.get_cancelled_exc_class():
                    raise
                except BaseException as error:
                    problems.append(error)
                tasks.cancel_scope.cancel()
        finally:
            background.close()  # it may never have begun
        if problems:  # not out of the group, which would wrap it
            raise problems[0]

    async def both(self, first: Coroutine[Any, Any, object], second: Coroutine[Any, Any, object]) -> None:
        async with self.beside(second) as end:
            await first
            await end.wait()

    def event(self) -> Event:
        return anyio.Event()

    def mutex(self) -> AbstractContextManager[object]:
        return _thread.allocate_lock()  # against a second event loop, in another thread

    async def send_until(
        self, stream: ByteStream, parts: AsyncIterator[Part], hear: Callable[[bytes], bool], idle: float | None = None
    ) -> None:
        problems: list[BaseException] = []
        cancelled = anyio.get_cancelled_exc_class()
        whole: AsyncIterator[Any] = parts if isinstance(stream, AnyioStream) else AsBytes(parts)

        async def listen() -> None:
            try:
                while not hear(await stream.receive(READ_SIZE)):
                    pass
            except cancelled:
                raise
            except BaseException as error:
                problems.append(error)
            tasks.cancel_scope.cancel()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen)
            try:
                async for part in whole:
                    await anyio.lowlevel.checkpoint()  # a socket that takes all at once would never let us listen
                    with self.fail_after(idle):
                        await stream.send(part)
            except cancelled:
                raise
            except BaseException as error:
                problems.append(error)
            tasks.cancel_scope.cancel()
        if problems:  # not out of the group, which would wrap it
            raise problems[0]

    async def connect_process(self, process: Process) -> ByteStream:
        return ProcessStream(process)


async def _connect(family: int, address: Any) -> AnyioStream:
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        if family != socket.AF_UNIX:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        failure = connection.connect_ex(address)
        while failure == errno.EAGAIN:
            await anyio.sleep(BACKLOG_PAUSE)
            failure = connection.connect_ex(address)
        if failure == errno.EINPROGRESS:
            await anyio.wait_writable(connection)
            failure = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if failure:
            raise OSError(failure, os.strerror(failure))
        return AnyioStream(connection)
    except BaseException:
        connection.close()
        raise


class AnyioStream(Pollable):
    """A connected, non-blocking socket as a ByteStream."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(connection)
        self.socket = connection
        self._ended = False
        self._reader = _reader_of(connection)
        self._at_once = False  # whether the last receive had not to wait
        self._sent = False  # whether a send was the last that was asked

    async def receive(self, max_bytes: int = 65536) -> bytes:
        self._sent = False
        try:
            if self._reader:
                return await self._reader.receive(max_bytes)
            if (
                self._at_once
            ):  # a fast daemon must not keep the other tasks from running, nor a cancellation from coming
                await anyio.lowlevel.checkpoint()
            self._at_once = True
            while True:
                try:
                    return self.socket.recv(max_bytes)
                except BlockingIOError:
                    self._at_once = False
                    await anyio.wait_readable(self.socket)
        except (OSError, anyio.ClosedResourceError) as error:
            raise _lost(error) from error

    async def send(self, data: Part) -> None:
        if self._sent:  # a daemon that takes all at once must not either: whoever receives has to come round
            await anyio.lowlevel.checkpoint()
        self._sent = True
        try:
            sent = self._send(data)
            if sent == len(data):
                return
            view = data[sent:] if isinstance(data, FilePart) else memoryview(data)[sent:]
            while view:
                await anyio.wait_writable(self.socket)
                view = view[self._send(view) :]
        except (OSError, anyio.ClosedResourceError) as error:
            raise _lost(error) from error

    def _send(self, data: Part | memoryview) -> int:
        try:
            return data.send_to(self.socket) if isinstance(data, FilePart) else self.socket.send(data)
        except BlockingIOError:
            return 0

    async def send_eof(self) -> None:
        if self._ended:
            return
        self._ended = True
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise _lost(error) from error

    async def aclose(self) -> None:
        if self.socket.fileno() >= 0:
            self._notify_closing()
            self.socket.close()

    def _notify_closing(self) -> None:
        """Nobody must wait for the socket when it is closed: another may get its number."""
        if self._reader:
            self._reader.close()
        anyio.notify_closing(self.socket)


def _reader_of(connection: socket.socket) -> AsyncioReader | None:
    if "asyncio" not in sys.modules:  # under trio it would be imported for nothing, which costs 30 ms
        return None
    from .asyncio_reader import reader_of

    return reader_of(connection)


class ProcessStream(AnyioStream):
    """A program's input and output. Closing it ends the program."""

    def __init__(self, process: Process) -> None:
        process.socket.setblocking(False)
        super().__init__(process.socket)
        self._process = process

    async def receive(self, max_bytes: int = 65536) -> bytes:
        return await self._process.heard(super().receive(max_bytes))

    async def aclose(self) -> None:
        if self.socket.fileno() >= 0:
            self._notify_closing()
        self._process.end()


def _lost(error: Exception) -> ConnectionLostError:
    why = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
    return ConnectionLostError(f"the connection was lost{why}")
