"""Archives out of containers and images and into them, and what is said of a path.

It is long because each call is tried whole, cut and refused.
"""

from __future__ import annotations

import base64
import io
import json
import os
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import anyio
import pytest
from flavours import FLAVOURS
from hypothesis import given
from hypothesis import strategies as st
from stream_calls import ask, chunked, collect
from wire_daemon import HOLD, REQUEST, Connection, Step, WireDaemon, reply

from rawdock import Client, Endpoint
from rawdock.errors import NotFoundError, ProtocolError, RequestError, StreamError, TruncatedError
from rawdock.wire.pathstat import PATH_STAT, PathStat, parse_path_stat, st_mode

CLI_MTIME = "2026-11-24T09:20:24.123456789Z"


def header(**fields: Any) -> str:
    document = {"name": "etc", "size": 4096, "mode": 0o755 | 1 << 31, "mtime": CLI_MTIME, "linkTarget": ""}
    return base64.b64encode(json.dumps({**document, **fields}).encode()).decode()


VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.lists(st.integers(), max_size=2)
)
FIELDS = st.dictionaries(st.sampled_from(["name", "size", "mode", "mtime", "linkTarget"]), VALUES, min_size=1)

ETC = PathStat("etc", 4096, stat.S_IFDIR | 0o755, 1795512024_123456789, "")


# The stat


def test_a_path_stat_is_decoded() -> None:
    found = parse_path_stat(header())
    assert found == ETC and found.is_dir
    assert found.mtime == datetime(2026, 11, 24, 9, 20, 24, 123456, timezone.utc)


def test_the_header_of_a_real_daemon_is_decoded() -> None:
    """20.10 for /bin of busybox: its mode is 2147484141."""
    found = parse_path_stat(header(name="bin", mode=2147484141, mtime="1970-01-01T00:00:00Z"))
    assert (stat.filemode(found.mode), found.mtime_ns) == ("drwxr-xr-x", 0)


def test_a_link_has_its_target() -> None:
    found = parse_path_stat(header(mode=0o777 | 1 << 27, linkTarget="/b", mtime="2026-11-24T10:20:24+01:00"))
    assert (stat.filemode(found.mode), found.link_target) == ("lrwxrwxrwx", "/b")
    assert found.mtime_ns == 1795512024 * 10**9


def test_a_time_before_1970_is_a_time() -> None:
    found = parse_path_stat(header(mtime="1969-12-31T23:59:59.5Z"))
    assert found.mtime == datetime(1969, 12, 31, 23, 59, 59, 500000, timezone.utc)


@pytest.mark.parametrize(
    ("go", "text"),
    [
        (0o644, "-rw-r--r--"),
        (1 << 31 | 0o755, "drwxr-xr-x"),
        (1 << 27 | 0o777, "lrwxrwxrwx"),
        (1 << 26 | 0o660, "brw-rw----"),
        (1 << 26 | 1 << 21 | 0o666, "crw-rw-rw-"),
        (1 << 25 | 0o600, "prw-------"),
        (1 << 24 | 0o755, "srwxr-xr-x"),
        (1 << 23 | 0o755, "-rwsr-xr-x"),
        (1 << 22 | 0o755, "-rwxr-sr-x"),
        (1 << 31 | 1 << 20 | 0o777, "drwxrwxrwt"),
        (1 << 23 | 1 << 22 | 1 << 20, "---S--S--T"),
    ],
)
def test_each_bit_of_go_has_its_place(go: int, text: str) -> None:
    assert stat.filemode(st_mode(go)) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the answer has no header X-Docker-Container-Path-Stat"),
        ("not base64!", "the header X-Docker-Container-Path-Stat is 'not base64!'"),
        (base64.b64encode(b"no json").decode(), "expected base64 of a JSON object"),
        (base64.b64encode(b"[]").decode(), "expected base64 of a JSON object"),
        (base64.b64encode(b"{}").decode(), "expected base64 of a JSON object"),
        (header(size="many"), "expected base64 of a JSON object"),
        (header(size=float("inf")), "expected base64 of a JSON object"),
        (header(mtime=7), "expected base64 of a JSON object"),
        (header(mtime="yesterday"), "expected base64 of a JSON object"),
    ],
)
def test_a_header_that_is_no_stat_is_an_error(text: str, words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        parse_path_stat(text)


NAMES = st.text(min_size=1)
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))
ZONES = st.integers(-14 * 60, 14 * 60)  # minutes


