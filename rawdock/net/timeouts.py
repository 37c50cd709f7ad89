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
            checked(seconds, f"the time-out {name}")
        return self


def checked(seconds: float | None, name: str) -> float | None:
    """The same. Raises RequestError for what is no time."""
    if seconds is None or (isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds > 0):
        return seconds
    raise RequestError(f"{name} is {seconds!r}", "give seconds over 0, or None for no limit")


def limits_of(timeouts: Timeouts, timeout: float | None) -> tuple[Timeouts, float | None]:
    """The limits of a call, and the seconds for the whole of it: `timeout`, else what `timeouts` say. Raises RequestError."""
    if not isinstance(timeouts, Timeouts):
        raise RequestError(f"timeouts is {timeouts!r}", "give rawdock.Timeouts(idle=5), or seconds as a call's timeout")
    return timeouts, timeouts.total if timeout is None else checked(timeout, "the time-out")


NO_LIMITS = Timeouts(connect=None)


@contextmanager
def within(driver: Driver, seconds: float | None, limit: str, what: str) -> Iterator[None]:
    """Raise TimedOutError once `seconds` have passed: `limit` is the name in Timeouts, `what` did not happen."""
    try:
        with driver.fail_after(seconds):
            yield
    except TimeoutError as error:
        raise TimedOutError(f"{what} within {seconds:g} s (time-out {limit})", limit=limit) from error
