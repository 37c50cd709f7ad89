"""`rawdock endpoints`: every candidate in order, taken or skipped and why, alive or not. Captured addresses are only read."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from context_store import lay_out, make_current, write_context
from wire_daemon import DAEMON, HOLD, REQUEST, WireDaemon, reply

from rawdock.cli import main
from rawdock.cli.console import Console

ORDER = ["--context", "-H", "DOCKER_HOST", "DOCKER_CONTEXT", "currentContext"]


def run(*arguments: str, environ: Mapping[str, str]) -> tuple[int, str, str]:
    """(exit code, stdout, stderr)"""
    out, err = io.BytesIO(), io.StringIO()
    code = main(["endpoints", *arguments], Console(out, err, io.BytesIO(), environ))
    return code, out.getvalue().decode(), err.getvalue()


def rows(*arguments: str, environ: Mapping[str, str]) -> list[dict[str, Any]]:
    found = json.loads(run("--json", *arguments, environ=environ)[1])["candidates"]
    assert isinstance(found, list)
    return found


def taken(found: list[dict[str, Any]]) -> dict[str, Any]:
    (one,) = [row for row in found if row["taken"]]
    return one


def named(found: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The first of that name: an engine may have two places."""
    return next(row for row in found if row["name"] == name)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Nobody's: an empty home."""
    return {"HOME": str(tmp_path / "home"), "XDG_RUNTIME_DIR": str(tmp_path / "runtime")}


def machine(tmp_path: Path, name: str, config: dict[str, Any]) -> dict[str, str]:
    folder = tmp_path / "store" / "machines" / name
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    return {"MACHINE_STORAGE_PATH": str(tmp_path / "store")}


def test_the_candidates_stand_in_the_order_in_which_they_decide(tmp_path: Path, environ: dict[str, str]) -> None:
    lay_out(tmp_path / "config", "plainctx")
    environ |= machine(tmp_path, "dev", {"DriverName": "generic", "Driver": {"IPAddress": "192.0.2.7"}})
    environ |= {"DOCKER_CONFIG": str(tmp_path / "config")}
    found = rows("--offline", environ=environ)
    names = [row["name"] for row in found]
    assert names[:5] == ORDER
    assert names[5:7] == ["context a.b+c_d-E1", "context badh"]
    after = names[names.index("default") :]
    assert after[:3] == ["default", "machine dev", "rootless Docker"] and after[-1] == "Podman"
    assert "context plainctx" not in names, "it has the line of currentContext"
    assert [row["why"] for row in found[:5]] == ["not given", "not given", "not set", "not set", "taken"]
    assert named(found, "context tlsctx")["why"] == "take it with --context tlsctx"
    assert named(found, "machine dev")["endpoint"] == "tcp://192.0.2.7:2376"
    assert all(row["alive"] in (None, False) and row["version"] is None for row in found)


@pytest.mark.parametrize(
    ("words", "variables", "name", "context"),
    [
        (["--context", "tlsctx"], {"DOCKER_HOST": "unix:///h", "DOCKER_CONTEXT": "noh"}, "--context", "tlsctx"),
        (["-H", "unix:///o"], {"DOCKER_HOST": "unix:///h", "DOCKER_CONTEXT": "noh"}, "-H", None),
        ([], {"DOCKER_HOST": "unix:///h", "DOCKER_CONTEXT": "noh"}, "DOCKER_HOST", None),
        ([], {"DOCKER_CONTEXT": "noh"}, "DOCKER_CONTEXT", "noh"),
        ([], {}, "currentContext", "plainctx"),
        ([], {"DOCKER_CONFIG": "/nowhere"}, "default", None),
    ],
)
def test_one_is_taken_and_the_others_say_what_came_first(
    tmp_path: Path, environ: dict[str, str], words: list[str], variables: dict[str, str], name: str, context: str | None
) -> None:
    environ |= {"DOCKER_CONFIG": str(lay_out(tmp_path / "config", "plainctx")), **variables}
    found = rows("--offline", *words, environ=environ)
    assert (taken(found)["name"], taken(found)["context"]) == (name, context)
    skipped = [
        row["why"] for row in found if row["endpoint"] and not row["taken"] and row["name"] in [*ORDER, "default"]
    ]
    assert set(skipped) <= {f"{name} comes first"} and (skipped or name == "default")


