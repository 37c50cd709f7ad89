"""Exchanges to HAR 1.2 and back."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from har_schema import check
from test_conversation import ATTACH, CHUNKED, GET, POST, UPGRADED, Told, conversation

from rawdock.errors import UsageError
from rawdock.har import Recorded, Said, document, entry_of, read
from rawdock.wire.exchange import Exchange

STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


def entries(told: Told) -> list[dict[str, Any]]:
    found = [entry_of(one, "http://localhost", STARTED) for one in told.all]
    check(document("0", found))
    return found


def recorded(*exchanges: Exchange) -> list[Recorded]:
    found = [entry_of(one, "http://localhost", STARTED) for one in exchanges]
    return read(json.dumps(document("0", found)), "the test")


def test_a_plain_exchange_comes_back() -> None:
    talk, told = conversation()
    talk.sent(POST, 1.0)
    talk.received(CHUNKED[:50], 1.25)
    talk.received(CHUNKED[50:], 1.5)
    (entry,) = entries(told)
    assert (entry["request"]["url"], entry["time"]) == ("http://localhost/v1.41/containers/create", 500.0)
    assert entry["timings"] == {"send": 0.0, "wait": 250.0, "receive": 250.0}
    (back,) = recorded(*told.all)
    assert (back.method, back.target, back.body, back.status) == ("POST", "/v1.41/containers/create", b"{}", 200)
    assert b"".join(data for _, data in back.pieces) == b"abcde"


def test_an_upgraded_connection_comes_back_with_its_order_and_times() -> None:
    talk, told = conversation()
    talk.sent(ATTACH, 1.0)
    talk.received(UPGRADED, 1.5)
    talk.sent(b"\xff\x00in", 2.0)
    talk.received(b"out", 2.5)
    talk.received_eof(3.0)
    talk.close(3.0)
    entries(told)
    (back,) = recorded(*told.all)
    assert back.hijack == [
        Said(1.0, True, b"\xff\x00in", 4),
        Said(1.5, False, b"out", 3),
        Said(2.0, False, b"", 0),
    ]


def test_what_a_client_sent_comes_back_as_its_size_where_not_all_was_kept() -> None:
    talk, told = conversation(limit=3)
    talk.sent(ATTACH, 1.0)
    talk.received(UPGRADED, 1.5)
    talk.sent(b"x" * 1000, 2.0)
    talk.close(3.0)
    entries(told)
    (back,) = recorded(*told.all)
    assert back.hijack == [Said(1.0, True, b"xxx", 1000)]  # a replay answers after as many


def test_what_was_not_kept_is_said() -> None:
    talk, told = conversation(limit=3)
    talk.sent(GET, 1.0)
    talk.received(CHUNKED, 1.5)
    (entry,) = entries(told)
    assert entry["response"]["content"] == {
        "size": 5,
        "mimeType": "",
        "text": "abc",
        "comment": "truncated: 3 of 5 bytes were kept",
    }
    assert entry["_rawdock"]["response"]["truncated"] == 2
    assert recorded(*told.all)[0].cut == (0, 2)


def test_an_exchange_without_an_answer_has_status_0_and_its_trouble() -> None:
    talk, told = conversation()
    talk.sent(GET, 1.0)
    talk.received_eof(2.0)
    (entry,) = entries(told)
    assert entry["response"]["status"] == 0
    assert entry["_rawdock"]["trouble"] == "the daemon closed the connection before it answered"


@pytest.mark.parametrize("text", ["", "[]", '{"log": {}}', '{"log": {"entries": [{"startedDateTime": "then"}]}}'])
def test_what_is_no_session_is_refused_with_its_name(text: str) -> None:
    with pytest.raises(UsageError, match=r"some\.har is no HAR session"):
        read(text, "some.har")
