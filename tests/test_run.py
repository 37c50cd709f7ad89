"""run over a daemon whose bytes stand here: order, faults, clean-up. What a real one does is in test_exec_lab.py."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import anyio
import pytest
from client_faces import Caller, frame, talk, upgraded
from wire_daemon import HOLD, REQUEST, Connection, Script, Step, WireDaemon, reply, waiting_for

from rawdock import Client, Endpoint
from rawdock.client.execs import ExecResult
from rawdock.errors import (
    PeerError,
    ProtocolError,
    TimedOutError,
    TruncatedError,
)

CREATED = reply(b'{"Id":"e1"}', "201 Created")
WAITING = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.fixture(params=["blocking", "asyncio", "trio"])
def caller(request: pytest.FixtureRequest) -> Caller:
    return Caller(request.param)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(data), data)


class Run:
    """The scripts of a run: create and attach on one connection, wait on a second, all else on a third."""

    def __init__(self, attached: list[Step], waited: list[Step], others: list[bytes]) -> None:
        self.started = threading.Event()
        rest: list[Step] = [step for answer in others for step in (REQUEST, answer)]
        self.scripts: list[Script] = [
            [REQUEST, CREATED, REQUEST, upgraded(), waiting_for(self.started), *attached],
            [REQUEST, WAITING, waiting_for(self.started), *waited],
            [REQUEST, self._start, *rest, HOLD],
        ]
        self.answer_to_start = NO_CONTENT

    def _start(self, connection: Connection) -> None:
        connection.send(self.answer_to_start)
        self.started.set()


EXITED = chunk(b'{"StatusCode":7,"Error":null}\n')


def test_run_attaches_and_asks_to_wait_before_it_starts(caller: Caller, tmp_path: Path) -> None:
    run = Run([Connection.until_eof, frame(1, b"out") + frame(2, b"err")], [EXITED], [NO_CONTENT])

    def body(client: Any) -> Any:
        config = {"Labels": {"a": "b"}, "Env": ["A=1", "B=1", "C=1"], "HostConfig": {"Memory": 1}}
        return client.run("image", ["x"], input=b"in", env={"B": "2", "C": None}, name="n", config=config)

    found, daemon = talk(caller, tmp_path, body, *run.scripts, connections=1)
    assert found == ExecResult(b"out", b"err", 7)
    attach = "/containers/e1/attach?stdin=true&stdout=true&stderr=true&logs=false&stream=true"
    assert daemon.lines == [
        ["POST /v1.43/containers/create?name=n HTTP/1.1", f"POST /v1.43{attach} HTTP/1.1"],
        ["POST /v1.43/containers/e1/wait?condition=next-exit HTTP/1.1"],
        ["POST /v1.43/containers/e1/start HTTP/1.1", "DELETE /v1.43/containers/e1?force=true&v=true HTTP/1.1"],
    ]
    sent = json.loads(daemon.requests[0][0].partition(b"\r\n\r\n")[2])
    assert (sent["Labels"], sent["Env"], sent["HostConfig"]) == ({"a": "b"}, ["A=1", "B=2", "C"], {"Memory": 1})
    assert (sent["Image"], sent["Cmd"], sent["OpenStdin"], sent["StdinOnce"]) == ("image", ["x"], True, True)


def test_a_config_may_have_null_as_the_daemons_documents_have(caller: Caller, tmp_path: Path) -> None:
    run = Run([frame(1, b"out")], [EXITED], [NO_CONTENT])

    def body(client: Any) -> Any:
        return client.run("image", env={"B": "2"}, config={"Env": None, "HostConfig": None})

    _, daemon = talk(caller, tmp_path, body, *run.scripts)
    sent = json.loads(daemon.requests[0][0].partition(b"\r\n\r\n")[2])
    assert (sent["Env"], sent["HostConfig"]) == (["B=2"], {})


def test_with_auto_remove_the_daemon_removes(caller: Caller, tmp_path: Path) -> None:
    run = Run([frame(1, b"out")], [EXITED], [])
    found, daemon = talk(caller, tmp_path, lambda client: client.run("image", auto_remove=True), *run.scripts)
    assert found == ExecResult(b"out", b"", 7)
    assert daemon.lines[1] == ["POST /v1.43/containers/e1/wait?condition=removed HTTP/1.1"]
    assert len(daemon.lines[2]) == 1
    assert b'"HostConfig": {"AutoRemove": true}' in daemon.requests[0][0]


def test_without_remove_the_container_stays(caller: Caller, tmp_path: Path) -> None:
    run = Run([frame(1, b"out")], [EXITED], [])
    _, daemon = talk(caller, tmp_path, lambda client: client.run("image", remove=False), *run.scripts)
    assert len(daemon.lines[2]) == 1


REMOVED = reply(b'{"message":"removal of container e1 is already in progress"}', "409 Conflict")


@pytest.mark.parametrize("removed", [NO_CONTENT, REMOVED, reply(b"", "404 Not Found"), reply(b"", "500 Oh")])
def test_a_container_that_cannot_start_does_not_stay_behind(caller: Caller, removed: bytes, tmp_path: Path) -> None:
    run = Run([HOLD], [HOLD], [removed])
    run.answer_to_start = reply(b'{"message":"exec: /x: not found"}', "400 Bad Request")

    def body(client: Any) -> None:
        with pytest.raises(PeerError, match="400: exec: /x: not found"):
            client.run("image", ["/x"], remove=False)

    _, daemon = talk(caller, tmp_path, body, *run.scripts)
    assert daemon.lines[2][1].startswith("DELETE /v1.43/containers/e1?")


@pytest.mark.parametrize(
    ("attached", "waited", "kind", "words"),
    [
        ([frame(1, b"out")[:9]], [HOLD], TruncatedError, "the stream ended in a frame"),
        ([frame(3, b"gone")], [HOLD], PeerError, "the daemon reports an error: gone"),
        ([frame(1, b"out")], [], TruncatedError, "the reply ended in the middle"),
        ([], [chunk(b"proxy says no")], ProtocolError, "the answer to wait is no exit code: b'proxy says no'"),
        ([], [chunk(b'{"StatusCode":"x"}')], ProtocolError, "the answer to wait is no exit code"),
        (
            [],
            [chunk(b'{"StatusCode":0,"Error":{"Message":"lost"}}')],
            PeerError,
            "waiting for the container failed: lo",
        ),
    ],
)
def test_after_a_fault_the_container_does_not_stay_behind(
    caller: Caller, attached: list[Step], waited: list[Step], kind: type[Exception], words: str, tmp_path: Path
) -> None:
    run = Run(attached, waited, [NO_CONTENT])

    def body(client: Any) -> None:
        with pytest.raises(kind, match=words):
            client.run("image")

    _, daemon = talk(caller, tmp_path, body, *run.scripts)
    assert daemon.lines[2][1].startswith("DELETE /v1.43/containers/e1?")


def test_after_a_time_out_the_container_does_not_stay_behind(caller: Caller, tmp_path: Path) -> None:
    run = Run([HOLD], [HOLD], [NO_CONTENT])

    def body(client: Any) -> None:
        with pytest.raises(TimedOutError, match=r"the container of image took over 0\.2 s, and was removed"):
            client.run("image", timeout=0.2)

    _, daemon = talk(caller, tmp_path, body, *run.scripts)
    assert daemon.lines[2][1].startswith("DELETE /v1.43/containers/e1?")


def test_a_time_out_while_creating_waits_for_the_name_of_what_to_remove(caller: Caller, tmp_path: Path) -> None:
    """Else the daemon would go on creating, and nobody would know what."""
    late = threading.Event()

    def serve(connection: Connection) -> None:
        while True:
            request = connection.request()
            if b"/create" in request:
                late.wait(0.2)
                connection.send(CREATED)
            elif request.startswith(b"DELETE"):
                connection.send(NO_CONTENT)

    def body(client: Any) -> None:
        with pytest.raises(TimedOutError):
            client.run("image", timeout=0.05)

    _, daemon = talk(caller, tmp_path, body, [serve])
    lines = [line for connection in daemon.lines for line in connection]
    assert lines[0].startswith("POST /v1.43/containers/create")
    assert lines[-1].startswith("DELETE /v1.43/containers/e1?")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_after_a_cancellation_the_container_does_not_stay_behind(backend: str, tmp_path: Path) -> None:
    run = Run([HOLD], [HOLD], [NO_CONTENT])

    async def body() -> None:
        endpoint = Endpoint.parse(daemon.url, "the test")
        async with Client(endpoint, api_version="1.43") as client, anyio.create_task_group() as tasks:
            tasks.start_soon(client.run, "image")
            await anyio.to_thread.run_sync(run.started.wait)
            tasks.cancel_scope.cancel()

    with WireDaemon(tmp_path, "unix", *run.scripts) as daemon:
        anyio.run(body, backend=backend)
    assert daemon.lines[2][1].startswith("DELETE /v1.43/containers/e1?")
