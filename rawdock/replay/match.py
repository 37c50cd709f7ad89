"""Which recorded exchange answers a request. Pure.

Alike are method, path without its API version, query in any order, and body: JSON as documents, their Env in any order,
anything else as bytes; both with secrets blanked, since the recording has none. Of several alike the first that was not used
yet answers, the last one again and again.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from ..request import origin_form
from ..text.secrets import body_without_secrets, without_secrets
from .recording import Recorded


class Key(NamedTuple):
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: object


def key_of(method: str, target: str, body: bytes) -> Key:
    path, _, query = without_secrets(origin_form(target)).partition("?")
    path = unquote(re.sub(r"^/v[0-9.]+(?=/)", "", path))
    return Key(method, path, tuple(sorted(parse_qsl(query, keep_blank_values=True))), _document(body, target))


def _document(body: bytes, target: str) -> object:
    blanked = body_without_secrets(body, target)
    try:
        return json.dumps(_ordered(json.loads(blanked)), sort_keys=True)
    except ValueError:
        return blanked


def _ordered(value: Any) -> Any:
    """An environment in one order: compose, for one, takes it from a Go map, whose order changes from run to run."""
    if isinstance(value, list):
        return [_ordered(part) for part in value]
    if not isinstance(value, dict):
        return value
    env = value.get("Env")
    mine = {"Env": sorted(env)} if isinstance(env, list) and all(isinstance(line, str) for line in env) else {}
    return {name: _ordered(part) for name, part in value.items()} | mine


class Session:
    """The recorded exchanges and which of them were used."""

    def __init__(self, recorded: list[Recorded]) -> None:
        self.recorded = recorded
        self._keys = [key_of(one.method, one.target, one.body) for one in recorded]
        self.used = [False] * len(recorded)

    def take(self, method: str, target: str, body: bytes) -> int | None:
        """The number of the exchange that answers, or None."""
        wanted = key_of(method, target, body)
        alike = [number for number, key in enumerate(self._keys) if self._is(number, key, wanted, body)]
        if not alike:
            return None
        number = next((number for number in alike if not self.used[number]), alike[-1])
        self.used[number] = True
        return number

    def nearest(self, method: str, target: str, body: bytes) -> str:
        """What was recorded that is most like it, and what differs."""
        wanted = key_of(method, target, body)
        if not self._keys:
            return "nothing was recorded"
        number = max(range(len(self._keys)), key=lambda number: _likeness(self._keys[number], wanted))
        key, one = self._keys[number], self.recorded[number]
        names = ("method", "path", "query", "body")
        differs = [name for name, a, b in zip(names, key, wanted, strict=True) if a != b]
        shown = without_secrets(one.target)
        return f"the nearest recorded is {one.method} {shown}, which differs in {' and '.join(differs)}"

    def _is(self, number: int, key: Key, wanted: Key, body: bytes) -> bool:
        if key[:3] != wanted[:3]:
            return False
        one = self.recorded[number]
        if one.cut[0]:  # as far as it was kept
            return body_without_secrets(body, one.target).startswith(one.body) and len(body) > len(one.body)
        return key.body == wanted.body


def _likeness(key: Key, wanted: Key) -> tuple[int, ...]:
    parts, others = key.path.split("/"), wanted.path.split("/")
    same = sum(a == b for a, b in zip(parts, others, strict=False))
    exact = key.path == wanted.path
    return exact, same - abs(len(parts) - len(others)), key.method == wanted.method, key.query == wanted.query
