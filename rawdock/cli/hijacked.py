"""Attach and exec start: an upgraded connection, our stdin into it with half close, what comes put apart.

No raw mode for a terminal here: lines go as the terminal gives them.
"""

from __future__ import annotations

import os
import re
import select
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import BinaryIO, NamedTuple

from ..client.core import Core
from ..client.hijack import Hijack
from ..client.response import Reply
from ..net.duplex import Wait, ready
from ..request import Request
from .frames import has_tty, write_frames
from .output import Output

_ATTACH = r"((?:/v[\d.]+)?/containers/[^/?]+)/attach(?:\?.*)?"
_EXEC = r"((?:/v[\d.]+)?/exec/[^/?]+)/start(?:\?.*)?"
READ_SIZE = 65536  # bytes


async def converse(core: Core, reply: Reply, request: Request, stdin: bool, output: Output) -> None:
    """Take the reply's connection to the end of what it gives, our stdin going in if the other side has one."""
    hijack = Hijack(core, reply, None)
    try:
        if hijack.tty is None and not output.raw:
            hijack.tty = await _has_tty(core, request)
        async with AsyncExitStack() as stack:
            if stdin:
                await stack.enter_async_context(_feeding(core, hijack, output.console.stdin))
            if output.raw:
                while data := await hijack.receive():
                    output.write(data)
                return
            while frames := await hijack.next_frames():
                write_frames(frames, output)
    finally:
        await hijack.aclose()


async def wants_stdin(core: Core, request: Request) -> bool:
    """Whether the container's or the exec's stdin was asked for. What is not there, its own answer will say."""
    if match := re.fullmatch(_EXEC, request.path):
        response = await core.request("GET", f"{match[1]}/json")
        try:
            return bool(response.json().get("OpenStdin"))
        except (ValueError, AttributeError):
            return False
    from urllib.parse import parse_qsl

    asked = dict([*parse_qsl(request.path.partition("?")[2]), *request.query])
    return asked.get("stdin", "").lower() in ("1", "true", "yes", "t")


async def _has_tty(core: Core, request: Request) -> bool:
    """An exec's frames depend on what its start said (moby api/server/router/container/exec.go), an attach's on the
    container."""
    if match := re.fullmatch(_ATTACH, request.path):
        return await has_tty(core, match[1], "containers")
    from json import loads

    try:
        settings = loads(request.body or b"{}")
    except ValueError:
        return False
    return isinstance(settings, dict) and bool(settings.get("Tty"))


def _feeding(core: Core, hijack: Hijack, stdin: BinaryIO) -> AbstractAsyncContextManager[object]:
    """Pass on what a terminal or a pipe gives, as it comes, beside what runs inside. Raises ProtocolError."""
    try:
        descriptor = stdin.fileno()
    except OSError:  # no file, as a test gives it
        return hijack.feeding(stdin)
    hijack.require_writable()
    return core._driver.beside(_pass_on(hijack, descriptor))


async def _pass_on(hijack: Hijack, descriptor: int) -> None:
    # No async generator here: before Python 3.13 one that waits cannot be closed from outside.
    last = b""
    while data := await _read(descriptor):
        if not await hijack.offer(data):
            return
        last = data
    await hijack.end_input(last)


async def _read(descriptor: int) -> bytes:
    """What is there, waited for beside the socket, so that neither holds up the other; b"" at the end."""
    await ready(Wait(_Descriptor(descriptor), select.POLLIN, None))
    return os.read(descriptor, READ_SIZE)


class _Descriptor(NamedTuple):
    number: int

    def fileno(self) -> int:
        return self.number
