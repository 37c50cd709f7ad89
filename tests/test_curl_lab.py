"""curl lines out and in against a real dockerd, over its Unix socket and over TLS: the same bytes come back."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import engine
import pytest

LAB = Path(__file__).resolve().parents[1] / "scripts" / "lab"
RAWDOCK = f"{sys.executable} -m rawdock"
PATHS = [
    "/_ping",
    "/version",
    "/v1.40/info/nosuch",
    "/images/json",
    "/containers/web/json",
    '/containers/json?filters={"name":["nosuch"]}',
    "/containers/web/archive?path=/bin",
    "/containers/web/logs?stdout=1&stderr=1",
    "/events?since=0&until=1",
]
SLOPPY = [
    ("-s http:/containers/json", "makes 'containers' the host and asks for /json"),
    ("-s http:/v1.24/images/json", "makes 'v1.24' the host and asks for /images/json without a version"),
    (
        """-s -d '{"Image":"rawdock-lab:1"}' http://d/v1.41/containers/create""",
        "a daemon reads JSON under its own alone",
    ),
    ("-sI http://d/v1.41/images/json -o /dev/null -w '%{http_code}'", "-I asks by HEAD"),
    ("""-s 'http://d/v1.41/containers/json?filters={"all":true}'""", "-g keeps them"),
    ("-sf http://d/v1.41/containers/nosuch/json -w '%{http_code}'", ""),
    ("-s -X POST http://d/v1.41/containers//start -w '%{http_code} %{redirect_url}'", ""),
]

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module", params=["native", "docker-machine"])
def lab(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """The words that run a command where the client is."""
    engine.skip_unless_in(request.param)
    words = [request.param, "--as", f"curl-{uuid.uuid4().hex[:8]}"]
    try:
        subprocess.run([LAB, "up", *words], check=True, capture_output=True, timeout=60)
        yield [str(LAB), "exec", *words]
    finally:
        subprocess.run([LAB, "down", *words], capture_output=True, timeout=60, check=False)


def run(lab: list[str], command: str) -> tuple[int, bytes, str]:
    done = subprocess.run(
        [*lab, "bash", "-c", command], capture_output=True, timeout=60, check=False, env={**os.environ}
    )
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.mark.parametrize("path", PATHS)
def test_the_printed_line_gives_the_bytes_that_get_gives(lab: list[str], path: str) -> None:
    code, line, err = run(lab, f"{RAWDOCK} get --curl {shlex.quote(path)}")
    assert (code, err) == (0, "")
    assert run(lab, line.decode())[:2] == (0, run(lab, f"{RAWDOCK} get {shlex.quote(path)}")[1])


@pytest.mark.parametrize("lab", ["native"], indirect=True)
@pytest.mark.parametrize(("words", "note"), SLOPPY)
def test_a_sloppy_line_does_by_the_daemon_what_the_note_says(lab: list[str], words: str, note: str) -> None:
    """And what curl's does: the same bytes and the same exit code."""
    place = '--unix-socket "${DOCKER_HOST#unix://}"'
    theirs = run(lab, f"curl {place} {words}")
    code, out, err = run(lab, f"{RAWDOCK} curl {place} {words}")
    assert (code, out) == theirs[:2]
    if not engine.PODMAN:  # which takes JSON under any name, and answers HEAD
        assert note in err and err.count("rawdock: note: ") == bool(note)


READING = [
    *("doctor", "endpoints", "parity", "machine ls", "version", "images --filter reference=rawdock*", "network ls"),
    *("volume ls", "inspect web", "logs web", "events --since 0 --until 1", "call SystemVersion"),
    "top --curl web",  # behind the name it would be an option of ps
]
CHANGING = [  # a command, and what tells that it was done
    ("stop -t 0 NAME", "inspect -f {{.State.Status}} NAME", "exited"),
    ("start NAME", "inspect -f {{.State.Status}} NAME", "running"),
    ("restart -t 0 NAME", "inspect -f {{.State.Status}} NAME", "running"),
    ("kill NAME", "wait NAME", "137"),
    ("network create NAME", "network ls -q --filter name=NAME --format {{.Name}}", "NAME"),
    ("network connect --alias other NAME NAME", "inspect -f '{{len .NetworkSettings.Networks}}' NAME", "2"),
    ("network disconnect NAME NAME", "inspect -f '{{len .NetworkSettings.Networks}}' NAME", "1"),
    ("network rm NAME", "network ls -q --filter name=NAME", ""),
    ("volume create --label a=b NAME", "volume inspect -f '{{.Labels.a}}' NAME", "b"),
    ("volume rm NAME", "volume ls -q --filter name=NAME", ""),
    ("tag rawdock-lab:1 NAME:2", "images NAME --format {{.Repository}}:{{.Tag}} | grep NAME", "NAME:2"),
    ("rmi NAME:2", "images -q NAME", ""),
    ("rm NAME", "ps -aq --filter name=NAME", ""),
]


@pytest.mark.parametrize("words", READING)
def test_the_lines_of_what_asks_the_daemon_run(lab: list[str], words: str) -> None:
    """Each gives what the daemon's own address gives by `rawdock get`."""
    code, script, err = run(lab, f"{RAWDOCK} {words if '--curl' in words else f'{words} --curl'}")
    assert (code, err) == (0, "")
    here = run(lab, 'printf %s "${DOCKER_HOST#*://}"')[1].decode()
    lines = [line for line in script.decode().splitlines() if here in line and not line.startswith("#")]
    assert lines or ("native" in lab and words == "machine ls")
    for line in lines:
        path = shlex.split(line)[-1].partition("://")[2].partition("/")[2]
        if not path.endswith(("info", "containers/json?all=1")):  # which move
            ours = run(lab, f"{RAWDOCK} get --raw {shlex.quote(f'/{path}')}")[1]
            code, theirs, err = run(lab, line)
            assert (code, err) == (0, "")
            # In 20.10 the networks are in the order of a Go map, another each time.
            assert theirs == ours or (path.endswith("networks") and sorted(theirs) == sorted(ours))


@pytest.mark.parametrize("lab", ["native"], indirect=True)
def test_the_lines_of_what_changes_something_do_it(lab: list[str]) -> None:
    name = f"curled-{uuid.uuid4().hex[:8]}"
    assert run(lab, f"{RAWDOCK} run -d --name {name} rawdock-lab:1 sleep 1000")[0] == 0
    try:
        for words, told_by, told in CHANGING:
            code, script, err = run(lab, f"{RAWDOCK} {words.replace('NAME', name)} --curl")
            assert (code, err) == (0, "")
            assert run(lab, f"set -e\n{script.decode()}")[0] == 0
            said = run(lab, f"{RAWDOCK} {told_by.replace('NAME', name)}")
            assert (words, said[1].decode().strip()) == (words, told.replace("NAME", name))
    finally:
        run(lab, f"{RAWDOCK} rm -f {name}")


def test_the_lines_of_a_probe_run_as_a_script_and_leave_nothing(lab: list[str]) -> None:
    before = run(lab, f"{RAWDOCK} ps -aq; {RAWDOCK} images -q")
    code, script, err = run(lab, f"{RAWDOCK} probe --curl")
    assert (code, err) == (0, "")
    assert run(lab, f"{RAWDOCK} ps -aq; {RAWDOCK} images -q") == before  # printing has made nothing
    code, out, err = run(lab, script.decode())
    assert (code, err) == (0, "")
    # The listeners were read, in the VM what its bridges say of docker-proxy, and the probes made.
    _, reading, *_, probing = runs = out.split(b"agent 2\n")
    assert len(runs) == (4 if "docker-machine" in lab else 3)
    assert b"local_address rem_address" in reading and b" quiet 0 " in probing
    assert f'{{"Untagged":"{engine.full("rawdock-probe:")}'.encode() in probing
    assert run(lab, f"{RAWDOCK} ps -aq; {RAWDOCK} images -q") == before


def test_the_lines_of_cleaning_after_probes_list_what_would_go(lab: list[str]) -> None:
    assert run(lab, f"{RAWDOCK} probe --clean --curl | sh")[:2] == (0, b"[]\n[]\n")
