"""Connections kept alive, one exchange at a time each. Written against the byte-stream protocol, so both drivers run it."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable

from .errors import ConnectionLostError
from .net import ByteStream
from .wire.http1 import BodyDecoder, Head, HeadDecoder, body_decoder

READ_SIZE = 256 * 1024  # bytes; the largest reads cost the least (measured on logs and archives)


class Connection:
    """One stream to the daemon. `begin` an exchange, `receive` its body, then `begin` the next if it is `reusable`."""

    def __init__(self, stream: ByteStream) -> None:
        self.stream = stream
        self.exchanges = 0
        self._head: Head | None = None
        self._body: BodyDecoder | None = None
        self._first = b""

    async def begin(self, method: str, request: bytes, parts: AsyncIterable[bytes] | None = None) -> Head:
        """Send a request, then `parts` of its body as they come, framed already; return the reply's head.
        Raises ProtocolError or NetworkError."""
        self.exchanges += 1
        self._head = self._body = None
        lost: ConnectionLostError | None = None
        try:
            await self.stream.send(request)
            if parts is not None:
                async for part in parts:
                    await self.stream.send(part)
        except ConnectionLostError as error:
            lost = error  # a peer that refuses early may have said why before it closed
        decoder = HeadDecoder()
        while True:
            try:
                data = await self.stream.receive(READ_SIZE)
            except ConnectionLostError as error:
                raise lost or error from error
            if not data:
                if lost or not decoder.started:
                    raise lost or ConnectionLostError("the connection ended before a reply")
                decoder.close()
            if found := decoder.feed(data):
                self._head, rest = found
                self._body = body_decoder(method, self._head)
                self._first = self._body.feed(rest) if rest else b""  # what follows a bodiless reply stays in its rest
                return self._head

    async def receive(self) -> bytes:
        """Return the next bytes of the body, b"" at its end. Raises TruncatedError if the connection ends before."""
        if self._first:
            first, self._first = self._first, b""
            return first
        body = self._body
        assert body is not None
        while not body.complete:
            data = await self.stream.receive(READ_SIZE)
            if not data:
                body.close()
                return b""
            if payload := body.feed(data):
                return payload
        return b""

    @property
    def reusable(self) -> bool:
        """Whether the exchange is over and the daemon keeps the connection open."""
        head, body = self._head, self._body
        return bool(
            head
            and body
            and body.complete
            and not body.rest
            and not self._first
            and head.keep_alive
            and head.status != 101
        )

    def detach(self) -> tuple[ByteStream, bytes]:
        """After 101: the bare stream, and the bytes of it that came with the head. The connection is the caller's now."""
        first, self._first = self._first, b""
        return self.stream, first

    async def aclose(self) -> None:
        await self.stream.aclose()


class Pool:
    """Hands out idle connections, newest first, and dials when there is none."""

    def __init__(self, dial: Callable[[], Awaitable[ByteStream]]) -> None:
        self._dial = dial
        self._idle: list[Connection] = []

    async def begin(
        self, method: str, request: bytes, parts: AsyncIterable[bytes] | None = None, *, repeatable: bool
    ) -> tuple[Connection, Head]:
        """Start an exchange. A kept connection that turns out dead is replaced, at last by a new one, if sending the
        request twice is harmless (`repeatable`)."""
        while True:
            connection = self._idle.pop() if self._idle else Connection(await self._dial())
            try:
                return connection, await connection.begin(method, request, parts)
            except ConnectionLostError:
                await connection.aclose()
                if connection.exchanges == 1 or not repeatable:
                    raise
            except BaseException:
                await connection.aclose()
                raise

    async def release(self, connection: Connection) -> None:
        """Take a connection back; one that cannot serve again is closed."""
        if connection.reusable:
            self._idle.append(connection)
        else:
            await connection.aclose()

    async def aclose(self) -> None:
        while self._idle:
            await self._idle.pop().aclose()
