"""The frames of stdout and stderr as bytes: fed whole, byte by byte, and cut off at every byte."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pieces import bytewise

from rawdock.errors import ProtocolError, TruncatedError
from rawdock.wire.stdcopy import HEADER, Frame, StdcopyDecoder, Stream


def frame(stream: int, data: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


def read(pieces: Iterable[bytes]) -> list[Frame]:
    """The payload that `pieces` and the stream's end give, joined where a stream goes on."""
    decoder = StdcopyDecoder()
    frames = [found for piece in pieces for found in decoder.feed(piece)]
    decoder.close()
    return [Frame(stream, b"".join(f.data for f in group)) for stream, group in groupby(frames, lambda f: f.stream)]


STREAMS = {
    "nothing": (b"", []),
    "one frame": (frame(1, b"hi\n"), [Frame(Stream.STDOUT, b"hi\n")]),
    "both streams": (frame(1, b"out") + frame(2, b"err"), [Frame(Stream.STDOUT, b"out"), Frame(Stream.STDERR, b"err")]),
    "stdin echoed": (frame(0, b"in"), [Frame(Stream.STDIN, b"in")]),
    "the daemon's own error": (
        frame(3, b"Error grabbing logs: gone"),
        [Frame(Stream.SYSTEMERR, b"Error grabbing logs: gone")],
    ),
    "an empty frame": (frame(1, b""), []),
    "empty frames between": (frame(2, b"") + frame(1, b"x") + frame(1, b""), [Frame(Stream.STDOUT, b"x")]),
    "a payload that looks like a header": (frame(1, frame(2, b"no")), [Frame(Stream.STDOUT, frame(2, b"no"))]),
    "a length over 255": (frame(2, b"x" * 300), [Frame(Stream.STDERR, b"x" * 300)]),
}
each_stream = pytest.mark.parametrize(("wire", "frames"), STREAMS.values(), ids=STREAMS.keys())


@each_stream
def test_frames_fed_whole_give_their_payload(wire: bytes, frames: list[Frame]) -> None:
    assert read([wire]) == frames


@each_stream
def test_frames_fed_byte_by_byte_give_the_same(wire: bytes, frames: list[Frame]) -> None:
    assert read(bytewise(wire)) == frames


@each_stream
def test_eof_inside_a_frame_is_an_error_at_every_byte(wire: bytes, frames: list[Frame]) -> None:
    ends = {0}
    while max(ends) < len(wire):
        start = max(ends)
        ends.add(start + HEADER + int.from_bytes(wire[start + 4 : start + HEADER], "big"))
    for end in range(len(wire)):
        if end in ends:
            read([wire[:end]])
            continue
        with pytest.raises(TruncatedError):
            read([wire[:end]])
        with pytest.raises(TruncatedError):
            read(bytewise(wire[:end]))


@given(
    parts=st.lists(st.tuples(st.sampled_from(Stream), st.binary(max_size=30)), max_size=6),
    places=st.lists(st.integers(0, 300), max_size=8),
)
@settings(deadline=None, max_examples=150)
def test_any_cut_of_the_bytes_gives_the_same_frames(parts: list[tuple[Stream, bytes]], places: list[int]) -> None:
    wire = b"".join(frame(stream, data) for stream, data in parts)
    bounds = [0, *sorted(place % (len(wire) + 1) for place in places), len(wire)]
    assert read(wire[a:b] for a, b in pairwise(bounds)) == read([wire])
    for stream in Stream:
        sent = b"".join(data for s, data in parts if s is stream)
        assert b"".join(f.data for f in read([wire]) if f.stream is stream) == sent


def test_a_part_of_a_frame_is_handed_on_at_once() -> None:
    decoder = StdcopyDecoder()
    assert decoder.feed(frame(1, b"hello")[:10]) == [Frame(Stream.STDOUT, b"he")]
    assert decoder.feed(b"l") == [Frame(Stream.STDOUT, b"l")]


def test_a_length_of_4_gib_allocates_nothing() -> None:
    decoder = StdcopyDecoder()
    assert decoder.feed(b"\1\0\0\0\xff\xff\xff\xff") == []
    assert decoder.feed(b"x") == [Frame(Stream.STDOUT, b"x")]
    with pytest.raises(TruncatedError, match="4294967294 bytes before its end"):
        decoder.close()


