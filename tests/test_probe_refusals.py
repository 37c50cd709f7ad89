"""Daemons that refuse a part, or never end it: nothing is claimed that is not so, and what can be known stays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from test_probe_inventory import document, only
from wire_daemon import HOLD, REQUEST, Step, WireDaemon, reply

from rawdock.client import SyncClient
from rawdock.endpoint import Endpoint
from rawdock.errors import RawdockError
from rawdock.probe.execs import Execs
from rawdock.probe.helper import Helper
from rawdock.probe.observation import Outcome

FORBIDDEN = reply(b"<html>Request forbidden</html>", "403 Forbidden")
BROKEN = reply(b"the other side is silent", "504 Gateway Timeout")


def entered(folder: Path, script: Sequence[Step]) -> tuple[list[str], list[str]]:
    """What a helper that was refused says is left behind, and the methods that it used."""
    with WireDaemon(folder, "unix", [*script, HOLD]) as daemon:
        with SyncClient(Endpoint.parse(daemon.url, "the test"), api_version="1.41") as client:
            helper = Helper(client, "amd64", ["/run/docker/netns/1"])
            with pytest.raises(RawdockError):
                helper.__enter__()
        return helper.leftovers, [line.split()[0] for lines in daemon.lines for line in lines]


def test_an_image_that_was_refused_is_not_said_to_be_left_behind(tmp_path: Path) -> None:
    assert entered(tmp_path, [REQUEST, FORBIDDEN]) == ([], ["POST"])


def test_an_image_that_may_have_been_made_is_removed_or_said_to_be_left_behind(tmp_path: Path) -> None:
    leftovers, methods = entered(tmp_path, [REQUEST, BROKEN, REQUEST, reply(b"[]"), REQUEST, FORBIDDEN])
    assert methods == ["POST", "GET", "DELETE"]
    assert [one.partition(":")[0] for one in leftovers] == ["/images/rawdock-probe"]


def test_a_process_that_does_not_end_costs_its_own_containers_answers_alone(tmp_path: Path) -> None:
    container = only(document("web"))
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, HOLD]) as daemon,
        SyncClient(Endpoint.parse(daemon.url, "the test"), api_version="1.41") as client,
        Execs(client, [container], patience=0.1) as execs,
    ):
        execs.start([f"ns={execs.namespace(container.sandbox)}", "tcp=ac110003,80"])
        (seen,) = execs.collect().observations.values()
    assert (seen.outcome, seen.why) == (Outcome.NO_VANTAGE, "a process in it had not ended after 0.1 s")
