"""Finding and ending every process of an instance, by its cgroup or its network namespace.

A pid in a file would not do: shims and containers outlive a killed dockerd.
Source: cgroups(7); Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from .commands import LabError, wait_until
from .instance import Instance
from .namespaces import inodes

_CGROUPS = Path("/sys/fs/cgroup")


def make_daemon_cgroups(instance: Instance, *, every: bool = False) -> list[Path]:
    """Make the cgroup the daemon and its shims live in, beside that of the containers; return its cgroup.procs.

    With cgroup v1 one hierarchy is enough to find them again; every: in all of them, for a cgroup namespace.
    Raises LabError when none can be written.
    """
    first = [_CGROUPS, *(_CGROUPS / controller for controller in ("pids", "freezer", "memory"))]
    hierarchies = [folder for folder in first if (folder / "cgroup.procs").exists()][:1]
    if not hierarchies:
        raise LabError("nothing is mounted on /sys/fs/cgroup, and a daemon needs it (Debian: cgroupfs-mount)", 2)
    if every and hierarchies != [_CGROUPS]:
        hierarchies = [procs.parent for procs in _CGROUPS.glob("*/cgroup.procs")]
    return [_make_cgroup(hierarchy, f"{instance.cgroup}/daemon") / "cgroup.procs" for hierarchy in hierarchies]


def _make_cgroup(hierarchy: Path, name: str) -> Path:
    folder = hierarchy
    try:
        for part in Path(name).parts:
            parent, folder = folder, folder / part
            folder.mkdir(exist_ok=True)
            if (folder / "cgroup.clone_children").exists():
                for setting in ("cpuset.cpus", "cpuset.mems"):  # empty in v1, and a process may not join then
                    if (folder / setting).exists():
                        (folder / setting).write_text((parent / setting).read_text())
    except OSError as error:
        raise LabError(f"cannot make the cgroup {folder}: {error.strerror}") from error
    return folder


def processes(instance: Instance) -> set[int]:
    """The live processes of the instance, in host pids, without this one and those it descends from."""
    inside = inodes(instance)
    mark = f"/{instance.cgroup}/"
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            network = folder.joinpath("ns/net").stat().st_ino
            if network in inside or mark in folder.joinpath("cgroup").read_text():
                found.add(int(folder.name))
        except OSError:  # it has ended, or is a zombie that waits for its parent
            continue
    return found - set(_lineage(os.getpid()))


def cgroups(instance: Instance) -> list[Path]:
    """The instance's top cgroup in every hierarchy that has one."""
    return [*_CGROUPS.glob(instance.cgroup), *_CGROUPS.glob(f"*/{instance.cgroup}")]


def kill_processes(instance: Instance) -> None:
    """Kill all of them and return once they are gone.

    SIGKILL at once: dockerd would only spend time on stopping containers.
    Raises LabError naming the pids that do not go within two minutes: a busy disk holds a killed process up.
    """
    if not wait_until(lambda: not _kill_once(instance), 120):
        raise LabError(f"processes of {instance.id} do not end: {sorted(processes(instance))}")


def remove_cgroups(instance: Instance) -> None:
    """Remove the instance's cgroups from every hierarchy. Raises LabError when one stays busy for two minutes."""

    def gone() -> bool:
        _kill_once(instance)  # an `up` interrupted between fork and cgroup.procs has a child that joins late
        roots = cgroups(instance)
        for root in roots:
            for folder in sorted((path for path in root.glob("**/") if path.is_dir()), reverse=True):
                _remove_if_empty(folder)
            _remove_if_empty(root)
            _remove_if_empty(root.parent)
        return not any(root.exists() for root in roots)

    if not wait_until(gone, 120):
        raise LabError(f"a cgroup of {instance.id} stays busy below {_CGROUPS}")


def _kill_once(instance: Instance) -> set[int]:
    """Kill what is alive now, and return it."""
    for state in _CGROUPS.glob(f"freezer/{instance.cgroup}/**/freezer.state"):
        # A frozen process (docker pause, cgroup v1) does not die of a signal.
        with suppress(OSError):
            state.write_text("THAWED")
    found = processes(instance)
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return found


def _lineage(pid: int) -> Iterator[int]:
    """The process and its ancestors: `lab down` typed in a shell of `lab exec` must not end that shell."""
    while pid:
        yield pid
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            return
        pid = int(status.partition("\nPPid:")[2].split(maxsplit=1)[0])


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
