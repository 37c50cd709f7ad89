"""rawdock probe --clean: what a killed probe left goes, what another one may be using stays, nothing else is touched."""

from __future__ import annotations

import json
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from wire_daemon import HOLD, REQUEST, WireDaemon, reply

from rawdock.client import SyncClient
from rawdock.endpoint import Endpoint
from rawdock.errors import ProtocolError
from rawdock.probe.clean import Removal, clean

NOW = 1_700_000_000


def listed(*documents: dict[str, Any]) -> bytes:
    return reply(json.dumps(documents).encode(), headers=[f"Date: {formatdate(NOW, usegmt=True)}"])


def cleaned(folder: Path, *replies: bytes) -> tuple[list[Removal], list[str]]:
    """What `clean` returns, and the request lines by which it got there."""
    script = [step for answer in replies for step in (REQUEST, answer)]
    with WireDaemon(folder, "unix", [*script, HOLD]) as daemon:
        with SyncClient(Endpoint.parse(daemon.url, "the test"), api_version="1.41") as client:
            found = clean(client)
        return found, [line.partition(" HTTP")[0] for lines in daemon.lines for line in lines]


FILTERS = "?all=true&filters=%7B%22label%22%3A+%5B%22rawdock.probe%22%5D%7D"


def test_what_is_older_than_a_minute_goes_by_the_daemons_clock(tmp_path: Path) -> None:
    container = {"Id": "c1", "Created": NOW - 60, "Names": ["/old"]}
    image = {"Id": "sha256:1", "Created": NOW - 4000, "RepoTags": ["rawdock-probe:1"]}
    found, lines = cleaned(tmp_path, listed(container), reply(status="204 No Content"), listed(image), reply(b"[]"))
    assert found == [Removal("container", "old", ""), Removal("image", "rawdock-probe:1", "")]
    assert [line.replace("%20", "+") for line in lines] == [
        f"GET /v1.41/containers/json{FILTERS}",
        "DELETE /v1.41/containers/c1?force=true",
        f"GET /v1.41/images/json{FILTERS}",
        "DELETE /v1.41/images/sha256:1?force=true",
    ]


def test_what_is_younger_stays_and_is_said_to(tmp_path: Path) -> None:
    found, lines = cleaned(tmp_path, listed({"Id": "c1", "Created": NOW - 59}), listed())
    assert [(removal.name, "another probe" in removal.trouble) for removal in found] == [("c1", True)]
    assert [line.split()[0] for line in lines] == ["GET", "GET"]


def test_what_has_gone_meanwhile_is_no_trouble_and_a_refusal_is(tmp_path: Path) -> None:
    two = [{"Id": "c1", "Created": 0}, {"Id": "c2", "Created": 0}]
    gone, busy = (
        reply(b'{"message":"No such container"}', "404 Not Found"),
        reply(b'{"message":"busy"}', "409 Conflict"),
    )
    found, _ = cleaned(tmp_path, listed(*two), gone, busy, listed())
    assert found[0] == Removal("container", "c1", "")
    assert "busy" in found[1].trouble


def test_without_a_date_nothing_is_removed(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="no date"):
        cleaned(tmp_path, reply(json.dumps([{"Id": "c1", "Created": 0}]).encode()))
