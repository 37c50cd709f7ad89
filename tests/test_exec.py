"""exec over a daemon whose bytes stand here: requests, faults, the exit code. A real one is in test_exec_lab.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from client_faces import Caller, frame, talk, upgraded
from wire_daemon import HOLD, REQUEST, Connection, Script, Step, reply

from rawdock.client.execs import ExecResult
from rawdock.errors import (
    ConflictError,
    ConnectionLostError,
    ExecStartError,
    NotFoundError,
    ProtocolError,
    RequestError,
    TimedOutError,
    TruncatedError,
)

CREATED = reply(b'{"Id":"e1"}', "201 Created")
BY_PODMAN = reply(b'{"Id":"e1"}', "201 Created", ["Libpod-API-Version: 5.4.2"])
PODMAN_SAYS = (
    b"Error: crun: executable file `/nosuch` not found: OCI runtime attempted to invoke a command that was not found\n"
)
PODMAN_ADDS = b"Error: read unixpacket @->/proc/self/fd/13/attach: read: connection reset by peer\n"
RUNTIME = b'OCI runtime exec failed: exec: "/nosuch": stat /nosuch: no such file or directory: unknown\r\n'


@pytest.fixture(params=["blocking", "asyncio", "trio"])
def caller(request: pytest.FixtureRequest) -> Caller:
    return Caller(request.param)


def inspected(code: int | None, pid: int = 77, running: bool = False) -> bytes:
    return reply(json.dumps({"Running": running, "ExitCode": code, "Pid": pid}).encode())


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(data), data)


def exec_scripts(*steps: Step, inspections: list[bytes], created: bytes = CREATED) -> list[Script]:
    """Create and start on one connection, which is then the exec's own; exec inspect on another."""
    asked: list[Step] = [step for inspection in inspections for step in (REQUEST, inspection)]
    return [[REQUEST, created, REQUEST, *steps], [*asked, HOLD]]


def test_exec_run_gives_both_outputs_and_the_exit_code(caller: Caller, tmp_path: Path) -> None:
    scripts = exec_scripts(
        upgraded() + frame(1, b"out") + frame(2, b"err") + frame(0, b"!"), inspections=[inspected(3)]
    )
    found, daemon = talk(
        caller, tmp_path, lambda client: client.exec_run("web", ["a", "b"], env={"K": "v"}, workdir="/w"), *scripts
    )
    assert found == ExecResult(b"out!", b"err", 3)
    assert daemon.lines == [
        ["POST /v1.43/containers/web/exec HTTP/1.1", "POST /v1.43/exec/e1/start HTTP/1.1"],
        ["GET /v1.43/exec/e1/json HTTP/1.1"],
    ]
    assert json.loads(daemon.requests[0][0].partition(b"\r\n\r\n")[2]) == {
        "AttachStdin": False,
        "AttachStdout": True,
        "AttachStderr": True,
        "Tty": False,
        "Cmd": ["a", "b"],
        "Env": ["K=v"],
        "WorkingDir": "/w",
    }


def test_one_text_is_for_a_shell_and_the_rest_is_passed_on(caller: Caller, tmp_path: Path) -> None:
    def body(client: Any) -> Any:
        return client.exec_run("web", "echo $HOME", tty=True, user="me", privileged=True)

    found, daemon = talk(caller, tmp_path, body, *exec_scripts(upgraded() + b"/\r\n", inspections=[inspected(0)]))
    assert found == ExecResult(b"/\r\n", b"", 0)
    sent = json.loads(daemon.requests[0][0].partition(b"\r\n\r\n")[2])
    assert (sent["Cmd"], sent["Tty"], sent["User"], sent["Privileged"]) == (
        ["sh", "-c", "echo $HOME"],
        True,
        "me",
        True,
    )
    assert daemon.requests[0][1].endswith(b'{"Detach": false, "Tty": true}')


def test_exec_settings_may_be_what_python_has(caller: Caller, tmp_path: Path) -> None:
    """User 0 is a user, a path is a folder, and a variable of None is taken away."""

    def body(client: Any) -> Any:
        env = {"A": 1, "B": None}
        return client.exec_run("web", [Path("/bin/true"), "x"], user=0, workdir=PurePosixPath("/w"), env=env)

    _, daemon = talk(caller, tmp_path, body, *exec_scripts(upgraded(), inspections=[inspected(0)]))
    sent = json.loads(daemon.requests[0][0].partition(b"\r\n\r\n")[2])
    assert (sent["User"], sent["WorkingDir"], sent["Env"]) == ("0", "/w", ["A=1", "B"])
    assert sent["Cmd"] == ["/bin/true", "x"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", b""),
        (b"x", b"x"),
        ("\N{SNOWMAN}", "\N{SNOWMAN}".encode()),
        ([b"a", b"", b"b"], b"ab"),
        (b"y" * 1_000_000, b"y" * 1_000_000),
    ],
    ids=["nothing", "a byte", "text", "an iterable", "a megabyte"],
)
def test_input_goes_in_and_ends(caller: Caller, content: Any, expected: bytes, tmp_path: Path) -> None:
    scripts = exec_scripts(upgraded(), Connection.until_eof, frame(1, b"read"), inspections=[inspected(0)])
    found, daemon = talk(caller, tmp_path, lambda client: client.exec_run("web", ["cat"], input=content), *scripts)
    assert found == ExecResult(b"read", b"", 0)
    assert bytes(daemon.connections[0].received).endswith(b'"Tty": false}' + expected)
    assert b'"AttachStdin": true' in daemon.requests[0][0]


