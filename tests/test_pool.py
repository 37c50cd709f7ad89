"""The pool: one connection for serial calls, a limit, turns in the order of coming, and what giving up must not lose.

It is long because each way of waiting and giving up is its own story.
"""

from __future__ import annotations

import threading
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from certificates import authority
from flavours import FLAVOURS, driver_of, run, with_core
from wire_daemon import HOLD, REQUEST, Connection, Script, WireDaemon, ping, reply, waiting_for

from rawdock import Client, Endpoint, SyncClient, TLSFiles
from rawdock.client.core import Core
from rawdock.errors import RequestError, TimedOutError
from rawdock.net.dial import dial
from rawdock.pool import Pool

GET = b"GET /info HTTP/1.1\r\nHost: x\r\n\r\n"
LOOPS = ["asyncio", "trio"]


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def answering(connection: Connection) -> None:
    """Answer each request with its own path until the client closes."""
    while True:
        path = connection.request().split(b" ")[1]
        connection.send(reply(path))


def endpoint_of(daemon: WireDaemon) -> Endpoint:
    return Endpoint.parse(daemon.url, "the test")


# Kept connections


def test_serial_calls_use_one_connection(flavour: str, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [answering]) as daemon:

        async def body(core: Core) -> list[str]:
            return [(await core.request("GET", f"/v1.41/{number}")).text for number in range(20)]

        assert with_core(flavour, daemon.url, body) == [f"/v1.41/{number}" for number in range(20)]
    assert len(daemon.connections) == 1


@pytest.mark.parametrize("transport", ["unix", "tcp"])
@pytest.mark.parametrize("last_words", [b"", reply(b"", "408 Request Timeout")], ids=["closed", "said something"])
def test_a_connection_that_the_daemon_gave_up_while_idle_is_noticed_before_a_post(
    flavour: str, tmp_path: Path, transport: str, last_words: bytes
) -> None:
    idle, gone = threading.Event(), threading.Event()

    def leave(connection: Connection) -> None:
        connection.send(last_words)
        connection.stream.close()
        gone.set()

    first: Script = [REQUEST, reply(b"{}"), waiting_for(idle), leave]
    with WireDaemon(tmp_path, transport, first, [REQUEST, reply(b"{}"), HOLD]) as daemon:

        async def body(core: Core) -> int:
            await core.request("GET", "/v1.41/info")
            idle.set()
            assert gone.wait(20)
            return (await core.request("POST", "/v1.41/containers/create", json={})).status_code

        assert with_core(flavour, daemon.url, body) == 200
    assert [len(lines) for lines in daemon.lines] == [1, 1]


def test_a_kept_tls_connection_is_not_taken_for_given_up(flavour: str, tmp_path: Path) -> None:
    """TLS 1.3 tickets come after the handshake, unasked."""
    files = TLSFiles.in_folder(str(authority().folder(tmp_path / "client")), "the test")
    with WireDaemon(tmp_path, "tls1.3", [answering]) as daemon:

        async def body(core: Core) -> None:
            for _ in range(3):
                await core.request("POST", "/v1.41/x")

        with_core(flavour, daemon.url, body, tls=files)
    assert len(daemon.connections) == 1


def test_a_closed_client_says_so(flavour: str, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [answering]) as daemon:

        async def body(core: Core) -> None:
            await core.request("GET", "/v1.41/info")
            await core.aclose()
            await core.request("GET", "/v1.41/info")

        with pytest.raises(RequestError, match="the client is closed"):
            with_core(flavour, daemon.url, body)
    assert len(daemon.connections) == 1


def test_a_stream_that_outlives_its_client_is_closed_with_its_reply(flavour: str, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [answering]) as daemon:

        async def body(core: Core) -> bytes:
            answer = await core.open("GET", "/v1.41/info")
            await core.aclose()
            try:
                return await answer.read()
            finally:
                await core.close(answer)

        assert with_core(flavour, daemon.url, body) == b"/v1.41/info"


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(limit: int) -> None:
    with pytest.raises(RequestError, match=f"connections={limit}"):
        SyncClient(Endpoint.parse("unix:///x", "the test"), connections=limit)


def test_a_detached_connection_counts_no_more(flavour: str, tmp_path: Path) -> None:
    upgraded = b"HTTP/1.1 101 UPGRADED\r\n\r\nraw"
    with WireDaemon(tmp_path, "unix", [REQUEST, upgraded, HOLD], [answering]) as daemon:

        async def body() -> bytes:
            driver = driver_of(flavour)
            pool = Pool(lambda seconds: dial(endpoint_of(daemon), driver, seconds), driver, 1)
            hijacked, _ = await pool.begin("POST", GET, repeatable=False)
            stream, first = hijacked.detach()
            other, _ = await pool.begin("GET", GET, repeatable=True)  # with the only place taken it would wait for ever
            await pool.release(hijacked)  # harmless, and closes it
            await other.receive()
            await pool.release(other)
            await stream.aclose()
            await pool.aclose()
            return first

        assert run(flavour, body) == b"raw"


# The limit


@pytest.mark.parametrize("loop", LOOPS)
def test_many_tasks_share_the_connections_in_the_order_they_came(tmp_path: Path, loop: str) -> None:
    order: list[int] = []
    with WireDaemon(tmp_path, "unix", [answering]) as daemon:

        async def body() -> None:
            async with Client(endpoint_of(daemon), connections=1, api_version="1.41") as client:

                async def one(number: int) -> None:
                    assert (await client.get(f"/{number}")).text == f"/v1.41/{number}"
                    order.append(number)

                async with client.stream("GET", "/busy") as busy, anyio.create_task_group() as tasks:
                    for number in range(50):
                        tasks.start_soon(one, number)
                        await anyio.wait_all_tasks_blocked()
                    await busy.read()
                    await client._core.close(busy)

        anyio.run(body, backend=loop)
    assert order == list(range(50)) and len(daemon.connections) == 1


