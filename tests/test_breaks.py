"""Frames of an exec or a hijack that a `break` leaves over are there for who goes on, and nothing warns of the break."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from client_faces import MULTIPLEXED, frame, upgraded
from flavours import FLAVOURS
from wire_daemon import HOLD, REQUEST, Script, WireDaemon, reply

from rawdock import Client, SyncClient
from rawdock.errors import RequestError

SAID = upgraded(MULTIPLEXED) + frame(1, b"one") + frame(2, b"two") + frame(1, b"three")
ENDED = reply(b'{"Running":false,"ExitCode":0,"Pid":7}')
SCRIPTS: dict[str, list[Script]] = {
    "exec_stream": [[REQUEST, reply(b'{"Id":"e1"}', "201 Created"), REQUEST, SAID], [REQUEST, ENDED, HOLD]],
    "attach": [[REQUEST, SAID]],
}
WORDS: dict[str, list[Any]] = {"exec_stream": ["web", ["x"]], "attach": ["web"]}


@contextmanager
def daemon_of(verb: str, folder: Path) -> Iterator[WireDaemon]:
    with WireDaemon(folder, "unix", *SCRIPTS[verb]) as daemon:
        yield daemon


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("verb", SCRIPTS)
def test_frames_left_by_a_break_are_still_there(flavour: str, verb: str, tmp_path: Path) -> None:
    found: list[bytes] = []

    def one_by_one(opened: Any) -> Any:
        return opened if verb == "exec_stream" else opened.frames()

    def blocking(url: str) -> None:
        with SyncClient(url, api_version="1.43") as client, getattr(client, verb)(*WORDS[verb]) as opened:
            for item in one_by_one(opened):
                found.append(item.data)
                break
            found.extend(item.data for item in one_by_one(opened))

    async def with_a_loop(url: str) -> None:
        async with Client(url, api_version="1.43") as client, getattr(client, verb)(*WORDS[verb]) as opened:
            async for item in one_by_one(opened):
                found.append(item.data)
                break
            gc.collect()  # where trio warns of a generator that was not closed
            found.extend([item.data async for item in one_by_one(opened)])

    with daemon_of(verb, tmp_path) as daemon:
        if flavour == "sync":
            blocking(daemon.url)
        else:
            anyio.run(with_a_loop, daemon.url, backend=flavour)
    assert found == [b"one", b"two", b"three"]


@pytest.mark.parametrize("content", [None, b"in"])
def test_an_exec_with_input_is_not_read_in_another_thread(content: bytes | None, tmp_path: Path) -> None:
    """Where the input would not go in: it waited for ever."""
    with (
        daemon_of("exec_stream", tmp_path) as daemon,
        SyncClient(daemon.url, api_version="1.43") as client,
        client.exec_stream("web", ["x"], input=content) as stream,
        ThreadPoolExecutor(1) as threads,
    ):
        read = threads.submit(lambda: [frame.data for frame in stream])
        if content is None:
            assert read.result(20) == [b"one", b"two", b"three"]
        else:
            with pytest.raises(RequestError, match="read it in the thread that opened it"):
                read.result(20)
