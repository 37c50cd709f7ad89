"""Time-outs, each stage apart: an error names the limit that ran out, and the connection is closed (HOLD ends with it)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from certificates import authority
from flavours import FLAVOURS, with_core
from wire_daemon import HOLD, REQUEST, Script, WireDaemon, ping, reply, waiting_for

from rawdock import Client, Endpoint, Timeouts, TLSFiles
from rawdock.client.core import Core
from rawdock.errors import RequestError, TimedOutError

BEGUN = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"
SHORT = 0.05  # seconds


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def get(flavour: str, daemon: WireDaemon, clients: Timeouts, **options: Any) -> bytes:
    async def body(core: Core) -> bytes:
        return (await core.request("GET", "/v1.41/info?x=secret", **options)).content

    return with_core(flavour, daemon.url, body, timeouts=clients)


def stream(flavour: str, daemon: WireDaemon, clients: Timeouts, **options: Any) -> bytes:
    async def body(core: Core) -> bytes:
        answer = await core.open("GET", "/v1.41/events", **options)
        try:
            return await answer.read()
        finally:
            await core.close(answer)

    return with_core(flavour, daemon.url, body, timeouts=clients)


def endless() -> Iterator[bytes]:
    while True:
        yield bytes(1024 * 1024)


def test_an_answer_that_does_not_begin_runs_into_first_byte(flavour: str, tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, HOLD]) as daemon,
        pytest.raises(
            TimedOutError,
            match=r"from the test: GET /v1\.41/info: no answer came within 0\.05 s \(time-out first_byte\)",
        ) as caught,
    ):
        get(flavour, daemon, Timeouts(first_byte=SHORT))
    assert caught.value.limit == "first_byte"


def test_first_byte_is_no_limit_for_the_body(flavour: str, tmp_path: Path) -> None:
    began = threading.Event()

    async def body(core: Core) -> bytes:
        answer = await core.open("GET", "/v1.41/x", timeouts=Timeouts(first_byte=5))
        began.set()
        try:
            return await answer.read()
        finally:
            await core.close(answer)

    script: Script = [REQUEST, BEGUN, waiting_for(began), bytes(97), HOLD]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        assert len(with_core(flavour, daemon.url, body)) == 100


def test_a_body_that_stops_runs_into_idle(flavour: str, tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "tcp", [REQUEST, BEGUN, HOLD]) as daemon,
        pytest.raises(
            TimedOutError,
            match=r"from the test: GET /v1\.41/info: no byte more of the answer came within 0\.05 s \(time-out idle\)",
        ) as caught,
    ):
        get(flavour, daemon, Timeouts(idle=SHORT))
    assert caught.value.limit == "idle"


def test_a_daemon_that_takes_no_more_of_a_body_runs_into_idle(flavour: str, tmp_path: Path) -> None:
    closed = threading.Event()

    async def body(core: Core) -> None:
        try:
            await core.request("PUT", "/v1.41/x", content=endless())
        finally:
            closed.set()

    with (
        WireDaemon(tmp_path, "unix", [waiting_for(closed)]) as daemon,
        pytest.raises(TimedOutError, match=r"PUT /v1\.41/x: the daemon took nothing of .* for 0\.05 s") as caught,
    ):
        with_core(flavour, daemon.url, body, timeouts=Timeouts(idle=SHORT))
    assert caught.value.limit == "idle"


def test_the_whole_runs_into_total(flavour: str, tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, BEGUN, HOLD]) as daemon,
        pytest.raises(TimedOutError, match=r"GET /v1\.41/info took over 0\.05 s") as caught,
    ):
        get(flavour, daemon, Timeouts(first_byte=5, idle=5, total=SHORT))
    assert caught.value.limit == "total"


def test_a_daemon_that_has_answered_is_not_said_to_be_down(flavour: str, tmp_path: Path) -> None:
    async def body(core: Core) -> None:
        await core.request("GET", "/v1.41/one")
        await core.request("GET", "/v1.41/two", timeout=SHORT)

    script: Script = [REQUEST, reply(b"{}"), HOLD]
    words = r"two took over 0\.05 s; the daemon has answered before: give this more time"
    with WireDaemon(tmp_path, "unix", script) as daemon, pytest.raises(TimedOutError, match=words):
        with_core(flavour, daemon.url, body)


def test_a_wait_for_a_connection_is_said_to_be_one(flavour: str, tmp_path: Path) -> None:
    async def body(core: Core) -> None:
        stream = await core.open("GET", "/v1.41/stream")
        try:
            await core.request("GET", "/v1.41/info", timeout=SHORT)
        finally:
            await core.close(stream)

    words = r"info took over 0\.05 s; all of the client's connections are in use: leave a stream, or allow more"
    with WireDaemon(tmp_path, "unix", [REQUEST, BEGUN, HOLD]) as daemon, pytest.raises(TimedOutError, match=words):
        with_core(flavour, daemon.url, body, connections=1)


@pytest.mark.parametrize("options", [{"timeout": SHORT}, {"timeouts": Timeouts(total=SHORT)}])
def test_what_a_call_says_goes_before_what_the_client_says(
    flavour: str, tmp_path: Path, options: dict[str, Any]
) -> None:
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, HOLD]) as daemon,
        pytest.raises(TimedOutError, match=r"took over 0\.05 s"),
    ):
        get(flavour, daemon, Timeouts(total=60), **options)


def test_the_negotiation_runs_into_the_callers_limits_too(flavour: str, tmp_path: Path) -> None:
    async def body(core: Core) -> None:
        await core.request("GET", "/info")

    with (
        WireDaemon(tmp_path, "unix", [REQUEST, HOLD]) as daemon,
        pytest.raises(TimedOutError, match=r"GET /_ping: no answer came within 0\.05 s"),
    ):
        with_core(flavour, daemon.url, body, timeouts=Timeouts(first_byte=SHORT))


def test_a_handshake_that_is_not_answered_runs_into_connect(flavour: str, tmp_path: Path) -> None:
    async def body(core: Core) -> None:
        await core.request("GET", "/v1.41/info")

    files = TLSFiles.in_folder(str(authority().folder(tmp_path / "client")), "the test")
    with (
        WireDaemon(tmp_path, "tcp", [HOLD]) as daemon,
        pytest.raises(TimedOutError, match=r"the TLS handshake took over 0\.05 s") as caught,
    ):
        with_core(flavour, daemon.url, body, tls=files, timeouts=Timeouts(connect=SHORT))
    assert caught.value.limit == "connect"


def test_a_stream_has_no_idle_limit_of_the_clients(flavour: str, tmp_path: Path) -> None:
    """The daemon speaks again only after the client's idle limit has passed for another request."""
    over = threading.Event()

    async def body(core: Core) -> bytes:
        answer = await core.open("GET", "/v1.41/events")
        first = await answer.receive()
        with pytest.raises(TimedOutError):
            await core.request("GET", "/v1.41/info")
        over.set()
        try:
            return first + await answer.read()
        finally:
            await core.close(answer)

    events: Script = [REQUEST, BEGUN, waiting_for(over), bytes(97), HOLD]
    with WireDaemon(tmp_path, "unix", events, [REQUEST, BEGUN, HOLD]) as daemon:
        assert len(with_core(flavour, daemon.url, body, timeouts=Timeouts(idle=SHORT))) == 100


