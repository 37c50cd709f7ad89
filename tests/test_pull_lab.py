"""`rawdock pull`, `push` and `run` of an absent image beside the docker CLI, against a real registry in the lab."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import engine
import pytest
from lab_registry import ADDRESS, USER, fill, registry
from pseudo_terminal import PseudoTerminal
from screen import screen
from test_standins_lab import docker, host, pytestmark, rawdock

__all__ = ["host", "pytestmark"]  # used by pytest

NAME = f"{ADDRESS}/team/app"


@pytest.fixture(scope="module")
def hub(host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The daemon, a registry with two tags beside it, whose password the environment's config.json has."""
    lab, folder = Path(host.removeprefix("unix://")).parent, tmp_path_factory.mktemp("registry")
    config = folder / "config"
    config.mkdir()
    (config / "config.json").write_text(json.dumps({"auths": {ADDRESS: {"auth": "YW5uOndvcmQ="}}}))
    with registry(lab, folder, login=True), pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_CONFIG", str(config))
        for tag in ("latest", "2"):
            fill(lab, f"team/app:{tag}", USER)
        yield host


@pytest.fixture
def absent(hub: str) -> Iterator[str]:
    yield hub
    remove(hub)


def remove(host: str) -> None:
    for name in docker(host, "images", "--format", "{{.Repository}}:{{.Tag}}", NAME)[1].split():
        docker(host, "rmi", "-f", name)


def lines(text: str) -> list[str]:
    """In an order of their own, for layers end as they end, and the daemon drops what it has no time to say."""
    return sorted(
        line for line in text.splitlines() if not line.endswith((": Verifying Checksum", ": Download complete"))
    )


@pytest.mark.parametrize("words", [[NAME], [f"{NAME}:2"], ["-q", NAME], ["-a", NAME]], ids=" ".join)
def test_a_pull_shows_the_same(absent: str, words: list[str]) -> None:
    theirs = docker(absent, "pull", *words)
    remove(absent)
    ours = rawdock(absent, "pull", *words)
    assert (ours[0], lines(ours[1])) == (theirs[0], lines(theirs[1])) and theirs[0] == 0
    assert len(docker(absent, "images", "-q", NAME)[1].split()) == (2 if "-a" in words and not engine.PODMAN else 1)
    assert rawdock(absent, "pull", *words) == docker(absent, "pull", *words)  # which is up to date


def test_a_pull_in_a_terminal_ends_with_the_same_screen(absent: str) -> None:
    screens = []
    last = (
        rb"(?s).*127[^\n]*:latest\r\n" if engine.PODMAN else rb"(?s).*\n127[^\n]*:latest\r\n"
    )  # not that of "Status:"
    for program in (["docker"], [sys.executable, "-m", "rawdock"]):
        remove(absent)
        with PseudoTerminal([*program, "-H", absent, "pull", NAME], 40, 120) as terminal:
            screens.append(screen(terminal.expect(last)[0].decode()))
            assert terminal.wait() == 0
    assert screens[0] == screens[1] and any(
        line.endswith((": Pull complete", ": Download complete")) for line in screens[0]
    )


def test_a_push_shows_the_same(absent: str) -> None:
    for tag in ("latest", "2"):
        docker(absent, "pull", f"{NAME}:{tag}")
    for words in ([NAME], ["-q", f"{NAME}:2"], *([] if engine.PODMAN else [["-a", NAME]])):
        theirs, ours = docker(absent, "push", *words), rawdock(absent, "push", *words)
        assert (ours[0], lines(ours[1])) == (theirs[0], lines(theirs[1])) and theirs[0] == 0


@pytest.mark.parametrize("reference", [f"{NAME}:nosuch", "Capital", f"{ADDRESS}/nosuch/there"])
def test_what_is_not_there_is_said_in_a_sentence(hub: str, reference: str) -> None:
    argv = [sys.executable, "-m", "rawdock", "-H", hub, "pull", reference]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode in (2, 4, 5) and done.stderr.startswith("rawdock: ") and "Traceback" not in done.stderr
    assert "word" not in done.stderr and "YW5u" not in done.stderr


def test_run_shows_the_pull_of_an_absent_image_on_stderr(absent: str) -> None:
    seen = []
    for program in (["docker"], [sys.executable, "-m", "rawdock"]):
        remove(absent)
        argv = [*program, "-H", absent, "run", "--rm", NAME, "echo", "hello"]
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        assert done.stdout == "hello\n"
        seen.append(lines(done.stderr))
    assert seen[0] == seen[1]
