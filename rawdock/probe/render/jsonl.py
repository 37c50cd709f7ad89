"""JSON lines: names in docs/probe.md."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..record import Result
from ..report import json_record, json_topology

_AT_ONCE = 100  # records; 30,000 would be 20 MB of text


def parts(result: Result) -> Iterator[str]:
    """Some lines at a time."""
    yield f"{json.dumps(json_topology(result.topology))}\n"
    for start in range(0, len(result.records), _AT_ONCE):
        yield "".join(f"{json.dumps(json_record(record))}\n" for record in result.records[start : start + _AT_ONCE])


def render(result: Result) -> str:
    return "".join(parts(result))
