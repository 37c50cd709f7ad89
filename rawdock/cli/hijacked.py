"""Attach and exec start: an upgraded connection, our stdin into it with half close, what comes put apart.

No raw mode for a terminal here: lines go as the terminal gives them.
"""

from __future__ import annotations

import re
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import BinaryIO

from ..client.core import Core
from ..client.hijack import Hijack
from ..client.response import Reply
from ..net.files import file_parts
from ..request import Request
from .frames import has_tty, write_frames
from .output import Output

_ATTACH = r"((?:/v[\d.]+)?/containers/[^/?]+)/attach(?:\?.*)?"
_EXEC = r"((?:/v[\d.]+)?/exec/[^/?]+)/start(?:\?.*)?"


async def converse(core: Core, reply: Reply, request: Request, stdin: bool, output: Output) -> None:
    """Take the reply's connection to the end of what it gives, our stdin going in if the other side has one."""
    hijack = Hijack(core, reply, None)
    try:
        if hijack.tty is None and not output.raw:
            hijack.tty = await _has_tty(core, request)
        async with AsyncExitStack() as stack:
            if stdin:
                await stack.enter_async_context(_feeding(hijack, output.console.stdin))
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


def _feeding(hijack: Hijack, stdin: BinaryIO) -> AbstractAsyncContextManager[object]:
    """Pass on what a terminal or a pipe gives, as it comes, beside what runs inside. Raises ProtocolError."""
    try:
        descriptor = stdin.fileno()
    except OSError:  # no file, as a test gives it
        return hijack.feeding(stdin)
    return hijack.feeding(file_parts(descriptor))
