"""Processes inside the containers themselves, where the daemon starts no container for us: python3, else sh.

What they are not: a way into a container without either, into a paused one, or to the daemon's host. sh does not know who sent
an ICMP error, and by nc it can ask no name server.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from ..client import SyncClient
from ..errors import ConflictError, ExecStartError, NotFoundError, ProtocolError, TimedOutError
from .agent_lines import Report, read_report, without_version
from .exec_scripts import python_command, shell_command
from .inventory import Container
from .many import Many
from .segments import Segment, refusal, unavailable

_PATIENCE = 60.0  # seconds for one exec; a pass takes at most five, and sh 100 probes at once
_NO_HOST = "only a helper container can stand on the daemon's host"
_NO_TOOLS = "the container has no python3, and no sh with timeout and bash or nc"


class Execs:
    """A Prober. Nothing of it stays but processes that end by themselves within seconds. `patience`: seconds, for one exec; of
    a container where that is too short, nothing is known, and of the others all."""

    def __init__(self, client: SyncClient, containers: Sequence[Container], patience: float = _PATIENCE) -> None:
        self._client = client
        self._patience = patience
        self._ids = {container.sandbox: container.id for container in containers}
        self._many = Many(self._ask)
        self._without_python: set[str] = set()
        self.leftovers: list[str] = []

    def __enter__(self) -> Execs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._many.end()

    def namespace(self, sandbox: str) -> str:
        return self._ids[sandbox]

    def start(self, words: Sequence[str]) -> None:
        self._many.start(words)

    def collect(self) -> Report:
        return self._many.collect()

    def _ask(self, segment: Segment) -> Report:
        if not segment.place:
            return unavailable(segment, _NO_HOST)
        try:
            if segment.place not in self._without_python:
                if output := self._run(segment, python_command(segment.words)):
                    return read_report(without_version(output))
                self._without_python.add(segment.place)
            output = self._run(segment, shell_command(segment.words))
        except (ConflictError, NotFoundError) as error:  # paused, stopped or gone
            return unavailable(segment, refusal(segment, error))
        except TimedOutError:
            return unavailable(segment, f"a process in it had not ended after {self._patience:g} s")
        return read_report(without_version(output)) if output else unavailable(segment, _NO_TOOLS)

    def _run(self, segment: Segment, command: list[str]) -> bytes:
        """What it printed, b"" where the container has no such program. Raises RawdockError where the daemon refuses."""
        try:
            done = self._client.exec_run(segment.place, command, timeout=self._patience)
        except ExecStartError:
            return b""
        if done.exit_code == 0 and done.stdout:
            return done.stdout
        if done.exit_code in (0, 126, 127) or command[0] == "python3":  # a Python that is too old, or not whole
            return b""
        raise ProtocolError(f"sh in the container ended with status {done.exit_code}: {done.stderr[-200:]!r}")
