"""`--since` and `--until`: a duration back from now, a date, or seconds since 1970. Source: moby client, internal/timestamp."""

from __future__ import annotations

import re
from datetime import datetime

from ..errors import UsageError
from ..text.duration import SECOND, nanoseconds_of
from ..wire.moment import unix_time

_DATE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
_SECONDS = re.compile(r"\d{1,12}(?:\.\d{1,9})?", re.ASCII)


def timestamp(text: str, option: str, now: float) -> str:
    """Seconds since 1970, with a fraction of nine digits where one was meant. `now`: the same, for durations, which the daemon
    gets in whole seconds as from the docker CLI. A date without a zone is local. Raises UsageError."""
    if _SECONDS.fullmatch(text):
        return text
    length = nanoseconds_of(text)
    if length is not None:
        return str((int(now * SECOND) - length) // SECOND)
    match = _DATE.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        day, hours, minutes, seconds, fraction, zone = match.groups()
        moment = datetime.fromisoformat(f"{day}T{hours or '00'}:{minutes or '00'}:{seconds or '00'}")
        if zone:
            return unix_time(f"{moment.isoformat()}.{fraction or 0}{zone}", option)
        return f"{int(moment.astimezone().timestamp())}.{(fraction or '').ljust(9, '0')}"
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"{option} {text!r} is no time", "write a duration back from now such as 10m, or 2026-11-24T09:20:24Z"
        ) from None


def since_and_until(since: str, until: str, now: float) -> tuple[tuple[str, str], ...]:
    """The query of both, "" for none."""
    given = (("since", since), ("until", until))
    return tuple((name, timestamp(text, f"--{name}", now)) for name, text in given if text)
