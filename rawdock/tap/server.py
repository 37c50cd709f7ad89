"""The tap: joins each client of its socket to a connection of its own to the daemon."""

from __future__ import annotations

import json
import socket
import time
from contextlib import suppress
from types import TracebackType

from ..endpoint import Endpoint
from ..errors import RawdockError
from ..net import ByteStream
from ..net.blocking import BlockingDriver, SocketStream, run
from ..net.dial import CONNECT_TIMEOUT, connect, login_of, secure
from ..net.listener import UnixListener
from ..wire.conversation import Conversation, Listener
from ..wire.exchange import Budget
from .eager import Eager
from .relay import FEW, Relay
from .side import Side


class Tap:
    """`with Tap(endpoint, listener) as tap:` listens in `tap.url`. `listener` is told of the exchanges, from the threads of
    their connections. `limit`: bytes of each body that are kept; `budget`: of all that are under way."""

    def __init__(
        self,
        endpoint: Endpoint,
        listener: Listener,
        path: str | None = None,
        limit: int = 0,
        budget: int = 0,
        *,
        pieces: bool = True,
    ) -> None:
        self._endpoint = endpoint
        self._driver = BlockingDriver()
        self._login = login_of(endpoint, self._driver)
        self._listener = listener
        self._limit = limit
        self._pieces = pieces
        self._budget = Budget(budget)
        self._eager = Eager()
        self._socket = UnixListener(path, self._serve)
        self.url = f"unix://{self._socket.path}"

    def check(self) -> None:
        """Connect once and hang up. Raises what `dial` does."""
        stream = run(connect(self._endpoint, self._driver, CONNECT_TIMEOUT, self._login))
        if self._endpoint.tls is not None:
            stream = run(secure(stream, self._endpoint, self._driver))
        run(stream.aclose())

    def __enter__(self) -> Tap:
        self._socket.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.__exit__(kind, error, trace)
        if self._login is not None:
            run(self._login.aclose())

    def _few(self) -> bool:
        return self._socket.connections <= FEW

    def _serve(self, accepted: socket.socket, number: int) -> None:
        conversation = Conversation(number, self._listener, self._limit, self._budget, pieces=self._pieces)
        client = Side(SocketStream(accepted, self._driver))
        try:
            bare = run(connect(self._endpoint, self._driver, CONNECT_TIMEOUT, self._login))
        except RawdockError as error:
            _say(accepted, conversation, error)
            return
        assert isinstance(bare, SocketStream)
        daemon = Side(bare)
        try:
            stream: ByteStream = daemon
            if self._endpoint.tls is not None:
                stream = run(secure(daemon, self._endpoint, self._driver))
            client.wait_no_more()
            daemon.wait_no_more()
            Relay(client, daemon, stream, conversation, self._few, self._eager).run()
        except RawdockError as error:
            _say(accepted, conversation, error)
        finally:
            run(daemon.aclose())


def _say(client: socket.socket, conversation: Conversation, error: RawdockError) -> None:
    """Answer the client's first request with why the daemon cannot be reached; a proxy that hung up would leave it guessing."""
    with suppress(OSError):
        client.settimeout(CONNECT_TIMEOUT)
        data = client.recv(65536)
        if not data:
            return
        now = time.perf_counter()
        conversation.sent(data, now)
        body = json.dumps({"message": f"rawdock tap: {error}"}).encode() + b"\n"
        head = f"HTTP/1.1 502 Bad Gateway\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        answer = f"{head}Connection: close\r\n\r\n".encode() + body
        client.sendall(answer)
        conversation.received(answer, now)
        client.shutdown(socket.SHUT_WR)
        while client.recv(65536):  # or what the client still sends would reset the answer away
            pass
    conversation.close(time.perf_counter(), error.cause)
