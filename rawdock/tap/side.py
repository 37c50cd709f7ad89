"""One side of the relay: a stream that never waits, for a loop that polls.

Below it is the bare stream of `dial`; over it TLS goes as over any other, so the same code serves all kinds of endpoints.
"""

from __future__ import annotations

import _socket as socket
import struct

from ..errors import ConnectionLostError
from ..net.blocking import SocketStream

MOMENT = 1000  # microseconds that an answer is waited for where it is due; the kernel makes up to 8,000 of them
STALL = 20_000  # microseconds that a sender of much waits in send: poll says that there is room when three quarters are free


class Side:
    """A ByteStream over `bare`. While `waits` it is that stream; then `receive` raises BlockingIOError where nothing has come,
    and `send` keeps what the socket does not take for the next `flush`."""

    def __init__(self, bare: SocketStream) -> None:
        self._bare = bare
        self.socket = bare.socket
        self.waits = True
        self.left = memoryview(b"")  # not yet taken by the socket

    def wait_no_more(self) -> None:
        """A time-out that connecting left behind would make recv wait, MSG_DONTWAIT or not."""
        self.waits = False
        self.socket.setblocking(True)  # recv is told otherwise each time
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, MOMENT))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 0, STALL))

    def fileno(self) -> int:
        return self.socket.fileno()

    async def receive(self, max_bytes: int = 65536) -> bytes:
        if self.waits:
            return await self._bare.receive(max_bytes)
        return self.take(max_bytes) or await self._bare.receive(1)  # the end again, or why a program ended

    async def send(self, data: bytes) -> None:
        if self.waits:
            await self._bare.send(data)
        else:
            self.give(data)

    def take(self, max_bytes: int) -> bytes:
        """What has come. Raises BlockingIOError where nothing has."""
        try:
            return self.socket.recv(max_bytes, socket.MSG_DONTWAIT)
        except BlockingIOError:
            raise
        except OSError as error:
            raise ConnectionLostError(f"the connection was lost: {error.strerror}") from error

    def give(self, data: bytes, flags: int = socket.MSG_DONTWAIT) -> None:
        """Send what the socket takes, and keep the rest."""
        self.left = memoryview(bytes(self.left) + data if self.left else data)
        self.flush(flags)

    def flush(self, flags: int = socket.MSG_DONTWAIT) -> None:
        """Send what the socket takes; with `flags` 0 what it takes within STALL. Raises ConnectionLostError."""
        try:
            sent = self.socket.send(self.left, flags)
        except BlockingIOError:
            return
        except OSError as error:
            raise ConnectionLostError(f"the connection was lost: {error.strerror}") from error
        self.left = self.left[sent:]

    async def send_eof(self) -> None:
        await self._bare.send_eof()

    async def aclose(self) -> None:
        await self._bare.aclose()
