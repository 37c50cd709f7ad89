"""The container that the client of client-in-container runs in: an image of the lab's, the daemon's socket, and the machine's
programs and this checkout, read-only.

Its network, host name, process ids and root are the container's, and so are the capabilities of what `exec` runs there.
Source: nsenter(1), setpriv(1), mount(8).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from .api import API
from .instance import Instance
from .processes import make_daemon_cgroups

SOCKET = Path("/var/run/docker.sock")
_CHECKOUT = Path(__file__).resolve().parents[2]
# Not all of /etc: that would hide the daemon's /etc/hosts and its kin.
_PLACES = ("/bin", "/sbin", "/lib", "/lib64", "/usr", "/opt", "/root", "/home", "/etc/alternatives")
# Docker's default; what nsenter starts would have all.
_CAPABILITIES = (
    *("chown", "dac_override", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap", "net_bind_service"),
    *("net_raw", "sys_chroot", "mknod", "audit_write", "setfcap"),
)
_BRING = """set -e
there=$1
while test "$2" != --; do
    mkdir -p "$there$2"
    mount -n --rbind "$2" "$there$2"
    mount -n -o remount,bind,ro "$there$2"
    shift
done
shift 2
exec "$@"
"""
_ENTER = """for procs in $1; do echo $$ >"$procs"; done
shift
exec "$@"
"""
_INSIDE = """cd "$1" 2>/dev/null || cd /
shift
exec "$@"
"""


def _wanted() -> list[Path]:
    """The machine's folders that the client may need: those that hold programs, interpreters and this checkout."""
    places = [Path(place) for place in _PLACES if Path(place).is_dir()]
    further = [Path(sys.base_prefix).resolve(), _CHECKOUT]
    return [*places, *(path for path in further if not any(path.is_relative_to(place) for place in places))]


def _brought(instance: Instance) -> Path:
    return instance.folder / "machine"


def bring_machine(instance: Instance) -> list[str]:
    """What to run before the daemon, in its mount namespace, so that it finds these folders whatever its own root is."""
    _brought(instance).mkdir()
    return ["sh", "-c", _BRING, "sh", str(_brought(instance)), *map(str, _wanted()), "--"]


def binds(instance: Instance) -> list[str]:
    """HostConfig.Binds of the client's container. The socket is also where `lab env` says it is."""
    folders = [f"{_brought(instance)}{path}:{path}:ro" for path in _wanted()]
    return [*folders, *(f"{instance.socket}:{path}" for path in (SOCKET, instance.socket))]


def enter(instance: Instance, words: list[str]) -> list[str]:
    """The words, to be run in the container. Raises LabError or OSError when it is not there."""
    name = instance.topology.client_container
    pid = API(instance.socket).call("GET", f"/containers/{name}/json")["State"]["Pid"]
    procs = " ".join(str(path) for path in make_daemon_cgroups(instance))  # so that `down` finds it
    namespaces = [f"--target={pid}", "--mount", "--uts", "--ipc", "--net", "--pid"]
    # nsenter waits for a child, which a signal to nsenter alone would leave behind.
    bound = ",".join(["-all", *(f"+{name}" for name in _CAPABILITIES)])
    limits = ["setpriv", "--pdeathsig=TERM", f"--bounding-set={bound}", f"--inh-caps={bound}", "--"]
    inside = ["sh", "-c", _INSIDE, "sh", os.getcwd(), *words]
    return ["sh", "-c", _ENTER, "sh", procs, "nsenter", *namespaces, "--", *limits, *inside]
