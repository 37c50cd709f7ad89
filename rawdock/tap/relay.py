"""The relay of one connection: two sides, one poll loop, each half closed when the other side's is.

A thread a connection: dialling may take seconds and holds up nobody else, and TLS is used by one thread only. Bytes are passed
on before they are looked at, so the look costs the exchange nothing that it waits for. Source: poll(2).
"""

from __future__ import annotations

import select
import time
from _socket import MSG_DONTWAIT
from collections.abc import Callable

from ..errors import ConnectionLostError, RawdockError
from ..net import ByteStream
from ..net.blocking import run
from ..wire.conversation import Conversation
from .side import Side

READ = 64 * 1024  # bytes; what all connections hold at once is twice this for each
LONG_READ = 256 * 1024  # bytes, once they come back full and few connections share the memory
FEW = 8  # connections
ROUNDS = 16  # reads of one side in a row, under TLS: what OpenSSL holds is not seen by poll
QUIET = 1  # milliseconds without anything to pass on, until what was is looked at
MUCH = 64 * 1024  # bytes that are not looked at yet, at most
MANY = 64  # the same in pieces
BULK = 32 * 1024  # bytes in one read: the daemon's writes of an archive
STEADY = 4  # of these in a row, and none the other way: then a send may wait for a moment
HUNG_UP = select.POLLHUP | select.POLLERR


class Half:
    """One direction, called by its source; `opposite` is the other. `source` and `sink` are the streams, TLS or bare; `exit`
    is the sink's side."""

    __slots__ = (
        "source",
        "sink",
        "exit",
        "hear",
        "hear_end",
        "size",
        "ended",
        "layered",
        "more",
        "bulk",
        "name",
        "opposite",
    )

    def __init__(self, name: str, source: ByteStream, sink: ByteStream, exit: Side, conversation: Conversation) -> None:
        self.source = source
        self.sink = sink
        self.exit = exit
        up = name == "client"
        self.hear = conversation.sent if up else conversation.received
        self.hear_end = conversation.sent_eof if up else conversation.received_eof
        self.size = READ
        self.ended = False
        self.layered = not isinstance(source, Side)
        self.bulk = 0  # long reads in a row
        self.more = False  # whether OpenSSL may hold something that came already
        self.name = name

    opposite: Half

    def take(self, size: int) -> bytes:
        """What has come, b"" at the end. Raises BlockingIOError where nothing has, ConnectionLostError and TLSError."""
        if isinstance(self.source, Side):
            return self.source.take(size) or run(self.source.receive(1))
        return run(self.source.receive(size))

    def give(self, data: bytes, patient: bool) -> None:
        """Send it, or as much as the socket takes: the rest is in `exit.left`. Raises ConnectionLostError."""
        if isinstance(self.sink, Side):
            self.sink.give(data, 0 if patient else MSG_DONTWAIT)
        else:
            run(self.sink.send(data))


