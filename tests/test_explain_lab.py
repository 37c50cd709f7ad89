"""`rawdock explain docker …` beside what the docker CLI really says to the lab's daemon, as the tap records it.

Every call is compared, in its order: method, path, query, the body's fields, and headers that matter. What explain tells apart
as asked for the CLI's own sake is asked, no more and no less. docker_calls.py says what is taken for the same.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import engine
import pytest
from docker_calls import HEADERS, Call, call, told
from pseudo_terminal import PseudoTerminal
from test_docker_cli import CLIS
from test_explain import explain
from test_tap import Told

from rawdock import Endpoint, SyncClient
from rawdock.tap.server import Tap
from rawdock.wire.exchange import Exchange

LAB = Path(__file__).resolve().parents[1] / "scripts" / "lab"
pytestmark = [
    pytest.mark.lab,
    pytest.mark.slow,
    pytest.mark.skipif(engine.PODMAN, reason="what the docker CLI asks of Docker"),
]

# {running}, {stopped}, {tag}, {volume} and {network} are made for the command alone; {new} is a free name, {n} a number.
COMMANDS = """
run --name {new} {image} true
run --rm {image} sh -c 'echo hello; exit 0'
run -d --name {new} -p 127.0.0.1::80 -e A=b -l c=d -v /tmp:/x:ro -m 64m --cpus 0.5 -u 0 -w / {image} true
run -d --rm --network {network} --network-alias db --cap-add CAP_NET_ADMIN --tmpfs /t --entrypoint sleep {image} 1000
run -i --rm {image} cat
exec {running} sh -c 'exit 0'
exec -i -e A=b -w / {running} cat
exec -d -u 0 {running} true
ps
ps -aq --filter status=exited --filter label=x
ps -s -n 3
container ls -a
start {stopped}
start -a {stopped}
stop -t 0 {running}
stop -s KILL {running}
restart -t 0 {running}
kill {running}
kill -s HUP {running}
rm {stopped}
rm -fv {running}
wait {stopped}
logs {running}
logs --tail 3 -t --since 2026-01-01T00:00:00Z {running}
top {running}
top {running} -o pid
stats --no-stream {running}
inspect {running}
inspect --type container -s {running}
inspect --type image {image}
inspect {volume}
events --since 2026-01-01T00:00:00Z --until 1767225601
events --since 2026-01-01T00:00:00Z --until 1767225601 --filter type=container --filter event=start
version
info
network ls
network ls --filter driver=bridge
network create {new}
network create --internal --subnet 10.98.{n}.0/24 --gateway 10.98.{n}.1 -o com.docker.network.bridge.name=x{n} {new}
network connect --alias db --ip 10.97.{n}.9 {network} {running}
network disconnect -f {network} {stopped}
network inspect {network}
network rm {network}
network prune -f --filter label=none
volume ls
volume create {new}
volume create --label a=b {new}
volume inspect {volume}
volume rm {volume}
volume prune -f
cp {running}:/etc/passwd {folder}/passwd
cp {running}:/etc/passwd -
cp {folder}/file {running}:/tmp
cp {folder}/file {running}:/tmp/other
images
images -a --filter dangling=true
image ls
build -t {new}:1 --build-arg A=b {folder}
build -q --no-cache --label a=b {folder}
pull localhost:1/nothing:1
pull localhost:1/nothing
push localhost:1/nothing:1
save -o {folder}/image.tar {image}
load -i {folder}/image.tar
load -q -i {folder}/image.tar
tag {image} {new}:2
rmi {tag}
rmi -f {tag}
""".strip().splitlines()

OLDER = {"GET /version": "stats"}  # 20.10 asks for the daemon's system before


def recorded(daemon: Daemon, cli: str, words: list[str], *, terminal: bool = False) -> tuple[list[Call], str]:
    """What the CLI asks, the Ids of what it makes named as explain does; and the version of the API that it speaks."""
    listener = Told()
    with Tap(daemon.endpoint, listener, limit=1 << 20, budget=16 << 20) as tap:
        _run(["env", "HOME=/nonexistent", "DOCKER_BUILDKIT=0", cli, "-H", tap.url, *words], terminal)
    names: dict[str, str] = {}
    found: list[Call] = []
    spoken = ""
    exchanges: list[Exchange] = sorted(listener.exchanges.queue, key=lambda one: one.begun)
    for one in exchanges:
        version, target = re.fullmatch(r"(?:/v([\d.]+))?(/.*)", one.ask.target).groups()  # type: ignore[union-attr]
        spoken = version or spoken
        target = re.sub(r"[0-9a-f]{64}", lambda found: names.get(found[0], found[0]), target)
        headers = [name for name in HEADERS if one.ask.get(name)]
        made = call(one.ask.method, target, bytes(one.sent.data), headers, spoken)
        if one.reply and one.reply.status in (200, 201) and made.path.endswith(("/create", "/exec", "/json")):
            _learn(made, bytes(one.received.data), names)
        found.append(made)
    return [one for one in found if OLDER.get(f"{one.method} {one.path}") != words[0]], spoken


def _run(argv: list[str], terminal: bool) -> None:
    if terminal:
        with PseudoTerminal(argv) as screen:
            screen.wait()
        return
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    if b"unknown shorthand flag" in done.stderr:
        pytest.skip(f"{argv[3]} has no such option")


def _learn(made: Call, reply: bytes, names: dict[str, str]) -> None:
    """The Id of what was made or looked at."""
    looked = re.fullmatch(r"/containers/([^/]+)/json", made.path)
    if looked or made.path in ("/containers/create",) or made.path.endswith("/exec"):
        name = looked[1] if looked else "{exec}" if made.path.endswith("/exec") else "{container}"
        names[json.loads(reply)["Id"]] = name


class Daemon:
    """The lab's daemon, and what a command may name there."""

    def __init__(self, socket: str, folder: Path) -> None:
        self.endpoint = Endpoint.parse(f"unix://{socket}", "the lab")
        self.client = SyncClient(self.endpoint)
        self._folder = folder
        self._number = 0
        (folder / "file").write_text("text\n")
        (folder / "Dockerfile").write_text(f"FROM {engine.IMAGE}\nLABEL a=c\n")
        with open(folder / "image.tar", "wb") as file:
            file.write(self.client.get("/images/get", params={"names": engine.IMAGE}).raise_for_status().content)

    def words(self, command: str) -> list[str]:
        """The command's words; what they name is made."""
        self._number += 1
        name = f"n{self._number}-{uuid.uuid4().hex[:6]}"
        found = {"image": engine.IMAGE, "folder": str(self._folder), "new": name, "n": str(self._number)}
        for kind in re.findall(r"{(\w+)}", command):
            if kind not in found:
                found[kind] = f"{name}-{kind}"
                getattr(self, f"_{kind}")(found[kind])
        return shlex.split(command.format(**found))

    def _stopped(self, name: str) -> None:
        body = {"Image": engine.IMAGE, "Cmd": ["true"]}
        self.client.post("/containers/create", params={"name": name}, json=body).raise_for_status()

    def _running(self, name: str) -> None:
        body = {"Image": engine.IMAGE, "Cmd": ["sleep", "1000"], "StopSignal": "KILL"}
        self.client.post("/containers/create", params={"name": name}, json=body).raise_for_status()
        self.client.post(f"/containers/{name}/start").raise_for_status()

    def _tag(self, name: str) -> None:
        self.client.post(f"/images/{engine.IMAGE}/tag", params={"repo": name}).raise_for_status()

    def _volume(self, name: str) -> None:
        self.client.post("/volumes/create", json={"Name": name}).raise_for_status()

    def _network(self, name: str) -> None:
        body = {"Name": name, "IPAM": {"Config": [{"Subnet": f"10.97.{self._number}.0/24"}]}}
        self.client.post("/networks/create", json=body).raise_for_status()


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    name = f"explain-{uuid.uuid4().hex[:8]}"
    subprocess.run([LAB, "up", "native", "--as", name], check=True, capture_output=True)
    try:
        made = Daemon(f"/var/lib/rawdock-lab/native-{name}/docker.sock", tmp_path_factory.mktemp("files"))
        with made.client:
            yield made
    finally:
        subprocess.run([LAB, "down", "native", "--as", name], check=True, capture_output=True)


