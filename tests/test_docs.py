"""Every command and every program that README and docs show runs as shown, in the lab's docker-machine topology."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAB = [sys.executable, str(ROOT / "scripts" / "lab")]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

pytestmark = [pytest.mark.lab, pytest.mark.slow]


def blocks(kind: str) -> list[tuple[str, str]]:
    """(page, text) of each fenced block of that kind."""
    fence = re.compile(rf"^```{kind}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return [(page.name, text) for page in PAGES for text in fence.findall(page.read_text())]


def commands() -> list[tuple[str, str]]:
    lines = [
        (page, line[2:]) for page, text in blocks("console") for line in text.splitlines() if line.startswith("$ ")
    ]
    return list(dict.fromkeys(lines))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A lab that is up; gives the environment in which `instance` names it and rawdock is on the PATH."""
    name = f"docs-{os.getpid()}"
    programs = tmp_path_factory.mktemp("programs")
    # The lab prints what docker-machine prints, byte for byte; docker-machine itself is not on Debian.
    shim = programs / "docker-machine"
    shim.write_text(f"#!/bin/sh\nexec {' '.join(LAB)} env docker-machine --as {name}\n")
    shim.chmod(0o755)
    path = f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    try:
        subprocess.run([*LAB, "up", "docker-machine", "--as", name], check=True, capture_output=True)
        yield {**os.environ, "PATH": path, "INSTANCE": name}
    finally:
        subprocess.run([*LAB, "down", "docker-machine", "--as", name], check=True, capture_output=True)


def run(lab: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    argv = [*LAB, "exec", "docker-machine", "--as", lab["INSTANCE"], *words]
    return subprocess.run(argv, env=lab, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(("page", "command"), commands(), ids=lambda value: value)
def test_a_command_runs_as_shown(lab: dict[str, str], page: str, command: str) -> None:
    done = run(lab, "bash", "-c", f"set -o pipefail; {command}")
    assert done.returncode == 0, f"{page}: {command}: {done.stderr}"
    assert done.stdout or "until=0" in command


@pytest.mark.parametrize(("page", "program"), blocks("python"), ids=lambda value: value[:20].split("\n")[0])
def test_a_program_runs_as_shown(lab: dict[str, str], page: str, program: str) -> None:
    done = run(lab, sys.executable, "-W", "error", "-c", program)
    assert done.returncode == 0, f"{page}: {done.stderr}"


def test_the_pages_show_commands() -> None:
    assert len(commands()) > 10 and blocks("python")
