"""The tap between real sockets and a daemon whose bytes stand here: what goes through, what is told, how it ends."""

from __future__ import annotations

import json
import os
import queue
import socket
import ssl
import stat
import threading
from pathlib import Path

import pytest
from certificates import authority
from wire_daemon import HOLD, REQUEST, Connection, Script, WireDaemon, ping, reply

from rawdock.endpoint import Endpoint, TLSFiles
from rawdock.tap.eager import Eager
from rawdock.tap.server import Tap
from rawdock.wire.exchange import Exchange

PATIENCE = 20.0
GET = b"GET /x HTTP/1.1\r\nHost: d\r\n\r\n"
ATTACH = b"POST /containers/x/attach HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
FLAVOURS = ["unix", "tcp", "tls1.2", "tls1.3"]


class Told:
    """A Listener whose exchanges are waited for."""

    def __init__(self) -> None:
        self.exchanges: queue.Queue[Exchange] = queue.Queue()

    def answered(self, exchange: Exchange) -> None: ...

    def piece(self, exchange: Exchange, direction: str, data: bytes) -> None: ...

    def ended(self, exchange: Exchange) -> None:
        self.exchanges.put(exchange)

    def next(self) -> Exchange:
        return self.exchanges.get(timeout=PATIENCE)


def endpoint_of(daemon: WireDaemon, flavour: str, folder: Path) -> Endpoint:
    tls = None
    if flavour.startswith("tls"):
        tls = TLSFiles.in_folder(str(authority().folder(folder / "client")), "the test")
    return Endpoint.parse(daemon.url, "the test", tls)


def client_of(tap: Tap) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(PATIENCE)
    client.connect(tap.url.removeprefix("unix://"))
    return client


