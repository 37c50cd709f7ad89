"""The driver without an event loop: every await completes at once.

`run` drives such a coroutine to its end. Deadlines are kept per thread and become socket time-outs. Sending and receiving at
once is in duplex.py: there alone a coroutine suspends.
"""

from __future__ import annotations

import _socket as socket  # what socket adds to it costs 3 ms to import, and is not used here
import _thread  # as threading, for 1 ms
import errno
import select
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import ConnectionLostError
from . import ByteStream, Ending, duplex
from .lookup import look_up
from .parts import AsBytes, FilePart, Part
from .pollable import Pollable

if TYPE_CHECKING:
    from .process import Process

READ_SIZE = 65536  # bytes; of an answer to an upload under way
LONGEST = 2_000_000  # seconds, 23 days; poll(2) takes no more than 2**31 milliseconds
_NO_LIMIT = nullcontext()
T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return the coroutine's result. It must be written over this driver only: one that suspends is a bug."""
    if duplex.driven():
        with duplex.apart():
            return run(coroutine)
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    coroutine.close()
    raise RuntimeError(f"{coroutine!r} waits for an event loop, and there is none")


class _Expired(BaseException):
    """A deadline has passed. Like a cancellation it goes by every `except Exception` up to the scope whose time is over,
    which makes a TimeoutError of it; so an inner scope never reports an outer one's limit as its own."""


class BlockingDriver:
    """Plain sockets. One driver may serve several threads."""

    of_one_thread = False

    def __init__(self) -> None:
        self._local = _thread._local()

    async def connect_unix(self, path: str) -> ByteStream:
        return self._connect(socket.AF_UNIX, path)

    async def connect_tcp(self, address: str, port: int) -> ByteStream:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return self._connect(family, (address, port))

    async def resolve(self, host: str, port: int) -> list[str]:
        found = look_up(host, port, self.remaining())
        if found is None:
            raise _Expired
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    def fail_after(self, seconds: float | None) -> AbstractContextManager[object]:
        return _NO_LIMIT if seconds is None or seconds > LONGEST else self._fail_after(seconds)

    @contextmanager
    def _fail_after(self, seconds: float) -> Iterator[None]:
        before: float | None = getattr(self._local, "deadline", None)
        mine = time.monotonic() + seconds
        nearer = before is None or mine < before
        self._local.deadline = mine if nearer else before
        try:
            yield
        except _Expired as expired:
            if nearer:
                raise TimeoutError from expired
            raise
        finally:
            self._local.deadline = before

    def remaining(self) -> float | None:
        """Seconds until this thread's deadline, None without one. Past it, the scope that set it ends in TimeoutError."""
        deadline = getattr(self._local, "deadline", None)
        if deadline is None:
            return None
        left: float = deadline - time.monotonic()
        if left <= 0:
            raise _Expired
        return left

    @property
    def deadline(self) -> float | None:
        """This thread's, in seconds of time.monotonic()."""
        return getattr(self._local, "deadline", None)

    @deadline.setter
    def deadline(self, deadline: float | None) -> None:
        self._local.deadline = deadline

    @contextmanager
    def shielded(self, seconds: float) -> Iterator[None]:
        before, self.deadline = self.deadline, time.monotonic() + seconds
        try:
            yield
        except _Expired:
            pass
        finally:
            self.deadline = before

    @asynccontextmanager
    async def beside(self, background: Coroutine[Any, Any, object]) -> AsyncIterator[Ending]:
        running = duplex.Background(background, self)
        try:
            running.begin()
            yield running
        except duplex.Interrupted as interruption:
            if interruption.background is not running or running.failure is None:
                raise
            raise running.failure from None
        finally:
            running.end()

    async def both(self, first: Coroutine[Any, Any, object], second: Coroutine[Any, Any, object]) -> None:
        try:
            async with self.beside(second) as end:
                await first
                await end.wait()
        finally:
            first.close()  # it may never have begun

    def event(self) -> BlockingEvent:
        return BlockingEvent(self)

    def mutex(self) -> AbstractContextManager[object]:
        return _thread.allocate_lock()

    async def send_until(
        self, stream: ByteStream, parts: AsyncIterator[Part], hear: Callable[[bytes], bool], idle: float | None = None
    ) -> None:
        if not isinstance(stream, SocketStream):
            async for data in AsBytes(parts):
                with self.fail_after(idle):
                    await stream.send(data)
            return
        async for part in parts:
            with self.fail_after(idle):
                if stream.send_until(part, hear):
                    return

    async def connect_process(self, process: Process) -> ByteStream:
        return ProcessStream(process, self)

    def _connect(self, family: int, address: Any) -> SocketStream:
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            if family != socket.AF_UNIX:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                # A hijacked stream may be silent for hours: the keep-alive finds a peer that went away, as Go's client does.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            connection.settimeout(self.remaining())
            connection.connect(address)
        except BaseException as error:
            connection.close()
            if _is_ours(error):
                raise _Expired from error
            raise
        return SocketStream(connection, self)


