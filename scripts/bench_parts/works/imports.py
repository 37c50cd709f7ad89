"""python -c 'import rawdock' beside python -c pass."""

from __future__ import annotations

from collections.abc import Iterator

from ..cases import Case, Run, Unit, whole_run
from ..goals import Goal, Kind
from ..site import VENV, Site

BARE, OURS = "python -c pass", "import rawdock"
HEAVY = ("asyncio", "anyio", "httpx", "ssl")


def cases(site: Site) -> Iterator[Case]:
    """`import rawdock` fails here when it imports one of HEAVY, which is checked in a run of its own before."""
    python = VENV / "bin" / "python"

    def run(program: str) -> Run:
        return site.program(site.unix, python, "-c", program, reads=whole_run(1))

    loaded = f"import sys, rawdock; sys.exit(', '.join(sys.modules.keys() & set({HEAVY})) or 0)"
    programs = {BARE: "pass", OURS: "import rawdock"}
    programs["rawdock.SyncClient()"] = "import rawdock; rawdock.SyncClient()"
    programs["rawdock.Client()"] = "import rawdock; rawdock.Client()"
    programs |= {f"import {peer}": f"import {peer}" for peer in ("httpx", "docker", "aiodocker")}
    runs = {name: run(program) for name, program in programs.items()}
    goals = (Goal(Kind.OVER, OURS, BARE, 0.002),)
    yield Case(
        "imports",
        "this machine",
        "a Python that imports and ends",
        Unit.MILLISECONDS,
        site.rounds(30, quick=10),
        runs,
        goals,
        before=run(loaded),
    )
