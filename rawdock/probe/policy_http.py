"""The status of an HTTP answer, for a rule that asks for one: from this machine only, since the agent never writes a byte."""

from __future__ import annotations

import http.client
from collections.abc import Iterable, Iterator
from dataclasses import replace

from .policy_check import Check, State
from .target import CLIENT

_PATIENCE = 3.5  # seconds to connect, and to answer
ONLY_HERE = "http= is asked from this machine alone"


def with_statuses(checks: Iterable[Check]) -> Iterator[Check]:
    """The checks, with the status of those whose rule asks for one and that hold so far."""
    for check in checks:
        if check.rule.status is None or check.state is not State.HELD or check.record is None:
            yield check
        elif check.record.vantage != CLIENT:
            yield replace(check, state=State.UNPROBED, why=ONLY_HERE)
        else:
            yield _asked(check, check.rule.status, check.record.target.address, check.record.target.port)


def _asked(check: Check, wanted: int, address: str, port: int) -> Check:
    connection = http.client.HTTPConnection(address, port, timeout=_PATIENCE)
    try:
        connection.request("GET", "/")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        why = str(error) or type(error).__name__
        return replace(check, state=State.BROKEN, why=f"GET / had no answer of HTTP: {why}")
    finally:
        connection.close()
    if status == wanted:
        return replace(check, status=status)
    return replace(check, state=State.BROKEN, status=status, why=f"GET / was answered with {status}")
