"""Whose a client's connections are: after a fork the parent's, and those of one event loop at a time."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import anyio
import pytest
from certificates import authority
from wire_daemon import HOLD, REQUEST, Connection, Script, WireDaemon, reply

from rawdock import Client, Endpoint, SyncClient, TLSFiles
from rawdock.errors import RawdockError, RequestError

BACKENDS = ["asyncio", "trio"]


def telling(connection: Connection) -> None:
    """Answer with the path that was asked for."""
    while True:
        path = connection.request().split(b" ")[1]
        connection.send(reply(path))


def in_a_child(work: str, folder: Path, client: SyncClient) -> list[str]:
    """What a forked process got for its requests."""
    found = folder / "found.json"
    child = os.fork()
    if child == 0:
        try:
            found.write_text(json.dumps([client.get(f"/{work}/{number}").text for number in range(3)]))
        except RawdockError as error:
            found.write_text(json.dumps([str(error)]))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    return list(json.loads(found.read_text()))


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # the daemon's threads are not used in the child
@pytest.mark.parametrize("transport", ["unix", "tls1.3"])
def test_a_forked_process_leaves_its_parent_the_connections(transport: str, tmp_path: Path) -> None:
    """The same TLS connection from both was 'bad record mac'."""
    files = TLSFiles.in_folder(str(authority().folder(tmp_path / "client")), "the test")
    with WireDaemon(tmp_path, transport, [telling]) as daemon:
        endpoint = Endpoint.parse(daemon.url, "the test", files if transport != "unix" else None)
        with SyncClient(endpoint, api_version="1.43", connections=1) as client:
            assert client.get("/parent/0").text == "/v1.43/parent/0"
            assert in_a_child("child", tmp_path, client) == [f"/v1.43/child/{number}" for number in range(3)]
            assert client.get("/parent/1").text == "/v1.43/parent/1"
        assert [len(lines) for lines in daemon.lines] == [2, 3]


@pytest.mark.parametrize("backend", BACKENDS)
def test_one_event_loop_after_the_other_may_use_a_client(backend: str, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [telling]) as daemon:
        client = Client(daemon.url, api_version="1.43", connections=1)
        found: list[str] = []

        async def ask() -> None:
            found.append((await client.get("/x")).text)

        for _ in range(2):
            thread = threading.Thread(target=anyio.run, args=(ask,), kwargs={"backend": backend})
            thread.start()
            thread.join(20)
            anyio.run(ask, backend=backend)
        anyio.run(client.aclose, backend=backend)
    assert found == ["/v1.43/x"] * 4


@pytest.mark.parametrize("version", ["1.43", None])
@pytest.mark.parametrize("backend", BACKENDS)
def test_two_event_loops_at_once_are_refused(backend: str, version: str | None, tmp_path: Path) -> None:
    """On trio one got the answers of the other, and then both waited for ever."""
    asked, answered = threading.Event(), threading.Event()
    script: Script = [REQUEST, lambda _: asked.set(), lambda _: answered.wait(20), reply(b"OK"), HOLD]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        client = Client(daemon.url, api_version=version)

        async def first() -> None:
            await client.get("/_ping")

        async def second() -> None:
            await client.get("/x")

        thread = threading.Thread(target=anyio.run, args=(first,), kwargs={"backend": backend})
        thread.start()
        assert asked.wait(20)
        with pytest.raises(RequestError, match="in use in another event loop; make a client for each event loop"):
            anyio.run(second, backend=backend)
        answered.set()
        thread.join(20)
        anyio.run(client.aclose, backend=backend)
