"""The agent's words taken apart by namespace, for those who have a process in each, and their reports put together again."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..errors import StatusError
from .agent_lines import Report
from .observation import Observation, Outcome

_SETTINGS = ("timeout=", "listen=", "after=")
ASKS = ("tcp=", "udp=", "icmp=")


class Segment(NamedTuple):
    """Words for one namespace, settings included; `place` is what stood behind ns=, "" for the host's. `indexes`: the place of
    each word among all, from 1."""

    place: str
    words: list[str]
    indexes: list[int]


def segments(words: Sequence[str]) -> list[Segment]:
    """The segments that ask something, in order."""
    settings: dict[str, tuple[str, int]] = {}
    found = [Segment("", [], [])]
    for index, word in enumerate(words, 1):
        name, _, value = word.partition("=")
        if name == "ns":
            found.append(Segment(value, [text for text, _ in settings.values()], [at for _, at in settings.values()]))
            continue
        if word.startswith(_SETTINGS):
            settings[name] = (word, index)
        found[-1].words.append(word)
        found[-1].indexes.append(index)
    return [one for one in found if not all(word.startswith(_SETTINGS) for word in one.words)]


def merged(parts: Iterable[tuple[Segment, Report]]) -> Report:
    whole = Report()
    for segment, part in parts:
        for index, seen in part.observations.items():
            whole.observations[segment.indexes[index - 1]] = seen
        for index, content in part.files.items():
            whole.files[segment.indexes[index - 1]] = content
        for index, number in part.file_errors.items():
            whole.file_errors[segment.indexes[index - 1]] = number
    return whole


def unavailable(segment: Segment, why: str) -> Report:
    """What is said of a segment whose namespace cannot be used, and why."""
    report = Report()
    for index, word in enumerate(segment.words, 1):
        if word.startswith(ASKS):
            report.observations[index] = Observation(Outcome.NO_VANTAGE, errno.EACCES, why=why)
        elif word.startswith(("file=", "diag=")):
            report.file_errors[index] = errno.EACCES
    return report


def refusal(segment: Segment, error: StatusError) -> str:
    """The daemon's own words, with the container's ID as docker ps shows it."""
    return (error.message or error.cause).replace(segment.place, segment.place[:12])
