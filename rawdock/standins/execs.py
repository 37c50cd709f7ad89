"""`docker exec` and what it asks of the daemon. Source: docker/cli command/container/exec.go."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..request import Request, container_path
from . import Step

JSON = (("Content-Type", "application/json"),)


def exec_steps(
    container: str,
    command: Sequence[str],
    *,
    stdin: bool = False,
    tty: bool = False,
    detach: bool = False,
    env: Sequence[str] = (),
    user: str = "",
    workdir: str = "",
    privileged: bool = False,
    detach_keys: str = "",
) -> list[Step]:
    """Create an exec, then start it."""
    settings = {
        "AttachStdin": stdin and not detach,
        "AttachStdout": not detach,
        "AttachStderr": not detach,
        "Tty": tty,
        "Cmd": list(command),
        **({"Env": list(env)} if env else {}),
        **({"User": user} if user else {}),
        **({"WorkingDir": workdir} if workdir else {}),
        **({"Privileged": True} if privileged else {}),
        **({"DetachKeys": detach_keys} if detach_keys else {}),
    }
    start = {"Detach": detach, "Tty": tty}
    upgrade = () if detach else (("Connection", "Upgrade"), ("Upgrade", "tcp"))
    return [
        Step(Request("POST", container_path(container, "/exec"), (), JSON, _json(settings)), saves="exec"),
        Step(
            Request("POST", "/exec/{exec}/start", (), (*JSON, *upgrade), _json(start)),
            answer="document" if detach else "hijack",
        ),
    ]


def _json(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
