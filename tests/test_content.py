"""Bodies of requests: what goes over the wire for each kind, what cannot be sent, and daemons that answer before the end.

It is long because every kind of body meets every kind of early end.
"""

from __future__ import annotations

import io
import os
import threading
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from certificates import authority
from flavours import FLAVOURS, with_core
from wire_daemon import HOLD, REQUEST, RESET, Connection, Script, Step, WireDaemon, ping, reply

from rawdock import Endpoint, SyncClient, TLSFiles
from rawdock.client import Response
from rawdock.client.content import body_of
from rawdock.client.core import Core
from rawdock.errors import ConnectionLostError, NotFoundError, RequestError

MEBIBYTE = bytes(range(256)) * 4096
REFUSED = reply(b'{"message":"no such container"}', "404 Not Found")


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def body_received(into: list[tuple[str, bytes]]) -> Step:
    """Read one request whose body may be chunked: its head, and the payload with the framing taken off."""

    def read(connection: Connection) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.receive()
        head, _, rest = data.partition(b"\r\n\r\n")
        if b"Transfer-Encoding: chunked" in head:
            while not rest.endswith(b"0\r\n\r\n"):
                rest += connection.receive()
            payload = b""
            while rest:
                size, _, rest = rest.partition(b"\r\n")
                payload, rest = payload + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
        else:
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            while len(rest) < length:
                rest += connection.receive()
            payload = rest
        into.append((head.decode(), payload))

    return read


def put(flavour: str, daemon: WireDaemon, content: Any, method: str = "PUT", **options: Any) -> Response:
    async def body(core: Core) -> Response:
        return await core.request(method, "/v1.41/containers/x/archive", content=content, **options)

    return with_core(flavour, daemon.url, body)


def sent(flavour: str, tmp_path: Path, content: Any, **options: Any) -> tuple[str, bytes]:
    got: list[tuple[str, bytes]] = []
    with WireDaemon(tmp_path, "unix", [body_received(got), reply(b""), HOLD]) as daemon:
        assert put(flavour, daemon, content, **options).status_code == 200
    return got[0]


# What goes over the wire


async def async_parts() -> AsyncIterator[bytes]:
    for part in (b"one", b"", b"two" * 100_000, b"three"):
        yield part


PARTS = b"one" + b"two" * 100_000 + b"three"


@pytest.mark.parametrize(
    ("make", "expected", "chunked"),
    [
        (lambda: b"small", b"small", False),
        (lambda: b"", b"", False),
        (lambda: bytearray(b"small"), b"small", False),
        (lambda: memoryview(b"xsmall")[1:], b"small", False),
        (lambda: "größe", "größe".encode(), False),
        (lambda: MEBIBYTE, MEBIBYTE, False),
        (lambda: memoryview(MEBIBYTE), MEBIBYTE, False),
        (lambda: memoryview(MEBIBYTE * 2)[::2], (MEBIBYTE * 2)[::2], False),
        (lambda: io.BytesIO(MEBIBYTE), MEBIBYTE, False),
        (lambda: [b"one", b"", b"two" * 100_000, b"three"], PARTS, True),
        (lambda: (part for part in (b"one", bytearray(b"two" * 100_000), memoryview(b"three"))), PARTS, True),
        (lambda: [], b"", True),
        (async_parts, PARTS, True),
    ],
)
def test_content_of_each_kind_arrives_as_it_is(
    flavour: str, tmp_path: Path, make: Callable[[], Any], expected: bytes, chunked: bool
) -> None:
    head, payload = sent(flavour, tmp_path, make())
    assert payload == expected
    assert ("Transfer-Encoding: chunked" in head) is chunked
    assert (f"Content-Length: {len(expected)}" in head) is not chunked


