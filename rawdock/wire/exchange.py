"""An exchange as it is recorded: a request, its reply, when each part went by, and as much of the bodies as is kept.

Times are seconds of one clock of the caller's.
"""

from __future__ import annotations

from typing import NamedTuple

from .http1 import Head

MAX_PIECES = 1000  # of a body; those that come later are counted with the last


class Ask(NamedTuple):
    """A request's head. `headers` keeps order, spelling and repetition."""

    method: str
    target: str
    http_version: str
    headers: list[tuple[str, str]]

    def get(self, name: str) -> str:
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")


class Budget:
    """How many bytes of bodies may be kept at once, over all exchanges that are under way."""

    def __init__(self, size: int) -> None:
        self.left = size


class Kept:
    """A body, or as much of it as `limit` and the budget leave. `size` counts all its bytes; `pieces` are (time, size) of
    what came at once."""

    __slots__ = ("data", "size", "pieces", "_limit", "_budget")

    def __init__(self, limit: int, budget: Budget) -> None:
        self.data = bytearray()
        self.size = 0
        self.pieces: list[tuple[float, int]] = []
        self._limit = limit
        self._budget = budget

    def add(self, data: bytes, now: float) -> None:
        whole = not self.cut
        self.count(len(data), now)
        room = min(self._limit - len(self.data), self._budget.left)
        if whole and room > 0:
            self.data += data[:room]
            self._budget.left -= min(room, len(data))

    def count(self, size: int, now: float) -> None:
        """Bytes that are not kept."""
        self.size += size
        if not self._limit:
            return
        if len(self.pieces) < MAX_PIECES:
            self.pieces.append((now, size))
        else:
            self.pieces[-1] = (self.pieces[-1][0], self.pieces[-1][1] + size)

    @property
    def full(self) -> bool:
        """Whether nothing more of it is kept."""
        return not self._limit or self.cut

    @property
    def cut(self) -> bool:
        """Whether not all of it was kept."""
        return len(self.data) < self.size

    def give_back(self) -> None:
        self._budget.left += len(self.data)
        self.data = bytearray()


class Exchange:
    """`begun` is when the request's first byte was seen, `asked` when its last, `answered` when the reply's head was whole,
    `ended` its end; 0.0 for what has not been. `hijack` is what went over an upgraded connection: (time, "sent" or
    "received", size); its bytes are at the end of `sent` and in `received`. `trouble` says why it has no proper end."""

    __slots__ = (
        "connection",
        "ask",
        "reply",
        "sent",
        "received",
        "begun",
        "asked",
        "answered",
        "ended",
        "upgraded",
        "hijack",
        "input",
        "trouble",
    )

    def __init__(self, connection: int, ask: Ask, limit: int, budget: Budget, now: float) -> None:
        self.connection = connection
        self.ask = ask
        self.reply: Head | None = None
        self.sent = Kept(limit, budget)  # the request's body
        self.received = Kept(limit, budget)  # the reply's, or what an upgraded connection received
        self.input = Kept(limit, budget)  # what an upgraded connection sent
        self.begun = now
        self.asked = self.answered = self.ended = 0.0
        self.upgraded = False
        self.hijack: list[tuple[float, str, int]] = []  # size 0 is the end of that half
        self.trouble = ""

    def give_back(self) -> None:
        """Forget the bodies."""
        for kept in (self.sent, self.received, self.input):
            kept.give_back()
