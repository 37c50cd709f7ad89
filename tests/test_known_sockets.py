"""Other engines' sockets: where they are looked for, and that those which answer are offered when the default does not."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from flavours import FLAVOURS, driver_of, run
from wire_daemon import DAEMON, REQUEST, Script, WireDaemon, reply

from rawdock import Endpoint
from rawdock.client.core import Core
from rawdock.discovery.sockets import KnownSocket, known_sockets
from rawdock.doctor import examine
from rawdock.endpoint import DEFAULT_ORIGIN, Scheme
from rawdock.errors import RefusedError, SocketMissingError


def touch(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return str(path)


def pairs(found: list[KnownSocket]) -> list[tuple[str, str]]:
    return [(known.engine, known.path) for known in found]


def test_the_places_on_linux() -> None:
    environ = {"HOME": "/nohome", "XDG_RUNTIME_DIR": "/noruntime", "TMPDIR": "/tmp"}
    assert pairs(known_sockets(environ, system="linux", run="/norun")) == [
        ("rootless Docker", "/noruntime/docker.sock"),
        ("rootless Docker", "/nohome/.docker/run/docker.sock"),
        ("Docker Desktop", "/nohome/.docker/desktop/docker.sock"),
        ("Colima", "/nohome/.colima/docker.sock"),
        ("Rancher Desktop", "/nohome/.rd/docker.sock"),
        ("podman machine", "/nohome/.local/share/containers/podman/machine/podman.sock"),
        ("rootless Podman", "/noruntime/podman/podman.sock"),
        ("Podman", "/norun/podman/podman.sock"),
    ]


def test_the_places_on_a_mac() -> None:
    environ = {"HOME": "/nohome", "TMPDIR": "/notmp"}
    assert pairs(known_sockets(environ, system="darwin", run="/norun")) == [
        ("Docker Desktop", "/nohome/.docker/run/docker.sock"),
        ("Docker Desktop", "/nohome/Library/Containers/com.docker.docker/Data/docker.sock"),
        ("Docker Desktop", "/nohome/Library/Containers/com.docker.docker/Data/docker.raw.sock"),
        ("Colima", "/nohome/.colima/docker.sock"),
        ("OrbStack", "/nohome/.orbstack/run/docker.sock"),
        ("Rancher Desktop", "/nohome/.rd/docker.sock"),
        ("podman machine", "/nohome/.local/share/containers/podman/machine/podman.sock"),
        ("Podman", "/norun/podman/podman.sock"),
    ]


def test_without_a_home_and_a_runtime_folder_there_is_less_to_look_for() -> None:
    found = pairs(known_sockets({}, system="linux", run="/norun"))
    assert [engine for engine, _ in found] == ["rootless Docker", "rootless Podman", "Podman"]
    assert found[0][1].startswith("/norun/user/")
    assert pairs(known_sockets({}, system="darwin", run="/norun")) == [("Podman", "/norun/podman/podman.sock")]


def test_profiles_instances_and_machines_are_named(tmp_path: Path) -> None:
    home = tmp_path / "a[b]*"  # no pattern
    expected = [
        ("Colima", touch(home / ".colima" / "default" / "docker.sock")),
        ("Colima work", touch(home / ".colima" / "work" / "docker.sock")),
        ("Colima x", touch(tmp_path / "config" / "colima" / "x" / "docker.sock")),
        ("Colima y", touch(tmp_path / "colima" / "y" / "docker.sock")),
        ("Lima", touch(tmp_path / "lima" / "default" / "sock" / "docker.sock")),
        ("podman machine m", touch(tmp_path / "run" / "podman" / "m-api.sock")),
    ]
    environ = {
        "HOME": str(home),
        "COLIMA_HOME": str(tmp_path / "colima"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        "LIMA_HOME": str(tmp_path / "lima"),
    }
    found = [known for known in known_sockets(environ, system="linux", run="/norun") if known.exists]
    assert sorted(pairs(found)) == expected


def test_a_link_to_a_socket_that_was_named_before_is_left_out(tmp_path: Path) -> None:
    real = touch(tmp_path / "run" / "docker.sock")
    link = tmp_path / "home" / ".rd" / "docker.sock"
    link.parent.mkdir(parents=True)
    link.symlink_to(real)
    environ = {"HOME": str(tmp_path / "home"), "XDG_RUNTIME_DIR": str(tmp_path / "run")}
    assert [known.engine for known in known_sockets(environ, system="linux", run="/norun") if known.exists] == [
        "rootless Docker"
    ]
    link.unlink()
    link.symlink_to("/var/run/docker.sock")
    assert "Rancher Desktop" not in str(known_sockets(environ, system="linux", run="/norun"))


# The offer


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A home in which a file and a socket without a listener look like Rancher Desktop's and Docker Desktop's."""
    touch(tmp_path / ".rd" / "docker.sock")
    (tmp_path / ".docker" / "desktop").mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / ".docker" / "desktop" / "docker.sock"))
    return {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}


