"""dockerd in a network, mount and cgroup of its own.

`nsenter --net` rather than `ip netns exec`, which mounts a bare /sys and so hides /sys/fs/cgroup.
Source: dockerd(8), daemon.json; ip-netns(8); mount_namespaces(7).
"""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

from .api import API
from .commands import LabError
from .instance import Instance
from .machine_store import machine_folder
from .namespaces import NETNS
from .packages import PATH
from .processes import make_daemon_cgroup

# In the new mount namespace, before dockerd:
# - the lab's cgroup, so that `down` finds dockerd, its containerd and its shims;
# - an empty /run: dockerd would use a containerd it finds at /run/containerd; so it starts its own
#   (mount -n: without it mount leaves a folder /run/mount outside);
# - an empty /etc/docker and /opt: dockerd 20.10 writes a key.json into the one, containerd folders into the
#   other (hence no container of the lab can bind a folder of the machine's /run or /opt);
# - a host name of its own, where the daemon plays another machine.
_PRELUDE = """set -e
echo $$ >"$1"
mount -n -t tmpfs -o mode=755 tmpfs /run
mkdir -p /etc/docker && mount -t tmpfs tmpfs /etc/docker
mount -t tmpfs tmpfs /opt
test -z "$2" || echo "$2" >/proc/sys/kernel/hostname
shift 2
exec "$@"
"""
_READY_SECONDS = 30


def start_engine(instance: Instance) -> subprocess.Popen[bytes]:
    """Start dockerd and return at once. Raises LabError when its cgroup cannot be made."""
    machine = instance.topology.machine
    config = instance.folder / "daemon.json"
    config.write_text(json.dumps(_daemon_json(instance), indent=4) + "\n")
    network = NETNS / instance.namespace(instance.topology.daemon)
    separate = ["unshare", "--mount", "--propagation=slave", *(["--uts"] if machine else [])]
    prelude = ["sh", "-c", _PRELUDE, "sh", str(make_daemon_cgroup(instance)), machine.name if machine else ""]
    dockerd = ["dockerd", "--config-file", str(config)]
    with _log(instance).open("wb") as log:
        return subprocess.Popen(
            ["nsenter", f"--net={network}", "--", *separate, "--", *prelude, *dockerd],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Nothing of the user's: dockerd heeds proxy settings and some DOCKER_* variables.
            env={"PATH": PATH, "HOME": "/root"},
            start_new_session=True,  # a Ctrl-C at the terminal is for `lab`, which then cleans up
        )


def await_engine(instance: Instance, dockerd: subprocess.Popen[bytes]) -> API:
    """The daemon's API once GET /_ping answers. Raises LabError with the log's last lines."""
    api = API(instance.socket)
    deadline = time.monotonic() + _READY_SECONDS
    while not api.answers():
        code = dockerd.poll()
        if code is not None:
            raise LabError(f"dockerd ended with {code} before it answered{_last_words(instance)}")
        if time.monotonic() > deadline:
            raise LabError(f"dockerd did not answer within {_READY_SECONDS} s{_last_words(instance)}")
        time.sleep(0.02)
    return api


def _daemon_json(instance: Instance) -> dict[str, object]:
    """dockerd's settings; its own file, so that the machine's /etc/docker/daemon.json has no say."""
    folder = instance.folder
    config: dict[str, object] = {
        "data-root": f"{folder}/data",
        "exec-root": f"{folder}/exec",
        "pidfile": f"{folder}/dockerd.pid",
        "hosts": [f"unix://{instance.socket}"],
        # The systemd driver would hand the containers' cgroups to the machine's systemd, away from `down`.
        "exec-opts": ["native.cgroupdriver=cgroupfs"],
        "cgroup-parent": f"/{instance.cgroup}/containers",
    }
    if machine := instance.topology.machine:
        certificates = machine_folder(instance, machine)
        config |= {
            "hosts": [f"tcp://0.0.0.0:{machine.port}", f"unix://{instance.socket}"],
            "tlsverify": True,
            "tlscacert": f"{certificates}/ca.pem",
            "tlscert": f"{certificates}/server.pem",
            "tlskey": f"{certificates}/server-key.pem",
            "labels": ["provider=generic"],  # docker-machine's provisioner adds its driver's name
        }
    return config


def _log(instance: Instance) -> Path:
    return instance.folder / "dockerd.log"


def _last_words(instance: Instance) -> str:
    lines = _log(instance).read_text(errors="replace").splitlines()[-5:]
    return "; its log ends:" + "".join(f"\n    {line}" for line in lines) if lines else "; its log is empty"
