"""What both clients are: requests over a pool of connections, with the API version settled first. Written once, over the
byte-stream protocol: `Client` awaits it, `SyncClient` drives it to its end.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping
from typing import Any, TypedDict

from ..endpoint import DEFAULT_ORIGIN, Endpoint
from ..errors import (
    ConnectionLostError,
    ProtocolError,
    RefusedError,
    RequestError,
    SocketDeniedError,
    SocketMissingError,
    TimedOutError,
    TLSSpokenError,
    TruncatedError,
)
from ..net import ByteStream, Driver, Event
from ..net.dial import dial, login_of, refusal
from ..net.faults import located, timeout_fault
from ..net.parts import Part
from ..net.timeouts import Timeouts, limits_of
from ..pool import Pool
from ..request import needs_version
from .content import NOTHING, Content, body_of
from .params import Pairs, Params, query_of
from .request_heads import RequestHeads
from .response import Reply, Response, broken_off
from .version import (
    corrected_version,
    dotted,
    negotiated_version,
    parse_api_version,
    refuse_late_operation,
    wants_tls,
)

PING_TIMEOUT = 10.0  # seconds; the first answer of a peer that may be no daemon at all
CONNECTIONS = 100  # at once; a daemon under systemd has 1,048,576 descriptors, this process often 1,024
_REPEATABLE = {"GET", "HEAD"}


class Options(TypedDict, total=False):
    """What a request may have. `params`: None is left out, a list is a parameter repeated, a dict goes as JSON, as filters do.
    `json` and `content` are its body, one of the two. `timeout`: seconds, None for no limit of
    its own; a whole request's until its last byte, a stream's until its head. `timeouts` replaces the client's."""

    params: Params | Pairs | None
    json: Any
    content: Content | None
    headers: Mapping[str, str] | None
    timeout: float | None
    timeouts: Timeouts | None


