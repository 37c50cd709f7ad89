"""Frames one by one, where they come several together. What a `break` leaves over is still there for who goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from typing import Any

from ..wire.stdcopy import Frame


class FrameIterator(AsyncIterator[Frame]):
    """No generator: trio warns of one that is left by a `break`. `ready`: frames that have come, and are nobody's yet;
    `more`: gives the next, none at the end."""

    def __init__(self, ready: deque[Frame], more: Callable[[], Awaitable[list[Frame]]]) -> None:
        self._ready = ready
        self._more = more

    async def __anext__(self) -> Frame:
        if not self._ready:
            self._ready.extend(await self._more())
            if not self._ready:
                raise StopAsyncIteration
        return self._ready.popleft()


def frames_of(ready: deque[Frame], more: Callable[[], Coroutine[Any, Any, list[Frame]]]) -> Iterator[Frame]:
    """The same without an event loop."""
    from ..net.blocking import run

    while True:
        if not ready:
            ready.extend(run(more()))
            if not ready:
                return
        yield ready.popleft()


def taken(ready: deque[Frame]) -> list[Frame]:
    """All of them, which are the caller's now."""
    frames = list(ready)
    ready.clear()
    return frames
