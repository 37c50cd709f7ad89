"""exec, attach and run against a real dockerd, over its Unix socket and over TLS 1.2 and 1.3: scripts/lab's topologies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import engine
import pytest
from client_faces import Caller
from tcp_relay import relay

from rawdock import Client, Endpoint, SyncClient
from rawdock.client.execs import ExecResult
from rawdock.errors import (
    BadRequestError,
    ConflictError,
    ConnectionLostError,
    ExecStartError,
    NotFoundError,
    ServerError,
    TimedOutError,
)
from rawdock.wire.stdcopy import Stream

LAB = Path(__file__).resolve().parents[1] / "scripts" / "lab"
IMAGE = "rawdock-lab:1"
# OpenSSL heeds this for every context of the process: the client's own code stays as it is.
TLS_1_2_AT_MOST = "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nMaxProtocol = TLSv1.2\n"

pytestmark = pytest.mark.lab


@contextmanager
def up(topology: str) -> Iterator[str]:
    """The name under which the topology is up."""
    engine.skip_unless_in(topology)
    name = f"exec-{uuid.uuid4().hex[:8]}"
    words = [topology, "--as", name]
    try:
        done = subprocess.run([LAB, "up", *words], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        yield name
    finally:
        subprocess.run([LAB, "down", *words], capture_output=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def native() -> Iterator[str]:
    with up("native") as name:
        yield name


@pytest.fixture(scope="module")
def machine() -> Iterator[str]:
    with up("docker-machine") as name:
        yield name


@pytest.fixture
def endpoint(native: str) -> Endpoint:
    return Endpoint.parse(f"unix:///var/lib/rawdock-lab/native-{native}/docker.sock", "the lab")


@pytest.fixture(params=["blocking", "asyncio", "trio"])
def caller(request: pytest.FixtureRequest) -> Caller:
    return Caller(request.param)


def containers(endpoint: Endpoint) -> set[str]:
    with SyncClient(endpoint) as client:
        return {name for each in client.get("/containers/json", params={"all": True}).json() for name in each["Names"]}


def converse(topology: str, name: str, flavour: str, **environment: str) -> dict[str, Any]:
    script = Path(__file__).with_name("exec_conversations.py")
    words = ["env", f"PYTHONPATH={LAB.parents[1]}", *(f"{key}={value}" for key, value in environment.items())]
    python = [sys.executable, "-W", "error", str(script), flavour]
    return said([str(LAB), "exec", topology, "--as", name, *words, *python], dict(os.environ))


def said(argv: list[str], environ: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False, env=environ)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


class TestInput:
    """`wc -c` counts 0 bytes, 1 byte and 100 MB, `cat` gives 20 MB back while they go in, all in bounded memory."""

    @pytest.fixture(params=["blocking", "asyncio", "trio"])
    def flavour(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    def check(self, found: dict[str, Any], tls: str | None) -> None:
        assert found["counts"] == [0, 1, 100_000_000]
        assert (found["echo"], found["exit_code"], found["tls"]) == (True, 0, tls)
        assert found["mebibytes"] < 64

    def test_over_a_unix_socket(self, native: str, flavour: str) -> None:
        self.check(converse("native", native, flavour), None)

    def test_over_plain_tcp(self, endpoint: Endpoint, flavour: str) -> None:
        """By a relay: a lab's daemon has no port without TLS."""
        script = Path(__file__).with_name("exec_conversations.py")
        python = [sys.executable, "-W", "error", str(script), flavour]
        with relay(endpoint.address) as port:
            environ = {"PYTHONPATH": str(LAB.parents[1]), "DOCKER_HOST": f"tcp://127.0.0.1:{port}"}
            self.check(said(python, environ), None)

    def test_over_tls_1_3(self, machine: str, flavour: str) -> None:
        self.check(converse("docker-machine", machine, flavour), "TLSv1.3")

    def test_over_tls_1_2(self, machine: str, flavour: str, tmp_path: Path) -> None:
        config = tmp_path / "openssl.cnf"
        config.write_text(TLS_1_2_AT_MOST)
        self.check(converse("docker-machine", machine, flavour, OPENSSL_CONF=str(config)), "TLSv1.2")


