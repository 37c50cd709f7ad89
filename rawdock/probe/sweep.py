"""The client's own vantage: many TCP probes in one poll loop, no task and no thread a port.

A connect alone is never called open: after it we listen without sending, because what we sent would turn a forwarder's
quiet close into a misleading reset. The socket's error queue (IP_RECVERR, ip(7)) says who sent an ICMP error, on Linux.
"""

from __future__ import annotations

import errno
import selectors
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from .observation import ICMP, Observation, Outcome

LISTEN = 0.25  # seconds to hear a peer out after the connect
FIRST_PASS = 1.5  # seconds; a SYN goes out at 0 and 1 s
SECOND_PASS = 3.5  # seconds; under 3.1 s an absent neighbour looks like a time-out
MAX_AT_ONCE = 500  # sockets; under the usual limit of 1024 files, and where that is lower we do with what there is

_IP_RECVERR, _IPV6_RECVERR, _MSG_ERRQUEUE = 11, 25, 0x2000
_ORIGINS = {2: 4, 3: 6}  # SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6


@dataclass
class _Probe:
    index: int
    connection: socket.socket
    started: float
    deadline: float
    connected: float | None = None


def sweep(targets: Iterable[tuple[str, int]], timeout: float) -> list[Observation]:
    """Return what each (address, port) answered, in order. `timeout`: seconds for the connect of each."""
    return _Sweep(list(targets), timeout).run()


class _Sweep:
    def __init__(self, targets: list[tuple[str, int]], timeout: float) -> None:
        self._targets = targets
        self._timeout = timeout
        self._found: dict[int, Observation] = {}
        self._live: dict[int, _Probe] = {}
        self._selector = selectors.DefaultSelector()

    def run(self) -> list[Observation]:
        waiting = deque(enumerate(self._targets))
        try:
            while True:
                while waiting and len(self._live) < MAX_AT_ONCE and self._start(*waiting[0]):
                    waiting.popleft()
                if not self._live:
                    break
                self._turn()
        finally:
            for probe in self._live.values():
                probe.connection.close()
            self._selector.close()
        return [self._found[index] for index in range(len(self._targets))]

    def _start(self, index: int, target: tuple[str, int]) -> bool:
        """Return False when this one must wait until a live one has freed its file."""
        now = time.monotonic()
        family = socket.AF_INET6 if ":" in target[0] else socket.AF_INET
        try:
            connection = socket.socket(family, socket.SOCK_STREAM | getattr(socket, "SOCK_NONBLOCK", 0))
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE) and self._live:
                return False
            self._found[index] = Observation(Outcome.ERROR, error.errno or 0)
            return True
        connection.setblocking(False)
        if sys.platform == "linux":
            level, option = (41, _IPV6_RECVERR) if family == socket.AF_INET6 else (0, _IP_RECVERR)
            connection.setsockopt(level, option, 1)
        result = connection.connect_ex(target)
        probe = _Probe(index, connection, now, now + self._timeout)
        if result not in (0, errno.EINPROGRESS):
            self._finish(probe, Outcome.FAILED, result)
            return True
        self._live[index] = probe
        self._selector.register(connection, selectors.EVENT_WRITE, probe)
        return True

    def _turn(self) -> None:
        first = min(probe.deadline for probe in self._live.values())
        for key, _ in self._selector.select(max(0.0, first - time.monotonic()) + 0.001):
            probe = key.data
            if probe.connected is None:
                self._connect_done(probe)
            else:
                self._heard(probe)
        now = time.monotonic()
        for probe in [probe for probe in self._live.values() if probe.deadline <= now]:
            if probe.connected is None:
                self._finish(probe, Outcome.TIMEOUT, errno.ETIMEDOUT)
            else:
                self._finish(probe, Outcome.QUIET, 0, at=probe.connected)

    def _connect_done(self, probe: _Probe) -> None:
        result = probe.connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if result:
            self._finish(probe, Outcome.FAILED, result)
            return
        if _met_itself(probe.connection):
            self._finish(probe, Outcome.FAILED, errno.ECONNREFUSED)
            return
        probe.connected = time.monotonic()
        probe.deadline = probe.connected + LISTEN
        self._selector.modify(probe.connection, selectors.EVENT_READ, probe)

    def _heard(self, probe: _Probe) -> None:
        try:
            data = probe.connection.recv(96)
        except BlockingIOError:
            return
        except OSError as error:
            self._finish(probe, Outcome.RESET, error.errno or 0)
            return
        self._finish(probe, Outcome.DATA if data else Outcome.CLOSED, 0, data)

    def _finish(self, probe: _Probe, outcome: Outcome, number: int, data: bytes = b"", at: float | None = None) -> None:
        took = ((at or time.monotonic()) - probe.started) * 1000
        icmp = _error_queue(probe.connection) if number else None
        self._found[probe.index] = Observation(outcome, number, took, icmp, data)
        if self._live.pop(probe.index, None):
            self._selector.unregister(probe.connection)
        probe.connection.close()


def _met_itself(connection: socket.socket) -> bool:
    """A connect to a closed local port may get that very port for its own end, and TCP then joins the socket to itself."""
    try:
        return bool(connection.getsockname() == connection.getpeername())
    except OSError:  # the peer has reset it already
        return False


def _error_queue(connection: socket.socket) -> ICMP | None:
    """The ICMP error behind a failed connect, from the control message: struct sock_extended_err, then the offender."""
    if sys.platform != "linux":
        return None
    try:
        _, controls, _, _ = connection.recvmsg(512, 512, _MSG_ERRQUEUE)
    except OSError:
        return None
    for _, kind, data in controls:
        if kind in (_IP_RECVERR, _IPV6_RECVERR) and len(data) >= 16:
            _, origin, icmp_type, code, _, info, _ = struct.unpack_from("I4BII", data)
            return ICMP(_ORIGINS.get(origin, 0), icmp_type, code, info, _offender(data[16:]))
    return None


def _offender(address: bytes) -> str:
    family = struct.unpack_from("H", address)[0] if len(address) >= 8 else 0
    if family == socket.AF_INET:
        return socket.inet_ntop(socket.AF_INET, address[4:8])
    if family == socket.AF_INET6 and len(address) >= 24:
        return socket.inet_ntop(socket.AF_INET6, address[8:24])
    return ""
