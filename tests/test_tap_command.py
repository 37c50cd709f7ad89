"""`rawdock tap`, the command: what it prints and records, its exit codes, how it ends, how much memory it takes."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from har_schema import check
from test_tap import CHUNKED, GET, PATIENCE
from wire_daemon import HOLD, REQUEST, Connection, Script, WireDaemon, ping


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


def test_files_keep_what_they_hold_if_the_daemon_is_away(tmp_path: Path) -> None:
    har, lines = tmp_path / "session.har", tmp_path / "lines"
    for path in (har, lines):
        path.write_text("of yesterday")
    done = rawdock("--har", str(har), "-o", str(lines), "--", "true", host=f"unix://{tmp_path}/none.sock")
    assert done.returncode == 6
    assert (har.read_text(), lines.read_text()) == ("of yesterday", "of yesterday")
    rawdock("--har", str(tmp_path / "new.har"), "--", "true", host=f"unix://{tmp_path}/none.sock")
    assert not (tmp_path / "new.har").exists()


def test_a_long_tmpdir_is_no_obstacle(tmp_path: Path) -> None:
    """As a CI job's may be, or a test's own."""
    place = tmp_path / ("x" * 100)
    place.mkdir()
    program = 'import os; print(os.environ["DOCKER_HOST"])'
    with WireDaemon(tmp_path) as daemon:
        environ = {**os.environ, "DOCKER_HOST": daemon.url, "TMPDIR": str(place)}
        words = [sys.executable, "-m", "rawdock", "tap", "--", sys.executable, "-c", program]
        done = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("unix:///tmp/rawdock-tap-")


def test_lines_may_go_to_a_device(tmp_path: Path) -> None:
    with WireDaemon(tmp_path) as daemon:
        done = rawdock("-o", "/dev/null", "--", "true", host=daemon.url)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("option", ["--har", "-o"])
def test_a_full_disk_stops_no_program_and_is_said_at_the_end(tmp_path: Path, option: str) -> None:
    """A limit on the size of files stands for the disk: past it a write fails in the same way."""
    path = tmp_path / "file"
    program = PROGRAM.replace("sys.exit(7)", "print('still there')")
    limited = ["sh", "-c", 'ulimit -f 1; exec "$@"', "sh", sys.executable, "-W", "error", "-m", "rawdock", "tap"]
    words = [*limited, "--frames", option, str(path), "--", sys.executable, "-c", program]
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n" + b"\0" * 4000
    with WireDaemon(tmp_path, "unix", [HOLD], [REQUEST, answer, HOLD]) as daemon:
        environ = {**os.environ, "DOCKER_HOST": daemon.url}
        program = program.replace("client.recv(65536)", "client.recv(65536, socket.MSG_WAITALL)")
        done = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "HTTP/1.1 200 OK\nstill there\n")
    assert "Traceback" not in done.stderr
    assert f"{path}' cannot be written: File too large; make room" in done.stderr
    if option == "--har":
        assert json.loads(path.read_text())["log"]["entries"] == []


def test_what_is_no_file_is_no_recording_and_keeps_its_mode(tmp_path: Path) -> None:
    """As root it was the mode of /dev/null."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o644)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with WireDaemon(tmp_path) as daemon:
        done = rawdock("--har", str(pipe), "--", "true", host=daemon.url)
    os.close(reader)
    said = f"rawdock: --har '{pipe}' is no regular file; give a path for a new one\n"
    assert (done.returncode, done.stderr, stat.S_IMODE(pipe.stat().st_mode)) == (2, said, 0o644)


def test_frames_show_json_by_document_and_no_secret_that_comes_in_two_pieces(tmp_path: Path) -> None:
    events = b'{"Env":["API_TOKEN=pw1"],"password":"pw2"}\r\n{"b":2}\n{"c":3}'
    cuts = [0, events.index(b"KEN"), events.index(b"w1"), events.index(b'"pw2'), events.index(b"\n"), len(events)]

    def stream(connection: Connection) -> None:
        for first, last in pairwise(cuts):
            connection.send(b"%x\r\n%b\r\n" % (last - first, events[first:last]))
            connection.receive()  # so that each is a piece of its own
        connection.send(b"0\r\n\r\n")

    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    program = """
import os, socket
client = socket.socket(socket.AF_UNIX)
client.connect(os.environ["DOCKER_HOST"].removeprefix("unix://"))
client.sendall(b"GET /events HTTP/1.1\\r\\nHost: d\\r\\n\\r\\n")
data = b""
while not data.endswith(b"0\\r\\n\\r\\n"):
    data += client.recv(65536)
    client.sendall(b"\\r\\n")
"""
    with WireDaemon(tmp_path, "unix", [HOLD], [REQUEST, head, stream, HOLD]) as daemon:
        done = rawdock("--frames", "--", sys.executable, "-c", program, host=daemon.url)
    shown = [line for line in done.stderr.splitlines() if line.startswith("  < ")]
    assert shown == [
        """  < 43 bytes '{"Env":["API_TOKEN=…"],"password":"…"}\\r'""",
        """  < 7 bytes '{"b":2}'""",
        """  < 7 bytes '{"c":3}'""",
    ]


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


