"""How a policy was met: lines for people, a JSON document a check for machines."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from .policy_check import Check, State

_NARROW = 30  # columns; a sentence with less room beside its row goes below it


def model(check: Check) -> str:
    """What Docker's own rules would have given, "" where that is not known."""
    expected = check.record.expected if check.record else None
    return expected.value if expected else ""


def check_lines(checks: Sequence[Check], width: int) -> Iterator[tuple[State | None, str]]:
    """A heading, a row for each check that is amiss, one for all of a rule that hold; then the count. Each with the state that
    colours it."""
    rows = list(_rows_of(checks))
    heads = ("", "line", "from", "to", "policy", "model", "measured")
    table = [heads, *(cells for _, cells, _ in rows)]
    shown = [number for number in range(len(heads)) if number != _MODEL or any(row[number] for row in table[1:])]
    widths = [max(len(row[number]) for row in table) for number in shown]
    for state, cells, why in [(None, heads, ""), *rows]:
        line = "  ".join(f"{cells[number]:<{wide}}" for number, wide in zip(shown, widths, strict=True)).rstrip()
        yield state, line
        yield from ((None, text) for text in textwrap.wrap(
            why, max(_NARROW, width), initial_indent=" " * 12, subsequent_indent=" " * 12, break_on_hyphens=False
        ))  # fmt: skip
    yield None, ""
    yield None, summary(checks)


def folded_lines(checks: Sequence[Check], width: int) -> Iterator[tuple[State | None, str]]:
    """The same for a terminal that is too narrow for the table: what was measured below each row."""
    for state, (_, line, origin, end, policy, expected, measured), why in _rows_of(checks):
        yield state, f"{state.value:<8}  line {line}: {origin} to {end}"
        by_docker = f", model {expected}" if expected else ""
        for sentence in (f"policy {policy}{by_docker}{f', measured {measured}' if measured else ''}", why):
            yield from ((None, text) for text in textwrap.wrap(
                sentence, max(_NARROW, width), initial_indent=" " * 4, subsequent_indent=" " * 4, break_on_hyphens=False
            ))  # fmt: skip
    yield None, ""
    yield None, summary(checks)


_MODEL = 5


def _rows_of(checks: Sequence[Check]) -> Iterator[tuple[State, tuple[str, ...], str]]:
    for _, same in groupby(checks, key=lambda check: check.rule.line):
        yield from _rows(list(same))


def _rows(checks: list[Check]) -> Iterator[tuple[State, tuple[str, ...], str]]:
    """Of one rule."""
    held = [check for check in checks if check.state is State.HELD]
    for check in checks:
        if check.state is not State.HELD or len(held) == 1:
            yield check.state, _cells(check, check.vantage, check.target), check.why
    if len(held) > 1:
        origin, end = held[0].rule.text.split()[:2]
        measured = ", ".join(dict.fromkeys(check.measured for check in held))
        models = ", ".join(dict.fromkeys(text for check in held if (text := model(check))))
        line, expect = str(held[0].rule.line), held[0].rule.expect
        yield State.HELD, (State.HELD.value, line, origin, end, expect, models, f"{measured} ({len(held)} paths)"), ""


def _cells(check: Check, origin: str, end: str) -> tuple[str, ...]:
    rule = check.rule
    policy = " ".join([rule.expect, *rule.text.split()[3:]])
    return check.state.value, str(rule.line), origin, end, policy, model(check), check.measured


def summary(checks: Sequence[Check]) -> str:
    counts = [sum(check.state is state for check in checks) for state in State]
    held, broken, unprobed = counts
    parts = [f"{held} as expected", *([f"{broken} otherwise"] if broken else []),
             *([f"{unprobed} not probed"] if unprobed else [])]  # fmt: skip
    return ", ".join(parts)


def check_json(checks: Sequence[Check]) -> str:
    """A line a check: names in docs/probe.md."""
    return "".join(f"{json.dumps(_document(check))}\n" for check in checks)


def _document(check: Check) -> dict[str, object]:
    record, rule = check.record, check.rule
    return {
        "kind": "check",
        "line": rule.line,
        "rule": rule.text,
        "vantage": check.vantage,
        "target": check.target,
        "socket": record.target.socket if record else None,
        "policy": rule.expect,
        "model": model(check) or None,
        "measured": record.judgement.verdict.value if record else None,
        "http": check.status,
        "ok": {State.HELD: True, State.BROKEN: False, State.UNPROBED: None}[check.state],
        "explanation": check.why or (record.judgement.explanation if record else ""),
        "milliseconds": round(record.seen.milliseconds, 3) if record else None,
    }
