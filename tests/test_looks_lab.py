"""logs, top and events beside the docker CLI on the same daemon."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Any

import engine
import pytest
from pseudo_terminal import PseudoTerminal
from test_standins_lab import assert_same, docker, host, pytestmark, rawdock

__all__ = ["host", "pytestmark"]  # used by pytest

IMAGE = "rawdock-lab:1"
WRITES = "for i in 1 2 3; do echo out $i; echo err $i >&2; sleep 0.1; done; printf '\\033[31mred\\033[0m \\000 \\377'"


@pytest.fixture(scope="module")
def talkers(host: str) -> Iterator[dict[str, str]]:
    """Containers that have ended, by what is special: "plain", "tty", "long" (a line of 40 kB), "detailed"."""
    names = {kind: f"talk-{kind}-{uuid.uuid4().hex[:8]}" for kind in ("plain", "tty", "long", "detailed")}
    long = "head -c 40000 /dev/zero | tr '\\0' x; echo"
    label = ["--label", "app=a b", "-e", "WORD=x,y", "--log-opt", "labels=app", "--log-opt", "env=WORD"]
    try:
        docker(host, "run", "-d", "--name", names["plain"], IMAGE, "sh", "-c", WRITES)
        docker(host, "run", "-d", "--name", names["tty"], "-t", IMAGE, "sh", "-c", WRITES)
        docker(host, "run", "-d", "--name", names["long"], IMAGE, "sh", "-c", long)
        docker(host, "run", "-d", "--name", names["detailed"], *label, IMAGE, "sh", "-c", WRITES)
        docker(host, "wait", *names.values())
        yield names
    finally:
        docker(host, "rm", "-f", *names.values())


def both_outputs(argv: list[str]) -> tuple[int, bytes, bytes]:
    done = subprocess.run(argv, capture_output=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("kind", ["plain", "tty", "long", "detailed"])
@pytest.mark.parametrize(
    "words",
    [
        "",
        "-t",
        "-n 2",
        "--tail 0",
        "-f",
        "-ft --tail 1",
        "--since 10m",
        "--since 1h30m --until 0s",
        "--until 1h",
        "--since 2006-01-02",
        "--until 2006-01-02T15:04:05Z",
        "--details",
        "-n -1",
    ],
)
def test_logs(host: str, talkers: dict[str, str], words: str, kind: str) -> None:
    """stdout and stderr to their own, byte by byte."""
    asked = ["logs", *words.split(), talkers[kind]]
    theirs = both_outputs([shutil.which("docker") or "docker", "-H", host, *asked])
    assert both_outputs([sys.executable, "-m", "rawdock", "-H", host, *asked]) == theirs
    assert theirs[0] == 0


@engine.docker_is_no_judge
def test_logs_since_a_lines_own_time(host: str, talkers: dict[str, str]) -> None:
    lines = rawdock(host, "logs", "-t", talkers["plain"])[1].splitlines()
    assert_same(host, "logs", "-t", "--since", lines[1].split()[0], talkers["plain"])
    assert_same(host, "logs", "-t", "--until", lines[1].split()[0], talkers["plain"])


def test_following_ends_with_the_container(host: str) -> None:
    name = f"talk-{uuid.uuid4().hex[:8]}"
    docker(
        host,
        "run",
        "-d",
        "--name",
        name,
        IMAGE,
        "sh",
        "-c",
        "trap 'echo bye; exit 3' TERM; echo hi; while :; do sleep 0.05; done",
    )
    try:
        argv = [sys.executable, "-m", "rawdock", "-H", host, "logs", "-f", name]
        with subprocess.Popen(argv, stdout=subprocess.PIPE) as following:
            assert following.stdout and following.stdout.readline() == b"hi\n"
            docker(host, "stop", name)
            assert following.stdout.read() == b"bye\n" and following.wait(30) == 0
    finally:
        docker(host, "rm", "-f", name)


@pytest.mark.parametrize("words", ["logs -f", "events"])
def test_ctrl_c_ends_it_without_a_word(host: str, words: str) -> None:
    name = f"talk-{uuid.uuid4().hex[:8]}"
    docker(host, "run", "-d", "--name", name, IMAGE, "sh", "-c", "echo ready; sleep 1000")
    try:
        since = ["--since", "10m"] if words == "events" else [name]
        with PseudoTerminal([sys.executable, "-m", "rawdock", "-H", host, *words.split(), *since]) as terminal:
            terminal.expect(rb"ready|container start")
            terminal.press(b"\x03")
            assert terminal.wait() == 130
            os.set_blocking(terminal.ours, False)
            assert b"Traceback" not in terminal.seen + os.read(terminal.ours, 65536)
    finally:
        docker(host, "rm", "-f", name)


@pytest.mark.parametrize("words", ["logs -f", "logs"])
def test_a_reader_that_goes_away_is_no_error(host: str, words: str) -> None:
    name = f"talk-{uuid.uuid4().hex[:8]}"
    docker(
        host,
        "run",
        "-d",
        "--name",
        name,
        IMAGE,
        "sh",
        "-c",
        "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo $i; done",
    )
    docker(host, "wait", name)
    try:
        argv = [sys.executable, "-m", "rawdock", "-H", host, *words.split(), name]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as printing:
            assert printing.stdout and printing.stderr
            assert printing.stdout.readline() == b"1\n"
            printing.stdout.close()
            assert (printing.stderr.read(), printing.wait(30)) == (b"", 0)
    finally:
        docker(host, "rm", "-f", name)


@pytest.mark.parametrize(
    "words", ["", "-o pid,args", pytest.param("-eo pid,user,comm", marks=engine.docker_is_no_judge)]
)
def test_top(host: str, words: str) -> None:
    assert_same(host, "top", "web", *words.split())


def test_top_of_a_process_with_terminal_escapes_in_its_name(host: str) -> None:
    name = f"talk-{uuid.uuid4().hex[:8]}"
    docker(host, "run", "-d", "--name", name, IMAGE, "sh", "-c", "sleep 1000; : \x1b[31mred")
    try:
        code, printed = rawdock(host, "top", name, "-o", "pid,args")
        assert code == 0 and "[31mred" in printed and "\x1b" not in printed
    finally:
        docker(host, "rm", "-f", name)


def last_event(host: str, name: str) -> dict[str, Any]:
    """That a container is gone, waited for a minute at most; then Ctrl-C."""
    until = str(int(time.time()) + 60)
    argv = [sys.executable, "-m", "rawdock", "-H", host, "events", "-f", f"container={name}", "--format", "json"]
    with subprocess.Popen([*argv, "--since", "10m", "--until", until], stdout=subprocess.PIPE) as watching:
        assert watching.stdout
        events = map(json.loads, watching.stdout)
        event: dict[str, Any] = next(event for event in events if event["Action"] == engine.GONE)
        watching.send_signal(signal.SIGINT)
        assert watching.wait(30) == 130
    return event


@pytest.fixture(scope="module")
def happened(host: str) -> str:
    """When a container had lived and its network was gone, so that the daemon knows events of both."""
    name = f"event-{uuid.uuid4().hex[:8]}"
    docker(host, "network", "create", f"{name}-net")
    docker(host, "run", "--rm", "--name", name, "--network", f"{name}-net", "-l", "app=a b", IMAGE, "true")
    docker(host, "network", "rm", f"{name}-net")
    event = last_event(host, name)
    return f"{event['time']}.{event['timeNano'] % 1_000_000_000:09}"


@engine.docker_is_no_judge
@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--filter", "type=container"],
        ["-f", "type=network", "-f", "type=container"],
        ["--filter", "event=die", "--format", "{{.Actor.Attributes.exitCode}} {{.ID}} {{.From}} {{.Status}}"],
        ["--format", "json"],
        ["--format", "{{json .}}"],
        ["--format", "{{.Type}} {{.Action}} {{.Actor.ID}} {{.Scope}} {{.Time}} {{.TimeNano}} [{{.Status}}]"],
        ["--filter", "container=nobody"],
    ],
    ids=" ".join,
)
def test_events(host: str, happened: str, words: list[str]) -> None:
    for since in ("2h", happened):
        asked = ["events", "--since", since, "--until", happened, *words]
        assert rawdock(host, *asked) == docker(host, *asked)


def test_terminal_escapes_in_an_event_never_reach_the_terminal(host: str) -> None:
    name = f"event-{uuid.uuid4().hex[:8]}"
    docker(host, "run", "--rm", "--name", name, "-l", "colour=\x1b[31mred\nline", IMAGE, "true")
    gone = last_event(host, name)["time"]
    until = str(time.time() + 1 if engine.PODMAN else gone + 1)  # Podman leaves off anywhere when it is past
    code, printed = rawdock(host, "events", "--since", "10m", "--until", until, "-f", f"container={name}")
    assert code == 0 and "colour=\\x1b[31mred\\nline" in printed.splitlines()[0]


def test_events_come_as_they_happen(host: str) -> None:
    name = f"event-{uuid.uuid4().hex[:8]}"
    docker(host, "create", "--name", name, IMAGE, "true")
    argv = [sys.executable, "-m", "rawdock", "-H", host, "events", "-f", f"container={name}", "--since", "10m"]
    with PseudoTerminal(argv) as terminal:
        terminal.expect(rb"container create")
        docker(host, "rm", name)
        terminal.expect(f"container {engine.GONE}".encode())
