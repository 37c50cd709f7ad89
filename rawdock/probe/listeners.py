"""Who listens in a network namespace, from /proc/net/tcp, tcp6, udp and udp6. Source: proc(5); addresses are in host byte
order there."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple

from .protocol import Protocol

# The kernel's TCP_LISTEN, and TCP_CLOSE, which a UDP socket without a peer is in: one that has a peer serves nobody else.
_STATES = {Protocol.TCP: "0A", Protocol.UDP: "07"}


class Listener(NamedTuple):
    """A listening TCP socket, or a UDP socket without a peer: `address` is text, "0.0.0.0" or "::" for all. `v6only`: whether
    it is known to take no IPv4."""

    address: str
    port: int
    protocol: Protocol = Protocol.TCP
    v6only: bool = False

    @property
    def is_loopback(self) -> bool:
        return ipaddress.ip_address(self.address).is_loopback

    def __str__(self) -> str:
        return f"{socket_text(self.address, self.port, self.protocol)}{' (IPv6 alone)' if self.v6only else ''}"


def socket_text(address: str, port: int, protocol: Protocol) -> str:
    """ "172.17.0.2:80", "[::1]:80", "172.17.0.2:53/udp", "172.17.0.2/icmp"."""
    if protocol is Protocol.ICMP:
        return f"{address}/icmp"
    host = f"[{address}]" if ":" in address else address
    return f"{host}:{port}{'/udp' if protocol is Protocol.UDP else ''}"


def read_listeners(table: str, protocol: Protocol = Protocol.TCP) -> set[Listener]:
    """Return the listeners in one such table; lines that are none are passed over."""
    found = set()
    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 3 and fields[3] == _STATES[protocol]:
            address, _, port = fields[1].partition(":")
            found.add(Listener(_address(address), int(port, 16), protocol))
    return found


def _address(text: str) -> str:
    # Each 32-bit word is printed as the little-endian machine holds it; both architectures we know are little-endian.
    words = [bytes.fromhex(text[i : i + 8])[::-1] for i in range(0, len(text), 8)]
    address = ipaddress.ip_address(b"".join(words))
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def answering(listeners: set[Listener], address: str, port: int, protocol: Protocol = Protocol.TCP) -> Listener | None:
    """The listener that a connection, or a datagram, to `address` and `port` would meet."""
    any_address = ("0.0.0.0", "::") if ":" not in address else ("::",)
    meets = (address, *any_address)
    found = [listener for listener in listeners if (listener.port, listener.protocol) == (port, protocol)]
    for listener in sorted(found):
        if listener.address in meets and (":" in address or not listener.v6only):
            return listener
    return None


def on_port(listeners: set[Listener], port: int, protocol: Protocol = Protocol.TCP) -> Listener | None:
    """Whoever listens on `port`, on whatever address; a loopback address comes last."""
    found = [listener for listener in listeners if (listener.port, listener.protocol) == (port, protocol)]
    return min(found, key=lambda listener: (listener.is_loopback, listener), default=None)