class TestExec:
    def test_outputs_and_exit_code_come_apart(self, caller: Caller, endpoint: Endpoint) -> None:
        def body(client: Any) -> Any:
            return client.exec_run(
                "web", 'cat; echo "$A $PWD" >&2; exit 3', input=b"in", env={"A": "b c"}, workdir="/www"
            )

        assert caller.use(endpoint, body) == ExecResult(b"in", b"b c /www\n", 3)

    @pytest.mark.parametrize("tty", [False, True])
    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"cmd": ["/nosuch"]}, "did not start: .*(?i:no such file or directory)"),
            ({"cmd": ["/www"]}, "did not start: .*permission denied"),
            ({"cmd": ["true"], "workdir": "/www/index.html"}, "did not start: "),
        ],
        ids=["missing", "a folder", "no such folder"],
    )
    def test_what_cannot_start_is_an_error(
        self, caller: Caller, endpoint: Endpoint, options: dict[str, Any], words: str, tty: bool
    ) -> None:
        def body(client: Any) -> None:
            with pytest.raises(ExecStartError, match=words):
                client.exec_run("web", tty=tty, **options)

        caller.use(endpoint, body)

    @pytest.mark.parametrize("tty", [False, True])
    def test_an_unknown_user_is_an_error(self, caller: Caller, endpoint: Endpoint, tty: bool) -> None:
        """Docker looks it up when the exec starts, later versions when it is made. Podman refuses the start."""
        refused: type[Exception] = ExecStartError
        if engine.PODMAN or engine.docker(28):
            refused = ServerError if engine.PODMAN else BadRequestError

        def body(client: Any) -> None:
            with pytest.raises(refused, match="unable to find user nosuch"):
                client.exec_run("web", ["true"], user="nosuch", tty=tty)

        caller.use(endpoint, body)

    @pytest.mark.parametrize("code", [126, 127, 128])
    def test_a_programs_own_exit_code_is_no_error(self, caller: Caller, endpoint: Endpoint, code: int) -> None:
        script = f"echo OCI runtime exec failed: exec failed; exit {code}"
        found = caller.use(endpoint, lambda client: client.exec_run("web", script))
        assert found == ExecResult(b"OCI runtime exec failed: exec failed\n", b"", code)

    def test_a_missing_and_a_paused_container_are_told_apart(self, caller: Caller, endpoint: Endpoint) -> None:
        def body(client: Any) -> None:
            with pytest.raises(NotFoundError, match="nosuch"):
                client.exec_run("nosuch", ["true"])
            with pytest.raises(ConflictError, match="paused"):
                client.exec_run("paused", ["true"])

        caller.use(endpoint, body)

    def test_a_process_that_reads_nothing_ends_its_input(self, caller: Caller, endpoint: Endpoint) -> None:
        def body(client: Any) -> Any:
            return client.exec_run("web", "echo enough; exit 2", input=b"x" * 30_000_000)

        if engine.PODMAN:  # it resets the connection when there is input left, and a reset is no end
            with pytest.raises(ConnectionLostError, match="reset by peer"):
                caller.use(endpoint, body)
        else:
            assert caller.use(endpoint, body) == ExecResult(b"enough\n", b"", 2)

    def test_a_process_that_closes_its_output_is_waited_for(self, caller: Caller, endpoint: Endpoint) -> None:
        script = "exec >&- 2>&-; usleep 100000; exit 5"
        assert caller.use(endpoint, lambda client: client.exec_run("web", script)).exit_code == 5

    @pytest.mark.parametrize("content", [b"", b"line\n", b"no newline"])
    def test_with_a_tty_input_ends_too(self, caller: Caller, endpoint: Endpoint, content: bytes) -> None:
        def body(client: Any) -> Any:
            return client.exec_run("web", ["wc", "-c"], input=content, tty=True)

        assert caller.use(endpoint, body).stdout.endswith(b"%d\r\n" % len(content))  # after its echo

    def test_frames_come_as_they_are_written(self, caller: Caller, endpoint: Endpoint) -> None:
        def body(client: Any) -> list[Any]:
            with client.exec_stream("web", "printf a; usleep 50000; printf b >&2; exit 4") as stream:
                return [*((frame.stream, frame.data) for frame in stream), stream.exit_code]

        assert caller.use(endpoint, body) == [(Stream.STDOUT, b"a"), (Stream.STDERR, b"b"), 4]

    def test_a_frame_is_there_before_the_end(self, caller: Caller, endpoint: Endpoint) -> None:
        """`cat` answers while its input stays open: nothing waits for an end or for a full buffer."""

        def body(client: Any) -> list[bytes]:
            settings = {"AttachStdin": True, "AttachStdout": True, "Cmd": ["cat"]}
            exec_id = client.post("/containers/web/exec", json=settings).json()["Id"]
            answers = []
            with client.hijack("POST", f"/exec/{exec_id}/start", json={"Detach": False}, tty=False) as hijack:
                for word in (b"one", b"two"):
                    hijack.send(word)
                    answers.append(hijack.receive()[8:])
                hijack.send_eof()
                answers.append(hijack.receive())
            return answers

        assert caller.use(endpoint, body) == [b"one", b"two", b""]