@given(NAMES, st.integers(0, 2**62), st.integers(0, 0o777), MOMENTS, st.integers(0, 999), ZONES, NAMES)
def test_any_stat_is_decoded_to_the_nanosecond(
    name: str, size: int, mode: int, moment: datetime, nanoseconds: int, minutes: int, link: str
) -> None:
    zone = timezone(timedelta(minutes=minutes))
    sign, hours = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    text = f"{moment.isoformat(timespec='microseconds')}{nanoseconds:03}{sign}{hours[0]:02}:{hours[1]:02}"
    found = parse_path_stat(header(name=name, size=size, mode=mode | 1 << 27, mtime=text, linkTarget=link))
    since = moment.replace(tzinfo=zone) - datetime(1970, 1, 1, tzinfo=timezone.utc)
    assert found.mtime_ns == (since // timedelta(microseconds=1)) * 1000 + nanoseconds
    assert found == PathStat(name, size, stat.S_IFLNK | mode, found.mtime_ns, link)


@given(
    FIELDS.map(lambda fields: header(**fields))
    | st.text(max_size=60)
    | st.binary(max_size=60).map(lambda data: base64.b64encode(data).decode())
)
def test_any_header_is_a_stat_or_a_protocol_error(text: str) -> None:
    try:
        assert isinstance(parse_path_stat(text), PathStat)
    except ProtocolError:
        pass


# Out of a container


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def of(daemon: WireDaemon) -> Endpoint:
    return Endpoint.parse(daemon.url, "the test")


TAR = bytes(range(256)) * 64
ARCHIVE = chunked(TAR[:1000], TAR[1000:], headers=[f"{PATH_STAT}: {header()}", "Content-Type: application/x-tar"])
CUT = chunked(TAR, headers=[f"{PATH_STAT}: {header()}"], end=False)


def test_an_archive_comes_in_pieces(flavour: str, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, ARCHIVE, HOLD]) as daemon:
        assert b"".join(collect(flavour, of(daemon), "archive_get", "web", "/etc/a b")) == TAR
    assert daemon.lines == [["GET /v1.43/containers/web/archive?path=%2Fetc%2Fa+b HTTP/1.1"]]
    assert b"Accept-Encoding: identity" in daemon.requests[0][0]


def test_an_archive_goes_to_a_file_and_gives_the_stat(flavour: str, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, ARCHIVE, HOLD]) as daemon:
        assert ask(flavour, of(daemon), "archive_get_to_file", "web", "/etc", tmp_path / "etc.tar") == ETC
    assert (tmp_path / "etc.tar").read_bytes() == TAR
    assert sorted(os.listdir(tmp_path)) == ["docker.sock", "etc.tar"]


def test_an_archive_without_a_stat_is_an_error(flavour: str, tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, chunked(TAR), HOLD]) as daemon,
        pytest.raises(ProtocolError, match="the archive of web:/etc: the answer has no header"),
    ):
        collect(flavour, of(daemon), "archive_get", "web", "/etc")


def test_an_archive_that_breaks_off_names_itself(flavour: str, tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, CUT]) as daemon,
        pytest.raises(TruncatedError, match="the archive of web:/etc broke off: the reply ended in the middle"),
    ):
        collect(flavour, of(daemon), "archive_get", "web", "/etc")


