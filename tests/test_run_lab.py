"""`rawdock run` beside `docker run`: the containers that both make are alike, and so is what is seen."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import engine
import pytest
from pseudo_terminal import PseudoTerminal
from test_standins_lab import assert_same, docker, host, pytestmark, rawdock

__all__ = ["host", "pytestmark"]  # used by pytest

IMAGE = "rawdock-lab:1"
OPTIONS = [
    "",
    "-e A=1 -e HOME -l a=b --label c -w /tmp -u nobody --hostname box --domainname example.org",
    pytest.param(  # Podman says which ports it chose
        "-p 8080 -p 9090:80 -p 127.0.0.1:9443:443/tcp -p [::1]:7000:7000 -p 5000:53/udp -p 6000-6002:6000-6002 "
        "--expose 4000-4001",
        marks=engine.docker_is_no_judge,
    ),
    pytest.param("-P --expose 80", marks=engine.docker_is_no_judge),
    "-v /tmp:/x:ro -v named:/y -v /z --tmpfs /run:size=1m --tmpfs /t",
    "--mount type=bind,source=/tmp,target=/m,readonly --mount type=volume,dst=/v,volume-nocopy --mount "
    "type=tmpfs,target=/w,tmpfs-size=1m,tmpfs-mode=1770",
    "--network none",
    "--network host --pid host --uts host --ipc host",
    "--network backend --network-alias other --network-alias third",
    "--restart on-failure:3",
    "--restart always --read-only",
    "-m 64m --memory-reservation 32m --cpus 0.5 --cpu-shares 512 --cpuset-cpus 0 --pids-limit 50 --shm-size 8m",
    "--oom-score-adj 5",
    "--cap-add NET_ADMIN --cap-drop ALL --security-opt no-new-privileges --group-add 10 --ulimit nofile=100:200",
    "--dns 192.0.2.1 --dns-search example.org --dns-option ndots:1 --add-host a:192.0.2.2 --sysctl net.ipv4.ip_forward=1",
    "--device /dev/null:/dev/nothing:r --device /dev/zero",
    "--log-driver json-file --log-opt max-size=1m --stop-signal SIGINT --stop-timeout 3",
    "--health-cmd true --health-interval 1m30s --health-timeout 5s --health-retries 2 --health-start-period 1s",
    "--no-healthcheck --entrypoint sleep --cgroupns host --userns host",
    pytest.param("--volumes-from web --link web:w", marks=engine.docker_is_no_judge),  # it knows no links
    "-it",
]


def made(host: str, program: Any, words: list[str]) -> dict[str, Any]:
    """What inspect says of a container that `program run -d` made, without what is each one's own."""
    name = f"run-{uuid.uuid4().hex[:8]}"
    code, _ = program(host, "run", "-d", "--name", name, *words)
    assert code == 0
    try:
        text = docker(host, "inspect", name)[1]
        itself = json.loads(text)[0]["Id"]
        found: dict[str, Any] = json.loads(re.sub("[0-9a-f]{64}", "ID", text).replace(itself[:12], "ID"))[0]
    finally:
        docker(host, "kill", name)  # for rm -f of Podman's waits as long as stop does
        docker(host, "rm", "-f", "-v", name)
    config, settings = found["Config"], found["HostConfig"]
    config["Env"] = sorted(config["Env"] or [])  # None without any; 28.5 merges them in an order of its own
    settings.pop("ConsoleSize", None)
    if engine.PODMAN and settings["PidsLimit"] in (0, 2048):  # docker's 0 is none; left out, it is Podman's own
        del settings["PidsLimit"]
        (settings.get("Annotations") or {}).pop("io.podman.annotations.pids-limit", None)  # which 5.8 notes, too
    settings["Binds"] = sorted(settings["Binds"] or [])
    settings["Links"] = [link.replace(name, "NAME") for link in settings["Links"] or []]
    networks = {
        name: [(network.get("Aliases") or [])[:-1], network["IPAMConfig"]]
        for name, network in found["NetworkSettings"]["Networks"].items()
    }
    return {"Config": config, "HostConfig": settings, "Networks": networks, "Mounts": _mounts(found)}


def _mounts(found: dict[str, Any]) -> list[tuple[Any, ...]]:
    return sorted((each["Type"], each["Destination"], each["RW"], each["Mode"]) for each in found["Mounts"])


