"""How a fault comes into a lab that is up, and out of it again. All of it happens in the lab's own namespaces."""

from __future__ import annotations

import urllib.parse

from .api import API
from .commands import LabError, run, say
from .containers import remove_containers, start
from .faults import Fault, Step
from .instance import Instance
from .namespaces import NETNS


def bring(instance: Instance, fault: Fault) -> None:
    """Make the fault. Raises LabError; what was made by then is taken back."""
    api = API(instance.socket)
    if fault.name in instance.faults():
        raise LabError(f"{instance.id} has the fault {fault.name} already")
    say(f"fault {fault.name}: {fault.summary}")
    done: list[Step] = []
    try:
        for name, body in fault.networks.items():
            api.call("POST", "/networks/create", {"Name": name, "Driver": "bridge", "CheckDuplicate": True, **body})
        start(fault.containers, instance, api)
        for step in fault.steps:
            _run(instance, api, step, step.do)
            done.insert(0, step)
    except BaseException:
        _take_back(instance, api, fault, done)
        raise
    instance.write_faults([*instance.faults(), fault.name])


def undo(instance: Instance, fault: Fault) -> None:
    """Take the fault back. Raises LabError."""
    if fault.name not in instance.faults():
        raise LabError(f"{instance.id} does not have the fault {fault.name}")
    say(f"without the fault {fault.name}")
    _take_back(instance, API(instance.socket), fault, list(reversed(fault.steps)))
    instance.write_faults([name for name in instance.faults() if name != fault.name])


def _take_back(instance: Instance, api: API, fault: Fault, steps: list[Step]) -> None:
    for step in steps:
        _run(instance, api, step, step.undo)
    remove_containers(fault.containers, api)
    known = {network["Name"] for network in api.call("GET", "/networks")}
    for name in known & set(fault.networks):
        api.call("DELETE", f"/networks/{urllib.parse.quote(name)}")


def _run(instance: Instance, api: API, step: Step, command: str) -> None:
    topology = instance.topology
    places = {"daemon": topology.daemon, "client": topology.client}
    if step.where in places:
        network = f"--net={NETNS / instance.namespace(places[step.where])}"
    else:
        pid: int = api.call("GET", f"/containers/{step.where}/json")["State"]["Pid"]
        network = f"--net=/proc/{pid}/ns/net"
    run(["nsenter", network, "--", "sh", "-c", _placed(command, instance, api)])


def _placed(command: str, instance: Instance, api: API) -> str:
    if "{web}" in command:
        networks = api.call("GET", "/containers/web/json")["NetworkSettings"]["Networks"]
        command = command.replace("{web}", next(iter(networks.values()))["IPAddress"])
    return instance.placed(command)
