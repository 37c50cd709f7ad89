"""One helper container that stands in every container's network namespace.

Its image is the agent alone, imported by the API without a registry. It holds CAP_SYS_ADMIN and no other capability, because
setns(2) asks for it; the namespaces come as a read-only bind of the folder of the containers' SandboxKeys: a bind for each
would have the daemon make an empty folder in the place of one that has gone meanwhile. Container and image are removed at
the end; both carry the label rawdock.probe.
"""

from __future__ import annotations

import io
import json
import os
import posixpath
import signal
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from types import TracebackType
from typing import Any

from ..client import Response, SyncClient
from ..errors import ProtocolError, RawdockError
from ..wire.stdcopy import StdcopyDecoder, Stream
from .agent_lines import Report, read_report

LABEL = "rawdock.probe"
_API_TIMEOUT = 30.0  # seconds for each call to the daemon; the agent itself is done within five
_AGENTS = {"amd64": "amd64", "x86_64": "amd64", "arm64": "arm64", "aarch64": "arm64"}
# Whatever the daemon's defaults are: the lines must be readable, and none of them rotated away or dropped.
_LOGS = {
    "Type": "json-file",
    "Config": {"max-size": "1g", "max-file": "1", "compress": "false", "mode": "blocking"},
}


class Helper:
    """Use with `with`. Raises RawdockError where the daemon will not have it. `sandboxes`: paths of network namespaces on
    the daemon's host. `leftovers`: after the end, what the daemon did not let us remove and why, a sentence each."""

    def __init__(self, client: SyncClient, architecture: str, sandboxes: Sequence[str]) -> None:
        self._client = client
        self._architecture = architecture
        self._folders = list(dict.fromkeys(posixpath.dirname(path) for path in sandboxes))
        self._token = os.urandom(6).hex()
        self._image = f"rawdock-probe:{self._token}"
        self.leftovers: list[str] = []

    def __enter__(self) -> Helper:
        agent = _AGENTS.get(self._architecture)
        if agent is None:
            raise ProtocolError(
                f"the daemon's architecture is {self._architecture!r}, the probe's agent has {_known()}"
            )
        try:
            self._import(_image_tar(agent))
        except BaseException:
            self._remove_all()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove_all()

    def _import(self, image: bytes) -> None:
        repository, _, tag = self._image.partition(":")
        params = {"fromSrc": "-", "repo": repository, "tag": tag, "changes": f"LABEL {LABEL}={self._token}"}
        with _uninterrupted():
            response = self._call("POST", "/images/create", params=params, content=image,
                                  headers={"Content-Type": "application/x-tar"})  # fmt: skip
        if '"error' in response.text:
            raise ProtocolError(f"the daemon did not import the probe's image: {response.text.strip()[-200:]}")

    def namespace(self, sandbox: str) -> str:
        """The path under which the agent finds this one of the sandboxes."""
        folder, name = posixpath.split(sandbox)
        return f"/ns/{self._folders.index(folder)}/{name}"

    def start(self, words: Sequence[str]) -> str:
        """Start the agent on these words and return the container's id; `collect` waits for it."""
        settings = {
            "Image": self._image,
            "Cmd": ["/agent", *words],
            "Labels": {LABEL: self._token},
            "NetworkDisabled": False,
            "HostConfig": {
                "NetworkMode": "host",
                "Binds": [f"{folder}:/ns/{number}:ro" for number, folder in enumerate(self._folders)],
                "CapDrop": ["ALL"],
                "CapAdd": ["SYS_ADMIN"],
                "ReadonlyRootfs": True,
                "SecurityOpt": ["no-new-privileges"],
                "PidsLimit": 8,
                "LogConfig": _LOGS,
            },
        }
        with _uninterrupted():
            response = self._call("POST", "/containers/create", json=settings)
        container = _field(response, "Id")
        self._call("POST", f"/containers/{container}/start")
        return container

    def collect(self, container: str) -> Report:
        """Wait for the agent's end and return what it said."""
        status = _field(self._call("POST", f"/containers/{container}/wait"), "StatusCode")
        logs = self._call("GET", f"/containers/{container}/logs", params={"stdout": 1, "stderr": 1})
        output = _demultiplex(logs.content)
        if status != "0":
            raise ProtocolError(f"the probe's agent ended with status {status}: {output[Stream.STDERR][-200:]!r}")
        self._remove(f"/containers/{container}")
        return read_report(output[Stream.STDOUT])

    def _call(self, method: str, path: str, **options: Any) -> Response:
        return self._client.request(method, path, timeout=_API_TIMEOUT, **options).raise_for_status()

    def _remove_all(self) -> None:
        """The containers are found by their label: one that we never got the id of may be among them."""
        filters = json.dumps({"label": [f"{LABEL}={self._token}"]})
        with _uninterrupted():
            try:
                found = self._call("GET", "/containers/json", params={"all": True, "filters": filters}).json()
            except (RawdockError, ValueError) as error:
                found = []
                self.leftovers.append(f"containers with the label {LABEL}={self._token}, if there are any: {error}")
            for container in found:
                self._remove(f"/containers/{container['Id']}")
            self._remove(f"/images/{self._image}")

    def _remove(self, path: str) -> None:
        try:
            response = self._client.delete(path, params={"force": True}, timeout=_API_TIMEOUT)
            if response.status_code != 404:
                response.raise_for_status()
        except RawdockError as error:
            self.leftovers.append(f"{path}: {error}")


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back meanwhile: the daemon would go on with what it was asked, and only then there is what to remove."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _field(response: Response, name: str) -> str:
    """One field of a JSON object, as text. Raises ProtocolError where there is none."""
    try:
        return str(response.json()[name])
    except (ValueError, KeyError, TypeError) as error:
        raise ProtocolError(f"the daemon's answer has no {name}: {response.text[:80]!r}") from error


def _known() -> str:
    return " and ".join(sorted(set(_AGENTS.values())))


def _image_tar(agent: str) -> bytes:
    content = (files("rawdock.probe") / "agent" / agent).read_bytes()
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
