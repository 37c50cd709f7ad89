"""`-v`: what goes over the wire, told on stderr: heads, how many bytes, frames, times. Secrets are blanked.

Lines begin with > for what is sent, < for what comes, * for what is neither; times are milliseconds since the connecting began.
"""

from __future__ import annotations

import time

from ..client.core import Core
from ..endpoint import Endpoint
from ..net import ByteStream, Driver
from ..text.secrets import BLANK, body_without_secrets, is_secret_header, without_secrets
from ..wire.stdcopy import Frame
from .console import Console

MAX_BODY = 4096  # bytes of a JSON body that are shown


class TalkingCore(Core):
    """A Core whose connections tell what goes over them."""

    def __init__(self, console: Console, endpoint: Endpoint, driver: Driver, version: str | None, origin: str) -> None:
        super().__init__(endpoint, driver, version, origin=origin, environ=console.environ)
        self._console = console

    async def _dial(self, seconds: float | None) -> ByteStream:
        talk = Talk(self._console)
        talk.line(f"* connecting to {self.endpoint}")
        stream = await super()._dial(seconds)
        talk.line("* connected" + ("" if self.endpoint.tls is None else ", TLS"))
        return TalkingStream(stream, talk)


class TalkingStream:
    """A ByteStream that tells."""

    def __init__(self, inner: ByteStream, talk: Talk) -> None:
        self._inner = inner
        self._talk = talk

    async def receive(self, max_bytes: int = 65536) -> bytes:
        data = await self._inner.receive(max_bytes)
        self._talk.received(data)
        return data

    async def send(self, data: bytes) -> None:
        self._talk.sent(data)
        await self._inner.send(data)

    async def send_eof(self) -> None:
        self._talk.line("> end of input")
        await self._inner.send_eof()

    async def aclose(self) -> None:
        self._talk.line("* closed")
        await self._inner.aclose()


class Talk:
    """What a connection says, request by request: a head line by line, then bytes by their number."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun = time.monotonic()
        self._asking = False  # whether the last head was a request's
        self._reply: bytes | None = None  # what came of a reply's head
        self._upgraded = False

    def line(self, text: str) -> None:
        self._console.talk(f"{text}  ({(time.monotonic() - self._begun) * 1000:.1f} ms)")

    def sent(self, data: bytes) -> None:
        if self._upgraded or self._asking:
            self.line(f"> {len(data)} bytes")
            return
        head, _, body = data.partition(b"\r\n\r\n")
        self._asking, self._reply = True, b""
        self._head(">", head)
        if body:
            self.line(f"> {len(body)} bytes{_shown(head, body)}")

    def received(self, data: bytes) -> None:
        if not data:
            self.line("< end")
            return
        if self._reply is None:
            self.line(f"< {len(data)} bytes")
            return
        head, end, body = (self._reply + data).partition(b"\r\n\r\n")
        if not end:
            self._reply = head
            return
        self._asking, self._reply = False, None
        self._upgraded = head.partition(b" ")[2].startswith(b"101")
        self._head("<", head)
        if body:
            self.line(f"< {len(body)} bytes")

    def _head(self, mark: str, head: bytes) -> None:
        first, *lines = head.decode("latin-1").split("\r\n")
        self.line(f"{mark} {without_secrets(first)}")
        for line in lines:
            name, colon, value = line.partition(":")
            secret = is_secret_header(name)
            self._console.talk(f"{mark} {name}{colon} {BLANK if secret else without_secrets(value.strip())}")


def tell_frame(console: Console, frame: Frame) -> None:
    console.talk(f"< frame {frame.stream.name.lower()}, {len(frame.data)} bytes")


def _shown(head: bytes, body: bytes) -> str:
    """A small JSON body, its secrets blanked; "" for any other."""
    if len(body) > MAX_BODY or body[:1] not in (b"{", b"["):
        return ""
    target = head.partition(b"\r\n")[0].decode("latin-1").split(" ")[1]
    return ": " + body_without_secrets(body, target).decode(errors="replace")
