"""The Test Anything Protocol, version 14 (testanything.org): a point a probe, what is unreachable by design skipped."""

from __future__ import annotations

import json
import re

from ..record import Record, Result
from .grade import Grade, grade


def render(result: Result) -> str:
    lines = ["TAP version 14", f"1..{len(result.records)}", f"# topology: {_line(result.topology.title)}"]
    for number, record in enumerate(result.records, 1):
        lines += _point(number, record, result)
    return "\n".join([*lines, ""])


def _point(number: int, record: Record, result: Result) -> list[str]:
    judgement, found = record.judgement, grade(record, result)
    target = record.target.label if record.target.address else "everything"
    what = f"{number} - {_description(f'{record.vantage.label} to {target}')}"
    if found is Grade.OPEN:
        return [f"ok {what}"]
    if found is Grade.BY_DESIGN:
        return [f"ok {what} # SKIP {_line(judgement.verdict.value)}: {_line(judgement.explanation)}"]
    fields = {"verdict": judgement.verdict.value, "message": judgement.explanation, "remedy": judgement.remedy}
    # A JSON string is a YAML one too.
    diagnosis = [f"  {key}: {json.dumps(value)}" for key, value in fields.items() if value]
    return [f"not ok {what}", "  ---", *diagnosis, "  ..."]


def _line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text)


def _description(text: str) -> str:
    """Without what would be a directive."""
    return _line(text).replace("\\", "\\\\").replace("#", "\\#")
