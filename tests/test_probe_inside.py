"""The agent's work without the agent: its words taken apart by namespace, and its lines from Python and from sh."""

from __future__ import annotations

import errno
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rawdock.errors import ConflictError
from rawdock.probe.agent_lines import Report, read_report, tcp_word, udp_word, without_version
from rawdock.probe.dns import name_in, query, read_answer
from rawdock.probe.exec_scripts import python_command, shell_command
from rawdock.probe.inside import lines
from rawdock.probe.many import Many
from rawdock.probe.observation import Observation, Outcome
from rawdock.probe.segments import Segment, merged, refusal, segments, unavailable

# Words by namespace

WORDS = [
    "timeout=1500",
    "tcp=1.1.1.1,1",
    "ns=web",
    "file=/x",
    "tcp=1.1.1.1,2",
    "ns=empty",
    "ns=db",
    "timeout=9",
    "udp=1.1.1.1,3,00",
]


def test_words_are_taken_apart_and_settings_hold_on() -> None:
    assert segments(WORDS) == [
        Segment("", ["timeout=1500", "tcp=1.1.1.1,1"], [1, 2]),
        Segment("web", ["timeout=1500", "file=/x", "tcp=1.1.1.1,2"], [1, 4, 5]),
        Segment("db", ["timeout=1500", "timeout=9", "udp=1.1.1.1,3,00"], [1, 8, 9]),
    ]


def test_reports_are_put_together_by_the_place_of_each_word() -> None:
    host, web, db = segments(WORDS)
    quiet = Observation(Outcome.QUIET)
    parts = [
        (host, Report(observations={2: quiet})),
        (web, Report(files={2: b"x"}, observations={3: quiet})),
        (db, unavailable(db, "paused")),
    ]
    assert merged(parts) == Report(
        observations={2: quiet, 5: quiet, 9: Observation(Outcome.NO_VANTAGE, errno.EACCES, why="paused")},
        files={4: b"x"},
    )
    assert unavailable(web, "gone").file_errors == {2: errno.EACCES}


def test_a_refusal_has_the_daemons_words_and_a_short_id() -> None:
    error = ConflictError(409, "the daemon answered 409", message=f"Container {'a' * 64} is paused")
    assert refusal(Segment("a" * 64, [], []), error) == f"Container {'a' * 12} is paused"


def test_what_a_job_raises_comes_out_when_it_is_collected() -> None:
    def job(segment: Segment) -> Report:
        if segment.place == "db":
            raise OSError("lost")
        return Report()

    many = Many(job)
    try:
        with pytest.raises(OSError, match="lost"):
            many.start(WORDS)
            many.collect()
        many.start(WORDS[:5])
        assert many.collect() == Report()
    finally:
        many.end()


# Lines


def reported(output: bytes) -> Report:
    return read_report(without_version(output))


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, int]]:
    """Listeners on 127.0.0.1, each with its own answer; `refused` is nobody's."""
    listeners = {name: socket.create_server(("127.0.0.1", 0)) for name in ("quiet", "data", "closed", "full")}
    kept: list[socket.socket] = []

    def serve(name: str) -> None:
        while True:
            try:
                connection, _ = listeners[name].accept()
            except OSError:
                return
            if name == "data":
                connection.sendall(b"220 hello\r\n")
            if name == "closed":
                connection.close()
            else:
                kept.append(connection)

    threads = [threading.Thread(target=serve, args=[name]) for name in ("quiet", "data", "closed")]
    for thread in threads:
        thread.start()
    listeners["full"].listen(0)  # whoever comes after the second is not answered
    address = listeners["full"].getsockname()
    kept += [socket.socket() for _ in range(3)]
    for number, one in enumerate(kept[-3:]):
        one.setblocking(number == 0)
        one.connect_ex(address)
    spare = socket.create_server(("127.0.0.1", 0))
    found = {name: listener.getsockname()[1] for name, listener in listeners.items()}
    found["refused"] = spare.getsockname()[1]
    spare.close()
    yield found
    for listener in listeners.values():
        try:
            listener.shutdown(socket.SHUT_RDWR)
        finally:
            listener.close()
    for thread in threads:
        thread.join()
    for one in kept:
        one.close()


OUTCOMES = {
    "quiet": Outcome.QUIET,
    "data": Outcome.DATA,
    "closed": Outcome.CLOSED,
    "full": Outcome.TIMEOUT,
    "refused": Outcome.FAILED,
}


