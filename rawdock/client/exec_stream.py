"""Exec: a process in a running container, its input, its output and its exit code.

An exec that could not start is answered like one that ran: 101, the runtime's words as if they were stdout, exit code 126 (or
127, 128 by later daemons). What tells the two apart is the Pid of exec inspect: 0 when there never was a process (seen on
20.10 for a missing file, a folder, an unknown user, a missing working directory; `sh -c "exit 126"` keeps its Pid).

Podman forgets the Pid of what ran. Its complaint is all there is on stderr (exit code 125 to 127): a line that ends in one of
three sentences, and mostly another that it could not attach. With a TTY it is on stdout, the only line whose end no TTY has
made \\r\\n of. Seen on 5.4 and 5.8; the sentences are in podman libpod/define/errors.go.
"""

from __future__ import annotations

import re
from _thread import get_ident
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from ..errors import ConnectionLostError, ExecStartError, NetworkError, ProtocolError, RequestError, TimedOutError
from ..net import Driver
from ..request import container_path
from ..wire.stdcopy import Frame, Stream
from .content import Content, body_of
from .core import Core
from .frames import FrameIterator, frames_of, taken
from .hijack import Hijack, open_hijack
from .process_settings import Command, Environment, Folder, User, command, environment, place

START_FAILURES = (125, 126, 127, 128)  # moby daemon/errors.go, setExitCodeFromError; podman libpod/define/exec_codes.go
FIRST_WORDS = 4096  # bytes kept of either output: the runtime's reason, if it is one
_PODMAN = re.compile(
    rb"Error: (.+: OCI (?:runtime error|permission denied|runtime attempted to invoke a command that was not found))\n"
    rb"(?:Error: read unixpacket \S+attach: read: connection reset by peer\n)?",
    re.DOTALL,
)
_PODMAN_TTY = re.compile(rb"Error: ([^\r\n]+)\n")
FIRST_PAUSE, LONGEST_PAUSE = 0.001, 0.25  # seconds between looks at an exec whose streams have ended


class ExecResult(NamedTuple):
    """What a process wrote and how it ended. With a TTY all output is stdout."""

    stdout: bytes
    stderr: bytes
    exit_code: int


class ExecStream:
    """The frames of an exec. `exit_code` is None until the last has been received."""

    def __init__(self, core: Core, hijack: Hijack, exec_id: str, asked: str, podman: bool) -> None:
        self._core = core
        self._hijack = hijack
        self._asked = hijack.what = asked
        self._podman = podman
        self._first = {Stream.STDOUT: b"", Stream.STDERR: b""}
        self._ready: deque[Frame] = deque()
        self.id = exec_id
        self.exit_code: int | None = None
        self.fed = False  # whether input goes in while it is read

    async def next_frames(self) -> list[Frame]:
        """The frames that came together, none at the end. Raises ExecStartError at the end of an exec that never ran."""
        if self._ready or self.exit_code is not None:
            return taken(self._ready)
        frames = await self._hijack.next_frames()
        for frame in frames:
            stream = _output(frame)
            if len(self._first[stream]) < FIRST_WORDS:
                self._first[stream] += frame.data[:FIRST_WORDS]
        if not frames:
            self.exit_code = await self._known_end()
        return frames

    def __aiter__(self) -> AsyncIterator[Frame]:
        return FrameIterator(self._ready, self.next_frames)

    async def _known_end(self) -> int:
        """The exit code. Where the daemon is gone, the end of the output was the daemon's and not the process's."""
        try:
            return await self._ended()
        except TimedOutError:
            raise
        except NetworkError as error:
            cause = error.cause.removeprefix(f"{self._core.endpoint}: ")
            lost = f"{self._core.endpoint}: {self._asked} broke off, its exit code is not known: {cause}"
            raise ConnectionLostError(lost, error.remedy) from error

    async def _ended(self) -> int:
        """The exit code, once there is one: a process may live on after it closed its output, and the daemon may learn of
        its end a little later than of its output's."""
        pause = FIRST_PAUSE
        while True:
            found = (await self._core.request("GET", f"/exec/{self.id}/json")).raise_for_status().json()
            code = found.get("ExitCode")
            if reason := self._never_ran(found):
                words = " ".join(reason.decode("utf-8", "replace").split())
                raise ExecStartError(f"{self._core.endpoint}: {self._asked} did not start: {words}", code)
            if not found.get("Running") and isinstance(code, int):
                return code
            await _pause(self._core._driver, pause)
            pause = min(LONGEST_PAUSE, 2 * pause)

    def _never_ran(self, found: Mapping[str, Any]) -> bytes:
        """The runtime's words, b"" when there was a process."""
        if found.get("Running") or found.get("Pid") or found.get("ExitCode") not in START_FAILURES:
            return b""
        stdout, stderr = self._first.values()
        if self._podman:
            match = _PODMAN_TTY.fullmatch(stdout) if self._hijack.tty else not stdout and _PODMAN.fullmatch(stderr)
            return match[1] if match else b""
        return b"" if stderr else stdout


