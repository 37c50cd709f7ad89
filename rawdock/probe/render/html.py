"""One page: the topology, the picture, filters by vantage and verdict, all records. Nothing is loaded from elsewhere, the
Content-Security-Policy allows this page's own script alone, and without a script everything is shown.
"""

from __future__ import annotations

import base64
import hashlib
from itertools import groupby

from ..record import Record, Result
from ..report import in_short, with_expected
from ..target import Place
from .picture import picture, tone
from .svg import STYLE, drawing
from .xml_text import escaped

_STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1f2328; --soft: #59636e; --box: #f6f8fa; --line: #c4ccd4;
  --good: #1a7f37; --doubtful: #a04c00; --bad: #c9252d; --cut: #6e7781; }
@media (prefers-color-scheme: dark) { :root { --paper: #0d1117; --ink: #e6edf3; --soft: #9198a1; --box: #161b22;
  --line: #3d444d; --good: #3fb950; --doubtful: #e3963e; --bad: #ff7b72; --cut: #8b949e; } }
body { margin: 1.5rem; background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0 0 .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0 0 1rem; }
dt { color: var(--soft); } dd { margin: 0; grid-column: 2; }
.frame { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; }
#said { min-height: 3em; margin: .6rem 0; padding: .5rem .8rem; background: var(--box); border-radius: 6px; }
label { margin-right: 1rem; } select { font: inherit; }
table { border-collapse: collapse; width: 100%; margin-top: 1rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem; border-bottom: 1px solid var(--line); }
td.ms { text-align: right; white-space: nowrap; }
td.good { color: var(--good); } td.doubtful { color: var(--doubtful); }
td.bad { color: var(--bad); } td.cut { color: var(--cut); }
[hidden] { display: none; }
"""
_SCRIPT = """
const edges = [...document.querySelectorAll('.edge')], rows = [...document.querySelectorAll('tbody tr')];
const vantage = document.getElementById('vantage'), verdict = document.getElementById('verdict');
const said = document.getElementById('said');
function filter() {
  document.querySelector('.drawing').classList.toggle('crowded', !vantage.value);
  for (const one of [...edges, ...rows]) {
    const shown = (!vantage.value || one.dataset.vantage === vantage.value)
      && (!verdict.value || one.dataset.verdict === verdict.value);
    if (shown) one.removeAttribute('hidden'); else one.setAttribute('hidden', '');
  }
}
for (const edge of edges) {
  for (const kind of ['focus', 'mouseenter']) {
    edge.addEventListener(kind, () => { said.textContent = edge.getAttribute('aria-label'); });
  }
}
vantage.value = vantage.dataset.first;
vantage.addEventListener('change', filter);
verdict.addEventListener('change', filter);
document.getElementById('filters').removeAttribute('hidden');
filter();
"""


def render(result: Result) -> str:
    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    title = escaped(result.topology.title)
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        f'<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}: who can reach whom</title><style>{_STYLE}{STYLE}</style></head>",
        f"<body><h1>{title}</h1>",
        *_facts(result),
        *_filters(result.records),
        f'<div class="frame">{drawing(picture(result, result.records), crowded=True)}</div>',
        '<p id="said" role="status">Point at a line, or reach it with the Tab key: its sentence comes here.</p>',
        "<table><thead><tr><th>from</th><th>to</th><th>verdict</th><th>ms</th><th>why</th><th>what to do</th></tr></thead>",
        "<tbody>",
        *map(_row, result.records),
        "</tbody></table>",
        *(f"<p>{escaped(trouble)}</p>" for trouble in result.troubles),
        f"<script>{_SCRIPT}</script></body></html>",
        "",
    ]
    return "\n".join(parts)


def _facts(result: Result) -> list[str]:
    facts = [*result.topology.consequences]
    facts += [("because", f"{evidence.fact}: {evidence.meaning}") for evidence in result.topology.evidence]
    facts += [("in short", line) for line in in_short(result)]
    parts = ["<dl>"]
    for name, group in groupby(facts, key=lambda fact: fact[0]):
        parts.append(f"<dt>{escaped(name)}</dt>{''.join(f'<dd>{escaped(value)}</dd>' for _, value in group)}")
    return [*parts, "</dl>"]


def _filters(records: list[Record]) -> list[str]:
    """Hidden until the script works. The first view is from this machine, where there is one."""
    vantages = list(dict.fromkeys(record.vantage.label for record in records))
    verdicts = list(dict.fromkeys(record.judgement.verdict.value for record in records))
    first = next((record.vantage.label for record in records if record.vantage.place is Place.CLIENT), "")
    return [
        '<p id="filters" hidden>',
        f'<label>from <select id="vantage" data-first="{escaped(first)}">{_options("everywhere", vantages)}</select></label>',
        f'<label>verdict <select id="verdict">{_options("all", verdicts)}</select></label></p>',
    ]


def _options(everything: str, values: list[str]) -> str:
    options = [f'<option value="">{everything}</option>']
    return "".join([*options, *(f"<option>{escaped(value)}</option>" for value in values)])


def _row(record: Record) -> str:
    judgement, vantage = record.judgement, escaped(record.vantage.label)
    verdict = judgement.verdict
    took = f"{record.seen.milliseconds:.1f}" if record.seen.milliseconds else ""
    target = escaped(record.target.label) if record.target.address else ""
    certainty = "" if judgement.certainty == "measured" else f" ({judgement.certainty})"
    return (
        f'<tr data-vantage="{vantage}" data-verdict="{verdict.value}"><td>{vantage}</td><td>{target}</td>'
        f'<td class="{tone(verdict).value}">{verdict.value}</td><td class="ms">{took}</td>'
        f"<td>{escaped(with_expected(record))}{certainty}</td><td>{escaped(judgement.remedy)}</td></tr>"
    )
