"""What both clients are: requests over a pool of connections, with the API version settled first. Written once, over the
byte-stream protocol: `Client` awaits it, `SyncClient` drives it to its end.
"""

from __future__ import annotations

import json as jsonlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import urlencode

from .. import __version__
from ..endpoint import Endpoint
from ..errors import ConnectionLostError, ProtocolError, RawdockError, TLSError
from ..net import Driver
from ..net.dial import dial
from ..net.faults import located, timeout_fault
from ..pool import Pool
from ..wire.http1 import encode_request
from .response import Reply, Response
from .version import needs_version, negotiated_version, parse_api_version, wants_tls

if TYPE_CHECKING:
    from typing_extensions import Unpack

PING_TIMEOUT = 10.0  # seconds; the first answer of a peer that may be no daemon at all
ALERT_TIMEOUT = 1.0  # seconds; a daemon that refuses our certificate says so within a round trip
_REPEATABLE = {"GET", "HEAD"}

Params = Mapping[str, str | int | bool]


class Options(TypedDict, total=False):
    """What a request may have. `json` and `content` (bytes) are its body, one of the two. `timeout`: seconds, None for no
    limit; a whole request's until its last byte, a stream's until its head."""

    params: Params | None
    json: Any
    content: bytes | None
    headers: Mapping[str, str] | None
    timeout: float | None


class Core:
    """What both clients are. No I/O before the first request."""

    def __init__(
        self, endpoint: Endpoint, driver: Driver, api_version: str | None, connect_timeout: float | None
    ) -> None:
        self.endpoint = endpoint
        self._driver = driver
        self._api_version = None if api_version is None else parse_api_version(api_version, "the caller")
        self._negotiated = api_version is not None
        self._pool = Pool(lambda: dial(endpoint, driver, connect_timeout))

    async def open(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Reply:
        """Send a request and return the reply at its head, which must come within `timeout` seconds. A path that begins
        with /vX.Y is sent as it is; so is /_ping. Whoever opens closes: `close(reply)`."""
        method = method.upper()
        if json is not None:
            content = jsonlib.dumps(json).encode()
        lines = self._headers(method, content, headers or {}, is_json=json is not None)
        try:
            with self._driver.fail_after(timeout):
                target = await self._target(path, params)
                request = encode_request(method, target, lines.items()) + (content or b"")
                return await self._exchange(method, request)
        except TimeoutError as error:
            raise timeout_fault(self.endpoint, f"{method} {path}", timeout) from error

    async def _exchange(self, method: str, request: bytes) -> Reply:
        try:
            connection, head = await self._pool.begin(method, request, repeatable=method in _REPEATABLE)
        except (ConnectionLostError, ProtocolError) as error:
            lost_in_tls = self.endpoint.tls is not None and isinstance(error, ConnectionLostError)
            refusal = await self._refusal() if lost_in_tls else None
            raise refusal or located(self.endpoint, error) from error
        reply = Reply(connection, head, self.endpoint)
        if self.endpoint.tls is None and head.http_version == "1.0" and head.status == 400 and not head.headers:
            # Go's answer to plain HTTP on a TLS port looks like this, and no daemon's does.
            try:
                content = await reply.receive()
            finally:
                await self.close(reply)
            raise wants_tls(self.endpoint, content)
        return reply

    async def _refusal(self) -> TLSError | None:
        """Why the daemon hung up, if TLS is the reason. Under TLS 1.3 it judges our certificate after the handshake, and a
        request on its way may meet a reset that swallows the alert (seen on asyncio; asking /_ping again lost it up to 6
        times in 40): a new connection on which nothing is sent brings it out, 40 times in 40."""
        try:
            with self._driver.fail_after(ALERT_TIMEOUT):
                stream = await dial(self.endpoint, self._driver, None)
                try:
                    await stream.receive(1)
                finally:
                    await stream.aclose()
        except TLSError as error:
            return error
        except (RawdockError, TimeoutError):
            pass
        return None

    async def aclose(self) -> None:
        await self._pool.aclose()

    async def close(self, reply: Reply) -> None:
        """Give the reply's connection back to the pool, or close it when the body was not read to its end."""
        await self._pool.release(reply._connection)

    async def request(self, method: str, path: str, **options: Unpack[Options]) -> Response:
        timeout = options.pop("timeout", None)
        method = method.upper()
        try:
            with self._driver.fail_after(timeout):
                reply = await self.open(method, path, **options)
                try:
                    content = await reply.read()
                finally:
                    await self.close(reply)
        except TimeoutError as error:
            raise timeout_fault(self.endpoint, f"{method} {path}", timeout) from error
        return Response(reply.head, content)

    async def negotiate(self) -> str | None:
        """Settle the API version by /_ping, once. Returns "1.41", or None if the daemon names no version: paths then go
        without one. Raises NotDockerError if what answers is no Docker daemon."""
        if not self._negotiated:
            response = await self.request("GET", "/_ping", timeout=PING_TIMEOUT)
            self._api_version = negotiated_version(self.endpoint, response)
            self._negotiated = True
        return None if self._api_version is None else "{}.{}".format(*self._api_version)

    async def _target(self, path: str, params: Params | None) -> str:
        if not path.startswith("/"):
            path = f"/{path}"
        if needs_version(path):
            version = await self.negotiate()
            path = f"/v{version}{path}" if version else path
        if params:
            values = {name: str(value).lower() if isinstance(value, bool) else value for name, value in params.items()}
            path += ("&" if "?" in path else "?") + urlencode(values)
        return self.endpoint.prefix + path

    def _headers(
        self, method: str, content: bytes | None, given: Mapping[str, str], *, is_json: bool
    ) -> dict[str, str]:
        """Our headers and the caller's; where both name one, in whatever case, the caller's goes."""
        lines = {
            "Host": self.endpoint.authority,
            "User-Agent": f"rawdock/{__version__}",
            "Accept-Encoding": "identity",  # an archive sent gzipped takes five times as long
        }
        if content is not None or method in ("POST", "PUT"):
            lines["Content-Length"] = str(len(content or b""))
        if is_json:
            lines["Content-Type"] = "application/json"
        names = {name.lower() for name in given}
        return {name: value for name, value in lines.items() if name.lower() not in names} | dict(given)
