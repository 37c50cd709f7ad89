"""What goes over one connection, told apart into exchanges by someone who only listens: bytes in, exchanges out.

It never stands in the way: after bytes that it does not understand it hears no more, and the exchange says why.
"""

from __future__ import annotations

from collections import deque
from typing import Protocol

from ..errors import RawdockError
from .asking import AskDecoder, ask_body, may_upgrade
from .chunked import ChunkedBody
from .exchange import MAX_PIECES, Budget, Exchange, Kept
from .http1 import BodyDecoder, HeadDecoder, UntilCloseBody, body_decoder

HELD = 1 << 20  # bytes of a client that goes on before the daemon has agreed to an upgrade


class Listener(Protocol):
    """Who is told. All of it happens in the thread that feeds the conversation."""

    def answered(self, exchange: Exchange) -> None:
        """The reply has begun and goes on."""

    def piece(self, exchange: Exchange, direction: str, data: bytes) -> None:
        """Bytes of a reply's body or of an upgraded connection; `direction` is "sent" or "received"."""

    def ended(self, exchange: Exchange) -> None: ...


class Conversation:
    """`limit`: bytes of each body that are kept. `pieces` False: the listener wants no pieces, and what is not kept is not
    even copied."""

    def __init__(self, connection: int, listener: Listener, limit: int, budget: Budget, *, pieces: bool = True) -> None:
        self._pieces = pieces
        self._connection = connection
        self._listener = listener
        self._limit = limit
        self._budget = budget
        self._waiting: deque[Exchange] = deque()  # asked or being asked, not answered
        self._asks = AskDecoder()
        self._asking: BodyDecoder | None = None  # of the last one's body
        self._heads = HeadDecoder()
        self._body: BodyDecoder | None = None  # of the first one's reply
        self._held = b""
        self._begun = 0.0
        self.deaf = False  # what comes is not understood

    def sent(self, data: bytes, now: float) -> None:
        """The client sent these bytes."""
        try:
            while data and not self.deaf:
                data = self._sent(data, now)
        except RawdockError as error:
            self._give_up(now, error.cause)

    def received(self, data: bytes, now: float) -> None:
        """The daemon sent these bytes."""
        try:
            while data and not self.deaf:
                data = self._received(data, now)
        except RawdockError as error:
            self._give_up(now, error.cause)

    def sent_eof(self, now: float) -> None:
        first = self._waiting[0] if self._waiting else None
        if first and first.upgraded:
            first.hijack.append((now, "sent", 0))

    def received_eof(self, now: float) -> None:
        """The daemon closed its half: the end of a body without a length, or of an exchange in its middle."""
        if not self._waiting:
            return
        first = self._waiting[0]
        if first.upgraded:
            first.hijack.append((now, "received", 0))
        elif isinstance(self._body, UntilCloseBody):
            self._end(now)
        else:
            done = "in the middle of the reply" if first.reply else "before it answered"
            self.close(now, f"the daemon closed the connection {done}")

    def close(self, now: float, trouble: str = "") -> None:
        """The connection is gone. `trouble`: why, if that was not its proper end."""
        while self._waiting:
            first = self._waiting[0]
            first.trouble = trouble or ("" if first.upgraded else "the connection was closed before the exchange's end")
            self._end(now)
        self.deaf = True

    @property
    def keeps(self) -> bool:
        """Whether bodies are kept, whose recording takes its time."""
        return self._limit > 0

    @property
    def busy(self) -> bool:
        """Whether an exchange is under way."""
        return bool(self._waiting)

    def _sent(self, data: bytes, now: float) -> bytes:
        last = self._waiting[-1] if self._waiting else None
        if last and last.upgraded:
            self._hijacked(last, "sent", data, now)
            return b""
        if last and self._asking:
            self._take(self._asking, last.sent, data, now)
            rest, complete = self._asking.rest, self._asking.complete
            if complete:
                self._asked(last, now)
            return rest
        if last and may_upgrade(last.ask) and not last.reply:
            self._held = (self._held + data)[:HELD]
            return b""
        if not self._asks.started:
            self._begun = now
        found = self._asks.feed(data)
        if found is None:
            return b""
        ask, rest = found
        exchange = Exchange(self._connection, ask, self._limit, self._budget, self._begun)
        self._waiting.append(exchange)
        self._asking = ask_body(ask)
        if self._asking.complete:
            self._asked(exchange, now)
        return rest

    def _asked(self, exchange: Exchange, now: float) -> None:
        self._asking = None
        exchange.asked = now

    def _received(self, data: bytes, now: float) -> bytes:
        if not self._waiting:
            return b""  # nobody asked; the client will make of it what it makes
        first = self._waiting[0]
        if first.upgraded:
            self._hijacked(first, "received", data, now)
            return b""
        answered = self._body is None
        if self._body is None:
            found = self._heads.feed(data)
            if found is None:
                return b""
            self._heads = HeadDecoder()
            first.reply, data = found
            first.answered = now
            self._body = body_decoder(first.ask.method, first.reply)
            if _is_hijacked(first, self._body):
                self._upgrade(first, now)
                return data
        payload = self._take(self._body, first.received, data, now)
        rest = self._body.rest
        if self._body.complete:
            if payload:
                self._listener.piece(first, "received", payload)
            self._end(now)
            return rest
        if answered:
            self._listener.answered(first)
        if payload:
            self._listener.piece(first, "received", payload)
        return b""

    def _take(self, decoder: BodyDecoder, kept: Kept, data: bytes, now: float) -> bytes:
        """The payload in `data`, b"" where nobody wants it."""
        if not self._pieces and kept.full:
            kept.count(decoder.pass_over(data) if isinstance(decoder, ChunkedBody) else len(decoder.feed(data)), now)
            return b""
        if payload := decoder.feed(data):
            kept.add(payload, now)
        return payload

    def _upgrade(self, exchange: Exchange, now: float) -> None:
        exchange.upgraded = True
        self._listener.answered(exchange)
        held, self._held = self._held, b""
        if held:
            self._hijacked(exchange, "sent", held, now)

    def _hijacked(self, exchange: Exchange, direction: str, data: bytes, now: float) -> None:
        kept = exchange.input if direction == "sent" else exchange.received
        kept.add(data, now)
        if self._limit and len(exchange.hijack) < MAX_PIECES:
            exchange.hijack.append((now, direction, len(data)))
        self._listener.piece(exchange, direction, data)

    def _end(self, now: float) -> None:
        exchange = self._waiting.popleft()
        exchange.ended = now
        self._body = None
        held, self._held = self._held, b""
        self._listener.ended(exchange)
        if held and not self.deaf:
            self.sent(held, now)  # a refused upgrade: what was held was the next request

    def _give_up(self, now: float, why: str) -> None:
        self.close(now, f"not understood, passed on all the same: {why}")


def _is_hijacked(exchange: Exchange, body: BodyDecoder) -> bool:
    """Whether the reply turned the connection into a stream in both directions: 101, or 200 without Upgrade."""
    assert exchange.reply is not None
    if exchange.reply.status == 101:
        return True
    kind = exchange.reply.get("Content-Type").startswith("application/vnd.docker.")
    return exchange.reply.status == 200 and kind and may_upgrade(exchange.ask) and isinstance(body, UntilCloseBody)
