"""`rawdock probe --watch`: probe again at the daemon's events, and say what is otherwise."""

from __future__ import annotations

import argparse
import json
import time

from ..client import SyncClient
from ..probe.path import Path
from ..probe.record import Result
from ..probe.watch import Change, changes, watch
from .console import Console, printable
from .probe_lines import print_result
from .probe_run import Runner


def run_watch(
    path: Path | None, options: argparse.Namespace, console: Console, client: SyncClient, runner: Runner
) -> int:
    """It ends by Ctrl-C or a signal."""
    before: Result | None = None
    said: list[str] = []
    for found in watch(client, runner.probe(path).run):
        if isinstance(found, str):
            console.talk(f"rawdock: {found}")
            continue
        if before is None:
            print_result(found, path, options.format, None, console)
            console.talk("watching the daemon's events; Ctrl-C ends it")
        else:
            for change in changes(before, found):
                console.print(
                    _json(change)
                    if options.format == "jsonl"
                    else f"{time.strftime('%H:%M:%S')} {printable(str(change))}"
                )
        notes = [*found.notes, *found.troubles]
        for note in notes:
            if note not in said:
                console.talk(f"rawdock: {note}")
        before, said = found, notes
    raise AssertionError("it never ends by itself")


def _json(change: Change) -> str:
    before, after = (verdict.value if verdict else None for verdict in (change.before, change.after))
    if not change.target:
        before, after = ("there", None) if change.after is None else (None, "there")
    document = {
        "kind": "change",
        "vantage": change.vantage,
        "target": change.target or None,
        "before": before,
        "after": after,
        "explanation": change.says,
    }
    return json.dumps(document)
