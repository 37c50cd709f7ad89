"""The quick way of a plain get: the bytes that the client would print, or nothing at all and the client does it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from certificates import authority
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wire_daemon import DAEMON, HOLD, REQUEST, WireDaemon, ping, reply

from rawdock import discover, endpoint
from rawdock.quick import quick_get
from rawdock.quick_dial import DEFAULT_SOCKET, place_of

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
RAWDOCK = [sys.executable, "-W", "error", "-m", "rawdock"]


def quick(words: Sequence[str], environ: Mapping[str, str]) -> tuple[int | None, bytes]:
    """(exit code or None, what was printed)"""
    read, write = os.pipe()
    try:
        code = quick_get(words, environ, write)
        os.close(write)
        write = -1
        with open(read, "rb") as file:
            return code, file.read()
    finally:
        if write >= 0:
            os.close(write)


def found(environ: Mapping[str, str]) -> str | None:
    """The address of the daemon's place."""
    place = place_of(environ, None)
    return place.address if place else None


def asked(folder: Path, *steps: bytes, path: str = "/x/json") -> tuple[int | None, bytes]:
    with WireDaemon(folder, "unix", [REQUEST, ping(), REQUEST, *steps, HOLD]) as daemon:
        return quick(["get", path], {"DOCKER_HOST": daemon.url})


@pytest.mark.parametrize(
    "steps",
    [
        [reply(b"body")],
        [b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbo", b"dy"],
        [CHUNKED + b"2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n"],
        [CHUNKED, b"2\r", b"\nbo\r", b"\n2\r\nd", b"y\r\n0", b"\r\n\r", b"\n"],
        [CHUNKED + b"0004\r\nbody\r\n0\r\n\r\n"],
    ],
)
def test_a_plain_answer_is_printed(tmp_path: Path, steps: list[bytes]) -> None:
    assert asked(tmp_path, *steps) == (0, b"body")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(min_size=1, max_size=300), max_size=5), st.integers(1, 40))
def test_any_chunks_in_any_pieces_give_the_body(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[bytes], size: int
) -> None:
    wire = CHUNKED + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    pieces = [wire[place : place + size] for place in range(0, len(wire), size)]
    assert asked(tmp_path_factory.mktemp("quick"), *pieces) == (0, b"".join(chunks))


def test_the_request_is_the_clients_own(tmp_path: Path) -> None:
    requests: list[list[list[bytes]]] = []
    for words in (["get", "/x/json?all=1"], ["get", "-o", "-", "/x/json?all=1"]):
        (folder := tmp_path / str(len(requests))).mkdir()
        with WireDaemon(folder, "unix", [REQUEST, ping("1.99"), REQUEST, reply(b"{}"), HOLD]) as daemon:
            done = subprocess.run([*RAWDOCK, "-H", daemon.url, *words], capture_output=True, timeout=30, check=False)
            assert (done.returncode, done.stdout, done.stderr) == (0, b"{}", b"")
        requests.append(daemon.requests)
    assert requests[0] == requests[1]
    assert requests[0][0][1].startswith(b"GET /v1.56/x/json?all=1 HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "answer",
    [
        reply(b'{"message":"no"}', "404 Not Found"),
        reply(b"", "204 No Content"),
        reply(b"x", headers=["Location: /y"]),
        reply(b"x", headers=["X-A: 1", "X-A: 2"]),
        b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxy",
        b"HTTP/1.1 200 OK\r\nContent-Length: one\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\nx",
        CHUNKED + b"1;a=b\r\nx\r\n0\r\n\r\n",
        CHUNKED + b"1\r\nx\r\n0\r\nA: b\r\n\r\n",
        CHUNKED + b"1\r\nxy\r\n0\r\n\r\n",
        CHUNKED + b"-1\r\nx\r\n0\r\n\r\n",
        CHUNKED + b"1\r\nx\r\n0\r\n\r\nmore",
        b"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n",
    ],
)
def test_an_answer_that_is_not_plain_is_left_to_the_client(tmp_path: Path, answer: bytes) -> None:
    assert asked(tmp_path, answer) == (None, b"")


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", CHUNKED + b"3\r\nabc\r\n"]
)
def test_so_is_one_that_breaks_off(tmp_path: Path, answer: bytes) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, answer]) as daemon:
        assert quick(["get", "/x/json"], {"DOCKER_HOST": daemon.url}) == (None, b"")


@pytest.mark.parametrize(
    "answer", [ping(None), ping("x"), ping("1"), reply(b"no", headers=["Api-Version: 1.41"]), reply(b"OK", "500 Oops")]
)
def test_so_is_what_may_be_no_daemon(tmp_path: Path, answer: bytes) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, answer, HOLD]) as daemon:
        assert quick(["get", "/x/json"], {"DOCKER_HOST": daemon.url}) == (None, b"")
    assert daemon.lines == [["GET /_ping HTTP/1.1"]]


