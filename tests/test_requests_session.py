"""A requests.Session for a daemon, by requests' documented features, against a daemon whose bytes stand here."""

from __future__ import annotations

import io
import os
import pickle
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from certificates import authority
from wire_daemon import HOLD, REQUEST, Connection, Script, WireDaemon, reply, waiting_for

import rawdock
from rawdock import Endpoint, TLSFiles, requests_session
from rawdock.errors import CredentialsError
from rawdock.net.credentials import client_context

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
OK = reply(b'{"ok":true}', headers=["Content-Type: application/json"])
FLAVOURS = ["unix", "tcp", "tls1.2", "tls1.3"]
RUBBISH = {
    "REQUESTS_CA_BUNDLE": "/nonexistent/ca.pem",
    "CURL_CA_BUNDLE": "/nonexistent/ca.pem",
    "SSL_CERT_FILE": "/nonexistent/ca.pem",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "ALL_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "",
}


def files(folder: Path, client: str | None = "client") -> TLSFiles:
    return TLSFiles.in_folder(str(authority().folder(folder / "client", client)), "the test")


def session_of(daemon: WireDaemon, folder: Path, prefix: str = "") -> requests.Session:
    tls = files(folder) if daemon._context else None
    return requests_session(Endpoint.parse(daemon.url + prefix, "the test", tls))


def chunked_request(connection: Connection) -> None:
    while not connection.received.endswith(b"0\r\n\r\n"):
        if not connection.receive():
            raise EOFError


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("base", ["http://docker", "https://any.example:81"])
def test_whatever_the_url_names_the_endpoint_answers(tmp_path: Path, flavour: str, base: str) -> None:
    with WireDaemon(tmp_path, flavour, [REQUEST, OK, HOLD]) as daemon, session_of(daemon, tmp_path) as session:
        response = session.get(f"{base}/info", params={"a": "1 2", "b": ["x", "y"]})
    assert (response.status_code, response.reason, response.json()) == (200, "OK", {"ok": True})
    assert daemon.lines == [["GET /info?a=1+2&b=x&b=y HTTP/1.1"]]
    assert b"Accept-Encoding: identity" in daemon.requests[0][0]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_requests_to_many_urls_share_one_connection(tmp_path: Path, flavour: str) -> None:
    script: Script = [step for _ in range(20) for step in (REQUEST, OK)] + [HOLD]
    with WireDaemon(tmp_path, flavour, script) as daemon, session_of(daemon, tmp_path) as session:
        for number in range(20):
            session.get(f"http://docker/{number}", params={"x": number})
    assert len(daemon.connections) == 1


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_connections_that_were_used_at_once_are_kept(
    tmp_path: Path, flavour: str, caplog: pytest.LogCaptureFixture
) -> None:
    with WireDaemon(tmp_path, flavour, [REQUEST, OK, REQUEST, OK, HOLD]) as daemon:
        with session_of(daemon, tmp_path) as session:
            for _ in range(2):
                pair = [session.get(f"http://docker/{number}", stream=True) for number in range(2)]
                assert [response.json() for response in pair] == [{"ok": True}] * 2
        assert len(daemon.connections) == 2
    assert caplog.messages == []


def test_a_session_is_used_again_after_its_end_as_requests_has_it(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, OK, HOLD]) as daemon:
        session = session_of(daemon, tmp_path)
        for _ in range(2):
            with session:
                assert session.get("http://docker/").status_code == 200
        assert len(daemon.connections) == 2


@pytest.mark.parametrize("flavour", ["unix", "tls1.3"])
def test_a_session_can_be_pickled_as_requests_has_it(tmp_path: Path, flavour: str) -> None:
    with WireDaemon(tmp_path, flavour, [REQUEST, OK, HOLD]) as daemon, session_of(daemon, tmp_path) as session:
        session.headers["X-Mine"] = "1"
        with pickle.loads(pickle.dumps(session)) as other:
            assert other.get("http://docker/").status_code == 200
    assert b"X-Mine: 1" in daemon.requests[0][0]


