"""The line that says how far a long transfer is."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from rawdock.cli.console import Console
from rawdock.cli.progress import Progress, WatchedFile, progress_line
from rawdock.client.content import body_of
from rawdock.net.blocking import run
from rawdock.net.parts import FilePart


def console(width: int = 80) -> tuple[Console, io.StringIO]:
    err = io.StringIO()
    return Console(io.BytesIO(), err, io.BytesIO(), {}, err_is_terminal=True, err_width=width), err


@pytest.mark.parametrize(
    ("done", "total", "seconds", "line"),
    [
        (12_300_000, 98_000_000, 1.0, "sent 12.3 MB of 98.0 MB  12 %  12.3 MB/s  7 s left"),
        (500, None, 2.0, "sent 500 B  250 B/s"),
        (0, 1000, 1.0, "sent 0 B of 1.0 kB  0 %  0 B/s"),
        (1000, 1000, 0.0, "sent 1.0 kB of 1.0 kB  100 %  0 B/s"),
        (10**6, 10**9, 1.0, "sent 1.0 MB of 1.0 GB  0 %  1.0 MB/s  16 min 39 s left"),
        (2 * 10**12, None, 1.0, "sent 2.0 TB  2.0 TB/s"),
        (20, 10, 1.0, "sent 20 B of 10 B  200 %  20 B/s"),
    ],
)
def test_the_line(done: int, total: int | None, seconds: float, line: str) -> None:
    assert progress_line("sent", done, total, seconds) == line


def ticks(*times: float) -> Iterator[float]:
    yield from times


def test_a_short_transfer_shows_nothing() -> None:
    screen, err = console()
    clock = ticks(0.0, 0.2, 0.4)
    with Progress(screen, "sent", 10, lambda: next(clock)) as progress:
        progress.add(5)
        progress.add(5)
    assert err.getvalue() == ""


def test_a_long_one_is_written_in_place_not_too_often_and_gone_at_the_end() -> None:
    screen, err = console(width=12)
    clock = ticks(0.0, 0.6, 0.65, 0.8)
    with Progress(screen, "sent", None, lambda: next(clock)) as progress:
        for _ in range(3):
            progress.add(1000)
    assert err.getvalue() == "\rsent 1.0 kB\x1b[K\rsent 3.0 kB\x1b[K\r\x1b[K"


async def parts_of(file: WatchedFile) -> list[object]:
    body = body_of(file)
    assert body.parts is not None
    return [part async for part in body.parts]


def test_a_watched_file_goes_by_sendfile_and_tells_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "big"
    path.write_bytes(bytes(600_000))
    reached: list[int] = []
    with WatchedFile(io.FileIO(path), reached.append) as file:
        parts = run(parts_of(file))
    assert all(isinstance(part, FilePart) for part in parts)
    assert reached[-1] == 600_000 and len(reached) > 2


def test_a_watched_pipe_tells_as_it_is_read(tmp_path: Path) -> None:
    import os

    read, write = os.pipe()
    os.write(write, b"abc")
    os.close(write)
    reached: list[int] = []
    with WatchedFile(io.FileIO(read), reached.append) as file:
        assert run(parts_of(file)) == [b"abc"]
    assert reached[-1] == 3
