"""One suite for every byte stream: unix, tcp, TLS 1.2 and TLS 1.3, on blocking sockets, asyncio and trio.

It is long because one suite runs over all transports and drivers.
"""

from __future__ import annotations

import _socket
import hashlib
import socket
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import anyio
import pytest
from certificates import authority
from wire_daemon import HOLD, RESET, Connection, Script, WireDaemon, waiting_for

from rawdock.endpoint import Endpoint, TLSFiles
from rawdock.errors import ConnectionLostError, RawdockError, RefusedError, TimedOutError, TLSError, UnknownHostError
from rawdock.net import ByteStream, Driver
from rawdock.net.anyio import AnyioDriver
from rawdock.net.blocking import BlockingDriver
from rawdock.net.blocking import run as run_blocking
from rawdock.net.dial import connect, dial, secure

T = TypeVar("T")
LARGE = bytes(range(256)) * 16384  # 4 MiB, more than every buffer on the way
Use = Callable[[ByteStream], Coroutine[Any, Any, None]]


class Flavour:
    """One way to run the code: a driver, and what runs a coroutine over it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.driver: Driver = BlockingDriver() if name == "blocking" else AnyioDriver()

    def run(self, body: Callable[[], Coroutine[Any, Any, T]]) -> T:
        if self.name == "blocking":
            return run_blocking(body())
        return anyio.run(body, backend=self.name)


@pytest.fixture(params=["blocking", "asyncio", "trio"])
def flavour(request: pytest.FixtureRequest) -> Flavour:
    return Flavour(request.param)


@pytest.fixture(params=["unix", "tcp", "tls1.2", "tls1.3"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def endpoint_of(daemon: WireDaemon, transport: str, folder: Path) -> Endpoint:
    files = None
    if transport.startswith("tls"):
        files = TLSFiles.in_folder(str(authority().folder(folder / "client")), "the test")
    return Endpoint.parse(daemon.url, "the test", files)


def converse(flavour: Flavour, transport: str, folder: Path, script: Script, use: Use) -> Connection:
    """Dial a daemon that plays `script`, use the stream, close it. Returns the daemon's side."""
    with WireDaemon(folder, transport, script) as daemon:
        endpoint = endpoint_of(daemon, transport, folder)

        async def body() -> None:
            stream = await dial(endpoint, flavour.driver, 10)
            try:
                await use(stream)
            finally:
                await stream.aclose()

        flavour.run(body)
    return daemon.connections[0]


async def read_exactly(stream: ByteStream, size: int, max_bytes: int = 65536) -> bytes:
    data = bytearray()
    while len(data) < size:
        wanted = min(max_bytes, size - len(data))
        part = await stream.receive(wanted)
        assert part, f"the stream ended after {len(data)} of {size} bytes"
        assert len(part) <= wanted
        data += part
    return bytes(data)


def echo_until_eof(connection: Connection) -> None:
    while data := connection.receive():
        connection.send(data)


def test_what_is_sent_arrives_and_what_is_answered_is_received(
    flavour: Flavour, transport: str, tmp_path: Path
) -> None:
    async def use(stream: ByteStream) -> None:
        for word in (b"one", b"", b"two", b"\x00\xff"):
            await stream.send(word)
            assert await read_exactly(stream, len(word)) == word

    connection = converse(flavour, transport, tmp_path, [echo_until_eof], use)
    assert bytes(connection.received) == b"onetwo\x00\xff"


def test_a_large_body_goes_up_whole(flavour: Flavour, transport: str, tmp_path: Path) -> None:
    async def use(stream: ByteStream) -> None:
        await stream.send(LARGE)
        await stream.send_eof()
        assert await read_exactly(stream, 4) == b"done"

    connection = converse(flavour, transport, tmp_path, [Connection.until_eof, b"done", HOLD], use)
    assert hashlib.sha256(connection.received).digest() == hashlib.sha256(LARGE).digest()


def test_a_large_body_comes_down_whole(flavour: Flavour, transport: str, tmp_path: Path) -> None:
    async def use(stream: ByteStream) -> None:
        assert await read_exactly(stream, len(LARGE)) == LARGE
        assert await stream.receive() == b""

    converse(flavour, transport, tmp_path, [LARGE], use)


def test_no_more_than_max_bytes_come_at_once(flavour: Flavour, transport: str, tmp_path: Path) -> None:
    async def use(stream: ByteStream) -> None:
        assert await read_exactly(stream, 3000, max_bytes=7) == b"abc" * 1000

    converse(flavour, transport, tmp_path, [b"abc" * 1000], use)


def test_the_end_is_an_empty_read_and_stays_one(flavour: Flavour, transport: str, tmp_path: Path) -> None:
    async def use(stream: ByteStream) -> None:
        assert await read_exactly(stream, 3) == b"end"
        assert [await stream.receive() for _ in range(3)] == [b""] * 3

    converse(flavour, transport, tmp_path, [b"end"], use)