@pytest.mark.parametrize(
    "wire",
    [
        b"\4\0\0\0\0\0\0\1x",
        b"\xff",
        b"\1\1",
        b"\1\0\0\1",
        b"$ ",
        b"h",
        b"/ # \x1b[6n",
        b"\0\0\1\0",
        b"HTTP/1.1 200 OK\r\n",
    ],
)
def test_bytes_that_begin_no_frame_are_an_error_at_once(wire: bytes) -> None:
    for pieces in ([wire], bytewise(wire), [frame(1, b"ok") + wire]):
        decoder = StdcopyDecoder()
        with pytest.raises(ProtocolError, match="a container with a TTY sends no frames") as caught:
            for piece in pieces:
                decoder.feed(piece)
        assert not isinstance(caught.value, TruncatedError)


def test_the_end_inside_a_header_says_so() -> None:
    decoder = StdcopyDecoder()
    decoder.feed(b"\1\0\0")
    with pytest.raises(TruncatedError, match="5 bytes before its end"):
        decoder.close()


# Frames alike in a row, which are taken in one go


RUNS = {
    "short lines": [(1, b"0123456789abcdefghi\n")] * 100,
    "lines that end a run": [(1, b"a" * 20)] * 40 + [(1, b"b" * 21)] * 40 + [(2, b"c" * 21)] * 40 + [(1, b"d")],
    "empty frames": [(1, b"")] * 100 + [(0, b"")] * 100 + [(2, b"x")],
    "a length that is the stream's number": [(2, b"ab")] * 50 + [(1, b"a")] * 50,
    "lines that hold their own header": [(1, frame(1, b"x" * 20)[:20])] * 50,
    "lines that hold it at their end": [(1, b"x" * 12 + bytes([1, 0, 0, 0, 0, 0, 0, 20]))] * 50,
    "lines that begin like it": [(1, bytes([1, 0, 0, 0, 0, 0, 0]))] * 50,
    "lines of zeros": [(0, bytes(9))] * 50 + [(1, bytes(9))] * 50,
    "long frames": [(2, b"y" * 300)] * 50,
}
each_run = pytest.mark.parametrize("parts", RUNS.values(), ids=RUNS.keys())


def joined(parts: list[tuple[int, bytes]]) -> list[Frame]:
    groups = groupby(((stream, data) for stream, data in parts if data), lambda part: part[0])
    return [Frame(Stream(stream), b"".join(data for _, data in group)) for stream, group in groups]


@each_run
def test_frames_alike_give_what_each_holds_wherever_they_are_cut(parts: list[tuple[int, bytes]]) -> None:
    wire = b"".join(frame(stream, data) for stream, data in parts)
    assert read([wire]) == joined(parts)
    for size in (7, 256, 999, 1000):
        assert read(wire[start : start + size] for start in range(0, len(wire), size)) == joined(parts)


@each_run
def test_frames_of_one_stream_that_arrive_together_are_one(parts: list[tuple[int, bytes]]) -> None:
    wire = b"".join(frame(stream, data) for stream, data in parts)
    assert StdcopyDecoder().feed(wire) == joined(parts)


@given(
    parts=st.lists(
        st.tuples(st.sampled_from(Stream), st.binary(max_size=3) | st.sampled_from([b"\1\0\0\0", b"\0" * 9])).flatmap(
            lambda part: st.tuples(st.just(part), st.integers(1, 40))
        ),
        max_size=5,
    ),
    size=st.integers(1, 600),
)
@settings(deadline=None, max_examples=200)
def test_runs_of_any_frames_and_any_cut_give_what_each_holds(
    parts: list[tuple[tuple[Stream, bytes], int]], size: int
) -> None:
    frames = [(int(stream), data) for (stream, data), times in parts for _ in range(times)]
    wire = b"".join(frame(stream, data) for stream, data in frames)
    assert read(wire[start : start + size] for start in range(0, len(wire), size)) == joined(frames)


def test_the_end_within_a_run_is_an_error() -> None:
    wire = frame(1, b"0123456789abcdefghi\n") * 100
    for end in range(len(wire) - 27, len(wire)):
        with pytest.raises(TruncatedError):
            read([wire[:end]])


def test_bytes_that_begin_no_frame_after_a_run_are_an_error() -> None:
    with pytest.raises(ProtocolError, match="no frame header"):
        read([frame(1, b"x" * 20) * 100 + b"\1\0\0\1\0\0\0\1x"])
