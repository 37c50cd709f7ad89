"""HTTP/1.1 replies as bytes: fed whole, byte by byte, with more after them and cut off at every byte.

h11 is the second opinion: the same bytes must mean the same to it. Rules: RFC 9112.

It is long because it is tables of bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import FrameType
from typing import NamedTuple

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pieces import bytewise, cut

from rawdock.errors import ProtocolError, RequestError, TruncatedError
from rawdock.wire.chunked import ChunkedBody
from rawdock.wire.http1 import (
    MAX_HEAD,
    Head,
    HeadDecoder,
    LengthBody,
    UntilCloseBody,
    body_decoder,
    encode_request,
)

UPGRADED = (
    b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
    b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)
WANTS_TLS = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
HAND_WRITTEN = (
    b"HTTP/1.1 404 Not Found\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nNo such container: box\r\n"
)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Reply(NamedTuple):
    """A complete reply to `method`, as its bytes; `framed` says that its end is in them."""

    name: str
    wire: bytes
    status: int
    payload: bytes
    framed: bool = True
    method: str = "GET"


REPLIES = (
    Reply("a length", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello"),
    Reply("length zero", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, b""),
    Reply("no reason", b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok", 200, b"ok"),
    Reply("an empty header", b"HTTP/1.1 200 OK\r\nX:\r\nY: \r\nContent-Length: 2\r\n\r\nok", 200, b"ok"),
    Reply("space around a value", b"HTTP/1.1 200 OK\r\nX: \t a b \t \r\nContent-Length:2 \r\n\r\nok", 200, b"ok"),
    Reply("a header twice", b"HTTP/1.1 200 OK\r\nX: 1\r\nx: 2\r\nContent-Length: 0\r\n\r\n", 200, b""),
    Reply("Latin-1", b"HTTP/1.1 200 OK\r\nX: caf\xe9\r\nContent-Length: 0\r\n\r\n", 200, b""),
    Reply("chunks", CHUNKED + b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", 200, b"hello world"),
    Reply("no chunk but the last", CHUNKED + b"0\r\n\r\n", 200, b""),
    Reply("chunk extensions", CHUNKED + b'5;a=b;c="d"\r\nhello\r\n000;last\r\n\r\n', 200, b"hello"),
    Reply("hexadecimal sizes", CHUNKED + b"0aB\r\n" + b"x" * 171 + b"\r\n0\r\n\r\n", 200, b"x" * 171),
    Reply("trailers", CHUNKED + b"2\r\nok\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n", 200, b"ok"),
    Reply("line ends as payload", CHUNKED + b"4\r\n\r\n\r\n\r\n0\r\n\r\n", 200, b"\r\n\r\n"),
    Reply("204", b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    Reply("304", b"HTTP/1.1 304 Not Modified\r\n\r\n", 304, b""),
    Reply("304 with the length it would have", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, b""),
    Reply("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 200, b"", method="HEAD"),
    Reply("HEAD of chunks", CHUNKED, 200, b"", method="HEAD"),
    Reply("100 before it", CONTINUE + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, b"ok"),
    Reply(
        "several 1xx before it",
        CONTINUE + b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + CONTINUE + CHUNKED + b"0\r\n\r\n",
        200,
        b"",
    ),
    Reply("a TLS port asked in plain", WANTS_TLS, 400, b"Client sent an HTTP request to an HTTPS server.\n", False),
    Reply("an error written by hand", HAND_WRITTEN, 404, b"No such container: box\r\n", False),
    Reply("HTTP/1.0 with a length", b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, b"ok"),
    Reply("closing", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end", 200, b"until the end", False),
)
HIJACKED = Reply("101 and its first bytes", UPGRADED + b"\1\0\0\0\0\0\0\2hi", 101, b"\1\0\0\0\0\0\0\2hi", False, "POST")
ALL = (*REPLIES, HIJACKED)
each_reply = pytest.mark.parametrize("reply", ALL, ids=lambda reply: reply.name)


class Read(NamedTuple):
    head: Head
    payload: bytes
    rest: bytes


def read(method: str, pieces: Iterable[bytes]) -> Read:
    """What a client makes of `pieces` and the connection's end after them."""
    decoder, head, body, payload = HeadDecoder(), None, None, b""
    for piece in pieces:
        if body is None:
            if found := decoder.feed(piece):
                head, rest = found
                body = body_decoder(method, head)
                payload += body.feed(rest)
        else:
            payload += body.feed(piece)
    if head is None or body is None:
        decoder.close()
        raise AssertionError("the end of a head that is none was no error")
    body.close()
    assert body.complete
    return Read(head, payload, body.rest)


