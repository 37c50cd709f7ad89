"""Root file systems for the engines that are not the machine's own: debootstrap, and apt-get inside.

One is made once, beside its place, and moved there whole; to have it made anew, delete its folder.
Source: debootstrap(8), apt-get(8) for indextargets, sources.list(5).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from .commands import LabError, run, say
from .engines import Engine
from .instance import ROOT, alone
from .packages import FORBIDDEN, PATH, require_program

FOLDER = ROOT / "rootfs"
_SECONDS = 900  # that another command may take to make one

# In namespaces of its own, so that nothing of a broken-off debootstrap stays: no mount, no process.
_APART = ["unshare", "--mount", "--propagation=private", "--pid", "--fork", "--kill-child", "--mount-proc"]
_MAKE = """set -e
eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
test -z "$http_proxy" || export http_proxy
debootstrap --variant=minbase "$1" "$2" "$3"
printf '#!/bin/sh\\nexit %s\\n' "$4" >"$2/usr/sbin/policy-rc.d"
chmod 755 "$2/usr/sbin/policy-rc.d"
apt-config dump Acquire >"$2/etc/apt/apt.conf.d/50machine"
mount -t proc proc "$2/proc"
root=$2
shift 4
chroot "$root" apt-get -qq update
chroot "$root" apt-get -qq install --no-install-recommends "$@"
chroot "$root" apt-get clean
"""


def root_of(engine: Engine | None) -> Path | None:
    """The root file system the engine runs in; None where it is the machine's own."""
    return None if engine is None or _is_the_machines(engine) else FOLDER / engine.name


def require_root(engine: Engine | None) -> None:
    """Make the engine's root file system unless it is there. Raises LabError."""
    root = root_of(engine)
    if engine is None or root is None or root.exists():
        return
    with alone(f"{ROOT}/rootfs/{engine.name}", f"the root file system of {engine.name}", _SECONDS):
        if not root.exists():
            require_program("debootstrap")
            _make(engine, root)


def _is_the_machines(engine: Engine) -> bool:
    if engine.is_podman or not shutil.which(engine.program):
        return False
    return f"version {engine.version}" in run([engine.program, "--version"]).decode()


def _make(engine: Engine, root: Path) -> None:
    say(f"making {root} with {engine.packages[0]} of Debian {engine.suite}, once; this takes a minute or two")
    unfinished = root.with_name(f".{engine.name}.unfinished")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(parents=True)
    words = [engine.suite, str(unfinished), _mirror(), str(FORBIDDEN), *engine.packages]
    log = unfinished.with_suffix(".log")
    with log.open("wb") as file:
        done = subprocess.run(
            [*_APART, "sh", "-c", _MAKE, "sh", *words],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            env={**os.environ, "PATH": PATH, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
            check=False,
        )
    if done.returncode:
        last = log.read_text(errors="replace").strip().rpartition("\n")[2]
        raise LabError(f"no root file system of Debian {engine.suite} for {engine.name}: {last} (all of it: {log})")
    query = ["dpkg-query", "--admindir", f"{unfinished}/var/lib/dpkg", "-W", "-f=${Version}", engine.packages[0]]
    found = run(query).decode()
    if not found.startswith(engine.version):
        raise LabError(f"Debian {engine.suite} has {engine.packages[0]} {found} now, not {engine.name}")
    log.unlink()
    unfinished.rename(root)


def _mirror() -> str:
    """Where this machine's apt gets Debian from. Raises LabError, code 2, when it gets something else."""
    wanted = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(LABEL)", "Created-By: Packages"]
    for prepare in ([], ["apt-get", "-qq", "update"]):  # apt knows no origin before its first update
        if prepare:
            subprocess.run(prepare, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        for line in run(wanted).decode().splitlines():
            uri, _, label = line.partition(" ")
            if label == "Debian Debian":
                return uri
    raise LabError("this machine's apt has no source of Debian itself, from where the engines come", code=2)
