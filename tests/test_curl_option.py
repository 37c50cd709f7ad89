"""--curl of every command: the lines, nothing sent, and a sentence where a command makes no request."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from certificates import authority
from context_store import write_context
from wire_daemon import HOLD, REQUEST, VERSION, WireDaemon, ping

from rawdock.cli import COMMANDS, main
from rawdock.cli.console import Console
from rawdock.cli.parser import whole_parser

ASKED = ["/_ping", "/version"]


def run(*words: str, environ: Mapping[str, str]) -> tuple[int, str, str]:
    """(exit code, stdout, stderr)"""
    out, err = io.BytesIO(), io.StringIO()
    code = main(words, Console(out, err, io.BytesIO(), environ))
    return code, out.getvalue().decode(), err.getvalue()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_knows_it(name: str) -> None:
    """`rawdock curl` reads its own words, and is the other direction."""
    commands = next(action.choices for action in whole_parser()._actions if isinstance(action.choices, dict))
    assert "--curl" in commands[name]._option_string_actions or name == "curl"


@pytest.mark.parametrize("words", ["ops", "op", "explain", "completion", "replay", "tap", "machine", "machine ip"])
def test_a_command_that_makes_no_request_says_so(tmp_path: Path, words: str) -> None:
    code, out, err = run(*words.split(), "--curl", environ={"MACHINE_STORAGE_PATH": str(tmp_path)})
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("rawdock: --curl: ") and "usage" not in err


def test_the_doctor_asks_what_its_lines_ask(tmp_path: Path) -> None:
    """And the lines are printed of a daemon that is not there."""
    url = f"unix://{tmp_path}/docker.sock"
    code, out, err = run("doctor", "--curl", "-H", url, environ={})
    place = f"curl -sS --unix-socket {tmp_path}/docker.sock http://localhost"
    assert (code, out, err) == (0, "".join(f"{place}{path}\n" for path in ASKED), "")
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, VERSION, HOLD]) as daemon:
        assert run("doctor", "-H", url, environ={})[0] == 0
    assert daemon.lines == [[f"GET {path} HTTP/1.1" for path in ASKED]]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
def test_its_lines_run_over_tls(tmp_path: Path) -> None:
    files = authority().folder(tmp_path / "made")
    with WireDaemon(tmp_path, "tls1.3", [REQUEST, ping(), HOLD], [REQUEST, VERSION, HOLD]) as daemon:
        environ = {"DOCKER_HOST": daemon.url, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(files)}
        _, script, _ = run("doctor", "--curl", environ=environ)
        assert daemon.connections == []
        done = subprocess.run(["sh", "-e"], input=script, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("OK{") and '"Version":"24.0.7"' in done.stdout


@pytest.mark.parametrize("words", [["endpoints"], ["doctor", "--all"]])
def test_several_daemons_are_asked_after_a_comment_each(tmp_path: Path, words: list[str]) -> None:
    write_context(tmp_path, "tcp", {"Host": "tcp://192.0.2.1:2375"}, [])
    write_context(tmp_path, "ssh", {"Host": "ssh://box"}, [])
    environ = {"DOCKER_CONFIG": str(tmp_path), "DOCKER_HOST": "ssh://in-use", "MACHINE_STORAGE_PATH": str(tmp_path)}
    code, out, err = run(*words, "--curl", environ=environ)
    lines = out.splitlines()
    place = lines.index("# context tcp: tcp://192.0.2.1:2375")
    assert (code, err) == (0, "")
    assert lines[place + 1 : place + 3] == [f"curl -sS --noproxy '*' http://192.0.2.1:2375{path}" for path in ASKED]
    assert any(line.startswith("#") and "curl speaks to a socket or over TCP, not by ssh" in line for line in lines)
    assert all(line.startswith(("# ", "curl ")) for line in lines)
    if words == ["endpoints"]:
        assert run(*words, "--curl", "--offline", environ=environ)[:2] == (0, "")


def test_the_lines_of_machine_ls(tmp_path: Path) -> None:
    folder = tmp_path / "machines" / "broken"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{")
    code, out, err = run("machine", "ls", "--curl", environ={"MACHINE_STORAGE_PATH": str(tmp_path)})
    assert (code, err, out.count("\n")) == (0, "", 1) and out.startswith("# broken: ")


def test_curl_takes_it_for_a_tidied_line() -> None:
    assert (
        run("curl", "--curl", "curl", "-XGET", "http://d/x", environ={})[1] == "curl -sS --noproxy '*' http://d:80/x\n"
    )