class Core:
    """What both clients are. No I/O before the first request. `api_version` is fixed, `origin` says by what. With an `environ`
    a default socket that is not there leads to a look for others, which the error then offers."""

    def __init__(
        self,
        endpoint: Endpoint,
        driver: Driver,
        api_version: str | None,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 -- frozen
        connections: int | None = CONNECTIONS,
        origin: str = "the caller",
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.timeouts, _ = limits_of(timeouts, None)
        self._stream_timeouts = timeouts._replace(idle=None)
        self._driver = driver
        self._environ = environ
        self._api_version = None if api_version is None else parse_api_version(api_version, origin)
        self._origin = origin if api_version is not None else ""
        self._negotiated = api_version is not None
        self._negotiating: Event | None = None
        self._login = login_of(endpoint, driver)
        self._pool = Pool(self._dial, driver, connections)
        self._heard = False  # whether the daemon has answered anything
        self._heads = RequestHeads(endpoint)

    async def open(
        self, method: str, path: str, *, timeout: float | None = None, timeouts: Timeouts | None = None, **options: Any
    ) -> Reply:
        """Send a request and return the reply at its head, which must come within `timeout` seconds. A path that begins
        with /vX.Y is sent as it is; so is /_ping. Whoever opens closes: `close(reply)`."""
        limits, total = limits_of(timeouts or self._stream_timeouts, timeout)
        if total is None:
            return await self._open(method, path, limits, **options)
        try:
            with self._driver.fail_after(total):
                return await self._open(method, path, limits, **options)
        except TimeoutError as error:
            raise self._over(method, path, total) from error

    async def request(
        self, method: str, path: str, *, timeout: float | None = None, timeouts: Timeouts | None = None, **options: Any
    ) -> Response:
        """Return the whole reply, whatever its status."""
        limits, total = limits_of(timeouts or self.timeouts, timeout)
        if total is None:
            return await self._whole(method, path, limits, **options)
        try:
            with self._driver.fail_after(total):
                return await self._whole(method, path, limits, **options)
        except TimeoutError as error:
            raise self._over(method, path, total) from error

    async def _whole(self, method: str, path: str, limits: Timeouts, **options: Any) -> Response:
        reply = await self._open(method, path, limits, **options)
        try:
            content = await reply.read()
        finally:
            await self.close(reply)
        return Response(reply.head, content, reply.asked)

    def _over(self, method: str, path: str, seconds: float) -> TimedOutError:
        error = timeout_fault(self.endpoint, f"{method.upper()} {path.partition('?')[0]}", seconds)
        remedy = "the daemon has answered before: give this more time" if self._heard else error.remedy
        if self._pool.exhausted:
            remedy = "all of the client's connections are in use: leave a stream, or allow more by connections="
        return TimedOutError(error.cause, remedy, limit="total")

    async def _open(
        self,
        method: str,
        path: str,
        limits: Timeouts,
        *,
        params: Params | Pairs | None = None,
        json: Any = None,
        content: Content | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Reply:
        """`headers`: a value None leaves one of ours out."""
        method = method.upper()
        path = _path(path)
        body = NOTHING
        if json is not None:
            if content is not None:
                raise RequestError(
                    f"{method} {path} has json and content", "give one of the two: each is the whole body"
                )
            from json import dumps

            body = body_of(dumps(json))
        elif content is not None:
            body = body_of(content)
        lines, length = self._heads.lines(method, body, headers, is_json=json is not None)
        query = query_of(path, params) if params else ""
        versioned = needs_version(path)
        for attempt in (1, 2):
            spoken = await self._spoken(method, path) if versioned else None
            prefix = self.endpoint.prefix if spoken is None else f"{self.endpoint.prefix}/v{dotted(spoken)}"
            request = self._heads.encode(method, prefix + path + query, lines) + body.with_head
            repeatable = body.repeatable and method in _REPEATABLE
            asked = f"{method} {path.partition('?')[0]}"
            reply = await self._exchange(method, request, body.framed(length), repeatable, limits, asked)
            if (
                reply.status_code != 400
                or spoken is None
                or self._origin
                or not await self._correct(reply, spoken, body.repeatable and attempt == 1)
            ):
                break
            await self.close(reply)
        return reply

    async def _correct(self, reply: Reply, spoken: tuple[int, int], may_repeat: bool) -> bool:
        """Whether the daemon refused the version alone, and the request can be made again with the one that is now set:
        the daemon behind the endpoint may be another than the one that answered /_ping."""
        try:
            content = await reply.read()
            better = corrected_version(self.endpoint, spoken, reply.head, content)
        except BaseException:
            await self.close(reply)
            raise
        if better is not None:
            self._api_version = better
            if may_repeat:
                return True
        reply.unread(content)
        return False

    async def _exchange(
        self,
        method: str,
        request: bytes,
        parts: AsyncIterable[Part] | None,
        repeatable: bool,
        limits: Timeouts,
        asked: str,
    ) -> Reply:
        try:
            connection, head = await self._pool.begin(method, request, parts, repeatable=repeatable, limits=limits)
        except TimedOutError as error:
            if error.limit == "connect":
                raise
            raise TimedOutError(f"{self.endpoint}: {asked}: {error.cause}", limit=error.limit) from error
        except (SocketMissingError, SocketDeniedError, RefusedError) as error:
            if self._environ is None or self.endpoint.origin != DEFAULT_ORIGIN:
                raise
            from .alive import offered

            raise await offered(error, self.endpoint, self._driver, self._environ) from error.__cause__
        except (ConnectionLostError, ProtocolError) as error:
            if isinstance(error, TLSSpokenError):
                raise wants_tls(self.endpoint, b"") from error
            if isinstance(error, ConnectionLostError) and (refused := await refusal(self.endpoint, self._driver)):
                raise refused from error
            short = isinstance(error, ConnectionLostError | TruncatedError)
            raise (broken_off(self.endpoint, asked, error) if short else located(self.endpoint, error)) from error
        self._heard = True
        reply = Reply(connection, head, self.endpoint, asked, self._driver, limits.idle)
        if self.endpoint.tls is None and head.http_version == "1.0" and head.status == 400 and not head.headers:
            # Go's answer to plain HTTP on a TLS port looks like this, and no daemon's does.
            try:
                content = await reply.read()
            finally:
                await self.close(reply)
            raise wants_tls(self.endpoint, content)
        return reply

    async def _dial(self, seconds: float | None) -> ByteStream:
        return await dial(self.endpoint, self._driver, seconds, self._login)

    async def aclose(self) -> None:
        try:
            await self._pool.aclose()
        finally:
            if self._login is not None:
                await self._login.aclose()

    async def close(self, reply: Reply) -> None:
        """Give the reply's connection back to the pool, or close it when the body was not read to its end."""
        reply.leave()
        await self._pool.release(reply._connection)

    async def negotiate(self) -> str | None:
        """Settle the API version by /_ping, once. Returns "1.41", or None if the daemon names no version: paths then go
        without one. Raises NotDockerError if what answers is no Docker daemon."""
        while not self._negotiated:
            if asked := self._negotiating:
                if self._driver.of_one_thread:
                    self._pool.refuse_other_loop()
                await asked.wait()  # another task or thread asks already
                continue
            asking = self._negotiating = self._driver.event()
            try:
                response = await self.request("GET", "/_ping", timeout=PING_TIMEOUT)
                self._api_version = negotiated_version(self.endpoint, response)
                self._negotiated = True
            finally:
                self._negotiating = None
                asking.set()
        return None if self._api_version is None else dotted(self._api_version)

    async def _spoken(self, method: str, path: str) -> tuple[int, int] | None:
        """The version to speak, None for none. Raises VersionError for an operation that is newer."""
        if not self._negotiated:
            await self.negotiate()
        spoken = self._api_version
        if spoken is not None:
            why = f"fixed by {self._origin}" if self._origin else "the daemon's newest"
            refuse_late_operation(self.endpoint, method, path, spoken, why)
        return spoken


def _path(path: object) -> str:
    """The path, "/" before it. Raises RequestError for what is none."""
    if not isinstance(path, str):
        raise RequestError(f"the path is of type {type(path).__name__}", "give text such as /containers/json")
    if path.startswith("/"):
        return path
    scheme, separator, _ = path.partition("://")
    if separator and scheme.isalpha():
        raise RequestError(f"path {path!r} is a URL", "give the path alone, and the daemon's address to the client")
    return f"/{path}"
