"""A socket that can be looked at without waiting."""

from __future__ import annotations

import os
import select
from typing import Protocol


class _Descriptor(Protocol):
    def fileno(self) -> int: ...

    def detach(self) -> int: ...


class Pollable:
    """What the streams of both drivers are, beside what makes them differ."""

    def __init__(self, watched: _Descriptor) -> None:
        self._watched = watched
        self._poll: select.poll | None = None

    def readable(self) -> bool:
        """Whether bytes or the end wait to be received, seen without waiting. On an idle connection: it is of no use."""
        if self._poll is None:
            self._poll = select.poll()
            self._poll.register(self._watched, select.POLLIN)
        return bool(self._poll.poll(0))

    def abandon(self) -> None:
        """Close this process's descriptor and nothing more: the connection is another process's, whose event loop may watch
        it by an epoll that both share (epoll(7), Q6)."""
        os.close(self._watched.detach())