@pytest.mark.parametrize("language", ["curl", "rawdock"])
@pytest.mark.parametrize(
    "body",
    [b'{"Cmd":["a b"]}\n', b'{\n\t"Text": "a\\nb",\r\n"List": ["c\\td"]}\n', b"two\nlines\n", b"a\tb", b"\x1b[31m\xff"],
    ids=["as Go ends it", "laid out", "text", "tab", "bytes"],
)
def test_a_printed_command_makes_the_request_again(tmp_path: Path, language: str, body: bytes) -> None:
    lines = f"Content-Type: application/json\\r\\nContent-Length: {len(body)}\\r\\n\\r\\n"
    program = f"""
import os, socket
client = socket.socket(socket.AF_UNIX)
client.connect(os.environ["DOCKER_HOST"].removeprefix("unix://"))
client.sendall(b"POST /v1.41/x HTTP/1.1\\r\\nHost: d\\r\\n{lines}" + {body!r})
client.recv(65536)
"""

    def whole(connection: Connection) -> None:
        connection.request()  # rawdock sends what it reads in chunks
        while b"chunked" in connection.requests[0] and not connection.received.endswith(b"0\r\n\r\n"):
            connection.receive()

    with WireDaemon(tmp_path, "unix", [HOLD], [REQUEST, ping(), HOLD], [whole, ping(), HOLD]) as daemon:
        done = rawdock("--print", language, "--", sys.executable, "-c", program, host=daemon.url)
        assert done.returncode == 0 and len(done.stderr.splitlines()) == 1
        environ = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        subprocess.run(["sh", "-c", done.stderr], env=environ, capture_output=True, timeout=60, check=True)
    head, _, second = bytes(daemon.connections[2].received).partition(b"\r\n\r\n")
    if b"chunked" in head:
        second = second.partition(b"\r\n")[2].removesuffix(b"\r\n0\r\n\r\n")
    assert second == body or json.loads(second) == json.loads(body)
    assert b"\n" not in second or not body.startswith(b"{")


def test_a_request_as_for_a_proxy_is_printed_by_its_path(tmp_path: Path) -> None:
    program = PROGRAM.replace("POST /auth", "GET http://d/v1.41/info?a=1")
    with WireDaemon(tmp_path, "unix", [HOLD], [REQUEST, ping(), HOLD]) as daemon:
        done = rawdock("--print", "curl", "--", sys.executable, "-c", program, host=daemon.url)
    assert done.stderr.rstrip().endswith("'http://localhost/v1.41/info?a=1'")


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
        (["--bodies", "much", "--", "true"], 2, "--bodies 'much' is no size"),
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


@contextmanager
def lasting(daemon: WireDaemon, path: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """`rawdock tap --listen`, ended by a signal."""
    argv = [sys.executable, "-m", "rawdock", "-H", daemon.url, "tap", "--listen", f"unix://{path}", *options]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as tap:
        assert tap.stderr and f"DOCKER_HOST=unix://{path}" in tap.stderr.readline()
        try:
            yield tap
        finally:
            tap.send_signal(signal.SIGTERM)
            assert tap.wait(PATIENCE) == 0


def test_a_lasting_tap_ends_at_a_signal_and_takes_its_socket_along(tmp_path: Path) -> None:
    path = tmp_path / "tap.sock"
    with WireDaemon(tmp_path, "unix", [HOLD]) as daemon, lasting(daemon, path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


def much(connection: Connection) -> None:
    for _ in range(300):
        connection.send(b"x" * 1_000_000)


def endless(connection: Connection) -> None:
    """120 MB of log lines, a chunk each, for which no end is said."""
    frame = b"\1\0\0\0\0\0\0\x78" + b"y" * 119 + b"\n"
    for _ in range(1200):
        connection.send(b"80\r\n" + (frame + b"\r\n80\r\n") * 780 + frame + b"\r\n")


def upload(connection: Connection) -> None:
    """What comes, to its end."""
    left = len(PUT) + 200_000_000
    while left > 0 and (data := connection.receive()):
        left -= len(data)


BIG = b"HTTP/1.1 200 OK\r\nContent-Length: 300000000\r\n\r\n"
PUT = b"PUT /x HTTP/1.1\r\nHost: d\r\nContent-Length: 200000000\r\n\r\n"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells the memory")
@pytest.mark.parametrize("options", [[], ["--har", "session.har", "--frames"]], ids=["shown", "recorded"])
@pytest.mark.parametrize(
    ("script", "sends", "comes"),
    [
        ([REQUEST, BIG, much], GET, 300_000_000),
        ([REQUEST, CHUNKED, endless], GET, 1200 * 781 * 134),
        ([upload, ping()], PUT, len(ping())),
    ],
    ids=["large", "endless", "upload"],
)
def test_memory_stays_bounded_whatever_passes(
    tmp_path: Path, options: list[str], script: Script, sends: bytes, comes: int
) -> None:
    path = tmp_path / "tap.sock"
    words = [str(tmp_path / word) if word.endswith(".har") else word for word in options]
    with WireDaemon(tmp_path, "unix", [HOLD], script) as daemon, lasting(daemon, path, *words) as tap:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE)
            client.connect(str(path))
            client.sendall(sends)
            if sends is PUT:
                for _ in range(200):
                    client.sendall(b"x" * 1_000_000)
            while comes > 0 and (data := client.recv(1 << 20)):
                comes -= len(data)
        peak = next(line for line in Path(f"/proc/{tap.pid}/status").read_text().splitlines() if "VmHWM" in line)
    assert comes <= 0 and int(peak.split()[1]) < 50 * 1024
