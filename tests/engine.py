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
NO_CONTAINER = 'no container with name or ID "nosuch" found' if PODMAN else "No such container: nosuch"
GONE = "remove" if PODMAN else "destroy"  # what an event calls the end of a container
_VERSION = tuple(int(part) for part in NAME.removeprefix("podman-").split("."))


# The docker CLI is the judge of the stand-ins, and mostly on Podman too; where it is not, this says so.
docker_is_no_judge = pytest.mark.skipif(
    PODMAN,
    reason="Podman's answer leads the docker CLI astray or moves; test_podman_lab.py asserts what rawdock makes of it",
)


def full(name: str) -> str:
    """The name of an image of ours as the engine gives it back."""
    return f"docker.io/library/{name}" if PODMAN else name


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


IMAGE = full("rawdock-lab:1")