class TestRun:
    @pytest.mark.parametrize("auto_remove", [False, True])
    def test_nothing_is_lost_and_nothing_stays(self, caller: Caller, endpoint: Endpoint, auto_remove: bool) -> None:
        before = containers(endpoint)

        def body(client: Any) -> Any:
            return client.run(IMAGE, "cat; echo err >&2; exit 7", input=b"in", auto_remove=auto_remove)

        assert caller.use(endpoint, body) == ExecResult(b"in", b"err\n", 7)
        assert containers(endpoint) == before

    def test_much_goes_through(self, caller: Caller, endpoint: Endpoint) -> None:
        found = caller.use(endpoint, lambda client: client.run(IMAGE, ["cat"], input=b"x" * 5_000_000))
        assert (len(found.stdout), found.exit_code) == (5_000_000, 0)

    @pytest.mark.parametrize("auto_remove", [False, True])
    def test_what_cannot_start_does_not_stay(self, caller: Caller, endpoint: Endpoint, auto_remove: bool) -> None:
        before = containers(endpoint)

        def body(client: Any) -> None:
            # Podman prepares the process for the attach, and says then that it cannot.
            with pytest.raises(ServerError if engine.PODMAN else BadRequestError, match="/nosuch"):
                client.run(IMAGE, ["/nosuch"], auto_remove=auto_remove)
            with pytest.raises(NotFoundError, match=r"(?i:no such image)"):
                client.run("nosuch:1", ["true"])

        caller.use(endpoint, body)
        assert containers(endpoint) == before

    def test_a_time_out_leaves_nothing(self, caller: Caller, endpoint: Endpoint) -> None:
        before = containers(endpoint)

        def body(client: Any) -> None:
            with pytest.raises(TimedOutError, match="was removed"):
                client.run(IMAGE, ["sleep", "100"], timeout=0.6)

        caller.use(endpoint, body)
        assert containers(endpoint) == before

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_a_cancellation_leaves_nothing(self, backend: str, endpoint: Endpoint) -> None:
        before = containers(endpoint)

        async def body() -> None:
            async with Client(endpoint) as client:
                with anyio.move_on_after(0.6) as scope:
                    await client.run(IMAGE, ["sleep", "100"], auto_remove=True)
                assert scope.cancelled_caught

        anyio.run(body, backend=backend)
        assert containers(endpoint) == before

    def test_without_remove_it_stays_by_its_name(self, caller: Caller, endpoint: Endpoint) -> None:
        name = f"kept-{caller.backend}"

        def body(client: Any) -> str:
            assert client.run(IMAGE, "echo kept", name=name, remove=False).stdout == b"kept\n"
            with pytest.raises(ServerError if engine.PODMAN else ConflictError, match="already in use"):
                client.run(IMAGE, "echo again", name=name)
            with client.attach(name, logs=True, stream=False) as hijack:
                logged = b"".join(frame.data for frame in hijack.frames())
            client.delete(f"/containers/{name}")
            return str(logged.decode())

        assert caller.use(endpoint, body) == "kept\n"

    def test_attach_knows_a_tty(self, caller: Caller, endpoint: Endpoint) -> None:
        name = f"tty-{caller.backend}"

        def body(client: Any) -> Any:
            client.run(IMAGE, "echo hello", name=name, remove=False, tty=True)
            with client.attach(name, logs=True, stream=False) as hijack:
                found = hijack.tty, b"".join(frame.data for frame in hijack.frames())
            client.delete(f"/containers/{name}")
            return found

        assert caller.use(endpoint, body) == (True, b"hello\r\n")

    def test_attach_to_nothing_is_not_found(self, caller: Caller, endpoint: Endpoint) -> None:
        def body(client: Any) -> None:
            with pytest.raises(NotFoundError, match=engine.NO_CONTAINER), client.attach("nosuch"):
                pass

        caller.use(endpoint, body)
