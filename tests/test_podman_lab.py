"""What the stand-ins make of a real Podman, where the docker CLI is no judge of them (engine.docker_is_no_judge)."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import engine
import pytest
from test_standins_lab import docker, host, pytestmark

from rawdock import SyncClient

pytestmark = [
    *pytestmark,
    pytest.mark.skipif(not engine.PODMAN, reason="asks a Podman: scripts/test --engine podman-5.4"),
]
__all__ = ["host"]  # used by pytest

IMAGE = "rawdock-lab:1"
Answer = tuple[int, str, str]


def rawdock(host: str, *words: str, stdin: bytes = b"") -> Answer:
    """(exit code, stdout, stderr)"""
    argv = [sys.executable, "-m", "rawdock", "-H", host, *words]
    done = subprocess.run(argv, input=stdin, capture_output=True, check=False, timeout=60)
    assert b"Traceback" not in done.stderr
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode()


@pytest.fixture
def name(host: str) -> Iterator[str]:
    chosen = f"podman-{uuid.uuid4().hex[:8]}"
    yield chosen
    docker(host, "rm", "-f", "-v", chosen)
    docker(host, "rmi", "-f", f"{chosen}:1")


def test_names_of_images_are_short_and_can_be_given_back(host: str, name: str) -> None:
    assert rawdock(host, "tag", IMAGE, f"{name}:1")[0] == 0
    _, listed, _ = rawdock(host, "images", "--format", "{{.Repository}}:{{.Tag}}")
    assert {IMAGE, f"{name}:1"} <= set(listed.split())
    assert rawdock(host, "ps", "-f", "name=web", "--format", "{{.Image}}")[1] == f"{IMAGE}\n"
    assert rawdock(host, "ps", "-f", "name=web", "--no-trunc", "--format", "{{.Image}}")[1] == f"{engine.IMAGE}\n"
    assert rawdock(host, "rmi", f"{name}:1") == (0, f"Untagged: {engine.full(name)}:1\n", "")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nothing-there"], 127, "executable file `nothing-there` not found in $PATH"),
        (["/etc"], 126, "the path `/etc` is not a regular file"),
    ],
    ids=["nothing-there", "/etc"],
)
def test_a_run_that_cannot_start_says_why_and_leaves_nothing(
    host: str, name: str, words: list[str], code: int, said: str
) -> None:
    found, out, err = rawdock(host, "run", "--rm", "--name", name, IMAGE, *words)
    assert (found, out, err.count("\n")) == (code, "", 1) and said in err
    with SyncClient(host) as client:  # Podman removes it behind its answer, mostly at once
        assert client.post(f"/containers/{name}/wait?condition=removed", timeout=20).status_code in (200, 404)
    assert docker(host, "ps", "-aqf", f"name={name}") == (0, "")


@pytest.mark.parametrize(("stream", "seen"), [("stdout", ("out\n", "")), ("stderr", ("", "err\n"))])
def test_run_shows_the_streams_that_were_asked_for_alone(host: str, stream: str, seen: tuple[str, str]) -> None:
    assert rawdock(host, "run", "--rm", "-a", stream, IMAGE, "sh", "-c", "echo out; echo err >&2") == (0, *seen)


def test_stats_top_and_inspect_have_whole_names(host: str) -> None:
    assert rawdock(host, "stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}}", "db", "app")[1] == "db 1\napp 1\n"
    code, out, _ = rawdock(host, "top", "web", "-eo", "pid,user,comm")
    assert code == 0 and [line.split() for line in out.splitlines()][:2] == [
        ["PID", "USER", "COMMAND"],
        ["1", "root", "httpd"],
    ]
    assert rawdock(host, "inspect", "-f", "{{.Name}} {{.State.Health}}", "web")[1].startswith("/web ")


def test_events_tell_a_container_from_create_to_remove(host: str, name: str) -> None:
    assert rawdock(host, "run", "--name", name, IMAGE, "true")[0] == 0
    argv = [sys.executable, "-m", "rawdock", "-H", host, "events", "--since", "10m", "-f", f"container={name}"]
    with subprocess.Popen([*argv, "--format", "{{.Action}}"], stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout and docker(host, "rm", name)[0] == 0
        seen: list[str] = []
        while "remove" not in seen:
            line = watching.stdout.readline()
            assert line, seen
            seen.append(line.strip())
        watching.terminate()
    assert [action for action in seen if action in ("create", "start", "die", "remove")] == [
        "create",
        "start",
        "die",
        "remove",
    ]


def test_logs_have_whole_seconds_or_nanoseconds_and_both_streams(host: str, name: str) -> None:
    assert rawdock(host, "run", "-d", "--name", name, IMAGE, "sh", "-c", "echo out; echo err >&2")[0] == 0
    assert docker(host, "wait", name) == (0, "0\n")
    assert rawdock(host, "logs", name) == (0, "out\n", "err\n")
    stamp, _, line = rawdock(host, "logs", "-t", name)[1].partition(" ")
    assert line == "out\n" and stamp.endswith("Z")
    assert rawdock(host, "logs", "--since", f"{stamp[:19]}Z", name)[1] == "out\n"


def test_a_build_that_fails_says_the_step_in_one_line(host: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM {IMAGE}\nRUN echo said; exit 7\n")
    code, out, err = rawdock(host, "build", "-t", f"{name}:1", str(tmp_path))
    assert (code, err.count("\n")) == (1, 1) and "said\n" in out and err.endswith("exit status 7\n")
    (tmp_path / "Dockerfile").write_text(f"FROM {IMAGE}\nLABEL a=b\n")
    assert rawdock(host, "build", "-t", f"{name}:1", str(tmp_path))[0] == 0
    assert rawdock(host, "inspect", "-f", "{{.Config.Labels.a}}", f"{name}:1")[1] == "b\n"


def test_what_leaves_input_unread_is_an_error_that_says_so(host: str) -> None:
    """Unless Podman, as it happens, has taken all of the input before it resets the connection."""
    code, out, err = rawdock(host, "exec", "-i", "web", "true", stdin=bytes(5_000_000))
    if code:
        assert code == 8 and "exec of 'true' in web broke off: the connection was lost" in err
    else:
        assert (out, err) == ("", "")


def test_version_and_info_say_what_stands_there(host: str) -> None:
    _, said, _ = rawdock(host, "version")
    assert " Podman Engine:\n" in said and "\\n" not in said
    assert json.loads(rawdock(host, "info", "-f", "json")[1])["ServerVersion"].startswith(engine.NAME.partition("-")[2])
