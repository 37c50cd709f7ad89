"""httpx over our own connections, by httpx's documented features, against a daemon whose bytes stand here: AsyncClient on
asyncio and trio, and Client, by the same assertions.

It is long because httpx documents that many features.
"""

from __future__ import annotations

import io
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from certificates import authority
from wire_daemon import HOLD, PATIENCE, REQUEST, RESET, Connection, Script, WireDaemon, reply, waiting_for

from rawdock import Endpoint, HTTPXTransport, RawdockError, SyncHTTPXTransport, TLSFiles

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
OK = reply(b'{"ok":true}', headers=["Content-Type: application/json", "X-Two: a", "X-Two: b"])


class Caller:
    """Drives httpx in one of three flavours. A response comes with its body read."""

    def __init__(self, backend: str) -> None:
        self.backend = backend

    def use(
        self, daemon: WireDaemon, *requests: tuple[str, str, dict[str, Any]], tls: TLSFiles | None = None, **client: Any
    ) -> list[httpx.Response]:
        prefix = client.pop("prefix", "")
        connections = client.pop("connections", 100)
        endpoint = Endpoint.parse(daemon.url + prefix, "the test", tls)
        client = {"base_url": "http://docker"} | client
        if self.backend == "sync":
            with httpx.Client(transport=SyncHTTPXTransport(endpoint, connections=connections), **client) as blocking:
                return [blocking.request(method, url, **options) for method, url, options in requests]

        async def body() -> list[httpx.Response]:
            transport = HTTPXTransport(endpoint, connections=connections)
            async with httpx.AsyncClient(transport=transport, **client) as waiting:
                return [await waiting.request(method, url, **options) for method, url, options in requests]

        return anyio.run(body, backend=self.backend)

    def stream(self, daemon: WireDaemon, method: str, url: str, parts: str, each: Callable[[Any], None]) -> None:
        """Open a stream, and hand what its method `parts` (iter_raw, iter_lines, …) gives to `each`."""
        endpoint = Endpoint.parse(daemon.url, "the test")
        if self.backend == "sync":
            with (
                httpx.Client(transport=SyncHTTPXTransport(endpoint)) as blocking,
                blocking.stream(method, url, timeout=None) as response,
            ):
                for part in getattr(response, parts)():
                    each(part)
            return

        async def body() -> None:
            async with (
                httpx.AsyncClient(transport=HTTPXTransport(endpoint)) as waiting,
                waiting.stream(method, url, timeout=None) as response,
            ):
                async for part in getattr(response, f"a{parts}")():
                    each(part)

        anyio.run(body, backend=self.backend)

    def iterator(self, *parts: bytes) -> Iterator[bytes] | AsyncIterator[bytes]:
        """The parts as a generator of the flavour."""

        async def waiting() -> AsyncIterator[bytes]:
            for part in parts:
                yield part

        return iter(parts) if self.backend == "sync" else waiting()


@pytest.fixture(params=["sync", "asyncio", "trio"])
def caller(request: pytest.FixtureRequest) -> Caller:
    return Caller(request.param)


def get(url: str, **options: Any) -> tuple[str, str, dict[str, Any]]:
    return "GET", url, options


def post(url: str, **options: Any) -> tuple[str, str, dict[str, Any]]:
    return "POST", url, options


def chunked_request(connection: Connection) -> None:
    """Wait for one request whose body is chunked; it is kept as it came."""
    while not connection.received.endswith(b"0\r\n\r\n"):
        if not connection.receive():
            raise EOFError


# Requests


def test_a_response_has_what_httpx_says_it_has(caller: Caller, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, OK, HOLD]) as daemon:
        response = caller.use(daemon, get("/info", params={"a": "1 2", "b": ["x", "y"]}))[0]
    assert (response.status_code, response.reason_phrase, response.http_version) == (200, "OK", "HTTP/1.1")
    assert response.json() == {"ok": True}
    assert response.headers["x-two"] == "a, b"
    assert response.headers.get_list("X-Two") == ["a", "b"]
    assert response.elapsed.total_seconds() > 0
    assert response.request.url == "http://docker/info?a=1+2&b=x&b=y"
    assert daemon.lines == [["GET /info?a=1+2&b=x&b=y HTTP/1.1"]]