class Relay:
    """`few()` tells whether few connections are open. `client` and `daemon`: the bare sides; `stream`: what goes to the daemon,
    TLS over its side or the side itself."""

    def __init__(
        self, client: Side, daemon: Side, stream: ByteStream, conversation: Conversation, few: Callable[[], bool]
    ) -> None:
        self._client = client
        self._daemon = daemon
        self._conversation = conversation
        self._few = few
        self._unheard: list[tuple[Half, bytes, float]] = []
        self._size = 0  # bytes in it
        self._watched = False  # whether a side is polled for anything but reading
        self._up = Half("client", client, stream, daemon, conversation)
        self._down = Half("daemon", stream, client, client, conversation)
        self._up.opposite, self._down.opposite = self._down, self._up

    def run(self) -> None:
        """Pass on until both halves have ended, or a side is gone. Never raises for what the network does; the conversation
        learns why it ended."""
        self._poll = select.poll()
        self._masks = {self._client.fileno(): select.POLLIN, self._daemon.fileno(): select.POLLIN}
        self._numbers = tuple(self._masks)
        for number in self._numbers:
            self._poll.register(number, select.POLLIN)
        trouble = ""
        try:
            trouble = self._turn_until_over()
        except RawdockError as error:
            trouble = error.cause
        self._hear()
        self._conversation.close(time.perf_counter(), trouble)

    def _turn_until_over(self) -> str:
        """Return why it ended, "" if both halves came to their end."""
        up, down = self._up, self._down
        client, wait = self._numbers[0], self._poll.poll
        client_side, daemon_side = self._client, self._daemon
        while not (up.ended and down.ended):
            found = wait(0 if up.more or down.more else QUIET if self._unheard else None)
            if not found:
                self._hear()
            for number, events in found:
                mine, other = (up, down) if number == client else (down, up)
                if events & select.POLLOUT and other.exit.left:
                    self._flush(other)
                if not mine.ended:
                    if trouble := self._pass_on(mine):
                        return trouble
                elif events & HUNG_UP and not mine.exit.left:
                    return f"the {mine.name} went away"
            for half in (up, down):
                if half.more and (trouble := self._pass_on(half)):
                    return trouble
            if self._watched or client_side.left or daemon_side.left or up.ended or down.ended:
                self._watch()
        return ""

    def _hear(self) -> None:
        """Look at what was passed on."""
        unheard, self._unheard, self._size = self._unheard, [], 0
        for half, data, now in unheard:
            if data:
                half.hear(data, now)
            else:
                half.hear_end(now)

    def _heard(self, half: Half, data: bytes) -> None:
        """Note what was passed on. It is looked at once nothing comes, so that a next exchange does not wait for it."""
        self._unheard.append((half, data, time.perf_counter()))
        self._size += len(data)
        if self._size >= MUCH or len(self._unheard) >= MANY:
            self._hear()

    def _flush(self, half: Half) -> None:
        try:
            half.exit.flush()
        except ConnectionLostError:
            if half is self._down:
                raise ConnectionLostError("the client went away") from None
            self._dropped(half)
        half.more = half.layered and not half.exit.left and not half.ended

    def _pass_on(self, half: Half) -> str:
        """Pass on what has come. Return why all is over, "" if it goes on."""
        half.more = False
        for _ in range(ROUNDS if half.layered else 1):
            if half.exit.left or half.ended:
                return ""
            try:
                data = half.take(half.size)
            except BlockingIOError:
                return ""
            except ConnectionLostError as error:
                return f"the {half.name}: {error.cause}"
            if not data:
                return self._end(half)
            patient = half.bulk > STEADY and not half.opposite.bulk
            try:
                half.give(data, patient)
            except ConnectionLostError:
                if half is self._down:
                    return "the client went away"
                self._dropped(half)
            self._heard(half, data)
            half.size = LONG_READ if len(data) >= BULK and self._few() else READ
            half.bulk = 0 if len(data) < BULK or (patient and half.exit.left) else half.bulk + 1
        half.more = half.layered
        return ""

    def _dropped(self, half: Half) -> None:
        """The daemon takes no more. It may have answered before it hung up, so its answer is still passed on."""
        half.exit.left = memoryview(b"")
        half.ended = True

    def _end(self, half: Half) -> str:
        half.ended = True
        self._heard(half, b"")
        try:
            run(half.sink.send_eof())
        except RawdockError:
            return "the client went away" if half is self._down else ""
        return ""

    def _watch(self) -> None:
        """Poll each side for what it is needed for; not at all while it has to wait, or its hanging up would wake us again
        and again."""
        for number, mine, other in zip(self._numbers, (self._up, self._down), (self._down, self._up), strict=True):
            reading = not mine.ended and not mine.exit.left
            mask = (select.POLLIN if reading else 0) | (select.POLLOUT if other.exit.left else 0)
            wanted = mask if mask or (mine.ended and not mine.exit.left) else -1
            have = self._masks[number]
            if wanted == have:
                continue
            if wanted < 0:
                self._poll.unregister(number)
            elif have < 0:
                self._poll.register(number, mask)
            else:
                self._poll.modify(number, mask)
            self._masks[number] = wanted
        self._watched = any(mask != select.POLLIN for mask in self._masks.values())