def test_after_send_eof_the_peer_sees_the_end_and_goes_on_sending(
    flavour: Flavour, transport: str, tmp_path: Path
) -> None:
    seen = threading.Event()

    def note_the_end(connection: Connection) -> None:
        assert connection.until_eof() == b"stdin"
        seen.set()

    async def use(stream: ByteStream) -> None:
        await stream.send(b"stdin")
        await stream.send_eof()
        assert await read_exactly(stream, len(LARGE)) == LARGE
        assert seen.is_set()
        assert await stream.receive() == b""

    converse(flavour, transport, tmp_path, [note_the_end, LARGE], use)


def test_send_eof_twice_is_harmless(flavour: Flavour, transport: str, tmp_path: Path) -> None:
    async def use(stream: ByteStream) -> None:
        await stream.send_eof()
        await stream.send_eof()
        assert await read_exactly(stream, 4) == b"late"

    converse(flavour, transport, tmp_path, [Connection.until_eof, b"late", HOLD], use)


def test_send_eof_keeps_what_had_come_but_was_not_yet_received(
    flavour: Flavour, transport: str, tmp_path: Path
) -> None:
    """OpenSSL drops records that it finds after our close_notify: seen as APPLICATION_DATA_AFTER_CLOSE_NOTIFY."""

    def three_records(connection: Connection) -> None:
        for _ in range(3):
            connection.send(b"x" * 1000)

    async def use(stream: ByteStream) -> None:
        await stream.send(b"go")
        received = await stream.receive(10)  # the rest is there already, decrypted or not
        await stream.send_eof()
        assert received + await read_exactly(stream, 3000 - len(received)) == b"x" * 3000
        assert await read_exactly(stream, 3) == b"end"

    def wait_for_go(connection: Connection) -> None:
        assert connection.receive() == b"go"

    converse(flavour, transport, tmp_path, [wait_for_go, three_records, Connection.until_eof, b"end"], use)


def test_closing_twice_is_harmless(flavour: Flavour, transport: str, tmp_path: Path) -> None:
    async def use(stream: ByteStream) -> None:
        await stream.aclose()
        await stream.aclose()

    converse(flavour, transport, tmp_path, [HOLD], use)


def test_closing_shows_the_peer_an_end(flavour: Flavour, transport: str, tmp_path: Path) -> None:
    async def use(stream: ByteStream) -> None:
        await stream.send(b"bye")

    connection = converse(flavour, transport, tmp_path, [HOLD], use)
    assert bytes(connection.received) == b"bye"


def test_a_closed_stream_is_lost(flavour: Flavour, transport: str, tmp_path: Path) -> None:
    async def use(stream: ByteStream) -> None:
        await stream.aclose()
        with pytest.raises(ConnectionLostError):
            await stream.receive()
        with pytest.raises(ConnectionLostError):
            await stream.send(b"x")

    converse(flavour, transport, tmp_path, [HOLD], use)


def test_a_silent_peer_runs_into_the_time_out_and_the_stream_can_be_closed(
    flavour: Flavour, transport: str, tmp_path: Path
) -> None:
    async def use(stream: ByteStream) -> None:
        with pytest.raises(TimeoutError), flavour.driver.fail_after(0.05):
            await stream.receive()

    converse(flavour, transport, tmp_path, [HOLD], use)


def test_a_peer_that_reads_nothing_runs_a_large_send_into_the_time_out(
    flavour: Flavour, transport: str, tmp_path: Path
) -> None:
    over = threading.Event()

    async def use(stream: ByteStream) -> None:
        try:
            with pytest.raises(TimeoutError), flavour.driver.fail_after(0.1):
                await stream.send(LARGE * 4)
        finally:
            over.set()

    converse(flavour, transport, tmp_path, [waiting_for(over)], use)


def test_after_a_time_out_block_the_stream_waits_as_long_as_it_takes(
    flavour: Flavour, transport: str, tmp_path: Path
) -> None:
    async def use(stream: ByteStream) -> None:
        with flavour.driver.fail_after(5):
            assert await read_exactly(stream, 1) == b"a"
        await stream.send(b"?")
        assert await read_exactly(stream, 1) == b"b"

    def wait_for_question(connection: Connection) -> None:
        assert connection.receive() == b"?"

    converse(flavour, transport, tmp_path, [b"a", wait_for_question, b"b"], use)


def test_the_outer_time_out_ends_the_outer_block(flavour: Flavour, transport: str, tmp_path: Path) -> None:
    """An inner block must not take an outer limit for its own: its message would name the wrong seconds."""
    inner: list[str] = []

    async def use(stream: ByteStream) -> None:
        with pytest.raises(TimeoutError), flavour.driver.fail_after(0.05):
            try:
                with flavour.driver.fail_after(60):
                    await stream.receive()
            except TimeoutError:
                inner.append("took over 60 s")

    converse(flavour, transport, tmp_path, [HOLD], use)
    assert inner == []


@pytest.mark.parametrize("transport", ["tcp", "tls1.2", "tls1.3"])  # a Unix socket has no reset
def test_a_reset_is_a_lost_connection(flavour: Flavour, transport: str, tmp_path: Path) -> None:
    async def use(stream: ByteStream) -> None:
        await stream.send(b"go")
        with pytest.raises(ConnectionLostError):
            while await stream.receive():
                pass

    def wait_for_go(connection: Connection) -> None:
        assert connection.receive() == b"go"

    converse(flavour, transport, tmp_path, [wait_for_go, RESET], use)


