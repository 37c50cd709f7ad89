"""Logs, archives, images, events and stats against a real dockerd: scripts/lab's topology native. One lab is for killing.

It is long because each call is made for real.
"""

from __future__ import annotations

import io
import json
import os
import re
import signal
import stat
import subprocess
import sys
import tarfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import engine
import pytest
from flavours import FLAVOURS, with_core
from stream_calls import ask, collect

from rawdock import Endpoint, SyncClient
from rawdock.client.core import Core
from rawdock.errors import ConnectionLostError, NotFoundError, ServerError, StreamError, TruncatedError
from rawdock.wire.stdcopy import Frame, Stream

LAB = Path(__file__).resolve().parents[1] / "scripts" / "lab"
IMAGE = "rawdock-lab:1"
OUT, ERR = Stream.STDOUT, Stream.STDERR
STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d%bZ " % (rb"(?:\.\d+)?" if engine.PODMAN else rb"\.\d{9}"))
LINES = "echo out; echo err >&2; head -c 40000 /dev/zero | tr '\\0' x; echo; printf end"

pytestmark = pytest.mark.lab


@dataclass(frozen=True)
class Lab:
    name: str

    @property
    def folder(self) -> Path:
        return Path(f"/var/lib/rawdock-lab/native-{self.name}")

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint.parse(f"unix://{self.folder}/docker.sock", "the lab")

    def run(self, name: str, script: str, *, tty: bool = False, wait: bool = True) -> str:
        """A container that runs `script`, to its end if `wait`."""
        settings = {"Image": IMAGE, "Cmd": ["sh", "-c", script], "Tty": tty, "StopSignal": "SIGKILL"}
        with SyncClient(self.endpoint) as client:
            client.post("/containers/create", params={"name": name}, json=settings).raise_for_status()
            client.post(f"/containers/{name}/start").raise_for_status()
            if wait:
                client.post(f"/containers/{name}/wait").raise_for_status()
        return name

    def collect(self, flavour: str, verb: str, *words: Any, **options: Any) -> list[Any]:
        return collect(flavour, self.endpoint, verb, *words, version=None, **options)

    def ask(self, flavour: str, verb: str, *words: Any, **options: Any) -> Any:
        return ask(flavour, self.endpoint, verb, *words, version=None, **options)


