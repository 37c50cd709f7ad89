"""`docker run` and what it asks of the daemon. Source: docker/cli command/container/run.go."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..request import Request
from . import Step

JSON = (("Content-Type", "application/json"),)
PULLS = "at 404, no such image: POST /images/create, which pulls it, then this again"


def run_steps(body: Mapping[str, Any], *, name: str = "", platform: str = "", detach_keys: str = "") -> list[Step]:
    """Create; attach and ask to wait unless it is detached; start. In this order no output and no end is missed."""
    query = (*((("name", name),) if name else ()), *((("platform", platform),) if platform else ()))
    content = json.dumps(body, separators=(",", ":")).encode()
    create = Step(Request("POST", "/containers/create", query, JSON, content), saves="container", note=PULLS)
    start = Step(Request("POST", "/containers/{container}/start"))
    streams = [(stream, "1") for stream in ("stdin", "stdout", "stderr") if body.get(f"Attach{stream.capitalize()}")]
    if not streams:
        return [create, start]
    keys = (("detachKeys", detach_keys),) if detach_keys else ()
    upgrade = (("Connection", "Upgrade"), ("Upgrade", "tcp"))
    attach = Request("POST", "/containers/{container}/attach", (("stream", "1"), *streams, *keys), upgrade)
    condition = "removed" if body.get("HostConfig", {}).get("AutoRemove") else "next-exit"
    wait = Request("POST", "/containers/{container}/wait", (("condition", condition),))
    return [create, Step(attach, answer="hijack"), Step(wait), start]