def test_the_host_is_the_endpoints_and_the_encoding_identity_unless_asked_otherwise(
    caller: Caller, tmp_path: Path
) -> None:
    script: Script = [REQUEST, OK, REQUEST, OK, REQUEST, OK, HOLD]
    explicit = {"Host": "other", "Accept-Encoding": "gzip", "X-Name": "ä".encode("latin-1")}
    with WireDaemon(tmp_path, "unix", script) as daemon:
        caller.use(daemon, get("http://docker/"), get("http://any.example:81/x"), get("/", headers=explicit))
    first, second, third = (request.decode("latin-1").split("\r\n") for request in daemon.requests[0])
    for lines in (first, second):
        assert {"Host: localhost", "Accept-Encoding: identity"} < set(lines)
    assert {"Host: other", "Accept-Encoding: gzip", "X-Name: ä"} < set(third)
    assert len([line for line in third if line.lower().startswith("host:")]) == 1


def test_the_endpoints_prefix_goes_before_the_path(caller: Caller, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "tcp", [REQUEST, OK, HOLD]) as daemon:
        caller.use(daemon, get("/info"), prefix="/x")
    assert daemon.lines == [["GET /x/info HTTP/1.1"]]
    assert f"Host: 127.0.0.1:{daemon.port}".encode() in daemon.requests[0][0]


def test_the_extension_target_is_sent_as_it_is(caller: Caller, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, OK, HOLD]) as daemon:
        caller.use(daemon, get("/info", extensions={"target": b"/odd//path?%"}))
    assert daemon.lines == [["GET /odd//path?% HTTP/1.1"]]


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ({"json": {"a": "ä"}}, '{"a":"ä"}'.encode()),
        ({"content": b"bytes"}, b"bytes"),
        ({"content": "text"}, b"text"),
        ({"data": {"a": "1", "b": ["2", "3"]}}, b"a=1&b=2&b=3"),
        ({"content": b"x" * 300_000}, b"x" * 300_000),
        ({}, b""),
    ],
)
def test_a_body_that_httpx_holds_goes_out_by_its_length(
    caller: Caller, tmp_path: Path, options: dict[str, Any], body: bytes
) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, OK, REQUEST, OK, HOLD]) as daemon:
        caller.use(daemon, post("/x", **options), get("/after"))
    head, _, sent = daemon.requests[0][0].partition(b"\r\n\r\n")
    assert sent == body
    assert b"Content-Length: %d" % len(body) in head
    assert len(daemon.connections) == 1


def test_a_multipart_body_with_a_file(caller: Caller, tmp_path: Path) -> None:
    files = {"file": ("name.txt", io.BytesIO(b"content" * 20_000), "text/plain")}
    with WireDaemon(tmp_path, "unix", [REQUEST, OK, HOLD]) as daemon:
        caller.use(daemon, post("/x", files=files, data={"field": "value"}))
    request = daemon.requests[0][0]
    assert b"content" * 20_000 in request
    assert b'name="field"' in request


