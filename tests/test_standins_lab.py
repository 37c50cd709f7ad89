"""Each stand-in beside the docker CLI on the same daemon: the same visible result."""

from __future__ import annotations

import json
import os
import re
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


AGE = re.compile(r"(?:About an? \w+|Less than a second|\d+ (?:second|minute|hour)s?)(?: ago)?")


def assert_same(host: str, *words: str) -> None:
    """The same, or the same but for ages, which go on between two calls, and the columns' widths, which go with them."""
    theirs, ours = docker(host, *words), rawdock(host, *words)
    if ours != theirs:
        assert [ours[0], _ageless(ours[1])] == [theirs[0], _ageless(theirs[1])]


def _ageless(text: str) -> str:
    return re.sub(" +", " ", AGE.sub("AGE", text))


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


@pytest.mark.parametrize(
    "words",
    [
        ["web", "ls", "/"],
        ["web", "sh", "-c", "echo out; echo err >&2; exit 7"],
        ["-e", "A=1", "-e", "HOME=/x", "-w", "/tmp", "-u", "nobody", "web", "sh", "-c", "echo $A $HOME; pwd; id -u"],
        ["-t", "web", "sh", "-c", "test -t 1 && echo terminal"],
        ["-d", "web", "true"],
        ["web", "nothing-there"],
        ["web", "/"],
        ["--privileged", "web", "true"],
        ["web", "sh", "-c", "kill -9 $$"],
        ["web", "echo", "-i", "--", "-v"],
    ],
    ids=" ".join,
)
def test_exec(host: str, words: list[str]) -> None:
    assert_same(host, "exec", *words)


def test_ps_shows_the_short_name_of_an_image_named_in_full(host: str) -> None:
    name = f"named-{uuid.uuid4().hex[:8]}"
    assert docker(host, "create", "--name", name, "docker.io/library/rawdock-lab:1", "true")[0] == 0
    try:
        asked = ["ps", "-a", "-f", f"name={name}", "--format", "{{.Image}}"]
        assert rawdock(host, *asked) == docker(host, *asked) == (0, "rawdock-lab:1\n")
        assert_same(host, *asked, "--no-trunc")
    finally:
        docker(host, "rm", name)


def test_ps_as_json(host: str) -> None:
    (_, theirs), (_, ours) = docker(host, "ps", "--format", "json"), rawdock(host, "ps", "--format", "json")
    fields = [[json.loads(line) for line in text.splitlines()] for text in (theirs, ours)]
    for row in fields[0] + fields[1]:
        row.pop("RunningFor"), row.pop("Status")  # which go on
    assert fields[0] == fields[1]


def run_curl(host: str, *words: str) -> str:
    """What a shell makes of the lines that --curl prints."""
    code, script = rawdock(host, words[0], "--curl", *words[1:])
    assert code == 0
    done = subprocess.run(["sh", "-e"], input=script, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def test_the_curl_line_of_ps_gives_what_ps_is_made_of(host: str) -> None:
    listed = json.loads(run_curl(host, "ps", "-a", "--filter", "name=^/web$"))
    assert [container["Names"] for container in listed] == [["/web"]]


def test_the_curl_lines_of_exec_run_the_command(host: str) -> None:
    assert "it's $HOME\n" in run_curl(host, "exec", "-w", "/tmp", "web", "echo", "it's $HOME")


def test_the_curl_lines_of_run_make_a_container_and_show_its_output(host: str) -> None:
    name = f"curled-{uuid.uuid4().hex[:8]}"
    try:
        said = run_curl(host, "run", "--name", name, "-e", "A=b c", "rawdock-lab:1", "sh", "-c", 'echo "<$A>"; exit 7')
        assert "<b c>\n" in said and '"StatusCode":7' in said
        assert docker(host, "inspect", "-f", "{{.State.ExitCode}}", name) == (0, "7\n")
    finally:
        docker(host, "rm", "-f", name)


def test_curl_lines_are_printed_without_sending_anything(host: str) -> None:
    before = docker(host, "ps", "-aq")
    assert rawdock(host, "run", "--curl", "-d", "rawdock-lab:1", "true")[0] == 0
    assert docker(host, "ps", "-aq") == before


def test_a_field_that_no_container_has_is_said(host: str) -> None:
    argv = [sys.executable, "-m", "rawdock", "-H", host, "ps", "--format", "{{.Nmes}}"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--format '{{.Nmes}}': there is no field .Nmes; fields are ID, Image," in done.stderr


def test_the_curl_lines_of_cp_and_save_move_files(host: str, tmp_path: Path) -> None:
    (tmp_path / "it's").write_text("in and out")
    run_curl(host, "cp", str(tmp_path / "it's"), "web:/tmp")
    (tmp_path / "back").mkdir()
    run_curl(host, "cp", "web:/tmp/it's", f"{tmp_path}/back/x")
    assert (tmp_path / "back" / "it's").read_text() == "in and out"
    run_curl(host, "save", "-o", f"{tmp_path}/image.tar", "rawdock-lab:1")
    assert (tmp_path / "image.tar").stat().st_size > 1_000_000
