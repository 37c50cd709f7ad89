"""A container's logs: the lines they are made of, and the calls that get them, over a daemon whose bytes stand here.

It is long because it is tables of lines and of cuts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from client_faces import MULTIPLEXED, RAW, frame
from flavours import FLAVOURS
from hypothesis import given, settings
from hypothesis import strategies as st
from stream_calls import chunked, collect
from wire_daemon import HOLD, REQUEST, Script, WireDaemon, ping, reply

from rawdock import Endpoint
from rawdock.errors import NotFoundError, ProtocolError, RequestError, StreamError, TruncatedError
from rawdock.wire.logline import FRAGMENT, MAX_LINE, log_decoder, without_repeated_stamps
from rawdock.wire.stdcopy import Frame, Stream

OUT, ERR = Stream.STDOUT, Stream.STDERR
T1, T2 = b"2026-11-24T09:20:24.123456789Z ", b"2026-11-24T09:20:25.000000000Z "


# Lines


def lines(*pieces: bytes, tty: bool = False, timestamps: bool = False) -> list[Frame]:
    decoder = log_decoder(tty=tty, join=True, timestamps=timestamps)
    return [found for piece in pieces for found in decoder.feed(piece)] + decoder.close()


def cut(data: bytes, size: int = 1) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


FRAMED: dict[str, tuple[bool, list[tuple[int, bytes]], list[Frame]]] = {
    "nothing": (False, [], []),
    "lines": (False, [(1, b"a\n"), (2, b"b\n")], [Frame(OUT, b"a\n"), Frame(ERR, b"b\n")]),
    "a line in fragments": (False, [(1, b"a"), (1, b"b"), (1, b"c\n")], [Frame(OUT, b"abc\n")]),
    "fragments of two streams, mixed": (
        False,
        [(1, b"a"), (2, b"x"), (1, b"b\n"), (2, b"y\n")],
        [Frame(OUT, b"ab\n"), Frame(ERR, b"xy\n")],
    ),
    "a last line without an end": (False, [(1, b"a\n"), (1, b"b")], [Frame(OUT, b"a\n"), Frame(OUT, b"b")]),
    "empty frames": (False, [(1, b""), (1, b"a"), (1, b""), (1, b"\n")], [Frame(OUT, b"a\n")]),
    "an empty line": (True, [(1, T1 + b"\n")], [Frame(OUT, T1 + b"\n")]),
    "one stamp on each fragment": (
        True,
        [(1, T1 + b"a"), (1, T1 + b"b"), (1, T1 + b"c\n"), (1, T1 + b"d\n")],
        [Frame(OUT, T1 + b"abc\n"), Frame(OUT, T1 + b"d\n")],
    ),
    "another stamp is another line": (
        True,
        [(1, T1 + b"ended here"), (1, T2 + b"b\n")],
        [Frame(OUT, T1 + b"ended here"), Frame(OUT, T2 + b"b\n")],
    ),
    "the other stream's stamp ends nothing": (
        True,
        [(1, T1 + b"a"), (2, T2 + b"x\n"), (1, T1 + b"b\n")],
        [Frame(ERR, T2 + b"x\n"), Frame(OUT, T1 + b"ab\n")],
    ),
    "an error of the daemon's after half a line": (
        False,
        [(1, b"half"), (3, b"Error grabbing logs: gone")],
        [Frame(OUT, b"half"), Frame(Stream.SYSTEMERR, b"Error grabbing logs: gone")],
    ),
}


def test_fragments_with_stamps_of_their_own_are_joined_where_it_is_known_that_they_have_them() -> None:
    decoder = log_decoder(tty=False, join=True, timestamps=True, own_stamps=True)
    parts = [(1, T1 + b"a"), (2, T1 + b"x"), (1, T2 + b"b"), (2, T2 + b"\n"), (1, T2 + b"\n"), (1, T2 + b"c")]
    found = decoder.feed(b"".join(frame(stream, data) for stream, data in parts)) + decoder.close()
    assert found == [Frame(ERR, T1 + b"x\n"), Frame(OUT, T1 + b"ab\n"), Frame(OUT, T2 + b"c")]


@pytest.mark.parametrize(("stamps", "parts", "expected"), FRAMED.values(), ids=FRAMED.keys())
def test_fragments_are_joined_to_lines(stamps: bool, parts: list[tuple[int, bytes]], expected: list[Frame]) -> None:
    wire = b"".join(frame(stream, data) for stream, data in parts)
    assert lines(wire, timestamps=stamps) == expected
    assert lines(*cut(wire), timestamps=stamps) == expected


def test_an_end_within_a_frame_is_an_error_at_every_byte() -> None:
    wire = frame(1, b"ab\n") + frame(2, b"c")
    for end in set(range(1, len(wire))) - {11}:
        with pytest.raises(TruncatedError, match="bytes into a frame"):
            lines(wire[:end])


@pytest.mark.parametrize("wire", [b"\4", b"$ ", frame(1, b"a\n") + b"\1\0\1", frame(1, b"a\n") + b"\1\0\1\0\0\0\0\1"])
def test_bytes_that_begin_no_frame_are_an_error(wire: bytes) -> None:
    for pieces in ([wire], cut(wire)):
        with pytest.raises(ProtocolError, match="no frame header"):
            lines(*pieces)


def test_a_frame_that_would_fill_the_memory_is_an_error() -> None:
    with pytest.raises(ProtocolError, match="a frame of the logs is of 4294967295 bytes"):
        lines(b"\1\0\0\0\xff\xff\xff\xff")


@pytest.mark.parametrize("tty", [False, True])
def test_a_line_that_never_ends_comes_in_parts(tty: bool) -> None:
    part = b"x" * (MAX_LINE // 4)
    pieces = [part if tty else frame(1, part)] * 6
    found = lines(*pieces, tty=tty)
    assert [len(each.data) for each in found] == [MAX_LINE // 4 * 5, MAX_LINE // 4]


FRAGMENTS = (b"x" * FRAGMENT, b"y" * FRAGMENT, b"z" * 7)
TTY: dict[str, tuple[bool, bytes, list[bytes]]] = {
    "nothing": (False, b"", []),
    "lines": (False, b"a\r\n\nb", [b"a\r\n", b"\n", b"b"]),
    "lines with stamps": (True, T1 + b"a\r\n" + T2 + b"b", [T1 + b"a\r\n", T2 + b"b"]),
    "one line in fragments": (
        True,
        b"".join(T1 + part for part in FRAGMENTS) + b"\r\n" + T2 + b"b\r\n",
        [T1 + b"".join(FRAGMENTS) + b"\r\n", T2 + b"b\r\n"],
    ),
    "fragments that fill it": (True, T1 + FRAGMENTS[0] + T1 + b"\n", [T1 + FRAGMENTS[0] + b"\n"]),
    "a stamp elsewhere is text": (True, T1 + b"a" + T1 + b"\n", [T1 + b"a" + T1 + b"\n"]),
    "stamps not asked for are text": (False, T1 + FRAGMENTS[0] + T1 + b"\n", [T1 + FRAGMENTS[0] + T1 + b"\n"]),
}


@pytest.mark.parametrize(("stamps", "wire", "expected"), TTY.values(), ids=TTY.keys())
def test_a_ttys_logs_are_cut_into_lines(stamps: bool, wire: bytes, expected: list[bytes]) -> None:
    for size in (1, 16383, len(wire) or 1):
        assert lines(*cut(wire, size), tty=True, timestamps=stamps) == [Frame(OUT, line) for line in expected]


@pytest.mark.parametrize("line", [b"", b"\n", b"no stamp", b" ", T1])
def test_a_line_without_fragments_is_left_as_it_is(line: bytes) -> None:
    assert without_repeated_stamps(line) == line


@given(texts=st.lists(st.binary(max_size=20), max_size=8), size=st.integers(1, 60), stamps=st.booleans())
@settings(deadline=None, max_examples=150)
def test_any_lines_in_any_fragments_and_any_cut_come_whole(texts: list[bytes], size: int, stamps: bool) -> None:
    written = [text.replace(b"\n", b"") + b"\n" for text in texts]
    stamp = T1 if stamps else b""
    wire = b"".join(frame(1, stamp + part) for text in written for part in cut(text, 5))
    expected = [Frame(OUT, stamp + text) for text in written]
    assert lines(*cut(wire, size), timestamps=stamps) == expected


# Calls


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def inspected(tty: bool) -> bytes:
    return reply(b'{"Config":{"Tty":%b}}' % (b"true" if tty else b"false"))


def typed(kind: str | None) -> list[str]:
    return [f"Content-Type: {kind}"] if kind else []


def of(daemon: WireDaemon) -> Endpoint:
    return Endpoint.parse(daemon.url, "the test")


def logs(flavour: str, folder: Path, *parts: bytes, kind: str = MULTIPLEXED, end: bool = True, **options: Any) -> Any:
    """The frames that a daemon's chunks give."""
    with WireDaemon(folder, "unix", [REQUEST, chunked(*parts, headers=typed(kind), end=end)]) as daemon:
        return collect(flavour, of(daemon), "logs", "web", **options)


