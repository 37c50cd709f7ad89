"""How long each stage of an exchange may take, each limit apart, so that an error names the one that ran out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from ..errors import RequestError, TimedOutError
from . import Driver


class _Seconds(NamedTuple):
    connect: float | None
    first_byte: float | None
    idle: float | None
    total: float | None


class Timeouts(_Seconds):
    """Seconds, None for no limit.

    `connect`: for each of connecting and the TLS handshake. `first_byte`: from the end of the request to the reply's head.
    `idle`: while no byte of a body moves, in either direction. `total`: a whole request, waiting for a connection included;
    a stream's until its head. A client's own `idle` is not for its streams, which may be silent for hours: give `timeouts`
    with the call to limit one.
    """

    __slots__ = ()

    def __new__(
        cls,
        connect: float | None = 10.0,
        first_byte: float | None = None,
        idle: float | None = None,
        total: float | None = None,
    ) -> "Timeouts":
        self = super().__new__(cls, connect, first_byte, idle, total)
        for name, seconds in zip(self._fields, self, strict=True):
            if seconds is not None and not seconds > 0:
                raise RequestError(f"the time-out {name} is {seconds!r}", "give seconds over 0, or None for no limit")
        return self


NO_LIMITS = Timeouts(connect=None)


@contextmanager
def within(driver: Driver, seconds: float | None, limit: str, what: str) -> Iterator[None]:
    """Raise TimedOutError once `seconds` have passed: `limit` is the name in Timeouts, `what` did not happen."""
    try:
        with driver.fail_after(seconds):
            yield
    except TimeoutError as error:
        raise TimedOutError(f"{what} within {seconds:g} s (time-out {limit})", limit=limit) from error
