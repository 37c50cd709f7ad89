"""The client: verbs over a pool of connections, with the API version settled first. Written once; `Client` is awaited,
`SyncClient` drives the same code to its end.

Source of the negotiation: moby client/ping.go. `/_ping` is asked without a version; what the daemon then names in its
Api-Version header is its newest, and the lower of that and our newest goes in front of every path.
"""

from __future__ import annotations

import json as jsonlib
import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

from . import __version__
from .discover import discover
from .endpoint import Endpoint
from .errors import NotDockerError, PeerError, RequestError, StatusError
from .net import Driver
from .net.dial import CONNECT_TIMEOUT, dial
from .net.faults import timeout_fault
from .pool import Connection, Pool
from .wire.http1 import Head, encode_request

NEWEST_API = (1, 56)
OLDEST_API = (1, 24)
PING_TIMEOUT = 10.0  # seconds; the first answer of a peer that may be no daemon at all
_VERSION = re.compile(r"v?(\d+)\.(\d+)")
_VERSIONED = re.compile(r"/v\d+(\.\d+)?(/|$)")
_REPEATABLE = {"GET", "HEAD"}

Params = Mapping[str, str | int | bool]


class Response:
    """A reply with its whole body. Names are httpx's own."""

    def __init__(self, head: Head, content: bytes) -> None:
        self._head = head
        self.content = content

    @property
    def status_code(self) -> int:
        return self._head.status

    @property
    def reason_phrase(self) -> str:
        return self._head.reason

    @property
    def headers(self) -> dict[str, str]:
        """Header names in lower case to their values; of a repeated name the values are joined by ", "."""
        found: dict[str, str] = {}
        for name, value in self._head.headers:
            key = name.lower()
            found[key] = f"{found[key]}, {value}" if key in found else value
        return found

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Raises ValueError when it is none."""
        return jsonlib.loads(self.content)

    def raise_for_status(self) -> Response:
        """Return self, or raise StatusError with the daemon's own message for a status of 400 or more."""
        if self.status_code >= 400:
            raise StatusError(
                self.status_code, f"the daemon answered {self.status_code}: {error_message(self.content)}"
            )
        return self


def error_message(content: bytes) -> str:
    """What an error body says: its JSON `message`, else its text, whatever a proxy put there."""
    text = content[:65536].decode("utf-8", "replace").strip()
    try:
        document = jsonlib.loads(text)
    except ValueError:
        document = None
    if isinstance(document, dict) and isinstance(document.get("message"), str):
        text = document["message"].strip()
    return " ".join(text.split())[:500] or "no message"


class Reply:
    """A reply whose body is still to be read: `receive` until it returns b""."""

    def __init__(self, connection: Connection, head: Head) -> None:
        self._connection = connection
        self.http_version = head.http_version
        self.status_code = head.status
        self.reason_phrase = head.reason
        self.raw_headers = head.headers
        self.head = head

    async def receive(self) -> bytes:
        return await self._connection.receive()

    async def read(self) -> bytes:
        """The rest of the body."""
        parts = []
        while part := await self.receive():
            parts.append(part)
        return b"".join(parts)


class _Core:
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
    ) -> Reply:
        """Send a request and return the reply at its head. A path that begins with /vX.Y is sent as it is; so is
        /_ping. Whoever opens closes: `close(reply)`."""
        method = method.upper()
        target = await self._target(path, params)
        if json is not None:
            content = jsonlib.dumps(json).encode()
        lines = self._headers(method, content, is_json=json is not None)
        lines.update(headers or {})
        request = encode_request(method, target, lines.items()) + (content or b"")
        connection, head = await self._pool.begin(method, request, repeatable=method in _REPEATABLE)
        return Reply(connection, head)

    async def close(self, reply: Reply) -> None:
        """Give the reply's connection back to the pool, or close it when the body was not read to its end."""
        await self._pool.release(reply._connection)

    async def request(self, method: str, path: str, *, timeout: float | None = None, **options: Any) -> Response:
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
        if not _VERSIONED.match(path) and path.partition("?")[0] != "/_ping":
            version = await self.negotiate()
            path = f"/v{version}{path}" if version else path
        if params:
            values = {name: str(value).lower() if isinstance(value, bool) else value for name, value in params.items()}
            path += ("&" if "?" in path else "?") + urlencode(values)
        return self.endpoint.prefix + path

    def _headers(self, method: str, content: bytes | None, *, is_json: bool) -> dict[str, str]:
        lines = {
            "Host": self.endpoint.authority,
            "User-Agent": f"rawdock/{__version__}",
            "Accept-Encoding": "identity",  # an archive sent gzipped takes five times as long
        }
        if content is not None or method in ("POST", "PUT"):
            lines["Content-Length"] = str(len(content or b""))
        if is_json:
            lines["Content-Type"] = "application/json"
        return lines


def parse_api_version(text: str, origin: str) -> tuple[int, int]:
    """(major, minor) of "1.41" or "v1.41". Raises RequestError naming `origin`."""
    match = _VERSION.fullmatch(text)
    if not match:
        raise RequestError(f"API version {text!r} from {origin}, expected a number such as 1.41")
    return int(match[1]), int(match[2])