BOTH = frame(1, b"out\n") + frame(2, b"err\n")


def test_stdout_and_stderr_come_apart_whatever_the_chunks(flavour: str, tmp_path: Path) -> None:
    found = logs(flavour, tmp_path, *cut(BOTH, 5))
    assert b"".join(each.data for each in found if each.stream is OUT) == b"out\n"
    assert b"".join(each.data for each in found if each.stream is ERR) == b"err\n"


@pytest.mark.parametrize("line", [b"0123456789abcdefghi\n", b"\r\n", b"\r\n1c\r\n", b"1c\r\n" * 5, b"x" * 300 + b"\n"])
def test_many_lines_alike_each_in_a_chunk_of_its_own_come_as_they_were(
    flavour: str, tmp_path: Path, line: bytes
) -> None:
    found = logs(flavour, tmp_path, *[frame(1, line)] * 600, frame(2, b"last\n"), *[frame(1, line)] * 20)
    assert b"".join(each.data for each in found) == line * 600 + b"last\n" + line * 20
    assert [each.data for each in found if each.stream is ERR] == [b"last\n"]


def test_lines_come_whole_on_request(flavour: str, tmp_path: Path) -> None:
    parts = [frame(1, T1 + b"a"), frame(1, T1 + b"b\n")]
    assert logs(flavour, tmp_path, *parts, join=True, timestamps=True) == [Frame(OUT, T1 + b"ab\n")]


