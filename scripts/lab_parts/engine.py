"""dockerd, or podman's service, in a network, mount and cgroup of its own.

`nsenter --net` rather than `ip netns exec`, which mounts a bare /sys and so hides /sys/fs/cgroup.
Source: dockerd(8), daemon.json; podman-system-service(1), containers.conf(5); ip-netns(8); mount_namespaces(7),
cgroup_namespaces(7), pivot_root(8).
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from resource import RLIMIT_NOFILE, RLIMIT_NPROC, getrlimit

from .api import API
from .client_container import bring_machine
from .commands import LabError
from .engines import Engine
from .instance import Node
from .machine_store import machine_folder
from .namespaces import NETNS
from .packages import PATH
from .processes import make_daemon_cgroups
from .rootfs import root_of
from .rootless import as_user

# In the new mount namespace, before the daemon:
# - the lab's cgroup, so that `down` finds the daemon and what it starts;
# - an empty /run: dockerd would use a containerd it finds at /run/containerd; so it starts its own
#   (mount -n: without it mount leaves a folder /run/mount outside);
# - the engine's root file system, under a layer that is forgotten, with the instance's folder in its place
#   (a chroot would not do: unpacking a layer remounts /);
# - an empty /etc/docker and /opt: dockerd 20.10 writes a key.json into the one, containerd folders into the
#   other (hence no container of the lab can bind a folder of the machine's /run or /opt);
# - a host name and a system's name of its own, where the daemon plays another machine.
_PRELUDE = """set -e
for procs in $1; do echo $$ >"$procs"; done
mount -n -t tmpfs -o mode=755 tmpfs /run
if [ -n "$2" ]; then
    mount -n -t tmpfs tmpfs /mnt
    cd /mnt
    mkdir upper work root
    mount -n -t overlay -o "lowerdir=$2,upperdir=upper,workdir=work" overlay root
    cd root
    mount -n -t proc proc proc
    mount -n --rbind /sys sys
    mount -n --rbind /dev dev
    mount -n --rbind /run run
    mount -n -t tmpfs tmpfs tmp
    mkdir -p ".$3"
    mount -n --rbind "$3" ".$3"
    pivot_root . mnt
    cd /
    umount -n -l /mnt
fi
mkdir -p /etc/docker && mount -t tmpfs tmpfs /etc/docker
mount -t tmpfs tmpfs /opt
test -z "$4" || echo "$4" >/proc/sys/kernel/hostname
test -z "$5" || mount -n --bind "$5" /etc/os-release
shift 5
exec "$@"
"""

# In a cgroup namespace, so that podman, which has no setting for it, puts its containers below the lab's cgroup too.
# Only cgroup v1 is mounted where both are: crun refuses the two together.
_OWN_CGROUPS = """set -e
umount -n -R -l /sys/fs/cgroup
if grep -qv ^0:: /proc/self/cgroup; then
    mount -n -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
    while IFS=: read -r number controllers path; do
        test -n "$controllers" || continue
        mkdir "/sys/fs/cgroup/${controllers#name=}"
        mount -n -t cgroup -o "$controllers" cgroup "/sys/fs/cgroup/${controllers#name=}"
    done </proc/self/cgroup
else
    mount -n -t cgroup2 cgroup2 /sys/fs/cgroup
