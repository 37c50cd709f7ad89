"""`--filter name=value`, repeated, to the JSON that the daemon wants. Source: docker/cli opts/opts.go, FilterOpt."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ..errors import UsageError


def filters(words: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The query that the words of `--filter` come to, empty without any. Raises UsageError for a word without =."""
    found: dict[str, list[str]] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--filter {word!r}", "write NAME=VALUE, such as status=running or label=app=web")
        found.setdefault(name.strip().lower(), []).append(value.strip())
    return (("filters", json.dumps(found, separators=(",", ":"))),) if found else ()
