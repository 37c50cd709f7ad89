"""The doctor's steps over ssh: the program and where it goes, the login, the socket or the docker command over there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .endpoint import Endpoint
from .errors import ConnectionLostError, NetworkError, RawdockError, TimedOutError
from .net import ByteStream, Driver
from .net.dial import connect
from .net.faults import timeout_fault
from .net.ssh import effective, settings_of
from .net.ssh_login import Login, Master


class SSHSteps:
    """Each step returns what it found, or raises RawdockError. `login` is for further connections; whoever makes this closes
    it. `timeout`: seconds for each step."""

    def __init__(self, endpoint: Endpoint, driver: Driver, timeout: float) -> None:
        self._endpoint = endpoint
        self._driver = driver
        self._timeout = timeout
        self._master: Master | None = None
        self.login = Login(endpoint, driver)

    async def find(self) -> str:
        with self._limit("reading ssh's configuration"):
            return f"ssh goes to {await effective(self._endpoint, self._driver)}"

    async def log_in(self) -> str:
        with self._limit("logging in"):
            self._master = await self.login.open()
        return "your own control connection serves" if self._master.borrowed else "logged in, nothing was asked"

    async def reach(self) -> tuple[ByteStream, str]:
        """The connection, and what it goes through."""
        stream = await connect(self._endpoint, self._driver, self._timeout, self.login)
        socket = settings_of(self._endpoint).socket
        if self._master is not None and self._master.forwards:
            return stream, f"{socket} forwarded: any number of connections over this login"
        return stream, "docker system dial-stdio" + (f" to {socket}" if socket else "") + ": a process a connection"

    @staticmethod
    def comes_late(error: RawdockError) -> bool:
        """Whether what the first read brought is a fault of the far side's docker or socket, which ssh tells no earlier."""
        return isinstance(error, NetworkError) and not isinstance(error, ConnectionLostError | TimedOutError)

    @contextmanager
    def _limit(self, doing: str) -> Iterator[None]:
        try:
            with self._driver.fail_after(self._timeout):
                yield
        except TimeoutError as error:
            raise timeout_fault(self._endpoint, doing, self._timeout) from error
