"""Exchanges to HAR 1.2 and back."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from har_schema import check
from test_conversation import ATTACH, CHUNKED, GET, POST, UPGRADED, Told, conversation

from rawdock.errors import UsageError
from rawdock.har import document, entry_of
from rawdock.replay.recording import Recorded, Said, read
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


def test_a_request_for_a_proxy_or_for_all_keeps_its_url() -> None:
    talk, told = conversation()
    talk.sent(b"GET http://d/_ping HTTP/1.1\r\nHost: d\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: d\r\n\r\n", 1.0)
    talk.close(2.0)
    assert [entry["request"]["url"] for entry in entries(told)] == ["http://d/_ping", "http://localhost/*"]


# Reading

ENTRY: dict[str, Any] = {
    "startedDateTime": "2026-01-02T03:04:05.1234567+01:00",  # as Fiddler writes it
    "request": {"method": "GET", "url": "https://box:2376/v1.41/info?a=1#top", "headers": []},
    "response": {"status": 200, "headers": [], "content": {"text": "{}"}},
}


def changed(path: str, value: object) -> str:
    """A file whose one entry has `value` at `path`."""
    entry: dict[str, Any] = json.loads(json.dumps(ENTRY))
    *outer, last = path.split(".")
    owner = entry
    for name in outer:
        owner = owner.setdefault(name, {})
    owner[last] = value
    return json.dumps({"log": {"entries": [entry]}})


def test_a_browsers_file_is_read_as_what_went_over_the_wire() -> None:
    """The body is unpacked, so it goes out without the encoding; HTTP/2's own headers do not, and of one name are two lines."""
    headers = [(":status", "200"), ("content-encoding", "gzip"), ("set-cookie", "a=1\nb=2"), ("x", "y")]
    told = [{"name": name, "value": value} for name, value in headers]
    (one,) = read(changed("response.headers", told), "the test")
    assert one.reply_headers == [("set-cookie", "a=1"), ("set-cookie", "b=2"), ("x", "y")]
    assert (one.target, one.status, one.reason, one.wait) == ("/v1.41/info?a=1", 200, "", 0)
    assert b"".join(data for _, data in one.pieces) == b"{}"


def test_a_form_that_is_told_as_fields_is_its_body() -> None:
    posted = {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "a b", "value": "1&2"}]}
    (one,) = read(changed("request.postData", posted), "the test")
    assert one.body == b"a+b=1%262"


def test_what_a_reader_can_do_without_may_be_missing() -> None:
    for path in ("timings", "response.content", "response.headers", "request.headers", "request.postData", "_rawdock"):
        assert len(read(changed(path, None), "the test")) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        ("{", "it is no JSON: Expecting property name"),
        ("[" * 200_000, "it is nested too deeply"),
        ("[]", "all of it is a list, expected an object"),
        ("null", "all of it is missing, expected an object"),
        ('{"log": {}}', "log.entries is missing, expected a list"),
        ('{"log": {"entries": {}}}', "log.entries is an object, expected a list"),
        ('{"log": {"entries": [5]}}', r"log.entries\[0\] is 5, expected an object"),
        (changed("startedDateTime", "then"), 'startedDateTime is "then", expected a time such as'),
        (
            changed("startedDateTime", "2026-13-01T00:00:00Z"),
            'startedDateTime is "2026-13-01T00:00:00Z", expected a time',
        ),
        (changed("request.method", None), "request.method is missing, expected text"),
        (changed("request.url", "here"), 'request.url is "here", expected a URL'),
        (changed("request.url", 5), "request.url is 5, expected text"),
        (changed("response.status", "200"), 'response.status is "200", expected a number'),
        (changed("response.status", 99999), "response.status is 99999, expected a status from 100 to 999"),
        (changed("response.headers", {}), "response.headers is an object, expected a list"),
        (changed("response.headers", [{"value": "x"}]), r"response.headers\[0\].name is missing"),
        (changed("response.content.text", 5), "content.text is 5, expected text"),
        (changed("response.content", {"text": "a", "encoding": "base64"}), "content.text is no base64"),
        (changed("timings", {"wait": 1e300}), "timings.wait is 1e.300, expected a number"),
        (changed("_rawdock", 5), "_rawdock is 5, expected an object"),
        (changed("_rawdock.response", {"pieces": [[0, -5]]}), "pieces is a list, expected a list of pairs"),
        (changed("_rawdock.hijack", [{"ms": "x", "from": "daemon"}]), r"hijack\[0\].ms is \"x\", expected a number"),
    ],
)
def test_what_is_no_session_is_refused_by_its_name_and_place(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=rf"some\.har is no HAR session: .*{said}"):
        read(text, "some.har")
