"""TLS over any byte stream, with half close.

The record layer is OpenSSL's, by way of two memory BIOs, so one implementation serves both drivers. `send_eof` sends
close_notify and goes on reading, as Go's CloseWrite does: seen to end an exec's stdin under TLS 1.2 and 1.3.

One task may send while another receives. Only the sending one ever writes to the stream below, so records go out whole and in
order. What reading gives OpenSSL to say goes with the next send: of all there is, the answer to a KeyUpdate, which is due
before the next data and no sooner (RFC 8446 section 4.6.3). Renegotiation would be due at once and is refused, as Go does.
"""

from __future__ import annotations

import ssl
from typing import Any

from ..endpoint import Endpoint
from ..errors import ConnectionLostError
from . import ByteStream
from .tls_faults import tls_fault

WRITE_SIZE = 256 * 1024  # bytes encrypted at a time, so that a large body is not held twice


class TLSStream:
    """A ByteStream over `inner`. Errors of the TLS layer come out as TLSError with the reason and the files involved."""

    def __init__(self, inner: ByteStream, context: ssl.SSLContext, endpoint: Endpoint) -> None:
        self._inner = inner
        self._endpoint = endpoint
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context.options |= ssl.OP_NO_RENEGOTIATION
        hostname = endpoint.address if context.check_hostname else None
        self._ssl = context.wrap_bio(self._incoming, self._outgoing, server_hostname=hostname)
        self._closing = False
        self._sending = False  # stays true when a send was cancelled, maybe within a record
        self._ahead = bytearray()  # decrypted before our close_notify, not yet received

    @classmethod
    async def handshake(cls, inner: ByteStream, context: ssl.SSLContext, endpoint: Endpoint) -> TLSStream:
        """Return a stream whose handshake is done. With TLS 1.3 the daemon judges our certificate after that: a refusal
        is raised by the first `receive`."""
        stream = cls(inner, context, endpoint)
        while True:
            try:
                stream._ssl.do_handshake()
                await stream._flush()
                return stream
            except ssl.SSLWantReadError:
                await stream._flush()
                await stream._fill()
            except ssl.SSLError as error:
                await stream._flush_alert()
                raise tls_fault(endpoint, error) from error

    @property
    def ssl_object(self) -> ssl.SSLObject:
        """For its version(), cipher() and getpeercert()."""
        return self._ssl

    @property
    def socket(self) -> Any:
        """The one below, None where there is none. What passes there is encrypted."""
        return getattr(self._inner, "socket", None)

    def readable(self) -> bool:
        """Whether bytes or the end wait to be received, see Pollable. The tickets of a session come before its first reply,
        so what waits on an idle connection is its end."""
        look = getattr(self._inner, "readable", None)
        return bool(self._ahead or self._incoming.pending or self._ssl.pending() or (look and look()))

    async def receive(self, max_bytes: int = 65536) -> bytes:
        while True:
            if self._ahead:
                data = bytes(self._ahead[:max_bytes])
                del self._ahead[:max_bytes]
                return data
            if not (self._incoming.pending or self._ssl.pending()):
                await self._fill()  # to be told so by OpenSSL costs an exception, a fifth of a short exchange
            try:
                return self._ssl.read(max_bytes)
            except ssl.SSLWantReadError:
                await self._fill()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""
            except ssl.SSLError as error:
                raise tls_fault(self._endpoint, error) from error

    async def send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:  # OpenSSL takes an empty write for an error
            try:
                view = view[self._ssl.write(view[:WRITE_SIZE]) :]
            except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
                raise ConnectionLostError("the connection was lost") from error
            except ssl.SSLError as error:
                raise tls_fault(self._endpoint, error) from error
            await self._flush()

    async def send_eof(self) -> None:
        if self._closing:
            return
        self._closing = True
        self._read_ahead()
        try:
            self._ssl.unwrap()
        except ssl.SSLWantReadError:
            pass  # the peer's own close_notify has not come yet, and need not
        except ssl.SSLError as error:
            raise tls_fault(self._endpoint, error) from error
        await self._flush()

    def _read_ahead(self) -> None:
        """Decrypt what has come already: OpenSSL drops data that it finds unread once close_notify is sent, with the
        error APPLICATION_DATA_AFTER_CLOSE_NOTIFY."""
        try:
            while data := self._ssl.read(65536):
                self._ahead += data
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError, ssl.SSLEOFError):
            pass
        except ssl.SSLError as error:
            raise tls_fault(self._endpoint, error) from error

    async def aclose(self) -> None:
        await self._inner.aclose()

    def abandon(self) -> None:
        """See Pollable."""
        if abandon := getattr(self._inner, "abandon", None):
            abandon()

    async def _flush(self) -> None:
        if self._sending:
            raise ConnectionLostError("the connection was lost: a send was cancelled, or two tasks send at once")
        self._sending = True
        while self._outgoing.pending:
            await self._inner.send(self._outgoing.read())
        self._sending = False

    async def _flush_alert(self) -> None:
        try:
            await self._flush()  # the peer's log then says why, too
        except ConnectionLostError:
            pass

    async def _fill(self) -> None:
        data = await self._inner.receive()
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()