@pytest.mark.parametrize("loop", LOOPS)
def test_no_more_connections_than_the_limit_are_opened(tmp_path: Path, loop: str) -> None:
    with WireDaemon(tmp_path, "unix", [answering]) as daemon:

        async def body() -> None:
            async with (
                Client(endpoint_of(daemon), connections=4, api_version="1.41") as client,
                anyio.create_task_group() as tasks,
            ):
                for number in range(200):
                    tasks.start_soon(client.get, f"/{number}")

        anyio.run(body, backend=loop)
    assert len(daemon.connections) <= 4
    assert sum(len(lines) for lines in daemon.lines) == 200


@pytest.mark.parametrize("loop", LOOPS)
def test_a_waiting_task_that_gives_up_loses_nothing(tmp_path: Path, loop: str) -> None:
    """Also not in the moment when the connection was handed to it and it has not run yet."""
    with WireDaemon(tmp_path, "unix", [answering]) as daemon:

        async def body() -> str:
            async with Client(endpoint_of(daemon), connections=1, api_version="1.41") as client:
                for handed in (False, True):
                    busy = await client._core.open("GET", "/busy")
                    await busy.read()
                    async with anyio.create_task_group() as tasks:
                        tasks.start_soon(client.get, "/gives-up")
                        await anyio.wait_all_tasks_blocked()
                        if handed:
                            await client._core.close(busy)
                        tasks.cancel_scope.cancel()
                    if not handed:
                        await client._core.close(busy)
                with anyio.fail_after(10):
                    return (await client.get("/next")).text

        assert anyio.run(body, backend=loop) == "/v1.41/next"
    assert len(daemon.connections) <= 2  # on trio the one who gives up had begun its request


@pytest.mark.parametrize("loop", LOOPS)
def test_a_place_is_free_again_when_its_connection_was_closed(tmp_path: Path, loop: str) -> None:
    closing = reply(b"{}", headers=["Connection: close"])
    with WireDaemon(tmp_path, "unix", [REQUEST, closing]) as daemon:

        async def body() -> None:
            async with (
                Client(endpoint_of(daemon), connections=1, api_version="1.41") as client,
                anyio.create_task_group() as tasks,
            ):
                for number in range(5):
                    tasks.start_soon(client.get, f"/{number}")

        anyio.run(body, backend=loop)
    assert len(daemon.connections) == 5


@pytest.mark.parametrize("loop", LOOPS)
def test_who_waits_when_the_client_is_closed_gets_an_error(tmp_path: Path, loop: str) -> None:
    errors: list[Exception] = []
    with WireDaemon(tmp_path, "unix", [answering]) as daemon:

        async def body() -> None:
            async with Client(endpoint_of(daemon), connections=1, api_version="1.41") as client:

                async def one() -> None:
                    try:
                        await client.get("/x")
                    except RequestError as error:
                        errors.append(error)

                async with client.stream("GET", "/busy"), anyio.create_task_group() as tasks:
                    tasks.start_soon(one)
                    await anyio.wait_all_tasks_blocked()
                    await client.aclose()

        anyio.run(body, backend=loop)
    assert len(errors) == 1


@pytest.mark.parametrize("loop", LOOPS)
def test_tasks_that_start_at_once_negotiate_once(tmp_path: Path, loop: str) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, ping("1.43"), answering], [answering]) as daemon:

        async def body() -> None:
            async with Client(endpoint_of(daemon)) as client, anyio.create_task_group() as tasks:
                for _ in range(10):
                    tasks.start_soon(client.get, "/info")

        anyio.run(body, backend=loop)
    lines = [line for connection in daemon.lines for line in connection]
    assert lines.count("GET /_ping HTTP/1.1") == 1 and lines.count("GET /v1.43/info HTTP/1.1") == 10


@pytest.mark.parametrize("loop", LOOPS)
def test_a_daemon_that_answers_at_once_does_not_keep_other_tasks_from_running(tmp_path: Path, loop: str) -> None:
    """A receive that never waits would never let go."""
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(bytes(8_000_000)), HOLD]) as daemon:
        turns: list[int] = []

        async def body() -> None:
            async with Client(endpoint_of(daemon)) as client, anyio.create_task_group() as tasks:

                async def other() -> None:
                    while True:
                        turns.append(1)
                        await anyio.lowlevel.checkpoint()

                tasks.start_soon(other)
                await client.get("/v1.41/export")
                tasks.cancel_scope.cancel()

        anyio.run(body, backend=loop)
    assert len(turns) > 4


# Threads


def test_several_threads_share_a_sync_client_and_its_limit(tmp_path: Path) -> None:
    found: list[str] = []
    with WireDaemon(tmp_path, "unix", [answering]) as daemon:
        with SyncClient(endpoint_of(daemon), connections=3, api_version="1.41") as client:

            def work(name: int) -> None:
                found.extend(client.get(f"/{name}-{number}").text for number in range(25))

            threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
        assert len(daemon.connections) <= 3
    assert sorted(found) == sorted(f"/v1.41/{name}-{number}" for name in range(8) for number in range(25))


def test_a_thread_waits_for_a_connection_no_longer_than_its_time_out(tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "unix", [answering]) as daemon,
        SyncClient(endpoint_of(daemon), connections=1, api_version="1.41") as client,
        client.stream("GET", "/busy"),
        pytest.raises(TimedOutError, match=r"GET /info took over 0\.05 s"),
    ):
        client.get("/info", timeout=0.05)
