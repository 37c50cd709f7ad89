"""Parity: what counts as the same, peers made up here, and the real ones on a real daemon over Unix sockets, TCP and TLS."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import engine
import pytest
from tcp_relay import relay
from wire_daemon import Connection, WireDaemon, reply

from rawdock import Endpoint
from rawdock.cli.console import Console
from rawdock.cli.parity import _print_table
from rawdock.parity.calls import Answer, Call, calls_of, differences, said
from rawdock.parity.compare import Comparison, Peer, Result, Row, Timed, compare, document
from rawdock.parity.libraries import libraries
from rawdock.parity.programs import parse_answer

LAB = Path(__file__).resolve().parents[1] / "scripts" / "lab"
INFO = Call("/info", "/v1.41/info")


# What an answer says


def answer(body: object, **headers: str) -> Answer:
    return Answer(200, headers, json.dumps(body).encode())


def test_what_moves_is_left_out() -> None:
    before = answer({"Name": "a", "NFd": 3, "SystemTime": "now"}, date="Mon", connection="close", server="Docker")
    after = answer({"Name": "a", "NFd": 9, "SystemTime": "then"}, date="Tue", server="Docker")
    assert (
        said(INFO, before)
        == said(INFO, after)
        == {"status": 200, "headers": {"server": "Docker"}, "body": {"Name": "a"}}
    )


def test_the_order_of_lists_does_not_count_and_their_items_do() -> None:
    ports = [{"PrivatePort": 80}, {"PrivatePort": 443}]
    assert said(INFO, answer(ports)) == said(INFO, answer(ports[::-1]))
    assert said(INFO, answer(ports)) != said(INFO, answer([ports[0], ports[0]]))


@pytest.mark.parametrize(
    ("expected", "got", "found"),
    [
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, [("a.b[1]", "3, expected 2")]),
        ({"a": 1, "c": 1}, {"b": 1, "c": 1}, [("a", "missing"), ("b", "not in the reference")]),
        ([1], [1, 2], [("", "[1, 2], expected [1]")]),
        ({"a": None}, {"a": False}, [("a", "false, expected null")]),
        ({"a": "x" * 90}, {"a": "y"}, [("a", f'"y", expected "{"x" * 58}…')]),
        ({"a": []}, {"a": []}, []),
    ],
)
def test_differences_are_placed(expected: Any, got: Any, found: list[tuple[str, str]]) -> None:
    assert list(differences(expected, got)) == found


def test_a_container_is_inspected_or_else_an_image_or_nothing() -> None:
    containers, images = [{"Id": "c2"}, {"Id": "c1"}], [{"Id": "sha256:1"}]
    assert calls_of("1.41", containers, images)[-1].path == "/v1.41/containers/c1/json"
    assert calls_of("1.41", [], images)[-1].path == "/v1.41/images/sha256%3A1/json"
    assert calls_of(None, [], [])[-1].path == "/images/json"
    assert {call.path[:4] for call in calls_of("1.41", [], [])} == {"/v1.", "/_pi"}


def test_a_bare_answer_is_read() -> None:
    assert parse_answer(b"HTTP/1.0 404 Not Found\r\nX-A: b: c\r\n\r\n\r\n\r\n") == Answer(
        404, {"x-a": "b: c"}, b"\r\n\r\n"
    )
    for data in (b"", b"HTTP/1.0 200 OK\r\n", b"SSH-2.0\r\n\r\n", b"HTTP/1.1\r\n\r\n"):
        with pytest.raises(ValueError, match="no answer in HTTP"):
            parse_answer(data)


# Peers made up here


class Daemon:
    """Answers every request; `moved` is what /info says it is called from then on."""

    def __init__(self) -> None:
        self.asked = 0
        self.moved = "vm"

    def __call__(self, connection: Connection) -> None:
        while True:
            head = connection.request()
            path = head.split(b" ")[1].decode()
            self.asked += 1
            documents: dict[str, Any] = {
                "/_ping": "OK",
                "/v1.41/version": {"Version": "20.10"},
                "/v1.41/info": {"Name": self.moved, "ID": self.asked},
            }
            body = json.dumps(documents.get(path, [])).encode()
            connection.send(reply(body, headers=["Api-Version: 1.41"]))


def peer(change: Callable[[Call, bytes], bytes], **options: Any) -> Peer:
    """A peer that is told what the daemon says to rawdock, changed by `change`."""

    def measure(endpoint: Endpoint, calls: Sequence[Call], repeat: int) -> list[Timed]:
        found = libraries()[0].measure(endpoint, calls, repeat)
        return [Timed(call, seconds, one._replace(body=change(call, one.body))) for call, seconds, one in found]

    return Peer("made up", "1", measure, **options)


def row_of(folder: Path, one: Peer) -> Row:
    with WireDaemon(folder, "unix", [Daemon()]) as wire:
        return compare(Endpoint.parse(wire.url, "the test"), [one], 2).rows[0]


def test_a_peer_that_is_told_the_same(tmp_path: Path) -> None:
    """Though the daemon has another ID in every answer."""
    row = row_of(tmp_path, peer(lambda call, body: body))
    assert (row.result, row.calls, row.detail) == (Result.SAME, 10, "")
    assert row.median is not None


def test_a_peer_that_is_told_something_else(tmp_path: Path) -> None:
    row = row_of(tmp_path, peer(lambda call, body: body.replace(b"20.10", b"28.0")))
    assert (row.result, row.detail) == (Result.DIFFERS, '/version: body.Version: "28.0", expected "20.10"')


def test_a_daemon_that_changes_meanwhile_is_asked_again(tmp_path: Path) -> None:
    daemon = Daemon()

    def change(call: Call, body: bytes) -> bytes:
        daemon.moved = "moved"
        return body.replace(b'"vm"', b'"moved"')

    with WireDaemon(tmp_path, "unix", [daemon]) as wire:
        peers = [peer(lambda call, body: body), peer(change), peer(lambda call, body: body.replace(b"moved", b"vm"))]
        rows = compare(Endpoint.parse(wire.url, "the test"), peers, 1).rows
    assert [row.result for row in rows] == [Result.SAME, Result.SAME, Result.DIFFERS]
    assert rows[2].detail == '/info: body.Name: "vm", expected "moved"'


def test_a_peer_that_fails_is_its_row_alone(tmp_path: Path) -> None:
    def fail(call: Call, body: bytes) -> bytes:
        raise RuntimeError("no\nluck")

    row = row_of(tmp_path, peer(fail))
    assert (row.result, row.detail, row.median) == (Result.FAILED, "RuntimeError: no luck", None)


def test_a_peer_that_does_not_speak_the_scheme_is_not_asked(tmp_path: Path) -> None:
    row = row_of(tmp_path, peer(lambda call, body: body, speaks=frozenset()))
    assert (row.result, row.calls) == (Result.CANNOT, 0)


def test_the_document_has_all_rows(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [Daemon()]) as wire:
        endpoint = Endpoint.parse(wire.url, "the test")
        shown = document(endpoint, compare(endpoint, [peer(lambda call, body: body)], 1))
    assert (shown["api_version"], shown["calls"][1]) == ("1.41", "/v1.41/version")
    assert shown["clients"][0]["result"] == "same" and shown["clients"][0]["median_ms"] > 0


@pytest.mark.parametrize(("environ", "colour"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_is_for_terminals_that_want_it(environ: dict[str, str], colour: bool) -> None:
    rows = [Row(peer(lambda call, body: body), Result.DIFFERS, 1, 0.001, '/info: body.Name: "\x1b[2J"')]
    out = io.BytesIO()
    _print_table(
        Comparison("1.41", [INFO], rows), Console(out, io.StringIO(), io.BytesIO(), environ, out_is_terminal=True)
    )
    assert (b"\x1b[31mdiffers\x1b[0m" in out.getvalue()) == colour
    assert b"\x1b[2J" not in out.getvalue() and b"1.0 ms" in out.getvalue()


# The real ones


@contextmanager
def up(topology: str) -> Iterator[str]:
    engine.skip_unless_in(topology)
    name = f"parity-{uuid.uuid4().hex[:8]}"
    subprocess.run([LAB, "up", topology, "--as", name], check=True, capture_output=True)
    try:
        yield name
    finally:
        subprocess.run([LAB, "down", topology, "--as", name], check=True, capture_output=True)


@pytest.fixture(scope="module")
def path() -> Iterator[str]:
    with up("native") as name:
        yield f"/var/lib/rawdock-lab/native-{name}/docker.sock"


def results(*argv: str) -> dict[str, str]:
    done = subprocess.run(
        [*argv, "parity", "--json", "--repeat", "2"], capture_output=True, text=True, check=False, timeout=90
    )
    assert done.stderr == "" and done.stdout
    rows = json.loads(done.stdout)["clients"]
    assert done.returncode == 0, rows
    return {row["client"]: row["result"] for row in rows}


RAWDOCK = [sys.executable, "-m", "rawdock"]
OTHERS = {"httpx over rawdock", "httpx by itself", "requests over rawdock", "curl", "bare socket", "docker CLI"}


@pytest.mark.lab
def test_all_say_the_same_over_a_unix_socket(path: str) -> None:
    found = results(*RAWDOCK, "-H", f"unix://{path}")
    assert found == dict.fromkeys(found, "same")
    assert found.keys() >= {"rawdock, sync", "rawdock, asyncio", "rawdock, trio", "requests-unixsocket", *OTHERS}


@pytest.mark.lab
def test_all_say_the_same_over_plain_tcp(path: str) -> None:
    with relay(path) as port:
        found = results(*RAWDOCK, "-H", f"tcp://127.0.0.1:{port}")
    assert found.pop("requests-unixsocket") == "cannot"
    assert found == dict.fromkeys(found, "same") and found.keys() >= OTHERS


@pytest.mark.lab
def test_all_say_the_same_over_tls() -> None:
    with up("docker-machine") as name:
        environ = ["env", f"PYTHONPATH={LAB.parents[1]}"]
        found = results(str(LAB), "exec", "docker-machine", "--as", name, *environ, *RAWDOCK)
    assert found.pop("requests-unixsocket") == "cannot"
    assert found == dict.fromkeys(found, "same") and found.keys() >= OTHERS


@pytest.mark.lab
def test_the_table_names_what_is_not_here(path: str, tmp_path: Path) -> None:
    argv = [*RAWDOCK, "-H", f"unix://{path}", "parity", "--repeat", "1"]
    done = subprocess.run(argv, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False, timeout=90)
    assert done.returncode == 0 and done.stdout.endswith("\nnot here: curl, docker CLI\n")
    assert "CLIENT " in done.stdout and "bare socket " in done.stdout