@each_reply
def test_a_reply_fed_whole_gives_its_status_and_payload(reply: Reply) -> None:
    head, payload, rest = read(reply.method, [reply.wire])
    assert (head.status, payload, rest) == (reply.status, reply.payload, b"")


@each_reply
def test_a_reply_fed_byte_by_byte_is_the_same(reply: Reply) -> None:
    assert read(reply.method, bytewise(reply.wire)) == read(reply.method, [reply.wire])


@pytest.mark.parametrize("extra", [b"x", b"HTTP/1.1 200 OK\r\n\r\n", b"\r\n", b"0\r\n\r\n"])
@each_reply
def test_bytes_after_a_reply_are_kept_apart(reply: Reply, extra: bytes) -> None:
    for pieces in ([reply.wire + extra], [reply.wire, extra], bytewise(reply.wire + extra)):
        _, payload, rest = read(reply.method, pieces)
        assert (payload, rest) == ((reply.payload, extra) if reply.framed else (reply.payload + extra, b""))


@each_reply
def test_a_reply_cut_off_at_any_byte_is_an_error(reply: Reply) -> None:
    must_end = len(reply.wire) if reply.framed else len(reply.wire) - len(reply.payload)
    for end in range(must_end):
        with pytest.raises(TruncatedError):
            read(reply.method, [reply.wire[:end]])
        with pytest.raises(TruncatedError):
            read(reply.method, bytewise(reply.wire[:end]))


@given(reply=st.sampled_from(ALL), places=st.lists(st.integers(0, 300), max_size=8), extra=st.binary(max_size=9))
@settings(deadline=None, max_examples=150)
def test_any_cut_of_the_bytes_gives_the_same(reply: Reply, places: list[int], extra: bytes) -> None:
    wire = reply.wire + extra
    assert read(reply.method, cut(wire, places)) == read(reply.method, [wire])


@given(wire=st.binary(max_size=60), places=st.lists(st.integers(0, 60), max_size=4), start=st.booleans())
@settings(deadline=None, max_examples=200)
def test_no_bytes_whatever_raise_anything_but_a_protocol_error(wire: bytes, places: list[int], start: bool) -> None:
    wire = CHUNKED + wire if start else b"HTTP/1.1 " + wire
    try:
        read("GET", cut(wire, places))
    except ProtocolError:
        pass


def second_opinion(reply: Reply) -> tuple[int, str, list[tuple[str, str]], bytes]:
    """Status, reason, headers and payload as h11 reads them."""
    connection = h11.Connection(h11.CLIENT)
    headers = [("Host", "localhost"), ("Connection", "Upgrade"), ("Upgrade", "tcp")]
    connection.send(h11.Request(method=reply.method, target="/", headers=headers))
    connection.send(h11.EndOfMessage())
    connection.receive_data(reply.wire)
    connection.receive_data(b"")
    head: h11.Response | h11.InformationalResponse | None = None
    payload = b""
    while True:
        event = connection.next_event()
        if event is h11.PAUSED or isinstance(event, h11.EndOfMessage):
            break
        if isinstance(event, (h11.Response, h11.InformationalResponse)):
            head = event
        elif isinstance(event, h11.Data):
            payload += event.data
    assert head is not None
    if head.status_code == 101:
        payload, _ = connection.trailing_data
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers]
    return head.status_code, bytes(head.reason).decode("latin-1"), pairs, payload


