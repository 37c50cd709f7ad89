"""What a script sees of the library: its names, what they are called when printed, and the same on both clients."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from wire_daemon import HOLD, REQUEST, Script, WireDaemon, reply

import rawdock
from rawdock import Client, SyncClient

ANSWER = reply(b"body", "201 Created", ["X-Two: a", "x-two: b"])


def test_every_name_is_there_and_shown() -> None:
    for name in rawdock.__all__:
        assert getattr(rawdock, name) is not None
    assert set(rawdock.__all__) <= set(dir(rawdock))


def test_the_errors_are_there_without_an_import_of_their_own() -> None:
    """In a process where nothing else has imported them: `except rawdock.errors.X` would fail only when it is needed."""
    program = (
        "import rawdock, sys; assert 'rawdock.errors' not in sys.modules; print(rawdock.errors.NotFoundError.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "NotFoundError\n"


def test_a_name_that_is_not_there_is_said() -> None:
    with pytest.raises(AttributeError, match="module 'rawdock' has no attribute 'DockerClient'"):
        rawdock.DockerClient  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("client", [Client, SyncClient])
def test_a_client_is_shown_with_its_daemon(client: type[Client] | type[SyncClient]) -> None:
    assert repr(client("unix:///x")) == f"<{client.__name__} of unix:///x from the caller>"


def test_a_reply_without_an_event_loop_has_what_a_response_has(tmp_path: Path) -> None:
    script: Script = [REQUEST, ANSWER, REQUEST, ANSWER, REQUEST, ANSWER, HOLD]
    with WireDaemon(tmp_path, "unix", script) as daemon, SyncClient(daemon.url, api_version="1.43") as client:
        response = client.get("/x")
        assert repr(response) == "<Response 201 Created (GET /x): 4 bytes>"
        with client.stream("GET", "/x") as found:
            assert (found.headers, found.http_version) == (response.headers, response.http_version)
            assert (found.receive(), found.receive()) == (b"body", b"")
            assert repr(found) == "<Reply 201 Created (GET /x)>"
        with client.stream("GET", "/x") as found:
            assert found.read() == b"body"


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_reply_has_what_a_response_has(backend: str, tmp_path: Path) -> None:
    async def body(url: str) -> None:
        async with Client(url, api_version="1.43") as client:
            response = await client.get("/x")
            async with client.stream("GET", "/x") as found:
                assert (found.headers, found.http_version) == (response.headers, "HTTP/1.1")
                assert [part async for part in found] == [b"body"]

    with WireDaemon(tmp_path, "unix", [REQUEST, ANSWER, REQUEST, ANSWER, HOLD]) as daemon:
        anyio.run(body, daemon.url, backend=backend)
