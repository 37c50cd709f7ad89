"""A wire daemon that cuts every reply at every byte, and one that never comes to its end, through the client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flavours import FLAVOURS, with_core
from stream_calls import ask, chunked, collect
from test_http1 import REPLIES, Reply
from wire_daemon import REQUEST, Connection, Script, WireDaemon, reply

from rawdock import Endpoint
from rawdock.client.core import Core
from rawdock.errors import ConnectionLostError, ProtocolError, TruncatedError
from rawdock.wire.stdcopy import Frame, Stream

LOST = (TruncatedError, ConnectionLostError)
PLAIN_ON_TLS = "a TLS port asked in plain"  # is an error of its own, however much of it comes


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def cuts(*answers: bytes) -> list[Script]:
    """A script for each cut of the last answer, on a connection of its own."""
    before = [step for answer in answers[:-1] for step in (REQUEST, answer)]
    return [[*before, REQUEST, answers[-1][:end]] for end in range(len(answers[-1]))]


@pytest.mark.parametrize("case", [each for each in REPLIES if each.name != PLAIN_ON_TLS], ids=lambda case: case.name)
def test_a_reply_cut_at_any_byte_is_lost_and_names_the_request(flavour: str, tmp_path: Path, case: Reply) -> None:
    head = len(case.wire) if case.framed else len(case.wire) - len(case.payload)

    async def body(core: Core) -> None:
        for end in range(len(case.wire)):
            if end < head:
                with pytest.raises(LOST, match=rf"from the test: {case.method} /v1\.43/x broke off: "):
                    await core.request(case.method, "/v1.43/x")
            else:  # only the end of the connection ends it
                response = await core.request(case.method, "/v1.43/x")
                assert response.content == case.payload[: end - head]
        whole = await core.request(case.method, "/v1.43/x")
        assert (whole.status_code, whole.content) == (case.status, case.payload)

    with WireDaemon(tmp_path, "unix", *cuts(case.wire), [REQUEST, case.wire]) as daemon:
        with_core(flavour, daemon.url, body)


@pytest.mark.parametrize("case", [each for each in REPLIES if each.name != PLAIN_ON_TLS], ids=lambda case: case.name)
def test_a_reply_that_comes_byte_by_byte_is_the_same(flavour: str, tmp_path: Path, case: Reply) -> None:
    pieces = [case.wire[at : at + 1] for at in range(len(case.wire))]

    async def body(core: Core) -> None:
        whole = await core.request(case.method, "/v1.43/x")
        assert (whole.status_code, whole.content) == (case.status, case.payload)

    with WireDaemon(tmp_path, "unix", [REQUEST, *pieces]) as daemon:
        with_core(flavour, daemon.url, body)


def frame(stream: int, data: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


CREATED = reply(b'{"Id":"abc"}', "201 Created")
UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
DOCUMENTS = chunked(b'{"status":"a"}\r\n', b'{"status":"b"}\r\n')
FRAMES = frame(1, b"out") + frame(2, b"err")
STREAMS: dict[str, tuple[list[bytes], tuple[Any, ...]]] = {
    "documents": ([DOCUMENTS], ("json_stream", "POST", "/images/create")),
    "events": ([DOCUMENTS], ("events",)),
    "the logs": (
        [chunked(FRAMES, headers=["Content-Type: application/vnd.docker.multiplexed-stream"])],
        ("logs", "web"),
    ),
    "an export": ([chunked(b"tar", b"more")], ("export", "web")),
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_cut_at_any_byte_is_never_an_end(flavour: str, tmp_path: Path, name: str) -> None:
    answers, words = STREAMS[name]
    with WireDaemon(tmp_path, "unix", *cuts(*answers)) as daemon:
        for _ in range(len(answers[-1])):
            with pytest.raises(LOST, match=" broke off: "):
                collect(flavour, Endpoint.parse(daemon.url, "the test"), *words)


def test_an_exec_cut_at_any_byte_has_no_result(flavour: str, tmp_path: Path) -> None:
    """Between two frames the end looks like the process's own; the daemon is then asked for the exit code, and is gone."""
    conversation, between = UPGRADED + FRAMES, len(UPGRADED + frame(1, b"out"))
    scripts: list[Script] = []
    for end in range(len(conversation)):
        scripts.append([REQUEST, CREATED, REQUEST, conversation[:end]])
        if end in (len(UPGRADED), between):
            scripts.append([REQUEST])
    found: list[str] = []
    with WireDaemon(tmp_path, "unix", *scripts) as daemon:
        for _ in range(len(conversation)):
            with pytest.raises(LOST) as caught:
                ask(flavour, Endpoint.parse(daemon.url, "the test"), "exec_run", "web", ["cmd"])
            found.append(str(caught.value).partition(" from the test: ")[2])
    start, within, unknown = len(UPGRADED), 2 * len(frame(1, b"out")) - 2, 2
    assert sum(words.startswith("POST /exec/abc/start broke off: ") for words in found) == start
    assert (
        sum(words.startswith("exec of 'cmd' in web broke off: the stream ended in a frame") for words in found)
        == within
    )
    assert sum("exec of 'cmd' in web broke off, its exit code is not known" in words for words in found) == unknown


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_frame_of_4_gib_that_never_comes_is_lost_and_takes_no_memory(
    flavour: str, tmp_path: Path, number: int
) -> None:
    wire = chunked(bytes([number, 0, 0, 0, 255, 255, 255, 255]) + b"begun", end=False)
    with WireDaemon(tmp_path, "unix", [REQUEST, wire]) as daemon:
        found: list[Frame] = []
        with pytest.raises(LOST, match="the logs of web broke off: "):
            collect(flavour, Endpoint.parse(daemon.url, "the test"), "logs", "web", tty=False, into=found)
    assert found == [Frame(Stream(number), b"begun")]


