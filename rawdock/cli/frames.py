"""Log frames put apart: stdout to stdout, stderr to stderr, as the docker CLI does.

Which containers have frames: not those with a TTY. The Content-Type multiplexed-stream says so, from API 1.42; before it, and
with raw-stream, the settings of the container, service or task do. Source: moby api/server/router.
"""

from __future__ import annotations

import re
from typing import Any

from ..client.core import Core
from ..client.hijack import MULTIPLEXED
from ..client.item_stream import ItemStream
from ..client.logs import daemons_error
from ..client.response import Reply
from ..errors import ProtocolError
from ..wire.logline import log_decoder
from ..wire.stdcopy import Frame
from .output import Output
from .standin import pass_on
from .wire_talk import tell_frame

_LOGS = r"((?:/v[\d.]+)?/(containers|services|tasks)/([^?]+))/logs(?:\?.*)?"
_TTY = {
    "containers": ("/json", ("Config", "Tty")),
    "services": ("", ("Spec", "TaskTemplate", "ContainerSpec", "TTY")),
    "tasks": ("", ("Spec", "ContainerSpec", "TTY")),
}


async def print_logs(core: Core, reply: Reply, path: str, output: Output) -> bool:
    """Print the logs, if this is what they are."""
    match = re.fullmatch(_LOGS, path)
    if not match:
        return False
    tty = reply.head.get("Content-Type") != MULTIPLEXED and await has_tty(core, match[1], match[2])
    decoder = log_decoder(tty=tty, join=False, timestamps=False)
    stream = ItemStream(reply, core.endpoint, f"the logs of {match[3]}", decoder, daemons_error)
    while frames := await stream.receive():
        write_frames(frames, output)
    return True


def write_frames(frames: list[Frame], output: Output) -> None:
    for frame in frames:
        if output.verbose:
            tell_frame(output.console, frame)
        pass_on([frame], output.write, output.console.write_error)


async def has_tty(core: Core, path: str, kind: str) -> bool:
    """Whether the settings of what is at `path`, which has no query, say so. Raises StatusError."""
    suffix, names = _TTY[kind]
    response = (await core.request("GET", path + suffix)).raise_for_status()
    try:
        found: Any = response.json()
        for name in names:
            found = found.get(name) or {}
    except (ValueError, AttributeError) as error:
        raise ProtocolError(
            f"{core.endpoint}: the settings at {path}{suffix} are none", "see them with --raw"
        ) from error
    return bool(found)
