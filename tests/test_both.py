"""Two coroutines over the same streams at once: unix, tcp, TLS 1.2 and TLS 1.3, on blocking sockets, asyncio and trio."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import anyio
import pytest
from test_streams import LARGE, Flavour, converse, echo_until_eof, read_exactly
from wire_daemon import HOLD, RESET, Connection, waiting_for

from rawdock.errors import ConnectionLostError
from rawdock.net import ByteStream


@pytest.fixture(params=["blocking", "asyncio", "trio"])
def flavour(request: pytest.FixtureRequest) -> Flavour:
    return Flavour(request.param)


@pytest.fixture(params=["unix", "tcp", "tls1.2", "tls1.3"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Fault(Exception):
    pass


async def never(stream: ByteStream, ended: list[str]) -> None:
    try:
        await stream.receive()
    finally:
        ended.append("never")


async def fail() -> None:
    raise Fault


async def nothing() -> None:
    pass


@pytest.mark.parametrize("sender_first", [True, False])
def test_more_than_all_buffers_goes_round_an_echo(
    flavour: Flavour, transport: str, sender_first: bool, tmp_path: Path
) -> None:
    """One after the other this would lock: the peer stops to read when nobody reads what it writes."""
    received = bytearray()

    async def use(stream: ByteStream) -> None:
        async def send() -> None:
            for start in range(0, 4 * len(LARGE), 300_000):
                await stream.send((LARGE * 4)[start : start + 300_000])
            await stream.send_eof()

        async def receive() -> None:
            while data := await stream.receive():
                received.extend(data)

        await flavour.driver.both(*((send(), receive()) if sender_first else (receive(), send())))

    converse(flavour, transport, tmp_path, [echo_until_eof], use)
    assert hashlib.sha256(received).digest() == hashlib.sha256(LARGE * 4).digest()


@pytest.mark.parametrize("transport", ["unix", "tcp"])  # the daemon's thread could not read and write one TLS socket
def test_a_peer_that_never_stops_does_not_keep_the_sender_from_its_turn(
    flavour: Flavour, transport: str, tmp_path: Path
) -> None:
    heard = threading.Event()

    def listen(connection: Connection) -> None:
        connection.receive()
        heard.set()

    def flood(connection: Connection) -> None:
        listener = threading.Thread(target=listen, args=(connection,))
        listener.start()
        while not heard.is_set():
            connection.send(b"y\n" * 50_000)
        listener.join()

    async def use(stream: ByteStream) -> None:
        async def receive() -> None:
            while await stream.receive():
                pass

        await flavour.driver.both(receive(), stream.send(b"stop"))

    converse(flavour, transport, tmp_path, [flood], use)
    assert heard.is_set()


@pytest.mark.parametrize("failing_first", [True, False])
def test_an_error_of_one_ends_the_other_and_is_raised_as_it_is(
    flavour: Flavour, transport: str, failing_first: bool, tmp_path: Path
) -> None:
    ended: list[str] = []

    async def use(stream: ByteStream) -> None:
        pair = (fail(), never(stream, ended)) if failing_first else (never(stream, ended), fail())
        with pytest.raises(Fault):
            await flavour.driver.both(*pair)

    converse(flavour, transport, tmp_path, [HOLD], use)
    assert ended in (["never"], [])  # it may not have begun


def test_an_error_that_comes_later_ends_what_waits(flavour: Flavour, transport: str, tmp_path: Path) -> None:
    ended: list[str] = []

    async def use(stream: ByteStream) -> None:
        async def fail_at_the_answer() -> None:
            assert await read_exactly(stream, 6) == b"answer"
            raise Fault

        async def send_for_ever() -> None:
            try:
                while True:
                    await stream.send(LARGE)
            finally:
                ended.append("sender")

        with pytest.raises(Fault):
            await flavour.driver.both(fail_at_the_answer(), send_for_ever())

    converse(flavour, transport, tmp_path, [Connection.receive, b"answer", HOLD], use)
    assert ended == ["sender"]


def test_it_returns_when_both_have_ended(flavour: Flavour, transport: str, tmp_path: Path) -> None:
    words: list[bytes] = []

    async def use(stream: ByteStream) -> None:
        async def listen() -> None:
            words.append(await read_exactly(stream, 4))

        await flavour.driver.both(nothing(), listen())
        await flavour.driver.both(listen(), nothing())

    converse(flavour, transport, tmp_path, [b"oncemore", HOLD], use)
    assert words == [b"once", b"more"]


def test_a_peer_that_vanishes_is_a_lost_connection_and_no_group(flavour: Flavour, tmp_path: Path) -> None:
    async def use(stream: ByteStream) -> None:
        async def receive() -> None:
            while await stream.receive():
                pass
            raise ConnectionLostError("the end")

        async def send() -> None:
            while True:
                await stream.send(LARGE)

        with pytest.raises(ConnectionLostError):
            await flavour.driver.both(receive(), send())

    converse(flavour, "tcp", tmp_path, [Connection.receive, RESET], use)


def test_the_time_out_around_ends_both(flavour: Flavour, transport: str, tmp_path: Path) -> None:
    over = threading.Event()

    async def use(stream: ByteStream) -> None:
        try:
            with pytest.raises(TimeoutError), flavour.driver.fail_after(0.1):
                await flavour.driver.both(stream.receive(), stream.send(LARGE * 4))
        finally:
            over.set()

    converse(flavour, transport, tmp_path, [waiting_for(over)], use)


@pytest.mark.parametrize("impatient_first", [True, False])
def test_a_time_out_within_one_is_its_own(flavour: Flavour, impatient_first: bool, tmp_path: Path) -> None:
    gave_up = threading.Event()

    async def use(stream: ByteStream) -> None:
        async def impatient() -> None:
            with pytest.raises(TimeoutError), flavour.driver.fail_after(0.05):
                await stream.receive()
            gave_up.set()

        async def patient() -> None:
            await stream.send(LARGE)
            await stream.send_eof()

        await flavour.driver.both(*((impatient(), patient()) if impatient_first else (patient(), impatient())))

    connection = converse(flavour, "unix", tmp_path, [waiting_for(gave_up), Connection.until_eof], use)
    assert len(connection.received) == len(LARGE)


def test_leaving_ends_what_runs_beside(flavour: Flavour, transport: str, tmp_path: Path) -> None:
    ended: list[str] = []

    async def use(stream: ByteStream) -> None:
        async with flavour.driver.beside(never(stream, ended)):
            await stream.send(b"x")

    converse(flavour, transport, tmp_path, [HOLD], use)
    assert ended == ["never"]


def test_an_error_beside_ends_what_runs_inside(flavour: Flavour, transport: str, tmp_path: Path) -> None:
    async def use(stream: ByteStream) -> None:
        async def fail_on_a_word() -> None:
            await stream.receive(1)
            raise Fault

        with pytest.raises(Fault):
            async with flavour.driver.beside(fail_on_a_word()):
                await stream.send(b"x")
                while True:
                    await stream.send(LARGE)

    converse(flavour, transport, tmp_path, [Connection.receive, b"w", HOLD], use)


def test_what_is_shielded_goes_on_after_a_time_out(flavour: Flavour, tmp_path: Path) -> None:
    async def use(stream: ByteStream) -> None:
        with pytest.raises(TimeoutError), flavour.driver.fail_after(0.05):
            try:
                await stream.receive()
            finally:
                with flavour.driver.shielded(5):
                    await stream.send(b"bye")
                    assert await read_exactly(stream, 3) == b"bye"

    converse(flavour, "unix", tmp_path, [echo_until_eof], use)


def test_what_is_shielded_is_given_up_in_time(flavour: Flavour, tmp_path: Path) -> None:
    async def use(stream: ByteStream) -> None:
        with flavour.driver.shielded(0.05):
            await stream.receive()

    converse(flavour, "unix", tmp_path, [HOLD], use)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancellation_around_ends_both(backend: str, tmp_path: Path) -> None:
    ended: list[str] = []
    flavour = Flavour(backend)

    async def use(stream: ByteStream) -> None:
        with anyio.CancelScope() as scope:

            async def cancel() -> None:
                await stream.receive()
                scope.cancel()
                await never(stream, ended)

            await flavour.driver.both(cancel(), stream.send(LARGE * 4))
            ended.append("not reached")

    converse(flavour, "unix", tmp_path, [b"x", HOLD], use)
    assert ended in (["never"], [])


def test_a_send_that_was_cut_off_ends_sending_over_tls(flavour: Flavour, tmp_path: Path) -> None:
    """Half a record is out: what followed it would be no TLS."""
    over = threading.Event()

    async def use(stream: ByteStream) -> None:
        try:
            with pytest.raises(TimeoutError), flavour.driver.fail_after(0.1):
                await stream.send(LARGE * 4)
            with pytest.raises(ConnectionLostError):
                await stream.send(b"more")
        finally:
            over.set()

    converse(flavour, "tls1.3", tmp_path, [waiting_for(over)], use)