def negotiated_version(endpoint: Endpoint, response: Response) -> tuple[int, int] | None:
    """The version to speak after this answer to /_ping. Raises NotDockerError if no daemon gave it."""
    named = _VERSION.fullmatch(response.headers.get("api-version", ""))
    if response.status_code == 400 and b"HTTPS server" in response.content:
        raise PeerError(
            f"{endpoint}: the daemon wants TLS on this port", "set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH"
        )
    if response.status_code != 200 and not named:
        raise NotDockerError(
            f"{endpoint}: what answers is no Docker daemon: it gave /_ping {response.status_code} "
            f"{response.reason_phrase}".rstrip()
            + f" ({error_message(response.content)[:80]})",
            "give the address of a Docker daemon",
        )
    if not named and response.text.strip() != "OK":
        raise NotDockerError(
            f"{endpoint}: what answers is no Docker daemon: /_ping gave {response.text[:40]!r}, expected OK",
            "give the address of a Docker daemon",
        )
    return min((int(named[1]), int(named[2])), NEWEST_API) if named else None


def _environment_version(environ: Mapping[str, str]) -> str | None:
    version = environ.get("DOCKER_API_VERSION")
    if version:
        parse_api_version(version, "DOCKER_API_VERSION")
    return version or None


class Client:
    """The client for asyncio and trio. Without an endpoint it takes the environment's; the constructor does no I/O but
    reading files. Use it with `async with`.

    `api_version`: "1.41" fixes the version and skips the negotiation. `connect_timeout`: seconds, None for no limit.
    """

    def __init__(
        self,
        endpoint: Endpoint | None = None,
        *,
        api_version: str | None = None,
        connect_timeout: float | None = CONNECT_TIMEOUT,
    ) -> None:
        from .net.anyio import AnyioDriver

        version = api_version or _environment_version(os.environ)
        self._core = _Core(endpoint or discover(os.environ), AnyioDriver(), version, connect_timeout)

    @property
    def endpoint(self) -> Endpoint:
        return self._core.endpoint

    async def negotiate(self) -> str | None:
        return await self._core.negotiate()

    async def request(self, method: str, path: str, **options: Any) -> Response:
        """Return the whole reply, whatever its status. `options`: params, json, content (bytes),
        headers, timeout (seconds for all of it, None for no limit)."""
        return await self._core.request(method, path, **options)

    async def get(self, path: str, **options: Any) -> Response:
        return await self.request("GET", path, **options)

    async def head(self, path: str, **options: Any) -> Response:
        return await self.request("HEAD", path, **options)

    async def post(self, path: str, **options: Any) -> Response:
        return await self.request("POST", path, **options)

    async def put(self, path: str, **options: Any) -> Response:
        return await self.request("PUT", path, **options)

    async def delete(self, path: str, **options: Any) -> Response:
        return await self.request("DELETE", path, **options)

    @asynccontextmanager
    async def stream(self, method: str, path: str, **options: Any) -> AsyncIterator[Reply]:
        """`async with client.stream("GET", "/events") as reply`: the reply at its head, the body as it comes."""
        reply = await self._core.open(method, path, **options)
        try:
            yield reply
        finally:
            await self._core.close(reply)

    async def aclose(self) -> None:
        await self._core._pool.aclose()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class SyncReply:
    """A Reply to iterate: each item is the next bytes of the body as they came."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self.http_version = reply.http_version
        self.status_code = reply.status_code
        self.reason_phrase = reply.reason_phrase
        self.raw_headers = reply.raw_headers

    def __iter__(self) -> Iterator[bytes]:
        from .net.blocking import run

        while part := run(self._reply.receive()):
            yield part


class SyncClient:
    """The client without an event loop: no thread, no portal. See Client. Use it with `with`, from one thread at a time."""

    def __init__(
        self,
        endpoint: Endpoint | None = None,
        *,
        api_version: str | None = None,
        connect_timeout: float | None = CONNECT_TIMEOUT,
    ) -> None:
        from .net.blocking import BlockingDriver, run

        version = api_version or _environment_version(os.environ)
        self._run = run
        self._core = _Core(endpoint or discover(os.environ), BlockingDriver(), version, connect_timeout)

    @property
    def endpoint(self) -> Endpoint:
        return self._core.endpoint

    def negotiate(self) -> str | None:
        return self._run(self._core.negotiate())

    def request(self, method: str, path: str, **options: Any) -> Response:
        """Return the whole reply, whatever its status. `options`: params, json, content (bytes),
        headers, timeout (seconds for all of it, None for no limit)."""
        return self._run(self._core.request(method, path, **options))

    def get(self, path: str, **options: Any) -> Response:
        return self.request("GET", path, **options)

    def head(self, path: str, **options: Any) -> Response:
        return self.request("HEAD", path, **options)

    def post(self, path: str, **options: Any) -> Response:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> Response:
        return self.request("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> Response:
        return self.request("DELETE", path, **options)

    @contextmanager
    def stream(self, method: str, path: str, **options: Any) -> Iterator[SyncReply]:
        """`with client.stream("GET", "/events") as reply`: the reply at its head; iterate it for the body."""
        reply = self._run(self._core.open(method, path, **options))
        try:
            yield SyncReply(reply)
        finally:
            self._run(self._core.close(reply))

    def close(self) -> None:
        self._run(self._core._pool.aclose())

    def __enter__(self) -> SyncClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