fi
exec "$@"
"""

# The addresses that Docker gives, so that a test knows them whatever the engine; and the limits of this machine: a
# build's RUN asks for 1048576 files and processes, and without CAP_SYS_RESOURCE the kernel refuses more than root has.
_CONTAINERS_CONF = """[containers]
log_driver = "k8s-file"
default_ulimits = ["nofile=%d:%d", "nproc=%d:%d"]
[engine]
events_logger = "file"
[network]
default_subnet = "172.17.0.0/16"
default_subnet_pools = [{ "base" = "172.18.0.0/15", "size" = 16 }]
"""
# Docker speaks plain HTTP to a registry on loopback; Podman is told to. Short names are Docker Hub's, as its API has them.
_REGISTRIES_CONF = """unqualified-search-registries = ["docker.io"]
[[registry]]
location = "127.0.0.1:5000"
insecure = true
"""
_READY_SECONDS = 30


def program_of(engine: Engine | None) -> str:
    return engine.program if engine else "dockerd"


def start_engine(node: Node, engine: Engine | None, settings: Mapping[str, object]) -> subprocess.Popen[bytes]:
    """Start the daemon and return at once; settings: dockerd's, beside its usual ones. Raises LabError when its cgroup cannot
    be made."""
    instance = node.instance
    podman = engine is not None and engine.is_podman
    command = _podman(node) if podman else _dockerd(node, settings)
    network = NETNS / instance.namespace(node.role)
    separate = ["unshare", "--mount", "--propagation=slave", *(["--uts"] if node.host_name else [])]
    procs = " ".join(str(path) for path in make_daemon_cgroups(instance, every=podman))
    words = [procs, str(root_of(engine) or ""), str(node.folder), node.host_name, _os_release(node)]
    prelude = ["sh", "-c", _PRELUDE, "sh", *words]
    if instance.topology.client_container:
        prelude = [*bring_machine(instance), *prelude]
    with _log(node).open("wb") as log:
        started = subprocess.Popen(
            ["nsenter", f"--net={network}", "--", *separate, "--", *prelude, *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Nothing of the user's: dockerd heeds proxy settings and some DOCKER_* variables.
            env={"PATH": PATH, "HOME": "/root", **_podmans_files(node)},
            start_new_session=True,  # a Ctrl-C at the terminal is for `lab`, which then cleans up
        )
    (node.folder / "engine.pid").write_text(f"{started.pid}\n")  # each word of the command becomes the next
    return started


def await_engine(node: Node, program: str, daemon: subprocess.Popen[bytes]) -> API:
    """The daemon's API once GET /_ping answers. Raises LabError with the log's last lines."""
    api = API(node.socket)
    deadline = time.monotonic() + _READY_SECONDS
    while not api.answers():
        code = daemon.poll()
        if code is not None:
            raise LabError(f"{program} ended with {code} before it answered{_last_words(node)}")
        if time.monotonic() > deadline:
            raise LabError(f"{program} did not answer within {_READY_SECONDS} s{_last_words(node)}")
        time.sleep(0.02)
    return api


def _dockerd(node: Node, settings: Mapping[str, object]) -> list[str]:
    config = node.folder / "daemon.json"
    config.write_text(json.dumps({**_daemon_json(node), **settings}, indent=4) + "\n")
    command = ["dockerd", "--config-file", str(config)]
    return as_user(node, command) if node.instance.topology.rootless else command


def _podman(node: Node) -> list[str]:
    folder = node.folder
    files = _podmans_files(node)
    limits = (*getrlimit(RLIMIT_NOFILE), *getrlimit(RLIMIT_NPROC))
    Path(files["CONTAINERS_CONF"]).write_text(_CONTAINERS_CONF % limits)
    Path(files["CONTAINERS_REGISTRIES_CONF"]).write_text(_REGISTRIES_CONF)
    places = ["--root", f"{folder}/data", "--runroot", f"{folder}/exec", "--tmpdir", f"{folder}/exec/tmp"]
    podman = ["podman", *places, "--cgroup-manager=cgroupfs"]
    service = ["system", "service", "--time=0", f"unix://{node.socket}"]
    return ["unshare", "--cgroup", "--", "sh", "-c", _OWN_CGROUPS, "sh", *podman, *service]


def _os_release(node: Node) -> str:
    """The file in which the daemon finds its system's name; "" where that is the machine's or the engine's."""
    desktop = node.instance.topology.desktop
    if desktop is None:
        return ""
    path = node.folder / "os-release"
    path.write_text(f'PRETTY_NAME="{desktop.os_name}"\n')
    return str(path)


def _podmans_files(node: Node) -> dict[str, str]:
    """The variables that say where podman's settings are."""
    names = {"CONTAINERS_CONF": "containers.conf", "CONTAINERS_REGISTRIES_CONF": "registries.conf"}
    return {variable: str(node.folder / name) for variable, name in names.items()}


def _daemon_json(node: Node) -> dict[str, object]:
    """dockerd's settings; its own file, so that the machine's /etc/docker/daemon.json has no say."""
    instance, folder = node.instance, node.folder
    config: dict[str, object] = {
        "data-root": f"{folder}/data",
        "exec-root": f"{folder}/exec",
        "pidfile": f"{folder}/dockerd.pid",
        "hosts": [f"unix://{node.socket}"],
    }
    if not instance.topology.rootless:  # which has no cgroups: its containers stay in the daemon's own
        config |= {
            # The systemd driver would hand the containers' cgroups to the machine's systemd, away from `down`.
            "exec-opts": ["native.cgroupdriver=cgroupfs"],
            "cgroup-parent": f"/{instance.cgroup}/containers",
        }
    if desktop := instance.topology.desktop:
        config["dns"] = [desktop.resolver]
    if machine := instance.topology.machine:
        certificates = machine_folder(instance, machine)
        config |= {
            "hosts": [f"tcp://0.0.0.0:{machine.port}", f"unix://{node.socket}"],
            "tlsverify": True,
            "tlscacert": f"{certificates}/ca.pem",
            "tlscert": f"{certificates}/server.pem",
            "tlskey": f"{certificates}/server-key.pem",
            "labels": ["provider=generic"],  # docker-machine's provisioner adds its driver's name
        }
    return config


def _log(node: Node) -> Path:
    return node.folder / "engine.log"


def _last_words(node: Node) -> str:
    lines = _log(node).read_text(errors="replace").splitlines()[-5:]
    return "; its log ends:" + "".join(f"\n    {line}" for line in lines) if lines else "; its log is empty"
