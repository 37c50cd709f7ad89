"""Who listens in a network namespace, from /proc/net/tcp and tcp6. Source: proc(5); addresses are in host byte order there."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple

_LISTEN = "0A"


class Listener(NamedTuple):
    """A listening TCP socket: `address` is text, "0.0.0.0" or "::" for all."""

    address: str
    port: int

    @property
    def is_loopback(self) -> bool:
        return ipaddress.ip_address(self.address).is_loopback

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


def read_listeners(table: str) -> set[Listener]:
    """Return the listeners in one such table; lines that are none are passed over."""
    found = set()
    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 3 and fields[3] == _LISTEN:
            address, _, port = fields[1].partition(":")
            found.add(Listener(_address(address), int(port, 16)))
    return found


def _address(text: str) -> str:
    # Each 32-bit word is printed as the little-endian machine holds it; both architectures we know are little-endian.
    words = [bytes.fromhex(text[i : i + 8])[::-1] for i in range(0, len(text), 8)]
    address = ipaddress.ip_address(b"".join(words))
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def answering(listeners: set[Listener], address: str, port: int) -> Listener | None:
    """The listener that a connection to `address` and `port` would meet."""
    any_address = ("0.0.0.0", "::") if ":" not in address else ("::",)
    meets = (address, *any_address)
    return next(
        (listener for listener in sorted(listeners) if listener.port == port and listener.address in meets), None
    )


def on_port(listeners: set[Listener], port: int) -> Listener | None:
    """Whoever listens on `port`, on whatever address; a loopback address comes last."""
    found = [listener for listener in listeners if listener.port == port]
    return min(found, key=lambda listener: (listener.is_loopback, listener), default=None)
