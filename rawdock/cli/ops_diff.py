"""`rawdock ops diff OLD NEW`."""

from __future__ import annotations

import argparse
import json
import textwrap

from ..catalogue.behaviour import BEHAVIOUR
from ..catalogue.changes import Change, changes
from ..catalogue.lookup import by_id, version_of
from ..errors import UsageError
from .console import Console
from .exit_codes import ExitCode
from .ops import dotted

_HEADINGS = {"operation": "operations", "parameter": "parameters", "field": "fields of models"}


def run_diff(options: argparse.Namespace, console: Console) -> int:
    words = options.words[1:]
    if len(words) != 2 or options.tag or options.method or options.since:
        raise UsageError(
            "`rawdock ops diff` takes two API versions and nothing else", "write: rawdock ops diff 1.41 1.52"
        )
    old, new = (version_of(word, "`rawdock ops diff`") for word in words)
    if old > new:
        raise UsageError(f"{words[0]} is newer than {words[1]}", f"write: rawdock ops diff {words[1]} {words[0]}")
    found = changes(old, new)
    behaviour = [(version, said) for version, said in BEHAVIOUR if old < version <= new]
    if options.json:
        rows = [{**each._asdict(), "version": dotted(each.version)} for each in found]
        said = [{"version": dotted(version), "change": change} for version, change in behaviour]
        document = {"old": dotted(old), "new": dotted(new), "changes": rows, "behaviour": said}
        console.print(json.dumps(document, indent=2))
        return ExitCode.OK
    if not found and not behaviour:
        console.print(f"from API {dotted(old)} to {dotted(new)}: nothing came or went")
        return ExitCode.OK
    console.print(f"from API {dotted(old)} to {dotted(new)}: + came, - went, each with the version")
    for kind, heading in _HEADINGS.items():
        _print_kind(heading, [each for each in found if each.kind == kind], console)
    models = [each.name for each in found if each.kind == "model" and each.came]
    gone = [each.name for each in found if each.kind == "model" and not each.came]
    for heading, names in (("models that came", models), ("models that went, or have another name now", gone)):
        if names:
            console.print(f"\n{heading}")
            width = min(console.width, 120)
            text = textwrap.fill(", ".join(names), width, initial_indent="  ", subsequent_indent="  ")
            console.print(text)
    if behaviour:
        console.print("\nwhat else is different")
        width = min(console.width, 120)
        for version, change in behaviour:
            head = f"  {dotted(version)}  "
            console.print(textwrap.fill(change, width, initial_indent=head, subsequent_indent=" " * len(head)))
    return ExitCode.OK


def _print_kind(heading: str, found: list[Change], console: Console) -> None:
    if not found:
        return
    console.print(f"\n{heading}")
    width = max(len(_name(each)) for each in found)
    for each in found:
        sign, colour = ("+", "green") if each.came else ("-", "red")
        what = by_id(each.name) if each.kind == "operation" else None
        shown = f"{what.method} {what.path}" if what else each.type
        line = f"{sign} {dotted(each.version)}  {_name(each):{width}}  {shown}"
        console.print(
            "  " + console.paint(line if len(line) < console.width - 2 else _cut(line, console.width - 2), colour)
        )


def _cut(line: str, width: int) -> str:
    from ..text.table import ellipsis

    return ellipsis(line, width)


def _name(change: Change) -> str:
    if change.kind == "field":
        return f"{change.where}.{change.name}"
    return f"{change.where} {change.name}".strip()
