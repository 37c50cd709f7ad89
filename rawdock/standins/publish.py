"""`-p`, `-P` and `--expose` to what the daemon wants. Source: docker/go-connections nat/nat.go and nat/parse.go."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..errors import UsageError

_SPEC = re.compile(
    r"(?:(?:(?P<ip>\[[^\]]*\]|[^:\[\]]*):)?(?P<host>[^:/]*):)?(?P<inner>[^:/]+)(?:/(?P<protocol>[A-Za-z]+))?"
)
_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
FORM = "write [[IP:]HOST_PORT:]CONTAINER_PORT[/tcp|udp|sctp], ports from 1 to 65535, or ranges such as 8000-8010:80-90"

Bindings = dict[str, list[dict[str, str]]]


def published(words: Iterable[str]) -> Bindings:
    """{"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}: the ports that the words of `-p` publish. Raises UsageError."""
    bindings: Bindings = {}
    for word in words:
        for port, binding in _bindings(word):
            bindings.setdefault(port, []).append(binding)
    return bindings


def exposed(words: Iterable[str]) -> list[str]:
    """The ports that the words of `--expose` name. Raises UsageError."""
    found: list[str] = []
    for word in words:
        match = re.fullmatch(r"([^/]+)(?:/([A-Za-z]+))?", word)
        if not match:
            raise UsageError(f"--expose {word!r} is no port", "write PORT[/tcp|udp|sctp] or FIRST-LAST")
        first, last = _ports(match[1], word)
        found += [f"{port}/{_protocol(match[2], word)}" for port in range(first, last + 1)]
    return found


def _bindings(word: str) -> Iterator[tuple[str, dict[str, str]]]:
    match = _SPEC.fullmatch(word)
    if not match:
        raise UsageError(f"-p {word!r} is no port to publish", FORM)
    first, last = _ports(match["inner"], word)
    protocol = _protocol(match["protocol"], word)
    address = (match["ip"] or "").strip("[]")
    host = match["host"] or ""
    if not host:
        for port in range(first, last + 1):
            yield f"{port}/{protocol}", {"HostIp": address, "HostPort": ""}
        return
    host_first, host_last = _ports(host, word, least=0)
    if first == last and host_first != host_last:  # the daemon takes whichever is free
        yield f"{first}/{protocol}", {"HostIp": address, "HostPort": host}
        return
    if host_last - host_first != last - first:
        raise UsageError(f"-p {word!r}: the ranges are not equally long", FORM)
    for step in range(last - first + 1):
        yield f"{first + step}/{protocol}", {"HostIp": address, "HostPort": str(host_first + step)}


def _ports(text: str, word: str, least: int = 1) -> tuple[int, int]:
    match = _RANGE.fullmatch(text)
    if match:
        first, last = int(match[1]), int(match[2] or match[1])
        if least <= first <= last < 65536:
            return first, last
    raise UsageError(f"{text!r} in {word!r} is no port or range of ports", FORM)


def _protocol(text: str | None, word: str) -> str:
    protocol = (text or "tcp").lower()
    if protocol not in ("tcp", "udp", "sctp"):
        raise UsageError(f"{text!r} in {word!r} is no protocol", "tcp, udp and sctp are")
    return protocol
