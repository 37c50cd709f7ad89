"""JUnit XML as CI servers read it: a suite a vantage, a case a probe. Source: the Jenkins xUnit plugin's junit-10.xsd."""

from __future__ import annotations

from itertools import groupby

from ..record import Record, Result
from .grade import Grade, grade
from .xml_text import escaped

_ELEMENTS = {Grade.BROKEN: "failure", Grade.UNKNOWN: "error", Grade.BY_DESIGN: "skipped"}


def render(result: Result) -> str:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites {_totals(result.records, result)}>"]
    for vantage, group in groupby(result.records, key=lambda record: record.vantage):
        records = list(group)
        lines.append(f'  <testsuite name="{escaped(vantage.label)}" {_totals(records, result)}>')
        for record in records:
            lines += _case(record, result)
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _totals(records: list[Record], result: Result) -> str:
    grades = [grade(record, result) for record in records]
    counts = {"failures": Grade.BROKEN, "errors": Grade.UNKNOWN, "skipped": Grade.BY_DESIGN}
    seconds = max((record.seen.milliseconds for record in records), default=0.0) / 1000  # all are asked at once
    told = [f'tests="{len(records)}"', *(f'{name}="{grades.count(value)}"' for name, value in counts.items())]
    return " ".join([*told, f'time="{seconds:.3f}"'])


def _case(record: Record, result: Result) -> list[str]:
    judgement = record.judgement
    name = escaped(record.target.label if record.target.address else "the vantage itself")
    head = f'    <testcase classname="{escaped(record.vantage.label)}.{record.target.kind.value}" name="{name}"'
    head += f' time="{record.seen.milliseconds / 1000:.3f}"'
    element = _ELEMENTS.get(grade(record, result))
    if element is None:
        return [f"{head}/>"]
    message = escaped(f"{judgement.verdict.value}: {judgement.explanation}")
    if element == "skipped":
        return [f"{head}>", f'      <skipped message="{message}"/>', "    </testcase>"]
    kind = judgement.verdict.value
    return [
        f"{head}>",
        f'      <{element} type="{kind}" message="{message}">{escaped(judgement.remedy)}</{element}>',
        "    </testcase>",
    ]
