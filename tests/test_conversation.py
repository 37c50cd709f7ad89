"""Bytes of both directions told apart into exchanges, cut anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rawdock.text.secrets import body_without_secrets, headers_without_secrets
from rawdock.wire.chunked import ChunkedBody
from rawdock.wire.conversation import Conversation
from rawdock.wire.exchange import Budget, Exchange

GET = b"GET /v1.41/info HTTP/1.1\r\nHost: d\r\n\r\n"
POST = b"POST /v1.41/containers/create HTTP/1.1\r\nHost: d\r\nContent-Length: 2\r\n\r\n{}"
ATTACH = b"POST /containers/x/attach?stream=1 HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"


class Told:
    def __init__(self) -> None:
        self.begun: list[str] = []
        self.pieces: list[tuple[str, bytes]] = []
        self.all: list[Exchange] = []

    def answered(self, exchange: Exchange) -> None:
        self.begun.append(exchange.ask.target)

    def piece(self, exchange: Exchange, direction: str, data: bytes) -> None:
        self.pieces.append((direction, data))

    def ended(self, exchange: Exchange) -> None:
        self.all.append(exchange)


def conversation(limit: int = 1000, budget: int = 10000, *, pieces: bool = True) -> tuple[Conversation, Told]:
    told = Told()
    return Conversation(1, told, limit, Budget(budget), pieces=pieces), told


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % (len(data) + 1) for place in places} | {len(data)})
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@given(st.lists(st.integers(0, 500)), st.lists(st.integers(0, 500)), st.booleans())
def test_any_cut_gives_the_same_exchanges(up: list[int], down: list[int], pieces: bool) -> None:
    talk, told = conversation(pieces=pieces)
    for part in cut(GET + POST, up):
        talk.sent(part, 1.0)
    for part in cut(CHUNKED + OK, down):
        talk.received(part, 2.0)
    assert [(one.ask.method, bytes(one.sent.data), bytes(one.received.data)) for one in told.all] == [
        ("GET", b"", b"abcde"),
        ("POST", b"{}", b"OK"),
    ]
    assert not talk.busy


@given(st.lists(st.integers(0, 8000)), st.sampled_from([1, 20, 2000]))
def test_passing_over_counts_what_feeding_gives(places: list[int], size: int) -> None:
    body = b"".join(b"%x\r\n%s\r\n" % (size, b"x" * size) for _ in range(3)) + b"0\r\n\r\nrest"
    decoder = ChunkedBody()
    assert sum(decoder.pass_over(part) for part in cut(body, places)) == 3 * size
    assert decoder.complete and decoder.rest == b"rest"


def test_an_upgraded_connection_is_one_exchange_to_its_end() -> None:
    talk, told = conversation()
    talk.sent(ATTACH, 1.0)
    talk.sent(b"early", 1.5)  # before the daemon agreed
    talk.received(UPGRADED + b"out", 2.0)
    talk.sent(b"in", 3.0)
    talk.sent_eof(4.0)
    talk.received_eof(5.0)
    assert told.begun == ["/containers/x/attach?stream=1"] and told.all == []
    talk.close(6.0)
    (exchange,) = told.all
    assert (bytes(exchange.input.data), bytes(exchange.received.data)) == (b"earlyin", b"out")
    assert [item[1:] for item in exchange.hijack] == [
        ("sent", 5),
        ("received", 3),
        ("sent", 2),
        ("sent", 0),
        ("received", 0),
    ]
    assert exchange.trouble == "" and exchange.ended == 6.0


def test_a_refused_upgrade_leaves_the_connection_to_the_next_request() -> None:
    talk, told = conversation()
    talk.sent(ATTACH + GET, 1.0)
    talk.received(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" + OK, 2.0)
    assert [one.reply and one.reply.status for one in told.all] == [404, 200]


@pytest.mark.parametrize(
    ("down", "trouble"),
    [
        (b"", "the daemon closed the connection before it answered"),
        (CHUNKED[:-5], "the daemon closed the connection in the middle of the reply"),
        (
            b"SSH-2.0-x\r\n",
            "not understood, passed on all the same: the peer does not speak HTTP: it sent b'SSH-2.0-x\\r\\n'",
        ),
    ],
)
def test_an_exchange_that_broke_off_is_told_with_why(down: bytes, trouble: str) -> None:
    talk, told = conversation()
    talk.sent(GET, 1.0)
    talk.received(down, 2.0)
    talk.received_eof(3.0)
    assert [one.trouble for one in told.all] == [trouble]


def test_what_is_no_http_is_passed_over() -> None:
    talk, told = conversation()
    talk.sent(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 1.0)
    talk.received(b"whatever", 2.0)
    assert told.all == [] and talk.deaf


def test_bodies_are_kept_up_to_the_limit_and_counted_beyond() -> None:
    talk, told = conversation(limit=3, budget=4)
    talk.sent(GET + GET, 1.0)
    talk.received(CHUNKED, 2.0)
    talk.received(CHUNKED, 2.0)
    assert [(bytes(one.received.data), one.received.size) for one in told.all] == [(b"abc", 5), (b"a", 5)]
    told.all[0].give_back()
    talk.sent(GET, 3.0)
    talk.received(CHUNKED, 3.0)
    assert bytes(told.all[2].received.data) == b"abc"


@pytest.mark.parametrize(
    ("body", "target", "shown"),
    [
        (b'{"password": "x\\"y", "a": 1}', "/auth", '{"password": "…", "a": 1}'),
        (b'{"Env":["A=1","DB_PASSWORD=x","API_KEY=y"]}', "", '{"Env":["A=1","DB_PASSWORD=…","API_KEY=…"]}'),
        (b'{"identitytoken":"cut in the mid', "", '{"identitytoken":"…'),
        (b'["MY_SECRET=cut', "", '["MY_SECRET=…'),
        (b'["--token=x y","--db-password","z","--x"]', "", '["--token=…","--db-password","…","--x"]'),
        (b'["sh","-c","export PASSWORD=x; A=1 run"]', "", '["sh","-c","export PASSWORD=…; A=1 run"]'),
        (b'{"o":"username=me,password=x,uid=0"}', "/volumes/create", '{"o":"username=me,password=…,uid=0"}'),
        (b"username=me&password=x&a=1", "", "username=me&password=…&a=1"),
        (b'["--password"]', "", '["--password"]'),
        (b'{"Data":"c2VjcmV0"}', "/v1.41/secrets/create", '{"Data":"…"}'),
        (b'{"Data":"c2VjcmV0"}', "/v1.41/configs/create", '{"Data":"c2VjcmV0"}'),
        (b'{"Worker":"SWMTKN-1-abc-def"}', "/swarm", '{"Worker":"…"}'),
        (b'{"SecretName":"db"}', "", '{"SecretName":"db"}'),
        (b'{"RemoteURL": "https://me:pw@host/x"}', "", '{"RemoteURL": "https://…@host/x"}'),
    ],
)
def test_secrets_of_a_body_are_blanked_and_nothing_else(body: bytes, target: str, shown: str) -> None:
    assert body_without_secrets(body, target).decode() == shown


@pytest.mark.parametrize("name", ["X-Registry-Auth", "cookie", "X-Api-Key", "X-Auth-Token", "X-Client-Secret"])
def test_secrets_of_a_header_are_blanked(name: str) -> None:
    assert headers_without_secrets([(name, "x"), ("Accept", "*/*")]) == [(name, "…"), ("Accept", "*/*")]


def test_looking_for_secrets_takes_no_more_than_a_moment_in_hostile_text() -> None:
    """Each of these made a search that goes back and forth run for minutes."""
    for text in (b"token" * 100_000, b"x" * 500_000, b'"--token"' * 50_000, b"-" * 500_000, b'"--' + b"token" * 99_999):
        assert body_without_secrets(text) == text


def test_a_body_that_is_no_text_stays() -> None:
    assert body_without_secrets(b'\xff"password":"x"') == b'\xff"password":"x"'