@pytest.mark.parametrize(
    ("verb", "words", "line"),
    [
        ("export", ("web",), "/containers/web/export"),
        ("image_save", ("alpine:3",), "/images/get?names=alpine%3A3"),
        ("image_save", (["r:5000/a", "b"],), "/images/get?names=r%3A5000%2Fa&names=b"),
    ],
)
def test_exports_and_saved_images_come_in_pieces_and_go_to_files(
    flavour: str, tmp_path: Path, verb: str, words: tuple[Any, ...], line: str
) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, chunked(TAR), HOLD]) as daemon:
        assert b"".join(collect(flavour, of(daemon), verb, *words)) == TAR
        assert ask(flavour, of(daemon), f"{verb}_to_file", *words, str(tmp_path / "it.tar")) is None
    assert (tmp_path / "it.tar").read_bytes() == TAR
    assert daemon.lines == [[f"GET /v1.43{line} HTTP/1.1"]] * 2


@pytest.mark.parametrize("names", [[], "", ["a", ""], None, {"RepoTags": []}, [1]])
def test_a_save_of_no_image_is_refused(flavour: str, tmp_path: Path, names: Any) -> None:
    with WireDaemon(tmp_path) as daemon, pytest.raises(RequestError, match="name at least one image"):
        collect(flavour, of(daemon), "image_save", names)
    assert daemon.connections == []


# Files


@pytest.mark.parametrize("before", [None, b"what was there"])
def test_nothing_half_written_stays(flavour: str, tmp_path: Path, before: bytes | None) -> None:
    target = tmp_path / "it.tar"
    if before is not None:
        target.write_bytes(before)
    with WireDaemon(tmp_path, "unix", [REQUEST, CUT]) as daemon, pytest.raises(TruncatedError):
        ask(flavour, of(daemon), "export_to_file", "web", target)
    assert sorted(os.listdir(tmp_path)) == ["docker.sock", *(["it.tar"] if before is not None else [])]
    assert before is None or target.read_bytes() == before


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancelled_download_leaves_no_file(tmp_path: Path, backend: str) -> None:
    begun = chunked(TAR, end=False)
    with WireDaemon(tmp_path, "unix", [REQUEST, begun, HOLD]) as daemon:

        async def body() -> None:
            async with Client(of(daemon), api_version="1.43") as client:
                with anyio.move_on_after(0.05) as scope:
                    await client.export_to_file("web", tmp_path / "it.tar")
                assert scope.cancelled_caught

        anyio.run(body, backend=backend)
    assert os.listdir(tmp_path) == ["docker.sock"]


def test_what_is_refused_makes_no_file(flavour: str, tmp_path: Path) -> None:
    refused = reply(b'{"message":"No such container: web"}', "404 Not Found")
    with WireDaemon(tmp_path, "unix", [REQUEST, refused, HOLD]) as daemon, pytest.raises(NotFoundError):
        ask(flavour, of(daemon), "export_to_file", "web", tmp_path / "it.tar")
    assert os.listdir(tmp_path) == ["docker.sock"]


def test_a_file_that_was_there_keeps_its_permissions_and_a_link_stays_one(flavour: str, tmp_path: Path) -> None:
    target, link = tmp_path / "it.tar", tmp_path / "link.tar"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to("it.tar")
    with WireDaemon(tmp_path, "unix", [REQUEST, chunked(TAR), HOLD]) as daemon:
        ask(flavour, of(daemon), "export_to_file", "web", link)
    assert link.is_symlink() and target.read_bytes() == TAR
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_what_is_no_regular_file_is_left_alone(flavour: str, tmp_path: Path) -> None:
    with WireDaemon(tmp_path) as daemon:
        for path in (tmp_path, "/dev/null"):
            with pytest.raises(RequestError, match="is no regular file"):
                ask(flavour, of(daemon), "export_to_file", "web", path)
    assert daemon.connections == []


def test_a_folder_that_is_not_there_is_an_error(flavour: str, tmp_path: Path) -> None:
    with WireDaemon(tmp_path) as daemon, pytest.raises(FileNotFoundError) as caught:
        ask(flavour, of(daemon), "export_to_file", "web", tmp_path / "nosuch" / "it.tar")
    assert caught.value.filename == str(tmp_path / "nosuch")
    assert daemon.connections == []


# The stat alone


