"""Streams of documents and of log frames: what comes before an error is handed on, the error is raised, a cut is no end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest
from wire_daemon import HOLD, REQUEST, Script, WireDaemon, ping, reply

from rawdock import Client, Endpoint, SyncClient
from rawdock.errors import NotFoundError, ProtocolError, StreamError, TruncatedError
from rawdock.wire.stdcopy import Frame, Stream

FRAMES = b"\x01\0\0\0\0\0\0\x03out\x02\0\0\0\0\0\0\x03err"
FLAVOURS = ["sync", "asyncio", "trio"]


def collect(
    flavour: str, daemon: WireDaemon, call: str, *words: Any, **options: Any
) -> tuple[list[Any], Exception | None]:
    """The items of one call and the error that ended them."""
    endpoint = Endpoint.parse(daemon.url, "the test")
    found: list[Any] = []

    async def use() -> None:
        async with Client(endpoint, api_version="1.41") as client, getattr(client, call)(*words, **options) as items:
            async for item in items:
                found.append(item)

    def use_sync() -> None:
        with SyncClient(endpoint, api_version="1.41") as client, getattr(client, call)(*words, **options) as items:
            found.extend(item for item in iter(lambda: next(items, None), None))

    try:
        use_sync() if flavour == "sync" else anyio.run(use, backend=flavour)
    except Exception as error:
        return found, error
    return found, None


def chunked(*chunks: bytes, kind: bytes = b"application/json", end: bool = True) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return head + body + (b"0\r\n\r\n" if end else b"")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_documents_come_one_by_one_however_they_are_cut(flavour: str, tmp_path: Path) -> None:
    script: Script = [REQUEST, chunked(b'{"a":1}\r\n{"b"', b":2}\r\n"), HOLD]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        assert collect(flavour, daemon, "json_stream", "POST", "/build") == ([{"a": 1}, {"b": 2}], None)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    ("document", "code"),
    [(b'{"errorDetail":{"code":7,"message":"no space"},"error":"x"}', 7), (b'{"error":"no space"}', None)],
)
def test_an_error_inside_the_stream_is_raised_after_what_came_before(
    flavour: str, tmp_path: Path, document: bytes, code: int | None
) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, chunked(b'{"a":1}\n' + document + b"\n"), HOLD]) as daemon:
        found, error = collect(flavour, daemon, "json_stream", "POST", "/images/create")
    assert found == [{"a": 1}]
    assert isinstance(error, StreamError) and error.code == code
    assert str(error) == "the daemon gave up in the middle: no space"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_errors_may_be_taken_as_documents(flavour: str, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, chunked(b'{"error":"x"}\n'), HOLD]) as daemon:
        assert collect(flavour, daemon, "json_stream", "POST", "/build", raise_errors=False) == ([{"error": "x"}], None)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_refused_stream_raises_by_status(flavour: str, tmp_path: Path) -> None:
    refusal = reply(b'{"message":"no such image"}', "404 Not Found")
    with WireDaemon(tmp_path, "unix", [REQUEST, refusal, HOLD]) as daemon:
        found, error = collect(flavour, daemon, "json_stream", "POST", "/images/x/push")
    assert found == [] and isinstance(error, NotFoundError) and "no such image" in str(error)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("cut", [b'{"a":1}\n', b'{"a":1}\n{"b"'])
def test_a_stream_that_breaks_off_is_no_end(flavour: str, tmp_path: Path, cut: bytes) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, chunked(cut, end=False)]) as daemon:
        found, error = collect(flavour, daemon, "events")
    assert found == [{"a": 1}] and isinstance(error, TruncatedError)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_line_that_is_no_json_names_the_daemon(flavour: str, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, chunked(b"<html>\n"), HOLD]) as daemon:
        _, error = collect(flavour, daemon, "events")
    assert isinstance(error, ProtocolError) and str(error).startswith(daemon.url)


def test_events_are_asked_for_by_time_and_filters(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, chunked(), HOLD]) as daemon:
        collect("sync", daemon, "events", since=1.5, until=2, filters={"type": ["container"]})
    query = "since=1.500000000&until=2.000000000&filters=%7B%22type%22%3A+%5B%22container%22%5D%7D"
    assert daemon.lines == [[f"GET /v1.41/events?{query} HTTP/1.1"]]


def logs(kind: bytes, tty: bool, body: bytes) -> list[Script]:
    inspected = reply(b'{"Config":{"Tty":%s}}' % (b"true" if tty else b"false"))
    return [[REQUEST, chunked(body, kind=kind), HOLD], [REQUEST, inspected, HOLD]]


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    ("kind", "tty", "expected"),
    [
        (
            b"application/vnd.docker.multiplexed-stream",
            False,
            [Frame(Stream.STDOUT, b"out"), Frame(Stream.STDERR, b"err")],
        ),
        (b"application/vnd.docker.raw-stream", False, [Frame(Stream.STDOUT, b"out"), Frame(Stream.STDERR, b"err")]),
        (b"application/vnd.docker.raw-stream", True, [Frame(Stream.STDOUT, FRAMES)]),
    ],
)
def test_frames_are_told_from_a_ttys_output(
    flavour: str, tmp_path: Path, kind: bytes, tty: bool, expected: list[Frame]
) -> None:
    first, second = logs(kind, tty, FRAMES)
    scripts = [first] if b"multiplexed" in kind else [first, second]
    with WireDaemon(tmp_path, "unix", *scripts) as daemon:
        assert collect(flavour, daemon, "logs", "web") == (expected, None)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_podmans_fragments_are_joined_though_each_has_its_own_stamp(flavour: str, tmp_path: Path) -> None:
    body = b"\x01\0\0\0\0\0\0\x031 a\x01\0\0\0\0\0\0\x042 b\n"
    script: Script = [REQUEST, chunked(body, kind=b"x\r\nLibpod-Api-Version: 5.8.6"), HOLD]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        found = collect(flavour, daemon, "logs", "web", timestamps=True, join=True, tty=False)
    assert found == ([Frame(Stream.STDOUT, b"1 ab\n")], None)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_daemons_own_error_in_the_logs_is_raised(flavour: str, tmp_path: Path) -> None:
    body = b"\x01\0\0\0\0\0\0\x03out\x03\0\0\0\0\0\0\x04oops"
    script: Script = [REQUEST, chunked(body, kind=b"application/vnd.docker.multiplexed-stream"), HOLD]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        found, error = collect(flavour, daemon, "logs", "web", tail=10)
    assert found == [Frame(Stream.STDOUT, b"out")]
    assert isinstance(error, StreamError) and str(error) == "the daemon cannot go on with the logs: oops"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_logs_that_end_inside_a_frame_are_cut(flavour: str, tmp_path: Path) -> None:
    script: Script = [REQUEST, chunked(FRAMES[:-1], kind=b"application/vnd.docker.multiplexed-stream"), HOLD]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        _, error = collect(flavour, daemon, "logs", "web")
    assert isinstance(error, TruncatedError)


def test_the_first_ping_settles_the_version_of_a_stream_too(tmp_path: Path) -> None:
    script: Script = [REQUEST, ping("1.41"), REQUEST, chunked(b"{}\n"), HOLD]
    with (
        WireDaemon(tmp_path, "unix", script) as daemon,
        SyncClient(Endpoint.parse(daemon.url, "the test")) as client,
        client.events() as documents,
    ):
        assert list(documents) == [{}]
        assert daemon.lines[0][1].startswith("GET /v1.41/events")
