"""The curl line of a request: what it reads, and that curl, run by a shell on it, sends the request and shows the reply."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from certificates import authority
from curl_lines import answer_once, shown, with_curl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wire_daemon import HOLD, REQUEST, WireDaemon, ping, reply

from rawdock.curl.print import curl_line
from rawdock.endpoint import Endpoint, TLSFiles
from rawdock.errors import UsageError
from rawdock.request import Request

SOCKET = Endpoint.parse("unix:///var/run/docker.sock", "the test")
TLS = TLSFiles("/c/ca.pem", "/c/cert.pem", "/c/key.pem", "the test")
JSON = (("Content-Type", "application/json"),)


@pytest.mark.parametrize(
    ("request_", "line"),
    [
        (Request("GET", "/version"), "http://localhost/v1.41/version"),
        (Request("GET", "/_ping"), "http://localhost/_ping"),
        (Request("GET", "/v1.30/info"), "http://localhost/v1.30/info"),
        (Request("HEAD", "/_ping"), "-I http://localhost/_ping"),
        (Request("GET", "/events", (("until", "0"),)), "-N 'http://localhost/v1.41/events?until=0'"),
        (Request("GET", "/containers/json?all=1"), "'http://localhost/v1.41/containers/json?all=1'"),
        (
            Request("GET", "/x", (("f", '{"a":["b c"]}'),)),
            "'http://localhost/v1.41/x?f=%7B%22a%22%3A%5B%22b+c%22%5D%7D'",
        ),
        (Request("GET", "/x?f={}"), "-g 'http://localhost/v1.41/x?f={}'"),
        (Request("POST", "/containers/web/start"), "-X POST http://localhost/v1.41/containers/web/start"),
        (
            Request("POST", "/x", (), JSON, b'{"a": "it\'s"}'),
            """-H 'Content-Type: application/json' --data-binary '{"a": "it'"'"'s"}' http://localhost/v1.41/x""",
        ),
        (Request("POST", "/x", body=b"@a"), "--data-raw @a -H Content-Type: http://localhost/v1.41/x"),
        (Request("PUT", "/x", body=b"a"), "-X PUT --data-binary a -H Content-Type: http://localhost/v1.41/x"),
        (Request("PUT", "/x", body_file="a.tar"), "-T a.tar http://localhost/v1.41/x"),
        (Request("PUT", "/x", body_file="."), "-T ./. http://localhost/v1.41/x"),
        (Request("POST", "/x", body_file="-"), "-X POST -T - http://localhost/v1.41/x"),
        (Request("POST", "/x/", body_file="a"), "--data-binary @a -H Content-Type: http://localhost/v1.41/x/"),
        (Request("PUT", "/x", body_file="a[1]"), "-g -T 'a[1]' http://localhost/v1.41/x"),
        (Request("GET", "/x", headers=(("X-A", "1"), ("X-B", ""))), "-H 'X-A: 1' -H 'X-B;' http://localhost/v1.41/x"),
    ],
)
def test_a_request_is_one_line(request_: Request, line: str) -> None:
    # -N, of a stream, stands before the socket
    start = (
        "curl -sS -N --unix-socket /var/run/docker.sock "
        if line.startswith("-N")
        else "curl -sS --unix-socket /var/run/docker.sock "
    )
    assert curl_line(SOCKET, request_, "1.41") == start + line.removeprefix("-N ")


def test_a_body_that_no_word_can_hold_is_piped() -> None:
    line = curl_line(SOCKET, Request("POST", "/x", body=b"-\x00%\\'\xff\x1b"))
    assert line.startswith("printf -- '-\\000\\045\\134'\"'\"'\\377\\033' | curl -sS --unix-socket ")
    assert " --data-binary @- -H Content-Type: " in line


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        (Endpoint.parse("tcp://127.0.0.1:2375", "a test"), "--noproxy '*' http://127.0.0.1:2375/version"),
        (
            Endpoint.parse("tcp://[fe80::1%eth0]:2375", "a test"),
            "--noproxy '*' -g 'http://[fe80::1%25eth0]:2375/version'",
        ),
        (Endpoint.parse("tcp://box:2375/docker/", "a test"), "--noproxy '*' http://box:2375/docker/version"),
        (
            Endpoint.parse("tcp://box:2376", "a test", TLS),
            "--noproxy '*' --cacert /c/ca.pem --cert /c/cert.pem --key /c/key.pem https://box:2376/version",
        ),
        (
            Endpoint.parse("tcp://box:2376", "a test", TLSFiles(None, r"a:b\c", None, "the test")),
            r"--noproxy '*' --cert 'a\:b\\c' https://box:2376/version",
        ),
    ],
)
def test_where_it_goes_is_part_of_the_line(endpoint: Endpoint, words: str) -> None:
    assert curl_line(endpoint, Request("GET", "/version")) == f"curl -sS {words}"


