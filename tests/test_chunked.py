"""The chunked coding: every size, every cut, runs of chunks alike, and h11 as a second opinion."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pieces import bytewise, cut

from rawdock.errors import ProtocolError
from rawdock.wire.chunked import MAX_LINE, MAX_SIZES, MAX_TRAILERS, ChunkedBody


def coded(chunks: list[bytes]) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)


EXTENSION = st.sampled_from([b"", b";a", b";a=b", b' ;q="x;y"'])


@given(
    chunks=st.lists(st.tuples(st.binary(min_size=1, max_size=40), EXTENSION), max_size=6),
    places=st.lists(st.integers(0, 400), max_size=8),
)
@settings(deadline=None, max_examples=150)
def test_chunks_of_any_size_cut_anywhere_give_the_payload(chunks: list[tuple[bytes, bytes]], places: list[int]) -> None:
    wire = b"".join(b"%x%b\r\n%b\r\n" % (len(data), extension, data) for data, extension in chunks) + b"0\r\n\r\n"
    body = ChunkedBody()
    payload = b"".join(body.feed(piece) for piece in cut(wire, places))
    body.close()
    assert payload == b"".join(data for data, _ in chunks)


def test_a_part_of_a_chunk_is_handed_on_at_once() -> None:
    body = ChunkedBody()
    assert body.feed(b"5\r\nhe") == b"he"
    assert body.feed(b"l") == b"l"
    assert body.feed(b"lo") == b"lo"
    assert not body.complete
    assert body.feed(b"\r\n2\r\n!") == b"!"


RUN = st.tuples(st.binary(min_size=1, max_size=300), st.integers(1, 600))


@given(runs=st.lists(RUN, max_size=4), places=st.lists(st.integers(0, 20000), max_size=6))
@settings(deadline=None, max_examples=100)
def test_runs_of_chunks_alike_give_the_payload_wherever_they_are_cut(
    runs: list[tuple[bytes, int]], places: list[int]
) -> None:
    chunks = [payload for payload, count in runs for _ in range(count)]
    wire = coded(chunks) + b"0\r\n\r\n"
    body = ChunkedBody()
    assert b"".join(body.feed(piece) for piece in cut(wire, places)) == b"".join(chunks)
    body.close()
    assert body.complete


@given(
    count=st.integers(2, 700),
    place=st.integers(0, 10**6),
    byte=st.integers(0, 255),
    cuts=st.lists(st.integers(0, 9000)),
)
@settings(deadline=None, max_examples=300)
def test_one_wrong_byte_in_a_run_is_seen_as_h11_sees_it(count: int, place: int, byte: int, cuts: list[int]) -> None:
    wire = bytearray(coded([b"a log line\n"] * count) + b"0\r\n\r\n")
    wire[place % len(wire)] = byte
    expected = ours([bytes(wire)])
    assert ours(cut(bytes(wire), cuts)) == expected
    if expected is not None:  # h11 passes over more than we do, in a size's line and at a chunk's end
        assert theirs(bytes(wire)) == expected


def ours(pieces: list[bytes]) -> bytes | None:
    """The payload of a complete body, None for a broken or unfinished one."""
    body = ChunkedBody()
    try:
        payload = b"".join(body.feed(piece) for piece in pieces)
        body.close()
    except ProtocolError:
        return None
    return payload


def theirs(wire: bytes) -> bytes | None:
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "localhost")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + wire)
    connection.receive_data(b"")
    payload = b""
    try:
        while not isinstance(event := connection.next_event(), h11.EndOfMessage):
            if isinstance(event, h11.Data):
                payload += event.data
            elif not isinstance(event, h11.Response):
                return None
    except h11.RemoteProtocolError:
        return None
    return payload


def test_a_wrong_byte_anywhere_in_a_run_is_found() -> None:
    good = coded([b"a log line\n"] * 300)
    unit = len(good) // 300
    for place in (*range(3), unit - 2, unit - 1):  # what is around the payload
        wire = bytearray(good)
        wire[280 * unit + place] ^= 0x80
        body = ChunkedBody()
        with pytest.raises(ProtocolError):
            body.feed(bytes(wire))


def test_only_so_many_sizes_are_remembered() -> None:
    body = ChunkedBody()
    for size in range(1, MAX_SIZES + 100):
        assert len(body.feed(coded([b"x" * size]))) == size
    assert len(body._sizes) == MAX_SIZES


def test_what_was_received_is_counted_in_runs_too() -> None:
    body = ChunkedBody()
    body.feed(coded([b"a log line\n"] * 1000)[:-1])
    with pytest.raises(ProtocolError, match="after 11000 bytes"):
        body.close()


@pytest.mark.parametrize(
    ("wire", "words"),
    [
        (b"\r\n", "expected hexadecimal digits"),
        (b"x\r\n", "a chunk's size is b'x"),
        (b"-5\r\nhello\r\n", "expected hexadecimal digits"),
        (b"0x5\r\nhello\r\n", "expected hexadecimal digits"),
        (b" 5\r\nhello\r\n", "expected hexadecimal digits"),
        (b"5 5\r\nhello\r\n", "expected hexadecimal digits"),
        (b";ext\r\n", "expected hexadecimal digits"),
        (b"1" + b"0" * 16 + b"\r\n", "expected hexadecimal digits"),
        (b"5\nhello\r\n", "expected hexadecimal digits"),
        (b"5\r\r\nhello\r\n", "expected hexadecimal digits"),
        (b"5\r\nhello!", "longer than its size said: b'!"),
        (b"5\r\nhello\n", "longer than its size said"),
        (b"5\r\nhello\r!", "longer than its size said"),
        (b"1" * (MAX_LINE + 1), f"over {MAX_LINE} bytes"),
        (b"5;" + b"x" * MAX_LINE + b"\r\nhello\r\n", f"over {MAX_LINE} bytes"),
        (b"0\r\na log line\n\r\n", "a trailer of the reply is b'a log line"),
        (b"0\r\nX: " + b"y" * MAX_LINE + b"\r\n\r\n", f"over {MAX_LINE} bytes"),
        (b"0\r\n" + (b"X: " + b"y" * 1000 + b"\r\n") * 262, f"trailers are over {MAX_TRAILERS} bytes"),
    ],
)
def test_a_broken_chunk_is_a_protocol_error_at_once(wire: bytes, words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        ChunkedBody().feed(wire)
    body = ChunkedBody()
    with pytest.raises(ProtocolError, match=words.partition(": b'")[0]):
        for piece in bytewise(wire):
            body.feed(piece)
