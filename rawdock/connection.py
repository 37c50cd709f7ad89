"""One connection to a daemon: an exchange after the other. Written against the byte-stream protocol, so both drivers run it."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable

from .errors import ConnectionLostError, TimedOutError
from .net import ByteStream, Driver
from .net.memory import keep_freed_memory
from .net.parts import AsBytes, Part
from .net.timeouts import NO_LIMITS, Timeouts, within
from .wire.http1 import BodyDecoder, Head, HeadDecoder, body_decoder

READ_SIZE = 64 * 1024  # bytes; beyond 128 KiB malloc maps and unmaps memory for every read: 15 us more for a few bytes
LARGE_READ_SIZE = 256 * 1024  # bytes; once reads are full, the largest cost the least (measured on archives)


class Connection:
    """One stream to the daemon. `begin` an exchange, `receive` its body, then `begin` the next if it is `reusable`.
    The driver is needed for limits and for hearing an answer that comes before the request's end."""

    def __init__(
        self, stream: ByteStream, driver: Driver | None = None, leave: Callable[[], None] | None = None
    ) -> None:
        self.stream = stream
        self.exchanges = 0
        self._driver = driver
        self._leave = leave  # the pool's, called once when the connection is the pool's no more
        self._readable: Callable[[], bool] | None = getattr(stream, "readable", None)
        self._decoder = HeadDecoder()
        self._head: Head | None = None
        self._body: BodyDecoder | None = None
        self._first = b""
        self._read_size = READ_SIZE
        self._half_sent = False

    async def begin(
        self,
        method: str,
        request: bytes,
        parts: AsyncIterable[Part] | None = None,
        limits: Timeouts = NO_LIMITS,
    ) -> Head:
        """Send a request, then `parts` of its body as they come, framed already; return the reply's head. A refusal that
        comes before the body's end stops the sending. Raises ProtocolError, NetworkError or TimedOutError."""
        self.exchanges += 1
        self._decoder = HeadDecoder()
        self._head = self._body = None
        self._half_sent = False
        lost: ConnectionLostError | None = None
        try:
            await self.stream.send(request)
            if parts is not None:
                await self._upload(parts, limits.idle)
        except ConnectionLostError as error:
            lost = error  # a peer that refuses early may have said why before it closed
        if self._head is None:
            if limits.first_byte is None or self._driver is None:
                await self._receive_head(lost)
            else:
                with within(self._driver, limits.first_byte, "first_byte", "no answer came"):
                    await self._receive_head(lost)
        head = self._head
        assert head is not None  # or _receive_head had raised
        self._body = body_decoder(method, head)
        if self._first:
            self._first = self._body.feed(self._first)  # what follows a bodiless reply stays in its rest
        return head

    async def _upload(self, parts: AsyncIterable[Part], idle: float | None) -> None:
        iterator = parts.__aiter__()
        self._half_sent = True
        keep_freed_memory()
        try:
            if self._driver is None:
                async for data in AsBytes(iterator):
                    await self.stream.send(data)
            else:
                await self._driver.send_until(self.stream, iterator, self._hear, idle)
            self._half_sent = self._head is not None and self._head.status >= 400
        except TimeoutError as error:
            raise TimedOutError(
                f"the daemon took nothing of the request's body for {idle:g} s (time-out idle)", limit="idle"
            ) from error
        finally:
            if close := getattr(iterator, "aclose", None):
                await close()

    def _hear(self, data: bytes) -> bool:
        """Take bytes of the reply; True once there is no use in sending on: it is a refusal, or the peer has closed. A load or
        a build may answer 200 and report while it still reads, so what comes then is kept for the reader."""
        if not data:
            return True
        if self._head is not None:
            self._first += data
            return False
        if found := self._decoder.feed(data):
            self._head, self._first = found
            return self._head.status >= 400
        return False

    async def _receive_head(self, lost: ConnectionLostError | None) -> None:
        while True:
            try:
                data = await self.stream.receive(READ_SIZE)
            except ConnectionLostError as error:
                raise lost or error from error
            if not data:
                if lost or not self._decoder.started:
                    raise lost or ConnectionLostError("the connection ended before a reply")
                self._decoder.close()
            self._hear(data)
            if self._head is not None:
                return

    async def receive(self) -> bytes:
        """Return the next bytes of the body, b"" at its end. Raises TruncatedError if the connection ends before."""
        if self._first:
            first, self._first = self._first, b""
            return first
        body = self._body
        assert body is not None
        while not body.complete:
            data = await self.stream.receive(self._read_size)
            if not data:
                body.close()
                return b""
            if len(data) >= READ_SIZE:
                keep_freed_memory()
                self._read_size = LARGE_READ_SIZE
            else:
                self._read_size = READ_SIZE
            if payload := body.feed(data):
                return payload
        return b""

    @property
    def ended(self) -> bool:
        """Whether the whole body has been received."""
        return self._body is not None and self._body.complete and not self._first

    @property
    def reusable(self) -> bool:
        """Whether the exchange is over and the daemon keeps the connection open."""
        head, body = self._head, self._body
        return bool(
            head
            and body
            and self.ended
            and not body.rest
            and not self._half_sent
            and head.keep_alive
            and head.status != 101
        )

    @property
    def stale(self) -> bool:
        """Whether the daemon closed it, or said something, while nothing was asked."""
        return self._readable is not None and self._readable()

    def detach(self) -> tuple[ByteStream, bytes]:
        """After 101: the bare stream, and the bytes of it that came with the head. The connection is the caller's now,
        and counts in no pool."""
        first, self._first = self._first, b""
        self._left()
        return self.stream, first

    def abandon(self) -> None:
        """Let go of it, without a word to the daemon: it is another process's. See Pollable."""
        self._leave = None
        if abandon := getattr(self.stream, "abandon", None):
            abandon()

    async def aclose(self) -> None:
        try:
            await self.stream.aclose()
        finally:
            self._left()

    def _left(self) -> None:
        leave, self._leave = self._leave, None
        if leave:
            leave()