def test_an_iterator_is_sent_chunked(caller: Caller, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [chunked_request, OK, REQUEST, OK, HOLD]) as daemon:
        body = caller.iterator(b"one", b"", b"x" * 300)
        responses = caller.use(daemon, ("PUT", "/x", {"content": body}), get("/after"))
    assert [response.status_code for response in responses] == [200, 200]
    head, _, sent = bytes(daemon.connections[0].received).partition(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in head
    assert sent.startswith(b"3\r\none\r\n12c\r\n" + b"x" * 300 + b"\r\n0\r\n\r\n")
    assert len(daemon.connections) == 1


def test_bytes_are_sent_chunked_when_asked(caller: Caller, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [chunked_request, OK, HOLD]) as daemon:
        caller.use(daemon, post("/x", content=b"abc", headers={"Transfer-Encoding": "chunked"}))
    head, _, sent = bytes(daemon.connections[0].received).partition(b"\r\n\r\n")
    assert b"content-length" not in head.lower()
    assert sent == b"3\r\nabc\r\n0\r\n\r\n"


def test_a_file_goes_out_by_its_length(tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(b"x" * 200_000)
    with WireDaemon(tmp_path, "unix", [REQUEST, OK, HOLD]) as daemon, path.open("rb") as file:
        Caller("sync").use(daemon, post("/x", content=file))
    assert b"Content-Length: 200000" in daemon.requests[0][0]


@pytest.mark.parametrize(("length", "words"), [("2", "longer than its Content-Length, 2"), ("9", "6 bytes shorter")])
def test_a_body_that_does_not_fit_its_length_is_refused(
    caller: Caller, tmp_path: Path, length: str, words: str
) -> None:
    body = caller.iterator(b"a", b"bc")
    with WireDaemon(tmp_path, "unix", [REQUEST, HOLD]) as daemon, pytest.raises(httpx.LocalProtocolError, match=words):
        caller.use(daemon, post("/x", content=body, headers={"Content-Length": length}))


@pytest.mark.parametrize(
    ("length", "words"),
    [("2", "longer than its Content-Length, 2"), ("9", "6 bytes shorter"), ("three", "neither a Content-Length")],
)
def test_bytes_that_do_not_fit_their_length_are_refused_before_anything_is_sent(
    caller: Caller, tmp_path: Path, length: str, words: str
) -> None:
    with WireDaemon(tmp_path) as daemon, pytest.raises(httpx.LocalProtocolError, match=words):
        caller.use(daemon, post("/x", content=b"abc", headers={"Content-Length": length}))
    assert daemon.connections == []


@pytest.mark.parametrize("flavour", ["unix", "tcp", "tls1.3"])
def test_an_answer_before_the_bodys_end_is_heard(caller: Caller, tmp_path: Path, flavour: str) -> None:
    """The daemon refuses at the head and closes; sending breaks off, and the answer is still there. (Blocking, TLS hears it
    afterwards.)"""

    def refuse(connection: Connection) -> None:
        while b"\r\n\r\n" not in connection.received:
            connection.receive()
        connection.send(reply(b"too much", "413 Payload Too Large", ["Connection: close"]))
        connection.stream.settimeout(PATIENCE)
        while connection.receive():
            pass

    body = caller.iterator(*[b"x" * 65536] * 64)
    with WireDaemon(tmp_path, flavour, [refuse]) as daemon:
        tls = files(tmp_path) if flavour.startswith("tls") else None
        response = caller.use(daemon, ("PUT", "/x", {"content": body}), tls=tls)[0]
    assert (response.status_code, response.text) == (413, "too much")


def test_an_iterators_own_error_comes_out_and_closes_the_connection(caller: Caller, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x"
        raise KeyError("mine")

    async def broken_async() -> AsyncIterator[bytes]:
        for part in broken():
            yield part

    body = broken() if caller.backend == "sync" else broken_async()
    with WireDaemon(tmp_path, "unix", [HOLD]) as daemon, pytest.raises(KeyError, match="mine"):
        caller.use(daemon, post("/x", content=body))


def test_a_header_that_breaks_out_of_its_line_is_refused(caller: Caller, tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path) as daemon,
        pytest.raises(httpx.LocalProtocolError, match="header 'X-Bad' cannot be sent") as caught,
    ):
        caller.use(daemon, get("/", headers={"X-Bad": "a\r\nX-Worse: b"}))
    assert daemon.connections == []
    assert caught.value.request.url == "http://docker/"


# httpx's features above the transport


def test_event_hooks_run(caller: Caller, tmp_path: Path) -> None:
    seen: list[str] = []

    async def waiting(event: httpx.Request | httpx.Response) -> None:
        seen.append(type(event).__name__)

    def blocking(event: httpx.Request | httpx.Response) -> None:
        seen.append(type(event).__name__)

    hook = blocking if caller.backend == "sync" else waiting
    with WireDaemon(tmp_path, "unix", [REQUEST, OK, HOLD]) as daemon:
        caller.use(daemon, get("/"), event_hooks={"request": [hook], "response": [hook]})
    assert seen == ["Request", "Response"]


def test_cookies_come_back_and_basic_auth_is_sent(caller: Caller, tmp_path: Path) -> None:
    cookie = reply(b"", headers=["Set-Cookie: session=7; Path=/"])
    with WireDaemon(tmp_path, "unix", [REQUEST, cookie, REQUEST, OK, HOLD]) as daemon:
        caller.use(daemon, get("/one"), get("/two"), auth=("ann", "word"), cookies={"mine": "1"})
    assert b"Cookie: mine=1; session=7" in daemon.requests[0][1]
    assert b"Authorization: Basic YW5uOndvcmQ=" in daemon.requests[0][1]


def test_digest_auth_answers_a_challenge_on_the_same_connection(caller: Caller, tmp_path: Path) -> None:
    challenge = 'WWW-Authenticate: Digest realm="x", nonce="abc", qop="auth", algorithm=MD5'
    script: Script = [REQUEST, reply(b"no", "401 Unauthorized", [challenge]), REQUEST, OK, HOLD]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        response = caller.use(daemon, get("/"), auth=httpx.DigestAuth("ann", "word"))[0]
    assert response.status_code == 200
    assert b'Authorization: Digest username="ann"' in daemon.requests[0][1]


def test_redirects_are_followed_when_asked(caller: Caller, tmp_path: Path) -> None:
    moved = reply(b"", "301 Moved Permanently", ["Location: /there"])
    script: Script = [REQUEST, moved, REQUEST, moved, REQUEST, OK, HOLD]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        first, second = caller.use(daemon, get("/here"), get("/here", follow_redirects=True))
    assert (first.status_code, second.status_code, len(second.history)) == (301, 200, 1)
    assert daemon.lines[0][1:] == ["GET /here HTTP/1.1", "GET /there HTTP/1.1"]


def test_raise_for_status_is_httpx_own(caller: Caller, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(b"{}", "404 Not Found"), HOLD]) as daemon:
        response = caller.use(daemon, get("/"))[0]
    with pytest.raises(httpx.HTTPStatusError, match="404 Not Found"):
        response.raise_for_status()


# Streams


def test_a_stream_gives_parts_as_they_come(caller: Caller, tmp_path: Path) -> None:
    came: list[bytes] = []
    events = [threading.Event(), threading.Event()]
    script: Script = [REQUEST, CHUNKED + b"3\r\none\r\n", waiting_for(events[0]), b"3\r\ntwo\r\n"]
    script = [*script, waiting_for(events[1]), b"0\r\nTrailer: x\r\n\r\n", HOLD]

    def each(part: bytes) -> None:
        came.append(part)
        events[len(came) - 1].set()

    with WireDaemon(tmp_path, "unix", script) as daemon:
        caller.stream(daemon, "GET", "http://docker/events", "iter_raw", each)
    assert came == [b"one", b"two"]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ("iter_lines", ["a", "b", "c"]),
        ("iter_text", ["a\nb\nc"]),
        ("iter_bytes", [b"a\nb\nc"]),
    ],
)
def test_a_stream_is_iterated_in_each_of_httpx_ways(
    caller: Caller, tmp_path: Path, parts: str, expected: list[object]
) -> None:
    came: list[object] = []
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(b"a\nb\nc"), HOLD]) as daemon:
        caller.stream(daemon, "GET", "http://docker/", parts, came.append)
    assert came == expected


