"""Bytes cut in pieces, as a network may cut them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise


def bytewise(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    """Cut at `places`, each taken modulo the length."""
    bounds = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(bounds)]
