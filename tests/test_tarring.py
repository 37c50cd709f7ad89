"""Archives that are made while they are sent, read by tarfile."""

from __future__ import annotations

import io
import os
import socket
import tarfile
from pathlib import Path

import pytest

from rawdock import tar_of
from rawdock.client.tarring import Tarred
from rawdock.errors import RequestError
from rawdock.net.parts import PIECE
from rawdock.wire.dockerignore import Ignore


def opened(archive: Tarred) -> tarfile.TarFile:
    return tarfile.open(fileobj=io.BytesIO(b"".join(archive)))


def content(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    assert file is not None
    return file.read()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "empty").mkdir(parents=True)
    (folder / "pages").mkdir()
    (folder / "pages" / "index").write_bytes(b"hello\n")
    (folder / "pages" / "index").chmod(0o4751)
    os.utime(folder / "pages" / "index", (1_700_000_000.9, 1_700_000_000.9))
    (folder / "link").symlink_to("pages/nowhere")
    return folder


def test_a_folder_comes_under_its_name_with_all_that_is_in_it(site: Path) -> None:
    with opened(tar_of(site)) as tar:
        assert tar.getnames() == ["site", "site/empty", "site/link", "site/pages", "site/pages/index"]
        file = tar.getmember("site/pages/index")
        assert (file.size, file.mode, file.mtime) == (6, 0o4751, 1_700_000_000)
        assert content(tar, "site/pages/index") == b"hello\n"
        link = tar.getmember("site/link")
        assert link.issym() and link.linkname == "pages/nowhere"
        assert {(each.uid, each.gid, each.uname, each.gname) for each in tar} == {(0, 0, "", "")}


@pytest.mark.parametrize(
    ("name", "names"), [("", ["a"]), ("b", ["b", "b/a"]), ("/b/c/", ["b/c", "b/c/a"]), (None, ["folder", "folder/a"])]
)
def test_a_folder_may_be_called_otherwise_or_not_at_all(tmp_path: Path, name: str | None, names: list[str]) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a").touch()
    with opened(tar_of(folder, name)) as tar:
        assert tar.getnames() == names


def test_a_file_alone_is_an_archive_too(site: Path) -> None:
    with opened(tar_of(str(site / "pages" / "index"), "renamed")) as tar:
        assert tar.getnames() == ["renamed"] and content(tar, "renamed") == b"hello\n"


@pytest.mark.parametrize("path", [".", "pages/..", "./"])
def test_a_folder_said_by_dots_has_its_own_name(site: Path, path: str) -> None:
    with opened(tar_of(f"{site}/{path}")) as tar:
        assert tar.getnames()[0] == "site"


def test_a_link_given_as_path_is_followed_and_gives_its_own_name(site: Path) -> None:
    link = site.parent / "link"
    link.symlink_to("site/pages")
    with opened(tar_of(link)) as tar:
        assert tar.getnames() == ["link", "link/index"] and tar.getmember("link").isdir()


def test_files_of_two_names_are_sent_once(site: Path) -> None:
    os.link(site / "pages" / "index", site / "pages" / "other")
    with opened(tar_of(site / "pages")) as tar:
        other = tar.getmember("pages/other")
        assert other.islnk() and (other.linkname, other.size) == ("pages/index", 0)
        assert content(tar, "pages/other") == b"hello\n"


def test_a_fifo_is_not_waited_for_and_a_socket_is_left_out(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        with opened(tar_of(tmp_path, "")) as tar:
            assert tar.getnames() == ["fifo"] and tar.getmember("fifo").isfifo()


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_pieces_stay_small_and_sizes_come_out_right(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    (tmp_path / "file").write_bytes(data)
    pieces = list(tar_of(tmp_path / "file"))
    assert max(map(len, pieces)) <= 2 * PIECE
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as tar:
        assert content(tar, "file") == data


def test_names_of_any_bytes_and_any_length_come_out_right(tmp_path: Path) -> None:
    names = [os.fsdecode(b"\xff\xfe"), "ü", "x" * 255, f"{'y' * 200}/{'z' * 200}"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with opened(tar_of(tmp_path, "")) as tar:
        assert set(names) <= set(tar.getnames())


def test_the_same_files_make_the_same_archive_each_time(site: Path) -> None:
    archive = tar_of(site)
    assert list(archive) == list(archive)


def test_what_is_ignored_is_not_sent(site: Path) -> None:
    (site / "secret").mkdir()
    (site / "secret" / "key").touch()
    ignore = Ignore.parse(b"secret\npages\n!pages/index")
    with opened(Tarred(str(site), "", ignore)) as tar:
        assert tar.getnames() == ["empty", "link", "pages/index"]


def test_what_is_not_there_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"'.*/nosuch' cannot be read: No such file or directory"):
        tar_of(tmp_path / "nosuch")
    (tmp_path / "file").touch()
    with pytest.raises(RequestError, match=r"'.*/file' is a file without a name"):
        tar_of(tmp_path / "file", "")


def test_a_file_that_goes_away_on_the_way_is_named(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(bytes(PIECE))
    pieces = iter(tar_of(tmp_path, ""))
    next(pieces)
    (tmp_path / "b").unlink()
    with pytest.raises(RequestError, match=r"'.*/b' cannot be read: No such file or directory"):
        list(pieces)


def test_a_file_that_shrinks_is_an_error_and_one_that_grows_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(4 * PIECE))
    pieces = iter(tar_of(path))
    first = next(pieces)
    with path.open("ab") as file:
        file.write(b"more")
    with tarfile.open(fileobj=io.BytesIO(first + b"".join(pieces))) as tar:
        assert content(tar, "file") == bytes(4 * PIECE)
    pieces = iter(tar_of(path))
    next(pieces)
    os.truncate(path, 0)
    with pytest.raises(RequestError, match=r"'.*/file' became shorter while it was sent"):
        list(pieces)
