"""The client over a daemon whose bytes stand here: async on asyncio and trio, and sync, by the same assertions.

It is long because the requests and replies stand in it byte for byte.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import anyio
import pytest
from certificates import authority
from wire_daemon import DAEMON, HOLD, REQUEST, RESET, Script, WireDaemon, ping, reply, waiting_for

from rawdock import Client, Endpoint, Response, SyncClient, TLSFiles
from rawdock.client import Options
from rawdock.errors import (
    ClientCertificateError,
    ConnectionLostError,
    NotDockerError,
    ProtocolError,
    RequestError,
    StatusError,
    TimedOutError,
    TLSError,
    TruncatedError,
)
from rawdock.request import needs_version

T = TypeVar("T")

CONTAINERS = reply(b'[{"Id":"abc"}]', headers=["Content-Type: application/json", "X-Two: a", "x-two: b"])
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PLAIN_TO_TLS = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"


class Caller:
    """Makes one client and drives it: the same test is run over Client on two event loops and over SyncClient."""

    def __init__(self, backend: str) -> None:
        self.backend = backend

    def use(
        self,
        daemon: WireDaemon,
        *requests: tuple[str, str, Options],
        prefix: str = "",
        api_version: str | None = None,
        tls: TLSFiles | None = None,
    ) -> list[Response]:
        """Make the requests one after the other with one client, which is closed at the end."""
        endpoint = Endpoint.parse(daemon.url + prefix, "the test", tls)
        if self.backend == "sync":
            with SyncClient(endpoint, api_version=api_version) as client:
                return [client.request(method, path, **options) for method, path, options in requests]

        async def body() -> list[Response]:
            async with Client(endpoint, api_version=api_version) as client:
                return [await client.request(method, path, **options) for method, path, options in requests]

        return self._run(body)

    def stream(self, daemon: WireDaemon, path: str, each: Callable[[bytes], None]) -> int:
        """Stream `path`, hand each part to `each`; returns the status."""
        endpoint = Endpoint.parse(daemon.url, "the test")
        if self.backend == "sync":
            with SyncClient(endpoint) as client, client.stream("GET", path) as sync_reply:
                for part in sync_reply:
                    each(part)
                return sync_reply.status_code

        async def body() -> int:
            async with Client(endpoint) as client, client.stream("GET", path) as reply:
                while part := await reply.receive():
                    each(part)
                return reply.status_code

        return self._run(body)

    def _run(self, body: Callable[[], Awaitable[T]]) -> T:
        return anyio.run(body, backend=self.backend)


@pytest.fixture(params=["sync", "asyncio", "trio"])
def caller(request: pytest.FixtureRequest) -> Caller:
    return Caller(request.param)


def get(path: str, **options: object) -> tuple[str, str, Options]:
    return "GET", path, options  # type: ignore[return-value]


def post(path: str, **options: object) -> tuple[str, str, Options]:
    return "POST", path, options  # type: ignore[return-value]


# The API version


@pytest.mark.parametrize(
    ("daemons", "spoken"), [("1.43", "/v1.43"), ("1.56", "/v1.56"), ("9.99", "/v1.56"), ("1.24", "/v1.24")]
)
def test_the_newest_version_that_both_speak_goes_in_front(
    caller: Caller, tmp_path: Path, daemons: str, spoken: str
) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(daemons), REQUEST, CONTAINERS, HOLD]) as daemon:
        caller.use(daemon, get("/containers/json"))
    assert daemon.lines == [["GET /_ping HTTP/1.1", f"GET {spoken}/containers/json HTTP/1.1"]]


def test_a_daemon_that_names_no_version_is_asked_without_one(caller: Caller, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(None), REQUEST, CONTAINERS, HOLD]) as daemon:
        caller.use(daemon, get("/containers/json"))
    assert daemon.lines == [["GET /_ping HTTP/1.1", "GET /containers/json HTTP/1.1"]]


def test_the_version_is_negotiated_once(caller: Caller, tmp_path: Path) -> None:
    script: Script = [REQUEST, ping(), REQUEST, CONTAINERS, REQUEST, CONTAINERS, HOLD]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        caller.use(daemon, get("/containers/json"), get("info"))
    assert daemon.lines[0][1:] == ["GET /v1.43/containers/json HTTP/1.1", "GET /v1.43/info HTTP/1.1"]


@pytest.mark.parametrize("path", ["/v1.41/info", "/v1.24/containers/json?all=1", "/_ping", "/_ping?x=1", "/v2/"])
def test_a_path_with_a_version_and_ping_are_sent_as_they_are(caller: Caller, tmp_path: Path, path: str) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(b"OK"), HOLD]) as daemon:
        caller.use(daemon, get(path))
    assert daemon.lines == [[f"GET {path} HTTP/1.1"]]


@pytest.mark.parametrize("path", ["/volumes", "/version", "/vault1.2/x"])
def test_a_path_that_only_begins_with_v_gets_a_version(caller: Caller, tmp_path: Path, path: str) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, CONTAINERS, HOLD]) as daemon:
        caller.use(daemon, get(path))
    assert daemon.lines[0][1] == f"GET /v1.43{path} HTTP/1.1"


@pytest.mark.parametrize("version", ["1.40", "v1.40"])
def test_a_given_version_skips_the_negotiation(caller: Caller, tmp_path: Path, version: str) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, CONTAINERS, HOLD]) as daemon:
        caller.use(daemon, get("/info"), api_version=version)
    assert daemon.lines == [["GET /v1.40/info HTTP/1.1"]]


@pytest.mark.parametrize("version", ["1", "latest", "1.x", "-1.4", " 1.40"])
def test_a_bad_version_is_refused_before_anything_is_sent(caller: Caller, tmp_path: Path, version: str) -> None:
    with (
        WireDaemon(tmp_path) as daemon,
        pytest.raises(RequestError, match=r"API version .* from the caller, expected a number such as 1\.41"),
    ):
        caller.use(daemon, get("/info"), api_version=version)
    assert daemon.connections == []


def test_the_endpoints_prefix_goes_before_every_path(caller: Caller, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "tcp", [REQUEST, ping(), REQUEST, CONTAINERS, HOLD]) as daemon:
        caller.use(daemon, get("/info"), prefix="/docker/")
    assert daemon.lines == [["GET /docker/_ping HTTP/1.1", "GET /docker/v1.43/info HTTP/1.1"]]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(b"<html>nope</html>", "404 Not Found"), r"no Docker daemon: it gave /_ping 404 Not Found \(<html>nope"),
        (reply(b"<html>hello</html>"), "/_ping gave '<html>hello</html>', expected OK"),
        (reply(b"", "502 Bad Gateway"), r"502 Bad Gateway \(no message\)"),
    ],
)
def test_http_that_is_no_docker_daemon_is_said_so(caller: Caller, tmp_path: Path, answer: bytes, words: str) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, answer, HOLD]) as daemon, pytest.raises(NotDockerError, match=words):
        caller.use(daemon, get("/info"))


def test_an_unwell_daemon_is_a_daemon(caller: Caller, tmp_path: Path) -> None:
    """moby answers /_ping 500 when it is unwell, with its Api-Version all the same."""
    unwell = reply(b"unhealthy", "500 Internal Server Error", ["Api-Version: 1.43"])
    with WireDaemon(tmp_path, "unix", [REQUEST, unwell, REQUEST, CONTAINERS, HOLD]) as daemon:
        assert caller.use(daemon, get("/info"))[0].status_code == 200


@pytest.mark.parametrize("path", ["/info", "/v1.41/info"])
def test_plain_http_to_a_tls_port_is_an_error_whatever_the_path(caller: Caller, tmp_path: Path, path: str) -> None:
    with (
        WireDaemon(tmp_path, "tcp", [REQUEST, PLAIN_TO_TLS]) as daemon,
        pytest.raises(TLSError, match="the daemon wants TLS on this port") as caught,
    ):
        caller.use(daemon, get(path))
    assert caught.value.remedy == (
        "set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH to the folder with this daemon's ca.pem, cert.pem and key.pem"
    )


# Connections


def test_a_kept_connection_is_used_again(caller: Caller, tmp_path: Path) -> None:
    exchange: Script = [REQUEST, CONTAINERS]
    script: Script = [REQUEST, ping(), *exchange, *exchange, *exchange, HOLD]
    with WireDaemon(tmp_path, "tcp", script) as daemon:
        caller.use(daemon, *[get("/containers/json")] * 3)
    assert len(daemon.connections) == 1


def test_a_connection_that_the_daemon_closes_after_the_reply_is_not_used_again(caller: Caller, tmp_path: Path) -> None:
    closing = reply(b"{}", headers=["Connection: close"])
    with WireDaemon(tmp_path, "tcp", [REQUEST, ping(), REQUEST, closing], [REQUEST, CONTAINERS, HOLD]) as daemon:
        caller.use(daemon, get("/info"), post("/containers/prune"))
    assert [len(lines) for lines in daemon.lines] == [2, 1]


@pytest.mark.parametrize("transport", ["unix", "tcp", "tls1.2", "tls1.3"])
def test_get_is_sent_again_when_a_kept_connection_turns_out_dead(
    caller: Caller, tmp_path: Path, transport: str
) -> None:
    files = TLSFiles.in_folder(str(authority().folder(tmp_path / "client")), "the test")
    with WireDaemon(tmp_path, transport, [REQUEST, ping()], [REQUEST, CONTAINERS, HOLD]) as daemon:
        tls = files if transport.startswith("tls") else None
        assert caller.use(daemon, get("/containers/json"), tls=tls)[0].json() == [{"Id": "abc"}]
    assert daemon.lines[1] == ["GET /v1.43/containers/json HTTP/1.1"]


def test_post_is_not_sent_again_when_a_kept_connection_turns_out_dead(caller: Caller, tmp_path: Path) -> None:
    """The daemon may have done what was asked before it went."""
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST], [REQUEST, CONTAINERS, HOLD]) as daemon,
        pytest.raises(ConnectionLostError, match=r"from the test: POST /containers/create broke off: the connection"),
    ):
        caller.use(daemon, post("/containers/create", json={}))
    assert len(daemon.connections) == 1


def test_a_new_connection_that_dies_is_not_tried_again(caller: Caller, tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "tcp", [REQUEST]) as daemon,
        pytest.raises(ConnectionLostError, match=r"127\.0\.0\.1:\d+ from the test: GET /_ping broke off: the con"),
    ):
        caller.use(daemon, get("/info"))
    assert len(daemon.connections) == 1


def test_a_reset_in_the_body_names_the_endpoint_and_the_request(caller: Caller, tmp_path: Path) -> None:
    begun = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"
    with (
        WireDaemon(tmp_path, "tcp", [REQUEST, begun, RESET]) as daemon,
        pytest.raises(ConnectionLostError, match=r"tcp://127\.0\.0\.1:\d+ from the test: GET /v1\.41/info broke off"),
    ):
        caller.use(daemon, get("/v1.41/info"))


def test_a_reply_that_ends_early_is_truncated_and_never_an_answer(caller: Caller, tmp_path: Path) -> None:
    begun = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, begun]) as daemon,
        pytest.raises(TruncatedError, match=r"GET /v1\.41/info broke off: the reply ended after 3 of 100 bytes"),
    ):
        caller.use(daemon, get("/v1.41/info"))


def test_an_ssh_server_is_no_http_and_named(caller: Caller, tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "tcp", [b"SSH-2.0-OpenSSH_9.6\r\n", HOLD]) as daemon,
        pytest.raises(ProtocolError, match=r"from the test: the peer does not speak HTTP: it sent b'SSH-2\.0"),
    ):
        caller.use(daemon, get("/info"))


def test_a_refused_client_certificate_is_said_so_though_a_body_was_being_sent(caller: Caller, tmp_path: Path) -> None:
    """Under TLS 1.3 the refusal comes after the handshake; a body on its way would meet a reset that hides it."""
    folder = authority().folder(tmp_path / "client", client="client of another CA")
    with WireDaemon(tmp_path, "tls1.3", DAEMON) as daemon, pytest.raises(ClientCertificateError):
        caller.use(
            daemon,
            post("/images/load", content=bytes(3_000_000)),
            api_version="1.41",
            tls=TLSFiles.in_folder(str(folder), "the test"),
        )


# Time-outs


def test_a_silent_daemon_times_out_and_its_connection_is_closed(caller: Caller, tmp_path: Path) -> None:
    # HOLD ends when the client closes
    with (
        WireDaemon(tmp_path, "tcp", [REQUEST, HOLD]) as daemon,
        pytest.raises(TimedOutError, match=r"from the test: GET /v1\.41/info took over 0\.05 s"),
    ):
        caller.use(daemon, get("/v1.41/info", timeout=0.05))


def test_a_time_out_covers_the_negotiation_too_and_names_its_own_seconds(caller: Caller, tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, HOLD]) as daemon,
        pytest.raises(TimedOutError, match=r"GET /info took over 0\.05 s"),
    ):
        caller.use(daemon, get("/info", timeout=0.05))


def test_a_body_that_stops_times_out_and_its_connection_is_not_kept(caller: Caller, tmp_path: Path) -> None:
    begun = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"
    with (
        WireDaemon(tmp_path, "tcp", [REQUEST, begun, HOLD]) as daemon,
        pytest.raises(TimedOutError, match=r"took over 0\.05 s"),
    ):
        caller.use(daemon, get("/v1.41/info", timeout=0.05))


def test_a_time_out_is_for_one_request_only(caller: Caller, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, HOLD], [REQUEST, CONTAINERS, HOLD]) as daemon:
        endpoint = Endpoint.parse(daemon.url, "the test")
        with SyncClient(endpoint) as client:
            with pytest.raises(TimedOutError):
                client.get("/v1.41/info", timeout=0.05)
            assert client.get("/v1.41/containers/json").status_code == 200


# Requests


def test_a_request_has_the_headers_that_a_daemon_needs_and_no_others(caller: Caller, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "tcp", [REQUEST, CONTAINERS, HOLD]) as daemon:
        caller.use(daemon, get("/v1.41/info"))
    (request,) = daemon.requests[0]
    head = request.decode().split("\r\n")
    assert head[1] == f"Host: 127.0.0.1:{daemon.port}"
    assert [line.partition(":")[0] for line in head[1:-2]] == ["Host", "User-Agent", "Accept-Encoding"]
    assert "Accept-Encoding: identity" in head


def test_params_are_encoded_and_booleans_are_dockers(caller: Caller, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, CONTAINERS, REQUEST, CONTAINERS, HOLD]) as daemon:
        params = {"all": True, "size": False, "limit": 3, "filters": '{"label":["a b"]}'}
        caller.use(daemon, get("/v1.41/x", params=params), get("/v1.41/x?a=1", params={"b": "ü"}))
    assert daemon.lines[0] == [
        "GET /v1.41/x?all=true&size=false&limit=3&filters=%7B%22label%22%3A%5B%22a+b%22%5D%7D HTTP/1.1",
        "GET /v1.41/x?a=1&b=%C3%BC HTTP/1.1",
    ]


def test_json_is_the_body_with_its_type_and_length(caller: Caller, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(b"{}", "201 Created"), HOLD]) as daemon:
        caller.use(daemon, post("/v1.41/containers/create", json={"Image": "alpine", "Tty": True}))
    head, _, body = daemon.requests[0][0].partition(b"\r\n\r\n")
    assert json.loads(body) == {"Image": "alpine", "Tty": True}
    assert b"Content-Type: application/json" in head and b"Content-Length: %d" % len(body) in head


def test_content_is_sent_as_it_is(caller: Caller, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4096
    with WireDaemon(tmp_path, "tcp", [REQUEST, reply(b""), HOLD]) as daemon:
        headers = {"Content-Type": "application/x-tar"}
        caller.use(daemon, ("PUT", "/v1.41/containers/x/archive", {"content": content, "headers": headers}))
    head, _, body = daemon.requests[0][0].partition(b"\r\n\r\n")
    assert body == content and b"Content-Type: application/x-tar" in head


def test_post_without_a_body_says_that_it_has_none(caller: Caller, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(b"", "204 No Content"), HOLD]) as daemon:
        caller.use(daemon, post("/v1.41/containers/x/start"))
    assert b"Content-Length: 0\r\n" in daemon.requests[0][0]


def test_a_header_of_the_callers_replaces_ours_in_any_case(caller: Caller, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, CONTAINERS, HOLD]) as daemon:
        caller.use(daemon, post("/v1.41/x", json={}, headers={"content-type": "text/plain", "host": "else"}))
    head = daemon.requests[0][0].lower()
    assert head.count(b"content-type:") == head.count(b"host:") == 1 and b"host: else" in head


@pytest.mark.parametrize("path", ["/a b", "/é", "/x\r\nX-Evil: 1"])
def test_a_path_that_would_break_its_line_is_refused(caller: Caller, tmp_path: Path, path: str) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), HOLD]) as daemon, pytest.raises(RequestError, match="path"):
        caller.use(daemon, get(path))


# Replies


def test_a_response_has_status_reason_headers_text_and_json(caller: Caller, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, CONTAINERS, HOLD]) as daemon:
        (response,) = caller.use(daemon, get("/v1.41/containers/json"))
    assert (response.status_code, response.reason_phrase, response.http_version) == (200, "OK", "HTTP/1.1")
    assert response.headers == {"content-type": "application/json", "x-two": "a, b", "content-length": "14"}
    assert response.headers["Content-Type"] == response.headers.get("CONTENT-TYPE") == "application/json"
    assert "X-Two" in response.headers and "X-Three" not in response.headers
    assert response.content == b'[{"Id":"abc"}]' and response.text == '[{"Id":"abc"}]'
    assert response.json() == [{"Id": "abc"}] and response.raise_for_status() is response


@pytest.mark.parametrize(
    ("path", "needed"),
    [
        ("/info", True),
        ("/version", True),
        ("/v1.41/info", False),
        ("/v4.0.0/libpod/info", False),  # Podman's own API
        ("/v1.41", False),
        ("/volumes", True),
        ("/_ping", False),
        ("/_ping?x", False),
    ],
)
def test_a_path_that_names_a_version_gets_no_other(path: str, needed: bool) -> None:
    assert needs_version(path) is needed


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"message":"No such container: x\\n"}', "No such container: x"),
        (b"page not found\n", "page not found"),
        (b"<html>\n<h1>502</h1>\n</html>", "<html> <h1>502</h1> </html>"),
        (b"", "no message"),
        (b'{"message":7}', '{"message":7}'),
        (b'{"errorDetail":{"message":"no registry"},"error":"no registry"}', "no registry"),  # Podman's push
        (b"[1]", "[1]"),
        (b"\xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_an_error_status_raises_the_daemons_message_when_asked(
    caller: Caller, tmp_path: Path, body: bytes, message: str
) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(body, "404 Not Found"), HOLD]) as daemon:
        (response,) = caller.use(daemon, get("/v1.41/containers/x/json"))
    assert response.status_code == 404
    with pytest.raises(StatusError) as caught:
        response.raise_for_status()
    assert caught.value.status == 404 and caught.value.message == message
    assert caught.value.cause == f"the daemon answered 404: {message} (GET /v1.41/containers/x/json)"


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n"),
        ("POST", b"HTTP/1.1 204 No Content\r\n\r\n"),
    ],
)
def test_replies_that_have_no_body_end_at_the_head(caller: Caller, tmp_path: Path, method: str, answer: bytes) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, answer, REQUEST, CONTAINERS, HOLD]) as daemon:
        responses = caller.use(daemon, (method, "/v1.41/x", {}), get("/v1.41/x"))
    assert responses[0].content == b"" and len(daemon.connections) == 1


def test_a_reply_after_101_is_all_that_comes_and_its_connection_is_not_kept(caller: Caller, tmp_path: Path) -> None:
    upgraded = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nraw"
    with WireDaemon(tmp_path, "unix", [REQUEST, upgraded, b" bytes"], [REQUEST, CONTAINERS, HOLD]) as daemon:
        responses = caller.use(daemon, post("/v1.41/exec/x/start", json={}), get("/v1.41/info"))
    assert (responses[0].status_code, responses[0].content) == (101, b"raw bytes")
    assert len(daemon.connections) == 2


def test_a_stream_is_read_as_it_comes(caller: Caller, tmp_path: Path) -> None:
    """The daemon sends its second event only when the first has been seen."""
    seen = threading.Event()
    parts: list[bytes] = []

    def each(part: bytes) -> None:
        parts.append(part)
        seen.set()

    script: Script = [
        REQUEST,
        ping(),
        REQUEST,
        CHUNKED + b"3\r\none\r\n",
        waiting_for(seen),
        b"3\r\ntwo\r\n0\r\n\r\n",
        HOLD,
    ]
    with WireDaemon(tmp_path, "tcp", script) as daemon:
        assert caller.stream(daemon, "/events", each) == 200
    assert parts == [b"one", b"two"]


def test_a_stream_left_in_the_middle_closes_its_connection(caller: Caller, tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def each(part: bytes) -> None:
        raise Enough

    with (
        WireDaemon(tmp_path, "tcp", [REQUEST, ping(), REQUEST, CHUNKED + b"3\r\none\r\n", HOLD]) as daemon,
        pytest.raises(Enough),
    ):
        caller.stream(daemon, "/events", each)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_requests_at_once_have_a_connection_each_and_all_are_closed(tmp_path: Path, backend: str) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, CONTAINERS, HOLD]) as daemon:
        found: list[int] = []

        async def body() -> None:
            async with Client(Endpoint.parse(daemon.url, "the test"), api_version="1.41") as client:

                async def one() -> None:
                    found.append((await client.get("/info")).status_code)

                async with anyio.create_task_group() as tasks:
                    for _ in range(5):
                        tasks.start_soon(one)

        anyio.run(body, backend=backend)
    assert found == [200] * 5


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancelled_request_closes_its_connection(tmp_path: Path, backend: str) -> None:
    with WireDaemon(tmp_path, "tcp", [REQUEST, HOLD]) as daemon:

        async def body() -> None:
            async with Client(Endpoint.parse(daemon.url, "the test")) as client:
                with anyio.move_on_after(0.05) as scope:
                    await client.get("/v1.41/events")
                assert scope.cancelled_caught

        anyio.run(body, backend=backend)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_the_client_runs_under_a_loop_that_is_not_ours(tmp_path: Path, anyio_backend: str) -> None:
    with WireDaemon(tmp_path, "unix", DAEMON) as daemon:
        async with Client(Endpoint.parse(daemon.url, "the test")) as client:
            assert await client.negotiate() == "1.43"
            assert (await client.get("/version")).json()["Version"] == "24.0.7"


# The environment


PROGRAM = """
import sys, rawdock
with rawdock.SyncClient(api_version=(*sys.argv[1:], None)[0]) as client:
    print(client.endpoint.origin, client.get("/info").status_code)