def test_a_stream_left_early_closes_its_connection(caller: Caller, tmp_path: Path) -> None:
    """HOLD ends only when the client has closed: the daemon would complain otherwise. Left before the first part, because
    httpx's own generators, left in the middle, make trio warn."""

    async def waiting(endpoint: Endpoint) -> None:
        async with (
            httpx.AsyncClient(transport=HTTPXTransport(endpoint)) as client,
            client.stream("GET", "http://docker/") as response,
        ):
            assert response.status_code == 200

    with WireDaemon(tmp_path, "unix", [REQUEST, CHUNKED + b"3\r\none\r\n", HOLD]) as daemon:
        endpoint = Endpoint.parse(daemon.url, "the test")
        if caller.backend == "sync":
            with (
                httpx.Client(transport=SyncHTTPXTransport(endpoint)) as client,
                client.stream("GET", "http://docker/") as response,
            ):
                assert next(response.iter_raw()) == b"one"
        else:
            anyio.run(waiting, endpoint, backend=caller.backend)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (CHUNKED + b"9\r\nonly", httpx.RemoteProtocolError, "ended in the middle, after 4 bytes"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nonly", httpx.RemoteProtocolError, "after 4 of 9 bytes"),
        (CHUNKED + b"nonsense\r\n", httpx.RemoteProtocolError, "a chunk's size"),
        (b"SMTP ready\r\n\r\n", httpx.RemoteProtocolError, "does not speak HTTP"),
        (b"HTTP/1.1 200", httpx.RemoteProtocolError, "into the reply's head"),
        (b"", httpx.ReadError, "ended before a reply"),
    ],
)
def test_a_reply_that_breaks_off_is_httpx_error_with_ours_behind(
    caller: Caller, tmp_path: Path, answer: bytes, kind: type[httpx.RequestError], words: str
) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, answer]) as daemon, pytest.raises(kind, match=words) as caught:
        caller.use(daemon, get("/x"))
    assert daemon.url in str(caught.value)
    assert caught.value.request.url == "http://docker/x"
    assert isinstance(caught.value.__cause__, RawdockError)


