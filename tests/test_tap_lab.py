"""Real clients through the tap to the lab's real daemon: the same as without. And a recorded session with no daemon at all.

docker-py and aiodocker come from .venv-bench, which scripts/venv --bench makes: no dependency of the product or its tests.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import engine
import pytest
from har_schema import check
from ssh_server import ssh_server
from test_tap import Told

from rawdock import Endpoint
from rawdock.replay import replay
from rawdock.tap.server import Tap
from rawdock.wire.exchange import Exchange

ROOT = Path(__file__).resolve().parents[1]
LAB = ROOT / "scripts" / "lab"
RUN = ["docker", "run", "--rm", engine.IMAGE, "sh", "-c", "echo out; echo err >&2; exit 3"]

pytestmark = [pytest.mark.lab, pytest.mark.slow]

DOCKER_PY = """
import docker, io
client = docker.from_env()
print(client.ping(), client.containers.get("web").name)
print(client.containers.get("web").exec_run(["sh", "-c", "echo out; echo err >&2; exit 4"], demux=True))
bits, stat = client.containers.get("web").get_archive("/bin")
print(sum(map(len, bits)) > 100000, stat["name"])
"""
AIODOCKER = """
import aiodocker, asyncio
async def main():
    async with aiodocker.Docker() as client:
        web = await client.containers.get("web")
        run = await web.exec(["sh", "-c", "cat; exit 5"], stdin=True)
        async with run.start() as stream:
            await stream.write_in(b"words\\n")
            print((await stream.read_out()).data)
        print((await client.version())["ApiVersion"])
asyncio.run(main())
"""


@pytest.fixture(scope="module", params=["native", "docker-machine"])
def lab(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """The words that run a command where the lab's client is."""
    engine.skip_unless_in(request.param)
    words = [request.param, "--as", f"tap-{uuid.uuid4().hex[:8]}"]
    subprocess.run([LAB, "up", *words], check=True, capture_output=True)
    try:
        yield [str(LAB), "exec", *words]
    finally:
        subprocess.run([LAB, "down", *words], check=True, capture_output=True)


def run(argv: list[str], input: bytes = b"") -> tuple[int, bytes, bytes]:
    done = subprocess.run(argv, input=input, capture_output=True, check=False, timeout=90)
    return done.returncode, done.stdout, done.stderr


def tapped(lab: list[str], folder: Path, *words: str) -> list[str]:
    tap = [sys.executable, "-m", "rawdock", "tap", "--har", str(folder / "session.har"), "-o", str(folder / "lines")]
    return [*lab, *tap, "--", *words]


@pytest.fixture(scope="module")
def peers() -> str:
    subprocess.run([ROOT / "scripts" / "venv", "--bench"], check=True, capture_output=True)
    return str(ROOT / ".venv-bench" / "bin" / "python")


