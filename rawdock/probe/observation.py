"""What a probe saw, whoever made it: the client's own sweep or the agent in a container's namespace."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """What came of it. DATA, CLOSED, RESET and QUIET follow a connect that was accepted, while we listened and said
    nothing; REPLY is UDP's and a ping's."""

    FAILED = "failed"
    TIMEOUT = "timeout"
    DATA = "data"
    CLOSED = "closed"
    RESET = "reset"
    QUIET = "quiet"
    REPLY = "reply"
    NO_VANTAGE = "no-vantage"
    ERROR = "error"
    NOT_SENT = "not-sent"


@dataclass(frozen=True)
class ICMP:
    """An ICMP error from the socket's error queue. `family` is 4 or 6, or 0 when this very kernel raised it;
    `offender` is who sent it, "" if unknown; `mtu` in bytes where the error is about size, else 0."""

    family: int
    type: int
    code: int
    mtu: int
    offender: str


@dataclass(frozen=True, slots=True)
class Observation:
    """`errno` is Linux's number, 0 for none; `milliseconds` from the start to the outcome; `data` what the peer said
    first; `route` says where a probe that was not sent would have gone; `source` is who answered a datagram, where that is
    not whom it was sent to; `size`: bytes of a ping's packet in all; `why`: what kept the probe from being made, where no errno
    says that."""

    outcome: Outcome
    errno: int = 0
    milliseconds: float = 0.0
    icmp: ICMP | None = None
    data: bytes = b""
    route: str = ""
    source: str = ""
    size: int = 0
    why: str = ""

    @property
    def undecided(self) -> bool:
        """Whether a second, slower pass may say more: one time-out may be a lost or rate-limited ICMP error."""
        return self.outcome is Outcome.TIMEOUT
