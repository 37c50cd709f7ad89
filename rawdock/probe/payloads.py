"""What a UDP probe says. An application gets these bytes, so they must ask for nothing and change nothing.

A program that reads lines is sent an empty line: an empty datagram would look like the end of its input to one that reads until
zero bytes come. Where a port has a known protocol, it is the smallest question that the protocol answers by itself.
"""

from __future__ import annotations

import struct

_LINE = b"\n"
# RFC 1035, section 4.1.1: opcode 2, a server status request. Every server answers it, most with "not implemented", and none
# passes it on to another server, as it would a question for a name.
_DNS_STATUS = struct.pack(">6H", 0x7264, 2 << 11, 0, 0, 0, 0)
_NTP_CLIENT = bytes([4 << 3 | 3]) + bytes(47)  # RFC 5905, section 7.3: version 4, mode client
_STUN_BINDING = struct.pack(">HHI", 1, 0, 0x2112A442) + b"rawdockprobe"  # RFC 8489, section 5

_BY_PORT = {53: _DNS_STATUS, 123: _NTP_CLIENT, 3478: _STUN_BINDING}


def payload(port: int | None) -> bytes:
    """`port`: the application's own, inside the container where it is published under another."""
    return _BY_PORT.get(port or 0, _LINE)
