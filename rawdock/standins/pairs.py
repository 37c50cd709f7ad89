"""NAME=VALUE words, as labels and drivers' options are given. Source: docker/cli opts/parse.go, ConvertKVStringsToMap."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import UsageError


def pairs(words: Iterable[str], option: str) -> dict[str, str]:
    """Values by name, "" where a word has no =. Raises UsageError, naming `option`, for a word without a name."""
    found: dict[str, str] = {}
    for word in words:
        name, _, value = word.partition("=")
        if not name:
            raise UsageError(f"{option} {word!r} has no name", "write NAME=VALUE")
        found[name] = value
    return found
