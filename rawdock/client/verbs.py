"""The verbs without an event loop: what `SyncClient` is made of, and enough for a command that makes plain requests. The other
calls cost 12 ms more to import, and the registry's credentials, where a call needs them, 16.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

from ..discovery import endpoint_of
from ..endpoint import Endpoint
from ..net import Driver
from ..net.timeouts import Timeouts
from .content import refuse_async
from .core import CONNECTIONS, Core, Options
from .response import Headers, Reply, Response
from .version import environment_version

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack


def core_of(
    endpoint: Endpoint | str | None,
    driver: Driver,
    api_version: str | None,
    timeouts: Timeouts,
    connections: int | None,
) -> Core:
    origin = "the caller" if api_version else "DOCKER_API_VERSION"
    version = api_version or environment_version(os.environ)
    return Core(endpoint_of(endpoint), driver, version, timeouts, connections, origin, os.environ)


class SyncReply:
    """A Reply without an event loop: each item is the next bytes of the body as they came."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self.http_version = reply.http_version
        self.status_code = reply.status_code
        self.reason_phrase = reply.reason_phrase
        self.raw_headers = reply.raw_headers

    def __iter__(self) -> Iterator[bytes]:
        from ..net.blocking import run

        while part := run(self._reply.receive()):
            yield part

    @property
    def headers(self) -> Headers:
        return self._reply.headers

    def receive(self) -> bytes:
        """See Reply."""
        from ..net.blocking import run

        return run(self._reply.receive())

    def read(self) -> bytes:
        """The rest of the body."""
        from ..net.blocking import run

        return run(self._reply.read())

    def __repr__(self) -> str:
        return repr(self._reply)

    def raise_for_status(self) -> None:
        """See Reply."""
        from ..net.blocking import run

        run(self._reply.raise_for_status())


class SyncVerbs:
    """Any request to one daemon. See SyncClient."""

    def __init__(
        self,
        endpoint: Endpoint | str | None = None,
        *,
        api_version: str | None = None,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 -- frozen
        connections: int | None = CONNECTIONS,
    ) -> None:
        from ..net.blocking import BlockingDriver, run

        self._run = run
        self._core = core_of(endpoint, BlockingDriver(), api_version, timeouts, connections)

    @property
    def endpoint(self) -> Endpoint:
        return self._core.endpoint

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.endpoint}>"

    def negotiate(self) -> str | None:
        """See Client."""
        return self._run(self._core.negotiate())

    def request(self, method: str, path: str, **options: Unpack[Options]) -> Response:
        """See Client.request."""
        refuse_async(options.get("content"))
        return self._run(self._core.request(method, path, **options))

    def get(self, path: str, **options: Unpack[Options]) -> Response:
        return self.request("GET", path, **options)

    def head(self, path: str, **options: Unpack[Options]) -> Response:
        return self.request("HEAD", path, **options)

    def post(self, path: str, **options: Unpack[Options]) -> Response:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Unpack[Options]) -> Response:
        return self.request("PUT", path, **options)

    def delete(self, path: str, **options: Unpack[Options]) -> Response:
        return self.request("DELETE", path, **options)

    @contextmanager
    def stream(self, method: str, path: str, **options: Unpack[Options]) -> Iterator[SyncReply]:
        """`with client.stream("GET", "/events") as reply`: the reply at its head; iterate it for the body."""
        refuse_async(options.get("content"))
        reply = self._run(self._core.open(method, path, **options))
        try:
            yield SyncReply(reply)
        finally:
            self._run(self._core.close(reply))

    def close(self) -> None:
        """See Client.aclose."""
        self._run(self._core.aclose())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
