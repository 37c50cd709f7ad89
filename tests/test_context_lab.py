"""A context that the docker CLI makes for a docker-machine with TLS, used by both against a real dockerd."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import engine
import pytest

LAB = str(Path(__file__).resolve().parents[1] / "scripts" / "lab")

pytestmark = [pytest.mark.lab, pytest.mark.slow]


@pytest.fixture(scope="module")
def name() -> Iterator[str]:
    """The name of a lab that is up."""
    engine.skip_unless_in("docker-machine")
    words = ["docker-machine", "--as", f"context-{uuid.uuid4().hex[:8]}"]
    try:
        done = subprocess.run([LAB, "up", *words], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        yield words[2]
    finally:
        subprocess.run([LAB, "down", *words], capture_output=True, timeout=60, check=False)


def client(name: str, folder: Path, *words: str) -> str:
    """What a command prints where the client is, with no variable but DOCKER_CONFIG."""
    argv = [
        LAB,
        "exec",
        "docker-machine",
        "--as",
        name,
        "env",
        "-i",
        f"DOCKER_CONFIG={folder}",
        f"PATH={os.environ['PATH']}",
    ]
    done = subprocess.run([*argv, *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_both_reach_the_daemon_by_the_context_that_the_cli_made(name: str, tmp_path: Path) -> None:
    variables = subprocess.run(
        [LAB, "env", "docker-machine", "--as", name], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    given = dict(
        line.removeprefix("export ").split("=", 1) for line in variables.splitlines() if line.startswith("export")
    )
    certs, host = given["DOCKER_CERT_PATH"].strip('"'), given["DOCKER_HOST"].strip('"')
    files = ",".join(f"{kind}={certs}/{kind}.pem" for kind in ("ca", "cert", "key"))
    client(name, tmp_path, "docker", "context", "create", "lab", "--docker", f"host={host},{files}")
    client(name, tmp_path, "docker", "context", "use", "lab")

    theirs = client(name, tmp_path, "docker", "version", "--format", "{{.Server.Version}}").strip()
    rawdock = [sys.executable, "-m", "rawdock"]
    assert json.loads(client(name, tmp_path, *rawdock, "get", "/version"))["Version"] == theirs
    found = json.loads(client(name, tmp_path, *rawdock, "endpoints", "--json"))["candidates"]
    (taken,) = [row for row in found if row["taken"]]
    assert (taken["name"], taken["context"], taken["endpoint"]) == ("currentContext", "lab", host)
    assert (taken["alive"], taken["version"], taken["notes"]) == (True, theirs, [])
