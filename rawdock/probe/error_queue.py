"""The ICMP error behind a socket's errno, with its sender: the socket's error queue, which asks for no privilege.

Source: ip(7) and ipv6(7), IP_RECVERR. Linux alone has it; elsewhere an errno stays without its message.
"""

from __future__ import annotations

import socket
import struct
import sys

from .observation import ICMP

_IP_RECVERR, _IPV6_RECVERR, _MSG_ERRQUEUE = 11, 25, 0x2000
_ORIGINS = {2: 4, 3: 6}  # SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6
HAVE_ERROR_QUEUE = sys.platform == "linux"


def keep_errors(connection: socket.socket) -> None:
    """Have the kernel keep them for `read_error`."""
    if HAVE_ERROR_QUEUE:
        level, option = (41, _IPV6_RECVERR) if connection.family == socket.AF_INET6 else (0, _IP_RECVERR)
        connection.setsockopt(level, option, 1)


def read_error(connection: socket.socket) -> tuple[int, ICMP] | None:
    """The errno and the message of the first, from the control message: struct sock_extended_err, then the offender."""
    if not HAVE_ERROR_QUEUE:
        return None
    try:
        _, controls, _, _ = connection.recvmsg(512, 512, _MSG_ERRQUEUE)
    except OSError:
        return None
    for _, kind, data in controls:
        if kind in (_IP_RECVERR, _IPV6_RECVERR) and len(data) >= 16:
            number, origin, icmp_type, code, _, info, _ = struct.unpack_from("I4BII", data)
            return number, ICMP(_ORIGINS.get(origin, 0), icmp_type, code, info, _offender(data[16:]))
    return None


def _offender(address: bytes) -> str:
    family = struct.unpack_from("H", address)[0] if len(address) >= 8 else 0
    if family == socket.AF_INET:
        return socket.inet_ntop(socket.AF_INET, address[4:8])
    if family == socket.AF_INET6 and len(address) >= 24:
        return socket.inet_ntop(socket.AF_INET6, address[8:24])
    return ""
