"""One httpx request over our pool and back: written once, `async def`, for both transports.

Source: httpx 0.28's transport protocol and its documented extensions ("timeout", "target", "http_version", "reason_phrase",
"network_stream"). Of a request's time-outs `connect` is for each of connecting and the TLS handshake, `pool` for a connection
to come free, `write` for each part of a body, `read` for the reply's head and then for each part of its body.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextvars import ContextVar
from typing import Any, NamedTuple, cast

import httpx

from ..connection import Connection
from ..endpoint import Endpoint
from ..errors import (
    ConnectionLostError,
    ProtocolError,
    RawdockError,
    RequestError,
    TimedOutError,
    TLSError,
)
from ..net import ByteStream, Driver, Event
from ..net.dial import dial, login_of, refusal
from ..net.faults import located
from ..net.timeouts import NO_LIMITS, Timeouts
from ..pool import Pool
from ..wire.http1 import Head, encode_request
from .body import Lines, framed, header_lines, misfit

JOINED = 64 * 1024  # bytes; a body up to this goes out with its head in one piece
AT_ONCE = 1e-6  # seconds; httpx takes 0 for a time-out, our own limits do not
_REPEATABLE = {"GET", "HEAD"}

_FACES: tuple[tuple[type[RawdockError], type[httpx.RequestError]], ...] = (  # the first that fits
    (RequestError, httpx.LocalProtocolError),
    (ProtocolError, httpx.RemoteProtocolError),
    (TLSError, httpx.ConnectError),  # under TLS 1.3 a refused client certificate shows in the first read
    (ConnectionLostError, httpx.ReadError),
    (RawdockError, httpx.NetworkError),
)
_LATE: dict[str, tuple[str, type[httpx.TimeoutException]]] = {  # by our name of a time-out: httpx's, and its error
    "connect": ("connect", httpx.ConnectTimeout),
    "idle": ("write", httpx.WriteTimeout),
    "first_byte": ("read", httpx.ReadTimeout),
}


class _Limits(NamedTuple):
    """A request's time-outs: of the pool's own, and in seconds, None for no limit."""

    timeouts: Timeouts = NO_LIMITS
    read: float | None = None
    pool: float | None = None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> _Limits:
        connect, read, write, pool = (
            None if (seconds := values.get(name)) is None else max(seconds, AT_ONCE)
            for name in ("connect", "read", "write", "pool")
        )
        return cls(Timeouts(connect, first_byte=read, idle=write), read, pool)


class _Work(NamedTuple):
    """What the pool works for at the moment."""

    request: httpx.Request
    pool: float | None


_work: ContextVar[_Work] = ContextVar("work")


class Engine:
    """Begins exchanges for a transport, over at most `connections`. Errors come out as httpx's, with the request, and ours
    as their cause."""

    def __init__(self, endpoint: Endpoint, driver: Driver, connections: int | None) -> None:
        self.endpoint = endpoint
        self.driver = driver
        self._login = login_of(endpoint, driver)
        self._pool = Pool(self._dial, cast(Driver, _PatientDriver(driver, endpoint)), connections)
        self._open: set[Exchange] = set()
        self._last: tuple[Any, ...] = ()
        self._lines = Lines([], None, chunked=False, is_ascii=True)
        self._last_timeout: Mapping[str, Any] = {}
        self._limits = _Limits()

    async def begin(self, request: httpx.Request) -> tuple[Head, Exchange]:
        """Send the request and return the reply's head, and the exchange, which its caller closes."""
        limits = self._limits_of(request.extensions.get("timeout") or {})
        token = _work.set(_Work(request, limits.pool))
        parts: AsyncGenerator[bytes, None] | None = None
        try:
            head, parts = self._encoded(request)
            connection, reply = await self._pool.begin(
                request.method,
                head,
                parts,
                repeatable=parts is None and request.method in _REPEATABLE,
                limits=limits.timeouts,
            )
        except RawdockError as error:
            refused = await refusal(self.endpoint, self.driver) if isinstance(error, ConnectionLostError) else None
            raise self.face(refused or error, request) from error
        finally:
            _work.reset(token)
            if parts is not None:
                await parts.aclose()
        exchange = Exchange(self, connection, request, limits.read)
        self._open.add(exchange)
        return reply, exchange

    async def release(self, exchange: Exchange, connection: Connection) -> None:
        self._open.discard(exchange)
        await self._pool.release(connection)

    async def aclose(self) -> None:
        """Close all connections, those of replies that nobody has closed too, as httpx's own transport does."""
        try:
            await self._pool.aclose()
            for exchange in list(self._open):
                await exchange.cut()
        finally:
            if self._login is not None:
                await self._login.aclose()

    async def _dial(self, seconds: float | None) -> ByteStream:
        request = _work.get().request
        try:
            return await dial(self.endpoint, self.driver, seconds, self._login)
        except TimedOutError as error:
            raise httpx.ConnectTimeout(str(error), request=request) from error
        except RawdockError as error:
            raise httpx.ConnectError(str(error), request=request) from error

    def _limits_of(self, timeout: Mapping[str, Any]) -> _Limits:
        if timeout != self._last_timeout:
            self._limits, self._last_timeout = _Limits.of(timeout), timeout
        return self._limits

    def _encoded(self, request: httpx.Request) -> tuple[bytes, AsyncGenerator[bytes, None] | None]:
        """The request's head, a small body with it; and the other bodies in parts, framed."""
        key = request.headers.raw, request.url.netloc
        if key != self._last:  # mostly the same as last time: 8 us saved
            self._lines, self._last = header_lines(*key, self.endpoint.authority), key
        lines = self._lines
        if lines.is_ascii:
            request.headers.encoding = "ascii"  # else httpx tries it out for each use
        target = request.extensions.get("target", request.url.raw_path).decode("latin-1")
        head = encode_request(request.method, self.endpoint.prefix + target, lines.lines)
        if isinstance(request.stream, httpx.ByteStream) and not lines.chunked:
            body = request.read()
            if left := (lines.length or 0) - len(body):
                raise misfit(request, lines, left)
            if len(body) <= JOINED:
                return head + body, None
        return head, framed(request, lines)

    def face(self, error: RawdockError, request: httpx.Request) -> httpx.RequestError:
        if isinstance(error, TimedOutError):
            name, late = _LATE.get(error.limit, _LATE["first_byte"])
            cause = str(error).replace(f"(time-out {error.limit})", f"(time-out {name})")
            return late(f"{self.endpoint}: {cause}", request=request)
        if isinstance(error, ConnectionLostError | ProtocolError):
            error = located(self.endpoint, error)
        return next(face for kind, face in _FACES if isinstance(error, kind))(str(error), request=request)


