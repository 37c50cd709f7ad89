"""`rawdock cp` beside `docker cp` on the same daemon: the same files afterwards, here and in the container."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import engine
import pytest
from pseudo_terminal import PseudoTerminal
from screen import screen
from test_standins_lab import docker, host, pytestmark

pytestmark = [*pytestmark, pytest.mark.slow]
__all__ = ["host"]  # used by pytest

MADE = """mkdir -p d/sub/deep e; echo a > d/a; echo b > d/sub/b; ln -s a d/l; ln -s /etc/passwd d/abs; ln -s ../sub/b d/sub/up
ln d/a d/h; ln -s d dl; ln -s d/a fl; ln -s gone dangling; echo f > f; echo g > g; chmod 640 f; chmod 750 d/sub; mkfifo d/fifo
echo "old" > 'odd name:x'; echo c > e/c; touch -t 202001020304 d/a d/sub f e; : > empty; chmod 555 d/sub/deep"""
LIST = 'find . | sort | while read -r n; do stat -c \'%n %F %a %h\' "$n"; readlink "$n"; done'


def tree(folder: Path) -> list[Any]:
    """Every file: name, kind and mode, time of what is no link, content."""
    found: list[Any] = []
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = os.readlink(path) if path.is_symlink() else path.read_bytes() if stat.S_ISREG(status.st_mode) else ""
        found.append((str(path.relative_to(folder)), stat.filemode(status.st_mode), content, status.st_nlink))
    return found


@pytest.fixture
def place(host: str) -> Iterator[str]:
    """A folder in the container web with MADE in it, anew for each program."""
    folder = f"/cp-{uuid.uuid4().hex[:8]}"
    yield folder
    docker(host, "exec", "web", "rm", "-rf", folder)


def ours_and_theirs(host: str) -> list[tuple[str, list[str]]]:
    return [("docker", ["docker", "-H", host]), ("rawdock", [sys.executable, "-m", "rawdock", "-H", host])]


def copied(argv: list[str], words: list[str], folder: Path) -> tuple[bool, str]:
    done = subprocess.run([*argv, "cp", *words], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert "Traceback" not in done.stderr
    return done.returncode == 0, done.stdout


OUT = [
    "f .",
    "f new",
    "f g",
    "f nosuch/",
    "f e/",
    "f dangling",
    "f dl",
    "f f/",
    "f nosuch/x",
    "f d",
    "d new/",
    "d new/.",
    "d e",
    "d f",
    "d/. new",
    "d/. e",
    "d/. e/.",
    "d/sub/../a x",
    "fl e",
    "-L:fl x",
    "-L:dl x",
    "-L:dl e",
    "-L:d/l x",
    "dl/ x",
    "dl/. e",
    "-L:dangling x",
    "nosuch x",
    "f/ x",
    "odd name:x x",
    "f ./odd:colon",
    "d/fifo x",
]


def _judged(*unjudged: str) -> list[Any]:
    """OUT, where the docker CLI gives up or makes folders on Podman marked."""
    return [pytest.param(case, marks=engine.docker_is_no_judge) if case in unjudged else case for case in OUT]


@pytest.mark.parametrize("case", _judged("d/. new"))
def test_out_of_a_container(host: str, place: str, case: str, tmp_path: Path) -> None:
    """Names in the case are the container's, then ours: the same files are on both sides."""
    _case(host, place, case, tmp_path, into=False)


@pytest.mark.parametrize("case", _judged("f f/", "d new/."))
def test_into_a_container(host: str, place: str, case: str, tmp_path: Path) -> None:
    _case(host, place, case, tmp_path, into=True)


def _case(host: str, place: str, case: str, tmp_path: Path, *, into: bool) -> None:
    flag, _, rest = case.rpartition(":") if case.startswith("-") else ("", "", case)
    source, _, target = rest.rpartition(" ")
    results = []
    for name, argv in ours_and_theirs(host):
        folder = tmp_path / name
        folder.mkdir()
        subprocess.run(["sh", "-c", MADE], cwd=folder, check=True)
        inside = f"mkdir -p {place}; cd {place}; rm -rf ./* ; {MADE}"
        assert docker(host, "exec", "web", "sh", "-c", inside)[0] == 0
        words = [f"./{source}", f"web:{place}/{target}"] if into else [f"web:{place}/{source}", target]
        result = copied(argv, [*([flag] if flag else []), *words], folder)
        listed = docker(host, "exec", "-w", place, "web", "sh", "-c", LIST)[1]
        results.append((result, tree(folder), listed.splitlines()))
    (theirs, *their_files), (ours, *our_files) = results
    assert our_files == their_files
    assert ours == theirs


