"""The engine the tests marked lab run on: that of RAWDOCK_ENGINE, which scripts/test --engine sets, else Docker 20.10."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

# Set where it is not, so that every `lab up` of a test takes the same, whatever the machine's own dockerd is.
NAME = os.environ.get("RAWDOCK_ENGINE") or "20.10"
os.environ["RAWDOCK_ENGINE"] = NAME

PODMAN = NAME.startswith("podman-")
PROGRAM = "podman" if PODMAN else "dockerd"
IMAGE = "docker.io/library/rawdock-lab:1" if PODMAN else "rawdock-lab:1"  # as the engine gives the name back
NO_CONTAINER = 'no container with name or ID "nosuch" found' if PODMAN else "No such container: nosuch"
_VERSION = tuple(int(part) for part in NAME.removeprefix("podman-").split("."))


def docker(major: int) -> bool:
    """Whether the engine is Docker, of that version or later."""
    return not PODMAN and _VERSION[0] >= major


def skip_unless_in(topology: str) -> None:
    if PODMAN and topology != "native":
        pytest.skip(f"{topology} brings Docker, never podman")
    if topology == "rootless" and not any(map(os.path.exists, ("/dev/net/tun", "/sys/class/misc/tun"))):
        pytest.skip("rootless needs a kernel with tun")
    if topology == "rootless" and not _is_the_machines():
        pytest.skip(f"rootless runs the machine's own dockerd, not {NAME} beside it")


def _is_the_machines() -> bool:
    dockerd = shutil.which("dockerd")
    said = subprocess.run([dockerd, "--version"], capture_output=True, text=True, check=False).stdout if dockerd else ""
    return f"version {NAME}." in said
