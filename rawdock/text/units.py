"""Durations and sizes as the docker CLI words them. Source: docker/go-units, duration.go and size.go."""

from __future__ import annotations

import re

_DECIMAL = ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB")
_SIZE = r"(\d+(?:\.\d+)?)\s?(?:([kmgtp])(?:ib|b)?|b)?"  # not compiled here: a listing needs none


def human_duration(seconds: float) -> str:
    """ "About a minute", "4 hours": of a length of time in seconds."""
    whole = int(seconds)
    if whole < 1:
        return "Less than a second"
    if whole < 60:
        return "1 second" if whole == 1 else f"{whole} seconds"
    minutes = whole // 60
    if minutes < 60:
        return "About a minute" if minutes == 1 else f"{minutes} minutes"
    hours = int(seconds / 3600 + 0.5)
    if hours < 48:
        return "About an hour" if hours == 1 else f"{hours} hours"
    for limit, unit, length in ((14, "days", 24), (60, "weeks", 24 * 7), (730, "months", 24 * 30)):
        if hours < 24 * limit:
            return f"{hours // length} {unit}"
    return f"{int(seconds / 3600) // 24 // 365} years"


def human_size(size: float, digits: int = 3) -> str:
    """ "77.8MB": a size in bytes, in powers of 1000, with so many significant digits."""
    return _scaled(size, 1000, _DECIMAL, digits)


def binary_size(size: float, digits: int = 4) -> str:
    """ "1.944GiB": a size in bytes, in powers of 1024."""
    return _scaled(size, 1024, _BINARY, digits)


def _scaled(size: float, base: int, units: tuple[str, ...], digits: int) -> str:
    step = 0
    while size >= base and step < len(units) - 1:
        size /= base
        step += 1
    number = f"{size:.{digits}g}"
    if "e" in number:  # 1000 to three digits is 1e+03, in Go's words too
        mantissa, _, exponent = number.partition("e")
        number = f"{mantissa}e{exponent}"
    return number + units[step]


def bytes_of(text: str) -> int | None:
    """The bytes that "64m", "1.5g" or "512" means, in powers of 1024; None for what is no size."""
    match = re.fullmatch(_SIZE, text.strip(), re.IGNORECASE)
    if not match:
        return None
    power = "bkmgtp".index((match[2] or "b").lower())
    return int(float(match[1]) * 1024**power)
