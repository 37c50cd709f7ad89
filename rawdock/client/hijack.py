"""Hijacked connections: after the head both ends send as they like. Attach, exec and whatever else asks for an upgrade.

Sources: moby api/server/router/container (attach), exec start; "HTTP/1.1 101 UPGRADED". A proxy that does not let the upgrade
through makes a 200 of it, whose body lasts until the end: that can be read, but nothing can be sent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    aclosing,
    asynccontextmanager,
    contextmanager,
)
from typing import Any, TypeVar

from ..errors import ConnectionLostError, PeerError, ProtocolError, RequestError
from ..net import ByteStream
from ..net.faults import located
from ..net.parts import AsBytes
from ..request import container_path
from ..wire.stdcopy import Frame, StdcopyDecoder, Stream
from .content import Body, Content, body_of, refuse_async
from .core import Core
from .frames import FrameIterator, frames_of, taken
from .response import Reply, broken_off

MULTIPLEXED = "application/vnd.docker.multiplexed-stream"  # API 1.42 and later; a promise, which raw-stream is not
END_OF_INPUT = b"\x04"  # ^D, VEOF of termios(3)
T = TypeVar("T")


class Hijack:
    """A connection that is ours alone. One task may send while another receives. `tty`: whether what comes is bare bytes
    instead of frames, None if not known. `writable`: False when a proxy took the upgrade away."""

    def __init__(self, core: Core, reply: Reply, tty: bool | None) -> None:
        connection = reply._connection
        self._stream: ByteStream
        self._stream, first = connection.detach()
        reply.unread(first)
        self._reply = reply
        self._driver = core._driver
        self._endpoint = core.endpoint
        self._decoder = StdcopyDecoder()
        self._ready: deque[Frame] = deque()
        self.writable = reply.status_code == 101
        self.content_type = reply.head.get("Content-Type")
        self.tty = False if self.content_type == MULTIPLEXED else tty

    @property
    def what(self) -> str:
        """What is lost when it breaks off, in words for an error."""
        return self._reply.what

    @what.setter
    def what(self, words: str) -> None:
        self._reply.what = words

    async def receive(self) -> bytes:
        """The next bytes as they came, b"" at the end."""
        return await self._reply.receive()

    async def send(self, data: bytes) -> None:
        """Send all of `data`. Raises ProtocolError where a proxy lets nothing through."""
        self.require_writable()
        try:
            await self._stream.send(data)
        except ConnectionLostError as error:
            raise located(self._endpoint, error) from error

    async def send_eof(self) -> None:
        """End the process's stdin; receiving goes on. Not with a TTY: the daemon would end its half as well
        (20.10: the output was lost)."""
        self.require_writable()
        try:
            await self._stream.send_eof()
        except ConnectionLostError as error:
            raise located(self._endpoint, error) from error

    async def aclose(self) -> None:
        self._reply.leave()
        await self._stream.aclose()

    async def next_frames(self) -> list[Frame]:
        """The frames that came with the next bytes, none at the end; a TTY's bytes all as stdout. Raises TruncatedError
        for an end within a frame, PeerError for what the daemon reports instead of output."""
        if self.tty is None:
            raise RequestError(
                f"{self._reply.asked}: the answer does not say whether it comes in frames", "give tty=True or tty=False"
            )
        if self._ready:
            return taken(self._ready)
        while data := await self._reply.receive():
            frames = [Frame(Stream.STDOUT, data)] if self.tty else self._decoded(data)
            if frames:
                self._check(frames)
                return frames
        return self._decoded(b"")

    def frames(self) -> AsyncIterator[Frame]:
        """What comes, stdout and stderr apart, until the end. A long frame comes in parts. See `next_frames`."""
        return FrameIterator(self._ready, self.next_frames)

    def feeding(self, content: Content) -> AbstractAsyncContextManager[object]:
        """`async with hijack.feeding(file): …` sends content, then the end of input, beside what runs inside. A peer that
        takes no more is no error: what it has to say is for who receives. Leaving stops it. Files and iterables are read
        where they are, so a slow one stops the loop; give an async iterable then."""
        self.require_writable()
        return self._driver.beside(self._feed(body_of(content)))

    async def _feed(self, body: Body) -> None:
        last = body.with_head
        if last and not await self.offer(last):
            return
        if body.parts is not None:
            async with aclosing(_generator(body)) as parts:
                async for part in parts:
                    last = part or last
                    if part and not await self.offer(part):
                        return
        await self.end_input(last)

    async def end_input(self, last: bytes) -> None:
        """End the process's stdin. `last`: what was sent last."""
        if self.tty:
            # A TTY's end of input is ^D at the beginning of a line; within one, the first only ends the line.
            await self.offer(END_OF_INPUT if last.endswith(b"\n") or not last else END_OF_INPUT * 2)
        else:
            try:
                await self.send_eof()
            except ConnectionLostError:
                pass

    async def offer(self, data: bytes) -> bool:
        """Send all of `data`; False if the peer takes no more, which is for who receives to find out."""
        try:
            await self.send(data)
        except ConnectionLostError:
            return False
        return True

    def _decoded(self, data: bytes) -> list[Frame]:
        """The frames in `data`; none is the end."""
        try:
            if data:
                return self._decoder.feed(data)
            self._decoder.close()
            return []
        except ProtocolError as error:
            raise broken_off(self._endpoint, self.what, error) from error

    def _check(self, frames: list[Frame]) -> None:
        for frame in frames:
            if frame.stream is Stream.SYSTEMERR:
                words = " ".join(frame.data.decode("utf-8", "replace").split())
                raise PeerError(f"{self._endpoint}: {self._reply.asked}: the daemon reports an error: {words}")

    def require_writable(self) -> None:
        self._reply.refuse_if_left()
        if not self.writable:
            raise ProtocolError(
                f"{self._endpoint}: {self._reply.asked} was answered 200 instead of 101, so nothing can be sent",
                "let the proxy before the daemon pass on the headers Connection and Upgrade",
            )


