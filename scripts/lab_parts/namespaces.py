"""Network namespaces: made, joined by veth pairs, taken away. None ever gets a default route.

Source: ip-netns(8), veth(4).
"""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

from .commands import run
from .instance import Instance

NETNS = Path("/run/netns")
_BRIDGE = "br0"


def make_namespaces(instance: Instance) -> None:
    """Make the namespaces of the instance, loopback up, and the veth pairs between them. Raises LabError."""
    for name in instance.namespaces:
        run(["ip", "netns", "add", name])
        run(["ip", "-n", name, "link", "set", "lo", "up"])
    if role := instance.topology.bridge:
        lines = f"link add {_BRIDGE} type bridge\nlink set {_BRIDGE} up\n"
        run(["ip", "-n", instance.namespace(role), "-batch", "-"], stdin=lines.encode())
    for near, far in instance.topology.links:
        here, there = instance.namespace(near.role), instance.namespace(far.role)
        # Both ends are born inside: an end left in the root namespace by a kill would be a way out.
        pair = ["type", "veth", "peer", "name", far.interface, "netns", there]
        run(["ip", "-n", here, "link", "add", near.interface, *pair])
        for namespace, end in ((here, near), (there, far)):
            joined = end.role == instance.topology.bridge
            place = (
                f"link set {end.interface} master {_BRIDGE}"
                if joined
                else f"addr add {end.address} dev {end.interface}"
            )
            lines = f"{place}\nlink set {end.interface} up\n"
            run(["ip", "-n", namespace, "-batch", "-"], stdin=lines.encode())


def inodes(instance: Instance) -> set[int]:
    """What /proc/PID/ns/net shows for a process inside one of the instance's namespaces."""
    return {(NETNS / name).stat().st_ino for name in instance.namespaces if (NETNS / name).exists()}


def remove_namespaces(instance: Instance) -> None:
    """Delete the namespaces that are there and, after the machine's last, what `ip netns` made for them."""
    for name in instance.namespaces:
        if (NETNS / name).exists():
            run(["ip", "netns", "delete", name])
    if NETNS.is_dir() and not any(NETNS.iterdir()):
        # `ip netns add` binds /run/netns onto itself; umount refuses if another namespace has just come.
        # -n: without it umount leaves a folder /run/mount.
        subprocess.run(["umount", "-n", str(NETNS)], stderr=subprocess.DEVNULL, check=False)
        with suppress(OSError):
            NETNS.rmdir()
