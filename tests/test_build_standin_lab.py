"""`rawdock build` beside `docker build` of the classic builder on the same daemon."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import engine
import pytest
from pseudo_terminal import PseudoTerminal
from screen import screen
from test_standins_lab import docker, host, pytestmark

pytestmark = [*pytestmark, pytest.mark.slow]
__all__ = ["host"]  # used by pytest

BASE = "FROM rawdock-lab:1\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to build, with another Dockerfile beside it."""
    monkeypatch.setenv("DOCKER_BUILDKIT", "0")
    monkeypatch.setenv("FROM_HERE", "here")
    inside = tmp_path / "app"
    (inside / "sub").mkdir(parents=True)
    (inside / "Dockerfile").write_text(
        f"{BASE}ARG A=none\nARG FROM_HERE\nRUN echo out $A $FROM_HERE\nRUN echo err >&2\nFROM rawdock-lab:1 AS second\n"
        "COPY . /x\nRUN ls -A /x /x/sub\n"
    )
    (inside / ".dockerignore").write_text("ignored\n")
    for name in ("ignored", "taken", "sub/b"):
        (inside / name).write_text(name * 1000)
    (inside / "sub" / "Other").write_text(f"{BASE}COPY taken /\nRUN wc -c /taken\n")
    (tmp_path / "Beside").write_text(f"{BASE}COPY . /x\nRUN ls -A /x\n")
    (tmp_path / "failing").mkdir()
    (tmp_path / "failing" / "dockerfile").write_text(f"{BASE}RUN exit 7\n")
    return tmp_path


@pytest.fixture
def name(host: str) -> Iterator[str]:
    chosen = f"built-{uuid.uuid4().hex[:8]}"
    yield chosen
    docker(host, "rmi", "-f", f"{chosen}:1")


def built(program: str, host: str, folder: Path, words: list[str], stdin: bytes = b"") -> tuple[int, str]:
    argv = ["docker"] if program == "docker" else [sys.executable, "-m", "rawdock"]
    argv += ["-H", host, "build", "--no-cache", "--force-rm", *words]
    done = subprocess.run(argv, cwd=folder, input=stdin, capture_output=True, timeout=60, check=False)
    assert b"Traceback" not in done.stderr
    text = re.sub(r"\b[0-9a-f]{12}\b|[0-9a-f]{64}", "ID", done.stdout.decode())
    return done.returncode, re.sub(r"\.dockerfile\.[0-9a-f]+", ".dockerfile.RANDOM", text)


CASES = [
    "app",
    "-t NAME:1 --build-arg A=some --build-arg FROM_HERE --label x=y app",
    "--target second app",
    "-f app/sub/Other app",
    "-q app",
    "failing",
    "--network none --add-host a:192.0.2.1 app",
    "app/sub",
    "nosuch",
]


@pytest.mark.parametrize("case", CASES)
def test_what_is_seen_is_the_same(host: str, folder: Path, name: str, case: str) -> None:
    words = case.replace("NAME", name).split()
    theirs, ours = built("docker", host, folder, words), built("rawdock", host, folder, words)
    assert ours[1] == theirs[1] and (ours[0] == theirs[0] or (theirs[0] == 1 and ours[0] in (2, 4)))
    if "NAME" in case:
        found = docker(host, "inspect", "-f", "{{.Config.Labels.x}}", f"{name}:1")
        assert found == (0, "y\n")


def archive(*files: tuple[str, str], zipped: bool = False) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz" if zipped else "w") as tar:
        for path, text in files:
            info = tarfile.TarInfo(path)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


@pytest.mark.parametrize(
    ("words", "stdin"),
    [
        (["-"], f"{BASE}RUN echo hello\n".encode()),
        (["-"], archive(("Dockerfile", f"{BASE}COPY x /\n"), ("x", "x"))),
        (["-"], archive(("Dockerfile", f"{BASE}COPY x /\n"), ("x", "x"), zipped=True)),
        (["-f", "other", "-"], archive(("other", f"{BASE}COPY x /\n"), ("x", "x"))),
        (["-f", "-", "app"], f"{BASE}COPY . /x\nRUN ls -A /x\n".encode()),
        (["-f", "Beside", "app"], b""),
    ],
    ids=["Dockerfile", "tar", "gzip", "tar with -f", "Dockerfile for a folder", "Dockerfile from elsewhere"],
)
def test_standard_input_and_other_dockerfiles(host: str, folder: Path, words: list[str], stdin: bytes) -> None:
    theirs, ours = built("docker", host, folder, words, stdin), built("rawdock", host, folder, words, stdin)
    sending = re.compile(r"Sending build context to Docker daemon +\S+")  # docker counts another fill
    assert theirs[0] == 0 and (ours[0], sending.sub("", ours[1])) == (theirs[0], sending.sub("", theirs[1]))


@pytest.mark.parametrize("quiet", [[], ["-q"]])
def test_the_identifier_is_written_only_when_it_is_known(host: str, folder: Path, quiet: list[str]) -> None:
    path = folder / "iid"
    path.write_text("stale")
    assert built("rawdock", host, folder, [*quiet, "--iidfile", "iid", "failing"])[0] == (1 if engine.PODMAN else 7)
    assert not path.exists()
    assert built("rawdock", host, folder, [*quiet, "--iidfile", "iid", "app/sub", "-f", "app/sub/Other"])[0] == 1
    assert built("rawdock", host, folder, [*quiet, "--iidfile", "iid", "app", "-f", "app/sub/Other"])[0] == 0
    assert docker(host, "inspect", "-f", "{{.Id}}", path.read_text())[1].strip() == path.read_text()


def test_a_terminal_ends_with_the_same_screen(host: str, folder: Path) -> None:
    (folder / "app" / "big").write_bytes(bytes(3_000_000))
    screens = []
    for program in (["docker"], [sys.executable, "-m", "rawdock"]):
        with PseudoTerminal([*program, "-H", host, "build", str(folder / "app")], 60, 200) as terminal:
            text = terminal.expect(rb"(?s).*Successfully built [^\n]*\n")[0].decode()
            assert terminal.wait() == 0
        lines = screen(text[text.index("Sending") :])
        screens.append([line for line in lines if line.startswith(("Sending", "Step", "Successfully"))])
    assert screens[0] == screens[1]


@pytest.mark.parametrize(
    "words",
    [
        ["-f", "-", "-"],
        ["-f", "x", "-"],
        ["-"],
        ["https://example.invalid/x.git"],
        ["-f", "nosuch", "app"],
        ["--build-arg", "=x", "app"],
        ["-t", "Capital", "app"],
        ["--iidfile", "app", "app"],
        ["--iidfile", "nosuch/iid", "-f", "nosuch", "app"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_built_is_one_sentence(folder: Path, words: list[str]) -> None:
    argv = [sys.executable, "-m", "rawdock", "-H", "unix:///nosuch", "build", *words]
    done = subprocess.run(argv, cwd=folder, input="", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (2, 1, ""), done.stderr
