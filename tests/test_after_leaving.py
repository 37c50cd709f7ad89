"""A stream or hijack that is used after its `with` was left: never another exchange's bytes, nor a bad descriptor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from client_faces import MULTIPLEXED, Caller, frame, talk, upgraded
from flavours import FLAVOURS, with_core
from wire_daemon import HOLD, REQUEST, WireDaemon, reply

from rawdock.client.core import Core
from rawdock.errors import RequestError

BEGUN = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_stream_that_was_left_gives_nothing_of_the_next_exchange(flavour: str, tmp_path: Path) -> None:
    async def body(core: Core) -> tuple[bytes, bytes]:
        first = await core.open("GET", "/one")
        assert await first.read() == b"one"
        await core.close(first)
        second = await core.open("GET", "/two")
        try:
            return await first.receive(), await second.read()
        finally:
            await core.close(second)

    with WireDaemon(tmp_path, "unix", [REQUEST, reply(b"one"), REQUEST, reply(b"two"), HOLD]) as daemon:
        assert with_core(flavour, daemon.url, body, api_version="1.43") == (b"", b"two")


@pytest.mark.parametrize("received", [0, 1])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_stream_that_was_left_before_its_end_says_so(flavour: str, received: int, tmp_path: Path) -> None:
    async def body(core: Core) -> None:
        left = await core.open("GET", "/logs")
        for _ in range(received):
            assert await left.receive() == b"one"
        await core.close(left)
        await left.receive()

    words = "GET /logs: its `with` was left; use it inside of its `with`"
    with WireDaemon(tmp_path, "unix", [REQUEST, BEGUN, HOLD]) as daemon, pytest.raises(RequestError, match=words):
        with_core(flavour, daemon.url, body, api_version="1.43")


@pytest.mark.parametrize("use", [lambda one: one.receive(), lambda one: one.send(b"x"), lambda one: one.send_eof()])
@pytest.mark.parametrize("backend", ["blocking", "asyncio", "trio"])
def test_a_hijack_that_was_left_says_so(backend: str, use: Any, tmp_path: Path) -> None:
    def body(client: Any) -> None:
        with client.attach("web") as hijack:
            assert hijack.receive() == frame(1, b"x")
        use(hijack)

    with pytest.raises(RequestError, match="its `with` was left"):
        talk(Caller(backend), tmp_path, body, [REQUEST, upgraded(MULTIPLEXED) + frame(1, b"x"), HOLD])
