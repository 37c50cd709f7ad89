"""What is measured on: a lab with a real dockerd (Unix socket and TLS), the canned server, the compiled programs, the files.

All of it is made at the start and taken away at the end, whatever ends it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab_parts.api import API
from lab_parts.commands import LabError, run, say
from lab_parts.environment import client_variables
from lab_parts.image import IMAGE, root_file_system
from lab_parts.instance import Instance, default_name
from lab_parts.lifecycle import down, up
from lab_parts.namespaces import NETNS
from lab_parts.packages import require_linux_root
from lab_parts.topologies import topology_named

from . import goals, stock
from .canned import CannedServer, answers
from .cases import Run, RunOptions

if TYPE_CHECKING:
    from typing_extensions import Unpack

PARTS = Path(__file__).resolve().parent
CHECKOUT = PARTS.parents[1]
VENV = CHECKOUT / ".venv-bench"
CANNED_LOGS = ("short-5", "short-20", "short-100", "long-50", "long-500")
_PACKAGE_OF = {"cc": "gcc", "go": "golang-go", "curl": "curl", "docker": "docker.io"}
_PROGRAM = {
    goals.SYNC: "rawdock_sync.py",
    goals.ASYNC: "rawdock_async.py",
    goals.AIODOCKER: "aiodocker_client.py",
    goals.DOCKER_PY: "docker_py.py",
}


@dataclass(frozen=True)
class Place:
    """Where a daemon is, for every kind of client. curl: the words that lead it there; url: what its paths go behind."""

    name: str
    variables: Mapping[str, str]
    curl: tuple[str, ...]
    url: str
    network: str = "-"


@dataclass(frozen=True)
class Site:
    """`quick`: less of everything. `folder`: for files, in memory where there is a file system for that, so that a disk's
    moods do not show."""

    quick: bool
    folder: Path
    runner: Path
    go: Path
    unix: Place
    tls: Place
    canned: Place
    canned_tcp: Place
    api: API
    stock: stock.Stock
    nowhere = Path(os.devnull)

    def rounds(self, number: int, quick: int = 2) -> int:
        return quick if self.quick else number

    def environment(self, place: Place) -> dict[str, str]:
        """Nothing of the user's: a config.json, a proxy or a certificate bundle would lead some of the clients elsewhere."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            **place.variables,
        }

    def client(self, place: Place, peer: str, *words: object, **more: Unpack[RunOptions]) -> Run:
        """One of the programs in clients/, at a work of its own."""
        argv = (str(VENV / "bin" / "python"), str(PARTS / "clients" / _PROGRAM.get(peer, peer)), *map(str, words))
        return Run(argv, {**self.environment(place), "PYTHONPATH": str(PARTS.parent)}, place.network, **more)

    def program(self, place: Place, *words: object, **more: Unpack[RunOptions]) -> Run:
        """Any other program."""
        return Run(tuple(map(str, words)), self.environment(place), place.network, **more)

    def curl(
        self,
        place: Place,
        path: str,
        *words: object,
        counts: str = "download",
        payload: int | None = None,
        **more: Unpack[RunOptions],
    ) -> Run:
        """curl's own clock, from the start of the transfer to its end. counts: download or upload; payload: the amount, where
        that is not the bytes that come."""
        size = f"%{{size_{counts}}}"
        told = f'{{"seconds": %{{time_total}}, "amount": {payload or size}, "bytes": {size}}}'
        quiet = ("--silent", "--show-error", "--fail")
        return self.program(place, "curl", *quiet, "--write-out", told, *place.curl, *words, place.url + path, **more)

    @contextmanager
    def create_containers(self) -> Iterator[None]:
        """One after the other, and removed again, for as long as the with statement lasts."""
        enough = threading.Event()

        def create() -> None:
            while not enough.is_set():
                found = self.api.call(
                    "POST", "/containers/create", {"Image": IMAGE, "HostConfig": {"NetworkMode": "none"}}
                )
                self.api.call("DELETE", f"/containers/{found['Id']}")

        with ThreadPoolExecutor(1) as threads:
            creating = threads.submit(create)
            try:
                yield
            finally:
                enough.set()
                creating.result()


