"""`docker volume` and what it asks of the daemon. Source: docker/cli command/volume."""

from __future__ import annotations

from collections.abc import Iterable

from ..request import Request, quoted
from . import Step
from .filters import filters
from .json_body import post
from .pairs import pairs


def list_volumes(wanted: Iterable[str]) -> list[Step]:
    return [Step(Request("GET", "/volumes", filters(wanted)))]


def inspect_volumes(names: Iterable[str]) -> list[Step]:
    return [Step(Request("GET", _path(name))) for name in names]


def remove_volumes(names: Iterable[str], *, force: bool) -> list[Step]:
    query = (("force", "1"),) if force else ()
    return [Step(Request("DELETE", _path(name), query)) for name in names]


def create_volume(name: str, driver: str, options: Iterable[str], labels: Iterable[str]) -> list[Step]:
    """`name` "" lets the daemon make one up."""
    body = {
        "Name": name,
        "Driver": driver,
        "DriverOpts": pairs(options, "--opt"),
        "Labels": pairs(labels, "--label"),
    }
    return [post("/volumes/create", body)]


def prune_volumes(wanted: Iterable[str], *, every: bool) -> list[Step]:
    """`every`: those with names, too, which API 1.42 spares and earlier ones take in any case."""
    return [Step(Request("POST", "/volumes/prune", filters([*wanted, *(["all=true"] if every else [])])))]


def _path(name: str) -> str:
    return f"/volumes/{quoted(name)}"
