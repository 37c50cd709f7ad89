"""Every command and every program that README and docs show runs as shown, in the lab's docker-machine topology.

Commands that name /var/run/docker.sock run in the native topology, with its socket in place. Docker Hub is a registry of the
test's, in the daemon's network and known to it as a mirror. The folder that programs copy and build is made here.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import engine
import pytest
from lab_registry import fill, registry, use_as_mirror

ROOT = Path(__file__).parent.parent
LAB = [sys.executable, str(ROOT / "scripts" / "lab")]
ELSEWHERE = {"ssh.md"}  # needs an sshd: test_ssh_lab.py runs its commands
PAGES = [ROOT / "README.md", *sorted(page for page in (ROOT / "docs").glob("*.md") if page.name not in ELSEWHERE)]

SHOWN = {"study.md", "tap.md"}  # pages of which what is shown below a command is compared
SOCKET = "/var/run/docker.sock"

pytestmark = [pytest.mark.lab, pytest.mark.slow]


def blocks(kind: str) -> list[tuple[str, str]]:
    """(page, text) of each fenced block of that kind."""
    fence = re.compile(rf"^```{kind}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return [(page.name, text) for page in PAGES for text in fence.findall(page.read_text())]


def commands() -> list[tuple[str, str, tuple[str, ...]]]:
    """(page, command, what is shown below it). Lines that begin with $ are commands."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for page, text in blocks("console"):
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, *shown = part.splitlines()
            found.setdefault((page, command), tuple(shown if page in SHOWN else ()))
    return [(*key, shown) for key, shown in found.items()]


def alike(line: str) -> str:
    """Without what differs from time to time: figures, Ids, the width of columns; on other engines the API version."""
    figures = re.sub(r"\d+(\.\d+)?(?= ms|k?B\b)", "N", line)
    ids = re.sub(r"\b[0-9a-f]{64}\b|\b[0-9a-f]{12}\b", "ID", figures)
    spoken = ids if engine.NAME == "20.10" else re.sub(r"/v1\.\d\d/", "/v1.41/", ids)  # the pages are of 20.10
    return " ".join(spoken.split())


def assert_shown(shown: Iterable[str], printed: str) -> None:
    """Every line that the page shows is printed. A line … stands for others."""
    lines = {alike(line) for line in printed.splitlines()}
    assert {alike(line) for line in shown} - {"…", ""} <= lines, printed


def curl_lines() -> list[str]:
    return [command for page, command, _ in commands() if page == "curl.md" and re.search(r"(^|[| (])curl ", command)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A lab that is up; gives the environment in which `instance` names it and rawdock is on the PATH."""
    engine.skip_unless_in("docker-machine")
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


@pytest.fixture(scope="module")
def native(lab: dict[str, str]) -> Iterator[dict[str, str]]:
    """A native lab, under the same name."""
    words = ["native", "--as", lab["INSTANCE"]]
    try:
        subprocess.run([*LAB, "up", *words], check=True, capture_output=True)
        yield lab
    finally:
        subprocess.run([*LAB, "down", *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def hub(lab: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = Path(f"/var/lib/rawdock-lab/docker-machine-{lab['INSTANCE']}")
    with registry(folder, tmp_path_factory.mktemp("registry")):
        fill(folder, "library/alpine:3.20", {})
        use_as_mirror(folder)
        yield


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Where a program runs: beside the folder site."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("hello\n")
    lines = ["FROM rawdock-lab:1 AS first", "ARG GREETING", "COPY index.html /www/", "RUN echo $GREETING >/greeting"]
    (tmp_path / "site" / "Dockerfile").write_text("\n".join(lines) + "\n")
    return tmp_path


def run(
    lab: dict[str, str], *words: str, folder: Path | None = None, topology: str = "docker-machine"
) -> subprocess.CompletedProcess[str]:
    argv = [*LAB, "exec", topology, "--as", lab["INSTANCE"], *words]
    return subprocess.run(argv, env=lab, capture_output=True, text=True, timeout=60, check=False, cwd=folder)


def run_shell(request: pytest.FixtureRequest, command: str) -> subprocess.CompletedProcess[str]:
    """The command in the topology that has what it names."""
    topology = "native" if SOCKET in command else "docker-machine"
    lab = request.getfixturevalue("native" if topology == "native" else "lab")
    placed = command.replace(SOCKET, '"${DOCKER_HOST#unix://}"')
    return run(lab, "bash", "-c", f"set -o pipefail; {placed}", topology=topology)


@pytest.mark.parametrize(
    ("page", "command", "shown"), commands(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_command_runs_as_shown(
    request: pytest.FixtureRequest, page: str, command: str, shown: tuple[str, ...]
) -> None:
    done = run_shell(request, command)
    assert done.returncode == 0, f"{page}: {command}: {done.stderr}"
    assert done.stdout or "until=0" in command
    assert_shown(shown, done.stdout + done.stderr)


@pytest.mark.parametrize(("page", "text"), blocks("console session"), ids=lambda value: value[:40])
def test_a_session_runs_as_shown(lab: dict[str, str], tmp_path: Path, page: str, text: str) -> None:
    """Commands of one shell, each with what the one before left."""
    script = "\n".join(line[2:] for line in text.splitlines() if line.startswith("$ "))
    done = run(lab, "bash", "-ec", script, folder=tmp_path)
    assert done.returncode == 0, f"{page}: {done.stderr}"
    assert_shown([line for line in text.splitlines() if not line.startswith("$ ")], done.stdout + done.stderr)


@pytest.mark.parametrize("socket", [True, False], ids=["unix", "tls"])
def test_the_curl_lines_run_as_they_stand_by_rawdock(request: pytest.FixtureRequest, socket: bool) -> None:
    lines = [
        re.sub(r"(^|[| (])(rawdock )?curl ", r"\1rawdock curl ", line)
        for line in curl_lines()
        if (SOCKET in line) == socket
    ]
    done = run_shell(request, "\n".join(f'[ -n "$({line})" ] || echo failed: {shlex.quote(line)}' for line in lines))
    assert lines and (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.parametrize(("page", "program"), blocks("python"), ids=lambda value: value[:20].split("\n")[0])
def test_a_program_runs_as_shown(
    lab: dict[str, str], page: str, program: str, site: Path, request: pytest.FixtureRequest
) -> None:
    if ".pull(" in program:
        request.getfixturevalue("hub")
    done = run(lab, sys.executable, "-W", "error", "-c", program, folder=site)
    assert (done.returncode, done.stderr) == (0, ""), page  # a ResourceWarning only shows there


def test_the_pages_show_commands() -> None:
    assert len(commands()) > 10 and blocks("python") and len(curl_lines()) > 30
