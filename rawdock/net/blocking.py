"""The driver without an event loop: every await completes at once.

`run` drives such a coroutine to its end. Deadlines are kept per thread and become socket time-outs. Resolving a name is the
one wait that they do not bound: getaddrinfo(3) takes no time-out.
"""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from ..errors import ConnectionLostError
from . import ByteStream

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return the coroutine's result. It must be written over this driver only: one that suspends is a bug."""
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

    def __init__(self) -> None:
        self._local = threading.local()

    async def connect_unix(self, path: str) -> ByteStream:
        return self._connect(socket.AF_UNIX, path)

    async def connect_tcp(self, address: str, port: int) -> ByteStream:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return self._connect(family, (address, port))

    async def resolve(self, host: str, port: int) -> list[str]:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    @contextmanager
    def fail_after(self, seconds: float | None) -> Iterator[None]:
        before: float | None = getattr(self._local, "deadline", None)
        mine = None if seconds is None else time.monotonic() + seconds
        nearer = mine is not None and (before is None or mine < before)
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


class SocketStream:
    """A connected socket as a ByteStream."""

    def __init__(self, connection: socket.socket, driver: BlockingDriver) -> None:
        self.socket = connection
        self._driver = driver
        self._ended = False

    async def receive(self, max_bytes: int = 65536) -> bytes:
        try:
            self._arm()
            return self.socket.recv(max_bytes)
        except OSError as error:
            raise _lost(error) from error

    async def send(self, data: bytes) -> None:
        try:
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

    async def aclose(self) -> None:
        self.socket.close()

    def _arm(self) -> None:
        left = self._driver.remaining()
        if left is not None or self.socket.gettimeout() is not None:
            self.socket.settimeout(left)


def _is_ours(error: BaseException) -> bool:
    """Whether a socket time-out of ours ran out. ETIMEDOUT of the kernel is a TimeoutError too, but has its errno."""
    return isinstance(error, TimeoutError) and error.errno != errno.ETIMEDOUT


def _lost(error: OSError) -> BaseException:
    return _Expired() if _is_ours(error) else ConnectionLostError(f"the connection was lost: {error.strerror}")
