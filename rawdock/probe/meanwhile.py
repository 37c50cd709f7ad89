"""Containers that ended while the probe was at work: what was seen of them fits what was read of them no more.

Source: GET /events, which gives what is past at once where `until` is past; Docker remembers its last 256 events. It is asked
only where something is otherwise than was foreseen.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..client import Params, SyncClient
from ..errors import RawdockError
from ..wire.moment import BILLION, parse_rfc3339
from .inventory import Inventory
from .observation import Outcome
from .record import Record
from .target import Place
from .verdict import Verdict

_PATIENCE = 5.0  # seconds


class Meanwhile:
    """From now on. `info`: the daemon's GET /info of just now, whose SystemTime is the clock that its events go by; `clock`:
    seconds, for what has passed since."""

    def __init__(
        self, client: SyncClient, info: Mapping[str, Any], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._clock = clock
        self._start = clock()
        try:
            self._since: float | None = parse_rfc3339(str(info.get("SystemTime"))) / BILLION  # seconds
        except ValueError:
            self._since = None

    def ended(self) -> set[str]:
        """The IDs of the containers that ended, if only to be started anew; none where the daemon does not tell."""
        if self._since is None:
            return set()
        until = self._since + self._clock() - self._start
        params: Params = {
            "since": f"{self._since:.6f}",
            "until": f"{until:.6f}",
            "filters": {"type": "container", "event": "die"},
        }
        try:
            answer = self._client.request("GET", "/events", params=params, timeout=_PATIENCE).raise_for_status()
            return {str(json.loads(line)["Actor"]["ID"]) for line in answer.text.splitlines() if line}
        except (RawdockError, ValueError, KeyError, TypeError):
            return set()


def is_odd(record: Record) -> bool:
    """Whether something was seen that is not open, and not foreseen."""
    unsent = record.seen.outcome is Outcome.NOT_SENT  # what was said of it without asking stands
    could_be = (record.expected, Verdict.OPEN, Verdict.VANTAGE_UNAVAILABLE, Verdict.ERROR)
    return not unsent and record.judgement.verdict not in could_be


def excused(records: Iterable[Record], inventory: Inventory, ended: set[str]) -> Iterator[Record]:
    """The same records, but those that are otherwise than they should be because a container ended: no firewall, app or
    interface is the cause then."""
    gone = {container.name for container in inventory.containers if container.id in ended}
    for record in records:
        if not is_odd(record):
            yield record
        elif record.vantage.place is Place.CONTAINER and record.vantage.container in gone:
            yield _excused(
                record, Verdict.VANTAGE_UNAVAILABLE, "the container ended meanwhile, if only to be started anew"
            )
        elif record.target.container in gone:
            verdict = record.judgement.verdict
            refused = verdict is Verdict.REJECTED and record.seen.icmp is None  # it was inferred from who listened
            why = f"{record.target.container} ended meanwhile, if only to be started anew"
            yield _excused(record, Verdict.REFUSED if refused else verdict, why)
        else:
            yield record


def _excused(record: Record, verdict: Verdict, why: str) -> Record:
    judgement = replace(
        record.judgement, verdict=verdict, explanation=why, remedy="probe again", measured=False, predicted=False
    )
    return replace(record, judgement=judgement, expected=None)
