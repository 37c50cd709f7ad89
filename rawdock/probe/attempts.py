"""One probe of the client's own sweep: a socket, and what to do when it has news or its time has come.

After a TCP connect we listen without sending, because what we sent would turn a forwarder's quiet close into a misleading
reset. A datagram is sent again every 1.1 s, because Linux allows a peer one ICMP error a second.
"""

from __future__ import annotations

import errno
import selectors
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING

from .error_queue import HAVE_ERROR_QUEUE, keep_errors, read_error
from .observation import ICMP, Observation, Outcome
from .protocol import Protocol

if TYPE_CHECKING:
    from .asks import Ask

LISTEN = 0.25  # seconds to hear a peer out after the connect
RESEND = 1.1  # seconds
_IP_MTU_DISCOVER, _IPV6_MTU_DISCOVER, _PMTUDISC_PROBE = 10, 23, 3  # set DF, and ask the path, not what is known of it
_LARGEST = 65535  # bytes of an IP packet


class Attempt:
    """`wake`: when to act if nothing happens, in time.monotonic()'s seconds; `seen` once it is over."""

    kind = socket.SOCK_DGRAM
    number = 0
    size = 0  # bytes of a ping's packet
    events = selectors.EVENT_READ

    def __init__(self, ask: Ask, timeout: float) -> None:
        """Raises OSError where there is no socket to be had."""
        family = socket.AF_INET6 if ":" in ask.address else socket.AF_INET
        self.ask = ask
        self.seen: Observation | None = None
        # Bare, because what asks may be one of thousands.
        self.connection = socket.socket(family, self.kind | getattr(socket, "SOCK_NONBLOCK", 0), self.number)
        self.connection.setblocking(False)
        keep_errors(self.connection)
        self.started = time.monotonic()
        self.wake = self.deadline = self.started + timeout

    def start(self) -> None:
        raise NotImplementedError

    def on_event(self) -> None:
        raise NotImplementedError

    def on_wake(self) -> None:
        raise NotImplementedError

    def finish(
        self, outcome: Outcome, number: int = 0, *, icmp: ICMP | None = None, data: bytes = b"", source: str = "",
        at: float | None = None,
    ) -> None:  # fmt: skip
        took = ((at or time.monotonic()) - self.started) * 1000
        self.seen = Observation(outcome, number, took, icmp, data, source=source, size=self.size)

    def fail(self, number: int) -> None:
        found = read_error(self.connection)
        self.finish(Outcome.FAILED, number, icmp=found[1] if found else None)


class Connect(Attempt):
    """TCP: connect, then listen."""

    kind = socket.SOCK_STREAM
    events = selectors.EVENT_WRITE
    connected: float | None = None

    def start(self) -> None:
        number = self.connection.connect_ex((self.ask.address, self.ask.port))
        if number not in (0, errno.EINPROGRESS):
            self.fail(number)

    def on_event(self) -> None:
        if self.connected is None:
            self._connect_done()
            return
        try:
            data = self.connection.recv(96)
        except BlockingIOError:
            return
        except OSError as error:
            self.finish(Outcome.RESET, error.errno or 0)
            return
        self.finish(Outcome.DATA if data else Outcome.CLOSED, data=data)

    def _connect_done(self) -> None:
        number = self.connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number or _met_itself(self.connection):
            self.fail(number or errno.ECONNREFUSED)
            return
        self.connected = time.monotonic()
        self.wake = self.connected + LISTEN
        self.events = selectors.EVENT_READ

    def on_wake(self) -> None:
        if self.connected is None:
            self.finish(Outcome.TIMEOUT, errno.ETIMEDOUT)
        else:
            self.finish(Outcome.QUIET, at=self.connected)


def _met_itself(connection: socket.socket) -> bool:
    """A connect to a closed local port may get that very port for its own end, and TCP then joins the socket to itself."""
    try:
        return bool(connection.getsockname() == connection.getpeername())
    except OSError:  # the peer has reset it already
        return False


class Datagram(Attempt):
    """UDP. The socket stays unconnected, so that it hears an answer from another address; without an error queue it has to
    be connected to hear of an error at all."""

    def start(self) -> None:
        if not HAVE_ERROR_QUEUE:
            self.connection.connect_ex((self.ask.address, self.ask.port))
        self.send()

    def packet(self) -> bytes:
        return self.ask.payload

    def send(self) -> None:
        packet = self.packet()
        try:
            if HAVE_ERROR_QUEUE:
                self.connection.sendto(packet, (self.ask.address, self.ask.port))
            else:
                self.connection.send(packet)
        except OSError as error:
            self.fail(error.errno or 0)
            return
        self.wake = min(time.monotonic() + RESEND, self.deadline)

    def on_event(self) -> None:
        try:
            data, source = self.connection.recvfrom(65535)
        except OSError as error:
            found = read_error(self.connection)
            if found:
                self.finish(Outcome.FAILED, found[0], icmp=found[1])
            elif not isinstance(error, BlockingIOError):
                self.finish(Outcome.FAILED, error.errno or 0)
            return
        self.answered(data, source[0])

    def answered(self, data: bytes, source: str) -> None:
        other = source if _packed(source) != _packed(self.ask.address) else ""
        self.finish(Outcome.REPLY, data=data[:512], source=other)

    def on_wake(self) -> None:
        if time.monotonic() >= self.deadline:
            self.finish(Outcome.TIMEOUT, errno.ETIMEDOUT)
        else:
            self.send()


def _packed(address: str) -> bytes:
    address = address.partition("%")[0]
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


class Ping(Datagram):
    """An echo request of `size` bytes in all that no router may cut; where that is 0, as large as the interface sends.
    Source: icmp(7) for the unprivileged socket; many systems keep it for some groups, and say EACCES."""

    def __init__(self, ask: Ask, timeout: float) -> None:
        self.number = 58 if ":" in ask.address else 1  # IPPROTO_ICMPV6, IPPROTO_ICMP
        self.size = ask.size or _LARGEST
        super().__init__(ask, timeout)
        if sys.platform == "linux":
            six = self.connection.family == socket.AF_INET6
            level, option = (41, _IPV6_MTU_DISCOVER) if six else (0, _IP_MTU_DISCOVER)
            self.connection.setsockopt(level, option, _PMTUDISC_PROBE)

    def packet(self) -> bytes:
        six = self.connection.family == socket.AF_INET6
        overhead = 48 if six else 28
        return struct.pack(">2B3H", 128 if six else 8, 0, 0, 0, 1) + bytes(max(self.size - overhead, 0))

    def fail(self, number: int) -> None:
        found = read_error(self.connection)
        icmp = found[1] if found else None
        largest = self.size == _LARGEST and number == errno.EMSGSIZE and icmp and not icmp.family
        if icmp and largest and icmp.mtu:  # the interface's own word on how much it sends at once
            self.size = icmp.mtu
            self.send()
        else:
            self.finish(Outcome.FAILED, number, icmp=icmp)

    def answered(self, data: bytes, source: str) -> None:
        self.finish(Outcome.REPLY)


def attempt(ask: Ask, timeout: float) -> Attempt:
    """Raises OSError where there is no socket to be had."""
    kinds = {Protocol.TCP: Connect, Protocol.UDP: Datagram, Protocol.ICMP: Ping}
    return kinds[ask.protocol](ask, timeout)
