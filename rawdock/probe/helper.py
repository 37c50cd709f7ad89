"""One helper container that stands in every container's network namespace.

Its image is the agent alone, imported by the API without a registry. It holds CAP_SYS_ADMIN and no other capability, because
setns(2) asks for it; the namespaces come as read-only binds of each container's SandboxKey. Container and image are removed
at the end; both carry the label rawdock.probe.
"""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Sequence
from importlib.resources import files
from types import TracebackType
from typing import Any

from ..client import SyncClient
from ..errors import ProtocolError, RawdockError
from ..wire.stdcopy import StdcopyDecoder, Stream
from .agent_lines import Report, read_report

LABEL = "rawdock.probe"
_API_TIMEOUT = 30.0  # seconds for each call to the daemon
_AGENTS = {"amd64": "amd64", "x86_64": "amd64", "arm64": "arm64", "aarch64": "arm64"}


class Helper:
    """Use with `with`. Raises RawdockError where the daemon will not have it. `sandboxes`: paths of network namespaces on
    the daemon's host; the words see number N of them, from 0, as `namespace(N)`."""

    def __init__(self, client: SyncClient, architecture: str, sandboxes: Sequence[str]) -> None:
        self._client = client
        self._architecture = architecture
        self._sandboxes = sandboxes
        self._image = f"rawdock-probe:{os.urandom(6).hex()}"
        self._containers: list[str] = []

    def __enter__(self) -> Helper:
        agent = _AGENTS.get(self._architecture)
        if agent is None:
            raise ProtocolError(
                f"the daemon's architecture is {self._architecture!r}, the probe's agent has {_known()}"
            )
        repository, _, tag = self._image.partition(":")
        params = {"fromSrc": "-", "repo": repository, "tag": tag, "changes": f"LABEL {LABEL}=1"}
        response = self._call("POST", "/images/create", params=params, content=_image_tar(agent),
                              headers={"Content-Type": "application/x-tar"})  # fmt: skip
        if '"error' in response.text:
            raise ProtocolError(f"the daemon did not import the probe's image: {response.text.strip()[-200:]}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for container in list(self._containers):
            self._remove(f"/containers/{container}")
        self._remove(f"/images/{self._image}")

    @staticmethod
    def namespace(number: int) -> str:
        """The path under which the agent finds sandbox `number`."""
        return f"/ns/{number}"

    def start(self, words: Sequence[str]) -> str:
        """Start the agent on these words and return the container's id; `collect` waits for it."""
        settings = {
            "Image": self._image,
            "Cmd": ["/agent", *words],
            "Labels": {LABEL: "1"},
            "NetworkDisabled": False,
            "HostConfig": {
                "NetworkMode": "host",
                "Binds": [f"{path}:{self.namespace(number)}:ro" for number, path in enumerate(self._sandboxes)],
                "CapDrop": ["ALL"],
                "CapAdd": ["SYS_ADMIN"],
                "ReadonlyRootfs": True,
                "SecurityOpt": ["no-new-privileges"],
                "PidsLimit": 8,
                "LogConfig": {"Type": "json-file"},  # whatever the daemon's default is, the lines must be readable
            },
        }
        container = str(self._call("POST", "/containers/create", json=settings).json()["Id"])
        self._containers.append(container)
        self._call("POST", f"/containers/{container}/start")
        return container

    def collect(self, container: str) -> Report:
        """Wait for the agent's end and return what it said."""
        status = self._call("POST", f"/containers/{container}/wait").json().get("StatusCode")
        logs = self._call("GET", f"/containers/{container}/logs", params={"stdout": 1, "stderr": 1})
        output = _demultiplex(logs.content)
        if status:
            raise ProtocolError(f"the probe's agent ended with status {status}: {output[Stream.STDERR][-200:]!r}")
        self._remove(f"/containers/{container}")
        self._containers.remove(container)
        return read_report(output[Stream.STDOUT])

    def _call(self, method: str, path: str, **options: Any) -> Any:
        return self._client.request(method, path, timeout=_API_TIMEOUT, **options).raise_for_status()

    def _remove(self, path: str) -> None:
        try:
            self._client.delete(path, params={"force": True}, timeout=_API_TIMEOUT)
        except RawdockError:
            pass  # the daemon is gone, and what it held is out of reach; the first error says so


def _known() -> str:
    return " and ".join(sorted(set(_AGENTS.values())))


def _image_tar(agent: str) -> bytes:
    content = (files(__package__) / "agent" / agent).read_bytes()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        member = tarfile.TarInfo("agent")
        member.size, member.mode = len(content), 0o555
        tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _demultiplex(content: bytes) -> dict[Stream, bytes]:
    decoder = StdcopyDecoder()
    found = dict.fromkeys(Stream, b"")
    for frame in decoder.feed(content):
        found[frame.stream] += frame.data
    decoder.close()
    if found[Stream.SYSTEMERR]:
        raise ProtocolError(f"the daemon lost the agent's output: {found[Stream.SYSTEMERR][:200]!r}")
    return found
