"""Ask everything from every vantage at once, and the undecided again, more slowly.

Two passes, because ICMP errors are rate-limited and a SYN may be lost: 1.5 s for all, then 3.5 s for those that timed out.
While the helper works inside the daemon, the client's own sweep runs here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .agent_lines import MAX_PROBES, Report
from .asks import Ask
from .helper import Helper
from .observation import Observation, Outcome
from .sweep import FIRST_PASS, SECOND_PASS, sweep
from .target import CLIENT, HOST, Vantage

Asked = tuple[Vantage, Ask]


@dataclass
class Answers:
    """What each probe saw, the last time that it was made, and how often that was (0: it was not sent)."""

    seen: dict[Asked, Observation] = field(default_factory=dict)
    passes: dict[Asked, int] = field(default_factory=dict)


class Passes:
    """`helper` makes the probes of all vantages but the client; `sandboxes`: container to the path under which the agent
    finds its namespace."""

    def __init__(self, helper: Helper | None, sandboxes: Mapping[str, str]) -> None:
        self._helper = helper
        self._sandboxes = sandboxes

    def ask(self, asks: Iterable[Asked], unsent: Mapping[Asked, Observation]) -> Answers:
        """Ask all but the `unsent`, each of which is answered by what stands there."""
        answers = Answers(dict(unsent))
        due = [ask for ask in dict.fromkeys(asks) if ask not in unsent]
        for timeout in (FIRST_PASS, SECOND_PASS):
            found = self._pass(due, timeout)
            answers.seen |= found
            answers.passes |= {ask: answers.passes.get(ask, 0) + 1 for ask in found}
            due = [ask for ask in due if answers.seen[ask].undecided]
            if not due:
                break
        return answers

    def _pass(self, asks: list[Asked], timeout: float) -> dict[Asked, Observation]:
        """Ask each once. The helper works while we sweep."""
        helper = self._helper
        own = [ask for ask in asks if ask[0] == CLIENT]
        batches = list(_batches([ask for ask in asks if ask[0] != CLIENT]))
        if helper and batches:
            helper.start(self._words(batches[0], timeout)[0])
        found = dict(zip(own, sweep([(ask.address, ask.port) for _, ask in own], timeout), strict=True))
        for number, batch in enumerate(batches):
            assert helper is not None
            words, places = self._words(batch, timeout)
            if number > 0:
                helper.start(words)
            found |= _answers(helper.collect(), places)
        return found

    def _words(self, asks: list[Asked], timeout: float) -> tuple[list[str], dict[int, Asked]]:
        """The agent's words, and which ask stands at which place. The host's come first: the agent begins there."""
        words = [f"timeout={round(timeout * 1000)}"]
        places: dict[int, Asked] = {}
        entered = HOST
        for vantage, ask in sorted(asks, key=lambda item: (item[0] != HOST, item[0].label)):
            if vantage != entered:
                words.append(f"ns={self._sandboxes[vantage.label]}")
                entered = vantage
            words.append(ask.word())
            places[len(words)] = (vantage, ask)
        return words, places


def _batches(asks: list[Asked]) -> Iterator[list[Asked]]:
    for start in range(0, len(asks), MAX_PROBES):
        yield asks[start : start + MAX_PROBES]


def _answers(report: Report, places: Mapping[int, Asked]) -> dict[Asked, Observation]:
    missing = Observation(Outcome.ERROR)
    return {ask: report.observations.get(index, missing) for index, ask in places.items()}
