"""The stand-ins for images beside the docker CLI on the same daemon, registry included."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import engine
import pytest
from pseudo_terminal import PseudoTerminal
from screen import screen
from test_standins_lab import assert_same, docker, host, pytestmark, rawdock

__all__ = ["host", "pytestmark"]  # used by pytest

IMAGE = "rawdock-lab:1"


@pytest.fixture
def named(host: str) -> Iterator[str]:
    """A name for an image, which is removed at the end with all that it names."""
    name = f"named-{uuid.uuid4().hex[:8]}"
    yield name
    for each in docker(host, "images", "--format", "{{.Repository}}:{{.Tag}}")[1].split():
        if each.startswith(name):
            docker(host, "rmi", "-f", each)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["-a"],
        ["-q"],
        ["-aq", "--no-trunc"],
        ["--digests"],
        ["--no-trunc"],
        ["rawdock-lab"],
        ["rawdock-lab:*"],
        ["nosuch"],
        ["--filter", "reference=raw*"],
        ["--filter", "dangling=true"],
        ["--filter", "label=nosuch"],
        ["--format", "table"],
        ["--format", "{{.Repository}}:{{.Tag}} {{.Size}} {{.VirtualSize}} {{.CreatedAt}}"],
        ["--format", r"table {{.ID}}\t{{.Repository}}\t{{.CreatedSince}}"],
        ["--digests", "--format", r"table {{.ID}}\t{{.Tag}}"],
        ["-q", "--format", "{{.Tag}}"],
    ],
    ids=" ".join,
)
def test_images(host: str, words: list[str]) -> None:
    assert_same(host, "images", *words)


def test_images_as_json(host: str) -> None:
    found = [program(host, "images", "--format", "json")[1].splitlines() for program in (docker, rawdock)]
    theirs, ours = ([json.loads(line) for line in lines] for lines in found)
    for row in theirs + ours:
        row.pop("CreatedSince")  # which goes on
        row.pop("Containers")  # counted by API 1.51, which the docker CLI here does not speak
    assert ours == theirs


def test_a_tag_and_its_end(host: str, named: str) -> None:
    assert rawdock(host, "tag", IMAGE, f"{named}:2") == (0, "")
    assert f"{named}:2\n" in docker(host, "images", "--format", "{{.Repository}}:{{.Tag}}", named)[1]
    assert rawdock(host, "rmi", f"{named}:2") == (0, f"Untagged: {engine.full(named)}:2\n")
    assert rawdock(host, "rmi", f"{named}:2")[0] == 4
    assert rawdock(host, "rmi", "-f", f"{named}:2") == (0, "")
    assert rawdock(host, "tag", IMAGE, "Capital")[0] == 2


def test_what_is_removed_is_said_and_the_rest_is_tried(host: str, named: str) -> None:
    told = []
    for program in (docker, rawdock):
        subprocess.run(
            ["docker", "-H", host, "import", "-", f"{named}:x"],
            input=bytes(10240) + program.__name__.encode(),
            check=True,
            capture_output=True,
        )
        code, text = program(host, "rmi", "nosuch", f"{named}:x")
        assert code != 0
        told.append([re.sub("[0-9a-f]{64}", "ID", line) for line in text.splitlines()])
    assert told[0] == told[1] and len(told[0]) > 1


def members(archive: bytes) -> list[tuple[str, bytes]]:
    """Names and contents: the times of what 28.5 writes are those of the saving."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = [(each.name, tar.extractfile(each)) for each in tar]
        return [(name, file.read() if file else b"") for name, file in files]


def test_what_is_saved_is_what_docker_saves_and_is_loaded_again(host: str, named: str, tmp_path: Path) -> None:
    docker(host, "tag", IMAGE, f"{named}:1")
    archives = []
    for program in (docker, rawdock):
        path = tmp_path / program.__name__
        assert program(host, "save", "-o", str(path), f"{named}:1", IMAGE) == (0, "")
        archives.append(path.read_bytes())
    assert members(archives[0]) == members(archives[1])
    argv = [sys.executable, "-m", "rawdock", "-H", host]
    to_stdout = subprocess.run([*argv, "save", f"{named}:1", IMAGE], capture_output=True, check=True)
    assert members(to_stdout.stdout) == members(archives[0])
    told = docker(host, "load", "-i", str(path))
    assert rawdock(host, "load", "-i", str(path)) == told and told[0] == 0
    piped = subprocess.run([*argv, "load", "-q"], input=archives[0], capture_output=True, check=True)
    assert piped.stdout.decode() == told[1]


def test_an_archive_is_kept_from_terminals_and_taken_from_none(host: str) -> None:
    argv = [sys.executable, "-m", "rawdock", "-H", host]
    with PseudoTerminal([*argv, "save", IMAGE]) as terminal:
        terminal.expect(rb"rawdock: standard output is a terminal[^\n]*\n")
        assert terminal.wait() == 2
    with PseudoTerminal([*argv, "load"]) as terminal:
        terminal.expect(rb"rawdock: standard input is a terminal[^\n]*\n")
        assert terminal.wait() == 2


def test_a_load_in_a_terminal_ends_with_the_same_screen(host: str, named: str, tmp_path: Path) -> None:
    docker(host, "tag", IMAGE, f"{named}:1")
    docker(host, "save", "-o", str(tmp_path / "tar"), f"{named}:1")
    screens = []
    for program in (["docker"], [sys.executable, "-m", "rawdock"]):
        with PseudoTerminal([*program, "-H", host, "load", "-i", str(tmp_path / "tar")]) as terminal:
            screens.append(screen(terminal.expect(rb"(?s).*Loaded image: \S+:1")[0].decode()))
            assert terminal.wait() == 0
    assert screens[0] == screens[1]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["save", "-o", "/nosuch/x", IMAGE], 2),
        (["save", "-o", "/dev/null", IMAGE], 2),
        (["save", "-o", "x.tar", "nosuch"], 5 if engine.PODMAN else 4),
        (["load", "-i", "/nosuch"], 2),
        (["load", "-i", "/"], 2),
        (["load", "-i", "Dockerfile"], 5 if engine.PODMAN else 1),
    ],
)
def test_what_cannot_be_is_one_sentence_and_leaves_no_file(
    host: str, words: list[str], code: int, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n" * 100)
    argv = [sys.executable, "-m", "rawdock", "-H", host, *words]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
    assert os.listdir(tmp_path) == ["Dockerfile"]


def test_a_save_whose_reader_goes_ends_without_a_word(host: str) -> None:
    argv = f"{sys.executable} -m rawdock -H {host} save {IMAGE} | head -c 10000 | wc -c"
    done = subprocess.run(argv, shell=True, capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("10000", "")
