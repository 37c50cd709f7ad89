"""How long each stage of an exchange may take, each limit apart, so that an error names the one that ran out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields

from ..errors import RequestError, TimedOutError
from . import Driver


@dataclass(frozen=True)
class Timeouts:
    """Seconds, None for no limit.

    `connect`: for each of connecting and the TLS handshake. `first_byte`: from the end of the request to the reply's head.
    `idle`: while no byte of a body moves, in either direction. `total`: a whole request, waiting for a connection included;
    a stream's until its head. A client's own `idle` is not for its streams, which may be silent for hours: give `timeouts`
    with the call to limit one.
    """

    connect: float | None = 10.0
    first_byte: float | None = None
    idle: float | None = None
    total: float | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            seconds = getattr(self, field.name)
            if seconds is not None and not seconds > 0:
                raise RequestError(
                    f"the time-out {field.name} is {seconds!r}", "give seconds over 0, or None for no limit"
                )


NO_LIMITS = Timeouts(connect=None)


@contextmanager
def within(driver: Driver, seconds: float | None, limit: str, what: str) -> Iterator[None]:
    """Raise TimedOutError once `seconds` have passed: `limit` is the name in Timeouts, `what` did not happen."""
    try:
        with driver.fail_after(seconds):
            yield
    except TimeoutError as error:
        raise TimedOutError(f"{what} within {seconds:g} s (time-out {limit})", limit=limit) from error
