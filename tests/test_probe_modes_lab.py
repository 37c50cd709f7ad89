"""Policies, watching, waiting and addresses of the user's against a real dockerd. Nothing leaves the lab's namespaces."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import engine
import pytest
from test_probe_lab import LAB, Lab, all_awake, container, up

pytestmark = [pytest.mark.lab, pytest.mark.slow]
# The way to port 80 of bare that is told of: with docker-proxy the published port, which accepts whoever listens behind it.
BARE = r"\S+:80(82)?" if engine.PODMAN else r"(127\.0\.0\.1|\[::1\]):8082"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """Without a paused container, whose silence costs each run five seconds."""
    with up("native") as lab, all_awake(lab):
        yield lab


def words(lab: Lab, *options: str, host: str = "") -> list[str]:
    return [word for word in lab.command(*options, host=host) if word != "--json"]


def probe(lab: Lab, *options: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(words(lab, *options), input=text, capture_output=True, text=True, timeout=60, check=False)


def bash(lab: Lab, script: str) -> subprocess.CompletedProcess[str]:
    command = [str(LAB), "exec", lab.topology, "--as", lab.name, "bash", "-c", script]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def app_on(lab: Lab, name: str) -> Iterator[None]:
    """A web server on port 80 of a container that has none."""
    with lab.api() as api:
        try:
            api.exec_run(name, ["sh", "-c", "httpd -p 80 -h /www"])
            yield
        finally:
            api.exec_run(name, ["sh", "-c", "kill $(pidof httpd)"])


# Policies


def test_what_is_recorded_holds_until_something_changes(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "now.policy"
    done = probe(lab, "--record", str(file))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert re.fullmatch(rf"\d+ rules written to {file}\n", done.stderr)
    assert [path.name for path in tmp_path.iterdir()] == ["now.policy"]
    again = probe(lab, "--record", "-")
    assert again.stdout.encode() == file.read_bytes()
    assert len(file.read_text().splitlines()) < (54 if engine.PODMAN else 40), "108 paths are few rules"
    held = probe(lab, "--check", str(file))
    assert held.returncode == 0, held.stdout
    assert held.stdout.splitlines()[-1].endswith(" as expected")
    with app_on(lab, "bare"):
        broken = probe(lab, "--check", str(file))
    assert broken.returncode == 1
    assert re.search(r"^MISMATCH +\d+ +client +bare:80 +refused +(\S+ +)?open$", broken.stdout, re.MULTILINE)
    assert lab.traces() == []


def test_a_policy_is_met_or_not_line_by_line(lab: Lab) -> None:
    rules = [
        "client web:8080/published open http=200 within=2s",
        "client web:8080/published open http=404",
        "web db:5432 filtered",
        "app db:9999 refused   # nobody exposes it",
        "client bare:8082/published reachable|blocked",
    ]
    done = probe(lab, "--format", "jsonl", "--check", "-", text="\n".join(rules))
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["line"], one["ok"], one["measured"]) for one in found] == [
        (1, True, "open"),
        (2, False, "open"),
        (3, False, "open") if engine.PODMAN else (3, True, "filtered"),  # Podman lets its default network through
        (4, True, "refused"),
        (5, True, "refused" if engine.PODMAN else "accepted-then-closed"),
    ]
    assert (found[0]["http"], found[1]["explanation"]) == (200, "GET / was answered with 200")
    assert done.returncode == 1


def test_containers_called_client_and_host_are_no_places(lab: Lab) -> None:
    rules = ["client web:80 open", "container:client web:80 open", "client container:host:80 refused"]
    with container(lab, "client"), container(lab, "host", NetworkMode="none"):
        done = probe(lab, "--format", "jsonl", "--check", "-", text="\n".join(rules))
        found = [json.loads(line) for line in done.stdout.splitlines()]
        assert [(one["vantage"], one["target"], one["measured"]) for one in found] == [
            ("client", "web:80", "open"),
            ("container:client", "web:80", "open"),
            ("client", "container:host:80", None),  # it has no address
        ]
        policy = probe(lab, "--record", "-")
        again = probe(lab, "--check", "-", text=policy.stdout)
        assert again.returncode == 0, again.stdout
        path = probe(lab, "container:host", "web:80")
        assert (path.returncode, path.stdout.splitlines()[1]) == (1, "  BROKEN       host to 172.17.0.2")


@pytest.mark.parametrize(
    ("options", "text", "code", "said"),
    [
        (["--check", "-"], "client wob:80 open", 2, "standard input, line 1: there is no container 'wob'"),
        (
            ["--check", "-"],
            "client web:80 opn",
            2,
            "standard input, line 1: 'opn' is no verdict; did you mean open?",
        ),
        (["--check", "/nowhere"], "", 2, "the policy '/nowhere' cannot be read: No such file or directory"),
        (["--record", "/nowhere/x"], "", 2, "the policy '/nowhere/x' cannot be written: its folder is not there"),
        (
            ["--record", "/tmp"],
            "",
            2,
            "the policy '/tmp' cannot be written: it is a folder; name another file, or - for",
        ),
        (["--check", "-", "--format", "dot"], "", 2, "--check has no form dot; it has: table, jsonl"),
        (["--check", "-", "client", "web:80"], "", 2, "--check takes no path"),
        (["--wait"], "", 2, "--wait waits for one path"),
        (["--timeout", "3s"], "", 2, "--timeout is for --wait alone"),
        (["--wait", "client", "web:80", "--timeout="], "", 2, "'' from --timeout is no time"),
        (["--no-helper", "--check", "-"], "web db:5432 open", 3, ""),
    ],
)
def test_wrong_words_are_named(lab: Lab, options: list[str], text: str, code: int, said: str) -> None:
    done = probe(lab, *options, text=text)
    assert done.returncode == code
    assert f"rawdock: {said}" in done.stderr if said else done.stderr == ""
    assert "Traceback" not in done.stderr


# An address of the user's


def test_an_address_outside_docker_is_asked_only_where_no_packet_can_leave(lab: Lab) -> None:
    """The lab has no route outside, so that the kernel itself says it; with one, nothing is sent."""
    assert probe(lab, "client", "192.0.2.1:80").stdout.splitlines() == [
        "by 192.0.2.1:80",
        "  BROKEN       this machine to 192.0.2.1",
        "               this machine has no route to 192.0.2.1",
        "  not reached  port 80 there",
    ]
    namespace = f"rd-native-{lab.name}"
    found = bash(lab, "ip netns identify").stdout.strip() or namespace
    link = ["ip", "-n", found, "link"]
    subprocess.run([*link, "add", "out0", "type", "veth", "peer", "name", "out1"], check=True, timeout=10)
    try:
        for name in ("out0", "out1"):
            subprocess.run([*link, "set", name, "up"], check=True, timeout=10)
        subprocess.run(["ip", "-n", found, "address", "add", "198.51.100.1/24", "dev", "out0"], check=True, timeout=10)
        subprocess.run(["ip", "-n", found, "route", "add", "default", "via", "198.51.100.2"], check=True, timeout=10)
        near = probe(lab, "client", "192.0.2.1:80")
        inside = probe(lab, "app", "192.0.2.1:80")
        policy = probe(lab, "--check", "-", text="* meta:192.0.2.1:80 not-sent\n")
    finally:
        subprocess.run([*link, "delete", "out0"], check=True, timeout=10)
    assert "a packet would leave by out0 through 198.51.100.2, out of Docker's networks: not sent" in near.stdout
    assert (
        "a packet would leave by an interface of the daemon's host, out of Docker's networks: not sent" in inside.stdout
    )
    assert (policy.returncode, policy.stdout.splitlines()[-1]) == (0, "8 as expected")


def test_an_address_of_a_containers_is_asked_like_one(lab: Lab) -> None:
    done = probe(lab, "app", "172.18.0.3:5432")
    assert done.returncode == 0
    assert re.search(r"ok +port 5432 there +db listens on 0\.0\.0\.0:5432", done.stdout)
    loopback = probe(lab, "client", "127.0.0.1:1")
    assert "the host is up, nothing listens there" in loopback.stdout


# Waiting


def test_it_waits_until_the_app_listens_where_others_take_the_forwarders_word(lab: Lab) -> None:
    """As wait-for-it and nc -z ask: a connect, which docker-proxy accepts. Podman has no forwarder to be misled by."""
    others = bash(lab, "exec 3<>/dev/tcp/127.0.0.1/8082 && echo open")
    assert others.stdout == ("" if engine.PODMAN else "open\n")
    with subprocess.Popen(
        words(lab, "--wait", "client", "bare:80", "--timeout", "40s"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=3)
        with app_on(lab, "bare"):
            stdout, stderr = process.communicate(timeout=40)
    assert (process.returncode, stderr) == (0, "")
    assert re.fullmatch(rf"open after \d+\.\d s by {BARE}: bare listens on \S+:80\n", stdout)
    assert lab.traces() == []


def test_at_the_time_out_it_gives_the_last_reason(lab: Lab) -> None:
    done = probe(lab, "--wait", "client", "bare:80", "--timeout", "1s")
    assert (done.returncode, done.stdout) == (1, "")
    reason = "the host is up, but nothing listens there" if engine.PODMAN else "accepted and closed without a word"
    assert re.match(rf"rawdock: not open after \d+\.\d s: {BARE}: {reason}", done.stderr)
    done = probe(lab, "--wait", "client", "nosuch:80", "--timeout", "100ms")
    assert done.returncode == 1 and "no running container is called 'nosuch'" in done.stderr


def test_a_container_that_is_started_meanwhile_is_waited_for(lab: Lab) -> None:
    with (
        subprocess.Popen(
            words(lab, "--wait", "app", "late:80", "--timeout", "40s"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
        container(lab, "late", NetworkMode="backend"),
        app_on(lab, "late"),
    ):
        stdout, stderr = process.communicate(timeout=40)
    assert (process.returncode, stderr) == (0, ""), stdout
    assert "late listens on" in stdout


# Watching


class Relay:
    """Between client and daemon, by a socket of its own that can be taken away."""

    def __init__(self, path: Path, daemon: Path) -> None:
        self.path, self._daemon = path, daemon
        self._open: list[socket.socket] = []

    def start(self) -> None:
        self.path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen()
        threading.Thread(target=self._serve, args=[self._listener], daemon=True).start()

    def stop(self) -> None:
        for each in (self._listener, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._open.clear()

    def _serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(self._daemon))
                self._open += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=[source, sink], daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


def until(stream: IO[str], word: str) -> str:
    """The next line that has the word."""
    for line in stream:
        if word in line:
            return line
    raise AssertionError(f"it ended before {word!r}")


def test_what_changes_is_a_line_and_a_restart_is_survived_by_daemon_and_container(lab: Lab, tmp_path: Path) -> None:
    relay = Relay(tmp_path / "docker.sock", lab.socket)
    relay.start()
    with (
        lab.api() as api,
        subprocess.Popen(
            words(lab, "--watch", "app", "db:5432", host=f"unix://{relay.path}"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        try:
            assert process.stdout and process.stderr
            until(process.stderr, "watching the daemon's events")
            api.post("/containers/db/pause").raise_for_status()
            line = until(process.stdout, " app 172.18.0.3:5432 (db)")
            assert re.fullmatch(
                r"\d\d:\d\d:\d\d app 172\.18\.0\.3:5432 \(db\) open -> open-silent: the kernel shook hands, but db is "
                r"paused and says nothing\n",
                line,
            )
            relay.stop()
            assert until(process.stderr, "rawdock:").endswith(": waiting until it is back\n")
            api.post("/containers/db/unpause").raise_for_status()
            relay.start()
            assert until(process.stderr, "rawdock:") == "rawdock: the daemon is back\n"
            assert "open-silent -> open: db listens on 0.0.0.0:5432" in until(
                process.stdout, " app 172.18.0.3:5432 (db)"
            )
            api.post("/containers/db/stop", params={"t": 0}).raise_for_status()
            assert until(process.stderr, "rawdock:") == (
                "rawdock: container 'db' does not run, it is exited: none of its ports can answer: waiting until it is back\n"
            )
            api.post("/containers/db/start").raise_for_status()
            assert until(process.stderr, "rawdock:") == "rawdock: the path can be probed again\n"
            os.killpg(process.pid, signal.SIGINT)
            _, stderr = process.communicate(timeout=20)
            assert (process.returncode, stderr) == (130, "")
        finally:
            process.kill()
            relay.stop()
            api.post("/containers/db/unpause")
            api.post("/containers/db/start")
    assert lab.traces() == []
