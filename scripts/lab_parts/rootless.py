"""A rootless dockerd: rootlesskit and slirp4netns as an unprivileged user of the lab's own, who stands in no file of the
machine's: only in the daemon's mount namespace does /etc name him.

Source: dockerd-rootless.sh of moby's contrib; rootlesskit(1), slirp4netns(1), newuidmap(1), subuid(5).
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from .instance import ROOT, Node

_USER = "rawdock-lab"
_UID = 61183  # above those that people and packages get, below systemd's own; Debian Policy, section 9.2.2
_FIRST_SUBORDINATE = 2_000_000_000

# After the daemon's prelude, as root: the user's names, a run-time folder, and a tun node that he may open, which slirp4netns
# needs (the machine's may be root's alone).
_BECOME = """set -e
mount -n -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work
mount -n -t overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work overlay /etc
echo "root:x:0:0:root:/root:/bin/sh
$1:x:$2:$2::$4:/bin/sh" >/etc/passwd
echo "root:x:0:
$1:x:$2:" >/etc/group
echo "$1:$3:65536" | tee /etc/subuid >/etc/subgid
test -d /dev/net || mkdir /dev/net
mount -n -t tmpfs -o mode=755 tmpfs /dev/net
mknod -m 666 /dev/net/tun c 10 200
mkdir -p "/run/user/$2"
chown "$2:$2" "/run/user/$2"
export HOME="$4" XDG_RUNTIME_DIR="/run/user/$2"
user=$2
shift 4
exec setpriv --reuid="$user" --regid="$user" --clear-groups -- "$@"
"""
# In rootlesskit's namespaces, where /run is a copy of links to the outside's.
_INSIDE = """rm -f /run/docker /run/containerd /run/xtables.lock
exec "$@"
"""


def as_user(node: Node, command: Sequence[str]) -> list[str]:
    """The command, run by that user in namespaces of his own. The daemon's folder becomes his."""
    for path in (ROOT, node.folder):
        path.chmod(0o755)  # whatever root's umask
    os.chown(node.folder, _UID, _UID)
    words = [_USER, str(_UID), str(_FIRST_SUBORDINATE), str(node.folder)]
    # As dockerd-rootless.sh has it, save for the folder of its state, which would stay in /tmp.
    rootlesskit = [
        *("rootlesskit", f"--state-dir={node.folder}/rootlesskit"),
        *("--net=slirp4netns", "--mtu=65520", "--slirp4netns-sandbox=auto", "--slirp4netns-seccomp=auto"),
        *("--disable-host-loopback", "--port-driver=builtin"),
        *("--copy-up=/etc", "--copy-up=/run", "--propagation=rslave"),
    ]
    return ["sh", "-c", _BECOME, "sh", *words, *rootlesskit, "sh", "-c", _INSIDE, "sh", *command]
