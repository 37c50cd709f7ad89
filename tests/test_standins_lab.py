"""Each stand-in beside the docker CLI on the same daemon: the same visible result."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

LAB = Path(__file__).resolve().parents[1] / "scripts" / "lab"

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="the lab needs Linux and root"),
]


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """The socket of a daemon of the lab."""
    name = f"standins-{uuid.uuid4().hex[:8]}"
    subprocess.run([LAB, "up", "native", "--as", name], check=True, capture_output=True)
    try:
        yield f"unix:///var/lib/rawdock-lab/native-{name}/docker.sock"
    finally:
        subprocess.run([LAB, "down", "native", "--as", name], check=True, capture_output=True)


def docker(host: str, *words: str) -> tuple[int, str]:
    return _run([shutil.which("docker") or "docker", "-H", host, *words])


def rawdock(host: str, *words: str) -> tuple[int, str]:
    return _run([sys.executable, "-m", "rawdock", "-H", host, *words])


def _run(argv: list[str]) -> tuple[int, str]:
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout


def assert_same(host: str, *words: str) -> None:
    """docker is asked before and after, some times, for "9 seconds ago" may become 10 in between, and in both columns."""
    for _ in range(8):
        before, ours, after = docker(host, *words), rawdock(host, *words), docker(host, *words)
        if ours in (before, after):
            return
    assert ours == before


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["-a"],
        ["-q"],
        ["-aq", "--no-trunc"],
        ["-a", "--no-trunc"],
        ["-s"],
        ["-l"],
        ["-n", "2"],
        ["--filter", "name=web"],
        ["--filter", "status=paused", "--filter", "status=exited"],
        ["--format", "table"],
        ["--format", "{{.Names}}: {{.Status}}"],
        ["--format", r"table {{.ID}}\t{{.Names}}\t{{.Ports}}"],
        ["--format", 'table {{.Names}}\t{{.Label "rawdock.lab"}}'],
        ["--format", "{{.Names}} {{.Size}}"],
        ["--format", "{{.CreatedAt}} {{.Image}} {{.Networks}} {{.Mounts}} {{.LocalVolumes}} {{.State}}"],
    ],
    ids=" ".join,
)
def test_ps(host: str, words: list[str]) -> None:
    assert_same(host, "ps", *words)


def test_ps_as_json(host: str) -> None:
    (_, theirs), (_, ours) = docker(host, "ps", "--format", "json"), rawdock(host, "ps", "--format", "json")
    fields = [[json.loads(line) for line in text.splitlines()] for text in (theirs, ours)]
    for row in fields[0] + fields[1]:
        row.pop("RunningFor"), row.pop("Status")  # which go on
    assert fields[0] == fields[1]