@pytest.mark.parametrize("cli", CLIS)
@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_told_is_what_the_cli_asks(daemon: Daemon, cli: str, command: str) -> None:
    words = daemon.words(command)
    theirs, version = recorded(daemon, cli, words)
    ours = told(words, version)
    expected = [one.instead if one.instead in theirs else one.call for one in ours]
    while len(expected) > len(theirs) and ours[len(expected) - 1].perhaps:
        expected.pop()
    assert theirs == expected


@pytest.mark.parametrize("cli", CLIS)
@pytest.mark.parametrize("command", ["run -it --rm {image} true", "exec -it {running} true"])
def test_on_a_terminal_its_size_is_told_too(daemon: Daemon, cli: str, command: str) -> None:
    words = daemon.words(command)
    asked, version = recorded(daemon, cli, words, terminal=True)
    expected = [one.call for one in told(words, version)]
    # beside the rest, and more than once where the CLI is in doubt
    assert [one for one in asked if not one.path.endswith("/resize")] == expected[:-1]
    assert {one.path for one in asked if one.path.endswith("/resize")} == {expected[-1].path}


@pytest.mark.parametrize("cli", CLIS)
def test_an_image_that_is_not_there_is_pulled(daemon: Daemon, cli: str) -> None:
    words = ["run", "localhost:1/nothing:1"]
    asked, version = recorded(daemon, cli, words)
    assert [one.path for one in asked[-2:]] == ["/containers/create", "/images/create"]
    assert "at 404, no such image: POST /images/create, which pulls it" in explain("docker", *words)[1]
    assert asked[-1] == told(["pull", words[1]], version)[-1].call


@pytest.mark.parametrize("cli", CLIS)
def test_stats_of_all_ask_for_each(daemon: Daemon, cli: str) -> None:
    daemon.words("{running}")
    asked, _ = recorded(daemon, cli, ["stats", "--no-stream"])
    kinds = {re.sub("[0-9a-f]{12}", "{id}", f"{one.method} {one.path}") for one in asked}
    said = explain("docker", "stats", "--no-stream")[1]
    assert kinds - {"HEAD /_ping", "GET /version"} == {
        f"GET {path}" for path in re.findall(r"GET (/[a-z{}/]+)", said.partition("\nas curl")[0])
    }


def test_more_than_thirty_commands_are_compared() -> None:
    with_second = {"network", "volume", "container", "image"}
    assert len({" ".join(line.split()[: 1 + (line.split()[0] in with_second)]) for line in COMMANDS}) > 30
