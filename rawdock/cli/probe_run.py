"""How a probe of the command line runs: which way, and ended by a signal as by Ctrl-C."""

from __future__ import annotations

import argparse
import signal
from typing import TYPE_CHECKING, Any

from ..probe.sweep import FIRST_PASS, SECOND_PASS
from .console import Console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..client import SyncClient
    from ..probe.matrix import Probe
    from ..probe.selection import Selection
    from ..probe.ways import Way


def heed_signals() -> None:
    """A closed terminal, too, must not leave the helper behind."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _terminate)


def _terminate(number: int, frame: object) -> None:
    """Leave by way of every `with`, so that the helper is removed."""
    raise SystemExit(128 + number)


class Runner:
    """What of the words makes one run like another."""

    def __init__(self, options: argparse.Namespace, client: SyncClient) -> None:
        from ..probe.ways import ALL, Way

        self._client = client
        self._hosts = _hosts(client)
        self._force: bool = options.force
        self._udp: bool = not options.no_udp
        self.ways: Sequence[Way] = ALL if options.helper is None else [Way(options.helper)]

    def probe(
        self,
        selection: Selection | None,
        ways: Sequence[Way] | None = None,
        timeouts: Sequence[float] = (FIRST_PASS, SECOND_PASS),
        **more: Any,
    ) -> Probe:
        """`more`: as Probe takes it."""
        from ..probe.matrix import Probe

        return Probe(
            self._client,
            hosts=self._hosts,
            ways=self.ways if ways is None else ways,
            force=self._force,
            selection=selection,
            timeouts=timeouts,
            udp=self._udp,
            **more,
        )

    def say_helper(self, console: Console) -> None:
        from ..probe.ways import Way

        if Way.SANDBOX in self.ways:
            console.talk(
                "one helper container with CAP_SYS_ADMIN enters the containers' networks; --no-helper does without"
            )


def _hosts(client: SyncClient) -> list[str]:
    """The daemon's host as IP addresses; none behind a Unix socket, and none behind an ssh that goes by a proxy: what bears
    that address here may be somebody else."""
    from ..net.blocking import BlockingDriver
    from ..net.blocking import run as drive

    endpoint = client.endpoint
    if endpoint.ssh is not None:
        from ..net.ssh import effective

        target = drive(effective(endpoint, BlockingDriver()))
        return [] if target.proxied else drive(BlockingDriver().resolve(target.host, target.port))
    if endpoint.port is None:
        return []
    return drive(BlockingDriver().resolve(endpoint.address, endpoint.port))