@each_reply
def test_h11_reads_the_same(reply: Reply) -> None:
    head, payload, _ = read(reply.method, [reply.wire])
    headers = [(name.lower(), value) for name, value in head.headers]
    assert (head.status, head.reason, headers, payload) == second_opinion(reply)


@pytest.mark.parametrize(
    ("wire", "words"),
    [
        (b"\x15\x03\x01\x00\x02\x02\x46", "the peer speaks TLS"),
        (b"\x15\x03\x03\x00\x02\x02\x0a", "the peer speaks TLS"),
        (b"\x16\x03\x01\x02\x00\x01", "the peer speaks TLS"),
        (b"\x15\x03", "the peer speaks TLS"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "does not speak HTTP"),
        (b"220 mail.example ESMTP\r\n", "does not speak HTTP"),
        (b"-ERR unknown command\r\n", "does not speak HTTP"),
        (b"no", "does not speak HTTP"),
        (b"http/1.1 200 OK\r\n\r\n", "does not speak HTTP"),
        (b"\r\nHTTP/1.1 200 OK\r\n\r\n", "does not speak HTTP"),
    ],
)
def test_bytes_of_another_protocol_are_called_so(wire: bytes, words: str) -> None:
    for pieces in ([wire], bytewise(wire)):
        with pytest.raises(ProtocolError) as caught:
            read("GET", pieces)
        assert words in str(caught.value)
        assert caught.value.remedy
        assert not isinstance(caught.value, TruncatedError)


def test_what_another_protocol_said_is_shown() -> None:
    with pytest.raises(ProtocolError, match=r"it sent b'SSH-2\.0-OpenSSH_9\.6"):
        HeadDecoder().feed(b"SSH-2.0-OpenSSH_9.6\r\n")


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 099 Low\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1  200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\nA: b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\n\nB: c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: a\0b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: a\rb\r\n\r\n",
        b"HTTP/1.1 101 UPGRADED\r\nA b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 30 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_a_malformed_head_is_a_protocol_error(head: bytes) -> None:
    for pieces in ([head + b"hello"], bytewise(head + b"hello")):
        with pytest.raises(ProtocolError) as caught:
            read("GET", pieces)
        assert not isinstance(caught.value, TruncatedError)


def head_of(*headers: tuple[str, str], status: int = 200) -> Head:
    return Head("1.1", status, "OK", headers, keep_alive=True)


def test_the_same_length_said_twice_is_one_length() -> None:
    assert body_decoder("GET", head_of(("Content-Length", "5"), ("content-length", "5, 5"))).feed(b"hello") == b"hello"


@pytest.mark.parametrize("length", ["5, 6", "", "-1", "٣", "9" * 5000])
def test_a_length_that_is_no_number_is_refused_by_the_framing_too(length: str) -> None:
    with pytest.raises(ProtocolError, match="expected one number"):
        body_decoder("GET", head_of(("Content-Length", length)))


