"""JSON lines: names in docs/probe.md."""

from __future__ import annotations

import json
from itertools import chain

from ..record import Result
from ..report import json_record, json_topology


def render(result: Result) -> str:
    # One after the other: 30,000 documents at once would be 40 MB.
    documents = chain([json_topology(result.topology)], map(json_record, result.records))
    return "".join(f"{json.dumps(document)}\n" for document in documents)
