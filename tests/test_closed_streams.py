"""Standard input, output and error as a shell may leave them: closed, full, or with a reader that has gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from wire_daemon import DAEMON, WireDaemon

RAWDOCK = f"{sys.executable} -m rawdock"


def shell(command: str) -> tuple[int, str, str]:
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


def test_a_closed_standard_output_is_one_sentence() -> None:
    sentence = "rawdock: standard output is closed; give it /dev/null instead\n"
    assert shell(f"{RAWDOCK} get /_ping >&-") == (2, "", sentence)


def test_a_closed_standard_input_is_an_empty_one(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", DAEMON) as daemon:
        code, out, err = shell(f"{RAWDOCK} head -H {daemon.url} /version <&-")
    assert (code, err, out.partition("\n")[0]) == (0, "", "HTTP/1.1 200 OK")


def test_with_a_closed_standard_error_the_answer_comes_all_the_same(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", DAEMON) as daemon:
        code, out, _ = shell(f"{RAWDOCK} get -i -H {daemon.url} /version 2>&-")
    assert (code, out.partition("\n")[0]) == (0, "HTTP/1.1 200 OK")


def test_what_is_wrong_has_its_exit_code_with_a_closed_standard_error() -> None:
    assert shell(f"{RAWDOCK} nosuch 2>&-")[0] == 2


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize("stderr", ["/dev/full", "&1 | true"])
def test_the_exit_code_stays_where_the_sentence_cannot_be_written(tmp_path: Path, stderr: str) -> None:
    command = f"{{ {RAWDOCK} get -H unix://{tmp_path}/none /version; echo $? > {tmp_path}/code; }} 2>{stderr}"
    shell(command)
    assert (tmp_path / "code").read_text() == "6\n"
