"""How an instance comes up, is judged, and goes away without leaving anything."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from contextlib import suppress

from .api import API
from .breaking import bring, undo
from .commands import LabError, say
from .containers import containers_of, start_containers, trouble
from .desktop import start_forwarder
from .engine import await_engine, program_of, start_engine
from .engines import Engine
from .faults import Fault
from .image import import_image
from .instance import ROOT, Instance
from .machine_store import write_store
from .namespaces import NETNS, make_namespaces, remove_namespaces
from .packages import require_packages
from .processes import cgroups, kill_processes, processes, remove_cgroups
from .rootfs import require_root
from .signals import signals_raise, signals_wait
from .swarm import start_swarm, swarm_trouble


def up(instance: Instance, engine: Engine | None, faults: Sequence[Fault] = ()) -> None:
    """Build the instance, with these faults; one that is up stays, one that is not whole, or has another engine or other
    faults than were asked for, is replaced.

    Whatever ends the building, a signal too, takes away what was built. Raises LabError.
    """
    install(engine)
    with instance.alone():
        if is_there(instance):
            wrong = ailment(instance) or _other_engine(instance, engine) or _other_faults(instance, faults)
            if wrong is None:
                faulty = ", ".join(instance.faults())
                say(f"{instance.id} is already up{', with the faults ' if faulty else ''}{faulty}")
                return
            say(f"{instance.id} is not whole ({wrong}): replacing it")
            _remove(instance)
        started = time.monotonic()
        with signals_raise():
            try:
                _build(instance, engine, faults)
            except BaseException:
                with signals_wait():
                    say("taking away what was built")
                    _remove(instance)
                raise
        say(f"{instance.id} is up after {time.monotonic() - started:.1f} s")


def install(engine: Engine | None) -> None:
    """Install the programs and make the root file system that are missing. Raises LabError."""
    with signals_wait():
        require_packages()
    with signals_raise():
        require_root(engine)


def down(instance: Instance) -> None:
    """Take away the instance, in whatever state it is; say so when there is nothing. Raises LabError."""
    with instance.alone(), signals_wait():
        if not is_there(instance):
            say(f"{instance.id} is not up")
            return
        started = time.monotonic()
        _remove(instance)
        say(f"{instance.id} is down after {time.monotonic() - started:.1f} s")


def change(instance: Instance, fault: Fault, *, back: bool) -> None:
    """Bring a fault into an instance that is up, or take it back. Raises LabError."""
    with instance.alone(), signals_wait():
        if not instance.is_ready():
            raise LabError(f"{instance.id} is not up: scripts/lab up {instance.options()}")
        if fault.daemon:
            again = "" if back else f" --fault {fault.name}"
            raise LabError(
                f"{fault.name} is a setting that a daemon starts with: scripts/lab up {instance.options()}{again}",
                code=2,
            )
        (undo if back else bring)(instance, fault)


def is_there(instance: Instance) -> bool:
    """Whether anything of the instance exists, whole or not."""
    named = any((NETNS / name).exists() for name in instance.namespaces)
    return named or instance.folder.exists() or bool(cgroups(instance)) or bool(processes(instance))


def ailment(instance: Instance) -> str | None:
    """What keeps the instance from being whole, in a few words; None when it is."""
    if not instance.is_ready():
        return "its building was not finished"
    if not all((NETNS / name).exists() for name in instance.namespaces):
        return "a namespace is missing"
    api = API(instance.socket, timeout=5)
    return trouble(instance.topology, api) or (swarm_trouble(instance, api) if instance.topology.swarm else None)


def _other_engine(instance: Instance, engine: Engine | None) -> str | None:
    if engine is None or instance.engine() == engine.name:
        return None
    made_with = instance.engine() or "of the machine"
    return f"it was made with engine {made_with}, not {engine.name}"


def _other_faults(instance: Instance, faults: Sequence[Fault]) -> str | None:
    wanted = [fault.name for fault in faults]
    if not wanted or sorted(instance.faults()) == sorted(wanted):
        return None
    return f"it has the faults {', '.join(instance.faults()) or 'none'}, not {', '.join(wanted) or 'none'}"


def _build(instance: Instance, engine: Engine | None, faults: Sequence[Fault]) -> None:
    topology = instance.topology
    name = engine.name if engine else None
    instance.folder.mkdir(parents=True)
    instance.write_record(ready=False, engine=name)
    say(f"namespaces {', '.join(instance.namespaces)}")
    make_namespaces(instance)
    if topology.machine:
        say(f"certificates and docker-machine store {instance.store}")
        write_store(instance, topology.machine)
    program = program_of(engine)
    settings = {key: value for fault in faults for key, value in fault.daemon.items()}
    where = topology.machine.url if topology.machine else ", ".join(str(node.socket) for node in instance.nodes)
    say(f"{program} on {where}")
    for node in instance.nodes[1:]:
        node.folder.mkdir()
    started = [(node, start_engine(node, engine, settings)) for node in instance.nodes]
    apis = [await_engine(node, program, daemon) for node, daemon in started]
    say(f"containers {', '.join(container.name for container in containers_of(topology))}")
    for api in apis:
        import_image(api)
    start_containers(instance, apis[0])
    if topology.swarm:
        start_swarm(instance, apis)
    if topology.desktop:
        say("forwarder between the VM and the client's localhost")
        start_forwarder(instance, topology.desktop)
    for fault in faults:
        bring(instance, fault)
    instance.write_record(ready=True, engine=name)


def _remove(instance: Instance) -> None:
    """Mounts need no step: they are the daemon's mount namespace's and end with its last process."""
    kill_processes(instance)
    remove_namespaces(instance)
    remove_cgroups(instance)
    if instance.folder.exists():
        shutil.rmtree(instance.folder)
    with suppress(OSError):  # not there, or another instance lives in it
        ROOT.rmdir()