class Exchange:
    """A reply's body, or after 101 the bare stream. The connection goes back as soon as the body has ended."""

    def __init__(self, engine: Engine, connection: Connection, request: httpx.Request, read: float | None) -> None:
        self.engine = engine
        self.connection: Connection | None = connection
        self.upgraded: ByteStream | None = None
        self._request = request
        self._read = read
        self._cut = False

    async def receive(self) -> bytes:
        """The next bytes of the body, b"" at its end. After 101 there is none: what comes is the network stream's."""
        connection = self.connection
        if self._cut:
            raise httpx.ReadError(
                f"{self.engine.endpoint}: the client was closed before the reply's end", request=self._request
            )
        if connection is None or self.upgraded:
            return b""
        at_hand = bool(connection._first)  # came with the head: a time-out that cannot run out would cost 8 us
        try:
            with self.engine.driver.fail_after(None if at_hand else self._read):
                data = await connection.receive()
        except TimeoutError as error:
            message = f"{self.engine.endpoint}: nothing more came for {self._read:g} s (time-out read)"
            raise httpx.ReadTimeout(message, request=self._request) from error
        except RawdockError as error:
            raise self.engine.face(error, self._request) from error
        if connection.reusable:
            await self.aclose()
        return data

    def upgrade(self) -> tuple[ByteStream, bytes]:
        """After 101: the bare stream, and what came of it with the head. `aclose` closes it."""
        assert self.connection is not None
        self.upgraded, first = self.connection.detach()
        return self.upgraded, first

    async def cut(self) -> None:
        """Close before the end: reading on is an error."""
        self._cut = self.upgraded is None
        await self.aclose()

    async def aclose(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:  # of an upgraded one the pool knows no more
            await self.engine.release(self, connection)


class _PatientDriver:
    """The driver, as the pool sees it: an event of it is waited for as long as httpx's `pool` says."""

    def __init__(self, driver: Driver, endpoint: Endpoint) -> None:
        self._driver = driver
        self._endpoint = endpoint

    def __getattr__(self, name: str) -> Any:
        return getattr(self._driver, name)

    def event(self) -> Event:
        return _PatientEvent(self._driver, self._endpoint, _work.get())


class _PatientEvent:
    def __init__(self, driver: Driver, endpoint: Endpoint, work: _Work) -> None:
        self._event = driver.event()
        self._driver = driver
        self._endpoint = endpoint
        self._work = work
        self.set = self._event.set

    async def wait(self) -> None:
        try:
            with self._driver.fail_after(self._work.pool):
                await self._event.wait()
        except TimeoutError as error:
            message = f"{self._endpoint}: no connection came free for {self._work.pool:g} s (time-out pool)"
            raise httpx.PoolTimeout(message, request=self._work.request) from error
