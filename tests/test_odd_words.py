"""Words as people and scripts give them: bytes that are no text, `--`, a switch with true or false behind it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_each_commands import ran
from wire_daemon import reply

from rawdock.cli import main
from rawdock.cli.console import Console

ODD = "\udcff"  # the byte 0xff of a command line, as Python has it


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (f"rm {ODD}", "DELETE /v1.41/containers/%FF HTTP/1.1"),
        (f"call ContainerDelete id={ODD}", "DELETE /v1.41/containers/%FF HTTP/1.1"),
        (f"save {ODD}", "GET /v1.41/images/get?names=%FF HTTP/1.1"),
        (f"get /x a=={ODD}", "GET /v1.41/x?a=%FF HTTP/1.1"),
    ],
)
def test_a_byte_that_is_no_text_is_sent_as_that_byte(tmp_path: Path, words: str, line: str) -> None:
    code, _, lines = ran(tmp_path, words, reply(b'{"message":"none"}', "404 Not Found"))
    assert (code in (1, 4), lines) == (True, [line])


@pytest.mark.parametrize("words", [f"rm --curl {ODD}", f"run --curl --name {ODD} x", f"explain docker rm {ODD}"])
def test_a_byte_that_is_no_text_can_be_told(words: str) -> None:
    out = io.BytesIO()
    console = Console(out, io.StringIO(), io.BytesIO(), {"DOCKER_HOST": "unix:///none", "DOCKER_API_VERSION": "1.41"})
    assert main(words.split(), console) == 0
    assert b"%FF" in out.getvalue()


def test_a_working_folder_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    script = f'cd "$1" && rmdir "$1" && exec "{sys.executable}" -m rawdock run -v ./x:/x alpine'
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    argv = ["sh", "-c", script, "sh", str(tmp_path)]
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (2, "rawdock: the working folder is gone; cd to one that is there\n")