def test_a_pipe_goes_chunked_as_it_comes(flavour: str, tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    with open(read_end, "rb") as pipe:
        with open(write_end, "wb") as file:
            file.write(b"through a pipe")
        head, payload = sent(flavour, tmp_path, pipe)
    assert payload == b"through a pipe" and "Transfer-Encoding: chunked" in head


def test_a_file_whose_size_the_system_does_not_know_goes_chunked(flavour: str, tmp_path: Path) -> None:
    with open("/proc/self/status", "rb") as file:
        head, payload = sent(flavour, tmp_path, file)
    assert payload.startswith(b"Name:") and "Transfer-Encoding: chunked" in head


def test_a_length_that_the_caller_knows_is_sent_instead_of_chunks(flavour: str, tmp_path: Path) -> None:
    head, payload = sent(flavour, tmp_path, iter([b"abc", b"def"]), headers={"content-length": "6"})
    assert payload == b"abcdef" and "content-length: 6" in head and "chunked" not in head


def test_a_body_of_parts_leaves_the_connection_for_the_next_request(flavour: str, tmp_path: Path) -> None:
    got: list[tuple[str, bytes]] = []
    with WireDaemon(tmp_path, "unix", [body_received(got), reply(b""), REQUEST, reply(b"{}"), HOLD]) as daemon:

        async def body(core: Core) -> None:
            await core.request("PUT", "/v1.41/x", content=[b"abc"])
            await core.request("GET", "/v1.41/info")

        with_core(flavour, daemon.url, body)
    assert len(daemon.connections) == 1


def test_a_large_upload_stays_in_bounded_memory(flavour: str, tmp_path: Path) -> None:
    def zeros() -> Iterator[bytes]:
        for _ in range(64):
            yield bytes(1024 * 1024)

    def swallow(connection: Connection) -> None:
        tail = b""
        while not tail.endswith(b"\r\n0\r\n\r\n"):
            tail = (tail + connection.stream.recv(1 << 20))[-8:]

    with WireDaemon(tmp_path, "unix", [swallow, reply(b""), HOLD]) as daemon:
        tracemalloc.start()
        try:
            put(flavour, daemon, zeros())
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 12 * 1024 * 1024


def test_tls_takes_a_body_in_parts(flavour: str, tmp_path: Path) -> None:
    files = TLSFiles.in_folder(str(authority().folder(tmp_path / "client")), "the test")
    got: list[tuple[str, bytes]] = []
    with WireDaemon(tmp_path, "tls1.3", [body_received(got), reply(b""), HOLD]) as daemon:

        async def body(core: Core) -> int:
            return (await core.request("PUT", "/v1.41/x", content=iter([MEBIBYTE] * 3))).status_code

        assert with_core(flavour, daemon.url, body, tls=files) == 200
    assert got[0][1] == MEBIBYTE * 3


# What cannot be sent


@pytest.mark.parametrize("buffering", [0, -1])
def test_a_pipe_that_does_not_wait_is_refused_and_not_taken_for_ended(buffering: int) -> None:
    """While nothing has come it reads as None, or b"" where it is buffered."""
    receiver, sender = os.pipe()
    os.set_blocking(receiver, False)
    with open(receiver, "rb", buffering=buffering) as pipe, open(sender, "wb"):
        with pytest.raises(RequestError, match="does not wait for what comes; let it"):
            body_of(pipe)
        os.set_blocking(receiver, True)
        assert body_of(pipe).length is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"Image": "alpine"}, "content is of type dict, which cannot be sent; give a dict as json="),
        (7, "content is of type int, which cannot be sent; give bytes"),
        ("a\udcff", "content holds '\\udcff', which has no UTF-8; give bytes"),
        (io.StringIO("text"), "the StringIO is open as text; open it with mode 'rb'"),
    ],
)
def test_what_is_no_body_is_refused_with_what_would_be_one(content: object, words: str) -> None:
    with pytest.raises(RequestError) as caught:
        body_of(content)
    assert words in str(caught.value)


@pytest.mark.parametrize("content", [["text"], [b"a", 7]])
def test_an_item_that_is_no_bytes_ends_the_request_with_an_error(flavour: str, tmp_path: Path, content: Any) -> None:
    with (
        WireDaemon(tmp_path, "unix", [HOLD]) as daemon,
        pytest.raises(RequestError, match=r"content has an item that is of type (str|int)"),
    ):
        put(flavour, daemon, content)


class OursError(Exception):
    pass


@pytest.mark.parametrize("error", [OursError, SystemExit, KeyboardInterrupt])
def test_an_error_in_the_callers_generator_comes_out_as_it_is(
    flavour: str, tmp_path: Path, error: type[BaseException]
) -> None:
    """Not in a group, which no `except KeyboardInterrupt` of a script would take."""

    def broken() -> Iterator[bytes]:
        yield b"begun"
        raise error

    with WireDaemon(tmp_path, "unix", [HOLD]) as daemon, pytest.raises(error):
        put(flavour, daemon, broken())


def test_the_sync_client_refuses_an_async_iterable(tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path) as daemon,
        SyncClient(Endpoint.parse(daemon.url, "the test")) as client,
        pytest.raises(RequestError, match="content is an async iterable, and SyncClient has no event loop"),
    ):
        client.put("/x", content=async_parts())


# Sent once or twice


def test_a_generator_is_not_sent_again(flavour: str, tmp_path: Path) -> None:
    """The kept connection is found dead only when the request is under way: whatever was taken off the generator is gone."""
    script: Script = [REQUEST, ping(), lambda connection: connection.receive(), RESET]
    taken: list[int] = []

    def items() -> Iterator[bytes]:
        for number in range(3):
            taken.append(number)
            yield b"x"

    with WireDaemon(tmp_path, "tcp", script, [REQUEST, reply(b""), HOLD]) as daemon:

        async def body(core: Core) -> None:
            await core.request("GET", "/containers/json", content=items())

        with pytest.raises(ConnectionLostError):
            with_core(flavour, daemon.url, body)
    assert len(daemon.connections) == 1 and taken == sorted(set(taken))


TOO_NEW = reply(
    b'{"message":"client version 1.43 is too new. Maximum supported API version is 1.41"}', "400 Bad Request"
)


