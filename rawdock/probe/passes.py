"""Ask everything from every vantage at once, and the undecided again, more slowly.

Two passes, because ICMP errors are rate-limited and a SYN may be lost: 1.5 s for all, then 3.5 s for those that timed out.
Where Docker's own rules let nothing come back, the second is shorter and begins within the first, 1.1 s later: it has to find
out a router that allows one ICMP error a second, but no neighbour that is absent. While the helper works inside the daemon,
the client's own sweep runs here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from ..errors import RawdockError
from .agent_lines import MAX_PROBES, Report
from .asks import Ask, Asked
from .observation import Observation, Outcome
from .prober import Prober
from .protocol import Protocol
from .sweep import FIRST_PASS, SECOND_PASS
from .target import CLIENT, HOST, Vantage

Sweep = Callable[[Sequence[Ask], float], list[Observation]]


@dataclass
class Answers:
    """What each probe saw, the last time that it was made, and how often that was (0: it was not sent)."""

    seen: dict[Asked, Observation] = field(default_factory=dict)
    passes: dict[Asked, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Shot:
    """One probe of a batch: at once, or `later`."""

    vantage: Vantage
    ask: Ask
    later: bool = False


_LATER, _LATER_TIMEOUT = 1100, 700  # ms


class Passes:
    """`helper` makes the probes of all vantages but the client; `sandboxes`: container to the path under which the agent
    finds its namespace. `trouble`: why the helper did not come to its end; what it has found by then stays, and what it has
    not, or what one silence left undecided, was seen from no vantage."""

    def __init__(
        self,
        helper: Prober | None,
        sandboxes: Mapping[str, str],
        sweep: Sweep,
        timeouts: Sequence[float] = (FIRST_PASS, SECOND_PASS),
    ) -> None:
        self._timeouts = timeouts
        self._sweep = sweep
        self._helper = helper
        self._sandboxes = sandboxes
        self.trouble: RawdockError | None = None

    def ask(
        self, asks: Iterable[Asked], unsent: Mapping[Asked, Observation], silent: Collection[Asked] = frozenset()
    ) -> Answers:
        """Ask all but the `unsent`, each of which is answered by what stands there. `silent`: to which nothing should come
        back; a datagram among them is not asked again, since one pass sends it twice."""
        answers = Answers(dict(unsent))
        due = [ask for ask in dict.fromkeys(asks) if ask not in unsent]
        for timeout in self._timeouts:
            found = self._pass(due, timeout, silent)
            answers.seen |= found
            made = [ask for ask, seen in found.items() if not seen.why]
            answers.passes |= {ask: answers.passes.get(ask, 0) + (2 if ask in silent else 1) for ask in made}
            due = [ask for ask in due if answers.seen[ask].undecided and ask not in silent]
            if not due:
                break
        return answers

    def once(self, asks: Iterable[Asked]) -> dict[Asked, Observation]:
        """Ask each, without a second pass."""
        return self._pass(list(dict.fromkeys(asks)), FIRST_PASS, ())

    def _pass(self, asks: list[Asked], timeout: float, silent: Collection[Asked]) -> dict[Asked, Observation]:
        """Ask each once, the silent ones twice. The helper works while we sweep."""
        own = [ask for ask in asks if ask[0] == CLIENT]
        again = {ask for ask in silent if ask[1].protocol is Protocol.TCP}
        batches = self._batches(asks, again)
        started = bool(batches) and self._start(batches[0], timeout)
        found = self._swept(own, timeout)
        found |= self._swept([ask for ask in own if ask in again and found[ask].undecided], _LATER_TIMEOUT / 1000)
        for number, batch in enumerate(batches):
            if number > 0:
                started = self._start(batch, timeout)
            report, places = self._collect() if started else Report(), self._words(batch, timeout)[1]
            missing = Observation(Outcome.NO_VANTAGE, why=self.trouble.cause) if self.trouble else _MISSING
            _settle(found, report, places, missing)
        return found

    def _swept(self, asks: Sequence[Asked], timeout: float) -> dict[Asked, Observation]:
        """From the client's own vantage."""
        return dict(zip(asks, self._sweep([ask for _, ask in asks], timeout), strict=True))

    def _start(self, batch: Sequence[_Shot], timeout: float) -> bool:
        """Whether the helper is at work on it."""
        assert self._helper is not None
        if self.trouble is None:
            try:
                self._helper.start(self._words(batch, timeout)[0])
            except RawdockError as error:
                self.trouble = error
        return self.trouble is None

    def _collect(self) -> Report:
        """What the helper said; nothing where it has ended."""
        assert self._helper is not None
        try:
            return self._helper.collect()
        except RawdockError as error:
            self.trouble = error
            return Report()

    def _batches(self, asks: list[Asked], again: Collection[Asked]) -> list[list[_Shot]]:
        """What the helper is asked, by vantage; the host comes first, for the agent begins there."""
        inside = sorted((ask for ask in asks if ask[0] != CLIENT), key=lambda item: (item[0] != HOST, item[0].label))
        shots: list[_Shot] = []
        for _, group in groupby(inside, key=lambda item: item[0]):
            there = list(group)
            shots += [_Shot(*ask) for ask in there]
            shots += [_Shot(*ask, later=True) for ask in there if ask in again]
        return [shots[start : start + MAX_PROBES] for start in range(0, len(shots), MAX_PROBES)]

    def _words(self, shots: Sequence[_Shot], timeout: float) -> tuple[list[str], dict[int, Asked]]:
        """The agent's words, and which ask stands at which place."""
        usual = f"timeout={round(timeout * 1000)}"
        words = [usual]
        places: dict[int, Asked] = {}
        entered, later = HOST, False
        for shot in shots:
            if shot.vantage != entered:
                words.append(f"ns={self._sandboxes[shot.vantage.container or '']}")
                entered = shot.vantage
            if shot.later != later:
                words += [f"after={_LATER}", f"timeout={_LATER_TIMEOUT}"] if shot.later else ["after=0", usual]
                later = shot.later
            words.append(shot.ask.word())
            places[len(words)] = (shot.vantage, shot.ask)
        return words, places


_MISSING = Observation(Outcome.ERROR)


def _settle(found: dict[Asked, Observation], report: Report, places: Mapping[int, Asked], missing: Observation) -> None:
    """Take the report's answers over, `missing` where it has none; of two to one ask, the first that is one."""
    for index, ask in places.items():
        seen = report.observations.get(index, missing)
        if ask not in found or (found[ask].undecided and not seen.undecided):
            found[ask] = seen
