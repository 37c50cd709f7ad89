"""Tables for an issue or a wiki (GitHub Flavored Markdown): equal answers share a row, as in the table for people."""

from __future__ import annotations

import re

from ..record import Result
from ..report import entries, in_short


def render(result: Result) -> str:
    topology = result.topology
    lines = [f"# {_text(topology.title)}", ""]
    lines += [f"- {heading} {_text(sentence)}" for heading, sentence in topology.consequences]
    lines += [f"- {_text(evidence.fact)}: {_text(evidence.meaning)}" for evidence in topology.evidence]
    for heading, found in entries(result.records):
        lines += ["", f"## {_text(heading)}", "", "| verdict | target | ms | why |", "|---|---|---:|---|"]
        for entry in found:
            targets = "<br>".join(map(_text, entry.targets))
            took = f"{entry.milliseconds:.1f}" if entry.milliseconds else ""
            lines.append(f"| {entry.verdict.value} | {targets} | {took} | {_text(entry.explanation)} |")
    short = [f"- {_text(line)}" for line in in_short(result)]
    lines += ["", "## in short", "", *short] if short else []
    return "\n".join([*lines, ""])


def _text(text: str) -> str:
    """Text that stays text: no markup, no tag, no mention of a user, one line."""
    line = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text)
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
    return re.sub(r"([\\`*_\[\]|~#])", r"\\\1", line)
