"""The agent's work in Python, for a python3 that a container has: words in, lines out, as agent/agent.c defines both.

It goes into the container as text, with the modules of this folder that it imports (exec_scripts.py), so it imports from the
standard library and from those alone.
"""

from __future__ import annotations

import errno
import ipaddress
import sys
import time
from typing import Any, NamedTuple

from .observation import ICMP, Observation
from .protocol import Protocol
from .sweep import sweep

_MAX_FILE = 4 << 20
_PROTOCOLS = {"tcp": Protocol.TCP, "udp": Protocol.UDP, "icmp": Protocol.ICMP}


class _Ask(NamedTuple):
    """As asks.Ask, as far as it is needed to ask it."""

    address: str
    port: int
    protocol: Protocol
    payload: bytes
    size: int


def lines(words: list[str]) -> bytes:
    """What the agent would print of these words, none of which is an ns=. Raises ValueError for another word."""
    timeout, after = 1500, 0
    output = [b"agent 2\n"]
    asked: dict[tuple[int, int], dict[int, tuple[str, _Ask]]] = {}
    for index, word in enumerate(words, 1):
        name, _, value = word.partition("=")
        if name == "timeout":
            timeout = int(value)
        elif name == "after":
            after = int(value)
        elif name in _PROTOCOLS:
            asked.setdefault((after, timeout), {})[index] = name, _ask(name, value)
        elif name == "file":
            output.append(_file(index, value))
        elif name == "diag":  # the files tell the same
            output.append(f"file {index} {errno.EOPNOTSUPP} 0\n\n".encode())
        elif name != "listen":
            raise ValueError(f"unknown word {word!r}")
    began = time.monotonic()
    for (late, patience), batch in sorted(asked.items()):
        time.sleep(max(0.0, began + late / 1000 - time.monotonic()))
        asks: list[Any] = [ask for _, ask in batch.values()]
        found = dict(zip(batch, sweep(asks, patience / 1000)))  # noqa: B905 -- strict= is 3.10's
        output += [_line(name, index, found[index]) for index, (name, _) in batch.items()]
    return b"".join(output)


def _ask(name: str, value: str) -> _Ask:
    address, number, *rest = value.split(",")
    payload = bytes.fromhex(rest[0]) if name == "udp" else b""
    size = int(number) if name == "icmp" else 0
    return _Ask(address_of(address), 0 if size or name == "icmp" else int(number), _PROTOCOLS[name], payload, size)


def address_of(text: str) -> str:
    """An address as text, from the agent's."""
    return text if "." in text else str(ipaddress.IPv6Address(bytes.fromhex(text)))


def _encoded(address: str) -> str:
    return ipaddress.IPv6Address(address).packed.hex() if ":" in address else address or "-"


def _file(index: int, path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            content = file.read(_MAX_FILE)
    except OSError as error:
        return f"file {index} {error.errno} 0\n\n".encode()
    return f"file {index} 0 {len(content)}\n".encode() + content + b"\n"


def _line(name: str, index: int, seen: Observation) -> bytes:
    icmp = _icmp(seen.icmp) if seen.icmp else f"- {_encoded(seen.source)}"
    took = round(seen.milliseconds * 1000)
    last = str(seen.size) if name == "icmp" else seen.data[:512].hex() or "-"
    return f"{name} {index} {seen.outcome.value} {seen.errno} {took} {icmp} {last}\n".encode()


def _icmp(icmp: ICMP) -> str:
    return f"{icmp.family or 'l'}:{icmp.type}:{icmp.code}:{icmp.mtu} {_encoded(icmp.offender)}"


def main() -> None:
    sys.stdout.buffer.write(lines(sys.argv[1:]))
