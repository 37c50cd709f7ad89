"""start, stop, restart, kill, rm and wait beside the docker CLI: the same is printed, and the same has happened."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import engine
import pytest
from pseudo_terminal import PseudoTerminal
from test_standins_lab import docker, host, pytestmark, rawdock

__all__ = ["host", "pytestmark"]  # used by pytest

IMAGE = "rawdock-lab:1"
STATE = "{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}"
TRAPPING = ["sh", "-c", "trap 'exit 3' TERM; trap 'exit 4' USR1; echo ready; while :; do sleep 0.05; done"]
Program = Callable[..., tuple[int, str]]


@contextmanager
def containers(host: str, *how: str) -> Iterator[list[str]]:
    """Names of new containers: one for each of `how`, "created", "running", "ended" or "paused"."""
    names = [f"life-{uuid.uuid4().hex[:8]}" for _ in how]
    try:
        for name, state in zip(names, how, strict=True):
            command = ["sh", "-c", "echo out; echo err >&2; exit 5"] if state in ("ended", "created") else TRAPPING
            assert docker(host, "create", "-v", "/data", "--name", name, IMAGE, *command)[0] == 0
            if state != "created":
                docker(host, "start", name)
            if state == "ended":
                docker(host, "wait", name)
            else:
                _until_ready(host, name, state)
        yield names
    finally:
        docker(host, "rm", "-f", "-v", *names)


def _until_ready(host: str, name: str, state: str) -> None:
    if state in ("running", "paused"):
        argv = [sys.executable, "-m", "rawdock", "-H", host, "logs", "-f", name]
        with subprocess.Popen(argv, stdout=subprocess.PIPE) as following:
            assert following.stdout and following.stdout.readline() == b"ready\n"
            following.kill()
    if state == "paused":
        docker(host, "pause", name)


def done(host: str, program: Program, how: list[str], words: list[str]) -> tuple[int, str, list[tuple[int, str]]]:
    """Exit code and output of the command on new containers, then the state of each. In `words` 0 and 1 stand for names."""
    with containers(host, *how) as names:
        given = [names[int(word)] if word in ("0", "1") else word for word in words]
        code, output = program(host, *given)
        if "USR1" in words and "0" in words:
            docker(host, "wait", names[0])  # it ends a moment later
        for number, name in enumerate(names):
            output = output.replace(name, str(number))
        return code, output, [_state(host, name) for name in names]


def _state(host: str, name: str) -> tuple[int, str]:
    code, state = docker(host, "inspect", "-f", STATE, name)
    return code, state.replace("stopped", "exited")  # which Podman says for a moment


@pytest.mark.parametrize(
    ("words", "how"),
    [
        ("start 0 1", "created ended"),
        ("start 0 nobody 1", "created running"),
        ("start -a 0", "created"),
        ("start -a -i 0", "ended"),
        ("start -a nobody", ""),
        ("start 0", "paused"),
        ("stop 0 1", "running running"),
        ("stop nobody 0", "running"),
        ("stop -t 3 0", "created"),
        ("stop 0", "ended"),
        ("restart 0 nobody", "running"),
        ("restart -t 5 0 1", "ended running"),
        ("kill 0 1", "running running"),
        ("kill -s USR1 0", "running"),
        ("kill --signal NOPE 0", "running"),
        ("kill 0", "ended"),
        ("rm 0 nobody 1", "created ended"),
        ("rm 0", "running"),
        ("rm -f 0 1", "running paused"),
        ("rm -f -v nobody", ""),
        ("rm /0", "ended"),
        ("wait 0 nobody 0", "ended"),
        pytest.param("wait 0", "created", marks=engine.docker_is_no_judge),  # now 0, now -1
    ],
)
def test_the_same_is_printed_and_has_happened(host: str, words: str, how: str) -> None:
    theirs = done(host, docker, how.split(), words.split())
    assert done(host, rawdock, how.split(), words.split()) == theirs


def test_options_may_stand_between_the_names(host: str) -> None:
    with containers(host, "ended", "running") as (first, second):
        assert rawdock(host, "rm", first, "-f", second) == (0, f"{first}\n{second}\n")


def test_volumes_go_with_their_container_when_asked(host: str) -> None:
    with containers(host, "created") as (name,):
        _, volume = docker(host, "inspect", "-f", "{{(index .Mounts 0).Name}}", name)
        assert docker(host, "volume", "inspect", volume.strip())[0] == 0
        assert rawdock(host, "rm", "-v", name) == (0, f"{name}\n")
        assert docker(host, "volume", "inspect", volume.strip())[0] == 1


@pytest.mark.skipif(engine.PODMAN or engine.docker(23), reason="the engine speaks API 1.42, which has the signal")
def test_a_signal_for_stop_is_refused_where_the_daemon_would_send_another(host: str) -> None:
    argv = [sys.executable, "-m", "rawdock", "-H", host, "stop", "-s", "INT", "web"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2 and "came with API 1.42, and API 1.41 is spoken" in done.stderr
    assert docker(host, "inspect", "-f", "{{.State.Running}}", "web") == (0, "true\n")


def test_wait_waits(host: str) -> None:
    with containers(host, "running") as (name,):
        argv = [sys.executable, "-m", "rawdock", "-H", host, "wait", name]
        with subprocess.Popen(argv, stdout=subprocess.PIPE) as waiting:
            docker(host, "stop", name)
            assert waiting.communicate(timeout=30)[0] == b"3\n"


def test_ctrl_c_is_passed_on_by_an_attached_start(host: str) -> None:
    name = f"life-{uuid.uuid4().hex[:8]}"
    script = "trap 'echo caught' INT; trap 'exit 4' USR1; echo ready; while :; do sleep 0.05; done"
    assert docker(host, "create", "--name", name, IMAGE, "sh", "-c", script)[0] == 0
    try:
        with PseudoTerminal([sys.executable, "-m", "rawdock", "-H", host, "start", "-a", name]) as terminal:
            terminal.expect(rb"ready")
            terminal.press(b"\x03")
            terminal.expect(rb"caught")
            docker(host, "kill", "-s", "USR1", name)
            assert terminal.wait() == 4
    finally:
        docker(host, "rm", "-f", name)


def test_an_attached_start_has_our_terminal_and_gives_our_input(host: str) -> None:
    name = f"life-{uuid.uuid4().hex[:8]}"
    assert docker(host, "create", "-it", "--name", name, IMAGE, "sh")[0] == 0
    try:
        argv = [sys.executable, "-m", "rawdock", "-H", host, "start", "-ai", name]
        with PseudoTerminal(argv, 31, 71) as terminal:
            terminal.press(b"until stty size | grep '31 71'; do :; done\n")
            terminal.expect(rb"\n31 71\r\n")
            terminal.press(b"exit 6\n")
            assert terminal.wait() == 6
            assert terminal.settings == terminal.before
    finally:
        docker(host, "rm", "-f", name)


def test_input_of_an_attached_start_ends(host: str) -> None:
    name = f"life-{uuid.uuid4().hex[:8]}"
    assert docker(host, "create", "-i", "--rm", "--name", name, IMAGE, "wc", "-c")[0] == 0
    argv = [sys.executable, "-m", "rawdock", "-H", host, "start", "-ai", name]
    ended = subprocess.run(argv, input=b"x" * 1_000_000, capture_output=True, check=True, timeout=60)
    assert ended.stdout.strip() == b"1000000"
    assert docker(host, "inspect", name)[0] == 1  # it was waited for until the daemon had removed it
