"""ssh:// through a real sshd to a real dockerd: by the forwarded socket and by dial-stdio, in all three flavours.

It is long because both ways, each fault and each end have their case.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from client_faces import Caller
from flavours import FLAVOURS, driver_of, run
from ssh_server import SSHServer, free_ports, ssh_server
from test_exec_lab import IMAGE, up

from rawdock import Client, Endpoint, SyncClient, SyncHTTPXTransport, Timeouts
from rawdock.client.execs import ExecResult
from rawdock.doctor import State, examine
from rawdock.endpoint import SSHLogin
from rawdock.errors import (
    ConnectionLostError,
    NetworkError,
    ProtocolError,
    RawdockError,
    RefusedError,
    SocketMissingError,
    SSHError,
    TimedOutError,
)
from rawdock.net.dial import dial

PAGE = Path(__file__).parents[1] / "docs" / "ssh.md"
COMMANDS = [line[2:] for line in PAGE.read_text().splitlines() if line.startswith("$ ")]
RAWDOCK = [sys.executable, "-W", "error", "-m", "rawdock"]
needs_docker = pytest.mark.skipif(
    not shutil.which("docker"), reason="no docker command: Debian's docker.io or docker-cli"
)
pytestmark = [pytest.mark.lab, pytest.mark.slow, needs_docker]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SSHServer]:
    with up("native") as name:
        docker = Path(f"/var/lib/rawdock-lab/native-{name}/docker.sock")
        with ssh_server(tmp_path_factory.mktemp("sshd"), docker) as sshd:
            yield sshd


@pytest.fixture(params=["dial-stdio", "forwarded"])
def endpoint(request: pytest.FixtureRequest, server: SSHServer) -> Endpoint:
    return server.endpoint(socket=str(server.docker) if request.param == "forwarded" else None)


@pytest.fixture(params=["blocking", "asyncio", "trio"])
def caller(request: pytest.FixtureRequest) -> Caller:
    return Caller(request.param)


@pytest.fixture(autouse=True)
def no_child_stays() -> Iterator[None]:
    """After each test no child is left, running or dead."""
    before = children()
    yield
    assert children() <= before


def children() -> set[str]:
    """The pids of this process's children, zombies too."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if parent == str(os.getpid()):
            found.add(folder.name)
    return found


class TestStreams:
    @pytest.mark.parametrize("size", [0, 1, 5_000_000])
    def test_half_close_ends_the_input_and_nothing_is_lost(self, caller: Caller, endpoint: Endpoint, size: int) -> None:
        found = caller.use(endpoint, lambda client: client.exec_run("web", ["wc", "-c"], input=b"x" * size))
        assert found == ExecResult(b"%d\n" % size, b"", 0)

    def test_what_goes_in_comes_out_while_it_goes_in(self, caller: Caller, endpoint: Endpoint) -> None:
        content = os.urandom(3_000_000)
        found = caller.use(endpoint, lambda client: client.exec_run("web", ["cat"], input=content))
        assert found.stdout == content

    def test_outputs_and_exit_code_come_apart(self, caller: Caller, endpoint: Endpoint) -> None:
        found = caller.use(endpoint, lambda client: client.exec_run("web", "cat; echo err >&2; exit 3", input=b"in"))
        assert found == ExecResult(b"in", b"err\n", 3)

    def test_a_containers_logs_come_whole(self, caller: Caller, endpoint: Endpoint) -> None:
        name = f"ssh-{caller.backend}-{bool(endpoint.ssh and endpoint.ssh.socket)}"

        def body(client: Any) -> bytes:
            client.run(IMAGE, "seq 1 20000", name=name, remove=False)
            with client.attach(name, logs=True, stream=False) as hijack:
                logged = b"".join(frame.data for frame in hijack.frames())
            client.delete(f"/containers/{name}")
            return logged

        assert caller.use(endpoint, body) == b"".join(b"%d\n" % number for number in range(1, 20001))

    def test_an_upload_is_heard_to_be_refused(self, caller: Caller, endpoint: Endpoint) -> None:
        """The answer comes while the body is still being sent."""

        def body(client: Any) -> int:
            parts = (b"x" * 65536 for _ in range(400))
            return int(client.put("/containers/nosuch/archive", params={"path": "/"}, content=parts).status_code)

        assert caller.use(endpoint, body) == 404

    def test_httpx_goes_the_same_way(self, endpoint: Endpoint) -> None:
        import httpx

        with httpx.Client(transport=SyncHTTPXTransport(endpoint), base_url="http://docker") as client:
            assert client.get("/_ping").text == "OK"


