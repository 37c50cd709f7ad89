"""One helper container that stands in every container's network namespace.

Its image is the agent alone, imported by the API without a registry. It holds CAP_SYS_ADMIN and no other capability, because
setns(2) asks for it; the namespaces come as a read-only bind of the folder of the containers' SandboxKeys: a bind for each
would have the daemon make an empty folder in the place of one that has gone meanwhile. We speak to the agent over its standard
input, so one container serves all passes, and ends by itself should we be killed: the daemon then removes it. Container and
image are removed at the end; both carry the label rawdock.probe.
"""

from __future__ import annotations

import errno
import io
import json
import os
import posixpath
import signal
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..client import Response, SyncClient
from ..client.hijack import SyncHijack
from ..errors import NetworkError, ProtocolError, RawdockError, StatusError
from ..net.timeouts import Timeouts
from ..wire.stdcopy import Frame, Stream
from .agent_lines import END, Report, read_report, without_version

if TYPE_CHECKING:
    from typing_extensions import Self

LABEL = "rawdock.probe"
_API_TIMEOUT = 30.0  # seconds for each call to the daemon
_PATIENCE = Timeouts(first_byte=_API_TIMEOUT, idle=60.0)  # seconds; the agent is done with a batch within ten
_AGENTS = {"amd64": "amd64", "x86_64": "amd64", "arm64": "arm64", "aarch64": "arm64"}