@contextmanager
def up() -> Iterator[Lab]:
    lab = Lab(f"streams-{uuid.uuid4().hex[:8]}")
    words = ["native", "--as", lab.name]
    try:
        done = subprocess.run([LAB, "up", *words], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        yield lab
    finally:
        subprocess.run([LAB, "down", *words], capture_output=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with up() as it:
        yield it


@pytest.fixture(scope="module")
def talker(lab: Lab) -> str:
    return lab.run("talker", LINES)


@pytest.fixture(scope="module")
def tty_talker(lab: Lab) -> str:
    return lab.run("tty-talker", LINES, tty=True)


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def by_stream(frames: list[Frame]) -> dict[Stream, bytes]:
    ordered = sorted(frames, key=lambda frame: frame.stream)
    return {
        stream: b"".join(frame.data for frame in group) for stream, group in groupby(ordered, lambda each: each.stream)
    }


class TestLogs:
    def test_stdout_and_stderr_come_apart(self, lab: Lab, talker: str, flavour: str) -> None:
        found = by_stream(lab.collect(flavour, "logs", talker))
        assert found == {OUT: b"out\n" + b"x" * 40000 + b"\nend", ERR: b"err\n"}

    def test_one_of_them_comes_alone(self, lab: Lab, talker: str, flavour: str) -> None:
        assert lab.collect(flavour, "logs", talker, stdout=False) == [Frame(ERR, b"err\n")]

    def test_a_line_of_40_kb_is_joined_and_has_one_stamp(self, lab: Lab, talker: str, flavour: str) -> None:
        apart = lab.collect(flavour, "logs", talker, timestamps=True, stderr=False)
        stamps = len(STAMP.findall(b"".join(frame.data for frame in apart)))
        assert stamps > 5 if engine.PODMAN else stamps == 5  # Podman cuts where a read ended
        found = lab.collect(flavour, "logs", talker, timestamps=True, join=True)
        assert [STAMP.sub(b"", frame.data) for frame in found if frame.stream is OUT] == [
            b"out\n",
            b"x" * 40000 + b"\n",
            b"end",
        ]
        assert all(len(STAMP.findall(frame.data)) == 1 for frame in found)
        bare = lab.collect(flavour, "logs", talker, join=True)
        assert [frame.data for frame in bare] == [STAMP.sub(b"", frame.data) for frame in found]

    def test_a_tty_has_stdout_alone_and_its_lines_are_joined_as_well(
        self, lab: Lab, tty_talker: str, flavour: str
    ) -> None:
        found = lab.collect(flavour, "logs", tty_talker)
        assert by_stream(found) == {OUT: b"out\r\nerr\r\n" + b"x" * 40000 + b"\r\nend"}
        stamped = lab.collect(flavour, "logs", tty_talker, timestamps=True, join=True)
        assert [STAMP.sub(b"", frame.data) for frame in stamped] == [
            b"out\r\n",
            b"err\r\n",
            b"x" * 40000 + b"\r\n",
            b"end",
        ]

    def test_since_a_lines_own_stamp_gives_that_line_again(self, lab: Lab, talker: str, flavour: str) -> None:
        whole = lab.collect(flavour, "logs", talker, timestamps=True, join=True)
        last = next(frame for frame in whole if frame.data.endswith(b" end"))
        stamp = last.data.partition(b" ")[0].decode()
        again = lab.collect(flavour, "logs", talker, timestamps=True, join=True, since=stamp)
        if engine.PODMAN:  # a stamp of a whole second gives all of that second, another one perhaps not its own line
            assert all(frame.data >= stamp.encode() for frame in again)
        else:
            assert again == [last]

    def test_following_ends_with_the_container(self, lab: Lab, flavour: str) -> None:
        name = lab.run(f"follow-{flavour}", "echo one; sleep 0.2; echo two", wait=False)
        found = lab.collect(flavour, "logs", name, follow=True)
        assert b"".join(frame.data for frame in found) == b"one\ntwo\n"

    def test_a_container_that_is_not_there_is_said(self, lab: Lab, flavour: str) -> None:
        with pytest.raises(NotFoundError, match=engine.NO_CONTAINER):
            lab.collect(flavour, "logs", "nosuch")


def tar_of(**files: bytes) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(content), 0o4755, 1_700_000_000
            tar.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "hello"
        tar.addfile(link)
    return data.getvalue()


class TestArchives:
    def test_what_is_put_has_its_stat_and_comes_back(self, lab: Lab, talker: str, flavour: str, tmp_path: Path) -> None:
        lab.ask(flavour, "archive_put", talker, "/", iter([tar_of(hello=b"world")]))
        found = lab.ask(flavour, "archive_stat", talker, "/hello")
        assert (found.name, found.size, stat.filemode(found.mode)) == ("hello", 5, "-rwsr-xr-x")
        assert found.mtime_ns == 1_700_000_000 * 10**9
        link = lab.ask(flavour, "archive_stat", talker, "/link")
        assert (stat.filemode(link.mode)[0], link.link_target) == ("l", "/hello")
        assert lab.ask(flavour, "archive_get_to_file", talker, "/hello", tmp_path / "hello.tar") == found
        with tarfile.open(tmp_path / "hello.tar") as tar:
            member = tar.extractfile("hello")
            assert member is not None and member.read() == b"world"

    def test_a_folder_is_one(self, lab: Lab, talker: str, flavour: str) -> None:
        found = lab.ask(flavour, "archive_stat", talker, "/bin")
        assert found.is_dir and stat.filemode(found.mode) == "drwxr-xr-x"

    def test_what_is_not_there_is_said(self, lab: Lab, talker: str, flavour: str) -> None:
        with pytest.raises(NotFoundError, match="no container talker, or no /nosuch in it"):
            lab.ask(flavour, "archive_stat", talker, "/nosuch")
        with pytest.raises(NotFoundError, match="no such file or directory" if engine.PODMAN else "/nosuch"):
            lab.collect(flavour, "archive_get", talker, "/nosuch")

    def test_a_folder_to_put_into_has_to_be_there(self, lab: Lab, talker: str, flavour: str) -> None:
        folder = f"/nosuch-{flavour}"
        if engine.PODMAN:  # it makes the folder
            lab.ask(flavour, "archive_put", talker, folder, tar_of(hello=b"world"))
            assert lab.ask(flavour, "archive_stat", talker, f"{folder}/hello").size == 5
        else:
            with pytest.raises(NotFoundError, match=folder):
                lab.ask(flavour, "archive_put", talker, folder, tar_of())

    def test_an_export_is_the_whole_file_system(self, lab: Lab, talker: str, flavour: str, tmp_path: Path) -> None:
        lab.ask(flavour, "export_to_file", talker, tmp_path / "it.tar")
        with tarfile.open(tmp_path / "it.tar") as tar:
            assert {"bin/busybox", "www/index.html"} & set(tar.getnames())
        assert os.listdir(tmp_path) == ["it.tar"]

    def test_a_saved_image_loads(self, lab: Lab, flavour: str, tmp_path: Path) -> None:
        lab.ask(flavour, "image_save_to_file", [IMAGE], tmp_path / "it.tar")
        with open(tmp_path / "it.tar", "rb") as file:
            (found,) = lab.collect(flavour, "image_load", file)
        assert found["stream"].rstrip("\n") == f"Loaded image: {engine.IMAGE}"

    def test_a_load_of_rubbish_is_raised_from_the_stream(self, lab: Lab, flavour: str) -> None:
        said = "500: failed to load image" if engine.PODMAN else "the daemon gave up in the middle: "
        with pytest.raises(ServerError if engine.PODMAN else StreamError, match=said):
            lab.collect(flavour, "image_load", b"no tar at all")


MEMORY = """
import json, resource, sys
from stream_calls import ask
from rawdock import Endpoint
flavour, socket, folder = sys.argv[1:]
endpoint = Endpoint.parse(f"unix://{socket}", "the test")

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

ask(flavour, endpoint, "archive_stat", "talker", "/bin", version=None)
before = peak()
stat = ask(flavour, endpoint, "archive_get_to_file", "large", "/large", f"{folder}/large.tar", version=None)
with open(f"{folder}/large.tar", "rb") as file:
    ask(flavour, endpoint, "archive_put", "large", "/www", file, version=None)
print(json.dumps([stat.size, before, peak()]))
"""


@pytest.mark.slow
@pytest.mark.usefixtures("talker")
def test_200_mb_out_of_a_container_and_into_it_take_a_few_mebibytes(lab: Lab, tmp_path: Path) -> None:
    size = 200_000_000
    lab.run("large", f"head -c {size} /dev/zero > /large")
    for flavour in FLAVOURS:
        argv = [sys.executable, "-c", MEMORY, flavour, str(lab.folder / "docker.sock"), str(tmp_path)]
        environment = {**os.environ, "PYTHONPATH": f"{LAB.parents[1]}:{Path(__file__).parent}"}
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False, env=environment)
        assert done.returncode == 0, done.stderr
        taken, before, peak = json.loads(done.stdout)
        assert taken == size
        assert peak - before < 8, f"{flavour}: {before} MiB before, {peak} MiB at most"
    (tmp_path / "large.tar").unlink()


class TestEventsAndImages:
    def test_events_of_a_time_are_those_of_then(self, lab: Lab, flavour: str) -> None:
        since = time.time()
        name = lab.run(f"eventful-{flavour}", "true")
        with SyncClient(lab.endpoint) as client:  # what waits hears of the end a little before `die` is noted
            client.delete(f"/containers/{name}").raise_for_status()
        actions = ["create", "start", "die", "remove" if engine.PODMAN else "destroy"]
        ahead = 1 if engine.PODMAN else 0  # it leaves off anywhere when `until` is past already
        filters = {"type": "container", "container": name, "event": actions}
        found = lab.collect(flavour, "events", since=since, until=time.time() + ahead, filters=filters)
        assert [event["Action"] for event in found] == actions
        middle = f"{found[1]['timeNano'] // 10**9}.{found[1]['timeNano'] % 10**9:09}"
        again = lab.collect(flavour, "events", since=middle, until=time.time() + ahead, filters=filters)
        # Podman reads `since` as a float, so the event at that very moment may be left out.
        assert [event["Action"] for event in again] in ([actions[1:], actions[2:]] if engine.PODMAN else [actions[1:]])

    def test_stats_once(self, lab: Lab, flavour: str) -> None:
        (found,) = lab.collect(flavour, "stats", "web", stream=False, one_shot=True)
        # From 26 on such an answer has lost its name; a longer one has it.
        assert found.get("name") == ("web" if engine.PODMAN else None if engine.docker(26) else "/web")
        assert found["cpu_stats"]["cpu_usage"]["total_usage"] > 0

    def test_a_pull_that_finds_no_registry_is_an_error_of_the_daemons(self, lab: Lab, flavour: str) -> None:
        with pytest.raises(ServerError, match="connection refused"):
            params = {"fromImage": "127.0.0.1:1/x", "tag": "1"}
            lab.collect(flavour, "json_stream", "POST", "/images/create", params=params)

    def test_a_push_that_finds_no_registry_is_an_error_in_the_stream(self, lab: Lab, flavour: str) -> None:
        with SyncClient(lab.endpoint) as client:
            client.post(f"/images/{IMAGE}/tag", params={"repo": "127.0.0.1:1/x", "tag": "1"}).raise_for_status()
        found: list[Any] = []
        options = {"params": {"tag": "1"}, "headers": {"X-Registry-Auth": "e30="}, "into": found}
        # Podman knows it before it answers.
        with pytest.raises(ServerError if engine.PODMAN else StreamError, match="connection refused"):
            lab.collect(flavour, "json_stream", "POST", "/images/127.0.0.1:1/x/push", **options)
        assert found == ([] if engine.PODMAN else [{"status": "The push refers to repository [127.0.0.1:1/x]"}])


class Appended(list[Any]):
    """Says of each item that it came, and keeps none."""

    def __init__(self, came: Callable[[], None]) -> None:
        super().__init__()
        self._came = came

    def append(self, item: Any) -> None:
        self._came()


class Reader(threading.Thread):
    """Reads one item, says so, waits for the daemon's end and reads on; `error` is how that ends."""

    def __init__(self, lab: Lab, killed: threading.Event, flavour: str, verb: str, *words: Any, **options: Any) -> None:
        super().__init__(daemon=True)
        self.begun = threading.Event()
        self.error: BaseException | None = None
        self._killed = killed
        self._read: Callable[[], object] = lambda: lab.collect(flavour, verb, *words, into=self._items(), **options)

    def _items(self) -> list[Any]:
        def begin() -> None:
            self.begun.set()
            self._killed.wait(20)

        return Appended(begin)

    def run(self) -> None:
        try:
            self._read()
        except BaseException as error:
            self.error = error


class Asker(Reader):
    """Makes a call that gives one answer, or waits for one from its head on; `error` is how that ends."""

    def __init__(self, call: Callable[[], object]) -> None:
        threading.Thread.__init__(self, daemon=True)
        self.error = None
        self._read = call


def wait_from_the_head(lab: Lab, flavour: str, begun: Callable[[], None], killed: threading.Event) -> None:
    async def body(core: Core) -> None:
        reply = await core.open("POST", "/containers/silent/wait")
        try:
            begun()
            killed.wait(20)
            await reply.read()
        finally:
            await core.close(reply)

    with_core(flavour, lab.endpoint.url, body)


def await_events(lab: Lab, since: float, wanted: dict[str, int]) -> None:
    """Wait until each action has happened so many times, for 30 s at most."""
    left = dict(wanted)
    options: dict[str, Any] = {"since": since, "until": since + 30, "filters": {"type": "container"}}
    with SyncClient(lab.endpoint) as client, client.events(**options) as events:
        for event in events:
            action = event["Action"].partition(":")[0]
            if action in left:
                left[action] -= 1
            if not any(count > 0 for count in left.values()):
                return
    raise AssertionError(f"not seen: {left}")


@pytest.mark.slow
def test_a_daemon_killed_in_the_middle_is_an_error_that_names_what_was_lost() -> None:
    with up() as doomed:
        doomed.run("silent", "echo begun; exec sleep 1000000", wait=False)
        killed = threading.Event()
        readers = {}
        for flavour in FLAVOURS:
            # The daemon locks a container while it archives it, so each archive has one of its own.
            large = doomed.run(f"large-{flavour}", "head -c 30000000 /dev/zero > /large")
            calls: dict[str, tuple[Any, ...]] = {
                "the logs of silent": ("logs", "silent", {"follow": True}),
                "the events": ("events", {"since": 0}),
                "the stats of silent": ("stats", "silent", {}),
                f"the archive of {large}:/large": ("archive_get", large, "/large", {}),
                "exec of 'sh' in silent": ("exec_stream", "silent", "echo begun; sleep 1000000", {}),
            }
            for what, (*words, options) in calls.items():
                readers[flavour, what] = Reader(doomed, killed, flavour, *words, **options)
        for reader in readers.values():
            reader.start()
        try:
            for (flavour, what), reader in readers.items():
                assert reader.begun.wait(20), f"{flavour}: {what} never began: {reader.error!r}"
            os.kill(int((doomed.folder / "engine.pid").read_text()), signal.SIGKILL)
        finally:
            killed.set()
            for reader in readers.values():
                reader.join(20)
        for (flavour, what), reader in readers.items():
            assert isinstance(reader.error, TruncatedError | ConnectionLostError), (flavour, what, reader.error)
            assert f": {what} broke off" in str(reader.error), flavour


@pytest.mark.slow
def test_a_daemon_killed_before_it_answers_is_an_error_that_names_what_was_asked() -> None:
    with up() as doomed:
        doomed.run("silent", "exec sleep 1000000", wait=False)
        begun, killed = threading.Semaphore(0), threading.Event()
        since = time.time()
        calls: dict[str, Callable[[str], object]] = {
            "exec of 'sleep' in silent broke off, its exit code is not known": (
                lambda flavour: doomed.ask(flavour, "exec_run", "silent", ["sleep", "1000000"])
            ),
            "exec of 'cat' in silent broke off": (
                lambda flavour: doomed.ask(flavour, "exec_run", "silent", ["cat"], input=endless(killed))
            ),
            "POST /containers/[0-9a-f]{64}/(wait|start) broke off": (
                lambda flavour: doomed.ask(flavour, "run", IMAGE, ["sleep", "1000000"], name=f"run-{flavour}")
            ),
            "POST /containers/silent/wait broke off": (
                lambda flavour: wait_from_the_head(doomed, flavour, begun.release, killed)
            ),
        }
        askers = {
            (flavour, what): Asker(partial(call, flavour)) for flavour in FLAVOURS for what, call in calls.items()
        }
        for asker in askers.values():
            asker.start()
        try:
            await_events(
                doomed, since, {"exec" if engine.PODMAN else "exec_start": 2 * len(FLAVOURS), "start": len(FLAVOURS)}
            )
            assert all(begun.acquire(timeout=20) for _ in FLAVOURS)
            os.kill(int((doomed.folder / "engine.pid").read_text()), signal.SIGKILL)
        finally:
            killed.set()
            for asker in askers.values():
                asker.join(20)
        for (flavour, what), asker in askers.items():
            assert isinstance(asker.error, TruncatedError | ConnectionLostError), (flavour, what, asker.error)
            assert re.search(f"docker.sock from the (lab|test): {what}", str(asker.error)), (flavour, asker.error)


def endless(killed: threading.Event) -> Iterator[bytes]:
    """Input that ends when the daemon has: a slow one would hold the asyncio loop, which has nothing else to do here."""
    yield b"x"
    killed.wait(20)