class TestLogins:
    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    @pytest.mark.parametrize(("forwarded", "logins"), [(True, 1), (False, 2)], ids=["forwarded", "dial-stdio"])
    def test_many_at_once_share_few_logins(self, server: SSHServer, backend: str, forwarded: bool, logins: int) -> None:
        """Twelve streams at once: one login when the socket is forwarded; else one for each nine."""
        endpoint = server.endpoint(socket=str(server.docker) if forwarded else None)
        before = server.logins()
        statuses: list[int] = []

        async def body() -> None:
            together = anyio.Event()

            async def one(client: Client) -> None:
                async with client.stream("GET", "/events") as reply:
                    statuses.append(reply.status_code)
                    if len(statuses) == 12:
                        together.set()
                    await together.wait()

            async with Client(endpoint, api_version="1.41") as client, anyio.create_task_group() as tasks:
                for _ in range(12):
                    tasks.start_soon(one, client)

        anyio.run(body, backend=backend)
        assert statuses == [200] * 12
        assert server.logins() - before == logins

    def test_threads_share_one_login(self, server: SSHServer) -> None:
        before = server.logins()
        statuses: list[int] = []
        with SyncClient(server.endpoint(socket=str(server.docker)), api_version="1.41") as client:
            threads = [
                threading.Thread(target=lambda: statuses.append(client.get("/version").status_code)) for _ in range(8)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert statuses == [200] * 8 and server.logins() - before == 1

    def test_a_request_after_the_login_was_lost_logs_in_again(
        self, caller: Caller, endpoint: Endpoint, server: SSHServer
    ) -> None:
        before = server.logins()

        def body(client: Any) -> list[int]:
            first = client.get("/_ping").status_code
            core = client.client._core if caller.backend != "blocking" else client._core
            pid = core._login._masters[0]._process._popen.pid
            os.kill(pid, signal.SIGKILL)
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            return [first, client.get("/_ping").status_code]

        assert caller.use(endpoint, body) == [200, 200]
        assert server.logins() - before == 2

    def test_where_forwarding_is_forbidden_docker_over_there_reaches_the_socket(
        self, caller: Caller, server: SSHServer
    ) -> None:
        endpoint = server.endpoint("no-forwarding", socket=str(server.docker))
        assert caller.use(endpoint, lambda client: client.exec_run("web", ["wc", "-c"], input=b"abc")).stdout == b"3\n"

    def test_a_path_that_ssh_would_not_take_goes_to_docker_over_there(
        self, caller: Caller, server: SSHServer, tmp_path: Path
    ) -> None:
        odd = tmp_path / "it is $HOME's: `id`"
        odd.symlink_to(server.docker)
        endpoint = server.endpoint(socket=str(odd))
        assert caller.use(endpoint, lambda client: client.get("/_ping").text) == "OK"

    def test_without_docker_over_there_the_socket_does(self, caller: Caller, server: SSHServer) -> None:
        endpoint = server.endpoint("no-docker", socket=str(server.docker))
        assert caller.use(endpoint, lambda client: client.get("/_ping").text) == "OK"

    def test_a_key_that_may_do_nothing_but_dial_stdio_is_enough(self, caller: Caller, server: SSHServer) -> None:
        found = caller.use(
            server.endpoint("only-dial-stdio"), lambda client: client.exec_run("web", ["wc", "-c"], input=b"abc")
        )
        assert found.stdout == b"3\n"

    def test_a_server_with_one_session_for_each_login_gets_more_logins(self, server: SSHServer) -> None:
        with SyncClient(server.endpoint("one-session"), api_version="1.41") as client:
            first, second = client.stream("GET", "/events"), client.stream("GET", "/events")
            with first as one, second as two:
                assert (one.status_code, two.status_code) == (200, 200)

    @pytest.mark.parametrize("flavour", FLAVOURS)
    def test_dial_alone_logs_in_for_one_connection(self, server: SSHServer, flavour: str) -> None:
        async def body() -> bytes:
            stream = await dial(server.endpoint(), driver_of(flavour))
            try:
                await stream.send(b"GET /_ping HTTP/1.0\r\n\r\n")
                await stream.send_eof()
                said = b""
                while data := await stream.receive():
                    said += data
                return said
            finally:
                await stream.aclose()
                await stream.aclose()

        assert run(flavour, body).endswith(b"\r\n\r\nOK")


FAULTS: list[Any] = [
    pytest.param(lambda s: s.endpoint("no-docker"), SSHError, "has no docker command in the PATH", id="no docker"),
    pytest.param(
        lambda s: s.endpoint("no-daemon"), SocketMissingError, "no socket /nonexistent/docker.sock on", id="no daemon"
    ),
    pytest.param(
        lambda s: s.endpoint(socket="/nope/d.sock"), SocketMissingError, "no socket /nope/d.sock", id="no socket"
    ),
    pytest.param(
        lambda s: s.endpoint(socket="/no pe"), SocketMissingError, "no socket /no pe on 127", id="no odd socket"
    ),
    pytest.param(lambda s: s.endpoint(socket="/etc/passwd"), NetworkError, "no socket but something else", id="a file"),
    pytest.param(lambda s: s.endpoint(socket="/etc"), NetworkError, "no socket but something else", id="a folder"),
    pytest.param(
        lambda s: s.endpoint(socket=str(s.docker), user="nobody"),
        ProtocolError,
        "it sent b'This account is currently",
        id="no shell",
    ),
    pytest.param(lambda s: s.endpoint("no-key"), SSHError, "may not log in as root@127.0.0.1 (permission", id="no key"),
    pytest.param(lambda s: s.endpoint(user="nosuchuser"), SSHError, "may not log in as nosuchuser@", id="no such user"),
    pytest.param(
        lambda s: Endpoint.parse(f"ssh://127.0.0.1:{free_ports(1)[0]}", "the test"),
        RefusedError,
        "no ssh server listens on port",
        id="refused",
    ),
]


class TestFaults:
    @pytest.mark.parametrize(("make", "kind", "words"), FAULTS)
    def test_each_fault_is_one_sentence(
        self,
        caller: Caller,
        server: SSHServer,
        make: Callable[[SSHServer], Endpoint],
        kind: type[RawdockError],
        words: str,
    ) -> None:
        endpoint = make(server)

        def body(client: Any) -> None:
            with pytest.raises(RawdockError) as caught:
                client.get("/_ping")
            assert type(caught.value) is kind
            assert words in str(caught.value) and caught.value.remedy
            assert str(caught.value).count(endpoint.url + " from") == 1 and "\n" not in str(caught.value)

        caller.use(endpoint, body)

    def test_an_open_key_is_said(self, server: SSHServer, tmp_path: Path) -> None:
        key = tmp_path / "user"
        key.write_bytes(Path(server.key).read_bytes())
        key.chmod(0o644)
        endpoint = Endpoint.parse(f"ssh://root@127.0.0.1:{server.ports['plain']}", "the test")
        endpoint = endpoint._replace(ssh=SSHLogin("root", None, str(key)))
        with SyncClient(endpoint) as client, pytest.raises(SSHError, match=r"Permissions 0644 for .* are too open"):
            client.get("/_ping")

    def test_a_server_that_says_nothing_is_not_waited_for(self, caller: Caller) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            endpoint = Endpoint.parse(f"ssh://127.0.0.1:{silent.getsockname()[1]}", "the test")

            def body(client: Any) -> None:
                with pytest.raises(TimedOutError, match=r"connecting took over 0\.5 s"):
                    client.get("/_ping")

            caller.use(endpoint, body, timeouts=Timeouts(connect=0.5))

    def test_what_is_no_ssh_server_is_said(self, caller: Caller) -> None:
        def answer(listener: socket.socket) -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        with socket.create_server(("127.0.0.1", 0)) as web:
            thread = threading.Thread(target=answer, args=(web,))
            thread.start()
            endpoint = Endpoint.parse(f"ssh://127.0.0.1:{web.getsockname()[1]}", "the test")

            def body(client: Any) -> None:
                with pytest.raises(SSHError, match="is it an ssh server"):
                    client.get("/_ping")

            caller.use(endpoint, body)
            thread.join()

    def test_a_login_that_ends_in_a_stream_is_no_end_of_it(self, caller: Caller, endpoint: Endpoint) -> None:
        def body(client: Any) -> None:
            core = client.client._core if caller.backend != "blocking" else client._core
            exec_id = client.post(
                "/containers/web/exec", json={"AttachStdin": True, "AttachStdout": True, "Cmd": ["cat"]}
            )
            path = f"/exec/{exec_id.json()['Id']}/start"
            with client.hijack("POST", path, json={"Detach": False}, tty=False) as hijack:
                hijack.send(b"begun")
                assert hijack.receive()[8:] == b"begun"
                os.kill(core._login._masters[0]._process._popen.pid, signal.SIGKILL)
                if endpoint.ssh and endpoint.ssh.socket:
                    assert hijack.receive() == b""
                else:
                    with pytest.raises(ConnectionLostError, match="ssh connection was lost"):
                        hijack.receive()

        caller.use(endpoint, body)


class TestEnds:
    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_a_cancellation_ends_ssh(self, backend: str, endpoint: Endpoint) -> None:
        async def body() -> None:
            async with Client(endpoint) as client, client.stream("GET", "/events") as reply:
                with anyio.move_on_after(0.1) as scope:
                    await reply.receive()
                assert scope.cancelled_caught

        anyio.run(body, backend=backend)

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_a_cancellation_in_the_login_ends_ssh(self, backend: str, server: SSHServer) -> None:
        async def body() -> None:
            async with Client(server.endpoint()) as client:
                with anyio.move_on_after(0.02):
                    await client.get("/_ping")
                assert (await client.get("/_ping")).text == "OK"

        anyio.run(body, backend=backend)

    @pytest.fixture
    def short_path(self) -> Iterator[Path]:
        """pytest's own would leave no room for a socket's path."""
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            yield Path(folder)

    @pytest.mark.parametrize("flavour", ["blocking", "asyncio", "trio"])
    @pytest.mark.parametrize("forwarded", [True, False], ids=["forwarded", "dial-stdio"])
    def test_a_closed_client_leaves_no_folder(
        self, server: SSHServer, short_path: Path, flavour: str, forwarded: bool
    ) -> None:
        with conversation(server, short_path, flavour, forwarded) as (process, _, folder):
            assert folder.parent == short_path and folder.stat().st_mode & 0o777 == 0o700
            _, errors = process.communicate(b"", timeout=30)
            assert (process.returncode, errors) == (0, b"")
            assert not list(short_path.iterdir())

    @pytest.mark.parametrize("forwarded", [True, False], ids=["forwarded", "dial-stdio"])
    def test_a_killed_one_leaves_no_ssh_and_no_folder(
        self, server: SSHServer, short_path: Path, forwarded: bool
    ) -> None:
        with conversation(server, short_path, "blocking", forwarded) as (process, pid, folder):
            descriptor = os.pidfd_open(pid)
            try:
                process.kill()
                assert select.select([descriptor], [], [], 20)[0], "ssh goes on"
            finally:
                os.close(descriptor)
            deadline = time.monotonic() + 20
            while folder.exists():
                assert time.monotonic() < deadline, "the folder stays"


@contextmanager
def conversation(
    server: SSHServer, folder: Path, flavour: str, forwarded: bool
) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    """A process that asks once and waits for the end of its input. Gives it, the pid of its ssh and its private folder."""
    url = f"ssh://root@127.0.0.1:{server.ports['plain']}{server.docker if forwarded else ''}"
    argv = [sys.executable, "-W", "error", str(Path(__file__).with_name("ssh_conversation.py")), flavour, url]
    environment = {**server.environment(), "TMPDIR": str(folder), "PYTHONPATH": str(Path(__file__).parents[1])}
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, env=environment, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline().decode().split()
            assert len(line) == 2, process.communicate()
            yield process, int(line[0]), Path(line[1])
        finally:
            process.kill()


def machine_store(server: SSHServer, folder: Path) -> None:
    """A docker-machine store with the machine dev, which is the server."""
    machine = folder / "machines" / "dev"
    machine.mkdir(parents=True)
    port = server.ports["plain"]
    driver = {"IPAddress": "127.0.0.1", "SSHUser": "root", "SSHPort": port, "SSHKeyPath": server.key}
    (machine / "config.json").write_text(json.dumps({"ConfigVersion": 3, "DriverName": "generic", "Driver": driver}))


class TestCommand:
    """The command, with ssh's own configuration."""

    def run(self, server: SSHServer, *words: str, config: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*RAWDOCK, *words], env=server.environment(config), capture_output=True, text=True, timeout=60, check=False
        )

    def test_get_and_an_alias(self, server: SSHServer) -> None:
        config = f"Host box\nHostName 127.0.0.1\nPort {server.ports['plain']}\nUser root\n"
        done = self.run(server, "-H", "ssh://box", "get", "/_ping", config=config)
        assert (done.returncode, done.stdout, done.stderr) == (0, "OK", "")

    @pytest.mark.parametrize("command", COMMANDS)
    def test_the_page_shows_commands_that_run(self, server: SSHServer, tmp_path: Path, command: str) -> None:
        machine_store(server, tmp_path)
        environment = server.environment(f"Host box\nHostName 127.0.0.1\nPort {server.ports['plain']}\n")
        environment |= {"MACHINE_STORAGE_PATH": str(tmp_path)}
        environment["PATH"] += f":{Path(sys.executable).parent}"
        done = subprocess.run(
            ["sh", "-c", command], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stderr) == (0, "") and done.stdout

    def test_a_docker_machine_by_its_own_key(self, server: SSHServer, tmp_path: Path) -> None:
        machine_store(server, tmp_path)
        environment = {**server.environment(), "MACHINE_STORAGE_PATH": str(tmp_path)}
        argv = [*RAWDOCK, "--machine", "dev", "--ssh", "doctor", "--json"]
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60, check=False)
        document = json.loads(done.stdout)
        assert [(layer["layer"], layer["state"]) for layer in document["layers"]] == [
            (layer, "ok") for layer in ("ssh", "login", "remote", "http", "ping", "version")
        ]
        assert document["layers"][2]["detail"].startswith("/var/run/docker.sock forwarded")
        assert document["endpoint"] == f"ssh://root@127.0.0.1:{server.ports['plain']}/var/run/docker.sock"

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["--ssh", "doctor"], "--ssh alone name no machine; write --machine NAME --ssh"),
            (["--ssh", "-H", "ssh://h", "doctor"], "--ssh and --host name no machine"),
        ],
    )
    def test_ssh_without_a_machine_says_what_to_write(self, server: SSHServer, words: list[str], said: str) -> None:
        done = self.run(server, *words)
        assert done.returncode == 2 and said in done.stderr

    @pytest.mark.parametrize(
        ("known", "said"),
        [
            ("", "the host key is not known yet, and ssh may not ask here; log in by hand once: `ssh -p"),
            ("changed", "the host key is not the one that known_hosts has"),
        ],
    )
    def test_a_host_key_is_checked(self, server: SSHServer, tmp_path: Path, known: str, said: str) -> None:
        hosts = tmp_path / "known"
        port = server.ports["plain"]
        hosts.write_text(f"[127.0.0.1]:{port} {Path(server.key + '.pub').read_text()}" if known else "")
        done = self.run(
            server, "-H", f"ssh://root@127.0.0.1:{port}", "get", "/_ping", config=f"UserKnownHostsFile {hosts}"
        )
        assert done.returncode == 6 and said in done.stderr and done.stdout == ""

    def test_the_users_own_control_connection_serves(self, server: SSHServer, tmp_path: Path) -> None:
        port = server.ports["plain"]
        url = f"ssh://root@127.0.0.1:{port}"
        environment = server.environment(f"ControlPath {tmp_path}/c")
        ssh = ["ssh", "-p", str(port), "-l", "root"]
        master = [*ssh, "-M", "-N", "-o", "PermitLocalCommand=yes", "-o", "LocalCommand=echo", "127.0.0.1"]
        with subprocess.Popen(master, env=environment, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
            try:
                assert process.stdout is not None and process.stdout.readline() == b"\n"
                before = server.logins()
                done = self.run(server, "-H", url, "doctor", config=f"ControlPath {tmp_path}/c")
                assert "your own control connection serves" in done.stdout and done.returncode == 0
                assert server.logins() == before
            finally:
                process.kill()

    def test_a_forwarding_of_the_users_that_fails_does_no_harm(self, server: SSHServer) -> None:
        port = server.ports["plain"]
        config = f"LocalForward 127.0.0.1:{port} 127.0.0.1:9"
        done = self.run(server, "-H", f"ssh://root@127.0.0.1:{port}{server.docker}", "get", "/_ping", config=config)
        assert (done.returncode, done.stdout, done.stderr) == (0, "OK", "")

    def test_without_ssh_it_is_said(self, server: SSHServer, tmp_path: Path) -> None:
        argv = [*RAWDOCK, "-H", "ssh://h", "get", "/_ping"]
        done = subprocess.run(
            argv, env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 6 and "there is no ssh program in PATH; install the OpenSSH client" in done.stderr


class TestDoctor:
    def states(self, endpoint: Endpoint, flavour: str) -> dict[str, State]:
        layers = run(flavour, lambda: examine(endpoint, driver_of(flavour), timeout=20))
        return {layer.name: layer.state for layer in layers}

    @pytest.mark.parametrize("flavour", FLAVOURS)
    def test_all_is_well(self, endpoint: Endpoint, flavour: str) -> None:
        states = self.states(endpoint, flavour)
        assert list(states) == ["ssh", "login", "remote", "http", "ping", "version"]
        assert set(states.values()) == {State.OK}

    @pytest.mark.parametrize(
        ("way", "socket", "broken"),
        [
            ("no-key", None, "login"),
            ("no-docker", None, "remote"),
            ("no-daemon", None, "remote"),
            ("plain", "/nope", "remote"),
        ],
    )
    def test_the_broken_layer_is_named(self, server: SSHServer, way: str, socket: str | None, broken: str) -> None:
        states = self.states(server.endpoint(way, socket=socket), "sync")
        assert [name for name, state in states.items() if state is State.BROKEN] == [broken]
        assert states["version"] is State.NOT_REACHED
