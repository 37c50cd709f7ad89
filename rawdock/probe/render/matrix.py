"""The whole matrix at a glance: a character a verdict."""

from __future__ import annotations

from ..record import Result
from ..verdict import Verdict

SIGNS = {
    Verdict.OPEN: "O",
    Verdict.OPEN_SILENT: "s",
    Verdict.ACCEPTED_THEN_CLOSED: "c",
    Verdict.RESET: "r",
    Verdict.REFUSED: "X",
    Verdict.REJECTED: "R",
    Verdict.NO_ROUTE: "/",
    Verdict.NO_ADDRESS: "-",
    Verdict.FILTERED: "#",
    Verdict.NO_ANSWER: "~",
    Verdict.WRONG_SOURCE: "w",
    Verdict.TOO_BIG: "m",
    Verdict.MTU_BLACK_HOLE: "M",
    Verdict.NOT_SENT: "n",
    Verdict.HOST_DOWN: "D",
    Verdict.NAME_UNKNOWN: "?",
    Verdict.NAME_OTHER_NETWORK: "@",
    Verdict.NAME_NO_UPSTREAM: "u",
    Verdict.NAME_NO_RESOLVER: "N",
    Verdict.NAME_WRONG_ADDRESS: "W",
    Verdict.VANTAGE_UNAVAILABLE: "!",
    Verdict.ERROR: "E",
}


def render(result: Result) -> str:
    """Targets go down, vantages across; "." was not asked."""
    vantages = list(dict.fromkeys(record.vantage for record in result.records))
    places = {vantage: number for number, vantage in enumerate(vantages)}
    rows: dict[str, list[str]] = {}
    for record in result.records:
        if record.target.address:
            row = rows.setdefault(record.target.label, ["."] * len(vantages))
            row[places[record.vantage]] = SIGNS[record.judgement.verdict]
        else:  # nothing was probed from there
            rows.setdefault("(nothing)", ["."] * len(vantages))[places[record.vantage]] = "!"
    width = max(map(len, rows), default=0)
    lines = [f"{' ' * width}  {'| ' * number}{vantage.label}" for number, vantage in enumerate(vantages)]
    lines += [f"{label:<{width}}  {' '.join(signs)}" for label, signs in rows.items()]
    used = {sign for signs in rows.values() for sign in signs}
    legend = [f"{sign} {verdict.value}" for verdict, sign in SIGNS.items() if sign in used]
    lines += ["", ", ".join([*legend, *([". not asked"] if "." in used else [])])]
    return "".join(f"{line}\n" for line in lines)
