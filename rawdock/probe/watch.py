"""Probe again whenever the daemon's events say that something may have changed, and say what is otherwise."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ..client import SyncClient
from ..errors import NetworkError, PeerError, UsageError
from .news import News
from .record import Record, Result
from .target import Kind, Vantage, container_word
from .verdict import Verdict

_CALM = 0.5  # seconds without an event, for one docker command makes several
_AT_MOST = 5.0  # seconds that a run is put off by events that do not end
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0  # seconds between looks for a daemon that is gone


class Change(NamedTuple):
    """`before`, `after`: None where the target, or with an empty `target` the vantage, was not there. `says` is why."""

    vantage: str
    target: str
    before: Verdict | None
    after: Verdict | None
    says: str = ""

    def __str__(self) -> str:
        """ "web 172.18.0.3:5432 (db) open -> refused: nobody listens"."""
        if not self.target:
            return f"{self.vantage} {'gone' if self.after is None else self.says}"
        words = [verdict.value if verdict else "(none)" for verdict in (self.before, self.after)]
        return f"{self.vantage} {self.target} {' -> '.join(words)}{f': {self.says}' if self.says else ''}"


def changes(before: Result, after: Result) -> Iterator[Change]:
    """What is otherwise. A vantage that has gone, or is new, is one change, and so is what only led to a container that has
    gone."""
    gone = {
        container.name for container in before.inventory.containers if after.inventory.named(container.name) is None
    }
    old, new = _by_vantage(before.records), _by_vantage(after.records)
    for vantage in [*old, *(each for each in new if each not in old)]:
        if vantage not in new:
            yield Change(vantage.label, "", Verdict.VANTAGE_UNAVAILABLE, None)
        elif vantage not in old:
            counts = Counter(record.judgement.verdict for record in new[vantage].values())
            said = ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict if counts[verdict])
            yield Change(vantage.label, "", None, Verdict.OPEN, f"new: {said}")
        else:
            yield from _otherwise(vantage, _without(old[vantage], gone), new[vantage])
    for word in sorted({container_word(name) for name in gone} - {vantage.label for vantage in old}):
        yield Change(word, "", Verdict.VANTAGE_UNAVAILABLE, None)


def _otherwise(vantage: Vantage, old: dict[str, Record], new: dict[str, Record]) -> Iterator[Change]:
    for target in [*old, *(each for each in new if each not in old)]:
        was, now = old.get(target), new.get(target)
        before = was.judgement.verdict if was else None
        after = now.judgement.verdict if now else None
        if before is not after:
            yield Change(vantage.label, target, before, after, now.judgement.explanation if now else "")


def _without(records: dict[str, Record], gone: set[str]) -> dict[str, Record]:
    return {target: record for target, record in records.items() if record.target.container not in gone}


def _word(record: Record) -> str:
    """The target as a line names it, each another."""
    target = record.target
    if target.kind is Kind.NAME:
        return f"{target.name}:{target.port} (name)"
    return f"{target.label} (large packets)" if target.kind is Kind.PACKETS else target.label


def _by_vantage(records: Iterable[Record]) -> dict[Vantage, dict[str, Record]]:
    found: dict[Vantage, dict[str, Record]] = {}
    for record in records:
        found.setdefault(record.vantage, {})[_word(record)] = record
    return found


def watch(client: SyncClient, run: Callable[[], Result]) -> Iterator[Result | str]:
    """Results, one after the other, and sentences about a daemon, or a path's container, that went and came back. It ends by
    an exception alone: UsageError where what is asked was not there from the start."""
    known = False
    while True:
        try:
            with News(client) as news:
                for found in _results(news, run, known):
                    known = True
                    yield found
                why = news.lost.cause if news.lost else "its events ended"
        except NetworkError as error:
            why = error.cause
        yield f"the daemon is gone ({why}): waiting until it is back"
        _wait_for(client)
        yield "the daemon is back"


def _results(news: News, run: Callable[[], Result], known: bool) -> Iterator[Result | str]:
    """Until no more is heard. What a run found that the daemon's end broke off is dropped. `known`: whether there has been a
    result, so that a container that is not there has only stopped."""
    missing = ""
    while True:
        result, why = _run(run, known)
        if news.lost:
            return
        if result is None:
            if why != missing:
                yield f"{why}: waiting until it is back"
        else:
            if missing:
                yield "the path can be probed again"
            yield result
            known = True
        missing = why
        news.wait(None)
        began = time.monotonic()
        while not news.lost and time.monotonic() < began + _AT_MOST and news.wait(_CALM):
            pass
        if news.lost:
            return


def _run(run: Callable[[], Result], known: bool) -> tuple[Result | None, str]:
    """A result, or why there is none."""
    try:
        return run(), ""
    except UsageError as error:
        if not known:
            raise
        return None, error.cause


def _wait_for(client: SyncClient) -> None:
    pause = _FIRST_PAUSE
    while True:
        time.sleep(pause)
        try:
            client.get("/_ping").raise_for_status()
            return
        except (NetworkError, PeerError):
            pause = min(_LONGEST_PAUSE, 2 * pause)
