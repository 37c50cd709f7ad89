"""A daemon whose bytes stand in the test: a real server in a thread, on a Unix socket or loopback, plain or TLS.

Each connection plays a script, a list of steps: bytes are sent; `Request(n)` waits for n requests with their bodies; CLOSE,
RESET and so on are what they say. What came in is in `received`, one entry a connection. The last script serves all later
connections too.
"""

from __future__ import annotations

import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from certificates import authority

PATIENCE = 20.0  # seconds until a stuck test fails; none waits for it


class Connection:
    """One accepted connection, in the hands of its script."""

    def __init__(self, stream: socket.socket) -> None:
        self.stream = stream
        self.received = bytearray()
        self.requests: list[bytes] = []
        self._buffer = bytearray()

    def send(self, data: bytes) -> None:
        self.stream.sendall(data)

    def receive(self) -> bytes:
        data = self.stream.recv(65536)
        self.received += data
        return data

    def request(self) -> bytes:
        """Wait for one request, head and body (by Content-Length), or raise EOFError."""
        while b"\r\n\r\n" not in self._buffer:
            self._fill()
        end = self._buffer.index(b"\r\n\r\n") + 4
        length = next(
            (
                int(line[15:])
                for line in self._buffer[:end].lower().split(b"\r\n")
                if line.startswith(b"content-length:")
            ),
            0,
        )
        while len(self._buffer) < end + length:
            self._fill()
        request = bytes(self._buffer[: end + length])
        del self._buffer[: end + length]
        self.requests.append(request)
        return request

    def until_eof(self) -> bytes:
        """All that comes until the peer closes its half."""
        data = bytearray(self._buffer)
        self._buffer.clear()
        while part := self.receive():
            data += part
        return bytes(data)

    def reset(self) -> None:
        """Close with RST instead of FIN (TCP), by a linger of zero seconds."""
        self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.stream.close()

    def _fill(self) -> None:
        data = self.receive()
        if not data:
            raise EOFError
        self._buffer += data


Step = bytes | Callable[[Connection], object]
Script = Sequence[Step]


def REQUEST(connection: Connection) -> None:
    connection.request()


def RESET(connection: Connection) -> None:
    connection.reset()


def HOLD(connection: Connection) -> None:
    """Keep the connection open, silent, until the client closes it."""
    connection.until_eof()


def waiting_for(event: threading.Event) -> Step:
    def wait(connection: Connection) -> None:
        if not event.wait(PATIENCE):
            raise AssertionError("the test never set the event")

    return wait


def reply(body: bytes = b"", status: str = "200 OK", headers: Sequence[str] = ()) -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def ping(version: str | None = "1.43") -> bytes:
    return reply(b"OK", headers=["Server: Docker/24.0.7 (linux)", *([f"Api-Version: {version}"] if version else [])])


VERSION = reply(b'{"Version":"24.0.7","ApiVersion":"1.43","MinAPIVersion":"1.12"}')
DAEMON: Script = [REQUEST, ping(), REQUEST, VERSION, HOLD]


class WireDaemon:
    """`with WireDaemon(folder, "tls1.3", script, …) as daemon`: listening in `url`, joined at the end. `flavour` is unix,
    tcp, tls1.2 or tls1.3. Errors of a script (not those of the network) come out at the end."""

    def __init__(
        self,
        folder: Path,
        flavour: str = "unix",
        *scripts: Script,
        server: str = "server",
        client_certificates: bool = True,
    ) -> None:
        self._scripts = list(scripts or [DAEMON])
        self.connections: list[Connection] = []
        self._threads: list[threading.Thread] = []
        self._problems: list[BaseException] = []
        self._bell = socket.socketpair()
        self._context = None
        if flavour.startswith("tls"):
            self._context = _server_context(folder, flavour, server, client_certificates)
        if flavour == "unix":
            self._listener = socket.socket(socket.AF_UNIX)
            self.path = str(folder / "docker.sock")
            self._listener.bind(self.path)
            self.url = f"unix://{self.path}"
        else:
            self._listener = socket.create_server(("127.0.0.1", 0))
            self.port = self._listener.getsockname()[1]
            self.url = f"tcp://127.0.0.1:{self.port}"
        self._listener.listen()
        self._acceptor = threading.Thread(target=self._accept)

    @property
    def requests(self) -> list[list[bytes]]:
        """The request heads and bodies of each connection."""
        return [connection.requests for connection in self.connections]

    @property
    def lines(self) -> list[list[str]]:
        """The request lines of each connection."""
        return [[request.split(b"\r\n")[0].decode() for request in requests] for requests in self.requests]

    def __enter__(self) -> WireDaemon:
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bell[1].close()
        self._acceptor.join(PATIENCE)
        self._bell[0].close()
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE)
        if kind is None and self._problems:
            raise self._problems[0]
        assert kind or not any(thread.is_alive() for thread in self._threads), "a client left its connection open"

    def _accept(self) -> None:
        """Accept until the bell rings, and then what had come before it."""
        self._listener.setblocking(False)
        over = False
        while True:
            if not over:
                ready, _, _ = select.select([self._listener, self._bell[0]], [], [])
                over = self._bell[0] in ready
            try:
                stream, _ = self._listener.accept()
            except BlockingIOError:
                if over:
                    return
                continue
            stream.settimeout(PATIENCE)
            if stream.family != socket.AF_UNIX:
                stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
            connection = Connection(stream)
            self.connections.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection, script))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: Connection, script: Script) -> None:
        try:
            if self._context is not None:
                connection.stream = self._context.wrap_socket(connection.stream, server_side=True)
            for step in script:
                if isinstance(step, bytes):
                    connection.send(step)
                else:
                    step(connection)
        except (OSError, EOFError):
            pass  # the client's right: it closed, or refused our certificate
        except BaseException as error:
            self._problems.append(error)
        finally:
            connection.stream.close()


def _server_context(folder: Path, flavour: str, server: str, client_certificates: bool) -> ssl.SSLContext:
    cert, key, clients = authority().server_files(folder / "daemon", server)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    version = {"tls1.2": ssl.TLSVersion.TLSv1_2, "tls1.3": ssl.TLSVersion.TLSv1_3}[flavour]
    context.minimum_version = context.maximum_version = version
    if "weak" in server:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")  # or OpenSSL would not even show such a certificate
    context.load_cert_chain(cert, key)
    if client_certificates:
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # Python 3.13 would refuse docker-machine's own
        context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