def test_a_stat_is_asked_for_by_head(flavour: str, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(headers=[f"{PATH_STAT}: {header()}"]), HOLD]) as daemon:
        assert ask(flavour, of(daemon), "archive_stat", "a/b", "/etc") == ETC
    assert daemon.lines == [["HEAD /v1.43/containers/a%2Fb/archive?path=%2Fetc HTTP/1.1"]]


def test_a_stat_of_nothing_says_what_is_missing(flavour: str, tmp_path: Path) -> None:
    answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 50\r\n\r\n"
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, answer, HOLD]) as daemon,
        pytest.raises(NotFoundError, match="the daemon answered 404: no container web, or no /x in it") as caught,
    ):
        ask(flavour, of(daemon), "archive_stat", "web", "/x")
    assert caught.value.status == 404


def test_a_stat_that_is_none_names_itself(flavour: str, tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, reply(headers=[f"{PATH_STAT}: e30="]), HOLD]) as daemon,
        pytest.raises(ProtocolError, match="the stat of web:/x: the header X-Docker-Container-Path-Stat is 'e30='"),
    ):
        ask(flavour, of(daemon), "archive_stat", "web", "/x")


# Into a container, and images


def whole_body(into: list[bytes]) -> Step:
    def read(connection: Connection) -> None:
        data = b""
        while not data.endswith(b"0\r\n\r\n"):
            data += connection.receive()
        into.append(data.partition(b"\r\n\r\n")[2])

    return read


def test_an_archive_is_put_with_its_type_and_options(flavour: str, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(), HOLD]) as daemon:
        options: dict[str, Any] = {"no_overwrite_dir_non_dir": True, "copy_uid_gid": True}
        assert ask(flavour, of(daemon), "archive_put", "web", "/x", io.BytesIO(TAR), **options) is None
    assert daemon.lines == [
        ["PUT /v1.43/containers/web/archive?path=%2Fx&noOverwriteDirNonDir=true&copyUIDGID=true HTTP/1.1"]
    ]
    head, _, body = daemon.requests[0][0].partition(b"\r\n\r\n")
    assert body == TAR and b"Content-Type: application/x-tar" in head


def test_an_archive_is_put_from_an_iterable(flavour: str, tmp_path: Path) -> None:
    def parts() -> Iterator[bytes]:
        yield b"abc"
        yield b"defg"

    bodies: list[bytes] = []
    with WireDaemon(tmp_path, "unix", [whole_body(bodies), reply(), HOLD]) as daemon:
        ask(flavour, of(daemon), "archive_put", "web", "/x", parts())
    assert bodies == [b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"]


def test_an_archive_that_is_refused_says_why(flavour: str, tmp_path: Path) -> None:
    refused = reply(b'{"message":"Could not find the file /x"}', "404 Not Found")
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, refused, HOLD]) as daemon,
        pytest.raises(NotFoundError, match="Could not find the file /x"),
    ):
        ask(flavour, of(daemon), "archive_put", "web", "/x", b"tar")


def test_images_are_loaded_with_the_daemons_words(flavour: str, tmp_path: Path) -> None:
    loaded = chunked(b'{"stream":"Loaded image: a:1\\n"}\r\n')
    with WireDaemon(tmp_path, "unix", [REQUEST, loaded, HOLD]) as daemon:
        assert collect(flavour, of(daemon), "image_load", TAR, quiet=True) == [{"stream": "Loaded image: a:1\n"}]
    assert daemon.lines == [["POST /v1.43/images/load?quiet=true HTTP/1.1"]]
    head, _, body = daemon.requests[0][0].partition(b"\r\n\r\n")
    assert body == TAR and b"Content-Type: application/x-tar" in head


def test_a_load_that_fails_in_the_stream_is_raised(flavour: str, tmp_path: Path) -> None:
    failed = chunked(b'{"errorDetail":{"message":"unexpected EOF"},"error":"unexpected EOF"}\r\n')
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, failed, HOLD]) as daemon,
        pytest.raises(StreamError, match="the daemon gave up in the middle: unexpected EOF"),
    ):
        collect(flavour, of(daemon), "image_load", b"no tar")