def test_a_reset_is_a_read_error(caller: Caller, tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "tcp", [REQUEST, CHUNKED, RESET]) as daemon,
        pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)),
    ):
        caller.use(daemon, post("/x"))


# Connections


def test_requests_to_many_urls_share_one_connection(caller: Caller, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [step for _ in range(20) for step in (REQUEST, OK)] + [HOLD]) as daemon:
        caller.use(daemon, *(get(f"/{number}") for number in range(20)))
    assert len(daemon.connections) == 1


def test_a_kept_connection_that_died_is_replaced(caller: Caller, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, OK], [REQUEST, OK, HOLD]) as daemon:
        responses = caller.use(daemon, get("/one"), get("/two"))
    assert [response.status_code for response in responses] == [200, 200]


@pytest.mark.parametrize("flavour", ["unix", "tcp", "tls1.2", "tls1.3"])
def test_a_kept_connection_that_the_daemon_has_closed_is_not_used_again(tmp_path: Path, flavour: str) -> None:
    """Else a POST would be lost, which is not repeated."""
    closed = threading.Event()

    def close(connection: Connection) -> None:
        connection.stream.close()
        closed.set()

    with WireDaemon(tmp_path, flavour, [REQUEST, OK, close], [REQUEST, OK, HOLD]) as daemon:
        tls = files(tmp_path) if flavour.startswith("tls") else None
        transport = SyncHTTPXTransport(Endpoint.parse(daemon.url, "the test", tls))
        with httpx.Client(transport=transport, base_url="http://docker") as client:
            assert client.get("/one").status_code == 200
            assert closed.wait(PATIENCE)
            assert client.post("/two").status_code == 200


def test_nobody_there_is_a_connect_error(caller: Caller, tmp_path: Path) -> None:
    daemon = WireDaemon(tmp_path)
    with daemon:
        pass
    with pytest.raises(httpx.ConnectError, match="nobody listens on it") as caught:
        caller.use(daemon, get("/x"))
    assert caught.value.request.url == "http://docker/x"


def test_a_closed_transport_says_so(caller: Caller, tmp_path: Path) -> None:
    endpoint = Endpoint.parse(f"unix://{tmp_path}/none.sock", "the test")

    async def body() -> None:
        transport = HTTPXTransport(endpoint)
        await transport.aclose()
        await transport.handle_async_request(httpx.Request("GET", "http://docker/"))

    def blocking() -> None:
        transport = SyncHTTPXTransport(endpoint)
        transport.close()
        transport.handle_request(httpx.Request("GET", "http://docker/"))

    with pytest.raises(httpx.LocalProtocolError, match="closed"):
        blocking() if caller.backend == "sync" else anyio.run(body, backend=caller.backend)