def test_the_endpoints_prefix_goes_before_the_path(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "tcp", [REQUEST, OK, HOLD]) as daemon, session_of(daemon, tmp_path, "/x") as session:
        session.get("http://docker/info?a=1")
    assert daemon.lines == [["GET /x/info?a=1 HTTP/1.1"]]


def test_requests_unixsockets_own_urls_go_to_the_socket_they_name(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, OK]) as daemon, session_of(daemon, tmp_path) as session:
        response = session.get(f"http+unix://{quote(daemon.path, safe='')}/info", headers={"Connection": "close"})
        assert response.json() == {"ok": True}
    assert daemon.lines == [["GET /info HTTP/1.1"]]


@pytest.mark.parametrize("flavour", ["unix", "tls1.3"])
def test_bodies_of_every_kind(tmp_path: Path, flavour: str) -> None:
    script: Script = [REQUEST, OK, REQUEST, OK, REQUEST, OK, chunked_request, OK, HOLD]
    with WireDaemon(tmp_path, flavour, script) as daemon, session_of(daemon, tmp_path) as session:
        session.post("http://docker/json", json={"a": 1})
        session.post("http://docker/data", data={"a": "1"})
        session.post("http://docker/files", files={"file": ("name", io.BytesIO(b"content"))})
        session.put("http://docker/chunked", data=iter([b"one", b"two"]))
    received = bytes(daemon.connections[0].received)
    assert b'\r\n\r\n{"a": 1}' in received
    assert b"\r\n\r\na=1" in received
    assert b'name="file"; filename="name"' in received
    assert received.endswith(b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_stream_gives_lines_as_they_come(tmp_path: Path, flavour: str) -> None:
    come = threading.Event()
    script: Script = [REQUEST, CHUNKED + b"4\r\none\n\r\n", waiting_for(come), b"4\r\ntwo\n\r\n0\r\n\r\n", HOLD]
    lines: list[bytes] = []
    with (
        WireDaemon(tmp_path, flavour, script) as daemon,
        session_of(daemon, tmp_path) as session,
        session.get("http://docker/events", stream=True) as response,
    ):
        for line in response.iter_lines():
            lines.append(line)
            come.set()
    assert lines == [b"one", b"two"]


def test_a_stream_left_early_closes_its_connection(tmp_path: Path) -> None:
    script: Script = [REQUEST, CHUNKED + b"3\r\none\r\n", HOLD]
    with (
        WireDaemon(tmp_path, "unix", script) as daemon,
        session_of(daemon, tmp_path) as session,
        session.get("http://docker/", stream=True) as response,
    ):
        assert next(response.iter_content(None)) == b"one"


def test_hooks_cookies_auth_and_redirects_are_requests_own(tmp_path: Path) -> None:
    seen: list[int] = []
    moved = reply(b"", "301 Moved Permanently", ["Location: /there", "Set-Cookie: session=7"])
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, moved, REQUEST, OK, HOLD]) as daemon,
        session_of(daemon, tmp_path) as session,
    ):
        session.hooks["response"].append(lambda response, **_: seen.append(response.status_code))
        session.auth = ("ann", "word")
        response = session.get("http://docker/here")
    assert seen == [301, 200]
    assert [step.status_code for step in response.history] == [301]
    assert b"Authorization: Basic YW5uOndvcmQ=" in daemon.requests[0][1]
    assert b"Cookie: session=7" in daemon.requests[0][1]


def test_raise_for_status_is_requests_own(tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, reply(b"{}", "404 Not Found"), HOLD]) as daemon,
        session_of(daemon, tmp_path) as session,
        pytest.raises(requests.HTTPError, match="404 Client Error: Not Found"),
    ):
        session.get("http://docker/").raise_for_status()


