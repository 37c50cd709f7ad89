"""docs/probes.md: what is written there between its markers, and the drawings beside it."""

from __future__ import annotations

import re
from pathlib import Path

from .runs import CHECKOUT, Outcome

PAGE = CHECKOUT / "docs" / "probes.md"


def write(part: str, text: str) -> None:
    """Replace what stands between the part's markers."""
    page = PAGE.read_text()
    begin, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    if not rest or not after:
        raise ValueError(f"{PAGE} has no markers for {part}")
    PAGE.write_text(f"{before}{begin}{text}{end}{after}")


def table(found: list[Outcome]) -> str:
    lines = ["| case | how it is made | from, to | on the wire | verdict | what the probe says | right |"]
    lines.append("|---|---|---|---|---|---|---|")
    for one in found:
        way = f"{one.case.source} to {one.case.to.removeprefix('at ')}"
        cells = (
            one.case.what,
            one.setup.how,
            way,
            one.wire,
            one.verdict,
            one.sentence,
            "yes" if one.right else "**no**",
        )
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    right = sum(one.right for one in found)
    return f"{right} of {len(found)} named rightly.\n\n" + "".join(f"{line}\n" for line in lines)


def rows(page: Path = PAGE) -> list[tuple[str, str, str]]:
    """(case, verdict, right) of each row that stands there."""
    found = re.findall(r"^\| (.*) \|$", page.read_text(), re.MULTILINE)
    cells = [row.split(" | ") for row in found]
    return [(row[0], row[4], row[6]) for row in cells if len(row) == 7 and row[0] != "case"]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
