"""Durations as Go writes them: "1m30s", "-10m", "1.5h". Source: pkg.go.dev/time, ParseDuration."""

from __future__ import annotations

import re

SECOND = 1_000_000_000  # nanoseconds
_UNITS = {
    "ns": 1,
    "us": 1000,
    "µs": 1000,
    "μs": 1000,
    "ms": 1_000_000,
    "s": SECOND,
    "m": 60 * SECOND,
    "h": 3600 * SECOND,
}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)


def nanoseconds_of(text: str) -> int | None:
    """Nanoseconds; None for what is no duration."""
    unsigned = text[1:] if text[:1] in ("-", "+") else text
    parts = _PART.findall(unsigned)
    if not parts or "".join(number + unit for number, unit in parts) != unsigned:
        return 0 if unsigned == "0" else None
    length = sum(round(float(number) * _UNITS[unit]) for number, unit in parts)
    return -length if text[0] == "-" else length
