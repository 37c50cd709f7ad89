"""Streams of documents: pull, push, build, load, events, stats, over a daemon whose bytes stand here."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import anyio
import pytest
from flavours import FLAVOURS
from stream_calls import chunked, collect
from wire_daemon import HOLD, REQUEST, Script, WireDaemon, ping, reply, waiting_for

from rawdock import Client, Endpoint, SyncClient
from rawdock.errors import (
    ConnectionLostError,
    NotFoundError,
    PeerError,
    ProtocolError,
    RequestError,
    ServerError,
    StreamError,
    TruncatedError,
)
from rawdock.wire.moment import parse_rfc3339, unix_time

PULLING, DONE = b'{"status":"Pulling","id":"a"}\r\n', b'{"status":"Done"}\r\n'
FAILED = b'{"errorDetail":{"code":7,"message":"no space\\n left"},"error":"no space\\n left"}\r\n'


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def of(daemon: WireDaemon) -> Endpoint:
    return Endpoint.parse(daemon.url, "the test")


def pull(flavour: str, folder: Path, *steps: Any, **options: Any) -> list[Any]:
    with WireDaemon(folder, "unix", [REQUEST, *steps]) as daemon:
        return collect(flavour, of(daemon), "json_stream", "POST", "/images/create", **options)


def test_documents_come_in_their_order_whatever_the_chunks(flavour: str, tmp_path: Path) -> None:
    data = PULLING + DONE
    parts = [data[i : i + 1] for i in range(len(data))]
    assert pull(flavour, tmp_path, chunked(*parts), HOLD) == [{"status": "Pulling", "id": "a"}, {"status": "Done"}]


def test_a_document_is_handed_on_before_the_next_is_sent(flavour: str, tmp_path: Path) -> None:
    seen = threading.Event()

    class Seen(list[Any]):
        def append(self, item: Any) -> None:
            super().append(item)
            seen.set()

    first, rest = chunked(PULLING, end=False), b"%x\r\n%b\r\n0\r\n\r\n" % (len(DONE), DONE)
    found = Seen()
    pull(flavour, tmp_path, first, waiting_for(seen), rest, HOLD, into=found)
    assert len(found) == 2


def test_an_error_in_the_stream_is_raised_after_what_came_before_it(flavour: str, tmp_path: Path) -> None:
    found: list[Any] = []
    with pytest.raises(StreamError) as caught:
        pull(flavour, tmp_path, chunked(PULLING + FAILED + DONE), HOLD, into=found)
    assert found == [{"status": "Pulling", "id": "a"}]
    error = caught.value
    assert (error.code, str(error)) == (7, "the daemon gave up in the middle: no space\n left")
    assert isinstance(error, PeerError)


@pytest.mark.parametrize(
    ("document", "code", "message"),
    [
        ({"errorDetail": {"message": "gone"}}, None, "gone"),
        ({"error": "gone"}, None, "gone"),
        ({"error": "gone", "errorDetail": None}, None, "gone"),
        ({"error": "gone", "errorDetail": {}}, None, "gone"),
        ({"error": "short", "errorDetail": {"code": 401, "message": "long"}}, 401, "long"),
        ({"error": "gone\n", "errorDetail": {"message": "gone\n"}}, None, "gone"),  # Podman ends its line
    ],
)
def test_each_form_of_error_is_one(flavour: str, tmp_path: Path, document: Any, code: int | None, message: str) -> None:
    with pytest.raises(StreamError) as caught:
        pull(flavour, tmp_path, chunked(json.dumps(document).encode() + b"\n"), HOLD)
    assert (caught.value.code, str(caught.value)) == (code, f"the daemon gave up in the middle: {message}")


@pytest.mark.parametrize(
    "document", [{"error": ""}, {"error": None, "errorDetail": None}, {"error": {"a": 1}}, ["error"], "error", 7, None]
)
def test_what_only_looks_like_an_error_is_a_document(flavour: str, tmp_path: Path, document: Any) -> None:
    assert pull(flavour, tmp_path, chunked(json.dumps(document).encode() + b"\n"), HOLD) == [document]


def test_without_raise_errors_an_error_is_a_document(flavour: str, tmp_path: Path) -> None:
    found = pull(flavour, tmp_path, chunked(FAILED + DONE), HOLD, raise_errors=False)
    assert found == [json.loads(FAILED), {"status": "Done"}]


@pytest.mark.parametrize(
    ("status", "kind"), [("404 Not Found", NotFoundError), ("500 Internal Server Error", ServerError)]
)
def test_a_status_that_is_an_error_is_raised_at_the_head(
    flavour: str, tmp_path: Path, status: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind, match=r"no such image \(POST /images/create\)"):
        pull(flavour, tmp_path, reply(b'{"message":"no such image"}', status), HOLD)


def test_a_stream_cut_anywhere_is_an_error_that_names_it(flavour: str, tmp_path: Path) -> None:
    whole = chunked(PULLING, DONE)
    head = whole.index(b"\r\n\r\n") + 4
    for number, end in enumerate(range(head, len(whole))):
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(TruncatedError, match="POST /images/create broke off: "):
            pull(flavour, folder, whole[:end])


def test_the_end_in_a_document_is_an_error_where_no_length_tells(flavour: str, tmp_path: Path) -> None:
    found: list[Any] = []
    with pytest.raises(TruncatedError, match="POST /images/create broke off: the stream ended in the middle"):
        pull(flavour, tmp_path, b"HTTP/1.0 200 OK\r\n\r\n" + PULLING + DONE[:5], into=found)
    assert len(found) == 1


def test_a_line_that_is_no_json_is_an_error(flavour: str, tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="POST /images/create: a line of the stream is no JSON: b'<html>'"):
        pull(flavour, tmp_path, chunked(b"<html>\n"), HOLD)


def test_a_connection_that_is_reset_names_what_was_lost(flavour: str, tmp_path: Path) -> None:
    def reset(connection: Any) -> None:
        connection.reset()

    with (
        WireDaemon(tmp_path, "tcp", [REQUEST, chunked(PULLING, end=False), reset]) as daemon,
        pytest.raises(ConnectionLostError, match="the events broke off: "),
    ):
        collect(flavour, of(daemon), "events")


def test_a_stream_left_early_closes_its_connection_and_one_read_to_its_end_keeps_it(
    flavour: str, tmp_path: Path
) -> None:
    scripts: list[Script] = [[REQUEST, chunked(PULLING, DONE), REQUEST, chunked(DONE, end=False), HOLD]]
    with WireDaemon(tmp_path, "unix", *scripts) as daemon:
        if flavour == "sync":
            with SyncClient(of(daemon), api_version="1.43") as blocking:
                with blocking.json_stream("GET", "/events") as whole:
                    assert len(list(whole)) == 2
                with blocking.json_stream("GET", "/events") as left:
                    assert next(left) == {"status": "Done"}
        else:

            async def body() -> None:
                async with Client(of(daemon), api_version="1.43") as client:
                    async with client.json_stream("GET", "/events") as whole:
                        assert len([document async for document in whole]) == 2
                    async with client.json_stream("GET", "/events") as left:
                        assert await left.__anext__() == {"status": "Done"}

            anyio.run(body, backend=flavour)
    assert len(daemon.connections) == 1


def test_items_left_by_a_break_are_still_there(tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, chunked(PULLING + DONE), HOLD]) as daemon,
        SyncClient(of(daemon), api_version="1.43") as client,
        client.json_stream("GET", "/x") as documents,
    ):
        for document in documents:
            assert document["status"] == "Pulling"
            break
        assert documents.receive() == [{"status": "Done"}]
        assert list(documents) == []


def test_an_async_iterable_is_refused_without_an_event_loop(tmp_path: Path) -> None:
    async def parts() -> Any:
        yield b"x"

    with WireDaemon(tmp_path) as daemon, SyncClient(of(daemon), api_version="1.43") as client:
        for call in (
            lambda: client.json_stream("POST", "/build", content=parts()).__enter__(),
            lambda: client.image_load(parts()).__enter__(),
            lambda: client.archive_put("web", "/", parts()),
        ):
            with pytest.raises(RequestError, match="async iterable"):
                call()
    assert daemon.connections == []


# Events and stats


def test_events_are_asked_for_with_times_and_filters(flavour: str, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, chunked(b'{"Type":"container","error":"x"}\n'), HOLD]) as daemon:
        found = collect(
            *(flavour, of(daemon), "events"),
            since=1.5,
            until="2026-11-24T09:20:24.123456789Z",
            filters={"type": "container", "label": ["a=b", "c"], "dangling": True, "event": []},
        )
    assert found == [{"Type": "container", "error": "x"}]
    wanted = (
        "GET /v1.43/events?since=1.500000000&until=1795512024.123456789&filters="
        "%7B%22type%22%3A+%5B%22container%22%5D%2C+%22label%22%3A+%5B%22a%3Db%22%2C+%22c%22%5D%2C+"
        "%22dangling%22%3A+%5B%22true%22%5D%7D HTTP/1.1"
    )
    assert daemon.lines == [[wanted]]


def test_events_without_anything_ask_for_all(flavour: str, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, ping("1.41"), REQUEST, chunked(), HOLD]) as daemon:
        assert collect(flavour, of(daemon), "events", filters={"label": ()}, version=None) == []
    assert daemon.lines[0][1] == "GET /v1.41/events HTTP/1.1"


def test_stats_once_and_at_once(flavour: str, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, chunked(b"{}\n"), HOLD]) as daemon:
        assert collect(flavour, of(daemon), "stats", "a b", stream=False, one_shot=True) == [{}]
    assert daemon.lines == [["GET /v1.43/containers/a%20b/stats?stream=false&one-shot=true HTTP/1.1"]]


# Times


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (0, "0.000000000"),
        (1795512024, "1795512024.000000000"),
        (1.25, "1.250000000"),
        ("12", "12.000000000"),
        ("12.5", "12.500000000"),
        ("1795512024.123456789", "1795512024.123456789"),
        ("2026-11-24T09:20:24Z", "1795512024.000000000"),
        ("2026-11-24T09:20:24.000000001Z", "1795512024.000000001"),
        ("2026-11-24T10:20:24.5+01:00", "1795512024.500000000"),
        ("2026-11-24T05:50:24-03:30", "1795512024.000000000"),
        (datetime(2026, 11, 24, 9, 20, 24, 123456, timezone.utc), "1795512024.123456000"),
    ],
)
def test_times_are_seconds_and_nanoseconds(moment: Any, text: str) -> None:
    assert unix_time(moment, "since") == text


def test_a_datetime_without_a_zone_is_local_time() -> None:
    local = datetime(2026, 11, 24, 9, 20, 24)
    assert unix_time(local, "since") == unix_time(local.astimezone(), "since")


@pytest.mark.parametrize(
    "moment",
    [-1, -0.5, float("inf"), float("nan"), "yesterday", "", "10m", "2026-11-24", True, b"1", "1969-01-01T00:00:00Z"],
)
def test_what_is_no_time_is_refused_with_its_name(moment: Any) -> None:
    with pytest.raises(RequestError, match=r"^until=.* is no time; give seconds since 1970"):
        unix_time(moment, "until")


def test_times_before_1970_are_negative() -> None:
    assert parse_rfc3339("1969-12-31T23:59:59.5Z") == -500_000_000
    assert parse_rfc3339("0001-01-01T00:00:00Z") == -62_135_596_800 * 10**9
