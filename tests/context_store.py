"""Docker contexts on disk, for tests: those that the docker CLI 28.2.2 made, and such as it would make."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

LAYOUT = json.loads((Path(__file__).parent / "fixtures" / "docker_context_layout.json").read_text())


def lay_out(folder: Path, current: str | None = None) -> Path:
    """Write the captured DOCKER_CONFIG, its PEM files empty, and `current` as its currentContext. Returns `folder`."""
    folder.mkdir(exist_ok=True)
    for name, entry in LAYOUT["files"].items():
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.write_text(entry.get("text", ""))
        path.chmod(int(entry["mode"], 8))
    if current:
        make_current(folder, current)
    return folder


def captured_host(name: str) -> str:
    """The host of a captured context."""
    meta = json.loads(LAYOUT["files"][f"contexts/meta/{folder_name(name)}/meta.json"]["text"])
    return str(meta["Endpoints"]["docker"].get("Host", ""))


def make_current(folder: Path, name: str) -> None:
    (folder / "config.json").write_text(json.dumps({"auths": {}, "currentContext": name}))


def write_context(folder: Path, name: str, docker: Any, files: Sequence[str] = ()) -> Path:
    """Write a context with the docker endpoint `docker` and empty PEM `files`. Returns the folder of those."""
    meta = folder / "contexts" / "meta" / folder_name(name)
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Metadata": {}, "Endpoints": {"docker": docker}}))
    tls = folder / "contexts" / "tls" / folder_name(name) / "docker"
    if files:
        tls.mkdir(parents=True)
    for file in files:
        (tls / file).touch(0o600)
    return tls


def folder_name(context: str) -> str:
    return sha256(context.encode()).hexdigest()
