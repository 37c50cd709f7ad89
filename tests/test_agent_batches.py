"""The probe agent by batches from its standard input, and probes that begin later."""

from __future__ import annotations

import contextlib
import errno
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest
from test_agent import AGENT, Output, Running, closed_port, lab, listening, parse, pytestmark, target, within
from test_agent import Lab as AgentLab

__all__ = ["closed_port", "lab", "listening", "pytestmark"]


class Session:
    """An agent that is asked batch after batch."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([str(AGENT), "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.version = self._line()

    def ask(self, *words: str) -> Output:
        self.send(*words)
        raw = b""
        while (line := self._line()) not in (b"end\n", b""):
            raw += line
        return parse(b"agent 2\n" + raw, 0)

    def send(self, *words: str) -> None:
        assert self.process.stdin
        self.process.stdin.write("".join(f"{word}\n" for word in (*words, "")).encode())
        self.process.stdin.flush()

    def end(self) -> tuple[bytes, int]:
        rest, _ = self.process.communicate(timeout=20)
        return rest, self.process.returncode

    def _line(self) -> bytes:
        assert self.process.stdout
        return self.process.stdout.readline()


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session()
    yield session
    session.process.kill()
    with contextlib.suppress(BrokenPipeError):
        session.process.communicate()


def test_each_batch_is_answered_by_itself(session: Session, listening: socket.socket, closed_port: str) -> None:
    assert session.version == b"agent 2\n"
    first = session.ask("listen=0", f"tcp={target(listening)}", f"tcp={closed_port}")
    assert [(probe.word, probe.outcome) for probe in first.probes] == [(2, "quiet"), (3, "failed")]
    second = session.ask(f"tcp={closed_port}")
    assert [(probe.word, probe.outcome) for probe in second.probes] == [(1, "failed")]
    assert session.end() == (b"", 0)


def test_a_batch_may_ask_for_4096_probes(session: Session, closed_port: str) -> None:
    probes = session.ask(*[f"tcp={closed_port}"] * 4096).probes
    assert {probe.errno for probe in probes} <= {errno.ECONNREFUSED, errno.EMFILE}
    assert len(probes) == 4096


def test_what_one_batch_set_does_not_hold_for_the_next(session: Session, listening: socket.socket) -> None:
    assert session.ask("ns=/nowhere", f"tcp={target(listening)}").probe.outcome == "no-vantage"
    assert session.ask(f"tcp={target(listening)}", "listen=0").probe.outcome == "quiet"


def test_without_more_words_the_agent_ends(session: Session) -> None:
    assert session.end() == (b"", 0)


def test_a_batch_that_breaks_off_is_not_worked_on(session: Session, listening: socket.socket) -> None:
    assert session.process.stdin
    session.process.stdin.write(f"tcp={target(listening)}\n".encode())
    assert session.end() == (b"", 0)
    listening.settimeout(0)
    with pytest.raises(BlockingIOError):
        listening.accept()


def test_a_word_not_understood_ends_the_session(session: Session) -> None:
    session.send("tpc=1.2.3.4,5")
    assert session.end() == (b"error unknown-word tpc=1.2.3.4,5\n", 2)


@pytest.mark.parametrize("words", [["listen=1"] * 20_000, [f"file={'x' * 5_000_000}"]])
def test_too_long_a_batch_ends_the_session(session: Session, words: list[str]) -> None:
    try:
        session.send(*words)
    except BrokenPipeError:
        pass
    assert session.process.stdout
    assert session.process.stdout.read() == b"error too-long\n"
    assert session.process.wait(timeout=20) == 2


@pytest.mark.lab
def test_each_batch_begins_where_the_agent_was_born(lab: AgentLab) -> None:
    with within(lab.server, lambda: socket.create_server(("127.0.0.1", 0))) as server:
        session = within(lab.client, Session)
        asked = ("listen=0", f"tcp={target(server)}")
        try:
            assert session.ask(*asked).probe.outcome == "failed"
            assert session.ask(f"ns={lab.server}", *asked).probe.outcome == "quiet"
            assert session.ask(*asked).probe.outcome == "failed"
        finally:
            session.end()


def test_a_probe_that_begins_later_is_timed_from_its_beginning(listening: socket.socket) -> None:
    begun = time.monotonic()
    agent = Running(
        str(AGENT),
        "listen=0",
        "after=400",
        "timeout=300",
        f"tcp={target(listening)}",
        "after=0",
        f"tcp={target(listening)}",
    )
    late, soon = (probe.microseconds for probe in agent.output().probes)
    assert time.monotonic() - begun >= 0.4
    assert late < 300_000
    assert soon < 300_000


@pytest.mark.lab
def test_a_later_probe_is_of_the_namespace_that_it_was_asked_in(lab: AgentLab) -> None:
    with within(lab.server, lambda: socket.create_server(("127.0.0.1", 0))) as server:
        asked = f"tcp={target(server)}"
        words = ("listen=0", f"ns={lab.server}", "after=100", asked, f"ns={lab.client}", asked)
        probes = Running(str(AGENT), *words).output().probes
    assert [probe.outcome for probe in probes] == ["quiet", "failed"]