def words(ports: dict[str, int]) -> list[str]:
    asked = [tcp_word("127.0.0.1", ports[name]) for name in OUTCOMES]
    return ["timeout=1000", *asked, "file=/proc/self/net/tcp", "file=/nowhere", udp_word("127.0.0.1", 1, query("a"))]


def assert_seen(report: Report) -> None:
    seen = {name: report.observations[number] for number, name in enumerate(OUTCOMES, 2)}
    assert {name: one.outcome for name, one in seen.items()} == OUTCOMES
    assert seen["refused"].errno == errno.ECONNREFUSED and seen["full"].errno == errno.ETIMEDOUT
    assert b"local_address" in report.files[7] and not report.file_errors.get(7)
    assert report.file_errors[8] == errno.ENOENT
    assert report.observations[9].outcome is Outcome.FAILED


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/net/tcp, and counts on Linux's queue")
class TestLines:
    def test_python_says_what_the_agent_would(self, ports: dict[str, int]) -> None:
        assert_seen(reported(lines(words(ports))))

    def test_as_text_for_another_python_it_says_the_same(self, ports: dict[str, int]) -> None:
        command = python_command(words(ports))
        done = subprocess.run([sys.executable, "-I", *command[1:]], capture_output=True, timeout=30, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        assert_seen(reported(done.stdout))

    @pytest.mark.parametrize("tool", ["bash", "busybox"])
    def test_sh_says_the_same_with_bash_or_with_nc(self, ports: dict[str, int], tool: str, tmp_path: Path) -> None:
        """A PATH of few programs; of busybox sh finds all, nslookup too."""
        program = shutil.which(tool)
        assert program, f"{tool} is not installed; scripts/test installs it"
        applets = ["sh", "timeout", "sleep", "cat", "tr", "head", "sed", "readlink"]
        if tool == "busybox":
            for applet in [*applets, "nc"]:
                (tmp_path / applet).symlink_to(program)
        else:
            for name in [*applets, "bash"]:
                found = shutil.which(name)
                assert found
                (tmp_path / name).symlink_to(found)
        done = subprocess.run(
            [tmp_path / "sh", *shell_command(words(ports))[1:]],
            env={"PATH": str(tmp_path)},
            capture_output=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        report = reported(done.stdout)
        if tool == "bash":
            name_server = report.observations.pop(9)
            assert (name_server.outcome, name_server.errno) == (Outcome.ERROR, errno.EOPNOTSUPP)
            report.observations[9] = Observation(Outcome.FAILED)
        assert_seen(report)

    def test_sh_without_its_tools_says_so_by_its_status(self, tmp_path: Path) -> None:
        for name in ("sh", "cat"):
            found = shutil.which(name)
            assert found
            (tmp_path / name).symlink_to(found)
        done = subprocess.run(
            [tmp_path / "sh", *shell_command(["file=/proc/self/net/tcp"])[1:]],
            env={"PATH": str(tmp_path)},
            capture_output=True,
            timeout=30,
            check=False,
        )
        assert (done.returncode, done.stdout) == (127, b"")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("Server:\t\t127.0.0.11\nAddress:\t127.0.0.11:53\n\nName:\tdb\nAddress: 172.18.0.3\n", (0, ["172.18.0.3"])),
        ("Server: 127.0.0.11\nAddress 1: 127.0.0.11\n\nName: db\nAddress 1: 172.18.0.3 db.x\nAddress 2: 10.0.0.1\n",
         (0, ["172.18.0.3", "10.0.0.1"])),
        ("** server can't find db: NXDOMAIN\n", (3, [])),
        ("*** Can't find db: No answer\n", (0, [])),
    ],
)  # fmt: skip
def test_what_nslookup_says_becomes_the_answer_that_it_was(
    said: str, answer: tuple[int, list[str]], tmp_path: Path
) -> None:
    """The words of busybox 1.35 and 1.30 and of BIND's, from a program of the test's."""
    program = tmp_path / "nslookup"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{said}END\n")
    program.chmod(0o755)
    done = subprocess.run(
        shell_command(["timeout=1000", udp_word("127.0.0.11", 53, query("db"))]),
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        timeout=30,
        check=False,
    )
    seen = reported(done.stdout).observations[2]
    assert seen.outcome is Outcome.REPLY
    assert tuple(read_answer(seen.data)) == answer


def test_the_name_in_a_question_is_found_again() -> None:
    assert name_in(query("db.x-1")) == "db.x-1"
    assert name_in(b"\0" * 9) == "" == name_in(query("db") + b"x")
