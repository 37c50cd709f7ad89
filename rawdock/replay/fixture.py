"""A pytest plugin: scripts are tested against a recorded session, without Docker.

In conftest.py: `pytest_plugins = ["rawdock.replay.fixture"]`; in a test: `rawdock_replay("session.har")`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from .server import Replay, replay


@pytest.fixture
def rawdock_replay(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str | os.PathLike[str]], Replay]]:
    """A function that serves a HAR file until the test ends, DOCKER_HOST set to it. A request that was not recorded fails
    the test at its end, whatever the script made of the answer 501."""
    with ExitStack() as stack:
        served: list[Replay] = []

        def serve(path: str | os.PathLike[str]) -> Replay:
            daemon = stack.enter_context(replay(path))
            for name in ("DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
                monkeypatch.delenv(name, raising=False)
            monkeypatch.setenv("DOCKER_HOST", daemon.url)
            served.append(daemon)
            return daemon

        yield serve
        strange = [line for daemon in served for line in daemon.unrecorded]
    if strange:
        pytest.fail("\n".join(strange), pytrace=False)
