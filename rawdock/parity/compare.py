"""Clients make the same calls, and what each was told is compared with what rawdock's own was."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from ..client import SyncClient
from ..endpoint import Endpoint, Scheme
from .calls import Answer, Call, calls_of, differences, said, steady


class Timed(NamedTuple):
    """`seconds`: from the question to the whole answer."""

    call: Call
    seconds: float
    answer: Answer


@dataclass(frozen=True)
class Peer:
    """A client. `measure` makes the calls so many times over, in turn. `speaks`: which endpoints it can be told to use.
    `retells`: it prints its own reading of an answer, not the answer."""

    name: str
    version: str
    measure: Callable[[Endpoint, Sequence[Call], int], list[Timed]]
    speaks: frozenset[Scheme] = frozenset(Scheme)
    retells: bool = False


class Result(Enum):
    SAME = "same"
    DIFFERS = "differs"
    FAILED = "failed"
    CANNOT = "cannot"  # it does not speak the endpoint's scheme


class Row(NamedTuple):
    """`median`: seconds a call, None where none was made. `detail`: the first difference, or why it failed."""

    peer: Peer
    result: Result
    calls: int
    median: float | None
    detail: str = ""


class Comparison(NamedTuple):
    api_version: str | None
    calls: list[Call]
    rows: list[Row]


def compare(endpoint: Endpoint, peers: Sequence[Peer], repeat: int) -> Comparison:
    """Let each peer make the calls `repeat` times. Raises RawdockError when our own client, the reference, gets no answer."""
    with SyncClient(endpoint) as client:
        version, calls = calls_to(client)

        def reference(call: Call) -> Answer:
            response = client.get(call.path)
            return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, response.content)

        asker = _Reference(reference)
        return Comparison(version, calls, [_row(endpoint, peer, calls, repeat, asker) for peer in peers])


def calls_to(client: SyncClient) -> tuple[str | None, list[Call]]:
    """The API version that is spoken, and the calls that are made of this daemon. Raises RawdockError."""
    version = client.negotiate()
    base = f"/v{version}" if version else ""
    containers = client.get(f"{base}/containers/json", params={"all": True}).raise_for_status().json()
    images = client.get(f"{base}/images/json").raise_for_status().json()
    return version, calls_of(version, containers, images)


class _Reference:
    """What our own client is told, asked anew when another was told something else: the daemon may have changed since."""

    def __init__(self, ask: Callable[[Call], Answer]) -> None:
        self._ask = ask
        self._known: dict[
            str, tuple[Answer, dict[str, Any], set[str]]
        ] = {}  # the places in the last moved by themselves

    def difference(self, call: Call, got: Answer, retold: bool) -> str | None:
        """The first one, in one line, and None where there is none."""
        if call.name in self._known and self._first(call, got, retold) is None:
            return None
        answer = self._ask(call)
        says = said(call, answer)
        moving = {place for place, _ in differences(says, said(call, self._ask(call)))}
        self._known[call.name] = answer, says, moving
        return self._first(call, got, retold)

    def _first(self, call: Call, got: Answer, retold: bool) -> str | None:
        answer, says, moving = self._known[call.name]
        if retold:
            assert call.heard is not None
            ours, theirs = call.heard(json.loads(answer.body), got.body.decode("utf-8", "replace"))
            found: Iterable[tuple[str, str]] = differences(steady(call, ours), steady(call, theirs), "body")
        else:
            found = differences(says, said(call, got))
        return next((f"{call.name}: {place}: {how}" for place, how in found if place not in moving), None)


def _row(endpoint: Endpoint, peer: Peer, calls: Sequence[Call], repeat: int, reference: _Reference) -> Row:
    if endpoint.scheme not in peer.speaks:
        schemes = ", ".join(sorted(f"{scheme.value}://" for scheme in peer.speaks))
        return Row(peer, Result.CANNOT, 0, None, f"speaks {schemes}")
    asked = [call for call in calls if call.words] if peer.retells else calls
    try:
        timed = peer.measure(endpoint, asked, repeat)
    except Exception as error:  # whatever a foreign client raises is its row, and the others go on
        return Row(peer, Result.FAILED, 0, None, " ".join(f"{type(error).__name__}: {error}".split()))
    median = statistics.median(one.seconds for one in timed)
    for call, _, answer in timed:
        if difference := reference.difference(call, answer, peer.retells):
            return Row(peer, Result.DIFFERS, len(timed), median, difference)
    return Row(peer, Result.SAME, len(timed), median)


def document(endpoint: Endpoint, comparison: Comparison) -> dict[str, Any]:
    """The comparison as a JSON document; times in milliseconds."""
    return {
        "endpoint": endpoint.url,
        "api_version": comparison.api_version,
        "calls": [call.path for call in comparison.calls],
        "clients": [
            {
                "client": row.peer.name,
                "version": row.peer.version,
                "calls": row.calls,
                "result": row.result.value,
                "detail": row.detail,
                "median_ms": None if row.median is None else round(row.median * 1000, 3),
            }
            for row in comparison.rows
        ],
    }