@pytest.mark.parametrize("kind", ["file", "list"])
def test_what_can_be_read_twice_is_sent_again_to_a_daemon_that_refused_the_version(
    flavour: str, tmp_path: Path, kind: str
) -> None:
    got: list[tuple[str, bytes]] = []
    script: Script = [REQUEST, ping("1.43"), body_received(got), TOO_NEW, body_received(got), reply(b""), HOLD]
    content: Any = io.BytesIO(b"body") if kind == "file" else [b"bo", b"dy"]
    with WireDaemon(tmp_path, "unix", script) as daemon:

        async def body(core: Core) -> int:
            return (await core.request("POST", "/images/load", content=content)).status_code

        assert with_core(flavour, daemon.url, body) == 200
    assert [payload for _, payload in got] == [b"body", b"body"]


def test_a_generator_is_not_sent_again_to_a_daemon_that_refused_the_version(flavour: str, tmp_path: Path) -> None:
    got: list[tuple[str, bytes]] = []
    script: Script = [REQUEST, ping("1.43"), body_received(got), TOO_NEW, REQUEST, reply(b"{}"), HOLD]
    with WireDaemon(tmp_path, "unix", script) as daemon:

        async def body(core: Core) -> int:
            answer = await core.request("POST", "/images/load", content=iter([b"body"]))
            await core.request("GET", "/info")  # speaks what the refusal taught
            return answer.status_code

        assert with_core(flavour, daemon.url, body) == 400
    assert daemon.lines[0][-1] == "GET /v1.41/info HTTP/1.1"


# Answers before the end


def endless() -> Iterator[bytes]:
    while True:
        yield MEBIBYTE


def taking(size: int) -> Step:
    def take(connection: Connection) -> None:
        got = 0
        while got < size:
            got += len(connection.stream.recv(65536))

    return take


@pytest.mark.parametrize("transport", ["unix", "tcp"])
@pytest.mark.parametrize("ending", [[], [RESET], [HOLD]], ids=["closes", "resets", "keeps"])
@pytest.mark.parametrize("after", [1, 3_000_000])
def test_a_daemon_that_answers_early_gives_its_answer(
    flavour: str, tmp_path: Path, transport: str, ending: list[Step], after: int
) -> None:
    """One that keeps the connection open without reading would let a client that only sends wait for ever."""
    if transport == "unix" and ending == [RESET]:
        pytest.skip("a Unix socket has no reset of its own")

    with WireDaemon(tmp_path, transport, [taking(after), REFUSED, *ending]) as daemon:
        answer = put(flavour, daemon, endless())
    with pytest.raises(NotFoundError, match="no such container"):
        answer.raise_for_status()


def test_an_early_answer_closes_the_generator(flavour: str, tmp_path: Path) -> None:
    closed = threading.Event()

    def items() -> Iterator[bytes]:
        try:
            yield from endless()
        finally:
            closed.set()

    with WireDaemon(tmp_path, "unix", [taking(1), REFUSED, HOLD]) as daemon:
        assert put(flavour, daemon, items()).status_code == 404
    assert closed.is_set()


def test_an_interim_reply_does_not_stop_the_sending(flavour: str, tmp_path: Path) -> None:
    got: list[tuple[str, bytes]] = []
    go_on = b"HTTP/1.1 100 Continue\r\n\r\n"
    with WireDaemon(tmp_path, "unix", [go_on, body_received(got), reply(b""), HOLD]) as daemon:
        headers = {"Expect": "100-continue"}
        assert put(flavour, daemon, iter([MEBIBYTE] * 4), headers=headers).status_code == 200
    assert len(got[0][1]) == 4 * len(MEBIBYTE)


@pytest.mark.parametrize("version", ["tls1.2", "tls1.3"])
def test_an_early_answer_over_tls_is_given_too(flavour: str, tmp_path: Path, version: str) -> None:
    files = TLSFiles.in_folder(str(authority().folder(tmp_path / "client")), "the test")
    with WireDaemon(tmp_path, version, [REQUEST, ping(), taking(1), REFUSED]) as daemon:

        async def body(core: Core) -> int:
            return (await core.request("PUT", "/containers/x/archive", content=endless())).status_code

        assert with_core(flavour, daemon.url, body, tls=files) == 404


def test_progress_while_the_daemon_still_reads_does_not_stop_the_sending(flavour: str, tmp_path: Path) -> None:
    """A load or a build may answer 200 and report as it goes: to stop there would leave it half an upload, as a success."""
    got: list[int] = []

    def load(connection: Connection) -> None:
        data = connection.receive()
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        while not data.endswith(b"0\r\n\r\n"):
            part = connection.receive()
            if not part:
                return
            data += part
        got.append(data.count(b"x"))
        connection.send(b"4\r\nlast\r\n0\r\n\r\n")

    with WireDaemon(tmp_path, "unix", [load, HOLD]) as daemon:
        answer = put(flavour, daemon, iter([b"x" * 1_000_000] * 8), headers={"Content-Type": "application/tar"})
    assert (answer.status_code, answer.content) == (200, b"firstlast")
    assert got == [8_000_000 + 1]  # and the x of the path
