"""Containers listed, and what is done to one by its name. Source: docker/cli command/container."""

from __future__ import annotations

from collections.abc import Iterable

from ..request import Request
from . import Step
from .filters import filters


def list_containers(*, every: bool, size: bool, last: int, wanted: Iterable[str]) -> list[Step]:
    """`docker ps`. `last`: so many of the newest, in whatever state; 0 or less for no limit."""
    query: list[tuple[str, str]] = []
    if every:
        query.append(("all", "1"))
    if last > 0:
        query.append(("limit", str(last)))
    if size:
        query.append(("size", "1"))
    return [Step(Request("GET", "/containers/json", (*query, *filters(wanted))))]
