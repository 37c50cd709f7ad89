"""What makes the probes of every vantage but the client, whatever way it goes."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from .agent_lines import Report

if TYPE_CHECKING:
    from typing_extensions import Self


class Prober(Protocol):
    """Use with `with`. Each call raises RawdockError where the daemon will not have it. `leftovers`: after the end, what could
    not be removed and why, a sentence each."""

    leftovers: list[str]

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def namespace(self, sandbox: str) -> str:
        """What stands behind ns= in the words for the container with this sandbox."""
        ...

    def start(self, words: Sequence[str]) -> None:
        """Begin with the agent's words; `collect` waits for what is said of them, and only then more may be asked."""
        ...

    def collect(self) -> Report: ...