@pytest.mark.parametrize(
    ("kind", "tty"),
    [
        (MULTIPLEXED, False),
        (MULTIPLEXED, True),  # a promise: nobody asks
        (RAW, True),
        (RAW, False),  # a proxy, or an engine that calls frames so
        (None, True),  # before API 1.42
        (None, False),
    ],
)
def test_the_type_says_frames_and_else_the_containers_settings_do(
    flavour: str, tmp_path: Path, kind: str | None, tty: bool
) -> None:
    framed = kind == MULTIPLEXED or not tty
    body = chunked(BOTH if framed else b"out\r\n", headers=typed(kind))
    with WireDaemon(tmp_path, "unix", [REQUEST, body, HOLD], [REQUEST, inspected(tty), HOLD]) as daemon:
        found = collect(flavour, of(daemon), "logs", "web")
    assert found == ([Frame(OUT, b"out\n"), Frame(ERR, b"err\n")] if framed else [Frame(OUT, b"out\r\n")])
    asked = [each[0].split(" ")[1].partition("?")[0] for each in daemon.lines]
    assert asked[1:] == ([] if kind == MULTIPLEXED else ["/v1.43/containers/web/json"])


def test_a_daemon_of_no_version_is_asked_without_one(flavour: str, tmp_path: Path) -> None:
    scripts: list[Script] = [
        [REQUEST, ping(None), REQUEST, chunked(b"$ "), HOLD],
        [REQUEST, ping(None), REQUEST, inspected(True), HOLD],
    ]
    with WireDaemon(tmp_path, "unix", *scripts) as daemon:
        assert collect(flavour, of(daemon), "logs", "web", version=None) == [Frame(OUT, b"$ ")]
    assert daemon.lines[1][1] == "GET /containers/web/json HTTP/1.1"


def test_a_pool_of_one_connection_is_enough(flavour: str, tmp_path: Path) -> None:
    """The logs hold it while the container's settings are asked for."""
    with WireDaemon(tmp_path, "unix", [REQUEST, chunked(b"$ "), HOLD], [REQUEST, inspected(True), HOLD]) as daemon:
        assert collect(flavour, of(daemon), "logs", "web", connections=1) == [Frame(OUT, b"$ ")]


def test_a_container_that_is_gone_meanwhile_is_said(flavour: str, tmp_path: Path) -> None:
    gone = reply(b'{"message":"No such container: web"}', "404 Not Found")
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, chunked(b"$ "), HOLD], [REQUEST, gone, HOLD]) as daemon,
        pytest.raises(NotFoundError, match="No such container: web"),
    ):
        collect(flavour, of(daemon), "logs", "web")