def test_archives_go_through_pipes(host: str, place: str, tmp_path: Path) -> None:
    docker(host, "exec", "web", "sh", "-c", f"mkdir {place} {place}/to; cd {place}; {MADE}")
    _, argv = ours_and_theirs(host)[1]
    out = subprocess.run([*argv, "cp", f"web:{place}/d", "-"], capture_output=True, check=True).stdout
    assert (
        out
        == subprocess.run(["docker", "-H", host, "cp", f"web:{place}/d", "-"], capture_output=True, check=True).stdout
    )
    subprocess.run([*argv, "cp", "-", f"web:{place}/to"], input=out, check=True)
    assert docker(host, "exec", "web", "diff", "-r", f"{place}/d/sub/b", f"{place}/to/d/sub/b")[0] == 0
    refused = subprocess.run([*argv, "cp", "-", f"web:{place}/f"], input=out, capture_output=True, check=False)
    assert refused.returncode == 2 and b"is no folder" in refused.stderr


@pytest.mark.parametrize(
    "words", [["a", "b"], ["web:/a", "web:/b"], ["web:", "x"], [":/a", "x"], ["/nosuch", "web:/x"], ["nosuch:/a", "x"]]
)
def test_what_cannot_be_copied_is_one_sentence(host: str, words: list[str], tmp_path: Path) -> None:
    _, argv = ours_and_theirs(host)[1]
    done = subprocess.run([*argv, "cp", *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode in (2, 4) and done.stderr.count("\n") == 1 and not os.listdir(tmp_path)


def test_the_last_line_in_a_terminal_is_the_same(host: str, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(bytes(300_000))
    for words in (["web:/etc/passwd", str(tmp_path / "x")], [str(tmp_path / "f"), "web:/tmp/f"]):
        screens = []
        for _, argv in ours_and_theirs(host):
            with PseudoTerminal([*argv, "cp", *words], 24, 200) as terminal:
                screens.append(screen(terminal.expect(rb"(?s).*Successfully copied [^\n]*\n")[0].decode())[-2])
                assert terminal.wait() == 0
        assert screens[0] == screens[1]


def test_a_link_that_leads_elsewhere_is_copied_as_it_is_and_led_through_by_none(
    host: str, place: str, tmp_path: Path
) -> None:
    """docker gives up at a relative one that leaves the folder, and takes an absolute one."""
    links = {"up": "../../../out", "abs": "/etc/passwd"}
    script = f"mkdir -p {place}/d/sub; cd {place}/d/sub; " + "; ".join(
        f"ln -s {to} {name}" for name, to in links.items()
    )
    docker(host, "exec", "web", "sh", "-c", script)
    _, argv = ours_and_theirs(host)[1]
    assert copied(argv, [f"web:{place}/d", "."], tmp_path) == (True, "")
    assert {name: os.readlink(tmp_path / "d/sub" / name) for name in links} == links
    docker(host, "exec", "-w", f"{place}/d/sub", "web", "sh", "-c", "rm up; mkdir up; echo x > up/x")
    (tmp_path / "out").mkdir()
    assert copied(argv, [f"web:{place}/d", "."], tmp_path)[0] is False and not os.listdir(tmp_path / "out")


def test_owners_go_along_into_a_container_as_docker_has_it(host: str, place: str, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    os.chown(tmp_path / "f", 1234, 77)
    docker(host, "exec", "web", "mkdir", place)
    for name, argv in ours_and_theirs(host):
        for flag in ([], ["-a"]):
            copied(argv, [*flag, "f", f"web:{place}/{name}{len(flag)}"], tmp_path)
    listed = docker(host, "exec", "web", "sh", "-c", f"stat -c %u:%g {place}/*")[1].split()
    assert len(listed) == 4 and listed[:2] == listed[2:]
