"""Where engines other than the one on the default socket are known to listen.

Source: each engine's own documentation. The docker CLI looks at none of these, it is led there by a context or DOCKER_HOST;
so they are shown and offered, never taken.
"""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..endpoint import DEFAULT_SOCKET
from .folders import home_folder


@dataclass(frozen=True)
class KnownSocket:
    """A path on which `engine` listens when it runs ("Podman", "Colima work")."""

    engine: str
    path: str

    @property
    def exists(self) -> bool:
        """Whether something is there. That says nothing about a daemon: ask it."""
        return os.path.exists(self.path)


def known_sockets(environ: Mapping[str, str], *, system: str = sys.platform, run: str = "/run") -> list[KnownSocket]:
    """All of them for this user, each path once, those that are not there too. `run` is the folder of rootful engines. A
    link to the default socket, or to one that was named already, is left out."""
    found: dict[str, KnownSocket] = {os.path.realpath(DEFAULT_SOCKET): KnownSocket("default", DEFAULT_SOCKET)}
    for known in [*_of_the_user(environ, system, run), KnownSocket("Podman", f"{run}/podman/podman.sock")]:
        found.setdefault(os.path.realpath(known.path), known)
    return list(found.values())[1:]


def _of_the_user(environ: Mapping[str, str], system: str, run: str) -> Iterator[KnownSocket]:
    home, mac = home_folder(environ), system == "darwin"
    runtime = environ.get("XDG_RUNTIME_DIR") or ("" if mac else f"{run}/user/{os.getuid()}")
    if runtime and not mac:
        yield KnownSocket("rootless Docker", f"{runtime}/docker.sock")
    if home:
        yield from _below_home(environ, home, mac)
    if runtime:
        yield KnownSocket("rootless Podman", f"{runtime}/podman/podman.sock")
    machines = environ.get("TMPDIR") if mac else runtime  # on Linux TMPDIR is everybody's
    if machines:
        yield from _each("podman machine", machines, "podman/*-api.sock")


def _below_home(environ: Mapping[str, str], home: str, mac: bool) -> Iterator[KnownSocket]:
    if not mac:
        yield KnownSocket("rootless Docker", f"{home}/.docker/run/docker.sock")  # where there is no systemd
    desktop = ".docker/run/docker.sock" if mac else ".docker/desktop/docker.sock"
    yield KnownSocket("Docker Desktop", f"{home}/{desktop}")
    if mac:
        for name in ("docker.sock", "docker.raw.sock"):
            yield KnownSocket("Docker Desktop", f"{home}/Library/Containers/com.docker.docker/Data/{name}")
    configured = environ.get("XDG_CONFIG_HOME")
    for folder in (environ.get("COLIMA_HOME"), f"{configured}/colima" if configured else None, f"{home}/.colima"):
        if folder:
            yield from _each("Colima", folder, "*/docker.sock")
    yield KnownSocket("Colima", f"{home}/.colima/docker.sock")
    if mac:
        yield KnownSocket("OrbStack", f"{home}/.orbstack/run/docker.sock")
    yield KnownSocket("Rancher Desktop", f"{home}/.rd/docker.sock")
    yield from _each("Lima", environ.get("LIMA_HOME") or f"{home}/.lima", "*/sock/docker.sock")
    yield KnownSocket("podman machine", f"{home}/.local/share/containers/podman/machine/podman.sock")


def _each(engine: str, folder: str, pattern: str) -> Iterator[KnownSocket]:
    """Those that match, each named for its profile, instance or machine: what stands in place of the `*`."""
    before, _, after = pattern.partition("*")
    start, end = os.path.join(folder, before), after
    for path in sorted(glob.glob(f"{glob.escape(start)}*{end}")):
        name = path[len(start) : len(path) - len(end)]
        yield KnownSocket(engine if name == "default" else f"{engine} {name}", path)