"""


def run_program(
    environ: dict[str, str], argument: str = "", program: str = PROGRAM
) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-W", "error", "-c", program, *([argument] if argument else [])]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DOCKER")}
    return subprocess.run(argv, env=clean | environ, capture_output=True, text=True, timeout=30, check=False)


CONNECTING = """
import sys, anyio, rawdock
async def main():
    async with rawdock.connect(*sys.argv[1:]) as client:
        print(client.endpoint.origin, (await client.get("/info")).status_code)
anyio.run(main)
"""


@pytest.mark.parametrize("transport", ["unix", "tcp", "tls1.3"])
@pytest.mark.parametrize("program", [PROGRAM, CONNECTING], ids=["sync", "async"])
def test_bundles_and_proxies_of_the_environment_change_nothing(tmp_path: Path, transport: str, program: str) -> None:
    """docker-py verifies against REQUESTS_CA_BUNDLE instead of ca.pem, and the docker CLI goes through HTTPS_PROXY."""
    folder = authority().folder(tmp_path / "client")
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("no certificate")
    bundles = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    environ = {
        **dict.fromkeys(bundles, str(rubbish)),
        **dict.fromkeys((*proxies, *map(str.lower, proxies)), "http://127.0.0.1:1"),
        **({"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(folder)} if transport == "tls1.3" else {}),
    }
    with WireDaemon(tmp_path, transport, [REQUEST, ping(), REQUEST, CONTAINERS, HOLD]) as daemon:
        done = run_program({**environ, "DOCKER_HOST": daemon.url}, program=program)
    assert (done.stdout, done.stderr) == ("DOCKER_HOST 200\n", "")


@pytest.mark.parametrize(("given", "origin"), [(False, "DOCKER_HOST"), (True, "the caller")])
def test_connect_finds_the_daemon_as_the_docker_cli_does(tmp_path: Path, given: bool, origin: str) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, CONTAINERS, HOLD]) as daemon:
        done = run_program(
            {"DOCKER_HOST": "unix:///nowhere" if given else daemon.url}, daemon.url if given else "", CONNECTING
        )
    assert (done.stdout, done.stderr) == (f"{origin} 200\n", "")


def test_docker_api_version_fixes_the_version(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, CONTAINERS, HOLD]) as daemon:
        done = run_program({"DOCKER_HOST": daemon.url, "DOCKER_API_VERSION": "1.39"})
    assert (done.stdout, daemon.lines) == ("DOCKER_HOST 200\n", [["GET /v1.39/info HTTP/1.1"]])


def test_the_callers_version_goes_before_docker_api_version(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, CONTAINERS, HOLD]) as daemon:
        run_program({"DOCKER_HOST": daemon.url, "DOCKER_API_VERSION": "1.39"}, argument="1.42")
    assert daemon.lines == [["GET /v1.42/info HTTP/1.1"]]


def test_a_bad_docker_api_version_is_named_with_its_origin(tmp_path: Path) -> None:
    done = run_program({"DOCKER_HOST": f"unix://{tmp_path}/docker.sock", "DOCKER_API_VERSION": "newest"})
    assert "RequestError: API version 'newest' from DOCKER_API_VERSION, expected a number such as 1.41" in done.stderr
