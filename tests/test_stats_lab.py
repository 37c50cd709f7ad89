"""stats beside the docker CLI on the same daemon, and the live table in a terminal."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid

import engine
import pytest
from pseudo_terminal import PseudoTerminal
from test_standins_lab import assert_same, docker, host, pytestmark, rawdock

__all__ = ["host", "pytestmark"]  # used by pytest

IMAGE = "rawdock-lab:1"
STEADY = "{{.ID}} {{.Name}} {{.Container}} {{.PIDs}} {{.CPUPerc}} {{.MemUsage}} {{.MemPerc}} {{.BlockIO}}"


@pytest.mark.parametrize(
    "words",
    [
        ["--format", "{{.ID}} {{.Name}} {{.PIDs}}"],
        ["-a", "--format", "{{.ID}} {{.Name}} {{.PIDs}}"],
        ["--no-trunc", "--format", "{{.ID}} {{.Name}}"],
        ["--format", r"table {{.Name}}\t{{.PIDs}}\t{{.Container}}", "db", "app"],
        ["--no-trunc", "--format", "{{.Container}}"],
        pytest.param(["--format", STEADY, "paused"], marks=engine.docker_is_no_judge),
        ["db", "nobody"],
        ["nobody"],
    ],
    ids=" ".join,
)
def test_stats_once(host: str, words: list[str]) -> None:
    if engine.PODMAN:  # of whose names the docker CLI cuts the first letter, which is no slash
        words = [word.replace(".Name", ".Container") for word in words]
    assert_same(host, "stats", "--no-stream", *words)


def test_stats_of_one_that_does_not_run(host: str) -> None:
    name = f"stats-{uuid.uuid4().hex[:8]}"
    docker(host, "create", "--name", name, IMAGE, "true")
    try:
        assert_same(host, "stats", "--no-stream", name)
    finally:
        docker(host, "rm", name)


def test_stats_have_the_same_fields_as_json(host: str) -> None:
    (_, theirs), (_, ours) = (
        program(host, "stats", "--no-stream", "--format", "json", "db") for program in (docker, rawdock)
    )
    assert list(json.loads(ours)) == list(json.loads(theirs))
    assert json.loads(ours)["MemUsage"].partition(" / ")[2] == json.loads(theirs)["MemUsage"].partition(" / ")[2]


def test_the_live_table_follows_what_comes_and_goes_until_ctrl_c(host: str) -> None:
    name = f"stats-{uuid.uuid4().hex[:8]}"
    with PseudoTerminal([sys.executable, "-m", "rawdock", "-H", host, "stats"], 40, 120) as terminal:
        terminal.expect(rb"\x1b\[H\x1b\[2J\x1b\[HCONTAINER ID +NAME .*PIDS\x1b\[K\r\n")
        terminal.expect(rb"web +0\.\d\d% ")
        docker(host, "run", "-d", "--name", name, IMAGE, "sleep", "1000")
        terminal.expect(name.encode() + rb" +0\.\d\d% ")
        docker(host, "rm", "-f", name)
        while name.encode() in terminal.expect(rb"\x1b\[HCONTAINER ID(?s:.*?)\x1b\[J")[0]:
            pass
        terminal.press(b"\x03")
        assert terminal.wait() == 130


def test_the_live_table_of_a_container_ends_when_it_is_gone(host: str) -> None:
    name = f"stats-{uuid.uuid4().hex[:8]}"
    docker(host, "run", "-d", "--name", name, IMAGE, "sleep", "1000")
    argv = [sys.executable, "-m", "rawdock", "-H", host, "stats", "--format", "{{.Name}} {{.PIDs}}", name]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout and watching.stdout.readline() == f"{name} 1\n"
        docker(host, "rm", "-f", name)
        assert watching.communicate(timeout=30)[0].splitlines()[-1] == f"{name} --"
        assert watching.returncode == 0


def test_live_stats_of_nobody_are_refused_and_a_reader_that_goes_away_is_no_error(host: str) -> None:
    assert rawdock(host, "stats", "nobody", "web") == (1, "")
    argv = [sys.executable, "-m", "rawdock", "-H", host, "stats", "web"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as watching:
        assert watching.stdout and watching.stderr and watching.stdout.readline().startswith(b"CONTAINER ID")
        watching.stdout.close()
        assert (watching.stderr.read(), watching.wait(30)) == (b"", 0)
