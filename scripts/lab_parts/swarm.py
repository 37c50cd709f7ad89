"""A swarm of the instance's daemons, and its services: what overlay networks do, and what a kernel without IPVS breaks.

Source: moby's swarm API; docs/swarm of docker (endpoint mode dnsrr, publish mode host).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from .api import API
from .commands import LabError, say, wait_until
from .containers import listening_ports
from .image import IMAGE
from .instance import Instance
from .topologies import Topology

OVERLAY = "shared"
_TASK_SECONDS = 60


@dataclass(frozen=True)
class Service:
    """A task on every node, or on one; mode: "dnsrr", or "vip", which asks the kernel for IPVS; published: a port of the
    node's for port 80, mode host with dnsrr and ingress with vip."""

    name: str
    mode: str
    published: int | None = None
    node: str = ""

    def settings(self, instance: Instance) -> dict[str, object]:
        """The body of POST /services/create."""
        how = "host" if self.mode == "dnsrr" else "ingress"
        port = {"Protocol": "tcp", "TargetPort": 80, "PublishedPort": self.published, "PublishMode": how}
        placed = {"Constraints": [f"node.hostname=={self.node}"]} if self.node else {}
        return {
            "Name": self.name,
            "Labels": {"rawdock.lab": instance.id},
            "TaskTemplate": {
                "ContainerSpec": {"Image": IMAGE, "StopSignal": "SIGKILL"},
                "Placement": placed,
                "Networks": [{"Target": OVERLAY}],
            },
            "Mode": {"Replicated": {"Replicas": 1}} if self.node else {"Global": {}},
            "EndpointSpec": {"Mode": self.mode, "Ports": [port] if self.published else []},
        }


SERVICES = (
    Service("everywhere", "dnsrr"),
    Service("onhost", "dnsrr", 8090, node="node1"),
    Service("elsewhere", "dnsrr", 8091, node="node2"),
    Service("balanced", "vip", 8092, node="node1"),
)


def start_swarm(instance: Instance, apis: Sequence[API]) -> None:
    """Make the swarm and return once every task runs. Raises LabError."""
    topology = instance.topology
    say(f"swarm of {', '.join(topology.swarm)}, services {', '.join(service.name for service in SERVICES)}")
    addresses = _addresses(topology)
    manager, joining = apis[0], list(zip(topology.swarm, apis, strict=True))[1:]
    manager.call("POST", "/swarm/init", _listening(addresses[topology.swarm[0]]))
    token = manager.call("GET", "/swarm")["JoinTokens"]["Worker"]
    remote = {"JoinToken": token, "RemoteAddrs": [f"{addresses[topology.swarm[0]]}:2377"]}
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda one: one[1].call("POST", "/swarm/join", _listening(addresses[one[0]]) | remote), joining))
    manager.call("POST", "/networks/create", {"Name": OVERLAY, "Driver": "overlay", "CheckDuplicate": True})
    for service in SERVICES:
        manager.call("POST", "/services/create", service.settings(instance))
    if not wait_until(lambda: swarm_trouble(instance, manager) is None, _TASK_SECONDS, every=0.1):
        raise LabError(f"the swarm's {swarm_trouble(instance, manager)}")


def swarm_trouble(instance: Instance, api: API) -> str | None:
    """What of the nodes and services is not as it should be, in a few words; None when all is well."""
    try:
        nodes: list[dict[str, Any]] = api.call("GET", "/nodes")
        tasks: list[dict[str, Any]] = api.call("GET", "/tasks")
        services: list[dict[str, Any]] = api.call("GET", "/services")
    except (OSError, LabError):
        return "manager does not answer"
    for node in nodes:
        if node["Status"]["State"] != "ready":
            name = node["Description"].get("Hostname", node["ID"])  # a node that has just joined has not said it yet
            return f"node {name} is {node['Status']['State']}"
    names = {service["ID"]: service["Spec"]["Name"] for service in services}
    for service in SERVICES:
        states = [task["Status"]["State"] for task in tasks if names.get(task["ServiceID"]) == service.name]
        wanted = 1 if service.node else len(instance.topology.swarm)
        deaf = [pid for pid in _pids(tasks, service, names) if 80 not in listening_ports(pid)]
        if states.count("running") == wanted and deaf:
            return f"service {service.name} does not listen yet"
        if states.count("running") < wanted:
            last = [task["Status"].get("Err") for task in tasks if task["Status"].get("Err")][-1:]
            return (
                f"service {service.name} has {states.count('running')} of {wanted} tasks running {last or ''}".rstrip()
            )
    return None


def _pids(tasks: list[dict[str, Any]], service: Service, names: dict[str, str]) -> list[int]:
    """The first process of each running task's container, on whatever node: they are all on this machine."""
    running = [task["Status"] for task in tasks if task["Status"]["State"] == "running"
               and names.get(task["ServiceID"]) == service.name]  # fmt: skip
    return [pid for status in running if (pid := status.get("ContainerStatus", {}).get("PID"))]


def _listening(address: str) -> dict[str, object]:
    return {"ListenAddr": f"{address}:2377", "AdvertiseAddr": address, "DataPathAddr": address}


def _addresses(topology: Topology) -> dict[str, str]:
    """Each node's own on the Ethernet."""
    return {near.role: near.address.partition("/")[0] for near, _ in topology.links}