@pytest.mark.parametrize("options", OPTIONS)
def test_the_containers_are_alike(host: str, options: str) -> None:
    words = [*options.split(), IMAGE, "100000" if "--entrypoint" in options else "sleep", "100000"]
    theirs, ours = made(host, docker, words), made(host, rawdock, words)
    for part in theirs:
        assert _filled(ours[part]) == _filled(theirs[part])


def _filled(value: Any) -> Any:
    """Without fields that say nothing: a null, an empty list and 0 mean the same to the daemon."""
    if isinstance(value, dict):
        return {key: filled for key, item in value.items() if (filled := _filled(item)) or filled is False}
    return [_filled(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "words",
    [
        ["--rm", IMAGE, "echo", "hello"],
        ["--rm", IMAGE, "sh", "-c", "echo out; exit 9"],
        pytest.param(["--rm", IMAGE, "nothing-there"], marks=engine.docker_is_no_judge),
        pytest.param(["--rm", IMAGE, "/etc"], marks=engine.docker_is_no_judge),
        ["--rm", "--network", "nowhere", IMAGE, "true"],
        ["--rm", "-t", IMAGE, "sh", "-c", "test -t 1 && echo terminal"],
        ["--rm", "--pull", "never", "nothing/there", "true"],
        pytest.param(
            ["--rm", "-a", "stderr", IMAGE, "sh", "-c", "echo out; echo err >&2"], marks=engine.docker_is_no_judge
        ),
    ],
    ids=" ".join,
)
def test_what_is_seen_is_the_same(host: str, words: list[str]) -> None:
    assert_same(host, "run", *words)


def test_input_goes_in_and_ends(host: str) -> None:
    argv = [sys.executable, "-m", "rawdock", "-H", host, "run", "--rm", "-i", IMAGE, "wc", "-c"]
    done = subprocess.run(argv, input=b"x" * 3_000_000, capture_output=True, check=True, timeout=60)
    assert done.stdout.strip() == b"3000000"


def test_an_interactive_container_has_our_terminal_and_is_gone_afterwards(host: str) -> None:
    name = f"run-{uuid.uuid4().hex[:8]}"
    argv = [sys.executable, "-m", "rawdock", "-H", host, "run", "--rm", "-it", "--name", name, IMAGE, "sh"]
    with PseudoTerminal(argv, 31, 71) as terminal:
        terminal.press(b"until stty size | grep '31 71'; do :; done\n")
        terminal.expect(rb"\n31 71\r\n")
        terminal.press(b"exit 3\n")
        assert terminal.wait() == 3
        assert terminal.settings == terminal.before
    assert docker(host, "inspect", name)[0] == 1


def test_ctrl_c_is_passed_on_to_a_container_without_a_terminal(host: str) -> None:
    script = "trap 'echo caught; exit 4' INT; echo ready; while :; do sleep 0.1; done"
    argv = [sys.executable, "-m", "rawdock", "-H", host, "run", "--rm", IMAGE, "sh", "-c", script]
    with PseudoTerminal(argv) as terminal:
        terminal.expect(rb"ready")
        terminal.press(b"\x03")
        terminal.expect(rb"caught")
        assert terminal.wait() == 4


def test_the_detach_keys_leave_the_container_running(host: str) -> None:
    name = f"run-{uuid.uuid4().hex[:8]}"
    argv = [sys.executable, "-m", "rawdock", "-H", host, "run", "-it", "--name", name, IMAGE, "sh"]
    try:
        with PseudoTerminal(argv) as terminal:
            terminal.press(b"echo re''ady\n")
            terminal.expect(rb"ready\r\n")
            terminal.press(b"\x10\x11")
            assert terminal.wait() == 0
        assert docker(host, "inspect", "-f", "{{.State.Running}}", name) == (0, "true\n")
    finally:
        docker(host, "rm", "-f", name)


def test_the_identifier_goes_into_a_file_that_must_be_new(host: str, tmp_path: Path) -> None:
    path = tmp_path / "id"
    code, printed = rawdock(host, "run", "-d", "--rm", "--cidfile", str(path), IMAGE, "sleep", "1000")
    docker(host, "rm", "-f", path.read_text())
    assert (code, path.read_text()) == (0, printed.strip())
    again, _ = rawdock(host, "run", "-d", "--rm", "--cidfile", str(path), IMAGE, "sleep", "1000")
    assert again == 2 and path.read_text() == printed.strip()
