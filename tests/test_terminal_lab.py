"""Interactive commands in a real pseudo-terminal, over a Unix socket and over TLS."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import engine
import pytest
from pseudo_terminal import PseudoTerminal

LAB = Path(__file__).resolve().parents[1] / "scripts" / "lab"

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="the lab needs Linux and root"),
]


class Client:
    """The lab's client, in its namespace."""

    def __init__(self, topology: str) -> None:
        self.words = [topology, "--as", f"tty-{uuid.uuid4().hex[:8]}"]

    def argv(self, *words: str) -> list[str]:
        return [str(LAB), "exec", *self.words, sys.executable, "-m", "rawdock", *words]

    def terminal(self, *words: str, rows: int = 24, columns: int = 80) -> PseudoTerminal:
        return PseudoTerminal(self.argv(*words), rows, columns)

    def run(self, *words: str, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(self.argv(*words), input=input, capture_output=True, check=False, timeout=60)


@pytest.fixture(scope="module", params=["native", "docker-machine"])
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    engine.skip_unless_in(request.param)
    it = Client(request.param)
    subprocess.run([LAB, "up", *it.words], check=True, capture_output=True)
    try:
        yield it
    finally:
        subprocess.run([LAB, "down", *it.words], check=True, capture_output=True)


SHELL: Sequence[str] = ("exec", "-it", "web", "sh")


def test_a_shell_is_talked_to_and_its_exit_code_is_ours(client: Client) -> None:
    with client.terminal(*SHELL) as terminal:
        terminal.press(b"echo 1$((1))1\n")
        terminal.expect(rb"\n111\r\n")
        terminal.press(b"exit 5\n")
        assert terminal.wait() == 5
        assert terminal.settings == terminal.before


def test_the_process_has_our_terminals_size_and_learns_when_it_changes(client: Client) -> None:
    with client.terminal(*SHELL, rows=33, columns=77) as terminal:
        terminal.press(b"until stty size | grep '33 77'; do :; done\n")
        terminal.expect(rb"\n33 77\r\n")
        terminal.resize(44, 99)
        terminal.press(b"until stty size | grep '44 99'; do :; done\n")
        terminal.expect(rb"\n44 99\r\n")


def test_ctrl_c_is_the_processes_and_not_ours(client: Client) -> None:
    with client.terminal(*SHELL) as terminal:
        # In a shell of its own: between the echo and the sleep, the terminal's own shell would take the signal and go on.
        terminal.press(b"sh -c \"echo re''ady; exec sleep 1000\"\n")
        terminal.expect(rb"ready\r\n")
        terminal.press(b"\x03")
        terminal.press(b"echo still $((2+2))\n")
        terminal.expect(rb"still 4\r\n")
        terminal.press(b"exit\n")
        assert terminal.wait() in (0, 130)


def test_the_detach_keys_leave_it_running(client: Client) -> None:
    marker = uuid.uuid4().hex
    with client.terminal(*SHELL) as terminal:
        terminal.press(f"touch /tmp/{marker}; echo re''ady; while test -e /tmp/{marker}; do sleep 0.1; done\n".encode())
        terminal.expect(rb"ready\r\n")
        terminal.press(b"\x10\x11")
        assert terminal.wait() == 0
        assert terminal.settings == terminal.before
    done = client.run("exec", "web", "rm", f"/tmp/{marker}")
    assert done.returncode == 0


def test_other_detach_keys_are_taken_and_the_usual_ones_are_then_the_processes(client: Client) -> None:
    with client.terminal("exec", "-it", "--detach-keys", "ctrl-x,y", "web", "cat") as terminal:
        terminal.press(b"a\x10\x11\x18b\n")
        terminal.expect(rb"b\r\n")
        terminal.press(b"\x18y")
        assert terminal.wait() == 0


def test_the_terminal_is_as_it_was_after_the_daemon_refuses(client: Client) -> None:
    with client.terminal("exec", "-it", "nosuch", "sh") as terminal:
        terminal.expect(engine.NO_CONTAINER.encode())
        assert terminal.wait() == 4
        assert terminal.settings == terminal.before


@pytest.mark.parametrize("size", [0, 1, 5_000_000])
def test_input_through_a_pipe_ends(client: Client, size: int) -> None:
    done = client.run("exec", "-i", "web", "wc", "-c", input=b"x" * size)
    assert (done.returncode, done.stdout.strip()) == (0, str(size).encode())


def test_stdout_and_stderr_stay_apart(client: Client) -> None:
    done = client.run("exec", "web", "sh", "-c", "echo out; echo err >&2; exit 7")
    assert (done.returncode, done.stdout, done.stderr) == (7, b"out\n", b"err\n")


def test_a_tty_without_a_terminal_is_refused_before_anything_runs(client: Client) -> None:
    done = client.run("exec", "-it", "web", "sh")
    assert done.returncode == 2 and b"-t needs a terminal" in done.stderr