def test_an_unverified_endpoint_is_unverified_by_curl_too_and_ssh_is_refused() -> None:
    files = TLSFiles(None, None, None, "the test", verify=False)
    line = curl_line(Endpoint.parse("tcp://box:2376", "a test", files), Request("GET", "/version"))
    assert line == "curl -sS --noproxy '*' -k https://box:2376/version"
    with pytest.raises(
        UsageError, match="ssh://box from a test: curl speaks to a socket or over TCP, not by ssh; forward"
    ):
        curl_line(Endpoint.parse("ssh://box", "a test"), Request("GET", "/version"))


def run(line: str, folder: Path) -> bytes:
    """What a plain POSIX shell makes of the line."""
    done = subprocess.run(["sh", "-c", line], cwd=folder, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, b""), line
    return done.stdout


ODD = "' \" $HOME `id` \\ ! * ? # ~ & ; | < > ( ) %s é \u2028 -n"


@with_curl
@pytest.mark.parametrize("flavour", ["unix", "tcp", "tls1.2", "tls1.3"])
@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (Request("GET", "/containers/json", (("filters", '{"name":["a b"]}'), ("x", ODD))), b""),
        (Request("POST", "/containers/create", (("name", "x"),), JSON, f'{{"Cmd": "{ODD}\n"}}'.encode()), None),
        (Request("POST", "/x", (), (("X-Odd", "' \" $HOME `id` \\ !"), ("X-Empty", "")), bytes(range(256)) * 3), None),
        (Request("PUT", "/containers/web/archive", (("path", "/tmp"),), (), None, "context.tar"), b"tar\0"),
        (Request("POST", "/images/load", (), (("Content-Type", "application/x-tar"),), None, "-[1]{2}.tar"), b"odd"),
        (Request("DELETE", "/containers/web"), b""),
    ],
    ids=["query", "json", "binary", "file", "odd name", "delete"],
)
def test_curl_sends_the_request_and_shows_the_reply(
    tmp_path: Path, flavour: str, request_: Request, body: bytes | None
) -> None:
    folder = authority().folder(tmp_path / "it's: my certs")
    tmp_path.joinpath("context.tar").write_bytes(b"tar\0")
    tmp_path.joinpath("-[1]{2}.tar").write_bytes(b"odd")
    with WireDaemon(tmp_path, flavour, [answer_once]) as daemon:
        endpoint = Endpoint.parse(daemon.url, "the test")
        if flavour.startswith("tls"):
            endpoint = Endpoint.parse(daemon.url, "the test", TLSFiles.in_folder(str(folder), "the test"))
        assert run(curl_line(endpoint, request_, "1.41"), tmp_path) == b"OK"
    head, _, sent = shown(bytes(daemon.connections[0].received), daemon, "curl/").partition("\n\n")
    first, *lines = head.split("\n")
    assert first.startswith(f"{request_.method} /v1.41{request_.path}")
    assert [line for line in lines if line.startswith("Content-Type")] == [
        f"{name}: {value}" for name, value in request_.headers if name == "Content-Type"
    ]
    assert all(f"{name}: {value}".strip() in lines for name, value in request_.headers)
    assert sent.encode("latin-1") == (request_.body if body is None else body)


@with_curl
@given(body=st.binary(max_size=200), value=st.text(st.characters(min_codepoint=32, max_codepoint=126)))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_body_and_header_come_through_the_shell(tmp_path: Path, body: bytes, value: str) -> None:
    tmp_path.joinpath("docker.sock").unlink(missing_ok=True)
    with WireDaemon(tmp_path, "unix", [answer_once]) as daemon:
        request = Request("POST", "/x", (("q", value),), (("X-Value", value.strip()),), body)
        run(curl_line(Endpoint.parse(daemon.url, "the test"), request), tmp_path)
    received = bytes(daemon.connections[0].received)
    assert received.partition(b"\r\n\r\n")[2] == body
    assert f"\r\nX-Value: {value.strip()}".rstrip().encode() in received


@with_curl
def test_get_prints_the_line_for_the_version_that_is_spoken(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    from test_cli import run as rawdock

    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), HOLD], [answer_once]) as daemon:
        code, out, err = rawdock("get", "-i", "--curl", "/containers/json?all=1", "-H", daemon.url)
        assert (code, err) == (0, "")
        assert (
            out.decode() == f"curl -sS -i --unix-socket {daemon.path} 'http://localhost/v1.43/containers/json?all=1'\n"
        )
        assert run(out.decode(), tmp_path) == reply(b"OK", headers=["Connection: close"])


def test_a_fixed_version_is_printed_without_asking_and_a_certificate_that_is_not_there_is_left_out(
    tmp_path: Path,
) -> None:
    from test_cli import run as rawdock

    folder = authority().folder(tmp_path, client=None)
    environ = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(folder), "DOCKER_HOST": "tcp://127.0.0.1:1"}
    code, out, _ = rawdock("get", "--curl", "--api-version", "1.40", "/info", environ=environ)
    words = f"curl -sS --noproxy '*' --cacert {folder}/ca.pem https://127.0.0.1:1/v1.40/info\n"
    assert (code, out.decode()) == (0, words)
