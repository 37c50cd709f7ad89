"""The quick way of a plain get: the bytes that the client would print, or nothing at all and the client does it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wire_daemon import DAEMON, HOLD, REQUEST, WireDaemon, ping, reply

from rawdock import endpoint
from rawdock.quick import DEFAULT_SOCKET, quick_get, socket_path

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
        (["get", "/info", "-H", "tcp://127.0.0.1:1"], {}),
        (["get", "/info"], {"DOCKER_HOST": "tcp://127.0.0.1:1"}),
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
    assert socket_path({folder: str(tmp_path), **environ}, None) == path


def test_without_a_home_the_client_looks_for_it() -> None:
    assert socket_path({}, None) is None
    assert socket_path({"DOCKER_HOST": "unix:///a"}, None) == "/a"


def test_the_default_is_that_of_the_client() -> None:
    assert DEFAULT_SOCKET == endpoint.DEFAULT_SOCKET


def test_no_socket_is_left_to_the_client(tmp_path: Path) -> None:
    for path in (f"{tmp_path}/nothing", f"{tmp_path}/{'x' * 200}"):
        assert quick(["get", "/info"], {"DOCKER_HOST": f"unix://{path}"}) == (None, b"")


def test_it_imports_next_to_nothing(tmp_path: Path) -> None:
    program = "import sys, os; from rawdock.quick import quick_get; code = quick_get(sys.argv[1:], os.environ)\n"
    program += "print(*sys.modules, sep='\\n', file=sys.stderr); sys.exit(code)"
    with WireDaemon(tmp_path, "unix", DAEMON) as daemon:
        argv = [sys.executable, "-S", "-c", program, "get", "/version", "-H", daemon.url]
        done = subprocess.run(
            argv, capture_output=True, text=True, timeout=30, check=False, cwd=Path(__file__).resolve().parents[1]
        )
    assert (done.returncode, "24.0.7" in done.stdout) == (0, True)
    assert not {"typing", "re", "enum", "collections", "socket", "json", "rawdock.cli"} & set(done.stderr.split())