@pytest.mark.parametrize(
    ("content", "keys"), [(b"", b"\x04"), (b"line\n", b"line\n\x04"), ([b"a", b"b", b""], b"ab\x04\x04")]
)
def test_with_a_tty_the_end_of_input_is_typed(caller: Caller, content: Any, keys: bytes, tmp_path: Path) -> None:
    typed: list[bytes] = []

    def take(connection: Connection) -> None:
        data = b""
        while not data.endswith(keys):
            data += connection.receive()
        typed.append(data)

    scripts = exec_scripts(upgraded(), take, b"out", inspections=[inspected(0)])
    talk(caller, tmp_path, lambda client: client.exec_run("web", ["cat"], input=content, tty=True), *scripts)
    assert typed == [keys]


def test_a_file_is_read_from_where_it_stands(caller: Caller, tmp_path: Path) -> None:
    (tmp_path / "input").write_bytes(b"not this, " + b"but this")

    def body(client: Any) -> Any:
        with (tmp_path / "input").open("rb") as file:
            file.seek(10)
            return client.exec_run("web", ["cat"], input=file)

    _, daemon = talk(
        caller, tmp_path, body, *exec_scripts(upgraded(), Connection.until_eof, inspections=[inspected(0)])
    )
    assert bytes(daemon.connections[0].received).endswith(b"}but this")


def test_what_cannot_be_sent_is_said_before_anything_runs(caller: Caller, tmp_path: Path) -> None:
    def body(client: Any) -> None:
        with pytest.raises(RequestError, match="cannot be sent"):
            client.exec_run("web", ["x"], input={})
        with pytest.raises(RequestError, match="cannot be sent"):
            client.run("image", ["x"], input=3)

    assert talk(caller, tmp_path, body)[1].connections == []


def test_an_error_of_the_input_ends_the_exec(caller: Caller, tmp_path: Path) -> None:
    class Fault(Exception):
        pass

    def broken() -> Iterator[bytes]:
        yield b"some"
        raise Fault

    def body(client: Any) -> None:
        with pytest.raises(Fault):
            client.exec_run("web", ["cat"], input=broken())

    talk(caller, tmp_path, body, *exec_scripts(upgraded(), HOLD, inspections=[]))


def test_the_exit_code_is_waited_for(caller: Caller, tmp_path: Path) -> None:
    """The daemon may learn of the process's end after that of its output, and a process may close its output early."""
    inspections = [inspected(None, running=True), inspected(None, running=True), inspected(5)]
    scripts = exec_scripts(upgraded(), inspections=inspections)
    assert talk(caller, tmp_path, lambda client: client.exec_run("web", ["x"]), *scripts)[0].exit_code == 5


@pytest.mark.parametrize("code", [126, 127, 128])
def test_an_exec_that_never_had_a_process_is_an_error(caller: Caller, code: int, tmp_path: Path) -> None:
    def body(client: Any) -> None:
        with pytest.raises(
            ExecStartError, match="exec of '/nosuch' in web did not start: OCI runtime exec f"
        ) as caught:
            client.exec_run("web", ["/nosuch"])
        assert caught.value.exit_code == code

    talk(caller, tmp_path, body, *exec_scripts(upgraded() + frame(1, RUNTIME), inspections=[inspected(code, pid=0)]))


@pytest.mark.parametrize(
    ("inspection", "output"),
    [
        (inspected(126), frame(1, RUNTIME)),  # a program that prints the runtime's words
        (inspected(127, pid=0), frame(2, b"sh: nosuch: not found")),
        (inspected(127, pid=0), b""),
        (inspected(1, pid=0), frame(1, b"words")),
    ],
)
def test_a_programs_own_exit_code_is_none(caller: Caller, inspection: bytes, output: bytes, tmp_path: Path) -> None:
    scripts = exec_scripts(upgraded() + output, inspections=[inspection])
    found = talk(caller, tmp_path, lambda client: client.exec_run("web", ["x"]), *scripts)[0]
    assert found.exit_code in (1, 126, 127)


