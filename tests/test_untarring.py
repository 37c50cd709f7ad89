"""Archives that mean harm, by a daemon whose bytes stand here: nothing is written but below the place that was named."""

from __future__ import annotations

import base64
import io
import json
import os
import signal
import stat
import subprocess
import sys
import tarfile
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pieces import bytewise, cut
from wire_daemon import HOLD, REQUEST, WireDaemon, ping, reply

from rawdock.client.tarring import tar_of
from rawdock.client.untarring import Untarring
from rawdock.errors import ProtocolError, TruncatedError, UsageError
from rawdock.wire.tar import Member, TarDecoder

LINK, HARD, DEVICE, FIFO, FOLDER = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE
Entry = tuple[Any, ...]  # name, then content as bytes, or a type and maybe a link


def archive(*entries: Entry, format_: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format_) as tar:
        for name, what, *link in entries:
            info = tarfile.TarInfo(name)
            info.mode, info.mtime = 0o4755, 1000
            if isinstance(what, bytes) and what not in (LINK, HARD, DEVICE, FIFO, FOLDER):
                info.size = len(what)
                tar.addfile(info, io.BytesIO(what))
            else:
                info.type, info.linkname = what, "".join(link)
                tar.addfile(info)
    return out.getvalue()


def extract(data: bytes, folder: Path, base: str = "d", name: str = "d") -> Untarring:
    with Untarring(str(folder), base, name) as untarring:
        for start in range(0, len(data), 700):
            untarring.feed(data[start : start + 700])
    return untarring


HARMFUL: dict[str, list[Entry]] = {
    "absolute name": [("/etc/evil", b"x")],
    "absolute name that is ours": [("/d", b"x")],
    "dots": [("../evil", b"x")],
    "dots in the middle": [("d/../../evil", b"x")],
    "dots at the end": [("d", FOLDER), ("d/..", FOLDER)],
    "a neighbour": [("d", FOLDER), ("neighbour", b"x")],
    "another name": [(".bashrc", b"x")],
    "through a link": [("d", FOLDER), ("d/l", LINK, "../outside"), ("d/l/evil", b"x")],
    "through an absolute link": [("d", FOLDER), ("d/l", LINK, "{outside}"), ("d/l/evil", b"x")],
    "through links of links": [("d", FOLDER), ("d/a", LINK, "b"), ("d/b", LINK, "{outside}"), ("d/a/evil", b"x")],
    "the root is a link": [("d", LINK, "{outside}"), ("d/evil", b"x")],
    "a folder over a link": [("d", FOLDER), ("d/l", LINK, "{outside}"), ("d/l", FOLDER), ("d/l/evil", b"x")],
    "hard link out": [("d", FOLDER), ("d/h", HARD, "../outside/kept"), ("d/h", b"x")],
    "hard link to an absolute name": [("d", FOLDER), ("d/h", HARD, "{outside}/kept"), ("d/h", b"x")],
    "hard link to a link": [("d", FOLDER), ("d/l", LINK, "{outside}/kept"), ("d/h", HARD, "d/l"), ("d/h", b"x")],
    "hard link through a link": [("d", FOLDER), ("d/l", LINK, "{outside}"), ("d/h", HARD, "d/l/kept")],
    "hard link to itself": [("d", FOLDER), ("d/h", HARD, "d/h")],
    "fifo over a folder": [("d", FOLDER), ("d/s", FOLDER), ("d/s", FIFO)],
    "file below a file": [("d", b"x"), ("d/x", b"x")],
    "long name with dots": [("d/" + "../" * 100 + "evil", b"x")],
}


