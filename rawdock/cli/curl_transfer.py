"""`rawdock curl`: one transfer over rawdock's own wire code, with curl's output.

Each has a connection of its own, so that an end without a reply is curl's 52 and never an idle connection's.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from .. import __version__
from ..client.content import Body, body_of
from ..connection import Connection
from ..curl.exit_codes import CurlCode, CurlError
from ..curl.notes import no_socket
from ..curl.parse import Command
from ..curl.place import endpoint_of
from ..curl.transfer import Transfer, head_lines
from ..endpoint import Endpoint, TLSFiles
from ..errors import (
    ConnectionLostError,
    CredentialsError,
    NetworkError,
    ProtocolError,
    RawdockError,
    RequestError,
    TimedOutError,
    TLSError,
    TruncatedError,
    UnknownHostError,
)
from ..net import ByteStream
from ..net.blocking import BlockingDriver, run
from ..net.dial import connect, refusal
from ..net.faults import located
from ..text.secrets import is_secret_header
from ..wire.http1 import Head, encode_request
from .console import Console
from .curl_output import Output

CONNECT_TIMEOUT = 300.0  # seconds; curl's own


@dataclass
class Outcome:
    """What is known of a transfer, for -w and for what follows. Times are seconds since its beginning."""

    head: Head | None = None
    code: CurlCode = CurlCode.OK
    message: str = ""
    sizes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("request", "upload", "header", "download"), 0))
    times: dict[str, float] = field(default_factory=dict[str, float])
    connects: int = 0
    redirects: int = 0
    effective: str = ""  # the URL that was asked last, "" for the first


class Exchange:
    """One request and its reply, into `output`; what becomes known goes into `outcome` as it comes."""

    def __init__(
        self,
        command: Command,
        console: Console,
        read: Callable[[str], bytes],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._command = command
        self._console = console
        self._read = read
        self._clock = clock
        self._driver = BlockingDriver()

    def perform(self, transfer: Transfer, output: Output, outcome: Outcome, *, shown: Callable[[Head], bool]) -> None:
        """`shown` says whether a reply's body is put out, given its head. Raises CurlError."""
        limit = self._command.number("max-time") or None
        began = self._clock()
        try:
            with self._driver.fail_after(limit):
                run(self._perform(transfer, output, outcome, shown, began))
        except TimeoutError as error:
            raise CurlError(CurlCode.TIMED_OUT, f"{transfer.url}: no end within the {limit:g} s of -m") from error
        finally:
            outcome.times["total"] = self._clock() - began

    async def _perform(
        self, transfer: Transfer, output: Output, outcome: Outcome, shown: Callable[[Head], bool], began: float
    ) -> None:
        endpoint = endpoint_of(self._command, transfer.url, self._console.environ.get("CURL_CA_BUNDLE"))
        with ExitStack() as files:
            body = self._body(transfer, files)
            length = None if transfer.chunked or body is None else body.length
            lines = head_lines(self._command, transfer, length, f"rawdock/{__version__}")
            try:
                request = encode_request(transfer.request.method, transfer.url.target, lines)
            except RequestError as error:
                raise CurlError(CurlCode.USAGE, error.cause, error.remedy) from error
            self._say(f"*   Trying {endpoint.url}...")
            stream = await self._dial(endpoint, transfer)
            outcome.connects = 1
            outcome.times["connect"] = self._clock() - began
            self._say(f"* Connected to {transfer.url.host} ({endpoint.url})")
            self._show(">", request)
            try:
                connection = Connection(stream, self._driver)
                parts = body.framed(length) if body is not None else None
                sent = request + (body.with_head if body is not None else b"")
                try:
                    head = await connection.begin(transfer.request.method, sent, parts)
                except RawdockError as error:
                    raise await self._broken(endpoint, error, connection) from error
                outcome.sizes["request"], outcome.sizes["upload"] = len(request), length or 0
                outcome.times["starttransfer"] = self._clock() - began
                self._take_head(head, output, outcome)
                if shown(head):
                    await self._take_body(connection, endpoint, head, output, outcome)
            finally:
                await stream.aclose()
                self._say("* Closing connection")

    def _body(self, transfer: Transfer, files: ExitStack) -> Body | None:
        request = transfer.request
        if request.body is not None:
            return body_of([request.body] if transfer.chunked else request.body)
        if request.body_file is None:
            return None
        if request.body_file == "-":
            return body_of(iter(lambda: self._console.stdin.read(65536), b"") if transfer.chunked else self._read("-"))
        try:
            body = body_of(files.enter_context(open(request.body_file, "rb")))  # noqa: SIM115 -- it is
        except OSError as error:
            raise unreadable(request.body_file, error) from error
        if body.length is None and not transfer.chunked:
            return body_of(self._read(request.body_file))  # a pipe, whose length is known when it is read
        return body

    async def _dial(self, endpoint: Endpoint, transfer: Transfer) -> ByteStream:
        timeout = self._command.number("connect-timeout") or CONNECT_TIMEOUT
        context = self._context(endpoint)
        try:
            stream = await connect(endpoint, self._driver, timeout)
        except NetworkError as error:
            raise self._unconnected(transfer, error) from error
        if context is None:
            return stream
        from ..net.tls import TLSStream

        try:
            with self._driver.fail_after(timeout):
                return await TLSStream.handshake(stream, context, endpoint)
        except TimeoutError as error:
            await stream.aclose()
            raise CurlError(CurlCode.TIMED_OUT, f"{endpoint}: the TLS handshake took over {timeout:g} s") from error
        except (TLSError, ConnectionLostError) as error:
            await stream.aclose()
            refused = type(error.__cause__).__name__ == "SSLCertVerificationError"
            code = CurlCode.PEER_CERTIFICATE if refused else CurlCode.TLS_CONNECT
            raise CurlError(code, error.cause, "-k does without verification, and is then told so" * refused) from error

    def _unconnected(self, transfer: Transfer, error: NetworkError) -> CurlError:
        code = CurlCode.CONNECT
        if isinstance(error, UnknownHostError):
            code = CurlCode.RESOLVE
        elif isinstance(error, TimedOutError):
            code = CurlCode.TIMED_OUT
        if "unix-socket" in self._command.values:
            return CurlError(code, error.cause, "start Docker, or give another socket")
        return CurlError(code, error.cause, no_socket(transfer, self._console.environ.get("DOCKER_HOST", "")))

    def _context(self, endpoint: Endpoint) -> Any:
        """The ssl.SSLContext that the options ask for, None without TLS. Raises CurlError that names the file."""
        if endpoint.tls is None:
            return None
        from ..net.credentials import client_context, has_client_certificate

        try:
            client_context(TLSFiles(endpoint.tls.ca, None, None, endpoint.tls.origin))
        except CredentialsError as error:
            raise CurlError(CurlCode.CA_FILE, error.cause) from error
        try:
            if endpoint.tls.cert is not None and not has_client_certificate(endpoint.tls):
                raise CredentialsError(f"the client certificate {endpoint.tls.cert} from --cert is missing")
            context = client_context(endpoint.tls)
        except CredentialsError as error:
            raise CurlError(CurlCode.CERTIFICATE_FILE, error.cause) from error
        if folder := self._command.values.get("capath"):
            context.load_verify_locations(capath=folder)
        if "insecure" in self._command.flags:
            import ssl

            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE  # which the notes say
        return context

    async def _broken(self, endpoint: Endpoint, error: RawdockError, connection: Connection) -> CurlError:
        """The error for an exchange that ended before the reply's body could be read."""
        if isinstance(error, ConnectionLostError) and "insecure" not in self._command.flags:
            error = await refusal(endpoint, self._driver) or error
        if isinstance(error, TLSError):
            return CurlError(CurlCode.RECEIVE, error.cause, "give --cert and --key that were made for this daemon")
        if not isinstance(error, ProtocolError | NetworkError):
            return CurlError(CurlCode.READ, error.cause, error.remedy)
        code = CurlCode.RECEIVE
        if isinstance(error, ConnectionLostError) and error.__cause__ is None:
            code = CurlCode.NOTHING  # closed, not reset
        elif isinstance(error, ProtocolError) and not isinstance(error, TruncatedError) and connection._head is None:
            code = CurlCode.UNSUPPORTED_PROTOCOL
        where = located(endpoint, error)
        return CurlError(code, where.cause, where.remedy)

    def _take_head(self, head: Head, output: Output, outcome: Outcome) -> None:
        lines = [f"HTTP/{head.http_version} {head.status} {head.reason}".rstrip()]
        lines += [f"{name}: {value}" for name, value in head.headers]
        text = "\r\n".join([*lines, "", ""]).encode("latin-1")
        outcome.head = head
        outcome.sizes["header"] += len(text)
        self._show("<", text)
        output.head(text)

    async def _take_body(
        self, connection: Connection, endpoint: Endpoint, head: Head, output: Output, outcome: Outcome
    ) -> None:
        packed = "compressed" in self._command.flags and head.get("Content-Encoding").lower() in ("gzip", "deflate")
        unpack = zlib.decompressobj(zlib.MAX_WBITS | 32) if packed else None
        try:
            while data := await connection.receive():
                outcome.sizes["download"] += len(data)
                output.body(unpack.decompress(data) if unpack else data)
            output.finish()
        except zlib.error as error:
            raise CurlError(CurlCode.RECEIVE, f"{endpoint}: the body is not compressed as it says: {error}") from error
        except (TruncatedError, ConnectionLostError) as error:
            code = CurlCode.PARTIAL if error.__cause__ is None else CurlCode.RECEIVE
            raise CurlError(code, located(endpoint, error).cause) from error
        except (ProtocolError, NetworkError) as error:
            raise CurlError(CurlCode.RECEIVE, located(endpoint, error).cause) from error

    def _say(self, line: str) -> None:
        if "verbose" in self._command.flags:
            self._console.talk(line)

    def _show(self, mark: str, head: bytes) -> None:
        """A head's lines as -v shows them; what is secret is not shown."""
        for line in head.decode("latin-1").removesuffix("\r\n").split("\r\n"):
            name, colon, _ = line.partition(":")
            self._say(f"{mark} {name}: (not shown)" if colon and is_secret_header(name) else f"{mark} {line}")


def unreadable(name: str, error: OSError) -> CurlError:
    return CurlError(CurlCode.READ, f"{name!r} cannot be read: {error.strerror}", "check the file's name")
