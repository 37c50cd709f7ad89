"""The frames of stdout and stderr as bytes: fed whole, byte by byte, and cut off at every byte."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rawdock.errors import ProtocolError, TruncatedError
from rawdock.wire.stdcopy import HEADER, Frame, StdcopyDecoder, Stream


def frame(stream: int, data: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


def bytewise(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


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
