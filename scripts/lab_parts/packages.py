"""The programs the lab needs, and the Debian packages they come from.

Installing docker.io must not start a dockerd: its bridges would appear among the machine's own. Nor may an sshd start:
openssh-server is there for the sshd that a test runs on loopback, with keys and a configuration of its own.
Source: Debian's invoke-rc.d and /usr/sbin/policy-rc.d ("101: action forbidden by policy").
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path

from .commands import LabError, say

_PACKAGE_OF = {
    "dockerd": "docker.io",
    "ip": "iproute2",
    "iptables": "iptables",
    "busybox": "busybox-static",
    "openssl": "openssl",
    "ssh": "openssh-client",
    "sshd": "openssh-server",
    "nsenter": "util-linux",
    "unshare": "util-linux",
    "debootstrap": "debootstrap",
    "rootlesskit": "rootlesskit",
    "slirp4netns": "slirp4netns",
    "newuidmap": "uidmap",
}
_SOMETIMES = {"debootstrap"}
_POLICY = Path("/usr/sbin/policy-rc.d")
FORBIDDEN = 101

# A user's PATH often lacks the sbin folders, and dockerd looks for iptables there.
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def require_linux_root() -> None:
    """Raises LabError, code 2, where namespaces cannot be made at all."""
    if sys.platform != "linux":
        raise LabError(f"the lab needs Linux; this is {sys.platform}: use a Linux VM", code=2)
    if os.geteuid() != 0:
        raise LabError("the lab needs root to make network namespaces: run it with sudo", code=2)


def require_packages() -> None:
    """Install what is missing of what every lab needs. Raises LabError, code 2, naming what is still missing then."""
    os.environ["PATH"] = f"{os.environ.get('PATH', '')}:{PATH}".lstrip(":")
    _require(_PACKAGE_OF.keys() - _SOMETIMES)


def require_program(program: str) -> None:
    """Install it if it is missing. Raises LabError, code 2, when it is still missing then."""
    _require({program})


def _require(programs: Set[str]) -> None:
    missing = _missing(programs)
    if not missing:
        return
    packages = sorted({_PACKAGE_OF[program] for program in missing})
    wanted = f"{', '.join(missing)} (Debian: {' '.join(packages)})"
    if not shutil.which("apt-get"):
        raise LabError(f"missing {wanted}, and there is no apt-get: install them, then try again", code=2)
    say(f"installing {' '.join(packages)}")
    with _no_service_starts():
        said = _apt_get_install(packages)
    still = _missing(programs)
    if still:
        last = said.strip().rpartition("\n")[2]
        raise LabError(f"missing {', '.join(still)}: apt-get did not install {' '.join(packages)} ({last})", code=2)


def busybox() -> Path:
    """Where the statically linked busybox is. Raises LabError, code 2, when there is only another."""
    path = Path(shutil.which("busybox") or "/bin/busybox")
    if not _is_static(path):
        raise LabError(f"{path} is not statically linked: apt-get install busybox-static", code=2)
    return path


def _missing(programs: Set[str]) -> list[str]:
    return [program for program in _PACKAGE_OF if program in programs and not _is_there(program)]


def _is_there(program: str) -> bool:
    path = shutil.which(program)
    return path is not None and (program != "busybox" or _is_static(Path(path)))


def _is_static(program: Path) -> bool:
    # The dynamic loader's path (PT_INTERP) stands in the first page of a dynamically linked ELF file.
    with program.open("rb") as file:
        head = file.read(4096)
    return b"/ld-linux" not in head and b"/ld-musl" not in head


def _apt_get_install(packages: list[str]) -> str:
    """What apt-get said last. A fresh machine has no package lists: fetched when installing fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    said = ""
    install = ["install", "--no-install-recommends", *packages]
    for words in (install, ["update"], install):
        argv = ["apt-get", "-qq", *words]
        done = subprocess.run(argv, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        said = (done.stderr or done.stdout).decode(errors="replace")
        if words is install and done.returncode == 0:
            break
    return said


@contextmanager
def _no_service_starts() -> Iterator[None]:
    """Forbid packages to start services. Raises LabError, code 2, when the machine's own policy does not."""
    if _POLICY.exists():
        answer = subprocess.run([str(_POLICY), "docker", "start"], capture_output=True, check=False)
        if answer.returncode != FORBIDDEN:
            raise LabError(f"{_POLICY} lets docker.io start a daemon outside the lab: install docker.io yourself", 2)
        yield
        return
    _POLICY.write_text(f"#!/bin/sh\nexit {FORBIDDEN}  # while scripts/lab installs packages\n")
    try:
        _POLICY.chmod(0o755)
        yield
    finally:
        _POLICY.unlink()
