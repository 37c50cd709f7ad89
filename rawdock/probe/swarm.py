"""The swarm around the daemon: its other nodes, the tasks on them, and ports that every node publishes.

A daemon lists its own containers only. A manager also knows the tasks of all nodes with their overlay addresses, so that
overlay networks can be probed across nodes from the containers here. Source: GET /info, /nodes, /tasks and /services of API
1.24 to 1.56.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .inventory import Container, Inventory, Published
from .protocol import Protocol
from .target import Kind, Listening, Target, exposed_ports


@dataclass(frozen=True)
class Task:
    """A running task on another node. `name` is that of its container there; `networks`: pairs of a network's name and an
    address."""

    name: str
    service: str
    node: str
    networks: tuple[tuple[str, str], ...]
    ports: tuple[int, ...]


@dataclass(frozen=True)
class Swarm:
    """`name`, `address`: of the node that was asked; `others`: name and address of the other nodes, as far as it knows them,
    which a worker does not; `ingress`: service and port of what every node publishes; `size`: how many nodes there are, 0 where
    that is not told."""

    name: str
    address: str
    manager: bool
    others: tuple[tuple[str, str], ...] = ()
    tasks: tuple[Task, ...] = ()
    ingress: tuple[tuple[str, Published], ...] = ()
    size: int = 0

    @property
    def role(self) -> str:
        """What a title calls it: "manager node1"."""
        return f"{'manager' if self.manager else 'worker'} {self.name}"

    def targets_of(self, container: Container, inventory: Inventory, listening: Listening) -> Iterator[Target]:
        """From inside a container: the tasks of other nodes that share an overlay network with it, on the ports that they
        publish, or else that a task of the same service here has."""
        for task in self.tasks:
            siblings = [one for one in inventory.containers if one.name.startswith(f"{task.service}.")]
            asked = exposed_ports(siblings[0], inventory, listening) if siblings else []
            ports = task.ports or [port for port, protocol in asked if protocol is Protocol.TCP] or [80]
            for network, address in task.networks:
                if container.on(network):
                    for port in ports:
                        yield Target(Kind.CONTAINER, address, port, task.name, port, network=network, node=task.node)

    def ingress_targets(self, addresses: Iterable[str]) -> Iterator[Target]:
        """What every node publishes, on these addresses of this one."""
        for service, port in self.ingress:
            for address in addresses:
                if ":" not in address:  # the routing mesh is IPv4's
                    yield Target(
                        Kind.PUBLISHED, address, port.host_port, service, port.container_port, published=port, mesh=True
                    )


def swarm_of(
    info: Mapping[str, Any],
    nodes: Iterable[Mapping[str, Any]] = (),
    tasks: Iterable[Mapping[str, Any]] = (),
    services: Iterable[Mapping[str, Any]] = (),
) -> Swarm | None:
    """None where the daemon is in no swarm. `nodes`, `tasks`, `services`: a manager's answers."""
    told = info.get("Swarm") or {}
    if told.get("LocalNodeState") != "active":
        return None
    own = told.get("NodeID")
    by_id = {node["ID"]: node for node in nodes}
    by_service = {service["ID"]: service for service in services}
    others = [(_host_name(node), _address(node)) for id, node in by_id.items() if id != own]
    managers = [
        ("", _host(one.get("Addr", ""))) for one in told.get("RemoteManagers") or () if one.get("NodeID") != own
    ]
    return Swarm(
        str(info.get("Name") or ""),
        str(told.get("NodeAddr") or ""),
        bool(told.get("ControlAvailable")),
        tuple(sorted(others or managers)),
        tuple(
            _task(task, by_service[task["ServiceID"]], _host_name(by_id[task["NodeID"]]))
            for task in tasks
            if task.get("NodeID") in by_id
            and task["NodeID"] != own
            and task.get("ServiceID") in by_service
            and (task.get("Status") or {}).get("State") == "running"
        ),
        tuple(
            (service["Spec"]["Name"], Published("0.0.0.0", port["PublishedPort"], port["TargetPort"]))
            for service in by_service.values()
            for port in _ports(service)
            if port.get("PublishMode") == "ingress" and port.get("PublishedPort")
        ),
        int(told.get("Nodes") or len(by_id)),
    )


def _task(task: Mapping[str, Any], service: Mapping[str, Any], node: str) -> Task:
    name = service["Spec"]["Name"]
    ends = [
        (str(end["Network"]["Spec"]["Name"]), str(address).partition("/")[0])
        for end in task.get("NetworksAttachments") or ()
        for address in end.get("Addresses") or ()
    ]
    slot = task.get("Slot") or task["NodeID"]
    return Task(
        f"{name}.{slot}.{task['ID']}",
        name,
        node,
        tuple(ends),
        tuple(dict.fromkeys(port["TargetPort"] for port in _ports(service))),
    )


def _ports(service: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    ports = (service.get("Endpoint") or {}).get("Ports") or ()
    return [port for port in ports if port.get("Protocol") == "tcp"]


def _host_name(node: Mapping[str, Any]) -> str:
    return str((node.get("Description") or {}).get("Hostname") or node["ID"])


def _address(node: Mapping[str, Any]) -> str:
    return str((node.get("Status") or {}).get("Addr") or "")


def _host(socket: str) -> str:
    return socket.rpartition(":")[0].strip("[]")
