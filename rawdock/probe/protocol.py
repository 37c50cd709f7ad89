"""What a port speaks. Docker writes it behind the number, "53/udp", and where it writes none it means TCP."""

from __future__ import annotations

from enum import Enum


class Protocol(str, Enum):
    """A string too, so that what holds one can be sorted. ICMP has no ports: only pings are sent by it."""

    TCP = "tcp"
    UDP = "udp"
    ICMP = "icmp"
