"""A recorded session served to clients, without a daemon."""

from __future__ import annotations

import json
import shlex
import socket
import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from test_conversation import CHUNKED, conversation

import rawdock
from rawdock.har import document, entry_of
from rawdock.replay import Replay, replay

pytest_plugins = ["pytester"]
STARTED = datetime(2026, 1, 2, tzinfo=timezone.utc)


def ask(method: str, target: str, body: bytes = b"") -> bytes:
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"{method} {target} HTTP/1.1\r\nHost: d\r\n{length}\r\n".encode() + body


def answer(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nApi-Version: 1.41\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def session(folder: Path, *pairs: tuple[bytes, bytes]) -> Path:
    """A HAR file of exchanges one second apart."""
    entries = []
    for number, (request, reply) in enumerate(pairs):
        talk, told = conversation()
        talk.sent(request, 0.0)
        talk.received(reply, 0.1)
        talk.received_eof(0.2)
        talk.close(0.2)
        entries.append(entry_of(told.all[0], "http://localhost", STARTED + timedelta(seconds=number)))
    path = folder / "session.har"
    path.write_text(json.dumps(document("0", entries)))
    return path


def client_of(daemon: Replay) -> rawdock.SyncClient:
    return rawdock.SyncClient(rawdock.Endpoint.parse(daemon.url, "the test"), api_version="1.43")


def test_repeated_calls_are_answered_in_their_order_and_then_as_the_last(tmp_path: Path) -> None:
    path = session(
        tmp_path,
        (ask("GET", "/v1.41/containers/json?all=1&size=0"), answer(b"[1]")),
        (ask("GET", "/v1.41/containers/json?size=0&all=1"), answer(b"[2]")),
    )
    with replay(path) as daemon, client_of(daemon) as client:
        got = [client.get("/containers/json", params={"size": 0, "all": 1}).json() for _ in range(3)]
        assert got == [[1], [2], [2]] and daemon.unused == [] and daemon.unrecorded == []


def test_a_file_may_begin_with_a_byte_order_mark_and_a_request_name_the_whole_url(tmp_path: Path) -> None:
    """The mark is of Windows' programs, such URLs of clients that go by a proxy."""
    path = session(tmp_path, (ask("GET", "http://d/v1.41/info"), answer(b"[1]")))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    with replay(path) as daemon, client_of(daemon) as client:
        assert client.get("/info").json() == [1]


def test_bodies_match_as_documents_and_with_secrets_blanked(tmp_path: Path) -> None:
    path = session(
        tmp_path,
        (ask("POST", "/v1.41/auth", b'{"a":1,"password":"recorded"}'), answer(b'"one"')),
        (ask("POST", "/v1.41/auth", b'{"a":2}'), answer(b'"two"')),
    )
    with replay(path) as daemon, client_of(daemon) as client:
        assert client.post("/auth", json={"a": 2}).json() == "two"
        assert client.post("/auth", json={"password": "another", "a": 1}).json() == "one"


def test_an_environment_matches_in_any_order_and_a_command_in_its_own(tmp_path: Path) -> None:
    body = b'{"Env":["A=1","B=2"],"Cmd":["x","y"],"HostConfig":{"Binds":[]}}'
    path = session(tmp_path, (ask("POST", "/v1.41/containers/create", body), answer(b"{}", "201 Created")))
    with replay(path) as daemon, client_of(daemon) as client:
        same = {"Cmd": ["x", "y"], "Env": ["B=2", "A=1"], "HostConfig": {"Binds": []}}
        assert client.post("/containers/create", json=same).status_code == 201
        assert client.post("/containers/create", json={**same, "Cmd": ["y", "x"]}).status_code == 501


def test_what_was_not_recorded_is_answered_501_with_the_nearest(tmp_path: Path) -> None:
    path = session(
        tmp_path,
        (ask("GET", "/v1.41/containers/abc/json"), answer(b"{}")),
        (ask("GET", "/v1.41/images/json"), answer(b"[]")),
    )
    with replay(path) as daemon, client_of(daemon) as client:
        reply = client.get("/containers/xyz/json")
        assert reply.status_code == 501
        assert "GET /v1.41/containers/abc/json, which differs in path" in reply.json()["message"]
        assert len(daemon.unrecorded) == 1 and len(daemon.unused) == 2


def test_what_is_told_of_requests_has_no_secret(tmp_path: Path) -> None:
    path = session(tmp_path, (ask("POST", "/v1.41/build?buildargs=%7B%22TOKEN%22%3A%22pw1%22%7D"), answer(b"{}")))
    told: list[str] = []
    with replay(path, say=told.append) as daemon, client_of(daemon) as client:
        assert client.post("/build", params={"buildargs": '{"TOKEN":"pw2"}'}).status_code == 200
        assert client.post("/build", params={"buildargs": '{"TOKEN":"pw3"}', "q": "1"}).status_code == 501
        assert len(told) == 2 and "pw" not in "".join([*told, *daemon.unrecorded, path.read_text()])


def test_a_chunked_reply_is_one_again_and_the_connection_kept(tmp_path: Path) -> None:
    path = session(tmp_path, (ask("GET", "/events"), CHUNKED), (ask("HEAD", "/_ping"), answer(b"")))
    with replay(path) as daemon, socket.socket(socket.AF_UNIX) as client:
        client.connect(daemon.url.removeprefix("unix://"))
        client.sendall(ask("GET", "/events") + ask("HEAD", "/_ping"))
        data = b""
        while not data.endswith(answer(b"")):
            part = client.recv(65536)
            assert part
            data += part
        assert data.startswith(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n")


def test_an_attach_says_its_output_once_its_start_is_asked_for(tmp_path: Path) -> None:
    talk, told = conversation()
    talk.sent(ask("POST", "/containers/x/attach"), 0.0)
    talk.received(b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n", 0.1)
    talk.received(b"output", 1.5)
    talk.received_eof(1.6)
    talk.close(1.6)
    other, told_other = conversation()
    other.sent(ask("POST", "/containers/x/start"), 0.0)
    other.received(b"HTTP/1.1 204 No Content\r\n\r\n", 0.1)
    entries = [
        entry_of(told.all[0], "http://localhost", STARTED),
        entry_of(told_other.all[0], "http://localhost", STARTED + timedelta(seconds=1)),
    ]
    path = tmp_path / "session.har"
    path.write_text(json.dumps(document("0", entries)))
    order: list[str] = []
    with replay(path, say=order.append) as daemon, client_of(daemon) as client:
        attached = socket.socket(socket.AF_UNIX)
        attached.connect(daemon.url.removeprefix("unix://"))
        attached.sendall(ask("POST", "/containers/x/attach"))

        def read() -> None:
            data = b""
            while part := attached.recv(65536):
                data += part
            order.append(data.rpartition(b"\r\n\r\n")[2].decode())

        reader = threading.Thread(target=read)
        reader.start()
        client.post("/containers/x/start")
        reader.join(20)
        attached.close()
    assert order[-1] == "output"


def test_the_fixture_serves_and_fails_for_what_was_not_recorded(pytester: pytest.Pytester) -> None:
    session(pytester.path, (ask("GET", "/v1.41/info"), answer(b'{"Name":"recorded"}')))
    pytester.makeconftest('pytest_plugins = ["rawdock.replay.fixture"]')
    pytester.makepyfile(
        """
        import rawdock

        def test_good(rawdock_replay):
            rawdock_replay("session.har")
            with rawdock.SyncClient(api_version="1.41") as docker:
                assert docker.get("/info").json()["Name"] == "recorded"

        def test_bad(rawdock_replay):
            rawdock_replay("session.har")
            with rawdock.SyncClient(api_version="1.41") as docker:
                docker.get("/version")
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*GET /v1.41/version was not recorded*"])


# The command


def command(*words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-W", "error", "-m", "rawdock", "replay", *words]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)


PROGRAM = [sys.executable, "-m", "rawdock", "get", "/v1.41/containers/json"]


def test_a_program_is_answered_from_the_session_and_its_exit_code_comes_back(tmp_path: Path) -> None:
    path = session(tmp_path, (ask("GET", "/v1.41/containers/json"), answer(b"[1]")))
    done = command(str(path), "--", *PROGRAM)
    assert (done.returncode, done.stdout) == (0, "[1]") and done.stderr == "200  GET /v1.41/containers/json\n"
    assert command(str(path), "--delays", "--", "sh", "-c", "exit 7").returncode == 7
    assert command(str(path), "--", *PROGRAM[:-1], "/v1.41/info").returncode == 5  # rawdock's own of a 501
    done = command(str(path), "--", "sh", "-c", f"{shlex.join([*PROGRAM[:-1], '/v1.41/info'])}; true")
    assert done.returncode == 4 and "501  GET /v1.41/info was not recorded: the nearest recorded is GET" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{folder}/session.har"], "no program to run; write `rawdock replay FILE -- docker ps`"),
        (["{folder}/session.har", "docker", "ps"], "unrecognized arguments: docker ps; a program comes after --"),
        (["-H", "tcp://h:1", "{folder}/session.har"], "-H names a daemon, and a replay needs none; leave it out"),
        (["{folder}/session.har", "--context=x", "--", "true"], "--context names a daemon, and a replay needs none"),
        (
            ["{folder}/none.har", "--", "ls", "-H", "x"],
            "cannot be read: No such file or directory",
        ),  # -H is the program's
        (["{folder}/none.har", "--", "true"], "cannot be read: No such file or directory; give a file that"),
        (["{folder}", "--", "true"], "cannot be read: Is a directory; give a file that"),
        (["{folder}/other.json", "--", "true"], "other.json is no HAR session: "),
        (["{folder}/binary", "--", "true"], "cannot be read: it is no text"),
        (
            ["{folder}/session.har", "--listen", "unix://{folder}/other.json"],
            "Address already in use; give a path that",
        ),
        (["{folder}/session.har", "--listen", "/tmp/x.sock"], "has no scheme; write unix:///tmp/x.sock"),
        (["{folder}/session.har", "--listen", "unix://{folder}/no/x.sock"], "No such file or directory; give a path"),
        (["{folder}/session.har", "--listen", "unix://{folder}/" + "x" * 120], "a socket path may have 107"),
    ],
    ids=lambda value: "",
)
def test_what_is_wrong_is_said_in_a_sentence(tmp_path: Path, words: list[str], said: str) -> None:
    session(tmp_path, (ask("GET", "/info"), answer(b"{}")))
    (tmp_path / "other.json").write_text('{"log": 1}')
    (tmp_path / "binary").write_bytes(b"\x80\xff")
    done = command(*(word.replace("{folder}", str(tmp_path)) for word in words))
    assert (done.returncode, done.stdout) == (2, "") and said in done.stderr
    assert done.stderr.startswith("rawdock: ") and done.stderr.count("\n") == 1
    assert (tmp_path / "other.json").read_text() == '{"log": 1}'
