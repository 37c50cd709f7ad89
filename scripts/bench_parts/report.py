"""The figures as text: tables on the terminal, a page in Markdown, JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from .cases import Case
from .goals import Figure

BEGIN, END = "<!-- scripts/bench writes from here -->", "<!-- to here -->"


@dataclass(frozen=True)
class Result:
    case: Case
    figures: Mapping[str, Figure]
    profile: str = ""

    @property
    def missed(self) -> bool:
        return any(goal.met(self.figures) is False for goal in self.case.goals)


def figure_rows(result: Result) -> list[tuple[str, ...]]:
    """Head and rows: client, its figure, its spread, CPU of the process, largest resident set."""
    case = result.case
    rows: list[tuple[str, ...]] = [
        ("client", case.unit.value, "fastest to slowest", f"CPU {cpu_unit(case)}", "RSS MiB")
    ]
    for name, figure in result.figures.items():
        shown = [number(case.unit.of(cost * case.scale)) for cost in (figure.seconds, figure.fastest, figure.slowest)]
        cpu = number(
            figure.cpu * case.scale * (1e6 if cpu_unit(case) == "us" else 1e3 if cpu_unit(case) == "ms" else 1e9)
        )
        rows.append((name, shown[0], f"{shown[1]} to {shown[2]}", cpu, number(figure.memory)))
    return rows


def cpu_unit(case: Case) -> str:
    """A gigabyte costs seconds."""
    return {"us": "us", "ms": "ms"}.get(case.unit.value, "s/GB")


def goal_rows(result: Result) -> list[tuple[str, ...]]:
    return [(goal.text, goal.shown(result.figures), goal.verdict(result.figures)) for goal in result.case.goals]


def number(value: float) -> str:
    """Three figures: 1234, 123, 12.3, 1.23."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def terminal(result: Result) -> str:
    case = result.case
    lines = [f"{case.work}, {case.place}: {case.title}", *aligned(figure_rows(result))]
    if case.goals:
        lines += ["", *aligned(goal_rows(result))]
    return "\n".join(lines) + "\n"


def aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def markdown_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [_row(head), _row(("---",) * len(head)), *map(_row, rows)]


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def page(results: Sequence[Result], machine: Sequence[tuple[str, str]], command: str) -> str:
    """The part of docs/benchmarks.md that is written anew each time."""
    lines = [BEGIN, "", f"Measured by `{command}` on:", ""]
    lines += [*markdown_table(("what", "which"), machine), "", "## Goals", ""]
    goals = [
        (result.case.work, result.case.place, result.case.title, *row)
        for result in results
        for row in goal_rows(result)
    ]
    lines += markdown_table(("work", "place", "what", "goal", "measured", ""), goals)
    lines += ["", "## Figures", ""]
    for result in results:
        head, *rows = figure_rows(result)
        case = result.case
        lines += [f"**{case.work}, {case.place}: {case.title}**", "", *markdown_table(head, rows), ""]
    if profiles := [result for result in results if result.profile]:
        lines += ["## Where a goal is missed", ""]
        for result in profiles:
            lines += [f"**{result.case.name}**", "", "```text", result.profile.strip(), "```", ""]
    return "\n".join([*lines, END])


def put_into(text: str, part: str) -> str:
    """The page with the part between its marks replaced, or with the part at its end."""
    before, begin, rest = text.partition(BEGIN)
    if not begin:
        return f"{text.rstrip()}\n\n{part}\n"
    return before + part + rest.partition(END)[2]


def as_json(results: Sequence[Result], machine: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Seconds for one request, event or byte; MiB."""
    return {
        "machine": dict(machine),
        "cases": [
            {
                "work": result.case.work,
                "place": result.case.place,
                "title": result.case.title,
                "figures": {name: asdict(figure) for name, figure in result.figures.items()},
                "goals": [
                    {"goal": goal.text, "measured": goal.measured(result.figures), "met": goal.met(result.figures)}
                    for goal in result.case.goals
                ],
            }
            for result in results
        ],
    }
