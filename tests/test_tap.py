"""The tap between real sockets and a daemon whose bytes stand here: what goes through, what is told, how it ends."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from certificates import authority
from har_schema import check
from wire_daemon import HOLD, REQUEST, Connection, Script, WireDaemon, ping, reply

from rawdock.endpoint import Endpoint, TLSFiles
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


# The command


def rawdock(*words: str, host: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "DOCKER_HOST": host}
    argv = [sys.executable, "-W", "error", "-m", "rawdock", "tap", *words]
    return subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=60, check=False)


PROGRAM = """
import os, socket, sys
client = socket.socket(socket.AF_UNIX)
client.connect(os.environ["DOCKER_HOST"].removeprefix("unix://"))
client.sendall(b'POST /auth HTTP/1.1\\r\\nHost: d\\r\\nX-Registry-Auth: c2VjcmV0\\r\\n'
    b'Content-Length: 18\\r\\n\\r\\n{"password":"pw1"}')
print(client.recv(65536).decode().splitlines()[0])
client.close()
sys.exit(7)
"""


def test_a_program_goes_through_and_its_exit_code_comes_back(tmp_path: Path) -> None:
    har = tmp_path / "session.har"
    with WireDaemon(tmp_path, "unix", [HOLD], [REQUEST, ping(), HOLD]) as daemon:
        done = rawdock("--har", str(har), "--", sys.executable, "-c", PROGRAM, host=daemon.url)
    assert (done.returncode, done.stdout) == (7, "HTTP/1.1 200 OK\n")
    assert done.stderr.startswith("POST   /auth  200  ") and done.stderr.endswith("sent 18B, received 2B\n")
    assert b'{"password":"pw1"}' in daemon.requests[-1][0] and b"c2VjcmV0" in daemon.requests[-1][0]
    text = har.read_text()
    assert "pw1" not in text and "c2VjcmV0" not in text and stat.S_IMODE(har.stat().st_mode) == 0o600
    check(json.loads(text))
    (entry,) = json.loads(text)["log"]["entries"]
    assert entry["request"]["postData"]["text"] == '{"password":"…"}'


def test_secrets_stay_in_the_recording_when_asked_for(tmp_path: Path) -> None:
    har = tmp_path / "session.har"
    with WireDaemon(tmp_path, "unix", [HOLD], [REQUEST, ping(), HOLD]) as daemon:
        rawdock("--secrets", "--har", str(har), "--", sys.executable, "-c", PROGRAM, host=daemon.url)
    (entry,) = json.loads(har.read_text())["log"]["entries"]
    assert entry["request"]["postData"]["text"] == '{"password":"pw1"}'


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("curl", "-H 'X-Registry-Auth: …' --data-binary '{\"password\":\"…\"}' -H Content-Type: http://localhost/auth"),
        ("rawdock", "post /auth 'X-Registry-Auth:…' --input -"),
        (
            "python",
            "docker.post('/auth', content=b'{\"password\":\"\\xe2\\x80\\xa6\"}', headers={'X-Registry-Auth': '…'})",
        ),
    ],
)
def test_requests_are_printed_as_commands_without_secrets(tmp_path: Path, language: str, line: str) -> None:
    with WireDaemon(tmp_path, "unix", [HOLD], [REQUEST, ping(), HOLD]) as daemon:
        done = rawdock("--print", language, "--", sys.executable, "-c", PROGRAM, host=daemon.url)
    assert line in done.stderr and "pw1" not in done.stderr


def test_a_request_that_no_call_can_say_is_said_and_ends_no_recording(tmp_path: Path) -> None:
    har = tmp_path / "session.har"
    program = PROGRAM.replace("Host: d", "X-A: 1\\r\\nX-A: 2")
    with WireDaemon(tmp_path, "unix", [HOLD], [REQUEST, ping(), HOLD]) as daemon:
        words = ("--print", "python", "--har", str(har), "--", sys.executable, "-c", program)
        done = rawdock(*words, host=daemon.url)
    assert done.returncode == 7 and "# POST /auth: a header is given twice" in done.stderr
    assert len(json.loads(har.read_text())["log"]["entries"]) == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "no program to run"),
        (["--listen", "tcp://127.0.0.1:1"], 2, "is no Unix socket"),
        (["--bodies", "much", "--har", "/dev/null", "--", "true"], 2, "--bodies 'much' is no size"),
        (["--", "true"], 6, "no such socket"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(words: list[str], code: int, said: str) -> None:
    done = rawdock(*words, host="unix:///nonexistent.sock")
    assert done.returncode == code and said in done.stderr and "Traceback" not in done.stderr


def test_a_program_that_is_not_there_is_127(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [HOLD]) as daemon:
        assert rawdock("--", "no-such-program", host=daemon.url).returncode == 127


def test_a_lasting_tap_ends_at_a_signal_and_takes_its_socket_along(tmp_path: Path) -> None:
    path = tmp_path / "tap.sock"
    with WireDaemon(tmp_path, "unix", [HOLD]) as daemon:
        argv = [sys.executable, "-m", "rawdock", "-H", daemon.url, "tap", "--listen", f"unix://{path}"]
        with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as tap:
            assert tap.stderr and f"DOCKER_HOST=unix://{path}" in tap.stderr.readline()
            tap.send_signal(signal.SIGTERM)
            assert tap.wait(PATIENCE) == 0
    assert not path.exists()