@pytest.mark.parametrize("flavour", ["unix", "tls1.3"])
def test_silence_is_a_read_timeout(tmp_path: Path, flavour: str) -> None:
    with (
        WireDaemon(tmp_path, flavour, [REQUEST, HOLD]) as daemon,
        session_of(daemon, tmp_path) as session,
        pytest.raises(requests.ReadTimeout),
    ):
        session.get("http://docker/", timeout=(5, 0.05))


def test_a_time_out_on_a_unix_socket_names_it(tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, HOLD]) as daemon,
        session_of(daemon, tmp_path) as session,
        pytest.raises(requests.ReadTimeout, match=f"{daemon.url} from the test: Read timed out"),
    ):
        session.get("http://docker/", timeout=(5, 0.05))


def test_nobody_there_is_a_connection_error_that_says_why(tmp_path: Path) -> None:
    with (
        requests_session(Endpoint.parse(f"unix://{tmp_path}/none.sock", "the test")) as session,
        pytest.raises(requests.ConnectionError, match="there is no such socket; start Docker"),
    ):
        session.get("http://docker/", timeout=5)


def test_nothing_of_the_environment_counts(tmp_path: Path) -> None:
    """In a process of its own, whose environment is full of rubbish and whose warnings are errors."""
    script = (
        "import sys, rawdock\n"
        "tls = rawdock.TLSFiles.in_folder(sys.argv[2], 'the test')\n"
        "with rawdock.requests_session(rawdock.Endpoint.parse(sys.argv[1], 'the test', tls)) as session:\n"
        "    print(session.get('http://docker/').json())\n"
    )
    folder = str(authority().folder(tmp_path / "client"))
    with WireDaemon(tmp_path, "tls1.3", [REQUEST, OK, HOLD]) as daemon:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", script, daemon.url, folder],
            env={**os.environ, **RUBBISH},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, "{'ok': True}\n", "")


def test_neither_verify_nor_cert_nor_proxies_of_a_call_count(tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "tls1.3", server="server of another CA") as daemon,
        session_of(daemon, tmp_path) as session,
        pytest.raises(requests.exceptions.SSLError, match="certificate verify failed"),
    ):
        session.get("http://docker/", verify=False)
    folder = tmp_path / "second"
    folder.mkdir()
    with WireDaemon(folder, "tls1.3", [REQUEST, OK, HOLD]) as daemon, session_of(daemon, folder) as session:
        proxies = {"http": "http://127.0.0.1:9", "https": "http://127.0.0.1:9"}
        response = session.get("http://docker/", verify="/nonexistent", cert="/nonexistent", proxies=proxies)
        assert response.status_code == 200


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ("server of another name", "IP address mismatch"),
        ("server expired", "certificate has expired"),
        ("server of another CA", "certificate verify failed"),
    ],
)
def test_a_daemon_that_is_another_is_refused(tmp_path: Path, server: str, words: str) -> None:
    with (
        WireDaemon(tmp_path, "tls1.3", server=server) as daemon,
        session_of(daemon, tmp_path) as session,
        pytest.raises(requests.exceptions.SSLError, match=words),
    ):
        session.get("http://docker/")


def test_docker_machines_certificates_are_accepted_on_python_3_13() -> None:
    """They have no key identifiers, which VERIFY_X509_STRICT asks for: 3.13 sets it, our context does not."""
    context = client_context(TLSFiles(None, None, None, "the test"))
    assert not context.verify_flags & ssl.VERIFY_X509_STRICT
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_a_missing_key_is_said_when_the_session_is_made(tmp_path: Path) -> None:
    tls = files(tmp_path)
    assert tls.key is not None
    Path(tls.key).unlink()
    with pytest.raises(CredentialsError, match=r"key\.pem from the test is missing"):
        requests_session(Endpoint.parse("tcp://127.0.0.1:1", "the test", tls))


def test_the_name_is_the_function_however_it_was_imported() -> None:
    from rawdock.requests_adapter import requests_session as same

    assert rawdock.requests_session is same
    assert {"HTTPXTransport", "SyncHTTPXTransport", "requests_session"} <= set(rawdock.__all__)