def test_closing_the_client_closes_a_reply_that_was_left_open_and_its_reader_hears_of_it(
    caller: Caller, tmp_path: Path
) -> None:
    """As with httpx's own transport: no socket is left, and the reader neither waits for ever nor takes it for the end."""
    gone = threading.Event()

    def closed(connection: Connection) -> None:
        connection.until_eof()
        gone.set()

    def blocking(endpoint: Endpoint) -> None:
        client = httpx.Client(transport=SyncHTTPXTransport(endpoint))
        response = client.send(client.build_request("GET", "http://docker/events"), stream=True)
        parts = response.iter_raw()
        assert next(parts) == b"x"
        client.close()
        assert gone.wait(PATIENCE)
        with pytest.raises(httpx.ReadError, match="the client was closed before the reply's end") as caught:
            next(parts)
        assert caught.value.request.url == "http://docker/events"

    async def waiting(endpoint: Endpoint) -> None:
        client = httpx.AsyncClient(transport=HTTPXTransport(endpoint), timeout=None)
        response = await client.send(client.build_request("GET", "http://docker/events"), stream=True)
        parts = response.aiter_raw()
        assert await anext(parts) == b"x"

        async def read() -> None:
            with pytest.raises(httpx.ReadError):
                await anext(parts)

        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(read)
                await anyio.wait_all_tasks_blocked()
                await client.aclose()
        await response.aclose()

    with WireDaemon(tmp_path, "unix", [REQUEST, CHUNKED + b"1\r\nx\r\n", closed]) as daemon:
        endpoint = Endpoint.parse(daemon.url, "the test")
        blocking(endpoint) if caller.backend == "sync" else anyio.run(waiting, endpoint, backend=caller.backend)
        assert gone.wait(PATIENCE)


# TLS


def files(folder: Path, client: str | None = "client") -> TLSFiles:
    return TLSFiles.in_folder(str(authority().folder(folder / "client", client)), "the test")


@pytest.mark.parametrize("flavour", ["tls1.2", "tls1.3"])
def test_tls_with_a_client_certificate_whatever_the_urls_scheme(caller: Caller, tmp_path: Path, flavour: str) -> None:
    with WireDaemon(tmp_path, flavour, [REQUEST, OK, REQUEST, OK, HOLD]) as daemon:
        responses = caller.use(daemon, get("/"), get("https://docker/"), tls=files(tmp_path))
        network = responses[0].extensions["network_stream"]
        assert network.get_extra_info("ssl_object").version() == {"tls1.2": "TLSv1.2", "tls1.3": "TLSv1.3"}[flavour]
    assert [response.status_code for response in responses] == [200, 200]
    assert len(daemon.connections) == 1


@pytest.mark.parametrize("flavour", ["tcp", "tls1.3"])
def test_the_network_stream_tells_of_its_connection(tmp_path: Path, flavour: str) -> None:
    """By the names that httpx documents."""
    with WireDaemon(tmp_path, flavour, [REQUEST, OK, HOLD]) as daemon:
        endpoint = Endpoint.parse(daemon.url, "the test", files(tmp_path) if flavour == "tls1.3" else None)
        with httpx.Client(transport=SyncHTTPXTransport(endpoint), base_url="http://docker") as client:
            info = client.get("/").extensions["network_stream"].get_extra_info
            assert info("server_addr") == ("127.0.0.1", daemon.port)
            assert info("client_addr") == info("socket").getsockname()
            assert info("is_readable") is False
            assert info("nonsense") is None


def test_a_daemon_of_another_authority_is_a_connect_error(caller: Caller, tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "tls1.3", server="server of another CA") as daemon,
        pytest.raises(httpx.ConnectError, match="was not signed by"),
    ):
        caller.use(daemon, get("/"), tls=files(tmp_path))


def test_a_refused_client_certificate_is_a_connect_error(caller: Caller, tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "tls1.3") as daemon,
        pytest.raises(httpx.ConnectError, match="refused the client certificate"),
    ):
        caller.use(daemon, get("/"), tls=files(tmp_path, "client of another CA"))


# Time-outs


def timeout(**limits: float | None) -> httpx.Timeout:
    return httpx.Timeout(**({"connect": 5, "read": 5, "write": 5, "pool": 5} | limits))


