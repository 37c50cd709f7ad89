"""A process on the other end of a hijacked connection: its output here, our input there, its terminal's size and our signals
beside. Written over the blocking driver, so that an interactive command needs no event loop and no thread.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from ..client.core import Core
from ..client.hijack import Hijack, open_hijack
from ..client.run import exit_code
from ..errors import RawdockError
from ..net import duplex
from ..net.files import file_parts
from ..standins import Step
from ..wire.stdcopy import Frame, Stream
from . import terminal
from .console import Console
from .standin import pass_on

FORWARDED = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGCONT,
)
RESIZE_PAUSES = (0.01, 0.02, 0.03, 0.04, 0.05)  # seconds, as docker/cli's InitTtySizeWith has them


@dataclass(frozen=True)
class Manner:
    """How to be attached. `tty`: the process has a terminal, and ours is raw meanwhile if it is one. `feed`: it reads our
    standard input. `resize_path`: where its terminal's size is told; `kill_path`: where signals are passed on, "" for nowhere:
    then they end us. `detach`: the bytes of the keys that leave it alone."""

    tty: bool
    feed: bool
    resize_path: str
    kill_path: str = ""
    detach: bytes = b""


@contextmanager
def prepared(manner: Manner, descriptor: int) -> Iterator[None]:
    """The terminal made raw, if the process will have one and we have one."""
    with ExitStack() as stack:
        if manner.tty and manner.feed and os.isatty(descriptor):
            stack.enter_context(terminal.raw(descriptor))
        yield


class Source(Protocol):
    """Where frames come from: a Hijack, or the exec over one."""

    async def next_frames(self) -> list[Frame]: ...


class Asked:
    """The streams that `query` of an attach asks for: Podman sends the others as well."""

    def __init__(self, source: Source, query: Mapping[str, str]) -> None:
        self._source = source
        self._others = {stream for stream in (Stream.STDOUT, Stream.STDERR) if stream.name.lower() not in query}

    async def next_frames(self) -> list[Frame]:
        while frames := await self._source.next_frames():
            if asked := [frame for frame in frames if frame.stream not in self._others]:
                return asked
        return []


async def begun(core: Core, container: str, planned: Sequence[Step], console: Console, manner: Manner) -> int:
    """Attach to a container, ask to wait for it, start it: the three steps of `planned`. Its exit code, or 0 once the keys that
    detach were typed. Raises RawdockError, BrokenPipeError."""
    attach, wait, start = (step.request for step in planned)
    descriptor = console.stdin.fileno()
    path = attach.path.format(container=container)
    hijack = await open_hijack(core, "POST", path, tty=manner.tty, params=dict(attach.query))
    try:
        waiting = await core.open("POST", wait.path.format(container=container), params=dict(wait.query))
        try:
            await waiting.raise_for_status()
            waiting.unread(waiting._connection.detach()[1])  # it takes no place in the pool
            with prepared(manner, descriptor):
                (await core.request("POST", start.path.format(container=container))).raise_for_status()
                await converse(core, hijack, Asked(hijack, dict(attach.query)), console, manner, descriptor)
            return exit_code(core, await waiting.read())
        finally:
            await waiting._connection.aclose()
    except terminal.Detached:
        return 0
    finally:
        await hijack.aclose()


async def converse(
    core: Core, hijack: Hijack, source: Source, console: Console, manner: Manner, descriptor: int
) -> None:
    """Pass on everything until the output ends. Raises terminal.Detached, RawdockError, BrokenPipeError."""
    watched = [*(FORWARDED if manner.kill_path else ()), *((signal.SIGWINCH,) if manner.tty else ())]
    with terminal.signals(watched) as bell:
        async with AsyncExitStack() as stack:
            if watched:
                await stack.enter_async_context(core._driver.beside(_heed(core, bell, manner, descriptor)))
            if manner.feed and hijack.writable:
                keys = terminal.typed(descriptor, manner.detach if manner.tty else b"")
                await stack.enter_async_context(hijack.feeding(keys))
            while frames := await source.next_frames():
                pass_on(frames, console.write, console.write_error)


async def _heed(core: Core, bell: socket.socket, manner: Manner, descriptor: int) -> None:
    """Tell the terminal's size, and again when it changes; pass signals on."""
    if manner.tty:
        for pause in RESIZE_PAUSES:
            if await resize(core, manner.resize_path, descriptor):
                break
            await duplex.ready(duplex.Wait(bell, 0, time.monotonic() + pause))
    async for numbers in file_parts(bell.fileno()):
        for number in numbers:
            if number == signal.SIGWINCH:
                await resize(core, manner.resize_path, descriptor)
            else:
                name = signal.Signals(number).name
                await _ask(core, manner.kill_path, {"signal": name})


async def resize(core: Core, path: str, descriptor: int) -> bool:
    """Tell how large our terminal is; False if the daemon would not hear it: a process has its terminal a little after its
    start only."""
    found = terminal.size(descriptor)
    return not found or await _ask(core, path, {"h": found[0], "w": found[1]})


async def _ask(core: Core, path: str, params: dict[str, Any]) -> bool:
    """What cannot be told is no reason to stop: the process may have ended in this moment."""
    try:
        return (await core.request("POST", path, params=params)).status_code < 300
    except RawdockError:
        return False
