"""One call of a client, over the three flavours: a stream is read to its end, and anything else is awaited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import anyio

from rawdock import Client, Endpoint, SyncClient


def collect(
    flavour: str,
    endpoint: Endpoint,
    verb: str,
    *words: Any,
    into: list[Any] | None = None,
    version: str | None = "1.43",
    connections: int | None = None,
    **options: Any,
) -> list[Any]:
    """The items of the stream that `verb` opens; `into` holds them even if an error ends it."""
    found: list[Any] = [] if into is None else into
    if flavour == "sync":
        with (
            SyncClient(endpoint, api_version=version, connections=connections) as blocking,
            getattr(blocking, verb)(*words, **options) as stream,
        ):
            for item in stream:
                found.append(item)
            assert stream.receive() == []
        return found

    async def body() -> None:
        async with (
            Client(endpoint, api_version=version, connections=connections) as client,
            getattr(client, verb)(*words, **options) as stream,
        ):
            async for item in stream:
                found.append(item)
            assert await stream.receive() == []

    anyio.run(body, backend=flavour)
    return found


def ask(flavour: str, endpoint: Endpoint, verb: str, *words: Any, version: str | None = "1.43", **options: Any) -> Any:
    """What the call gives."""
    if flavour == "sync":
        with SyncClient(endpoint, api_version=version) as blocking:
            return getattr(blocking, verb)(*words, **options)

    async def body() -> Any:
        async with Client(endpoint, api_version=version) as client:
            return await getattr(client, verb)(*words, **options)

    return anyio.run(body, backend=flavour)


def chunked(*parts: bytes, headers: Sequence[str] = (), end: bool = True) -> bytes:
    """A reply whose body is `parts`, a chunk each; without `end` it breaks off."""
    lines = ["HTTP/1.1 200 OK", *headers, "Transfer-Encoding: chunked", "", ""]
    body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return "\r\n".join(lines).encode() + body + (b"0\r\n\r\n" if end else b"")
