"""Reading a socket under asyncio.

anyio's wait_readable makes the event loop watch the socket for each wait anew. With the reading that finds nothing before it,
that costs a short exchange 14 of 38 us. So here the loop watches a socket from the first wait on, and its callback reads.

A Future would wake its task in the loop's next round, 2 us later. The callback runs the task itself, so nothing can come
between the reading and the task: what was read never waits for one that is cancelled meanwhile.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Generator
from contextvars import Context
from typing import Any

import anyio


def reader_of(connection: socket.socket) -> AsyncioReader | None:
    """The reader under asyncio; None where anyio has to wait: under trio, and on a loop that cannot watch sockets."""
    try:
        if asyncio.current_task() is None:  # trio as a guest of asyncio's loop
            return None
        asyncio.get_running_loop().remove_reader(connection)
    except (RuntimeError, NotImplementedError):  # there is no loop of asyncio's, or it is Windows' own
        return None
    return AsyncioReader(connection)


class AsyncioReader:
    """One task at a time receives."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._watched_by: asyncio.AbstractEventLoop | None = None
        self._waiter: _Waiter | None = None
        self._wanted = 0  # bytes

    async def receive(self, max_bytes: int) -> bytes:
        """b"" at the end. Raises OSError, and ClosedResourceError where the socket is closed."""
        if self._waiter is not None:
            raise anyio.BusyResourceError("reading from")
        loop = asyncio.get_running_loop()
        if self._watched_by is not loop:
            if self._socket.fileno() < 0:
                raise anyio.ClosedResourceError
            self._unwatch()  # by a loop before: a client may be used in one asyncio.run after the other
            loop.add_reader(self._socket, self._on_readable)
            self._watched_by = loop
        waiter = self._waiter = _Waiter(loop)
        self._wanted = max_bytes
        try:
            return await waiter
        finally:
            self._waiter = None

    def _on_readable(self) -> None:
        waiter = self._waiter
        if waiter is None or waiter.over:
            self._unwatch()  # or we would be called again and again until somebody reads
            return
        try:
            waiter.got = self._socket.recv(self._wanted)
        except BlockingIOError:
            return
        except OSError as error:
            waiter.got = error
        waiter.wake()

    def _unwatch(self) -> None:
        loop, self._watched_by = self._watched_by, None
        if loop is not None and not loop.is_closed():
            loop.remove_reader(self._socket)

    def close(self) -> None:
        """To be called before the socket is closed. Whoever receives gets an error."""
        self._unwatch()
        if self._waiter is not None and not self._waiter.over:
            self._waiter.got = anyio.ClosedResourceError()
            self._waiter.wake_soon()


class _Waiter:
    """What one task awaits, once: as much of a Future as asyncio's Task asks of what it awaits."""

    __slots__ = ("_asyncio_future_blocking", "_callback", "_cancelled", "_context", "_loop", "got", "over")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.got: bytes | Exception = b""
        self.over = False
        self._loop = loop
        self._cancelled: tuple[object, ...] | None = None  # the error's arguments: anyio knows its own by them

    def __await__(self) -> Generator[_Waiter, None, bytes]:
        self._asyncio_future_blocking = True  # the task looks for it, and sets it to False
        yield self
        if isinstance(self.got, Exception):
            raise self.got
        return self.got

    def wake(self) -> None:
        """Run the task up to its next wait; from a callback of the loop."""
        self.over = True
        self._context.run(self._callback, self)

    def wake_soon(self) -> None:
        """The same in the loop's next round; from anywhere."""
        self.over = True
        self._loop.call_soon(self._callback, self, context=self._context)

    # What the task calls.

    def done(self) -> bool:
        """For those who look at what a task awaits, such as anyio.wait_all_tasks_blocked."""
        return self.over

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    def add_done_callback(self, callback: Callable[[Any], object], *, context: Context) -> None:
        self._callback = callback
        self._context = context

    def cancel(self, msg: object = None) -> bool:
        if self.over:
            return False
        self._cancelled = () if msg is None else (msg,)
        self.wake_soon()
        return True

    def result(self) -> None:
        if self._cancelled is not None:
            raise asyncio.CancelledError(*self._cancelled)
