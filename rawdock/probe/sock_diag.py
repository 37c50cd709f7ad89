"""Who listens for TCP, from the kernel's own messages: sock_diag(7), which `ss` asks too.

/proc/net/tcp tells the same, but walks through the connections of all namespaces on the way: 13 ms each time, where this takes
0.1; and it does not tell which sockets for IPv6 take IPv4 as well. Source: linux/inet_diag.h, linux/netlink.h.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
from collections.abc import Iterator

from .listeners import Listener

_NETLINK_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY, _REQUEST_DUMP = 4, 20, 0x301
_DONE, _ERROR = 3, 2
_HEAD = struct.Struct("=IHHII")  # struct nlmsghdr
_ASKED = struct.Struct("=BBBxI48x")  # struct inet_diag_req_v2: family, protocol, extensions, states, a socket's id
_SAID = struct.Struct("=BBBB2s2s16s16s")  # the front of struct inet_diag_msg, of 72 bytes
_SAID_SIZE = 72
_ATTRIBUTE = struct.Struct("=HH")
_V6ONLY = 11  # INET_DIAG_SKV6ONLY
_LISTEN = 10


def read_diag(data: bytes) -> set[Listener]:
    """Return the listeners in these messages. Raises ValueError where they are cut, OSError where they tell of an error."""
    found = set()
    for kind, body in _messages(data):
        if kind == _ERROR:
            number = -int.from_bytes(body[:4], "little", signed=True)
            raise OSError(number, os.strerror(number))
        if kind == _SOCK_DIAG_BY_FAMILY and body[1] == _LISTEN:
            found.add(_listener(body))
    return found


def own_diag() -> set[Listener]:
    """This process's namespace. Raises OSError where the kernel does not tell."""
    found: set[Listener] = set()
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as kernel:
        for family in (socket.AF_INET, socket.AF_INET6):
            asked = _ASKED.pack(family, socket.IPPROTO_TCP, 0, 1 << _LISTEN)
            kernel.send(_HEAD.pack(_HEAD.size + len(asked), _SOCK_DIAG_BY_FAMILY, _REQUEST_DUMP, 0, 0) + asked)
            ended = False
            while not ended:
                data = kernel.recv(65536)
                found |= read_diag(data)
                ended = any(kind == _DONE for kind, _ in _messages(data))
    return found


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The kind and the body of each."""
    while data:
        if len(data) < _HEAD.size:
            raise ValueError("a netlink message is cut")
        size, kind, *_ = _HEAD.unpack_from(data)
        least = _HEAD.size + {_SOCK_DIAG_BY_FAMILY: _SAID_SIZE, _ERROR: 4}.get(kind, 0)
        if not least <= size <= len(data):
            raise ValueError("a netlink message is cut")
        yield kind, data[_HEAD.size : size]
        data = data[-(-size // 4) * 4 :]


def _listener(body: bytes) -> Listener:
    family, _, _, _, port, _, source, _ = _SAID.unpack_from(body)
    address = ipaddress.ip_address(source if family == socket.AF_INET6 else source[:4])
    mapped = getattr(address, "ipv4_mapped", None)
    v6only = any(kind == _V6ONLY and value[:1] == b"\1" for kind, value in _attributes(body[_SAID_SIZE:]))
    return Listener(str(mapped or address), int.from_bytes(port, "big"), v6only=v6only)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= _ATTRIBUTE.size:
        size, kind = _ATTRIBUTE.unpack_from(data)
        if size < _ATTRIBUTE.size:
            return
        yield kind, data[_ATTRIBUTE.size : size]
        data = data[-(-size // 4) * 4 :]
