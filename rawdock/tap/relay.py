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
from .eager import Eager
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
TURNS = 8  # short pieces to and fro: then the next is waited for where it is due, without asking poll first
EAGER = 60e-6  # seconds that an answer is looked for
LONG_REST = 1024  # answers that are just waited for, at most, after one that was looked for in vain
HUNG_UP = select.POLLHUP | select.POLLERR


class Half:
    """One direction, called by its source; `opposite` is the other. `source` and `sink` are the streams, TLS or bare; `exit`
    is the sink's side. `take(size, flags)` gives what has come, b"" at the end, and raises BlockingIOError where nothing has;
    `give(data, flags)` sends, and returns how much the socket took. Both raise OSError and ConnectionLostError."""

    __slots__ = (
        "source",
        "sink",
        "exit",
        "take",
        "give",
        "hear",
        "hear_end",
        "size",
        "ended",
        "layered",
        "more",
        "rest",
        "vain",
        "bulk",
        "name",
        "opposite",
    )

    def __init__(self, name: str, source: ByteStream, sink: ByteStream, exit: Side, conversation: Conversation) -> None:
        self.source = source
        self.sink = sink
        self.exit = exit
        self.layered = not isinstance(source, Side)
        self.take = source.socket.recv if isinstance(source, Side) else self._take
        self.give = sink.socket.send if isinstance(sink, Side) else self._give
        up = name == "client"
        self.hear = conversation.sent if up else conversation.received
        self.hear_end = conversation.sent_eof if up else conversation.received_eof
        self.size = READ
        self.ended = False
        self.bulk = 0  # long reads in a row
        self.more = False  # whether OpenSSL may hold something that came already
        self.name = name
        self.rest = 0  # answers that are waited for without looking
        self.vain = 1  # how many that was the last time

    opposite: Half

    def _take(self, size: int, flags: int) -> bytes:
        return run(self.source.receive(size))

    def _give(self, data: bytes, flags: int) -> int:
        run(self.sink.send(data))
        return len(data)  # of the records, `exit` keeps the rest


