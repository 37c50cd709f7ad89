"""Bodies that are open files: sent from where they lie where the stream is a socket, read where it is not."""

from __future__ import annotations

import errno
import gzip
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from certificates import authority
from flavours import FLAVOURS, with_core
from wire_daemon import HOLD, REQUEST, Connection, Script, WireDaemon, ping, reply

from rawdock import TLSFiles
from rawdock.client.core import Core
from rawdock.errors import RequestError
from rawdock.net.parts import PIECE

MEBIBYTE = bytes(range(256)) * 4096
STREAMS = ["unix", "tcp", "tls1.3"]


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def uses(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes that sendfile was asked for."""
    asked: list[int] = []
    real = os.sendfile

    def sendfile(out: int, into: int, offset: int, count: int) -> int:
        asked.append(count)
        return real(out, into, offset, count)

    monkeypatch.setattr(os, "sendfile", sendfile)
    return asked


def put(flavour: str, tmp_path: Path, stream: str, content: Any, *script: Any) -> bytes:
    """The request as the daemon took it."""
    files = TLSFiles.in_folder(str(authority().folder(tmp_path / "client")), "the test") if stream != "unix" else None
    with WireDaemon(tmp_path, stream, [REQUEST, ping(), *(script or (REQUEST, reply(b"")))]) as daemon:

        async def body(core: Core) -> None:
            response = await core.request("PUT", "/containers/x/archive", content=content)
            assert response.status_code == 200

        with_core(flavour, daemon.url, body, tls=files if stream.startswith("tls") else None)
    return daemon.connections[0].requests[-1]


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("size", [1, PIECE - 1, PIECE, 5 * len(MEBIBYTE) + 1])
def test_a_file_goes_from_where_it_stands_with_its_length(
    flavour: str, tmp_path: Path, stream: str, size: int, uses: list[int]
) -> None:
    data = (MEBIBYTE * 6)[: size + 1000]
    (tmp_path / "x.tar").write_bytes(data)
    with open(tmp_path / "x.tar", "rb") as file:
        file.seek(1000)
        head, _, payload = put(flavour, tmp_path, stream, file).partition(b"\r\n\r\n")
        assert file.tell() == len(data)
    assert payload == data[1000:] and b"Content-Length: %d\r\n" % size in head + b"\r\n"
    assert bool(uses) is not stream.startswith("tls")


@pytest.mark.parametrize("failure", [errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP])
def test_where_sendfile_is_refused_the_file_is_read(
    flavour: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: int
) -> None:
    def sendfile(*_: int) -> int:
        raise OSError(failure, os.strerror(failure))

    monkeypatch.setattr(os, "sendfile", sendfile)
    (tmp_path / "x.tar").write_bytes(MEBIBYTE * 3)
    with open(tmp_path / "x.tar", "rb") as file:
        assert put(flavour, tmp_path, "unix", file).endswith(b"\r\n\r\n" + MEBIBYTE * 3)


def test_where_there_is_no_sendfile_the_file_is_read(
    flavour: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sendfile")
    (tmp_path / "x.tar").write_bytes(MEBIBYTE * 3)
    with open(tmp_path / "x.tar", "rb") as file:
        assert put(flavour, tmp_path, "unix", file).endswith(b"\r\n\r\n" + MEBIBYTE * 3)


def test_what_was_written_and_not_flushed_goes_too(flavour: str, tmp_path: Path) -> None:
    with open(tmp_path / "x.tar", "w+b") as file:
        file.write(b"written")
        file.seek(2)
        file.write(b"I")
        file.seek(0)
        assert put(flavour, tmp_path, "unix", file).endswith(b"\r\n\r\nwrItten")


def buffered(file: gzip.GzipFile) -> Any:
    return io.BufferedReader(file)


@pytest.mark.parametrize("wrapped", [lambda file: file, buffered], ids=["itself", "buffered"])
def test_what_unpacks_as_it_reads_goes_unpacked(
    flavour: str, tmp_path: Path, wrapped: Callable[[gzip.GzipFile], Any], uses: list[int]
) -> None:
    """Its descriptor is that of the packed file."""
    with gzip.open(tmp_path / "x.gz", "wb") as file:
        file.write(b"unpacked" * 1000)

    def take(connection: Connection) -> None:
        while not connection.received.endswith(b"0\r\n\r\n"):
            connection.receive()

    received: list[bytes] = []
    with wrapped(gzip.open(tmp_path / "x.gz", "rb")) as packed:
        put(flavour, tmp_path, "unix", packed, take, lambda c: received.append(bytes(c.received)), reply(b""), HOLD)
    assert received[0].count(b"unpacked") == 1000 and not uses


@pytest.mark.parametrize("stream", STREAMS)
def test_a_file_that_shrinks_while_it_is_sent_is_an_error_and_no_short_body(
    flavour: str, tmp_path: Path, stream: str
) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(bytes(64 * PIECE))

    def shrink(connection: Connection) -> None:
        connection.receive()
        os.truncate(path, 56 * PIECE)  # no socket's buffer holds so much

    with (
        open(path, "rb") as file,
        pytest.raises(RequestError, match=f"content ended after {56 * PIECE} of the {64 * PIECE} bytes"),
    ):
        put(flavour, tmp_path, stream, file, shrink, HOLD)


def test_a_file_that_grows_while_it_is_sent_goes_with_the_length_that_was_announced(
    flavour: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(bytes(16 * PIECE))

    def grow(connection: Connection) -> None:
        with open(path, "ab") as more:
            more.write(b"more")
        connection.request()

    with open(path, "rb") as file:
        assert put(flavour, tmp_path, "unix", file, grow, reply(b"")).endswith(b"\r\n\r\n" + bytes(16 * PIECE))


def test_a_file_is_sent_again_from_where_it_stood(flavour: str, tmp_path: Path) -> None:
    too_new = b'{"message":"client version 1.43 is too new. Maximum supported API version is 1.41"}'
    (tmp_path / "x.tar").write_bytes(b"xxbody")
    script: Script = [REQUEST, ping("1.43"), REQUEST, reply(too_new, "400 Bad Request"), REQUEST, reply(b""), HOLD]
    with open(tmp_path / "x.tar", "rb") as file, WireDaemon(tmp_path, "unix", script) as daemon:
        file.seek(2)

        async def body(core: Core) -> int:
            return (await core.request("POST", "/images/load", content=file)).status_code

        assert with_core(flavour, daemon.url, body) == 200
    assert [request[-6:] for request in daemon.connections[0].requests[1:]] == [b"\r\nbody"] * 2