def missing(tmp_path: Path, origin: str = DEFAULT_ORIGIN) -> Endpoint:
    return Endpoint(Scheme.UNIX, f"{tmp_path}/none.sock", None, origin)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_answers_is_offered_and_what_only_exists_is_not(
    tmp_path: Path, environ: dict[str, str], flavour: str
) -> None:
    async def body() -> None:
        core = Core(missing(tmp_path), driver_of(flavour), None, environ=environ)
        await core.request("GET", "/info")

    with WireDaemon(tmp_path, "unix", DAEMON) as daemon, pytest.raises(SocketMissingError) as caught:
        run(flavour, body)
    assert caught.value.remedy == (
        f"rootless Docker answers at {daemon.url}: use -H {daemon.url}; "
        "or start Docker, or name another daemon with -H or DOCKER_HOST"
    )
    assert daemon.lines == [["GET /_ping HTTP/1.1", "GET /v1.43/version HTTP/1.1"]]


def test_a_default_socket_that_nobody_listens_on_leads_to_the_offer_too(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    async def body() -> None:
        endpoint = Endpoint(Scheme.UNIX, f"{tmp_path}/.docker/desktop/docker.sock", None, DEFAULT_ORIGIN)
        await Core(endpoint, driver_of("sync"), None, environ=environ).request("GET", "/info")

    with WireDaemon(tmp_path, "unix", DAEMON) as daemon, pytest.raises(RefusedError, match=f"use -H {daemon.url}"):
        run("sync", body)


def test_what_is_no_daemon_is_not_offered(tmp_path: Path, environ: dict[str, str]) -> None:
    async def body() -> None:
        await Core(missing(tmp_path), driver_of("sync"), None, environ=environ).request("GET", "/info")

    script: Script = [REQUEST, reply(b"hello", "404 Not Found")]
    with WireDaemon(tmp_path, "unix", script) as daemon, pytest.raises(SocketMissingError) as caught:
        run("sync", body)
    assert "answers" not in str(caught.value) and len(daemon.connections) == 1


@pytest.mark.parametrize("origin", ["-H", "DOCKER_HOST", "context lab (--context)"])
def test_whoever_named_a_daemon_is_offered_no_other(tmp_path: Path, environ: dict[str, str], origin: str) -> None:
    async def body() -> None:
        await Core(missing(tmp_path, origin), driver_of("sync"), None, environ=environ).request("GET", "/info")

    with WireDaemon(tmp_path, "unix", DAEMON) as daemon, pytest.raises(SocketMissingError) as caught:
        run("sync", body)
    assert "answers" not in str(caught.value) and daemon.connections == []


def test_the_doctor_offers_as_well(tmp_path: Path, environ: dict[str, str]) -> None:
    with WireDaemon(tmp_path, "unix", DAEMON) as daemon:
        layers = run("sync", lambda: examine(missing(tmp_path), driver_of("sync"), environ=environ))
    assert layers[0].remedy.startswith(f"rootless Docker answers at {daemon.url}: use -H {daemon.url}; or ")
