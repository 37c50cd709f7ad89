"""A request whose body is a JSON document."""

from __future__ import annotations

import json

from ..request import Request
from . import Step

JSON = (("Content-Type", "application/json"),)


def post(path: str, document: object) -> Step:
    """POST `document` to `path`."""
    return Step(Request("POST", path, (), JSON, json.dumps(document, separators=(",", ":")).encode()))