async def _generator(body: Body) -> AsyncGenerator[bytes, None]:
    assert body.parts is not None
    iterator = AsBytes(body.parts)
    try:
        async for part in iterator:
            yield part
    finally:
        await iterator.aclose()


async def open_hijack(
    core: Core,
    method: str,
    path: str,
    *,
    tty: bool | None = None,
    headers: Mapping[str, str] | None = None,
    **options: Any,
) -> Hijack:
    """Ask for an upgrade. Raises StatusError for what the daemon refuses: it may write that by hand, as text without a
    length."""
    upgrade = {"Connection": "Upgrade", "Upgrade": "tcp"}
    reply = await core.open(method, path, headers={**upgrade, **(headers or {})}, **options)
    try:
        await reply.raise_for_status()
        if reply.status_code not in (101, 200):
            raise ProtocolError(f"{core.endpoint}: {reply.asked} was answered {reply.status_code}, expected 101")
        return Hijack(core, reply, tty)
    except BaseException:
        await reply._connection.aclose()
        raise


async def open_attach(
    core: Core,
    container: str,
    *,
    stdin: bool = False,
    stdout: bool = True,
    stderr: bool = True,
    logs: bool = False,
    stream: bool = True,
    tty: bool | None = None,
) -> Hijack:
    """Attach to a container. Without `tty` the Content-Type says whether it has one, or else the container's settings do:
    before API 1.42, and behind a proxy, raw-stream is said of frames as well."""
    params = {"stdin": stdin, "stdout": stdout, "stderr": stderr, "logs": logs, "stream": stream}
    path = container_path(container)
    hijack = await open_hijack(core, "POST", f"{path}/attach", params=params, tty=tty)
    try:
        if hijack.tty is None:
            settings = (await core.request("GET", f"{path}/json")).raise_for_status().json()
            hijack.tty = bool(settings["Config"]["Tty"])
        return hijack
    except BaseException:
        await hijack.aclose()
        raise


@asynccontextmanager
async def closing(hijack: Hijack) -> AsyncIterator[Hijack]:
    try:
        yield hijack
    finally:
        await hijack.aclose()


@contextmanager
def entered(context: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """An async context manager over blocking sockets, entered and left without an event loop."""
    from ..net.blocking import run

    value = run(_enter(context))
    try:
        yield value
    except BaseException as error:
        if not run(_leave(context, error)):
            raise
    else:
        run(_leave(context, None))


async def _enter(context: AbstractAsyncContextManager[T]) -> T:
    return await context.__aenter__()


async def _leave(context: AbstractAsyncContextManager[T], error: BaseException | None) -> bool:
    kind, trace = (type(error), error.__traceback__) if error else (None, None)
    return bool(await context.__aexit__(kind, error, trace))


class SyncHijack:
    """A Hijack without an event loop. To send while receiving, receive inside `with hijack.feeding(…)`."""

    def __init__(self, hijack: Hijack) -> None:
        from ..net.blocking import run

        self._run = run
        self._hijack = hijack
        self.writable = hijack.writable
        self.content_type = hijack.content_type
        self.tty = hijack.tty

    def receive(self) -> bytes:
        return self._run(self._hijack.receive())

    def send(self, data: bytes) -> None:
        self._run(self._hijack.send(data))

    def send_eof(self) -> None:
        self._run(self._hijack.send_eof())

    def close(self) -> None:
        self._run(self._hijack.aclose())

    def frames(self) -> Iterator[Frame]:
        return frames_of(self._hijack._ready, self._hijack.next_frames)

    def feeding(self, content: Content) -> AbstractContextManager[object]:
        refuse_async(content)
        return entered(self._hijack.feeding(content))