def test_sending_to_a_peer_that_has_gone_is_a_lost_connection(flavour: Flavour, transport: str, tmp_path: Path) -> None:
    async def use(stream: ByteStream) -> None:
        assert await stream.receive() == b""
        with pytest.raises(ConnectionLostError):
            for _ in range(200):
                await stream.send(LARGE[:65536])

    converse(flavour, transport, tmp_path, [], use)


def test_nothing_listening_is_refused(flavour: Flavour) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint = Endpoint.parse(f"tcp://127.0.0.1:{listener.getsockname()[1]}", "the test")

    async def body() -> None:
        await dial(endpoint, flavour.driver, 5)

    with pytest.raises(RefusedError, match=r"tcp://127\.0\.0\.1:\d+ from the test: the host refused"):
        flavour.run(body)


@pytest.mark.parametrize("name", ["a" * 70, "a..b"])
def test_a_name_that_no_resolver_can_be_asked_is_unknown(flavour: Flavour, name: str) -> None:
    async def body() -> None:
        await dial(Endpoint.parse(f"tcp://{name}:2375", "the test"), flavour.driver, 5)

    with pytest.raises(UnknownHostError, match="does not resolve"):
        flavour.run(body)


def test_a_silent_name_server_runs_connecting_into_its_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an event loop; with one, the loop's own threads look the name up."""
    answer = threading.Event()

    def look_up(*words: Any) -> list[Any]:
        if words[-1] == socket.AI_NUMERICHOST:
            raise socket.gaierror("it is a name")
        return [answer.wait(20)]

    monkeypatch.setattr(_socket, "getaddrinfo", look_up)
    try:
        with pytest.raises(TimedOutError, match=r"tcp://name\.invalid:2375 from the test: .* 0\.05 s"):
            run_blocking(dial(Endpoint.parse("tcp://name.invalid:2375", "the test"), BlockingDriver(), 0.05))
    finally:
        answer.set()


def test_a_host_with_several_addresses_is_tried_to_the_last(flavour: Flavour, tmp_path: Path) -> None:
    """`localhost` is ::1 first on most machines, and the daemon listens on 127.0.0.1 only."""
    with WireDaemon(tmp_path, "tcp", [b"here"]) as daemon:
        endpoint = Endpoint.parse(f"tcp://localhost:{daemon.port}", "the test")

        async def body() -> bytes:
            stream = await dial(endpoint, flavour.driver, 5)
            try:
                return await read_exactly(stream, 4)
            finally:
                await stream.aclose()

        assert flavour.run(body) == b"here"


def test_a_full_backlog_runs_connecting_into_its_time_out(flavour: Flavour) -> None:
    """The kernel answers no SYN beyond the backlog, so connecting hangs as it does at a firewall that drops."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        try:
            for stream in waiting:
                stream.setblocking(False)
                stream.connect_ex(address)
            endpoint = Endpoint.parse(f"tcp://127.0.0.1:{address[1]}", "the test")

            async def body() -> None:
                await connect(endpoint, flavour.driver, 0.1)

            with pytest.raises(TimedOutError, match=r"connecting took over 0\.1 s"):
                flavour.run(body)
        finally:
            for stream in waiting:
                stream.close()


@pytest.mark.parametrize(
    "script", [[HOLD], [Connection.receive, RESET], [Connection.receive]], ids=["silent", "reset", "closed"]
)
def test_a_handshake_with_a_peer_that_does_not_answer_is_explained(
    flavour: Flavour, script: Script, tmp_path: Path
) -> None:
    expected = {"HOLD": (TimedOutError, "the TLS handshake took over 0.2 s")}
    kind, words = expected["HOLD"] if script == [HOLD] else (TLSError, "the connection in the TLS handshake")
    with WireDaemon(tmp_path, "tcp", script) as daemon:
        endpoint = endpoint_of(daemon, "tls", tmp_path)

        async def body() -> None:
            stream = await connect(endpoint, flavour.driver, 5)
            try:
                await secure(stream, endpoint, flavour.driver, 0.2)
            finally:
                await stream.aclose()

        with pytest.raises(RawdockError, match=words) as caught:
            flavour.run(body)
    assert type(caught.value) is kind


def test_tcp_connections_send_at_once_and_notice_a_dead_peer(flavour: Flavour, tmp_path: Path) -> None:
    """TCP_NODELAY, or small frames wait for an acknowledgement; keep-alive, or a hijacked stream never ends."""
    options: list[int] = []

    async def use(stream: ByteStream) -> None:
        inner: Any = stream
        raw = inner.socket
        options.append(raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        options.append(raw.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))

    converse(flavour, "tcp", tmp_path, [HOLD], use)
    assert options == [1, 1]


def test_blocking_code_that_would_suspend_is_called_a_bug() -> None:
    async def suspends() -> None:
        await anyio.sleep(0)

    with pytest.raises((RuntimeError, anyio.NoEventLoopError)):
        run_blocking(suspends())