class Helper:
    """Use with `with`. Raises RawdockError where the daemon will not have it. `sandboxes`: paths of network namespaces on
    the daemon's host. `leftovers`: after the end, what the daemon did not let us remove and why, a sentence each."""

    def __init__(self, client: SyncClient, architecture: str, sandboxes: Sequence[str]) -> None:
        self._client = client
        self._architecture = architecture
        self._folders = list(dict.fromkeys(posixpath.dirname(path) for path in sandboxes))
        self._token = os.urandom(6).hex()
        self._image = f"rawdock-probe:{self._token}"
        self._imported = False
        self._stack = ExitStack()
        self._attached: SyncHijack
        self._frames: Iterator[Frame]
        self.leftovers: list[str] = []

    def __enter__(self) -> Self:
        agent = agent_of(self._architecture)
        try:
            self._import(image_tar(agent))
            self._stand()
        except BaseException as error:
            if not self._is_refused(error):
                self._end()
            raise
        return self

    def _is_refused(self, error: BaseException) -> bool:
        """Whether the daemon, or a proxy before it, did not even take the image: then there is nothing to remove, and where
        nothing may be removed either, nothing that stays. (Of 5xx a part may have been done.)"""
        return not self._imported and isinstance(error, StatusError) and error.status < 500

    def _stand(self) -> None:
        """What comes between the image and the first batch."""
        self._begin(self._create())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _import(self, image: bytes) -> None:
        repository, _, tag = self._image.partition(":")
        params = {"fromSrc": "-", "repo": repository, "tag": tag, "changes": f"LABEL {LABEL}={self._token}"}
        with uninterrupted():
            response = self._call("POST", "/images/create", params=params, content=image,
                                  headers={"Content-Type": "application/x-tar"})  # fmt: skip
        self._imported = True
        if '"error' in response.text:
            raise ProtocolError(f"the daemon did not import the probe's image: {response.text.strip()[-200:]}")

    def namespace(self, sandbox: str) -> str:
        """The path under which the agent finds this one of the sandboxes."""
        folder, name = posixpath.split(sandbox)
        return f"/ns/{self._folders.index(folder)}/{name}"

    def start(self, words: Sequence[str]) -> None:
        """Have the agent work on these words; `collect` waits for what it says of them, and only then more may be asked."""
        try:
            self._attached.send("".join(f"{word}\n" for word in (*words, "")).encode())
        except NetworkError as error:
            why = f"the helper container ended in the middle of its work, or the daemon did: {error.cause}"
            raise ProtocolError(why) from error

    def collect(self) -> Report:
        """What the agent said of the words it was started on last."""
        report = read_report(self._read_until(END).removesuffix(END))
        refused = {number for number in report.vantage_errors.values() if number in (errno.EPERM, errno.EACCES)}
        if refused:
            raise ProtocolError(f"the helper may not enter the containers' networks: {os.strerror(refused.pop())}")
        return report

    def _create(self) -> str:
        settings = self._settings(["/agent", "-"])
        settings |= {"AttachStdin": True, "AttachStdout": True, "AttachStderr": True}
        settings |= {"OpenStdin": True, "StdinOnce": True}
        settings["HostConfig"] |= {"AutoRemove": True, "LogConfig": {"Type": "none"}}
        with uninterrupted():
            response = self._call("POST", "/containers/create", json=settings)
        return field_of(response, "Id")

    def _settings(self, command: Sequence[str]) -> dict[str, Any]:
        return {
            "Image": self._image,
            "Cmd": list(command),
            "Labels": {LABEL: self._token},
            "HostConfig": {
                "NetworkMode": "host",
                "Binds": [f"{folder}:/ns/{number}:ro" for number, folder in enumerate(self._folders)],
                "CapDrop": ["ALL"],
                "CapAdd": ["SYS_ADMIN"],
                "ReadonlyRootfs": True,
                "SecurityOpt": ["no-new-privileges"],
                "PidsLimit": 8,
            },
        }

    def _begin(self, container: str) -> None:
        """Attach first: what was said before would be lost."""
        params = {"stream": True, "stdin": True, "stdout": True, "stderr": True}
        path = f"/containers/{container}"
        attach = self._client.hijack("POST", f"{path}/attach", params=params, tty=False, timeouts=_PATIENCE)
        self._attached = self._stack.enter_context(attach)
        self._frames = self._attached.frames()
        self._call("POST", f"{path}/start")
        without_version(self._read_until(b"\n"))

    def _read_until(self, end: bytes) -> bytes:
        """Raises ProtocolError where the agent ends before, and for whatever it complains of."""
        parts: list[bytes] = []
        tail = b""
        for frame in self._frames:
            if frame.stream is Stream.STDERR:
                raise ProtocolError(f"the probe's agent complains: {frame.data[-200:]!r}")
            parts.append(frame.data)
            tail = (tail + frame.data)[-len(end) :]
            if tail == end:
                return b"".join(parts)
        last = b"".join(parts)[-80:]
        words = f"; its last words: {last!r}" if last else ""
        raise ProtocolError(f"the helper container ended in the middle of its work{words}")

    def _call(self, method: str, path: str, **options: Any) -> Response:
        return self._client.request(method, path, timeout=_API_TIMEOUT, **options).raise_for_status()

    def _end(self) -> None:
        """The containers are found by their label: one that we never got the id of may be among them."""
        filters = json.dumps({"label": [f"{LABEL}={self._token}"]})
        with uninterrupted():
            self._stack.close()
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
            if response.status_code == 409 and path.startswith("/containers/"):
                # It ended with its input, and the daemon is at removing it: only then the image can go.
                response = self._client.post(f"{path}/wait", params={"condition": "removed"}, timeout=_API_TIMEOUT)
            if response.status_code != 404:
                response.raise_for_status()
        except RawdockError as error:
            self.leftovers.append(f"{path}: {error}")


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back meanwhile: the daemon would go on with what it was asked, and only then there is what to remove."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def field_of(response: Response, name: str) -> str:
    """One field of a JSON object, as text. Raises ProtocolError where there is none."""
    try:
        return str(response.json()[name])
    except (ValueError, KeyError, TypeError) as error:
        raise ProtocolError(f"the daemon's answer has no {name}: {response.text[:80]!r}") from error


def agent_of(architecture: str) -> str:
    """The name of the agent for what /version calls the daemon's architecture. Raises ProtocolError where there is none."""
    if architecture not in _AGENTS:
        known = " and ".join(sorted(set(_AGENTS.values())))
        raise ProtocolError(f"the daemon's architecture is {architecture!r}, the probe's agent has {known}")
    return _AGENTS[architecture]


def image_tar(agent: str) -> bytes:
    content = (files("rawdock.probe") / "agent" / agent).read_bytes()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        member = tarfile.TarInfo("agent")
        member.size, member.mode = len(content), 0o555
        tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
