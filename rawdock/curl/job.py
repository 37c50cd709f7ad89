"""What a curl command asks for, beyond curl: a request, where it goes and what becomes of the reply."""

from __future__ import annotations

import json as jsonlib
import re
from dataclasses import dataclass
from typing import Any

from ..endpoint import Endpoint
from ..request import Request

_STREAMS = {
    "GET": re.compile(r"/(events|logs|stats|archive|export|get)$"),
    "POST": re.compile(r"/(attach|start|wait|build|load|push|images/create)$"),
}
NOTHING = object()


@dataclass(frozen=True)
class Job:
    """A request to an endpoint, and what becomes of the reply. `fail`: a status from 400 is an error. `include`: the head is
    shown too. `follow`: redirects are followed. `output`: the file for the body, None for standard output. `timeout`: seconds
    for all of it."""

    endpoint: Endpoint
    request: Request
    fail: bool = False
    include: bool = False
    follow: bool = False
    output: str | None = None
    timeout: float | None = None

    @property
    def streams(self) -> bool:
        """Whether the body may be large or without an end, and is passed on as it comes."""
        pattern = _STREAMS.get(self.request.method)
        return self.output is not None or bool(pattern and pattern.search(self.request.path))


def document_of(request: Request) -> Any:
    """The body as a JSON document, NOTHING when it is sent as anything else."""
    kind = next((value for name, value in request.headers if name.lower() == "content-type"), "")
    if request.body is None or kind.partition(";")[0].strip().lower() != "application/json":
        return NOTHING
    try:
        document = jsonlib.loads(request.body)
    except ValueError:
        return NOTHING
    return document if document else NOTHING  # clients take an empty one for no body
