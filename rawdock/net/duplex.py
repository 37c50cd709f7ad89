"""Two coroutines over blocking sockets, without a thread: sending and receiving at once.

The foreground runs as if it were alone. Wherever it would wait for a socket, `ready` waits for those of the backgrounds as
well, and drives each whose socket is ready up to its next wait. Only backgrounds ever suspend. Source: poll(2).
"""

from __future__ import annotations

import _thread
import select
import time
import types
from collections.abc import Coroutine, Generator, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol


class Waitable(Protocol):
    """What poll(2) takes: a socket, or another open descriptor."""

    def fileno(self) -> int: ...


class Wait(NamedTuple):
    """A wait for `socket` to be ready for `event` (POLLIN or POLLOUT), until `deadline` of time.monotonic()."""

    socket: Waitable
    event: int
    deadline: float | None


class Clock(Protocol):
    """Whose deadline is this thread's: the driver, or nobody. Each of the coroutines has its own."""

    @property
    def deadline(self) -> float | None: ...

    @deadline.setter
    def deadline(self, deadline: float | None) -> None: ...


class _Scene(_thread._local):
    """What goes on in this thread: the backgrounds, and the one that is being driven at the moment."""

    def __init__(self) -> None:
        self.backgrounds: list[Background] = []
        self.inside: Background | None = None


_scene = _Scene()


class Interrupted(BaseException):
    """The background has failed. Like a cancellation it goes by every `except Exception`, up to where it was begun."""

    def __init__(self, background: Background) -> None:
        super().__init__()
        self.background = background


class _Ended(BaseException):
    """The background is of no use any more. Like a cancellation it goes by every `except Exception`."""


class Background:
    """A coroutine that goes on wherever this thread waits for a socket, from `begin` until `end`."""

    def __init__(self, coroutine: Coroutine[Any, Any, object], clock: Clock) -> None:
        self._coroutine = coroutine
        self._clock = clock
        self._deadline = clock.deadline
        self.pending: Wait | None = None  # None before it began and after it ended
        self.failure: BaseException | None = None

    def begin(self) -> None:
        _scene.backgrounds.append(self)
        self.drive()

    def end(self) -> None:
        """Close the coroutine, wherever it is: what it waits for meanwhile is waited for at once."""
        if self in _scene.backgrounds:
            _scene.backgrounds.remove(self)
        waited, self.pending = self.pending, None
        if waited:
            # close() alone would not reach an async generator that waits, up to Python 3.12, and then call it running
            try:
                self._coroutine.throw(_Ended())
            except (_Ended, StopIteration):
                pass
        self._coroutine.close()

    async def wait(self) -> None:
        """Return once the coroutine has ended, or raise Interrupted if it failed."""
        if self.failure:
            raise Interrupted(self)
        while self.pending:
            _turn(None)

    def drive(self) -> None:
        """Run it to its next wait. Raises Interrupted if it fails."""
        before, self._clock.deadline = self._clock.deadline, self._deadline
        _scene.inside, self.pending = self, None
        try:
            self.pending = self._coroutine.send(None)
        except StopIteration:
            pass
        except BaseException as error:
            self.failure = error
        finally:
            _scene.inside = None
            self._deadline, self._clock.deadline = self._clock.deadline, before
        if self.failure:
            raise Interrupted(self)


def active() -> bool:
    """Whether this thread runs more than one coroutine, so that a stream must not wait but by `ready`."""
    return _scene.inside is not None or bool(_scene.backgrounds)


def driven() -> bool:
    """Whether we are inside a background."""
    return _scene.inside is not None


@contextmanager
def apart() -> Iterator[None]:
    """A foreground of its own, for a synchronous call that a background makes: it waits, and everything with it."""
    before = _scene.inside, _scene.backgrounds
    _scene.inside, _scene.backgrounds = None, []
    try:
        yield
    finally:
        _scene.inside, _scene.backgrounds = before


async def ready(wait: Wait) -> None:
    """Return once the socket is ready or closed, or the deadline has passed; whoever calls finds out which."""
    if _scene.inside is not None:
        await _suspend(wait)
        return
    while not _turn(wait):
        pass


@types.coroutine
def _suspend(wait: Wait) -> Generator[Wait, None, None]:
    yield wait


def _turn(mine: Wait | None) -> bool:
    """Wait once, drive the backgrounds that are ready, and return whether the foreground is."""
    waiting = [(one, one.pending) for one in _scene.backgrounds if one.pending]
    found = _poll([*(wait for _, wait in waiting), *([mine] if mine else [])])
    for (background, _), is_ready in zip(waiting, found, strict=False):
        if is_ready:
            background.drive()
    return mine is not None and found[-1]


def _poll(waits: list[Wait]) -> list[bool]:
    """Wait until one of them is over, and return for each whether it is."""
    poll = select.poll()
    masks: dict[int, int] = {}
    for wait in waits:
        number = wait.socket.fileno()
        masks[number] = masks.get(number, 0) | wait.event
    closed = masks.pop(-1, 0)
    for number, mask in masks.items():
        poll.register(number, mask)
    limits = [wait.deadline for wait in waits if wait.deadline is not None]
    left = max(0.0, min(limits) - time.monotonic()) * 1000 + 1 if limits else None  # milliseconds, rounded up
    events = dict(poll.poll(0 if closed else left))
    now = time.monotonic()
    return [_is_over(wait, events.get(wait.socket.fileno(), 0), now) for wait in waits]


def _is_over(wait: Wait, events: int, now: float) -> bool:
    troubles = events & ~(select.POLLIN | select.POLLOUT)  # POLLHUP, POLLERR: reading or writing will say which
    late = wait.deadline is not None and wait.deadline <= now
    return bool(events & wait.event or troubles) or wait.socket.fileno() < 0 or late