@pytest.mark.parametrize(
    ("words", "environ"),
    [
        (["get", "/containers/a/logs"], {}),
        (["get", "/events"], {}),
        (["get", "/v1.41/containers/json"], {}),
        (["get", "/_ping"], {}),
        (["get", "containers/json"], {}),
        (["get", "//containers/json"], {}),
        (["get", "/a b/json"], {}),
        (["get", "/ä/json"], {}),
        (["get", "/containers/json", "all==1"], {}),
        (["get", "/containers/json?al=1"], {}),
        (["get", "-i", "/info"], {}),
        (["head", "/info"], {}),
        (["get", "/info", "-H", ""], {}),
        (["get", "/info", "-H", "tcp://127.0.0.1:1/prefix"], {}),
        (["get", "/info"], {"DOCKER_HOST": "tcp://127.0.0.1"}),
        (["get", "/info"], {"DOCKER_API_VERSION": "1.41"}),
        (["get"], {}),
        ([], {}),
    ],
    ids=str,
)
def test_what_is_not_plain_does_not_even_connect(tmp_path: Path, words: list[str], environ: dict[str, str]) -> None:
    with WireDaemon(tmp_path, "unix", DAEMON) as daemon:
        assert quick(words, {"DOCKER_HOST": daemon.url, **environ}) == (None, b"")
    assert daemon.connections == []


@pytest.mark.parametrize(
    ("config", "environ", "path"),
    [
        (None, {}, DEFAULT_SOCKET),
        ('{"auths": {}}', {}, DEFAULT_SOCKET),
        ('{"currentContext": "x"}', {}, None),
        ("", {"DOCKER_CONTEXT": "x"}, None),
        (None, {"DOCKER_TLS_VERIFY": "1"}, None),
        (None, {"DOCKER_TLS": "1"}, None),
        (None, {"DOCKER_HOST": "unix:///a"}, "/a"),
        ('{"currentContext": "x"}', {"DOCKER_HOST": "unix:///a", "DOCKER_CONTEXT": "x"}, "/a"),
        (None, {"DOCKER_HOST": "unix://"}, None),
        (None, {"DOCKER_HOST": " unix:///a"}, None),
        (None, {"DOCKER_HOST": "/a"}, None),
    ],
)
@pytest.mark.parametrize("folder", ["HOME", "DOCKER_CONFIG"])
def test_the_socket_is_known_where_nothing_may_name_another(
    tmp_path: Path, folder: str, config: str | None, environ: dict[str, str], path: str | None
) -> None:
    home = tmp_path / ".docker" if folder == "HOME" else tmp_path
    home.mkdir(exist_ok=True)
    if config is not None:
        (home / "config.json").write_text(config)
    assert found({folder: str(tmp_path), **environ}) == path


def test_without_a_home_the_client_looks_for_it() -> None:
    assert found({}) is None
    assert found({"DOCKER_HOST": "unix:///a"}) == "/a"


def test_the_default_is_that_of_the_client() -> None:
    assert DEFAULT_SOCKET == endpoint.DEFAULT_SOCKET