def exactly(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (part := client.recv(size - len(data))):
        data += part
    return data


def read_to_end(client: socket.socket) -> bytes:
    data = b""
    while part := client.recv(65536):
        data += part
    return data


def echo(connection: Connection) -> None:
    """Everything back once the client's half has ended."""
    connection.send(connection.until_eof())


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_upgraded_connection_goes_both_ways_and_half_closes(tmp_path: Path, flavour: str) -> None:
    told, text = Told(), os.urandom(3_000_000)
    script: Script = [REQUEST, UPGRADED, echo]
    with WireDaemon(tmp_path, flavour, script) as daemon:
        with Tap(endpoint_of(daemon, flavour, tmp_path), told) as tap, client_of(tap) as client:
            client.sendall(ATTACH)
            assert exactly(client, len(UPGRADED)) == UPGRADED
            client.sendall(text)
            client.shutdown(socket.SHUT_WR)
            assert read_to_end(client) == text
        exchange = told.next()
    assert exchange.upgraded and exchange.trouble == ""
    assert (exchange.input.size, exchange.received.size) == (len(text), len(text))


def half_close(connection: Connection) -> None:
    """The daemon says that it has ended, and still reads."""
    if isinstance(connection.stream, ssl.SSLSocket):
        connection.stream.unwrap()  # returns at the other's end
    else:
        connection.stream.shutdown(socket.SHUT_WR)
        connection.until_eof()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_daemon_that_ends_its_half_first_is_understood(tmp_path: Path, flavour: str) -> None:
    told = Told()
    with WireDaemon(tmp_path, flavour, [REQUEST, UPGRADED, b"out", half_close]) as daemon:
        with Tap(endpoint_of(daemon, flavour, tmp_path), told) as tap, client_of(tap) as client:
            client.sendall(ATTACH)
            assert read_to_end(client) == UPGRADED + b"out"
            client.shutdown(socket.SHUT_WR)
        exchange = told.next()
    assert exchange.upgraded and exchange.trouble == "" and exchange.received.size == 3


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_kept_connection_and_a_long_body_come_through_byte_for_byte(tmp_path: Path, flavour: str) -> None:
    told, body = Told(), os.urandom(2_000_000)
    with WireDaemon(tmp_path, flavour, [REQUEST, ping(), REQUEST, reply(body), HOLD]) as daemon:  # noqa: SIM117
        with Tap(endpoint_of(daemon, flavour, tmp_path), told) as tap, client_of(tap) as client:
            client.sendall(GET)
            assert exactly(client, len(ping())) == ping()
            client.sendall(GET)
            assert exactly(client, len(reply(body))) == reply(body)
            assert told.next().received.size == 2
            assert told.next().received.size == len(body)
    assert daemon.requests == [[GET, GET]]


def test_a_client_that_vanishes_ends_the_daemons_side_and_is_told(tmp_path: Path) -> None:
    told, ended = Told(), threading.Event()

    def until_gone(connection: Connection) -> None:
        connection.until_eof()
        ended.set()

    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
    with WireDaemon(tmp_path, "unix", [REQUEST, head, until_gone]) as daemon:  # noqa: SIM117
        with Tap(endpoint_of(daemon, "unix", tmp_path), told) as tap:
            with client_of(tap) as client:
                client.sendall(GET)
                exactly(client, len(head))
            assert told.next().trouble == "the client went away"
            assert ended.wait(PATIENCE)


TURNS: Script = [REQUEST, ping()] * 20
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def take_turns(client: socket.socket) -> None:
    for _ in range(20):
        client.sendall(GET)
        assert exactly(client, len(ping())) == ping()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_after_many_turns_either_side_may_go_on_or_wait(tmp_path: Path, flavour: str) -> None:
    told, gone = Told(), threading.Event()

    def stream(connection: Connection) -> None:
        for _ in range(3):
            connection.send(b"1\r\nx\r\n")
            connection.receive()  # so that these are pieces of their own

    def until_gone(connection: Connection) -> None:
        connection.until_eof()
        gone.set()

    script: Script = [*TURNS, REQUEST, REQUEST, ping(), ping(), REQUEST, CHUNKED, stream, until_gone]
    with WireDaemon(tmp_path, flavour, script) as daemon:  # noqa: SIM117
        with Tap(endpoint_of(daemon, flavour, tmp_path), told) as tap:
            with client_of(tap) as client:
                take_turns(client)
                client.sendall(GET + GET)
                assert exactly(client, 2 * len(ping())) == 2 * ping()
                client.sendall(GET)
                assert exactly(client, len(CHUNKED)) == CHUNKED
                for _ in range(3):
                    assert exactly(client, 6) == b"1\r\nx\r\n"
                    client.sendall(b"\r\n")
            assert gone.wait(PATIENCE)
            exchanges = [told.next() for _ in range(23)]
    assert [one.trouble for one in exchanges] == [""] * 22 + ["the client went away"]


@pytest.mark.parametrize(("processors", "load", "may"), [(2, 2.5, True), (2, 3.5, False), (1, 0.0, False)])
def test_one_may_look_for_its_answer_where_a_processor_is_free(processors: int, load: float, may: bool) -> None:
    eager = Eager(processors, lambda: load)
    assert (eager.begin(), eager.begin()) == (may, False)
    if may:
        eager.end()
        assert eager.begin()


def test_a_daemon_that_is_killed_ends_the_clients_side_and_is_told(tmp_path: Path) -> None:
    told = Told()
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
    with WireDaemon(tmp_path, "unix", [REQUEST, head]) as daemon:  # noqa: SIM117
        with Tap(endpoint_of(daemon, "unix", tmp_path), told) as tap, client_of(tap) as client:
            client.sendall(GET)
            assert read_to_end(client) == head
            assert told.next().trouble == "the daemon closed the connection in the middle of the reply"


def test_an_early_answer_to_an_upload_is_heard(tmp_path: Path) -> None:
    told, answer = Told(), reply(b"no", "413 Too Large")
    with WireDaemon(tmp_path, "unix", [lambda connection: connection.receive(), answer]) as daemon:  # noqa: SIM117
        with Tap(endpoint_of(daemon, "unix", tmp_path), told) as tap, client_of(tap) as client:
            client.sendall(b"PUT /x HTTP/1.1\r\nHost: d\r\nContent-Length: 50000000\r\n\r\n")
            with pytest.raises(OSError):
                while True:
                    client.sendall(b"x" * 1_000_000)
            assert exactly(client, len(answer)) == answer


def test_a_daemon_that_is_not_there_is_answered_for(tmp_path: Path) -> None:
    told = Told()
    with Tap(Endpoint.parse(f"unix://{tmp_path}/none.sock", "the test"), told) as tap, client_of(tap) as client:
        client.sendall(GET)
        head, _, body = read_to_end(client).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 502 ") and "no such socket" in json.loads(body)["message"]
        exchange = told.next()
        assert exchange.reply and exchange.reply.status == 502


def test_two_hundred_connections_at_once(tmp_path: Path) -> None:
    told = Told()
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), HOLD]) as daemon:
        daemon._listener.listen(256)
        with Tap(endpoint_of(daemon, "unix", tmp_path), told) as tap:
            clients = [client_of(tap) for _ in range(200)]
            for client in clients:
                client.sendall(GET)
            assert all(exactly(client, len(ping())) == ping() for client in clients)
            for client in clients:
                client.close()


def test_the_socket_is_its_owners_and_goes_at_the_end(tmp_path: Path) -> None:
    with Tap(Endpoint.parse("unix:///nowhere", "the test"), Told()) as tap:
        path = Path(tap.url.removeprefix("unix://"))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not path.parent.exists()