class Relay:
    """`few()` tells whether few connections are open. `client` and `daemon`: the bare sides; `stream`: what goes to the daemon,
    TLS over its side or the side itself."""

    def __init__(
        self,
        client: Side,
        daemon: Side,
        stream: ByteStream,
        conversation: Conversation,
        few: Callable[[], bool],
        eager: Eager,
    ) -> None:
        self._client = client
        self._daemon = daemon
        self._conversation = conversation
        self._few = few
        self._eager = eager
        self._slow = conversation.keeps
        self._unheard: list[tuple[Half, bytes, float]] = []
        self._size = 0  # bytes in it
        self._watched = False  # whether a side is polled for anything but reading
        self._up = Half("client", client, stream, daemon, conversation)
        self._down = Half("daemon", stream, client, client, conversation)
        self._up.opposite, self._down.opposite = self._down, self._up
        self._last = self._up  # who came last
        self._turns = 0  # short pieces in a row, each from the other side than the one before

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
            self._turn_until_over()
        except RawdockError as error:
            trouble = error.cause
        self._hear()
        self._conversation.close(time.perf_counter(), trouble)

    def _turn_until_over(self) -> None:
        """Return when both halves came to their end. Raises ConnectionLostError with why it ended otherwise."""
        up, down = self._up, self._down
        client, wait = self._numbers[0], self._poll.poll
        client_side, daemon_side = self._client, self._daemon
        while not (up.ended and down.ended):
            while self._turns >= TURNS and self._answered(self._last.opposite):
                pass
            if self._turns >= TURNS:
                self._turns = 0  # another does not answer at once
                self._hear()
            else:
                found = wait(0 if up.more or down.more else QUIET if self._unheard else None)
                if not found:
                    self._hear()
                for number, events in found:
                    self._see(up if number == client else down, events)
                for half in (up, down) if up.layered or down.layered else ():
                    if half.more:
                        self._pass_on_layered(half)
            if self._watched or client_side.left or daemon_side.left or up.ended or down.ended:
                self._watch()

    def _answered(self, half: Half) -> bool:
        """Pass on what comes within a moment. It is looked for at first, less and less often where that was in vain."""
        if half is self._down and not self._slow:
            self._hear()  # while the daemon works
        if half.rest:
            half.rest -= 1
        elif self._eager.begin():
            try:
                limit = time.perf_counter() + EAGER
                while time.perf_counter() < limit:
                    if self._poll.poll(0):
                        half.vain = 1
                        return self._pass_on(half, MSG_DONTWAIT)
                half.rest = half.vain = min(2 * half.vain, LONG_REST)
            finally:
                self._eager.end()
        return self._pass_on(half, 0)

    def _see(self, half: Half, events: int) -> None:
        """What poll says of the side that is the source of `half`."""
        other = half.opposite
        if events & select.POLLOUT and other.exit.left:
            self._flush(other)
        if half.ended:
            if events & HUNG_UP and not half.exit.left:
                raise ConnectionLostError(f"the {half.name} went away")
        elif half.layered:
            self._pass_on_layered(half)
        elif not half.exit.left:
            self._pass_on(half, MSG_DONTWAIT)

    def _hear(self) -> None:
        """Look at what was passed on."""
        unheard, self._unheard, self._size = self._unheard, [], 0
        for half, data, now in unheard:
            if data:
                half.hear(data, now)
            else:
                half.hear_end(now)

    def _flush(self, half: Half) -> None:
        try:
            half.exit.flush()
        except ConnectionLostError:
            self._dropped(half)
        half.more = half.layered and not half.exit.left and not half.ended

    def _pass_on_layered(self, half: Half) -> None:
        """Until OpenSSL holds nothing any more, or the other's turn has come."""
        half.more = False
        for _ in range(ROUNDS):
            if half.ended or half.exit.left or not self._pass_on(half, MSG_DONTWAIT):
                return
        half.more = True

    def _pass_on(self, half: Half, flags: int) -> bool:
        """Pass on what has come, with `flags` 0 what comes within a moment. Return whether something has, and all of it has
        gone. Raises ConnectionLostError when all is over."""
        try:
            data = half.take(half.size, flags)
        except BlockingIOError:
            return False
        except OSError as error:
            raise ConnectionLostError(f"the {half.name}: the connection was lost: {error.strerror}") from error
        except ConnectionLostError as error:
            raise ConnectionLostError(f"the {half.name}: {error.cause}") from error
        if not data:
            self._end(half)
            return False
        now, size = time.perf_counter(), len(data)  # sending may wake up the other and put us to sleep
        patient = half.bulk > STEADY and not half.opposite.bulk
        try:
            sent = half.give(data, 0 if patient else MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        except (OSError, ConnectionLostError):
            sent = size
            self._dropped(half)
        # It is looked at once nothing comes, so that a next exchange does not wait for it.
        self._unheard.append((half, data, now))
        self._size += size
        if self._size >= MUCH or len(self._unheard) >= MANY:
            self._hear()
        if size < BULK:
            half.size, half.bulk = READ, 0
            self._turns = self._turns + 1 if half is not self._last and not half.layered else 0
            self._last = half
        else:
            half.size = LONG_READ if self._few() else READ
            half.bulk = 0 if patient and sent < size else half.bulk + 1
            self._turns = 0
        if sent < size:
            half.exit.left = memoryview(data)[sent:]
        return not half.exit.left and not half.ended

    def _dropped(self, half: Half) -> None:
        """What comes from `half` is not taken. A daemon may have answered before it hung up, and its answer is still passed on.
        Raises ConnectionLostError for a client, which is gone."""
        if half is self._down:
            raise ConnectionLostError("the client went away")
        half.exit.left = memoryview(b"")
        half.ended = True

    def _end(self, half: Half) -> None:
        """Raises ConnectionLostError, also with why a program ended that is the source."""
        if not half.layered:
            run(half.source.receive(1))
        half.ended = True
        self._turns = 0
        self._unheard.append((half, b"", time.perf_counter()))
        try:
            run(half.sink.send_eof())
        except RawdockError:
            if half is self._down:
                raise ConnectionLostError("the client went away") from None

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
