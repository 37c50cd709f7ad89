"""An engine that answers at its usual place when nothing is set is offered, not taken. `scripts/test --engine podman-5.4` has a
real Podman there; else a real dockerd plays its part."""

from __future__ import annotations

import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from test_standins_lab import host, pytestmark

__all__ = ["host", "pytestmark"]  # used by pytest


@pytest.fixture
def runtime(host: str) -> Path:
    """XDG_RUNTIME_DIR, with the engine's socket where rootless Podman has it; in /tmp, for a socket's path is short."""
    folder = Path(f"/tmp/rawdock-{uuid.uuid4().hex[:8]}")
    (folder / "podman").mkdir(parents=True)
    (folder / "podman" / "podman.sock").symlink_to(host.removeprefix("unix://"))
    return folder


def rawdock(folder: Path, runtime: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {
        "HOME": str(folder),
        "DOCKER_CONFIG": str(folder),
        "XDG_RUNTIME_DIR": str(runtime),
        "PATH": "/usr/bin:/bin",
    }
    argv = [sys.executable, "-m", "rawdock", *words]
    return subprocess.run(argv, env=environ, capture_output=True, text=True, check=False, timeout=60)


def test_it_is_offered_in_the_error_and_listed_and_answers_when_it_is_named(tmp_path: Path, runtime: Path) -> None:
    if Path("/var/run/docker.sock").exists():
        pytest.skip("this machine has a Docker daemon")
    try:
        socket = f"unix://{runtime}/podman/podman.sock"
        failed = rawdock(tmp_path, runtime, "get", "/version")
        assert (failed.returncode, failed.stdout) == (6, "")
        assert f"rootless Podman answers at {socket}: use -H {socket}" in failed.stderr
        listed = rawdock(tmp_path, runtime, "endpoints").stdout
        assert any("rootless Podman" in line and socket in line and " yes " in line for line in listed.splitlines())
        assert rawdock(tmp_path, runtime, "-H", socket, "get", "/_ping").stdout == "OK"
    finally:
        (runtime / "podman" / "podman.sock").unlink()
        (runtime / "podman").rmdir()
        runtime.rmdir()
