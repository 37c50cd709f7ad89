"""Connections kept alive, and handed out. Written against the byte-stream protocol, so both drivers run it."""

from __future__ import annotations

import os
from _thread import get_ident
from collections import OrderedDict
from collections.abc import AsyncIterable, Awaitable, Callable

from .connection import Connection
from .errors import ConnectionLostError, RequestError
from .net import ByteStream, Driver, Event
from .net.parts import Part
from .net.timeouts import NO_LIMITS, Timeouts
from .wire.http1 import Head


class _Forks:
    """How often this process has come out of a fork."""

    count = 0

    @classmethod
    def note(cls) -> None:
        cls.count += 1


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_Forks.note)


class _Ticket:
    """One who waits for a connection: granted with one, or with none and the right to dial."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.connection: Connection | None = None


class Pool:
    """Hands out idle connections, newest first, dials when there is none, and at `limit` connections lets callers wait in
    the order they came. Several threads may use one, but event loops only one after the other. A process that was forked
    leaves the connections to its parent, and makes others. `dial`: given the seconds for connecting."""

    def __init__(
        self, dial: Callable[[float | None], Awaitable[ByteStream]], driver: Driver, limit: int | None = None
    ) -> None:
        if limit is not None and not (isinstance(limit, int) and limit >= 1):
            raise RequestError(f"connections={limit!r}", "give a number from 1, or None for no limit")
        self._dial = dial
        self._driver = driver
        self._limit = limit
        self._mutex = driver.mutex()
        self._count = 0  # connections that are idle, in use or being dialled
        self._idle: list[Connection] = []
        self._waiting: OrderedDict[_Ticket, None] = OrderedDict()  # a deque would search for one that gives up
        self._closed = False
        self._thread: int | None = None  # whose event loop the connections are of
        self._forks = _Forks.count

    async def begin(
        self,
        method: str,
        request: bytes,
        parts: AsyncIterable[Part] | None = None,
        *,
        repeatable: bool,
        limits: Timeouts = NO_LIMITS,
    ) -> tuple[Connection, Head]:
        """Start an exchange. A kept connection that turns out dead is replaced, at last by a new one, if sending the
        request twice is harmless (`repeatable`)."""
        while True:
            connection = await self._acquire(limits.connect)
            try:
                return connection, await connection.begin(method, request, parts, limits)
            except ConnectionLostError:
                await connection.aclose()
                if connection.exchanges == 1 or not repeatable:
                    raise
            except BaseException:
                await connection.aclose()
                raise

    @property
    def exhausted(self) -> bool:
        """Whether whoever comes has to wait."""
        return self._limit is not None and self._count >= self._limit and not self._idle

    async def release(self, connection: Connection) -> None:
        """Take a connection back, for the first who waits; one that cannot serve again is closed."""
        if not connection.reusable or not self._keep(connection):
            await connection.aclose()

    async def aclose(self) -> None:
        """Close the idle connections now, those in use when they are released. Who waits gets an error."""
        with self._mutex:
            self._closed = True
            idle, self._idle = self._idle, []
            waiting, self._waiting = self._waiting, OrderedDict()
        for ticket in waiting:
            ticket.event.set()
        for connection in idle:
            await connection.aclose()

    async def _acquire(self, connect: float | None) -> Connection:
        if self._forks != _Forks.count:
            self._after_fork()
        while True:
            connection: Connection | None = None
            ticket: _Ticket | None = None
            others: list[Connection] = []
            with self._mutex:
                self._refuse_if_closed()
                if self._driver.of_one_thread and self._thread != get_ident():
                    others = self._of_another_loop()
                if self._idle:
                    connection = self._idle.pop()
                elif self._limit is None or self._count < self._limit:
                    self._count += 1
                else:
                    ticket = _Ticket(self._driver.event())
                    self._waiting[ticket] = None
            for other in others:
                await other.aclose()
            if ticket:
                connection = await self._turn(ticket)
            if connection is None:
                break
            if not connection.stale:
                return connection
            await connection.aclose()
        try:
            return Connection(await self._dial(connect), self._driver, self._vacate)
        except BaseException:
            self._vacate()
            raise

    async def _turn(self, ticket: _Ticket) -> Connection | None:
        """Wait for our turn. Who gives up in that moment hands on what was granted."""
        try:
            await ticket.event.wait()
        except BaseException:
            with self._mutex:
                granted = ticket not in self._waiting
                self._waiting.pop(ticket, None)
            if ticket.connection:
                if not self._keep(ticket.connection):
                    await ticket.connection.aclose()
            elif granted:
                self._vacate()
            raise
        if self._closed:
            if ticket.connection:
                await ticket.connection.aclose()
            self._refuse_if_closed()
        return ticket.connection

    def refuse_other_loop(self) -> None:
        """Raise RequestError where another thread's event loop is at work with it."""
        if self._thread not in (None, get_ident()) and self._count > len(self._idle):
            raise RequestError("the client is in use in another event loop", "make a client for each event loop")

    def _of_another_loop(self) -> list[Connection]:
        """The idle connections of the loop that had the client before, to be closed."""
        self.refuse_other_loop()
        self._thread = get_ident()
        others, self._idle = self._idle, []
        return others

    def _after_fork(self) -> None:
        """Begin anew, in the child. Another thread of the parent's may have held the mutex, and is not here to let it go."""
        self._forks = _Forks.count
        self._mutex = self._driver.mutex()
        idle, self._idle, self._waiting, self._count, self._thread = self._idle, [], OrderedDict(), 0, None
        for connection in idle:
            connection.abandon()

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise RequestError("the client is closed", "make requests before it is, or make another client")

    def _keep(self, connection: Connection) -> bool:
        """Give the connection to the first who waits, else let it be idle; False when the pool is closed."""
        with self._mutex:
            if self._closed:
                return False
            if not self._waiting:
                self._idle.append(connection)
                return True
            ticket, _ = self._waiting.popitem(last=False)
            ticket.connection = connection
            ticket.event.set()
        return True

    def _vacate(self) -> None:
        """A connection is gone: the first who waits may dial another."""
        with self._mutex:
            if not self._waiting:
                self._count -= 1
                return
            ticket, _ = self._waiting.popitem(last=False)
            ticket.event.set()