@pytest.mark.parametrize("case", HARMFUL)
@pytest.mark.parametrize("format_", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_nothing_is_written_outside(case: str, format_: int, tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (outside / "kept").write_text("as it was")
    entries = [tuple(str(p).format(outside=outside) if i == 2 else p for i, p in enumerate(e)) for e in HARMFUL[case]]
    with pytest.raises((ProtocolError, UsageError)):
        extract(archive(*entries, format_=format_), folder)
    assert sorted(os.listdir(tmp_path)) == ["folder", "outside"] and os.listdir(outside) == ["kept"]
    assert (outside / "kept").read_text() == "as it was" and (outside / "kept").stat().st_nlink == 1
    assert set(os.listdir(folder)) <= {"d"}


@pytest.mark.parametrize("record", ["path", "linkpath"])
def test_a_nul_in_a_name_is_refused(record: str, tmp_path: Path) -> None:
    info = tarfile.TarInfo("d")
    info.type, info.pax_headers = LINK, {"linkpath": "x", record: "d/a\0b"}
    with pytest.raises(ProtocolError):
        extract(info.tobuf() + bytes(1024), tmp_path)
    assert not (tmp_path / "d").is_symlink()


def test_devices_are_left_out_and_set_user_id_bits_dropped(tmp_path: Path) -> None:
    done = extract(archive(("d", FOLDER), ("d/dev", DEVICE), ("d/su", b"x"), ("d/f", FIFO)), tmp_path)
    assert done.left_out == ["d/dev"] and sorted(os.listdir(tmp_path / "d")) == ["f", "su"]
    assert stat.S_IMODE((tmp_path / "d/su").stat().st_mode) == 0o755
    assert (tmp_path / "d").stat().st_mtime == 1000


def test_a_link_that_was_there_is_not_written_through(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    (folder / "d").mkdir(parents=True)
    (folder / "d/l").symlink_to(outside)
    (folder / "d/f").symlink_to(outside / "f")
    with pytest.raises(UsageError, match="nothing is written through one"):
        extract(archive(("d/l/x", b"x")), folder)
    extract(archive(("d/f", b"new")), folder)  # takes the link's place
    assert not os.listdir(outside) and (folder / "d/f").read_text() == "new" and not (folder / "d/f").is_symlink()


def test_a_file_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    data = archive(("d", b"x" * 5000))
    (tmp_path / "d").write_text("old")
    for end in (100, 600, 3000, 512 + 4999):
        with pytest.raises(TruncatedError):
            extract(data[:end], tmp_path)
        assert os.listdir(tmp_path) == ["d"] and (tmp_path / "d").read_text() == "old"
    extract(data, tmp_path)
    assert (tmp_path / "d").read_bytes() == b"x" * 5000


def test_what_is_packed_is_unpacked(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    (source / ("n" * 200)).write_bytes(os.urandom(300_000))
    (source / "sub" / "é").write_text("x")
    os.link(source / "sub" / "é", source / "hard")
    extract(b"".join(tar_of(source)), tmp_path, "source", "copy")
    found = {path.name: path.read_bytes() for path in (tmp_path / "copy").rglob("*") if path.is_file()}
    assert found == {path.name: path.read_bytes() for path in source.rglob("*") if path.is_file()}
    assert (tmp_path / "copy/hard").samefile(tmp_path / "copy/sub/é")


def decoded(pieces: list[bytes]) -> list[Any]:
    decoder = TarDecoder()
    found: list[Any] = []
    for piece in pieces:
        for item in decoder.feed(piece):
            if isinstance(item, bytes) and found and isinstance(found[-1], bytes):
                found[-1] += item
            else:
                found.append(item)
    decoder.close()
    return found


SAMPLES = [
    archive(("a" * 150 + "/" + "b" * 120, b"x" * 700), ("l", LINK, "t" * 300), ("e", b"x"), ("f", FOLDER), format_=kind)
    for kind in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT)
]


@pytest.mark.parametrize("data", SAMPLES, ids=["pax", "gnu"])
def test_an_archive_cut_anywhere_gives_the_same(data: bytes) -> None:
    whole = decoded([data])
    assert [item.name if isinstance(item, Member) else len(item) for item in whole] == [
        "a" * 150 + "/" + "b" * 120,
        700,
        "l",
        "e",
        1,
        "f",
    ]
    assert whole[2].link == "t" * 300 and whole[-1].kind == "folder"
    assert decoded(bytewise(data)) == whole


@given(st.lists(st.integers(0, 12_000), max_size=6), st.sampled_from(SAMPLES))
def test_any_cut_gives_the_same(places: list[int], data: bytes) -> None:
    assert decoded(cut(data, places)) == decoded([data])


@given(st.binary(max_size=3000), st.sampled_from(SAMPLES), st.integers(0, 3000))
def test_rubbish_is_an_error_of_ours(rubbish: bytes, sample: bytes, place: int) -> None:
    data = sample[:place] + rubbish + sample[place + len(rubbish) :]
    try:
        decoded([data])
    except ProtocolError:
        pass


def test_a_header_of_any_length_is_not_taken_into_memory() -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 1 << 33
    decoder = TarDecoder()
    with pytest.raises(ProtocolError, match="8589934592 bytes"):
        decoder.feed(info.tobuf(tarfile.GNU_FORMAT))


def test_many_files_take_no_more_memory_than_few(tmp_path: Path) -> None:
    piece = archive(*((f"d/{number % 50}", b"x" * 600) for number in range(500)))[:-1024].rstrip(b"\0")
    piece += bytes(-len(piece) % 512)
    with Untarring(str(tmp_path), "d", "d") as untarring:
        untarring.feed(piece)
        tracemalloc.start()
        for _ in range(3):
            untarring.feed(piece)
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        untarring.feed(bytes(1024))
    assert held < 400_000  # bytes; the pieces are 790 kB each


def test_the_command_keeps_to_the_place_that_was_named(tmp_path: Path) -> None:
    stat_ = {"name": "d", "size": 1, "mode": 0o644, "mtime": "2026-01-01T00:00:00Z", "linkTarget": ""}
    header = f"X-Docker-Container-Path-Stat: {base64.b64encode(json.dumps(stat_).encode()).decode()}"
    evil = archive(("../evil", b"x"))
    target = tmp_path / "target"
    target.mkdir()
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, reply(evil, headers=[header])]) as daemon:
        argv = [sys.executable, "-m", "rawdock", "-H", daemon.url, "cp", "web:/d", str(target)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 8 and done.stderr.count("\n") == 1 and "'../evil'" in done.stderr
    assert not os.listdir(target) and not (tmp_path / "evil").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_no_half_file(number: signal.Signals, tmp_path: Path) -> None:
    stat_ = {"name": "d", "size": 1, "mode": 0o644, "mtime": "2026-01-01T00:00:00Z", "linkTarget": ""}
    header = f"X-Docker-Container-Path-Stat: {base64.b64encode(json.dumps(stat_).encode()).decode()}"
    begun = reply(archive(("d", b"x" * 5000)), headers=[header])[:-6000]
    target = tmp_path / "target"
    target.mkdir()
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, begun, HOLD]) as daemon:
        argv = [sys.executable, "-m", "rawdock", "-H", daemon.url, "cp", "web:/d", str(target)]
        with subprocess.Popen(argv, stderr=subprocess.PIPE) as process:
            deadline = time.monotonic() + 20
            while not os.listdir(target):
                assert time.monotonic() < deadline and process.poll() is None
            process.send_signal(number)
            assert process.wait(20) == 128 + number
            assert process.stderr and process.stderr.read() == b""
    assert not os.listdir(target)