def test_a_stream_has_the_idle_limit_that_its_call_gives(flavour: str, tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, BEGUN, HOLD]) as daemon,
        pytest.raises(TimedOutError, match=r"GET /v1\.41/events: no byte more of the answer came within 0\.05 s"),
    ):
        stream(flavour, daemon, Timeouts(), timeouts=Timeouts(idle=SHORT))


def test_a_stream_that_has_begun_is_over_its_time_out(flavour: str, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(b"all"), HOLD]) as daemon:
        assert stream(flavour, daemon, Timeouts(), timeout=20) == b"all"


@pytest.mark.parametrize(("name", "value"), [("connect", 0), ("idle", -1), ("total", float("nan"))])
def test_a_time_out_that_is_none_is_refused(name: str, value: float) -> None:
    with pytest.raises(RequestError, match=f"the time-out {name} is"):
        Timeouts(**{name: value})


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
@pytest.mark.parametrize("stage", ["head", "body", "upload"])
def test_cancelling_closes_the_socket_at_every_stage(tmp_path: Path, loop: str, stage: str) -> None:
    """HOLD ends when the client closes, and the daemon fails the test when it does not."""
    script: Script = [HOLD] if stage == "upload" else [REQUEST, *([BEGUN] if stage == "body" else []), HOLD]
    with WireDaemon(tmp_path, "tcp", [REQUEST, ping(), *script]) as daemon:

        async def body() -> None:
            async with Client(Endpoint.parse(daemon.url, "the test")) as client:
                await client.negotiate()
                with anyio.move_on_after(SHORT) as scope:
                    content = endless() if stage == "upload" else None
                    await client.request("PUT" if content else "GET", "/x", content=content)
                assert scope.cancelled_caught

        anyio.run(body, backend=loop)
