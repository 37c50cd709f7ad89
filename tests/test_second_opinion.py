"""h11 beside our own HTTP: replies made at random, replies with a byte changed, replies cut short, bodies that we send."""

from __future__ import annotations

from collections.abc import Iterator

import h11
import pytest
from flavours import FLAVOURS, run
from hypothesis import given, settings
from hypothesis import strategies as st
from pieces import cut
from test_http1 import REPLIES, Reply, read, second_opinion

from rawdock.client.content import body_of
from rawdock.errors import ProtocolError
from rawdock.net.parts import AsBytes
from rawdock.wire.http1 import encode_request

FRAMED = [reply for reply in REPLIES if reply.status >= 200]
NAMES = st.sampled_from(["X-A", "Docker-Experimental", "x-b", "Api-Version", "SERVER", "X_c", "X.d"])
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=12)
REASONS = st.sampled_from(["OK", "", "Not Found", "I'm a teapot"])


@st.composite
def replies(draw: st.DrawFn) -> Reply:
    """A reply to a GET whose body has a length, chunks of any size, or the connection's end."""
    status = draw(st.sampled_from([200, 201, 204, 304, 400, 404, 500]))
    lines = [f"HTTP/1.1 {status} {draw(REASONS)}"]
    lines += [f"{name}: {value}" for name, value in draw(st.lists(st.tuples(NAMES, VALUES), max_size=4))]
    parts = draw(st.lists(st.binary(min_size=1, max_size=30), max_size=4)) if status not in (204, 304) else []
    payload = body = b"".join(parts)
    framing = draw(st.sampled_from(["length", "chunks", "end"])) if status not in (204, 304) else "none"
    if framing == "length":
        lines.append(f"Content-Length: {len(body)}")
    elif framing == "chunks":
        lines.append("Transfer-Encoding: chunked")
        body = b"".join(b"%X\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    wire = "\r\n".join([*lines, "", ""]).encode("latin-1") + body
    return Reply("made", wire, status, payload, framing != "end")


def ours(reply: Reply) -> tuple[int, str, list[tuple[str, str]], bytes]:
    head, payload, _ = read(reply.method, [reply.wire])
    return head.status, head.reason, [(name.lower(), value) for name, value in head.headers], payload


@given(reply=replies(), places=st.lists(st.integers(0, 300), max_size=6))
@settings(deadline=None, max_examples=300)
def test_any_reply_means_the_same_to_h11(reply: Reply, places: list[int]) -> None:
    assert ours(reply) == second_opinion(reply)
    head, payload, _ = read(reply.method, cut(reply.wire, places))
    assert (head.status, payload) == (reply.status, reply.payload)


@given(reply=st.sampled_from(FRAMED), place=st.integers(0, 300), byte=st.integers(0, 255))
@settings(deadline=None, max_examples=400)
def test_a_reply_with_a_byte_changed_is_refused_or_means_the_same_to_h11(reply: Reply, place: int, byte: int) -> None:
    place %= len(reply.wire)
    changed = reply._replace(wire=reply.wire[:place] + bytes([byte]) + reply.wire[place + 1 :])
    try:
        theirs = second_opinion(changed)
        found = ours(changed)
    except (h11.RemoteProtocolError, ProtocolError):
        return
    assert (found[0], found[3]) == (theirs[0], theirs[3])


@pytest.mark.parametrize("reply", FRAMED, ids=lambda reply: reply.name)
def test_where_h11_finds_a_reply_cut_short_so_do_we(reply: Reply) -> None:
    for end in range(len(reply.wire)):
        short = reply._replace(wire=reply.wire[:end])
        try:
            theirs = second_opinion(short)
        except (h11.RemoteProtocolError, AssertionError):
            with pytest.raises(ProtocolError):
                ours(short)
        else:
            assert ours(short)[3] == theirs[3]


@given(parts=st.lists(st.binary(max_size=40), max_size=5), known=st.booleans())
@settings(deadline=None, max_examples=60)
def test_h11_reads_the_body_that_we_send(parts: list[bytes], known: bool) -> None:
    whole = b"".join(parts)
    for flavour in FLAVOURS:
        sent = run(flavour, lambda: framed(parts, len(whole) if known else None))
        server = h11.Connection(h11.SERVER)
        header = ("Content-Length", str(len(whole))) if known else ("Transfer-Encoding", "chunked")
        server.receive_data(encode_request("POST", "/build", [("Host", "d"), header]) + sent)
        events = list(events_of(server))
        assert isinstance(events[0], h11.Request) and isinstance(events[-1], h11.EndOfMessage)
        assert b"".join(bytes(event.data) for event in events if isinstance(event, h11.Data)) == whole
        assert server.trailing_data == (b"", False)


async def framed(parts: list[bytes], length: int | None) -> bytes:
    going = body_of(iter(parts)).framed(length)
    assert going is not None
    return b"".join([part async for part in AsBytes(going)])


def events_of(server: h11.Connection) -> Iterator[h11.Event]:
    while True:
        event = server.next_event()
        assert not isinstance(event, type), event  # NEED_DATA: it is not whole
        yield event
        if isinstance(event, h11.EndOfMessage):
            return
