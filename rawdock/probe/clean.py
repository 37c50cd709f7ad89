"""Helpers that a killed probe left on the daemon: found by their label, and removed once no probe can still be at work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from ..client import SyncClient
from ..errors import ProtocolError, RawdockError
from .helper import LABEL

YOUNG = 60  # seconds; a probe is done with its helper in less, save for more than 4096 probes


class Removal(NamedTuple):
    """One container or image: `name` as the daemon has it; `trouble` why it is still there, "" when it has gone."""

    kind: str
    name: str
    trouble: str


def clean(client: SyncClient) -> list[Removal]:
    """Remove what is older than a minute, containers first, since an image in use stays. Raises RawdockError where the
    daemon cannot be asked."""
    removals = list(_clean(client, "container", "/containers"))
    return removals + list(_clean(client, "image", "/images"))


def _clean(client: SyncClient, kind: str, path: str) -> Iterator[Removal]:
    filters = json.dumps({"label": [LABEL]})
    response = client.get(f"{path}/json", params={"all": True, "filters": filters}).raise_for_status()
    # The daemon's own clock, since it is the one that dated them.
    try:
        now = parsedate_to_datetime(response.headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError) as error:
        raise ProtocolError("the daemon's answer has no date, so nobody can say how old a helper is") from error
    for found in response.json():
        if now - found["Created"] < YOUNG:
            yield Removal(kind, _name(found), "younger than a minute: another probe may be at work with it")
            continue
        yield Removal(kind, _name(found), _remove(client, f"{path}/{found['Id']}"))


def _name(found: dict[str, Any]) -> str:
    tags = found.get("RepoTags") or found.get("Names") or [found["Id"][:19]]
    return str(tags[0]).lstrip("/")


def _remove(client: SyncClient, path: str) -> str:
    try:
        response = client.delete(path, params={"force": True})
        if response.status_code != 404:
            response.raise_for_status()
    except RawdockError as error:
        return str(error)
    return ""
