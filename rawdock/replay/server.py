"""The replay's socket: each connection in a thread, its requests answered from the session.

What came of a reply after another request had been made is not sent before that request is made here too: the output of an
attach waits for its start. A second without that request, and it goes on.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..errors import ProtocolError, UsageError
from ..net.listener import UnixListener
from ..text.secrets import without_secrets
from ..wire.asking import AskDecoder, ask_body
from ..wire.exchange import Ask
from .match import Session
from .recording import Recorded, read

PATIENCE = 1.0  # seconds
APART = 0.02  # seconds at most between an upgraded head and what follows: podman-remote loses what comes in one piece with it
MAX_BODY = 64 << 20  # bytes of a request


class Replay:
    """`delays` True keeps the recorded pauses. `say` gets a line a request. `unrecorded` has a sentence for each request that
    was not in the session."""

    def __init__(self, recorded: list[Recorded], path: str | None, delays: bool, say: Callable[[str], None]) -> None:
        self._session = Session(recorded)
        self._delays = delays
        self._say = say
        self._news = threading.Condition()
        self._given_up: set[int] = set()
        self.unrecorded: list[str] = []
        self.listener = UnixListener(path, self._serve)
        self.url = f"unix://{self.listener.path}"

    @property
    def unused(self) -> list[str]:
        """The recorded requests that nobody made."""
        pairs = zip(self._session.recorded, self._session.used, strict=True)
        return [f"{one.method} {one.target}" for one, used in pairs if not used]

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            rest: bytes | None = b""
            while rest is not None:
                found = _request(connection, rest)
                if found is None:
                    return
                rest = self._answer(connection, *found)
        except (OSError, ProtocolError):
            pass  # the client's right

    def _answer(self, connection: socket.socket, ask: Ask, body: bytes, rest: bytes) -> bytes | None:
        """Answer, and return what came after the request, None when the connection is over."""
        with self._news:
            number = self._session.take(ask.method, ask.target, body)
            self._news.notify_all()
        shown = without_secrets(ask.target)
        if number is None:
            why = f"{ask.method} {shown} was not recorded: {self._session.nearest(ask.method, ask.target, body)}"
            self.unrecorded.append(why)
            self._say(f"501  {why}")
            connection.sendall(
                _plain("501 Not Implemented", json.dumps({"message": f"rawdock replay: {why}"}).encode())
            )
            return rest
        one = self._session.recorded[number]
        self._say(f"{one.status}  {ask.method} {shown}")
        if one.status == 0:
            return None  # the daemon never answered
        self._wait(number, one.wait, 0.0)
        if one.hijack is not None:
            self._hijack(connection, number, one, rest)
            return None
        return rest if self._reply(connection, number, one, ask) else None

    def _reply(self, connection: socket.socket, number: int, one: Recorded, ask: Ask) -> bool:
        """Send the reply; True if the connection can be kept."""
        size = sum(len(data) for _, data in one.pieces)
        own = [
            (name, value)
            for name, value in one.reply_headers
            if name.lower() not in ("content-length", "transfer-encoding")
        ]
        bodiless = ask.method == "HEAD" or one.status in (204, 304)
        chunked = not bodiless and any(name.lower() == "transfer-encoding" for name, _ in one.reply_headers)
        if bodiless:
            own = [(name, value) for name, value in one.reply_headers if name.lower() != "transfer-encoding"]
        elif chunked:
            own.append(("Transfer-Encoding", "chunked"))
        else:
            own.append(("Content-Length", str(size)))
        connection.sendall(_head(one, own))
        at = one.wait
        for when, data in one.pieces if not bodiless else []:
            self._wait(number, when, at)
            at = when
            connection.sendall(b"%x\r\n%b\r\n" % (len(data), data) if chunked else data)
        if one.trouble or one.cut[1]:
            return False  # it broke off then too, or its end was not kept
        if chunked:
            connection.sendall(b"0\r\n\r\n")
        return True

    def _hijack(self, connection: socket.socket, number: int, one: Recorded, rest: bytes) -> None:
        """Play an upgraded connection: the daemon's words in order, each after as many bytes of the client as then."""
        connection.sendall(_head(one, one.reply_headers))
        first = min((when for when, by_client, *_ in one.hijack or [] if not by_client), default=0.0)
        time.sleep(min(max(0.0, first - one.wait), APART))
        heard, due, at, ended = len(rest), 0, one.wait, False
        for when, by_client, data, size in one.hijack or []:
            if by_client:
                due += size
                while heard < due and not ended:
                    part = connection.recv(65536)
                    heard, ended = heard + len(part), not part
                continue
            self._wait(number, when, at)
            at = when
            if data:
                connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(PATIENCE)
        while not ended and connection.recv(65536):
            pass

    def _wait(self, number: int, when: float, before: float) -> None:
        """Wait until all that was asked before this moment of the exchange has been asked, and the recorded pause if wanted."""
        if self._delays:
            time.sleep(max(0.0, when - before))
        moment = self._session.recorded[number].begun + when

        def missing() -> list[int]:
            recorded, used = self._session.recorded, self._session.used
            return [
                place
                for place, one in enumerate(recorded)
                if one.begun < moment and not used[place] and place not in self._given_up
            ]

        with self._news:
            if not self._news.wait_for(lambda: not missing(), PATIENCE):
                self._given_up.update(missing())  # waited for once, not at every piece


@contextmanager
def replay(
    path: str | os.PathLike[str],
    listen: str | None = None,
    *,
    delays: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> Iterator[Replay]:
    """Serve the session in the HAR file `path` until the block ends, on the socket `listen` or on a private one of its own.
    Raises UsageError for a file that is none."""
    name = os.fspath(path)
    try:
        with open(name, encoding="utf-8-sig") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise UsageError(f"{name!r} cannot be read: {why}", "give a file that `rawdock tap --har` wrote") from error
    daemon = Replay(read(text, name), listen, delays, say)
    with daemon.listener:
        yield daemon


def _request(connection: socket.socket, data: bytes) -> tuple[Ask, bytes, bytes] | None:
    """The next request with its body, and what came after it; None at the end. Raises ProtocolError."""
    heads = AskDecoder()
    found = heads.feed(data) if data else None
    while found is None:
        data = connection.recv(65536)
        if not data:
            return None
        found = heads.feed(data)
    ask, data = found
    if ask.get("Expect").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    decoder = ask_body(ask)
    body = bytearray(decoder.feed(data) if not decoder.complete else b"")
    rest = data if decoder.complete and not body and not decoder.rest else decoder.rest
    while not decoder.complete:
        data = connection.recv(65536)
        if not data:
            return None
        part = decoder.feed(data)
        body += part[: MAX_BODY - len(body)]
        rest = decoder.rest
    return ask, bytes(body), rest


def _head(one: Recorded, headers: list[tuple[str, str]]) -> bytes:
    lines = [f"HTTP/1.1 {one.status} {one.reason}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace")


def _plain(status: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
