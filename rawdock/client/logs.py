"""A container's logs, stdout and stderr apart.

Only a container without a TTY has frames. The Content-Type multiplexed-stream says so, from API 1.42; without it, and with
raw-stream, which some say of frames too, the container's settings do. Source: moby api/server/router/container.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypedDict

from ..errors import RequestError, StreamError
from ..request import container_path
from ..wire.logline import log_decoder
from ..wire.moment import Moment, unix_time
from ..wire.stdcopy import Frame, Stream
from .core import Core
from .hijack import MULTIPLEXED
from .item_stream import ItemStream, opened
from .params import Params


class LogOptions(TypedDict, total=False):
    """`follow`: wait for more, until the container ends. `since`, `until`: seconds since 1970, a datetime, or a line's own time
    stamp; `since` gives what was written at that very nanosecond again. `timestamps`: each line begins with its time.
    `tail`: only so many last lines; the daemon counts each 16 KiB of a long one. `join`: each frame is one whole line, those
    too that the daemon cut at 16 KiB. `tty`: whether the container has one, found out if not given."""

    follow: bool
    stdout: bool
    stderr: bool
    since: Moment | None
    until: Moment | None
    timestamps: bool
    tail: int | str
    join: bool
    tty: bool | None


def log_params(
    *,
    follow: bool = False,
    stdout: bool = True,
    stderr: bool = True,
    since: Moment | None = None,
    until: Moment | None = None,
    timestamps: bool = False,
    tail: int | str = "all",
) -> dict[str, str | int | bool]:
    """The query. Raises RequestError for what the daemon would answer 400, or take for "all"."""
    if not (stdout or stderr):
        raise RequestError("logs of neither stdout nor stderr", "ask for one of the two")
    if tail != "all" and not (str(tail).isdecimal() and str(tail).isascii()):
        raise RequestError(f"tail={tail!r}", "give a number of lines, or 'all'")
    params: dict[str, str | int | bool] = {"follow": follow, "stdout": stdout, "stderr": stderr}
    params |= {"timestamps": timestamps, "tail": tail}
    if since is not None:
        params["since"] = unix_time(since, "since")
    if until is not None:
        params["until"] = unix_time(until, "until")
    return params


def open_logs(
    core: Core, container: str, *, join: bool = False, tty: bool | None = None, **options: Any
) -> AbstractAsyncContextManager[ItemStream[Frame]]:
    return open_log_frames(core, container, log_params(**options), join=join, tty=tty)


@asynccontextmanager
async def open_log_frames(
    core: Core, container: str, params: Params, *, join: bool = False, tty: bool | None = None
) -> AsyncIterator[ItemStream[Frame]]:
    """`params`: the query; `timestamps` is in it where lines have them."""
    path = container_path(container)
    async with opened(core, "GET", f"{path}/logs", params=params) as reply:
        if reply.head.get("Content-Type") == MULTIPLEXED:
            tty = False
        elif tty is None:
            tty = await _has_tty(core, path)
        podman = bool(reply.head.get("Libpod-Api-Version"))
        stamps = bool(params.get("timestamps"))
        decoder = log_decoder(tty=tty, join=join, timestamps=stamps, own_stamps=podman)
        yield ItemStream(reply, core.endpoint, f"the logs of {container}", decoder, daemons_error)


async def _has_tty(core: Core, path: str) -> bool:
    """Asked over a connection beside the pool: the logs hold one of it already, and many that wait for a second would wait for
    each other."""
    beside = Core(core.endpoint, core._driver, await core.negotiate(), core.timeouts, connections=None)
    try:
        settings = (await beside.request("GET", f"{path}/json")).raise_for_status().json()
    finally:
        await beside.aclose()
    return bool((settings.get("Config") or {}).get("Tty"))


def daemons_error(frame: Frame) -> StreamError | None:
    if frame.stream is not Stream.SYSTEMERR:
        return None
    return StreamError(f"the daemon cannot go on with the logs: {frame.data.decode('utf-8', 'replace').strip()}")