@pytest.mark.parametrize("filler", [b"X: " + b"y" * 97 + b"\r\n", b"x" * 100])
def test_an_endless_head_is_given_up(filler: bytes) -> None:
    decoder = HeadDecoder()
    decoder.feed(b"HTTP/1.1 200 ")
    with pytest.raises(ProtocolError, match=f"head is over {MAX_HEAD} bytes"):
        for _ in range(MAX_HEAD // 100 + 1):
            assert decoder.feed(filler) is None


def test_endless_interim_replies_are_given_up() -> None:
    decoder = HeadDecoder()
    with pytest.raises(ProtocolError, match=f"head is over {MAX_HEAD} bytes"):
        for _ in range(MAX_HEAD // len(CONTINUE) + 1):
            assert decoder.feed(CONTINUE) is None


@pytest.mark.parametrize(("excess", "refused"), [(0, False), (1, True), (100_000, True)])
def test_the_limit_of_a_head_is_the_same_however_it_is_cut(excess: int, refused: bool) -> None:
    start, end = b"HTTP/1.1 200 OK\r\nX: ", b"\r\n\r\n"
    wire = start + b"x" * (MAX_HEAD - len(start + end) + excess) + end
    for pieces in ([wire], cut(wire, [MAX_HEAD]), cut(wire, [MAX_HEAD - 1, len(wire) - 1]), cut(wire, [len(wire) - 2])):
        if refused:
            with pytest.raises(ProtocolError, match="head is over"):
                read("GET", pieces)
        else:
            assert read("GET", pieces).head.status == 200


def test_a_101_without_an_upgrade_header_is_a_101() -> None:
    head, payload, _ = read("POST", [b"HTTP/1.1 101 UPGRADED\r\n\r\nhello"])
    assert (head.status, payload) == (101, b"hello")


def test_headers_are_found_in_any_spelling_and_kept_as_sent() -> None:
    head, _, _ = read("GET", [b"HTTP/1.1 200 OK\r\nApi-VERSION: 1.41\r\nX: 1\r\nx: 2\r\nContent-Length: 0\r\n\r\n"])
    assert head.headers == (("Api-VERSION", "1.41"), ("X", "1"), ("x", "2"), ("Content-Length", "0"))
    assert (head.get("api-version"), head.get("X"), head.all("X")) == ("1.41", "1", ["1", "2"])
    assert (head.get("missing"), head.get("missing", "none"), head.all("missing")) == ("", "none", [])


@pytest.mark.parametrize(
    ("head", "kept"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nConnection: Close\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\nConnection: x-y , close\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\nConnection: x-y\r\nconnection: close\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\nConnection: close-encounter\r\n\r\n", True),
        (b"HTTP/1.0 200 OK\r\n\r\n", False),
    ],
)
def test_a_connection_is_kept_unless_the_peer_closes_it(head: bytes, kept: bool) -> None:
    found = HeadDecoder().feed(head)
    assert found is not None
    assert found[0].keep_alive is kept


def test_a_reply_has_started_with_its_first_byte_or_an_interim_reply() -> None:
    silent, begun, interim = HeadDecoder(), HeadDecoder(), HeadDecoder()
    begun.feed(b"H")
    interim.feed(CONTINUE)
    assert (silent.started, begun.started, interim.started) == (False, True, True)


def test_a_body_that_ends_early_says_how_much_of_it_came() -> None:
    length, chunked = LengthBody(10), ChunkedBody()
    length.feed(b"hello")
    chunked.feed(b"a\r\nhello")
    with pytest.raises(TruncatedError, match="after 5 of 10 bytes"):
        length.close()
    with pytest.raises(TruncatedError, match="after 5 bytes"):
        chunked.close()


@pytest.mark.parametrize("body", [LengthBody(0), LengthBody(2), ChunkedBody()])
def test_what_comes_after_a_complete_body_stays_in_rest(body: LengthBody | ChunkedBody) -> None:
    body.feed(b"0\r\n\r\n" if isinstance(body, ChunkedBody) else b"ok" if not body.complete else b"")
    assert body.complete
    assert [body.feed(b"ab"), body.feed(b""), body.feed(b"c")] == [b"", b"", b""]
    assert body.rest == b"abc"


def test_only_the_end_of_the_connection_ends_a_body_without_length() -> None:
    body = UntilCloseBody()
    assert (body.feed(b"a"), body.complete) == (b"a", False)
    body.close()
    assert body.complete


def test_a_request_is_its_line_and_its_headers() -> None:
    assert encode_request("GET", "/_ping", [("Host", "localhost"), ("X-Name", "café\tau lait")]) == (
        b"GET /_ping HTTP/1.1\r\nHost: localhost\r\nX-Name: caf\xe9\tau lait\r\n\r\n"
    )
    assert encode_request("DELETE", "/a%20b?c=d", []) == b"DELETE /a%20b?c=d HTTP/1.1\r\n\r\n"


def test_h11_reads_the_request_that_was_encoded() -> None:
    headers = [("Host", "localhost"), ("X-Registry-Auth", "e30=")]
    server = h11.Connection(h11.SERVER)
    server.receive_data(encode_request("GET", "/v1.41/info?a=b%20c", headers))
    request = server.next_event()
    assert isinstance(request, h11.Request)
    assert (request.method, request.target) == (b"GET", b"/v1.41/info?a=b%20c")
    assert [(name.decode(), value.decode()) for name, value in request.headers.raw_items()] == headers


@pytest.mark.parametrize("method", ["", "GET ", "GET\r\n", "GÉT", "G\0", "GET/", "1"])
def test_a_method_that_is_no_word_cannot_be_sent(method: str) -> None:
    with pytest.raises(RequestError) as caught:
        encode_request(method, "/", [])
    assert repr(method) in str(caught.value)


@pytest.mark.parametrize("bad", ["\r", "\n", "\r\n", "\0", " ", "\t", "é", "\x7f", "\u2028", "\udcff"])
def test_a_path_with_a_character_that_ends_it_or_is_not_ascii_cannot_be_sent(bad: str) -> None:
    with pytest.raises(RequestError, match="percent-encode it") as caught:
        encode_request("GET", f"/a{bad}b", [])
    assert repr(bad[0]) in str(caught.value)


@pytest.mark.parametrize("target", ["", "info", "*", "http://host/", "?a=b"])
def test_a_path_begins_with_a_slash(target: str) -> None:
    with pytest.raises(RequestError, match="does not begin with /"):
        encode_request("GET", target, [])


@pytest.mark.parametrize("name", ["", "A B", "A:", "A\r\nB", "A\n", "A\0", "A\t", "Ä", "A(b)"])
def test_a_header_name_that_is_no_token_cannot_be_sent(name: str) -> None:
    with pytest.raises(RequestError, match="cannot be sent") as caught:
        encode_request("GET", "/", [(name, "v")])
    assert repr(name) in str(caught.value)


@pytest.mark.parametrize("value", ["a\r\nB: c", "a\n", "\r", "a\0", "\x1b[2J", "\x7f", "дом", "\udcff"])
def test_a_header_value_that_is_no_line_of_latin_1_cannot_be_sent_nor_is_it_shown(value: str) -> None:
    with pytest.raises(RequestError, match="value of header 'X-Registry-Auth' cannot be sent") as caught:
        encode_request("GET", "/", [("X-Registry-Auth", f"secret{value}")])
    assert "secret" not in str(caught.value)


@given(st.text(max_size=6), st.text(max_size=8), st.text(max_size=6), st.text(max_size=8))
@settings(deadline=None, max_examples=150)
def test_no_part_of_a_request_breaks_out_of_its_line(method: str, target: str, name: str, value: str) -> None:
    try:
        wire = encode_request(method, target, [(name, value)])
    except RequestError:
        return
    assert wire.count(b"\r\n") == 3
    assert wire.count(b"\n") == wire.count(b"\r") == 3
    assert wire.partition(b"\r\n")[0].count(b" ") == 2


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("callback", ["on_status", "on_header"])
def test_an_interruption_while_a_head_is_parsed_stays_one(interruption: type[BaseException], callback: str) -> None:
    """A signal's handler may run inside httptools' callback, and httptools makes an error of its own of what it raises."""

    def interrupt(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_name == callback:
            sys.setprofile(None)
            raise interruption

    sys.setprofile(interrupt)
    try:
        with pytest.raises(interruption):
            HeadDecoder().feed(b"HTTP/1.1 204 No Content\r\nApi-Version: 1.41\r\n\r\n")
    finally:
        sys.setprofile(None)