def test_silence_is_a_read_timeout_before_and_after_the_head(caller: Caller, tmp_path: Path) -> None:
    scripts: list[Script] = [[REQUEST, HOLD], [REQUEST, CHUNKED + b"3\r\none\r\n", HOLD]]
    for script in scripts:
        folder = tmp_path / str(len(script))
        folder.mkdir()
        with WireDaemon(folder, "unix", script) as daemon, pytest.raises(httpx.ReadTimeout) as caught:
            caller.use(daemon, get("/x"), timeout=timeout(read=0.05))
        assert caught.value.request.url == "http://docker/x"
        assert "0.05 s (time-out read)" in str(caught.value)


def test_a_daemon_that_takes_nothing_is_a_write_timeout(caller: Caller, tmp_path: Path) -> None:
    over = threading.Event()
    body = caller.iterator(*[b"x" * 1_000_000] * 8)
    with WireDaemon(tmp_path, "unix", [waiting_for(over)]) as daemon:
        with pytest.raises(httpx.WriteTimeout, match=r"0\.05 s \(time-out write\)"):
            caller.use(daemon, post("/x", content=body), timeout=timeout(write=0.05))
        over.set()


def test_a_handshake_that_never_comes_is_a_connect_timeout(caller: Caller, tmp_path: Path) -> None:
    """The limit is for connecting, too, which a busy machine makes wait for 0.05 s."""
    with WireDaemon(tmp_path, "tcp", [HOLD]) as daemon, pytest.raises(httpx.ConnectTimeout, match="TLS handshake took"):
        caller.use(daemon, get("/"), tls=files(tmp_path), timeout=timeout(connect=0.3))


def test_waiting_for_a_connection_is_a_pool_timeout(caller: Caller, tmp_path: Path) -> None:
    """One connection, held by a stream."""

    def blocking(daemon: WireDaemon) -> None:
        transport = SyncHTTPXTransport(Endpoint.parse(daemon.url, "the test"), connections=1)
        with httpx.Client(transport=transport, timeout=timeout(pool=0.05)) as client:
            with (
                client.stream("GET", "http://docker/events"),
                pytest.raises(httpx.PoolTimeout, match=r"0\.05 s \(time-out pool\)") as caught,
            ):
                client.get("http://docker/x")
            assert caught.value.request.url == "http://docker/x"
            assert client.get("http://docker/y").status_code == 200

    async def waiting(daemon: WireDaemon) -> None:
        transport = HTTPXTransport(Endpoint.parse(daemon.url, "the test"), connections=1)
        async with httpx.AsyncClient(transport=transport, timeout=timeout(pool=0.05)) as client:
            async with client.stream("GET", "http://docker/events"):
                with pytest.raises(httpx.PoolTimeout, match=r"0\.05 s \(time-out pool\)") as caught:
                    await client.get("http://docker/x")
            assert caught.value.request.url == "http://docker/x"
            assert (await client.get("http://docker/y")).status_code == 200

    with WireDaemon(tmp_path, "unix", [REQUEST, CHUNKED, HOLD], [REQUEST, OK, HOLD]) as daemon:
        blocking(daemon) if caller.backend == "sync" else anyio.run(waiting, daemon, backend=caller.backend)


@pytest.mark.parametrize("limit", [None, 0])
def test_no_limit_and_none_at_all(caller: Caller, tmp_path: Path, limit: float | None) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, OK if limit is None else b"", HOLD]) as daemon:
        if limit is None:
            assert caller.use(daemon, get("/"), timeout=None)[0].status_code == 200
        else:
            with pytest.raises(httpx.TimeoutException):
                caller.use(daemon, get("/"), timeout=timeout(read=limit))


# Many at a time


def answer_all(connection: Connection) -> None:
    while True:
        request = connection.request()
        connection.send(reply(request.split(b" ")[1]))


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_fifty_tasks_share_one_client(tmp_path: Path, backend: str) -> None:
    texts: dict[int, str] = {}

    async def body(daemon: WireDaemon) -> None:
        transport = HTTPXTransport(Endpoint.parse(daemon.url, "the test"), connections=10)
        async with httpx.AsyncClient(transport=transport, base_url="http://docker") as client:

            async def one(number: int) -> None:
                for turn in range(4):
                    texts[number * 4 + turn] = (await client.get(f"/{number * 4 + turn}")).text

            async with anyio.create_task_group() as tasks:
                for number in range(50):
                    tasks.start_soon(one, number)

    with WireDaemon(tmp_path, "unix", [answer_all]) as daemon:
        anyio.run(body, daemon, backend=backend)
    assert texts == {number: f"/{number}" for number in range(200)}
    assert len(daemon.connections) <= 10


