"""Where the kernel would send a packet, asked without sending one.

On Linux by rtnetlink (RTM_GETROUTE, rtnetlink(7)), which knows policy routing too; elsewhere, and where the kernel has no
answer for us there, by a UDP connect, which only picks a source address.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
import sys
from dataclasses import dataclass

_RTM_NEWROUTE, _RTM_GETROUTE, _NLM_F_REQUEST = 24, 26, 1
_RTA_DST, _RTA_OIF, _RTA_GATEWAY, _RTA_PREFSRC, _RTA_VIA = 1, 4, 5, 7, 18
_UNREACHABLE_TYPES = {6, 7, 8, 9}  # blackhole, unreachable, prohibit, throw


@dataclass(frozen=True)
class Route:
    """`interface` is "" where the system does not say; `gateway` "" for a neighbour on the same link; `source` is the
    address the packet would carry."""

    interface: str
    gateway: str
    source: str

    def __str__(self) -> str:
        out = f"by {self.interface}" if self.interface else f"from {self.source}"
        return f"{out} through {self.gateway}" if self.gateway else out


def route_to(address: str) -> Route | None:
    """Return the route, or None when there is none. Sends nothing."""
    if sys.platform == "linux":
        try:
            reply = _ask_netlink(address)
        except OSError:  # a sandbox without netlink sockets
            return _source_route(address)
        if struct.unpack_from("IH", reply)[1] == _RTM_NEWROUTE:
            return _netlink_route(reply)
    # An error is no proof that nothing would be sent: a UDP connect fails where there is no route, and nowhere else.
    return _source_route(address)


def _ask_netlink(address: str) -> bytes:
    target = ipaddress.ip_address(address)
    family = socket.AF_INET if target.version == 4 else socket.AF_INET6
    destination = struct.pack("HH", 4 + len(target.packed), _RTA_DST) + target.packed
    body = struct.pack("8BI", family, target.max_prefixlen, 0, 0, 0, 0, 0, 0, 0) + destination
    header = struct.pack("IHHII", 16 + len(body), _RTM_GETROUTE, _NLM_F_REQUEST, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        netlink.send(header + body)
        return netlink.recv(8192)


def _netlink_route(reply: bytes) -> Route | None:
    if reply[16 + 7] in _UNREACHABLE_TYPES:
        return None
    found = _attributes(reply[16 + 12 :])
    interface = struct.unpack("I", found[_RTA_OIF])[0] if _RTA_OIF in found else 0
    via = found.get(_RTA_VIA, b"")[2:]  # a gateway of the other family, after the number of that family
    return Route(
        socket.if_indextoname(interface) if interface else "",
        _text(found.get(_RTA_GATEWAY) or via),
        _text(found.get(_RTA_PREFSRC)),
    )


def _attributes(data: bytes) -> dict[int, bytes]:
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("HH", data)
        if length < 4:
            break
        found[kind] = data[4:length]
        data = data[(length + 3) & ~3 :]
    return found


def _text(packed: bytes | None) -> str:
    return str(ipaddress.ip_address(packed)) if packed else ""


def _source_route(address: str) -> Route | None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))  # for UDP this only looks the route up
        except OSError:
            return None
        return Route("", "", str(probe.getsockname()[0]))


def owns_address(address: str) -> bool:
    """Whether this network namespace has the address: a bind succeeds nowhere else. Sends nothing."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
