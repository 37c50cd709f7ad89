"""Dates as Go prints them. Source: Go's package time, Time.String and time.ANSIC."""

from __future__ import annotations

import re

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)")


def go_time(text: str) -> str:
    """ "2026-11-27 03:20:45.83 +0000 UTC" of RFC 3339's "2026-11-27T03:20:45.83Z"; what is no date comes back as it is."""
    match = _RFC3339.fullmatch(text)
    if not match:
        return text
    fraction = (match[3] or "").rstrip("0")
    zone = "+0000" if match[4] == "Z" else match[4].replace(":", "")
    name = "UTC" if zone in ("+0000", "-0000") else zone
    return f"{match[1]} {match[2]}{f'.{fraction}' if fraction else ''} {zone} {name}"


def ansic(text: str) -> str:
    """ "Thu May  7 21:09:36 2026" of an RFC 3339 date; what is no date comes back as it is."""
    match = _RFC3339.fullmatch(text)
    if not match:
        return text
    from datetime import datetime  # 3 ms, which listings need not spend

    when = datetime.fromisoformat(f"{match[1]}T{match[2]}")
    days, months = "Mon Tue Wed Thu Fri Sat Sun", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
    return f"{days.split()[when.weekday()]} {months.split()[when.month - 1]} {when.day:2} {match[2]} {when.year}"
