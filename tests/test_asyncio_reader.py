"""What is particular to reading under asyncio, where the event loop goes on watching a socket. What all drivers do is in
test_streams.py."""

from __future__ import annotations

import asyncio
import contextvars
import selectors
import socket
import subprocess
import sys
from collections.abc import Iterator

import anyio
import pytest

from rawdock.errors import ConnectionLostError
from rawdock.net.anyio import AnyioStream
from rawdock.net.asyncio_reader import AsyncioReader


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """(ours, the peer's)."""
    ours, peer = socket.socketpair()
    ours.setblocking(False)
    with ours, peer:
        yield ours, peer


async def begun(stream: AnyioStream, max_bytes: int = 65536) -> asyncio.Task[bytes]:
    """A task that waits to receive."""
    task = asyncio.create_task(stream.receive(max_bytes))
    await asyncio.sleep(0)
    return task


def reader(stream: AnyioStream) -> AsyncioReader:
    assert stream._reader is not None
    return stream._reader


class CountingSelector(selectors.DefaultSelector):
    rounds = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.rounds += 1
        return super().select(timeout)


def test_what_looks_at_waiting_tasks_finds_one_that_receives(pair: tuple[socket.socket, socket.socket]) -> None:
    """anyio asks what a task awaits whether it is done, as a Future is asked."""
    ours, peer = pair

    async def body() -> None:
        task = await begun(AnyioStream(ours))
        await anyio.wait_all_tasks_blocked()
        assert not task.done()
        peer.send(b"x")
        assert await task == b"x"

    asyncio.run(body())


def test_an_answer_costs_one_round_of_the_loop(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, peer = pair

    async def body() -> None:
        stream = AnyioStream(ours)
        peer.send(b"first")
        await stream.receive()
        before = selector.rounds
        for _ in range(100):
            peer.send(b"answer")
            assert await stream.receive() == b"answer"
        assert selector.rounds - before == 100
        await stream.aclose()

    selector = CountingSelector()
    loop = asyncio.SelectorEventLoop(selector)
    try:
        loop.run_until_complete(body())
    finally:
        loop.close()


def test_a_cancelled_receive_takes_nothing(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, peer = pair

    async def body() -> None:
        stream = AnyioStream(ours)
        task = await begun(stream)
        peer.send(b"abc")
        task.cancel("why")
        with pytest.raises(asyncio.CancelledError, match="why"):
            await task
        assert stream.readable()
        assert [await stream.receive(2), await stream.receive(2)] == [b"ab", b"c"]
        assert not stream.readable()
        await stream.aclose()

    asyncio.run(body())


def test_a_receive_that_is_cancelled_twice_ends_once(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, peer = pair

    async def body() -> None:
        stream = AnyioStream(ours)
        task = await begun(stream)
        task.cancel()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        peer.send(b"abc")
        assert await stream.receive() == b"abc"
        await stream.aclose()

    asyncio.run(body())


def test_a_task_goes_on_in_its_own_context(pair: tuple[socket.socket, socket.socket]) -> None:
    """The loop's callback has the context of the first that waited."""
    ours, peer = pair
    name: contextvars.ContextVar[str] = contextvars.ContextVar("name", default="nobody")

    async def received(stream: AnyioStream, who: str) -> str:
        name.set(who)
        await stream.receive()
        current = asyncio.current_task()
        assert current is not None
        return f"{name.get()} in {current.get_name()}"

    async def body() -> None:
        stream = AnyioStream(ours)
        for who in ("one", "two"):
            task = asyncio.create_task(received(stream, who), name=who.upper())
            await asyncio.sleep(0)
            peer.send(b"x")
            assert await task == f"{who} in {who.upper()}"
        assert name.get() == "nobody"
        await stream.aclose()

    asyncio.run(body())


def test_bytes_that_nobody_receives_do_not_keep_the_loop_busy(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, peer = pair

    async def body() -> None:
        stream = AnyioStream(ours)
        peer.send(b"asked")
        assert await stream.receive() == b"asked"
        assert reader(stream)._watched_by
        peer.send(b"unasked")
        while reader(stream)._watched_by:
            await asyncio.sleep(0)
        assert await stream.receive() == b"unasked"
        await stream.aclose()

    asyncio.run(asyncio.wait_for(body(), 10))


def test_a_stream_may_be_used_in_one_loop_after_the_other(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, peer = pair
    streams = []

    async def first() -> None:
        streams.append(AnyioStream(ours))
        peer.send(b"one")
        assert await streams[0].receive() == b"one"

    async def second() -> None:
        task = await begun(streams[0])
        peer.send(b"two")
        assert await task == b"two"
        await streams[0].aclose()

    asyncio.run(first())
    asyncio.run(second())


def test_closing_ends_a_receive(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, _ = pair

    async def body() -> None:
        stream = AnyioStream(ours)
        task = await begun(stream)
        await stream.aclose()
        with pytest.raises(ConnectionLostError):
            await task
        assert not asyncio.get_running_loop().remove_reader(number)

    number = ours.fileno()
    asyncio.run(body())


def test_two_tasks_that_receive_from_one_stream_are_a_bug(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, peer = pair

    async def body() -> None:
        stream = AnyioStream(ours)
        task = await begun(stream)
        with pytest.raises(anyio.BusyResourceError):
            await stream.receive()
        peer.send(b"mine")
        assert await task == b"mine"
        await stream.aclose()

    asyncio.run(body())


def test_trio_reads_without_asyncio() -> None:
    """In a process of its own: here asyncio is imported already."""
    program = (
        "import sys, anyio, socket\n"
        "from rawdock.net.anyio import AnyioStream\n"
        "async def body():\n"
        "    ours, peer = socket.socketpair()\n"
        "    ours.setblocking(False)\n"
        "    stream = AnyioStream(ours)\n"
        "    peer.send(b'x')\n"
        "    assert await stream.receive() == b'x'\n"
        "    await stream.aclose()\n"
        "    peer.close()\n"
        "    print('asyncio' in sys.modules)\n"
        "anyio.run(body, backend='trio')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