class SyncExecStream:
    """An ExecStream to iterate without an event loop; one that has input in the thread that opened it."""

    def __init__(self, stream: ExecStream) -> None:
        self._stream = stream
        self._thread = get_ident()
        self.id = stream.id

    @property
    def exit_code(self) -> int | None:
        return self._stream.exit_code

    def __iter__(self) -> Iterator[Frame]:
        if self._stream.fed and get_ident() != self._thread:  # it would wait for ever, with no input going in
            raise RequestError("an exec with input is read in another thread", "read it in the thread that opened it")
        return frames_of(self._stream._ready, self._stream.next_frames)


@asynccontextmanager
async def open_exec(
    core: Core,
    container: str,
    cmd: Command,
    *,
    input: Content | None = None,
    tty: bool = False,
    env: Environment | None = None,
    workdir: Folder | None = None,
    user: User | None = None,
    privileged: bool = False,
) -> AsyncIterator[ExecStream]:
    """Create and start an exec, its input going in beside what runs inside. Leaving early ends the connection, not the
    process: the API has no way to."""
    if input is not None:
        body_of(input)  # what cannot be sent is said before anything runs
    words = command(cmd)
    settings = {
        **{"AttachStdin": input is not None, "AttachStdout": True, "AttachStderr": True, "Tty": tty, "Cmd": words},
        **({"Env": environment(env)} if env else {}),
        **place(workdir, user),
        **({"Privileged": True} if privileged else {}),
    }
    created = await core.request("POST", container_path(container, "/exec"), json=settings)
    exec_id = identifier(created.raise_for_status().json())
    hijack = await open_hijack(core, "POST", f"/exec/{exec_id}/start", tty=tty, json={"Detach": False, "Tty": tty})
    try:
        asked = f"exec of {words[0] if words else ''!r} in {container}"
        stream = ExecStream(core, hijack, exec_id, asked, "libpod-api-version" in created.headers)
        if input is None:
            yield stream
        else:
            async with hijack.feeding(input):
                stream.fed = True
                yield stream
    finally:
        await hijack.aclose()


async def exec_run(core: Core, container: str, cmd: Command, **options: Any) -> ExecResult:
    async with open_exec(core, container, cmd, **options) as stream:
        output = Output()
        while frames := await stream.next_frames():
            output.take(frames)
        assert stream.exit_code is not None
        return output.result(stream.exit_code)


class Output:
    """Frames, collected."""

    def __init__(self) -> None:
        self._parts: dict[Stream, list[bytes]] = {Stream.STDOUT: [], Stream.STDERR: []}

    def take(self, frames: list[Frame]) -> None:
        for frame in frames:
            self._parts[_output(frame)].append(frame.data)

    def result(self, exit_code: int) -> ExecResult:
        return ExecResult(b"".join(self._parts[Stream.STDOUT]), b"".join(self._parts[Stream.STDERR]), exit_code)


def _output(frame: Frame) -> Stream:
    """stdin's number is written to stdout: moby api/pkg/stdcopy."""
    return Stream.STDERR if frame.stream is Stream.STDERR else Stream.STDOUT


def identifier(document: Any) -> str:
    """The Id of what was created. Raises ProtocolError."""
    found = document.get("Id") if isinstance(document, dict) else None
    if not isinstance(found, str) or not found.isalnum():
        raise ProtocolError(f"the daemon created something, but its answer names no Id: {str(document)[:100]!r}")
    return found


async def _pause(driver: Driver, seconds: float) -> None:
    try:
        with driver.fail_after(seconds):
            await driver.event().wait()
    except TimeoutError:
        pass
