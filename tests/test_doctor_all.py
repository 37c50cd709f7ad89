"""`rawdock doctor`: what works but is not safe, and `--all`. Connections go to loopback and Unix sockets only."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from certificates import authority
from wire_daemon import DAEMON, HOLD, WireDaemon

from rawdock.cli import main
from rawdock.cli.console import Console
from rawdock.cli.doctor_all import candidates
from rawdock.cli.parallel import each_at_once
from rawdock.endpoint import Endpoint, TLSFiles
from rawdock.errors import EndpointError
from rawdock.net.faults import join_remedy
from rawdock.net.safety import open_key, plain_tcp


def doctor(*arguments: str, environ: Mapping[str, str] | None = None, code: int = 0) -> str:
    out, err = io.BytesIO(), io.StringIO()
    assert main(["doctor", *arguments], Console(out, err, io.BytesIO(), environ or {})) == code, err.getvalue()
    assert err.getvalue() == ""
    return out.getvalue().decode()


def warnings(*arguments: str, environ: Mapping[str, str] | None = None) -> dict[str, list[str]]:
    document = json.loads(doctor("--json", *arguments, environ=environ))
    return {layer["layer"]: layer["warnings"] for layer in document["layers"] if layer["warnings"]}


# Safety


@pytest.mark.parametrize(
    ("url", "addresses", "unsafe"),
    [
        ("tcp://127.0.0.1:2375", ["127.0.0.1"], False),
        ("tcp://localhost:2375", ["127.0.0.1", "::1"], False),
        ("tcp://127.8.9.1:2375", ["127.8.9.1"], False),
        ("unix:///var/run/docker.sock", [], False),
        ("tcp://192.0.2.1:2375", ["192.0.2.1"], True),
        ("tcp://box:2375", ["127.0.0.1", "192.0.2.1"], True),
        ("tcp://[fe80::1%eth0]:2375", ["fe80::1%eth0"], True),
    ],
)
def test_plain_http_to_another_machine_is_unsafe(url: str, addresses: list[str], unsafe: bool) -> None:
    said = plain_tcp(Endpoint.parse(url, "-H"), addresses)
    assert bool(said) is unsafe
    assert not unsafe or said.startswith(
        f"{url} is unsafe: without TLS whoever reaches this port is root on the daemon's"
    )
    assert plain_tcp(Endpoint.parse(url, "-H", TLSFiles.in_folder("/c", "the test")), addresses) == ""


def test_the_doctor_says_so_beside_the_connection() -> None:
    """0.0.0.0 is an address of no loopback that reaches this machine."""
    with WireDaemon(Path(), "tcp", DAEMON) as daemon:
        url = daemon.url.replace("127.0.0.1", "0.0.0.0")
        assert list(warnings("-H", url)) == ["connect"]
        text = doctor("-H", url)
        assert warnings("-H", daemon.url) == {}
    assert f"\n    unsafe: {url} is unsafe: without TLS" in text


@pytest.mark.parametrize(
    ("mode", "who"), [(0o600, ""), (0o400, ""), (0o640, "its group"), (0o644, "everyone on this machine")]
)
def test_a_key_that_others_may_read_is_told(tmp_path: Path, mode: int, who: str) -> None:
    folder = authority().folder(tmp_path / "client")
    key = folder / "key.pem"
    key.chmod(mode)
    with WireDaemon(tmp_path, "tls1.3", DAEMON) as daemon:
        environ = {"DOCKER_HOST": daemon.url, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(folder)}
        found = warnings(environ=environ)
    assert list(found) == (["tls"] if who else [])
    if who:
        (said,) = found["tls"]
        assert said.startswith(f"{who} may read the client key {key} (owner ") and f"mode 0{mode:o}" in said
        assert said.endswith(f"and so be root on the daemon's host: chmod 600 {key}")


def test_a_key_that_is_not_there_is_no_matter_of_safety(tmp_path: Path) -> None:
    assert open_key(TLSFiles.in_folder(str(tmp_path), "the test")) == open_key(TLSFiles(None, None, None, "-")) == ""


def test_a_socket_that_everyone_may_use_is_told(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", DAEMON) as daemon:
        Path(daemon.path).chmod(0o666)
        found = warnings("-H", daemon.url)
        Path(daemon.path).chmod(0o660)
        assert warnings("-H", daemon.url) == {}
    assert found == {
        "socket": [
            "everyone on this machine may use the socket and so be root on the daemon's host: "
            f"sudo chmod o-rw {daemon.path}"
        ]
    }


def test_who_is_in_the_group_by_now_has_to_log_in_again() -> None:
    assert join_remedy("docker", [], "ann") == "join the group: sudo usermod -aG docker ann, then log in again"
    assert join_remedy("docker", ["bob", "ann"], "ann") == (
        "ann is in the group docker by now, but this session began before: log in again, or run `newgrp docker`"
    )


# --all


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def add(store: Path, name: str, url: str | None) -> Path:
    machine = store / "machines" / name
    machine.mkdir(parents=True)
    driver = {"ConfigVersion": 3, "DriverName": "none", "Driver": {"URL": url}}
    machine.joinpath("config.json").write_text("{}" if url is None else json.dumps(driver))
    return machine


def environ(store: Path, docker_host: str = "unix:///nowhere/docker.sock") -> dict[str, str]:
    return {"MACHINE_STORAGE_PATH": str(store), "DOCKER_HOST": docker_host}


def test_the_candidates_are_what_is_in_use_the_default_and_every_machine(store: Path) -> None:
    add(store, "dev", "tcp://127.0.0.1:2376")
    add(store, "broken", None)
    found = candidates(environ(store))
    assert [name for name, _ in found] == ["in use", "default", "machine broken", "machine dev"]
    assert isinstance(found[2].found, EndpointError)
    urls = [entry.found.url for entry in found if isinstance(entry.found, Endpoint)]
    assert urls == ["unix:///nowhere/docker.sock", "unix:///var/run/docker.sock", "tcp://127.0.0.1:2376"]


def test_a_daemon_is_a_candidate_once_whoever_names_it(store: Path) -> None:
    machine = add(store, "dev", "tcp://127.0.0.1:2376")
    (machine / "ca.pem").touch()
    named = {
        **environ(store, "tcp://127.0.0.1:2376"),
        "DOCKER_TLS_VERIFY": "1",
        "DOCKER_CERT_PATH": str(machine),
    }
    assert [name for name, _ in candidates(named)] == ["in use", "default"]
    assert [name for name, _ in candidates({"MACHINE_STORAGE_PATH": str(store)})] == ["in use", "machine dev"]


def test_all_are_examined_and_one_that_is_well_is_enough(tmp_path: Path, store: Path) -> None:
    with WireDaemon(tmp_path, "tls1.3", DAEMON) as good, WireDaemon(tmp_path, "tcp", [HOLD]) as silent:
        authority().folder(add(store, "good", good.url))
        authority().folder(add(store, "silent", silent.url))
        add(store, "broken", None)
        given = environ(store, f"unix://{tmp_path}/none.sock")
        records = json.loads(doctor("--all", "--json", "--timeout", "0.5", environ=given))
        text = doctor("--all", "--timeout", "0.5", environ=given)
    states = {record["candidate"]: [layer["state"] for layer in record["layers"]] for record in records}
    assert states["machine good"] == ["ok"] * 6
    assert states["machine silent"] == ["ok", "ok", "broken", "not reached", "not reached", "not reached"]
    assert states["in use"][0] == "broken" and states["machine broken"] == []
    lines = text.splitlines()
    assert f"ok      machine good: {good.url} from machine good in {store}" in lines
    assert f"broken  machine silent: {silent.url} from machine silent in {store}" in lines
    assert "        cause:  the TLS handshake took over 0.5 s" in lines
    assert "broken  machine broken: no endpoint" in lines
    assert "        broken at socket" in lines


def test_all_of_them_broken_is_exit_code_1(store: Path, tmp_path: Path) -> None:
    if Path("/var/run/docker.sock").exists():
        pytest.skip("this machine has a Docker daemon")
    text = doctor("--all", environ=environ(store, f"unix://{tmp_path}/none.sock"), code=1)
    assert text.startswith(f"broken  in use: unix://{tmp_path}/none.sock from DOCKER_HOST\n")


@pytest.mark.parametrize("option", [("-H", "unix:///x"), ("--machine", "dev"), ("--machine-env", "-")])
def test_all_and_one_daemon_do_not_go_together(option: tuple[str, str]) -> None:
    err = io.StringIO()
    code = main(["doctor", "--all", *option], Console(io.BytesIO(), err, io.BytesIO(), {}))
    assert code == 2 and "names a daemon, and --all tests every one; leave it out" in err.getvalue()


def test_what_takes_too_long_leaves_its_place_empty_and_failures_come_out() -> None:
    import threading

    never = threading.Event()

    def ask(number: int) -> int:
        if number == 1:
            never.wait()
        return number * 10

    try:
        assert each_at_once(ask, [0, 1, 2], 0.2) == [0, None, 20]
    finally:
        never.set()

    def fail(_: Any) -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        each_at_once(fail, [1], 5.0)