@pytest.mark.skipif(not shutil.which("docker"), reason="no docker CLI")
@pytest.mark.parametrize(
    ("words", "input"),
    [
        (RUN, b""),
        (["docker", "run", "-i", "--rm", engine.IMAGE, "wc", "-c"], b"x" * 3_000_000),
        (["docker", "exec", "-i", "web", "cat"], b"text"),
        (["docker", "logs", "web"], b""),
        (["docker", "cp", "web:/bin", "-"], b""),
        (["docker", "inspect", "no-such"], b""),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_the_docker_cli_does_the_same(lab: list[str], tmp_path: Path, words: list[str], input: bytes) -> None:
    assert run(tapped(lab, tmp_path, *words), input) == run([*lab, *words], input)
    check(json.loads((tmp_path / "session.har").read_text()))


@pytest.mark.parametrize("program", [DOCKER_PY, AIODOCKER], ids=["docker-py", "aiodocker"])
def test_a_python_client_does_the_same(lab: list[str], tmp_path: Path, peers: str, program: str) -> None:
    # a machine's own CA bundle replaces the daemon's CA in docker-py over TLS, though not through the tap
    words = ["env", "-u", "REQUESTS_CA_BUNDLE", "-u", "CURL_CA_BUNDLE", peers, "-W", "ignore", "-c", program]
    code, out, err = run([*lab, *words])
    assert code == 0, err.decode()
    assert run(tapped(lab, tmp_path, *words)) == (code, out, err)


@pytest.mark.skipif(not shutil.which("docker"), reason="no docker CLI")
def test_a_recorded_run_is_replayed_to_the_docker_cli_without_a_daemon(lab: list[str], tmp_path: Path) -> None:
    recorded = run(tapped(lab, tmp_path, *RUN))
    assert recorded == (3, b"out\n", b"err\n")
    with replay(tmp_path / "session.har") as daemon:
        environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "DOCKER_HOST": daemon.url}
        done = subprocess.run(RUN, env=environ, capture_output=True, check=False, timeout=60)
        assert (done.returncode, done.stdout, done.stderr) == recorded
        assert daemon.unrecorded == [] and daemon.unused == []


class Begun(Told):
    """Tells which streams have begun, too."""

    def __init__(self) -> None:
        super().__init__()
        self.streams: queue.Queue[str] = queue.Queue()

    def answered(self, exchange: Exchange) -> None:
        self.streams.put(exchange.ask.target)


@pytest.mark.skipif(not shutil.which("docker"), reason="no docker CLI")
def test_a_daemon_killed_by_9_ends_its_clients_and_is_told(tmp_path: Path) -> None:
    name, told = f"tap-{uuid.uuid4().hex[:8]}", Begun()
    subprocess.run([LAB, "up", "native", "--as", name], check=True, capture_output=True)
    folder = Path(f"/var/lib/rawdock-lab/native-{name}")
    try:
        with Tap(Endpoint.parse(f"unix://{folder}/docker.sock", "the lab"), told) as tap:
            commands = (["events"], ["exec", "-i", "web", "cat"], ["logs", "-f", "web"])
            running = [
                subprocess.Popen(["docker", "-H", tap.url, *words], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
                for words in commands
            ]
            streams = {"/events", "/start", "/logs"}
            while streams:
                begun = told.streams.get(timeout=20)
                streams -= {end for end in streams if end in begun}
            os.kill(int((folder / "engine.pid").read_text()), signal.SIGKILL)
            for program in running:
                program.wait(20)  # though its standard input is open
                program.communicate()
    finally:
        subprocess.run([LAB, "down", "native", "--as", name], check=True, capture_output=True)
    broken = {one.ask.target.partition("?")[0].rpartition("/")[2]: one.trouble for one in told.exchanges.queue}
    assert {broken[end] for end in ("events", "logs")} == {
        "the daemon closed the connection in the middle of the reply"
    }
    assert broken["start"] == "the daemon went away"


PODMAN = """
podman --remote --url "$1" run --rm rawdock-lab:1 sh -c 'echo out; echo err >&2; exit 3'; echo $?
head -c 3000000 /dev/zero | podman --remote --url "$1" exec -i web wc -c
podman --remote --url "$1" logs web
podman --remote --url "$1" cp web:/bin - | wc -c
podman --remote --url "$1" inspect nosuch; echo $?
"""


@pytest.mark.skipif(not engine.PODMAN, reason="no podman to be podman-remote: scripts/test --engine podman-5.4 has")
def test_podman_remote_does_the_same(tmp_path: Path) -> None:
    name = f"tap-{uuid.uuid4().hex[:8]}"
    subprocess.run([LAB, "up", "native", "--as", name], check=True, capture_output=True)
    folder = Path(f"/var/lib/rawdock-lab/native-{name}")
    into = 'mount --bind "$1" "$2/mnt"; mount -t proc proc "$2/proc"; exec chroot "$2" sh -c "$3" sh "$4"'

    def podman(socket: Path) -> tuple[int, bytes, bytes]:
        words = [str(socket.parent), f"/var/lib/rawdock-lab/rootfs/{engine.NAME}", PODMAN, f"unix:///mnt/{socket.name}"]
        return run(["unshare", "--mount", "--propagation=private", "sh", "-c", into, "sh", *words])

    try:
        with Tap(Endpoint.parse(f"unix://{folder}/docker.sock", "the lab"), Told()) as tap:
            tapped = podman(Path(tap.url.removeprefix("unix://")))
        assert tapped == podman(folder / "docker.sock")
        assert tapped[1].startswith(b"out\n3\n3000000\n")
    finally:
        subprocess.run([LAB, "down", "native", "--as", name], check=True, capture_output=True)


@pytest.mark.skipif(
    not (shutil.which("docker") and shutil.which("sshd", path="/usr/sbin")), reason="no docker CLI or no sshd"
)
@pytest.mark.parametrize("forwarded", [True, False], ids=["forwarded", "dial-stdio"])
def test_an_endpoint_behind_ssh_is_tapped(tmp_path: Path, forwarded: bool) -> None:
    name = f"tap-{uuid.uuid4().hex[:8]}"
    subprocess.run([LAB, "up", "native", "--as", name], check=True, capture_output=True)
    try:
        docker = Path(f"/var/lib/rawdock-lab/native-{name}/docker.sock")
        with ssh_server(tmp_path, docker) as server:
            endpoint = server.endpoint(socket=str(docker) if forwarded else None)
            with Tap(endpoint, Told()) as tap:
                argv = ["docker", "-H", tap.url, "exec", "-i", "web", "wc", "-c"]
                assert run(argv, b"x" * 3_000_000) == (0, b"3000000\n", b"")
    finally:
        subprocess.run([LAB, "down", "native", "--as", name], check=True, capture_output=True)
