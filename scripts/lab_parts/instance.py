"""One lab: a topology under a name, and every place on the machine that belongs to it.

All places follow from (topology, name) alone, so that `down` finds what a killed `up` left.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .commands import LabError, say, wait_until
from .topologies import TOPOLOGIES, Topology

ROOT = Path("/var/lib/rawdock-lab")

# 20: the longest socket, exec/containerd/containerd.sock.ttrpc, must fit the 108 bytes of sun_path, unix(7).
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")


def default_name() -> str:
    """A short hash of the checkout's path, so that two clones on one machine do not collide."""
    checkout = Path(__file__).resolve().parents[2]
    return hashlib.sha256(str(checkout).encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Instance:
    """Raises LabError, code 2, for a name that cannot be part of a namespace's name."""

    topology: Topology
    name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise LabError(f"{self.name!r} from --as: expected 1 to 20 of a-z, 0-9 and '-'", code=2)

    @property
    def id(self) -> str:
        return f"{self.topology.name}-{self.name}"

    @property
    def folder(self) -> Path:
        return ROOT / self.id

    @property
    def socket(self) -> Path:
        """The daemon's unix socket; the lab's own way in, and in `native` the client's."""
        return self.folder / "docker.sock"

    @property
    def store(self) -> Path:
        """docker-machine's storage path; written only where the topology has a machine."""
        return self.folder / "store"

    @property
    def cgroup(self) -> str:
        """Below the root of every cgroup hierarchy; daemon and containers each have a cgroup in it."""
        return f"rawdock-lab/{self.id}"

    def namespace(self, role: str) -> str:
        return f"rd-{self.id}-{role}"

    @property
    def nodes(self) -> tuple[Node, ...]:
        """A place for each daemon; that of the client's first."""
        return tuple(Node(self, role) for role in self.topology.daemons)

    @property
    def namespaces(self) -> tuple[str, ...]:
        return tuple(self.namespace(role) for role in self.topology.roles)

    def options(self) -> str:
        """What to type after `lab COMMAND` to mean this instance."""
        return self.topology.name if self.name == default_name() else f"{self.topology.name} --as {self.name}"

    def placed(self, text: str) -> str:
        """The text with the address of the daemon's host for {vm}: its machine's, or loopback."""
        return text.replace("{vm}", self.topology.machine.ip if self.topology.machine else "127.0.0.1")

    def write_record(self, *, ready: bool, engine: str | None) -> None:
        """Record what is built here; ready: everything of it is up; engine: None is the machine's own."""
        self._write({"ready": ready, "since": int(time.time()), "engine": engine, "faults": self.faults()})

    def write_faults(self, names: list[str]) -> None:
        """Record the faults that were brought in."""
        self._write({**self._record(), "faults": names})

    def faults(self) -> list[str]:
        """The names of the faults that it has, in the order of their coming."""
        found: list[str] = self._record().get("faults") or []
        return found

    def _write(self, record: dict[str, Any]) -> None:
        (self.folder / "instance.json").write_text(json.dumps(record) + "\n")

    def is_ready(self) -> bool:
        """Whether an `up` came to its end here."""
        return bool(self._record().get("ready"))

    def engine(self) -> str | None:
        """The name of the engine that was asked for here; None where it was none."""
        return self._record().get("engine")

    def _record(self) -> dict[str, Any]:
        try:
            record: dict[str, Any] = json.loads((self.folder / "instance.json").read_text())
        except (OSError, ValueError):
            return {}
        return record

    def alone(self) -> AbstractContextManager[None]:
        """Hold this instance against another `up` or `down` of it; wait up to two minutes for that one."""
        return alone(f"{ROOT}/{self.id}", self.id, 120)


@dataclass(frozen=True)
class Node:
    """Where one daemon of an instance lives. role: whose network namespace it is in."""

    instance: Instance
    role: str

    @property
    def folder(self) -> Path:
        """Of the client's own daemon the instance's."""
        instance = self.instance
        return instance.folder if self.role == instance.topology.daemon else instance.folder / self.role

    @property
    def socket(self) -> Path:
        return self.folder / "docker.sock"

    @property
    def host_name(self) -> str:
        """ "" where it is the machine's own."""
        topology = self.instance.topology
        return self.role if topology.swarm else topology.host_name


@contextmanager
def alone(lock: str, what: str, seconds: float) -> Iterator[None]:
    """Hold `what` against other lab commands. Raises LabError when one holds it longer than `seconds`.

    The lock is an abstract unix socket: it vanishes with its process and leaves no file (unix(7)).
    """
    with socket.socket(socket.AF_UNIX) as held:

        def taken() -> bool:
            try:
                held.bind(f"\0{lock}")
            except OSError:
                return False
            return True

        if not taken():
            say(f"waiting for another lab command on {what}")
            if not wait_until(taken, seconds, every=0.1):
                raise LabError(f"another lab command has been at work on {what} for {seconds / 60:.0f} minutes")
        yield


def instances() -> list[Instance]:
    """Every instance that has a folder, a cgroup or a namespace here, dead or alive, by id."""
    names = {path.name for path in ROOT.glob("*")}
    for pattern in ("rawdock-lab/*/", "*/rawdock-lab/*/"):
        names |= {path.name for path in Path("/sys/fs/cgroup").glob(pattern)}
    names |= {path.name[3:].rpartition("-")[0] for path in Path("/run/netns").glob("rd-*-*")}
    found = []
    for name in sorted(names):
        for topology in TOPOLOGIES.values():
            rest = name.removeprefix(f"{topology.name}-")
            if rest != name and _NAME.fullmatch(rest):
                found.append(Instance(topology, rest))
    return found
