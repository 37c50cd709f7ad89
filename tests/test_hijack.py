"""Hijacked connections over a daemon whose bytes stand here: on blocking sockets, asyncio and trio."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest
from client_faces import MULTIPLEXED, RAW, Caller, frame, talk, upgraded
from wire_daemon import HOLD, REQUEST, RESET, Connection, WireDaemon, reply

from rawdock import Client, Endpoint
from rawdock.errors import (
    ConnectionLostError,
    NotFoundError,
    PeerError,
    ProtocolError,
    RequestError,
    StatusError,
    TruncatedError,
)
from rawdock.wire.stdcopy import Frame, Stream


@pytest.fixture(params=["blocking", "asyncio", "trio"])
def caller(request: pytest.FixtureRequest) -> Caller:
    return Caller(request.param)


def opened(client: Any, tty: bool | None = False) -> Any:
    return client.hijack("POST", "/exec/abc/start", json={"Tty": False}, tty=tty)


def test_the_request_asks_for_an_upgrade_and_carries_its_body(caller: Caller, tmp_path: Path) -> None:
    def body(client: Any) -> None:
        with opened(client) as hijack:
            assert (hijack.writable, hijack.content_type) == (True, RAW)

    _, daemon = talk(caller, tmp_path, body, [REQUEST, upgraded(), HOLD])
    head, _, content = daemon.requests[0][0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /v1.43/exec/abc/start HTTP/1.1"
    assert {"Connection: Upgrade", "Upgrade: tcp", "Content-Type: application/json"} <= set(lines)
    assert content == b'{"Tty": false}'


@pytest.mark.parametrize("kept", [0, 3, 8, 9, 15, 16, 20])
def test_what_comes_with_the_head_is_kept(caller: Caller, kept: int, tmp_path: Path) -> None:
    data = frame(1, b"stdout\n") + frame(2, b"stderr\n")

    def body(client: Any) -> bytes:
        with opened(client) as hijack:
            return b"".join(b"%d:%b" % (frame.stream, frame.data) for frame in hijack.frames())

    found, _ = talk(caller, tmp_path, body, [REQUEST, upgraded() + data[:kept], data[kept:]])
    assert found.replace(b"1:", b"").replace(b"2:", b"") == b"stdout\nstderr\n"


def test_bytes_go_both_ways_until_each_half_ends(caller: Caller, tmp_path: Path) -> None:
    def answer(connection: Connection) -> None:
        assert connection.receive() == b"ping"
        connection.send(b"pong")
        assert connection.until_eof() == b""

    def body(client: Any) -> list[bytes]:
        with opened(client) as hijack:
            hijack.send(b"ping")
            first = hijack.receive()
            hijack.send_eof()
            return [first, hijack.receive(), hijack.receive()]

    found, _ = talk(caller, tmp_path, body, [REQUEST, upgraded(), answer, b"late"])
    assert found == [b"pong", b"late", b""]


@pytest.mark.parametrize("transport", ["unix", "tcp"])
def test_content_is_fed_while_frames_are_received(caller: Caller, transport: str, tmp_path: Path) -> None:
    def echo_in_frames(connection: Connection) -> None:
        while data := connection.receive():
            connection.send(frame(1, data))

    def body(client: Any) -> int:
        with opened(client) as hijack, hijack.feeding(b"x" * 10_000 for _ in range(1000)):
            return sum(len(frame.data) for frame in hijack.frames())

    found, _ = talk(caller, tmp_path, body, [REQUEST, upgraded(), echo_in_frames], transport=transport)
    assert found == 10_000_000


def test_a_peer_that_takes_no_more_input_is_heard_out(caller: Caller, tmp_path: Path) -> None:
    def body(client: Any) -> bytes:
        with opened(client) as hijack, hijack.feeding(b"x" * 50_000_000):
            return b"".join(frame.data for frame in hijack.frames())

    found, _ = talk(caller, tmp_path, body, [REQUEST, upgraded(), frame(1, b"enough"), _end_our_half, HOLD])
    assert found == b"enough"


def _end_our_half(connection: Connection) -> None:
    connection.stream.shutdown(1)


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nContent-Type: " + RAW.encode() + b"\r\n\r\n", b"HTTP/1.0 200 OK\r\n\r\n"]
)
def test_behind_a_proxy_without_upgrades_it_can_be_read_only(caller: Caller, head: bytes, tmp_path: Path) -> None:
    def body(client: Any) -> bytes:
        with opened(client) as hijack:
            assert not hijack.writable
            for forbidden in (lambda: hijack.send(b"x"), hijack.send_eof, lambda: hijack.feeding(b"x")):
                with pytest.raises(ProtocolError, match="answered 200 instead of 101, so nothing can be sent; let the"):
                    forbidden()
            return b"".join(frame.data for frame in hijack.frames())

    found, _ = talk(caller, tmp_path, body, [REQUEST, head + frame(1, b"out")[:5], frame(1, b"out")[5:]])
    assert found == b"out"


def test_a_proxy_may_chunk_what_the_daemon_left_open(caller: Caller, tmp_path: Path) -> None:
    data = frame(1, b"out")
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(data), data)

    def body(client: Any) -> bytes:
        with opened(client) as hijack:
            return b"".join(frame.data for frame in hijack.frames())

    assert talk(caller, tmp_path, body, [REQUEST, chunked, HOLD])[0] == b"out"


def test_an_error_written_by_hand_after_the_hijack_is_raised_by_its_status(caller: Caller, tmp_path: Path) -> None:
    """moby container_routes.go: no Content-Length, no JSON."""
    head = b"HTTP/1.1 404 Not Found\r\nContent-Type: " + RAW.encode() + b"\r\n\r\n"

    def body(client: Any) -> None:
        with pytest.raises(NotFoundError, match="the daemon answered 404: No such container: x"), opened(client):
            pass

    talk(caller, tmp_path, body, [REQUEST, head, b"No such container: x\r\n"])


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_any_other_answer_is_a_protocol_error(caller: Caller, status: str, tmp_path: Path) -> None:
    def body(client: Any) -> None:
        with pytest.raises(ProtocolError, match=f"answered {status[:3]}, expected 101"), opened(client):
            pass

    talk(caller, tmp_path, body, [REQUEST, f"HTTP/1.1 {status}\r\n\r\n".encode(), HOLD])


@pytest.mark.parametrize("size", [1, 7, 8, 10])
def test_an_end_within_a_frame_is_an_error(caller: Caller, size: int, tmp_path: Path) -> None:
    def body(client: Any) -> None:
        with (
            opened(client) as hijack,
            pytest.raises(TruncatedError, match=r"the test: POST /exec/abc/start broke off: the stream en"),
        ):
            list(hijack.frames())

    talk(caller, tmp_path, body, [REQUEST, upgraded() + frame(1, b"whole") + frame(2, b"stderr")[:size]])


def test_a_header_that_is_none_is_an_error_with_the_reason(caller: Caller, tmp_path: Path) -> None:
    def body(client: Any) -> None:
        with opened(client) as hijack, pytest.raises(ProtocolError, match="a container with a TTY sends no frames"):
            list(hijack.frames())

    talk(caller, tmp_path, body, [REQUEST, upgraded() + b"/ # ", HOLD])


def test_what_the_daemon_reports_instead_of_output_is_raised(caller: Caller, tmp_path: Path) -> None:
    def body(client: Any) -> None:
        with opened(client) as hijack, pytest.raises(PeerError, match="the daemon reports an error: no log driver"):
            list(hijack.frames())

    talk(caller, tmp_path, body, [REQUEST, upgraded(), frame(3, b"no log\ndriver"), HOLD])


def test_a_ttys_bytes_come_as_they_are(caller: Caller, tmp_path: Path) -> None:
    def body(client: Any) -> list[Frame]:
        with opened(client, tty=True) as hijack:
            return list(hijack.frames())

    found, _ = talk(caller, tmp_path, body, [REQUEST, upgraded() + b"\x01\x00\x00\x00"])
    assert found == [Frame(Stream.STDOUT, b"\x01\x00\x00\x00")]


def test_frames_are_not_guessed_from_raw_stream(caller: Caller, tmp_path: Path) -> None:
    def body(client: Any) -> None:
        with opened(client, tty=None) as hijack, pytest.raises(RequestError, match="give tty=True or tty=False"):
            list(hijack.frames())

    talk(caller, tmp_path, body, [REQUEST, upgraded(), HOLD])


@pytest.mark.parametrize("fault", [RESET, lambda connection: None], ids=["reset", "closed"])
def test_a_peer_that_vanishes_before_its_answer_is_lost(caller: Caller, fault: Any, tmp_path: Path) -> None:
    def body(client: Any) -> None:
        with pytest.raises(ConnectionLostError, match="from the test: POST /exec/abc/start broke off"), opened(client):
            pass

    talk(caller, tmp_path, body, [REQUEST, fault], transport="tcp")


def test_a_peer_that_is_reset_in_the_middle_is_lost(caller: Caller, tmp_path: Path) -> None:
    def body(client: Any) -> None:
        with opened(client) as hijack:
            hijack.send(b"go")
            with pytest.raises(ConnectionLostError, match="start broke off: the connection was lost"):
                list(hijack.frames())

    talk(caller, tmp_path, body, [REQUEST, upgraded(), Connection.receive, RESET], transport="tcp")


def test_a_hijacked_connection_takes_no_place_in_the_pool_and_never_returns(caller: Caller, tmp_path: Path) -> None:
    def body(client: Any) -> int:
        with opened(client):
            inside = client.get("/info").status_code
        return int(inside + client.get("/info").status_code)

    found, daemon = talk(
        caller, tmp_path, body, [REQUEST, upgraded(), HOLD], [REQUEST, reply(), REQUEST, reply(), HOLD], connections=1
    )
    assert found == 400
    assert [len(requests) for requests in daemon.requests] == [1, 2]


@pytest.mark.parametrize("tty", [True, False])
def test_attach_asks_for_the_tty_where_the_answer_does_not_tell(caller: Caller, tty: bool, tmp_path: Path) -> None:
    inspected = reply(b'{"Config":{"Tty":%s}}' % (b"true" if tty else b"false"))

    def body(client: Any) -> bytes:
        with client.attach("a b", stderr=False, logs=True) as hijack:
            return b"".join(frame.data for frame in hijack.frames())

    data = b"bare" if tty else frame(1, b"framed")
    found, daemon = talk(caller, tmp_path, body, [REQUEST, upgraded() + data], [REQUEST, inspected, HOLD])
    assert found == (b"bare" if tty else b"framed")
    assert daemon.lines == [
        [
            "POST /v1.43/containers/a%20b/attach?stdin=false&stdout=true&stderr=false&logs=true&stream=true HTTP/1.1",
        ],
        ["GET /v1.43/containers/a%20b/json HTTP/1.1"],
    ]


@pytest.mark.parametrize("kind", [MULTIPLEXED, RAW])
def test_attach_asks_nothing_where_it_is_known(caller: Caller, kind: str, tmp_path: Path) -> None:
    def body(client: Any) -> bytes:
        with client.attach("web", **({"tty": False} if kind == RAW else {})) as hijack:
            return b"".join(frame.data for frame in hijack.frames())

    found, daemon = talk(caller, tmp_path, body, [REQUEST, upgraded(kind) + frame(1, b"x")])
    assert (found, len(daemon.connections)) == (b"x", 1)


def test_attach_closes_when_the_settings_cannot_be_had(caller: Caller, tmp_path: Path) -> None:
    def body(client: Any) -> None:
        with pytest.raises(StatusError), client.attach("web"):
            pass

    talk(caller, tmp_path, body, [REQUEST, upgraded(), HOLD], [REQUEST, reply(b"", "500 No"), HOLD])


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_one_task_may_send_while_another_receives(backend: str, tmp_path: Path) -> None:
    async def body() -> int:
        async with (
            Client(Endpoint.parse(daemon.url, "the test"), api_version="1.43") as client,
            client.hijack("POST", "/exec/abc/start", tty=True) as hijack,
        ):
            received = 0

            async def receive() -> None:
                nonlocal received
                async for frame in hijack.frames():
                    received += len(frame.data)

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(receive)
                for _ in range(100):
                    await hijack.send(b"x" * 100_000)
                await hijack.send_eof()
            return received

    def echo(connection: Connection) -> None:
        while data := connection.receive():
            connection.send(data)

    with WireDaemon(tmp_path, "unix", [REQUEST, upgraded(), echo]) as daemon:
        assert anyio.run(body, backend=backend) == 10_000_000