@pytest.mark.parametrize("tty", [False, True])
def test_who_knows_of_the_tty_spares_the_question(flavour: str, tmp_path: Path, tty: bool) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, chunked(b"$ " if tty else BOTH), HOLD]) as daemon:
        found = collect(flavour, of(daemon), "logs", "web", version="1.41", tty=tty)
    assert len(found) == (1 if tty else 2)


def test_each_option_goes_into_the_query(flavour: str, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, chunked(headers=typed(MULTIPLEXED)), HOLD]) as daemon:
        collect(
            *(flavour, of(daemon), "logs", "a/b"),
            follow=True,
            stdout=False,
            since=T1.decode().strip(),
            until=3,
            timestamps=True,
            tail=7,
        )
    assert daemon.lines == [
        [
            "GET /v1.43/containers/a%2Fb/logs?follow=true&stdout=false&stderr=true&timestamps=true&tail=7"
            "&since=1795512024.123456789&until=3.000000000 HTTP/1.1"
        ]
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"stdout": False, "stderr": False}, "logs of neither stdout nor stderr"),
        ({"tail": -1}, "tail=-1; give a number of lines, or 'all'"),
        ({"tail": "some"}, "tail='some'"),
        ({"since": "today"}, "since='today' is no time"),
    ],
)
def test_what_cannot_be_asked_is_said_before(flavour: str, tmp_path: Path, options: dict[str, Any], words: str) -> None:
    with WireDaemon(tmp_path) as daemon, pytest.raises(RequestError, match=words):
        collect(flavour, of(daemon), "logs", "web", **options)
    assert daemon.connections == []


def test_a_container_that_is_not_there_is_said(flavour: str, tmp_path: Path) -> None:
    refused = reply(b'{"message":"No such container: web"}', "404 Not Found")
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, refused, HOLD]) as daemon,
        pytest.raises(NotFoundError, match="No such container: web"),
    ):
        collect(flavour, of(daemon), "logs", "web")


@pytest.mark.parametrize("join", [False, True])
def test_an_error_of_the_daemons_is_raised_whole_after_what_came_before(
    flavour: str, tmp_path: Path, join: bool
) -> None:
    data = BOTH + frame(3, b"Error grabbing logs:\n no such file") + frame(1, b"never")
    for size in (1, 7, len(data)):
        folder = tmp_path / str(size)
        folder.mkdir()
        found: list[Frame] = []
        words = "^the daemon cannot go on with the logs: Error grabbing logs:\n no such file$"
        with pytest.raises(StreamError, match=words):
            logs(flavour, folder, *cut(data, size), into=found, join=join)
        assert b"".join(each.data for each in found) == b"out\nerr\n"


def test_an_error_of_the_daemons_that_is_cut_is_still_one(flavour: str, tmp_path: Path) -> None:
    with pytest.raises(StreamError, match=r"the daemon cannot go on with the logs: Error grabbi$"):
        logs(flavour, tmp_path, frame(3, b"Error grabbing logs: gone")[:20])


@pytest.mark.parametrize("join", [False, True])
def test_an_end_before_the_last_chunk_is_an_error_at_every_byte(flavour: str, tmp_path: Path, join: bool) -> None:
    """Between two frames too, where the frames themselves do not tell."""
    whole = chunked(frame(1, b"a\n"), frame(2, b"b\n"), headers=typed(MULTIPLEXED))
    for end in range(whole.index(b"\r\n\r\n") + 4, len(whole)):
        folder = tmp_path / str(end)
        folder.mkdir()
        with (
            WireDaemon(folder, "unix", [REQUEST, whole[:end]]) as daemon,
            pytest.raises(TruncatedError, match="the logs of web broke off: the reply ended in the middle"),
        ):
            collect(flavour, of(daemon), "logs", "web", join=join)


@pytest.mark.parametrize("join", [False, True])
def test_an_end_within_a_frame_is_an_error_even_if_the_reply_is_whole(flavour: str, tmp_path: Path, join: bool) -> None:
    found: list[Frame] = []
    with pytest.raises(TruncatedError, match=r"the logs of web broke off: the (stream|logs) ended"):
        logs(flavour, tmp_path, BOTH + b"\1\0\0\0\0\0\0\5ab", into=found, join=join)
    assert b"err\n" in [each.data for each in found]


def test_frames_that_are_none_name_the_likely_reason(flavour: str, tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"the logs of web: b'.*' is no frame header; a container with a TTY"):
        logs(flavour, tmp_path, b"$ ls\r\n", tty=False)
