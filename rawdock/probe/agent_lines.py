"""What is said to the agent and what it says: words and lines. Source: agent/agent.c, whose head defines both."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from ..errors import ProtocolError
from .observation import ICMP, Observation, Outcome

MAX_PROBES = 4096  # in one run
VERSION = b"agent 2"
END = b"end\n"  # of what is said of a batch


@dataclass
class Report:
    """What one run said, by the place of its word in argv, from 1."""

    observations: dict[int, Observation] = field(default_factory=dict)
    files: dict[int, bytes] = field(default_factory=dict)
    file_errors: dict[int, int] = field(default_factory=dict)
    vantage_errors: dict[str, int] = field(default_factory=dict)  # path of the namespace to errno


def tcp_word(address: str, port: int) -> str:
    return f"tcp={_encode(address)},{port}"


def udp_word(address: str, port: int, payload: bytes) -> str:
    return f"udp={_encode(address)},{port},{payload.hex()}"


def ping_word(address: str, size: int) -> str:
    """An echo request of `size` bytes in all, 0 for as many as the interface sends at once, that no router may cut."""
    return f"icmp={_encode(address)},{size},df"


def _encode(address: str) -> str:
    parsed = ipaddress.ip_address(address)
    return str(parsed) if parsed.version == 4 else parsed.packed.hex()


def without_version(output: bytes) -> bytes:
    """The agent's output, less its first line. Raises ProtocolError where that is not the agent's."""
    version, _, rest = output.partition(b"\n")
    if version != VERSION:
        raise ProtocolError(f"the probe's agent said {version[:80]!r}, expected {VERSION!r}")
    return rest


def read_report(output: bytes) -> Report:
    """`output`: all that it said of one batch, without its end. Raises ProtocolError when that is not the agent's."""
    report = Report()
    rest = output
    while rest:
        line, newline, rest = rest.partition(b"\n")
        words = line.decode("utf-8", "replace").split(" ")
        try:
            if not newline:
                raise ValueError
            if words[0] == "file":
                rest = _file(report, words, rest)
            elif words[0] == "ns":
                report.vantage_errors[" ".join(words[1:-1])] = int(words[-1])
            elif words[0] in ("tcp", "udp", "icmp"):
                report.observations[int(words[1])] = _observation(words)
            else:
                raise ValueError
        except (ValueError, IndexError) as error:
            raise ProtocolError(f"the probe's agent broke off or said nonsense: {line[:80]!r}") from error
    return report


def _file(report: Report, words: list[str], rest: bytes) -> bytes:
    index, error = int(words[1]), int(words[2])
    if error:
        report.file_errors[index] = error
    if words[3] == "no-vantage":
        return rest
    length = int(words[3])
    if length < 0 or rest[length : length + 1] != b"\n":
        raise ValueError
    report.files[index] = rest[:length]
    return rest[length + 1 :]


def _observation(words: list[str]) -> Observation:
    protocol, _, outcome, errno, microseconds, icmp, offender, last = words
    ping = protocol == "icmp"
    return Observation(
        Outcome(outcome),
        int(errno),
        int(microseconds) / 1000,
        _icmp(icmp, offender),
        b"" if ping or last == "-" else bytes.fromhex(last),
        source=_decode(offender) if icmp == "-" else "",
        size=int(last) if ping else 0,
    )


def _icmp(text: str, offender: str) -> ICMP | None:
    if text == "-":
        return None
    origin, kind, code, mtu = text.split(":")
    return ICMP({"4": 4, "6": 6}.get(origin, 0), int(kind), int(code), int(mtu), _decode(offender))


def _decode(address: str) -> str:
    if address == "-":
        return ""
    return str(ipaddress.ip_address(address if "." in address else bytes.fromhex(address)))