def test_threads_share_one_client(tmp_path: Path) -> None:
    texts: dict[int, str] = {}
    with WireDaemon(tmp_path, "unix", [answer_all]) as daemon:
        transport = SyncHTTPXTransport(Endpoint.parse(daemon.url, "the test"), connections=3)
        with httpx.Client(transport=transport, base_url="http://docker") as client:

            def one(number: int) -> None:
                for turn in range(10):
                    texts[number * 10 + turn] = client.get(f"/{number * 10 + turn}").text

            threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(PATIENCE)
    assert texts == {number: f"/{number}" for number in range(80)}
    assert len(daemon.connections) <= 3


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_cancelling_closes_the_socket(tmp_path: Path, backend: str) -> None:
    """Before the head, and within the body: HOLD ends when the client has closed."""
    come = threading.Event()

    async def body(daemon: WireDaemon) -> None:
        async with httpx.AsyncClient(transport=HTTPXTransport(Endpoint.parse(daemon.url, "the test"))) as client:
            for _ in range(2):
                with anyio.move_on_after(0.05) as scope:
                    await client.get("http://docker/", timeout=None)
                assert scope.cancelled_caught
            with anyio.fail_after(PATIENCE):  # while the client is still open
                await anyio.to_thread.run_sync(come.wait, PATIENCE)

    def closed(connection: Connection) -> None:
        connection.until_eof()
        come.set()

    with WireDaemon(tmp_path, "unix", [REQUEST, HOLD], [REQUEST, CHUNKED + b"1\r\nx\r\n", closed]) as daemon:
        anyio.run(body, daemon, backend=backend)
    assert come.is_set()


# Upgrades, as httpx documents them

UPGRADE = {"Connection": "Upgrade", "Upgrade": "tcp"}
SWITCHING = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"


def echo(connection: Connection) -> None:
    connection.send(SWITCHING + b"early ")
    connection.send(b"late")
    connection.send(b"echo " + connection.until_eof())
    connection.stream.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("flavour", ["unix", "tcp"])
def test_an_upgrade_gives_the_network_stream(caller: Caller, tmp_path: Path, flavour: str) -> None:
    data = bytearray()

    def blocking(endpoint: Endpoint) -> None:
        with (
            httpx.Client(transport=SyncHTTPXTransport(endpoint)) as client,
            client.stream("POST", "http://docker/exec/1/start", headers=UPGRADE, json={"Tty": False}) as response,
        ):
            assert (response.status_code, response.reason_phrase) == (101, "UPGRADED")
            network = response.extensions["network_stream"]
            network.write(b"input", timeout=5)
            network.send_eof()
            while part := network.read(4, timeout=5):
                data.extend(part)
            assert response.read() == b""

    async def waiting(endpoint: Endpoint) -> None:
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(httpx.AsyncClient(transport=HTTPXTransport(endpoint)))
            response = await stack.enter_async_context(
                client.stream("POST", "http://docker/exec/1/start", headers=UPGRADE, json={"Tty": False})
            )
            assert (response.status_code, response.reason_phrase) == (101, "UPGRADED")
            network = response.extensions["network_stream"]
            await network.write(b"input", timeout=5)
            await network.send_eof()
            while part := await network.read(4, timeout=5):
                data.extend(part)
            assert await response.aread() == b""

    with WireDaemon(tmp_path, flavour, [REQUEST, echo]) as daemon:
        endpoint = Endpoint.parse(daemon.url, "the test")
        blocking(endpoint) if caller.backend == "sync" else anyio.run(waiting, endpoint, backend=caller.backend)
    assert bytes(data) == b"early lateecho input"
    assert json.loads(daemon.requests[0][0].partition(b"\r\n\r\n")[2]) == {"Tty": False}