def test_the_machine_options_have_a_line_when_given(tmp_path: Path, environ: dict[str, str]) -> None:
    environ |= machine(tmp_path, "dev", {"DriverName": "generic", "Driver": {"IPAddress": "192.0.2.7"}})
    found = rows("--offline", "--machine", "dev", environ=environ)
    assert (found[0]["name"], found[0]["taken"], found[0]["machine"]) == ("--machine", True, "dev")
    assert not [row for row in found[1:] if row["name"] == "machine dev"]
    text = tmp_path / "env"
    text.write_text('export DOCKER_HOST="unix:///x"\n')
    assert taken(rows("--offline", "--machine-env", str(text), environ=environ))["endpoint"] == "unix:///x"


def test_two_options_that_contradict_each_other_are_an_error_without_a_table(environ: dict[str, str]) -> None:
    assert run("-H", "unix:///x", "--context", "y", "--offline", environ=environ) == (
        2,
        "",
        "rawdock: -H and --context each name a daemon; give one of them\n",
    )


@pytest.mark.parametrize("config", ['{"currentContext": "ghost"}', "{broken"])
def test_what_decides_and_names_no_daemon_has_its_line_and_its_error(
    tmp_path: Path, environ: dict[str, str], config: str
) -> None:
    (tmp_path / "config.json").write_text(config)
    environ |= {"DOCKER_CONFIG": str(tmp_path)}
    code, out, err = run("--offline", environ=environ)
    words = "there is no context 'ghost'" if "ghost" in config else "is no JSON object"
    assert code == 2 and words in err and words in out
    assert "* currentContext" in out and "default         unix:///var/run/docker.sock" in out
    code, out, err = run("--offline", environ={**environ, "DOCKER_HOST": "unix:///x"})
    assert (code, err) == (0, "") and "* DOCKER_HOST" in out and words in out


def test_with_tls_the_default_is_another_and_the_default_socket_has_a_line_of_its_own(environ: dict[str, str]) -> None:
    found = rows("--offline", environ={**environ, "DOCKER_TLS": "1"})
    assert taken(found)["endpoint"] == "tcp://localhost:2376" and taken(found)["tls"]["verify"] is False
    assert named(found, "default socket")["endpoint"] == "unix:///var/run/docker.sock"
    assert "default socket" not in [row["name"] for row in rows("--offline", environ=environ)]


def test_a_damaged_machine_or_context_spoils_its_own_line_only(tmp_path: Path, environ: dict[str, str]) -> None:
    environ |= machine(tmp_path, "dev", {"ConfigVersion": 9})
    environ |= {"DOCKER_CONFIG": str(lay_out(tmp_path / "config")), "DOCKER_HOST": "unix:///x"}
    found = rows("--offline", environ=environ)
    assert "ConfigVersion 9" in named(found, "machine dev")["problem"]
    assert "has no port" in named(found, "context noport")["problem"]
    assert "scheme 'foo'" in named(found, "context badh")["problem"]


# Alive