@contextmanager
def built(quick: bool) -> Iterator[Site]:
    """The site, which is gone afterwards. Raises LabError."""
    require_linux_root()
    require_programs()
    say("environment .venv-bench")
    run([str(CHECKOUT / "scripts" / "venv"), "--bench"])
    # Compiled beforehand, so that the first round shows neither the time nor the memory of compiling.
    compiled_first = (VENV / "lib", CHECKOUT / "rawdock", PARTS)
    run([str(VENV / "bin" / "python"), "-m", "compileall", "-q", "-j", "0", *map(str, compiled_first)])
    with ExitStack() as stack:
        memory = Path("/dev/shm")
        base = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rawdock-bench-", dir=base)))
        programs = compiled(folder)
        instance = Instance(topology_named("docker-machine"), f"bench-{default_name()}")
        down(instance)
        stack.callback(down, instance)
        up(instance, None)
        api = API(instance.socket, timeout=120)
        say("containers, logs and images to measure with")
        goods = stock.fill(api, instance.socket, folder, root_file_system(), quick)
        inspected = subprocess.run(
            ["curl", "-s", "--unix-socket", str(instance.socket), "http://d/v1.41/containers/web/json"],
            capture_output=True,
            check=True,
        ).stdout
        server = CannedServer(programs["canned"], folder, answers(inspected, CANNED_LOGS))
        stack.callback(server.close)
        yield Site(quick, folder, programs["run"], programs["client"], *places(instance, server), api, goods)


def places(instance: Instance, server: CannedServer) -> tuple[Place, Place, Place, Place]:
    """(the daemon's Unix socket, the same daemon by TLS, the canned server's Unix socket, its TCP port)."""
    machine = instance.topology.machine
    assert machine
    variables = client_variables(instance)
    certificates = variables["DOCKER_CERT_PATH"]
    keys = (
        "--cacert",
        f"{certificates}/ca.pem",
        "--cert",
        f"{certificates}/cert.pem",
        "--key",
        f"{certificates}/key.pem",
    )
    network = str(NETNS / instance.namespace(instance.topology.client))
    return (
        unix_place("real unix", instance.socket),
        Place("real TLS", variables, keys, f"https://{machine.ip}:{machine.port}", network),
        unix_place("canned unix", server.socket),
        Place("canned tcp", {"DOCKER_HOST": f"tcp://127.0.0.1:{server.port}"}, (), f"http://127.0.0.1:{server.port}"),
    )


def unix_place(name: str, socket: Path) -> Place:
    return Place(name, {"DOCKER_HOST": f"unix://{socket}"}, ("--unix-socket", str(socket)), "http://localhost")


def compiled(folder: Path) -> dict[str, Path]:
    """The programs of native/, built without any module or library. Raises LabError."""
    native = PARTS / "native"
    found = {name: folder / name for name in ("run", "canned", "client")}
    for name in ("run", "canned"):
        run(["cc", "-O2", "-Wall", "-Wextra", "-pthread", "-o", str(found[name]), str(native / f"{name}.c")])
    offline = ["GOPROXY=off", "GO111MODULE=off", "GOFLAGS=", f"GOCACHE={folder}/go-cache"]
    run(["env", *offline, "go", "build", "-o", str(found["client"]), str(native / "client.go")])
    shutil.rmtree(folder / "go-cache", ignore_errors=True)
    return found


def require_programs() -> None:
    """Install what is missing. Raises LabError, code 2."""
    for step in ("install", "look"):
        missing = sorted({package for program, package in _PACKAGE_OF.items() if not shutil.which(program)})
        if not missing:
            return
        if step == "install" and shutil.which("apt-get"):
            say(f"installing {' '.join(missing)}")
            # docker.io comes with the lab's packages, which keep its service from starting
            run([sys.executable, str(CHECKOUT / "scripts" / "lab"), "install"])
            wanted = [package for package in missing if package != "docker.io"]
            if wanted:
                run(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "update"])
                run(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "install", "-y", *wanted])
    raise LabError(f"missing {', '.join(missing)}: install them, then try again", code=2)
