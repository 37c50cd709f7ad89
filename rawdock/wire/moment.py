"""Points in time as the daemon writes and takes them, to the nanosecond, which datetime and float do not hold.

It writes RFC 3339 with up to nine digits ("2026-11-24T09:20:24.123456789Z") and takes seconds since 1970 as
"S.NNNNNNNNN". Sources: moby api/types/time/timestamp.go, RFC 3339 section 5.6.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from ..errors import RequestError

Moment = int | float | str | datetime
BILLION = 1_000_000_000  # nanoseconds
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII)
_SECONDS = re.compile(r"(\d{1,12})(?:\.(\d{1,9}))?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def parse_rfc3339(text: str) -> int:
    """Nanoseconds since 1970. Raises ValueError."""
    match = _RFC3339.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is no time of RFC 3339")
    whole, fraction, sign, hours, minutes = match.groups()
    moment = datetime.fromisoformat(whole).replace(tzinfo=timezone.utc)
    offset = timedelta(hours=int(hours), minutes=int(minutes)) if sign else timedelta()
    since = moment - _EPOCH + (offset if sign == "-" else -offset)
    return (since.days * 86400 + since.seconds) * BILLION + int((fraction or "0").ljust(9, "0"))


def unix_time(moment: Moment, name: str) -> str:
    """ "S.NNNNNNNNN" for a number of seconds, such a text, RFC 3339 as log lines begin with, or a datetime (a naive one is
    local time). Raises RequestError naming the parameter."""
    nanoseconds = _nanoseconds(moment)
    if nanoseconds is None or nanoseconds < 0:
        raise RequestError(
            f"{name}={moment!r} is no time", "give seconds since 1970, a datetime or a text as 2026-11-24T09:20:24Z"
        )
    return f"{nanoseconds // BILLION}.{nanoseconds % BILLION:09}"


def _nanoseconds(moment: object) -> int | None:
    if isinstance(moment, datetime):
        since = moment.astimezone(timezone.utc) - _EPOCH
        return (since.days * 86400 + since.seconds) * BILLION + since.microseconds * 1000
    if isinstance(moment, int) and not isinstance(moment, bool):
        return moment * BILLION
    if isinstance(moment, float):
        whole, _, fraction = f"{moment:.9f}".partition(".")
        return int(whole + fraction) if fraction else None  # infinity and NaN have none
    if not isinstance(moment, str):
        return None
    if match := _SECONDS.fullmatch(moment):
        return int(match[1]) * BILLION + int((match[2] or "0").ljust(9, "0"))
    try:
        return parse_rfc3339(moment)
    except ValueError:
        return None
