"""What is particular to two coroutines over blocking sockets, without a thread. What all drivers do is in test_both.py."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from test_streams import LARGE, endpoint_of, read_exactly
from wire_daemon import HOLD, Connection, Script, WireDaemon

from rawdock.net import ByteStream
from rawdock.net.blocking import BlockingDriver
from rawdock.net.blocking import run as run_blocking
from rawdock.net.dial import dial
from rawdock.net.files import file_parts


def test_a_blocking_background_may_make_calls_of_its_own(tmp_path: Path) -> None:
    """Input that another request of the same client gives, by a generator: that request waits, and all with it."""
    driver = BlockingDriver()
    (tmp_path / "two").mkdir()
    with (
        WireDaemon(tmp_path, "unix", [Connection.until_eof]) as daemon,
        WireDaemon(tmp_path / "two", "unix", [Connection.receive, b"borrowed", HOLD]) as lender,
    ):

        async def borrow() -> bytes:
            stream = await dial(endpoint_of(lender, "unix", tmp_path), driver)
            try:
                await stream.send(b"?")
                return await read_exactly(stream, 8)
            finally:
                await stream.aclose()

        async def body() -> None:
            stream = await dial(endpoint_of(daemon, "unix", tmp_path), driver)

            async def feed() -> None:
                await stream.send(run_blocking(borrow()))
                await stream.send_eof()

            try:
                await driver.both(stream.receive(), feed())
            finally:
                await stream.aclose()

        run_blocking(body())
    assert bytes(daemon.connections[0].received) == b"borrowed"


def test_a_background_that_waits_in_an_async_generator_is_ended(tmp_path: Path) -> None:
    """As one that reads a terminal does, when the process at the other end has ended."""
    driver = BlockingDriver()
    reading, writing = os.pipe()
    closed: list[str] = []

    async def outer() -> AsyncIterator[bytes]:
        try:
            async for part in file_parts(reading):
                yield part
        finally:
            closed.append("outer")

    async def listen() -> None:
        async for _ in outer():
            pass

    async def body() -> None:
        async with driver.beside(listen()):
            pass

    try:
        run_blocking(body())
    finally:
        os.close(reading)
        os.close(writing)
    assert closed == ["outer"]


def test_what_runs_beside_goes_on_in_later_calls_of_the_thread(tmp_path: Path) -> None:
    """Entered by one call, left by another: so a `with` block of the sync client feeds an exec between its frames."""
    driver = BlockingDriver()
    with WireDaemon(tmp_path, "unix", [Connection.until_eof, b"all read", HOLD]) as daemon:
        stream = run_blocking(dial(endpoint_of(daemon, "unix", tmp_path), driver))

        async def feed() -> None:
            await stream.send(LARGE)
            await stream.send_eof()

        beside = driver.beside(feed())
        run_blocking(beside.__aenter__())
        assert run_blocking(read_exactly(stream, 8)) == b"all read"
        run_blocking(beside.__aexit__(None, None, None))
        run_blocking(stream.aclose())
    assert len(daemon.connections[0].received) == len(LARGE)


def test_two_backgrounds_may_be_left_in_any_order(tmp_path: Path) -> None:
    driver = BlockingDriver()
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    script: Script = [Connection.until_eof, b"all read", HOLD]
    with WireDaemon(folders[0], "unix", script) as one, WireDaemon(folders[1], "unix", script) as two:

        async def feed(stream: ByteStream) -> None:
            await stream.send(LARGE)
            await stream.send_eof()

        async def body() -> None:
            streams = [await dial(endpoint_of(daemon, "unix", tmp_path), driver) for daemon in (one, two)]
            contexts = [driver.beside(feed(stream)) for stream in streams]
            for context in contexts:
                await context.__aenter__()
            for stream, context in zip(streams, contexts, strict=True):  # the first that was entered is left first
                assert await read_exactly(stream, 8) == b"all read"
                await context.__aexit__(None, None, None)
            for stream in streams:
                await stream.aclose()

        run_blocking(body())


def test_a_wait_on_a_socket_that_is_closed_meanwhile_ends(tmp_path: Path) -> None:
    driver = BlockingDriver()

    async def body() -> None:
        stream = await dial(endpoint_of(daemon, "unix", tmp_path), driver)
        other = await dial(endpoint_of(daemon, "unix", tmp_path), driver)

        async def hear() -> None:
            await stream.receive()

        with pytest.raises(Exception, match="the connection was lost"):
            async with driver.beside(hear()):
                await stream.aclose()
                await other.receive()
        await other.aclose()

    with WireDaemon(tmp_path, "unix", [HOLD]) as daemon:
        run_blocking(body())
