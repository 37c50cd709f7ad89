"""A container's ports in one line, as `docker ps` has them. Source: docker/cli formatter/container.go, DisplayablePorts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def ports_line(ports: Iterable[Mapping[str, Any]]) -> str:
    """ "0.0.0.0:8080->80/tcp, 443/tcp": from the `Ports` of GET /containers/json. Neighbours published alike are one range."""
    ranges: dict[tuple[str, str], list[int]] = {}  # (host address, protocol) to the first and last port
    done: list[str] = []
    moved: list[str] = []
    for port in sorted(ports, key=_order):
        inner, outer, address, kind = _fields(port)
        if address and outer != inner:
            moved.append(f"{_joined(address, str(outer))}->{inner}/{kind}")
            continue
        key = address, kind
        if key in ranges and inner == ranges[key][1] + 1:
            ranges[key][1] = inner
            continue
        if key in ranges:
            done.append(_range(key, ranges[key]))
        ranges[key] = [inner, inner]
    return ", ".join([*done, *(_range(key, ends) for key, ends in ranges.items()), *moved])


def _fields(port: Mapping[str, Any]) -> tuple[int, int, str, str]:
    return port.get("PrivatePort", 0), port.get("PublicPort", 0), port.get("IP") or "", port.get("Type", "tcp")


def _order(port: Mapping[str, Any]) -> tuple[int, bool, str, int, str]:
    inner, outer, address, kind = _fields(port)
    return inner, ":" in address, address, outer, kind


def _range(key: tuple[str, str], ends: list[int]) -> str:
    address, kind = key
    text = str(ends[0]) if ends[0] == ends[1] else f"{ends[0]}-{ends[1]}"
    return f"{_joined(address, text)}->{text}/{kind}" if address else f"{text}/{kind}"


def _joined(address: str, port: str) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