@pytest.mark.parametrize("code", [125, 126, 127])
@pytest.mark.parametrize(
    ("tty", "output"),
    [
        (False, frame(2, PODMAN_SAYS) + frame(2, PODMAN_ADDS)),
        (False, frame(2, PODMAN_SAYS)),  # one in forty, when the machine is busy
        (True, PODMAN_SAYS),
    ],
)
def test_podman_says_on_stderr_that_there_never_was_a_process(
    caller: Caller, tty: bool, output: bytes, code: int, tmp_path: Path
) -> None:
    def body(client: Any) -> None:
        with pytest.raises(
            ExecStartError, match=r"in web did not start: crun: .* command that was not found$"
        ) as caught:
            client.exec_run("web", ["/nosuch"], tty=tty)
        assert caught.value.exit_code == code

    scripts = exec_scripts(upgraded() + output, inspections=[inspected(code, pid=0)], created=BY_PODMAN)
    talk(caller, tmp_path, body, *scripts)


@pytest.mark.parametrize(
    ("tty", "output"),
    [
        (False, frame(1, RUNTIME)),
        (False, frame(2, b"sh: nosuch: not found\n")),
        (False, frame(2, b"Error: nothing to do\n")),
        (False, frame(2, PODMAN_SAYS + b"and more\n")),
        (False, frame(1, b"x") + frame(2, PODMAN_SAYS + PODMAN_ADDS)),
        (False, b""),
        (True, b"sh: nosuch: not found\r\n"),
        (True, PODMAN_SAYS.replace(b"\n", b"\r\n")),  # what a process writes goes through the TTY
    ],
)
def test_podman_forgets_the_pid_of_what_ran(caller: Caller, tty: bool, output: bytes, tmp_path: Path) -> None:
    scripts = exec_scripts(upgraded() + output, inspections=[inspected(127, pid=0)], created=BY_PODMAN)
    assert talk(caller, tmp_path, lambda client: client.exec_run("web", ["x"], tty=tty), *scripts)[0].exit_code == 127


def test_the_streaming_form_sets_the_exit_code_after_the_last_frame(caller: Caller, tmp_path: Path) -> None:
    def body(client: Any) -> list[Any]:
        with client.exec_stream("web", ["x"], input=b"in") as stream:
            before = stream.exit_code
            frames = [frame.data for frame in stream]
            return [before, *frames, stream.exit_code, list(stream)]

    scripts = exec_scripts(
        upgraded(), Connection.until_eof, frame(1, b"a") + frame(2, b"b"), inspections=[inspected(9)]
    )
    assert talk(caller, tmp_path, body, *scripts)[0] == [None, b"a", b"b", 9, []]


def test_leaving_the_streaming_form_early_stops_the_input_and_closes(caller: Caller, tmp_path: Path) -> None:
    def body(client: Any) -> None:
        with client.exec_stream("web", ["x"], input=(b"x" * 65536 for _ in range(10**9))) as stream:
            assert stream.exit_code is None

    talk(caller, tmp_path, body, *exec_scripts(upgraded(), HOLD, inspections=[]))


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([reply(b'{"message":"No such container: web"}', "404 Not Found")], NotFoundError),
        ([reply(b'{"message":"Container web is paused"}', "409 Conflict")], ConflictError),
        ([reply(b"{}")], ProtocolError),
        ([reply(b'{"Id":"../x"}')], ProtocolError),
        ([CREATED, reply(b'{"message":"No such exec instance: e1"}', "404 Not Found")], NotFoundError),
        ([CREATED, upgraded() + frame(1, b"words")[:10]], TruncatedError),
        ([CREATED], ConnectionLostError),
    ],
)
def test_faults_on_the_way_are_raised(
    caller: Caller, answers: list[bytes], kind: type[Exception], tmp_path: Path
) -> None:
    script: list[Step] = [step for answer in answers for step in (REQUEST, answer)]

    def body(client: Any) -> None:
        with pytest.raises(kind):
            client.exec_run("web", ["x"])

    talk(caller, tmp_path, body, [*script, *([REQUEST] if kind is ConnectionLostError else [])])


def test_a_time_out_of_an_exec_says_that_its_process_goes_on(caller: Caller, tmp_path: Path) -> None:
    def body(client: Any) -> None:
        with pytest.raises(
            TimedOutError, match=r"the exec in web took over 0\.1 s; its process may still run"
        ) as caught:
            client.exec_run("web", ["x"], timeout=0.1)
        assert caught.value.limit == "total"

    talk(caller, tmp_path, body, *exec_scripts(upgraded(), HOLD, inspections=[]))