@pytest.mark.parametrize("header", [b"\4\0\0\0\0\0\0\1x", b"\1\0\0\1\0\0\0\1x", b"\xff" * 9])
def test_a_stream_number_that_is_none_is_an_error(flavour: str, tmp_path: Path, header: bytes) -> None:
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, chunked(frame(1, b"out") + header)]) as daemon,
        pytest.raises(ProtocolError, match="the logs of web: "),
    ):
        collect(flavour, Endpoint.parse(daemon.url, "the test"), "logs", "web", tty=False)


def endless(connection: Connection, filler: bytes) -> None:
    """Until the client closes, which is an OSError here."""
    while True:
        connection.send(filler)


ENDLESS = {
    "a header": (b"HTTP/1.1 200 OK\r\nX: ", b"y" * 4096),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 600),
    "interim replies": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "a chunk's size": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0" * 4096),
    "a chunk's extension": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x" * 4096),
    "trailers": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n" * 600),
    "another protocol's words": (b"", b"no HTTP at all\r\n" * 300),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_never_ends_is_given_up(flavour: str, tmp_path: Path, name: str) -> None:
    start, filler = ENDLESS[name]

    async def body(core: Core) -> None:
        with pytest.raises((ProtocolError, ConnectionLostError)) as caught:
            await core.request("GET", "/v1.43/x")
        assert isinstance(caught.value, ProtocolError) and not isinstance(caught.value, TruncatedError)

    with WireDaemon(tmp_path, "unix", [REQUEST, start, lambda connection: endless(connection, filler)]) as daemon:
        with_core(flavour, daemon.url, body)


@pytest.mark.parametrize("size", [b"g", b"-1", b"0x5", b" 5", b"5 5", b"", b"\xd9\xa3", b"f" * 17, b"+5", b"5\n"])
def test_a_bad_chunk_size_is_an_error(flavour: str, tmp_path: Path, size: bytes) -> None:
    wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size + b"\r\nhello\r\n0\r\n\r\n"

    async def body(core: Core) -> None:
        with pytest.raises(ProtocolError):
            await core.request("GET", "/v1.43/x")

    with WireDaemon(tmp_path, "unix", [REQUEST, wire]) as daemon:
        with_core(flavour, daemon.url, body)