class BlockingEvent:
    """An event between threads: a lock that is held until it is set."""

    def __init__(self, driver: BlockingDriver) -> None:
        self._driver = driver
        self._unset = _thread.allocate_lock()
        self._unset.acquire()

    def set(self) -> None:
        try:
            self._unset.release()
        except RuntimeError:  # set already
            pass

    async def wait(self) -> None:
        left = self._driver.remaining()
        if not self._unset.acquire(timeout=-1 if left is None else min(left, _thread.TIMEOUT_MAX)):
            raise _Expired
        self._unset.release()  # for the next who waits


class SocketStream(Pollable):
    """A connected socket as a ByteStream."""

    def __init__(self, connection: socket.socket, driver: BlockingDriver) -> None:
        super().__init__(connection)
        self.socket = connection
        self._driver = driver
        self._ended = False

    async def receive(self, max_bytes: int = 65536) -> bytes:
        try:
            if duplex.active():
                await self._ready(select.POLLIN)
            self._arm()
            return self.socket.recv(max_bytes)
        except OSError as error:
            raise _lost(error) from error

    async def send(self, data: bytes) -> None:
        try:
            if duplex.active():
                await self._send_in_turns(memoryview(data))
            else:
                self._arm()
                self.socket.sendall(data)
        except OSError as error:
            raise _lost(error) from error

    async def send_eof(self) -> None:
        if self._ended:
            return
        self._ended = True
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise ConnectionLostError(f"the connection was lost: {error.strerror}") from error

    def send_until(self, part: Part, hear: Callable[[bytes], bool]) -> bool:
        """Send `part`; True if `hear`, given what came meanwhile, wanted no more to be sent."""
        view = part if isinstance(part, FilePart) else memoryview(part)
        poll = select.poll()
        poll.register(self.socket, select.POLLIN | select.POLLOUT)
        try:
            while view:
                left = self._driver.remaining()
                for _, events in poll.poll(None if left is None else left * 1000 + 1):
                    if events & ~select.POLLOUT:
                        if hear(self.socket.recv(READ_SIZE)):
                            return True
                    else:
                        view = view[self._send_some(view) :]
        except OSError as error:
            raise _lost(error) from error
        return False

    async def _send_in_turns(self, view: memoryview) -> None:
        while view:
            await self._ready(select.POLLOUT)
            self._arm()
            view = view[self._send_some(view) :]

    async def _ready(self, event: int) -> None:
        await duplex.ready(duplex.Wait(self.socket, event, self._driver.deadline))

    def _send_some(self, view: memoryview | FilePart) -> int:
        try:
            if isinstance(view, FilePart):
                self.socket.setblocking(False)  # sendfile has no MSG_DONTWAIT; the next receive or send arms it anew
                return view.send_to(self.socket)
            return self.socket.send(view, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return 0

    async def aclose(self) -> None:
        self.socket.close()

    def _arm(self) -> None:
        left = self._driver.remaining()
        if left is not None or self.socket.gettimeout() is not None:
            self.socket.settimeout(left)


class ProcessStream(SocketStream):
    """A program's input and output. Closing it ends the program."""

    def __init__(self, process: Process, driver: BlockingDriver) -> None:
        super().__init__(process.socket, driver)
        self._process = process

    async def receive(self, max_bytes: int = 65536) -> bytes:
        return await self._process.heard(super().receive(max_bytes))

    async def aclose(self) -> None:
        self._process.end()


def _is_ours(error: BaseException) -> bool:
    """Whether a socket time-out of ours ran out. ETIMEDOUT of the kernel is a TimeoutError too, but has its errno."""
    return isinstance(error, TimeoutError) and error.errno != errno.ETIMEDOUT


def _lost(error: OSError) -> BaseException:
    return _Expired() if _is_ours(error) else ConnectionLostError(f"the connection was lost: {error.strerror}")