@pytest.mark.parametrize(
    ("host", "environ", "place"),
    [
        ("tcp://box:2375", {}, ("box", 2375, None, "box:2375")),
        (
            "tcp://192.168.99.100:2376",
            {"DOCKER_TLS_VERIFY": "0"},
            ("192.168.99.100", 2376, "/home/.docker", "192.168.99.100:2376"),
        ),
        ("tcp://box:2376", {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/c/"}, ("box", 2376, "/c", "box:2376")),
        ("tcp://box:2376", {"DOCKER_TLS_VERIFY": "1", "DOCKER_CONFIG": "/d"}, ("box", 2376, "/d", "box:2376")),
        ("tcp://box:2376", {"DOCKER_TLS": "1"}, None),
        ("tcp://box", {}, None),
        ("tcp://box:0", {}, None),
        ("tcp://box:65536", {}, None),
        ("tcp://box:2375/x", {}, None),
        ("tcp://:2375", {}, None),
        ("tcp://me@box:2375", {}, None),
        ("tcp://[::1]:2375", {}, None),
        ("tcp://bóx:2375", {}, None),
        ("tcp://box:²", {}, None),
        ("http://box:2375", {}, None),
        ("https://box:2376", {}, None),
        ("ssh://box", {}, None),
        ("box:2375", {}, None),
    ],
)
def test_a_host_is_known_where_its_address_is_plain(
    host: str, environ: dict[str, str], place: tuple[str, int, str | None, str] | None
) -> None:
    found = place_of({"HOME": "/home", **environ}, host)
    assert (found and (found.address, found.port, found.folder, found.authority)) == place
    if found:
        endpoint = discover({"HOME": "/home", **environ}, host=host)
        assert (endpoint.address, endpoint.port, endpoint.authority) == (found.address, found.port, found.authority)
        assert (endpoint.tls and endpoint.tls.ca) == (found.folder and f"{found.folder}/ca.pem")


@pytest.mark.parametrize("flavour", ["tcp", "tls1.2", "tls1.3"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_tcp_and_tls_are_asked_too(tmp_path: Path, flavour: str, host: str) -> None:
    """Fails where a Python's `_ssl` is not what this was written for: then the client would do it all, unseen."""
    body = b"x" * 50_000  # several records, and less than a pipe holds
    with WireDaemon(tmp_path, flavour, [REQUEST, ping(), REQUEST, reply(body), HOLD]) as daemon:
        environ = tls_environ(tmp_path, daemon) if flavour != "tcp" else {}
        url = daemon.url.replace("127.0.0.1", host)
        assert quick(["get", "/x/json"], {**environ, "DOCKER_HOST": url}) == (0, body)
    assert f"Host: {host}:{daemon.port}".encode() in daemon.requests[0][1]


def tls_environ(folder: Path, daemon: WireDaemon, client: str | None = "client") -> dict[str, str]:
    files = authority().folder(folder / "made", client)
    return {"DOCKER_HOST": daemon.url, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(files)}


@pytest.mark.parametrize(
    "server", ["of another CA", "of another name", "expired", "without names", "made for clients", "with a weak key"]
)
def test_a_daemon_that_cannot_be_verified_is_sent_nothing(tmp_path: Path, server: str) -> None:
    with WireDaemon(tmp_path, "tls1.3", DAEMON, server=f"server {server}") as daemon:
        assert quick(["get", "/version"], tls_environ(tmp_path, daemon)) == (None, b"")
    assert daemon.lines == [[]]


@pytest.mark.parametrize("client", ["client of another CA", "client expired"])
@pytest.mark.parametrize("flavour", ["tls1.2", "tls1.3"])
def test_a_refused_client_is_left_to_the_client(tmp_path: Path, flavour: str, client: str) -> None:
    with WireDaemon(tmp_path, flavour, DAEMON) as daemon:
        assert quick(["get", "/version"], tls_environ(tmp_path, daemon, client)) == (None, b"")


def test_so_are_files_that_are_missing_damaged_or_encrypted(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "tls1.3", DAEMON) as daemon:
        environ = tls_environ(tmp_path, daemon)
        for name, content in (
            ("key.pem", authority().pair("client").encrypted_key_pem),
            ("cert.pem", b"nothing"),
            ("ca.pem", None),
        ):
            file = tmp_path / "made" / name
            file.unlink()
            if content is not None:
                file.write_bytes(content)
            assert quick(["get", "/version"], environ) == (None, b"")
    assert daemon.lines == [[], [], []]


@pytest.mark.parametrize(
    ("server", "code", "why"), [("of another CA", 7, "was not signed by"), ("expired", 7, "expired")]
)
def test_the_command_says_what_was_wrong(tmp_path: Path, server: str, code: int, why: str) -> None:
    with WireDaemon(tmp_path, "tls1.3", DAEMON, server=f"server {server}") as daemon:
        environ = {**os.environ, **tls_environ(tmp_path, daemon)}
        done = subprocess.run(
            [*RAWDOCK, "get", "/version"], capture_output=True, text=True, timeout=30, check=False, env=environ
        )
    assert (done.returncode, done.stdout) == (code, "")
    assert why in done.stderr


def test_no_socket_is_left_to_the_client(tmp_path: Path) -> None:
    for path in (f"{tmp_path}/nothing", f"{tmp_path}/{'x' * 200}"):
        assert quick(["get", "/info"], {"DOCKER_HOST": f"unix://{path}"}) == (None, b"")


@pytest.mark.parametrize("flavour", ["unix", "tls1.3"])
def test_it_imports_next_to_nothing(tmp_path: Path, flavour: str) -> None:
    program = "import sys, os; from rawdock.quick import quick_get; code = quick_get(sys.argv[1:], os.environ)\n"
    program += "print(*sys.modules, sep='\\n', file=sys.stderr); sys.exit(code)"
    with WireDaemon(tmp_path, flavour, DAEMON) as daemon:
        argv = [sys.executable, "-S", "-c", program, "get", "/version", "-H", daemon.url]
        environ = {**os.environ, **(tls_environ(tmp_path, daemon) if flavour != "unix" else {})}
        root = Path(__file__).resolve().parents[1]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False, cwd=root, env=environ)
    assert (done.returncode, "24.0.7" in done.stdout) == (0, True)
    assert not {"typing", "re", "enum", "collections", "socket", "ssl", "json", "rawdock.cli"} & set(
        done.stderr.split()
    )
