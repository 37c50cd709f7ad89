"""Words as people and scripts give them: bytes that are no text, `--`, a switch with true or false behind it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_each_commands import ran
from wire_daemon import DAEMON, WireDaemon, reply

from rawdock.cli import main
from rawdock.cli.console import Console

ODD = "\udcff"  # the byte 0xff of a command line, as Python has it


def told(words: str) -> str:
    """What a command prints that sends nothing."""
    out, err = io.BytesIO(), io.StringIO()
    console = Console(out, err, io.BytesIO(), {"DOCKER_HOST": "unix:///none", "DOCKER_API_VERSION": "1.41"})
    assert (main(words.split(), console), err.getvalue()) == (0, "")
    return out.getvalue().decode()


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
    assert "%FF" in told(words)


def test_a_working_folder_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    script = f'cd "$1" && rmdir "$1" && exec "{sys.executable}" -m rawdock run -v ./x:/x alpine'
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    argv = ["sh", "-c", script, "sh", str(tmp_path)]
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (2, "rawdock: the working folder is gone; cd to one that is there\n")


@pytest.mark.parametrize(
    ("words", "same"),
    [
        ("ps --curl -a=true", "ps --curl -a"),
        ("ps --curl -a --all=false", "ps --curl"),
        ("ps --curl --all=0 -a", "ps --curl -a"),
        ("ps --curl --", "ps --curl"),
        ("run --curl --rm=true -i=1 x", "run --curl --rm -i x"),
        ("run --curl -ti=false x y", "run --curl -t x y"),
        ("run --curl --rm --rm=F x", "run --curl x"),
        ("run --curl -e=A=1 -eB=2 x", "run --curl -e A=1 --env B=2 x"),
        ("run --curl --sig-proxy=false x", "run --curl x"),
        ("network rm --curl=true a b", "network rm --curl a b"),
        ("network ls --curl --no-trunc=true --quiet=false", "network ls --curl"),
        ("explain --as curl docker ps --all=true", "explain --as curl docker ps -a"),
    ],
)
def test_a_switch_takes_true_or_false(words: str, same: str) -> None:
    assert told(words) == told(same)


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("run --curl x -- y", ["--", "y"]),
        ("run --curl -- x y -- z", ["y", "--", "z"]),
        ("run --curl x --rm=true -i", ["--rm=true", "-i"]),
        ("exec --curl x -- y", ["--", "y"]),
        ("exec --curl -e A=1 x y --env=B", ["y", "--env=B"]),
    ],
)
def test_what_stands_behind_the_container_is_the_programs(words: str, command: list[str]) -> None:
    assert f'"Cmd":{json.dumps(command, separators=(",", ":"))}' in told(words)


def test_sizes_are_asked_for_where_a_template_shows_them() -> None:
    said = io.BytesIO()
    console = Console(said, io.StringIO(), io.BytesIO(), {"DOCKER_HOST": "unix:///none", "DOCKER_API_VERSION": "1.41"})
    assert main(["ps", "--curl", "--format", "{{json .}}"], console) == 0
    assert b"size=1" in said.getvalue()


def test_several_names_may_have_an_option_between_them() -> None:
    assert told("volume rm --curl a -f b") == told("volume rm --curl -f a b")


def test_what_is_neither_true_nor_false_is_said() -> None:
    err = io.StringIO()
    assert main(["ps", "--all=maybe"], Console(io.BytesIO(), err, io.BytesIO(), {})) == 2
    assert err.getvalue() == "rawdock: --all=maybe: 'maybe' is neither true nor false; write one of them, or nothing\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("run -it x", "-t needs a terminal, and standard input is none; "),
        ("run --detach-keys nokey x", "--detach-keys 'nokey': 'nokey' is no key; "),
        (
            "run --security-opt seccomp=/none.json x",
            "--security-opt: the profile '/none.json' cannot be read: No such file",
        ),
    ],
)
def test_what_is_wrong_is_said_before_a_container_is_made(tmp_path: Path, words: str, sentence: str) -> None:
    with WireDaemon(tmp_path, "unix", DAEMON) as daemon:
        argv = [sys.executable, "-m", "rawdock", "-H", daemon.url, *words.split()]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, daemon.lines) == (2, [])
    assert done.stderr.startswith(f"rawdock: {sentence}")


def test_a_seccomp_profile_is_sent_itself(tmp_path: Path) -> None:
    profile = tmp_path / "profile.json"
    profile.write_text('{ "defaultAction": "SCMP_ACT_ALLOW" }')
    sent = told(f"run --curl --security-opt seccomp={profile} --security-opt seccomp=unconfined x")
    assert r'"SecurityOpt":["seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\"}","seccomp=unconfined"]' in sent


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("none/id", "cannot be written: No such file or directory; give another name"),
        ("", "is there already; remove it"),
    ],
)
def test_an_identifiers_file_that_cannot_be_is_said_before_a_container_is_made(
    tmp_path: Path, name: str, sentence: str
) -> None:
    err = io.StringIO()
    with WireDaemon(tmp_path, "unix", DAEMON) as daemon:
        words = ["-H", daemon.url, "run", "--cidfile", str(tmp_path / name), "x"]
        assert main(words, Console(io.BytesIO(), err, io.BytesIO(), {})) == 2
    assert sentence in err.getvalue() and daemon.lines == []


def test_an_identifiers_file_is_gone_again_where_no_container_was_made(tmp_path: Path) -> None:
    path = tmp_path / "id"
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    refused = reply(b'{"message":"no"}', "409 Conflict")
    assert ran(tmp_path / "a", f"run -d --cidfile {path} x", refused)[0] == 125
    assert not path.exists()
    made = reply(b'{"Id":"abc"}', "201 Created")
    assert ran(tmp_path / "b", f"run -d --cidfile {path} x", made, reply(b"", "204 No Content"))[0] == 0
    assert path.read_text() == "abc"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--timeout 1 ps", "--timeout; see `rawdock --help`"),
        ("-l debug ps", "-l; see `rawdock --help`"),
        ("network --nope 1 ls", "--nope; see `rawdock network --help`"),
        ("--config /x ps", "--config; set DOCKER_CONFIG to the folder"),
        (
            "--tlscacert=/x/ca.pem ps",
            "--tlscacert; set DOCKER_CERT_PATH to the folder that has ca.pem, cert.pem and key.pem",
        ),
    ],
)
def test_the_value_of_an_unknown_option_is_not_taken_for_a_command(words: str, sentence: str) -> None:
    err = io.StringIO()
    assert main(words.split(), Console(io.BytesIO(), err, io.BytesIO(), {})) == 2
    assert err.getvalue() == f"rawdock: unrecognized arguments: {sentence}\n"


def test_of_words_that_mean_nothing_the_options_are_named() -> None:
    err = io.StringIO()
    assert main(["build", "--progress", "plain", "."], Console(io.BytesIO(), err, io.BytesIO(), {})) == 2
    assert err.getvalue() == "rawdock: unrecognized arguments: --progress; see `rawdock build --help`\n"


def test_a_detached_container_that_does_not_start_is_named(tmp_path: Path) -> None:
    refused = reply(b'{"message":"no such device"}', "500 Internal Server Error")
    code, said, _ = ran(tmp_path, "run -d x", reply(b'{"Id":"abc","Warnings":[]}', "201 Created"), refused)
    assert (code, said.printed) == (125, "abc\n")