def test_each_is_asked_and_its_version_told(tmp_path: Path, environ: dict[str, str]) -> None:
    with (
        WireDaemon(tmp_path, "unix", DAEMON) as ours,
        WireDaemon(tmp_path, "tcp", DAEMON) as other,
        WireDaemon(tmp_path, "tcp", [REQUEST, reply(b"hello", "404 Not Found"), HOLD]) as web,
    ):
        for name, url in (("other", other.url), ("web", web.url), ("gone", "unix:///nowhere")):
            write_context(tmp_path, name, {"Host": url})
        environ |= {"DOCKER_CONFIG": str(tmp_path), "DOCKER_HOST": ours.url, "XDG_RUNTIME_DIR": str(tmp_path)}
        found = rows(environ=environ)
        code, out, err = run(environ=environ)
    for name in ("DOCKER_HOST", "context other", "rootless Docker"):
        row = named(found, name)
        assert (row["alive"], row["version"], row["api"], row["problem"]) == (True, "24.0.7", "1.43", None)
    assert named(found, "context web")["alive"] is False
    assert named(found, "context web")["problem"].startswith("what answers is no Docker daemon: ")
    assert named(found, "context gone")["problem"] == "there is no such socket"
    assert (code, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert ["*", "DOCKER_HOST", ours.url, "yes", "24.0.7", "1.43", "taken"] in lines
    assert ["context", "other", other.url, "yes", "24.0.7", "1.43", "take", "it", "with", "--context", "other"] in lines
    assert ["context", "gone", "unix:///nowhere", "no", "-", "-", "take", "it", "with", "--context", "gone"] in lines


def test_the_exit_code_is_that_of_the_one_that_is_taken(tmp_path: Path, environ: dict[str, str]) -> None:
    with WireDaemon(tmp_path, "tcp", [REQUEST, reply(b"hello", "404 Not Found"), HOLD]) as web:
        assert run("-H", web.url, environ=environ)[0] == 8
    assert run("-H", "unix:///nowhere", environ=environ)[0] == 6
    assert run("-H", web.url, "--offline", environ=environ)[0] == 0


def test_a_daemon_that_says_nothing_holds_the_others_up_no_longer_than_the_time_out(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    with WireDaemon(tmp_path, "unix", [HOLD]) as silent, WireDaemon(tmp_path, "tcp", DAEMON) as daemon:
        write_context(tmp_path, "silent", {"Host": silent.url})
        environ |= {"DOCKER_CONFIG": str(tmp_path), "DOCKER_HOST": daemon.url}
        found = rows("--timeout", "0.5", environ=environ)
    assert named(found, "context silent")["problem"] == "an answer took over 0.5 s"
    assert taken(found)["alive"] is True


def test_offline_connects_to_nothing(tmp_path: Path, environ: dict[str, str]) -> None:
    with WireDaemon(tmp_path, "unix", DAEMON) as ours, WireDaemon(tmp_path, "tcp", DAEMON) as other:
        write_context(tmp_path, "other", {"Host": other.url})
        environ |= {"DOCKER_CONFIG": str(tmp_path), "DOCKER_HOST": ours.url, "XDG_RUNTIME_DIR": str(tmp_path)}
        assert run("--offline", environ=environ)[0] == 0
    assert ours.connections == other.connections == []


def test_a_socket_that_is_there_without_a_listener_is_not_alive(tmp_path: Path, environ: dict[str, str]) -> None:
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(runtime / "docker.sock"))
    found = rows("-H", "unix:///nowhere", environ=environ)
    assert named(found, "rootless Docker")["problem"] == "the socket is there but nobody listens on it"


def test_what_is_unsafe_stands_below_its_line(tmp_path: Path, environ: dict[str, str]) -> None:
    write_context(tmp_path, "plain", {"Host": "tcp://192.0.2.7:2375"})
    write_context(tmp_path, "skip", {"Host": "tcp://192.0.2.7:2376", "SkipTLSVerify": True})
    out = run("--offline", environ={**environ, "DOCKER_CONFIG": str(tmp_path)})[1]
    lines = out.splitlines()
    below = {line.split()[1]: after.strip() for line, after in pairwise(lines) if line.startswith("  context ")}
    assert below["plain"].startswith("note: plain HTTP to another machine is unsafe")
    assert below["skip"] == "note: the daemon's certificate is not verified: context skip has SkipTLSVerify"


def test_a_name_never_steers_the_terminal(tmp_path: Path, environ: dict[str, str]) -> None:
    write_context(tmp_path, "a\x1b[2Jb", {"Host": "unix:///x\x1b[2J\n* y"})
    make_current(tmp_path, "a\x1b[2Jb")
    _, out, err = run("--offline", environ={**environ, "DOCKER_CONFIG": str(tmp_path)})
    assert "\x1b" not in out + err and "\n* y" not in out
