"""Which engine stands where, by what it says of itself. The documents are real ones', cut to what is read."""

from __future__ import annotations

from typing import Any

import pytest

from rawdock.probe.report import json_topology, topology_lines
from rawdock.probe.swarm import swarm_of
from rawdock.probe.topology import Facts, Topology, What, Where, decide

ENGINE = {"Components": [{"Name": "Engine"}, {"Name": "containerd"}]}
PODMAN = {"Components": [{"Name": "Podman Engine"}, {"Name": "Conmon"}]}


def info(system: str = "Debian GNU/Linux 12 (bookworm)", name: str = "box", kernel: str = "6.1.0", **more: Any) -> Any:
    return {"OperatingSystem": system, "Name": name, "KernelVersion": kernel, "Labels": None, **more}


def labelled(label: str, **more: Any) -> Any:
    return info(**{"Labels": ["a=b", label], **more})


@pytest.mark.parametrize(
    ("said", "what"),
    [
        (info(), What.LINUX),
        (labelled("com.docker.desktop.address=unix:///Users/jo/Library/docker-cli.sock"), What.MAC),
        (labelled("com.docker.desktop.address=unix:///home/jo/.docker/desktop/docker-cli.sock"), What.DESKTOP_LINUX),
        (labelled("com.docker.desktop.address=npipe://\\\\.\\pipe\\docker_cli"), What.WINDOWS),
        (info("Docker Desktop", "docker-desktop", "5.15.167.4-microsoft-standard-WSL2"), What.WINDOWS),
        (info("Docker for Mac", "linuxkit-025000000001", "4.9.87-linuxkit-aufs"), What.MAC),
        (info("Alpine Linux v3.5", "moby", "4.9.27-moby"), What.MAC),
        (info("Alpine Linux v3.19", "box", "6.6.1-lts"), What.LINUX),
        (info("OrbStack", "orbstack"), What.ORBSTACK),
        (info("Rancher Desktop WSL Distribution", "win"), What.RANCHER),
        (info("Alpine Linux v3.19", "lima-rancher-desktop"), What.RANCHER),
        (info("Ubuntu 24.04 LTS", "colima"), What.COLIMA),
        (info("Ubuntu 24.04 LTS", "colima-work"), What.COLIMA),
        (info("Ubuntu 24.04 LTS", "lima-default"), What.LIMA),
        (labelled("provider=virtualbox"), What.MACHINE),
        (info("Boot2Docker 19.03.12 (TCL 10.1)", kernel="4.19.130-boot2docker"), What.MACHINE),
        (info(SecurityOptions=["name=seccomp,profile=default", "name=rootless"]), What.ROOTLESS),
        (info("Alpine Linux v3.19 (containerized)"), What.DIND),
        (info("Ubuntu 22.04.4 LTS", "WIN11", "5.15.146.1-microsoft-standard-WSL2"), What.WSL),
        ({}, What.LINUX),
    ],
)
def test_an_engine_is_known_by_what_it_says(said: Any, what: What) -> None:
    found = decide(Facts(ENGINE, said))
    assert found.what is what
    assert found.evidence[0].fact.startswith("GET /info")


def test_podman_is_known_by_its_component_whatever_else_it_says() -> None:
    assert decide(Facts(PODMAN, info(SecurityOptions=["name=rootless"]))).what is What.PODMAN


@pytest.mark.parametrize(
    ("system", "host", "what"),
    [
        ("Darwin", "", What.MAC),
        ("Linux", "", What.DESKTOP_LINUX),
        ("Windows", "", What.WINDOWS),
        ("Darwin", "192.0.2.7", What.DESKTOP),
    ],
)
def test_linuxkits_kernel_is_told_apart_by_this_machines_own_system(system: str, host: str, what: What) -> None:
    said = info("Docker Desktop", "docker-desktop", "6.6.12-linuxkit")
    assert decide(Facts(ENGINE, said, host=host, system=system)).what is what


MAC = info("Docker for Mac", "linuxkit-025000000001")
MACHINE = labelled("provider=virtualbox")
VM, US = "192.168.99.100", "192.168.99.1"


@pytest.mark.parametrize(
    ("facts", "where", "title", "published", "addresses", "to_host"),
    [
        (
            Facts(ENGINE, info(), same_machine=True, gateways=("172.17.0.1",)),
            *(
                Where.SAME,
                "Linux host",
                "on localhost and",
                "reachable from here",
                "gateway of their network (172.17.0.1)",
            ),
        ),
        (
            Facts(ENGINE, MACHINE, host=VM, source=US),
            *(Where.REMOTE, "docker-machine VM at 192.168.99.100", "on 192.168.99.100 only, not on this machine's"),
            *("not reachable from here", "by 192.168.99.1, this machine's address towards 192.168.99.100"),
        ),
        (
            Facts(ENGINE, MACHINE, same_machine=True, gateways=("172.17.0.1",)),
            *(Where.SAME, "inside a docker-machine VM", "on localhost and", "reachable from here", "172.17.0.1"),
        ),
        (
            Facts(ENGINE, MAC),
            *(
                Where.ELSEWHERE,
                "Docker for Mac",
                "on this machine's localhost; its forwarder accepts even where nobody",
            ),
            *("not reachable from here", "host.docker.internal (18.03 and later) or docker.for.mac.localhost"),
        ),
        (
            Facts(ENGINE, info("OrbStack")),
            *(
                Where.ELSEWHERE,
                "OrbStack",
                "on this machine's localhost",
                "reachable from here: OrbStack",
                "host.docker",
            ),
        ),
        (
            Facts(ENGINE, info(), container="ci", proof="seen", networks=(("ours", "172.18.0.9", ("db", "web")),)),
            *(
                Where.CONTAINER,
                "client in container ci of a Linux host",
                "on the gateway of this container's own network",
            ),
            *("on the networks that this container is on: ours (db, web)", "by its address (172.18.0.9 on ours)"),
        ),
        (
            Facts(ENGINE, info(), container="ci", proof="seen", same_machine=True, gateways=("172.17.0.1",)),
            *(Where.SAME, "Linux host", "on localhost and", "reachable from here", "(172.17.0.1)"),
        ),
        (
            Facts(ENGINE, info("Alpine Linux v3.19 (containerized)"), host="172.18.0.2", source="172.18.0.3"),
            *(Where.REMOTE, "Docker in Docker at 172.18.0.2", "on 172.18.0.2, nowhere on this machine"),
            *("not reachable from here: the containers' networks are inside the daemon's own", "by 172.18.0.3"),
        ),
        (
            Facts(ENGINE, info(kernel="5.15.146.1-microsoft-standard-WSL2"), same_machine=True),
            *(Where.SAME, "Linux in WSL 2", "on localhost and", "reachable from here", "by the gateway"),
        ),
        (
            Facts(ENGINE, info(kernel="5.15.146.1-microsoft-standard-WSL2"), system="Windows"),
            *(Where.ELSEWHERE, "Linux in WSL 2", "on localhost of WSL and, by its forwarding, of Windows"),
            *("not reachable", "by an address of this machine"),
        ),
        (
            Facts(ENGINE, info("Ubuntu 24.04 LTS", "colima"), system="Darwin"),
            *(Where.ELSEWHERE, "Colima", "the VM's address too, where it has one (--network-address)", "not reachable"),
            "the address 192.168.5.2; the gateway, and what --add-host NAME:host-gateway gives, is the VM",
        ),
        (
            Facts(ENGINE, labelled("com.docker.desktop.address=unix:///home/jo/.docker/desktop/docker-cli.sock")),
            *(Where.ELSEWHERE, "Docker Desktop for Linux", "localhost; its forwarder accepts", "not reachable"),
            "the host of --network host, is the VM",
        ),
        (
            Facts(ENGINE, info("Rancher Desktop WSL Distribution", "win"), system="Windows"),
            *(Where.ELSEWHERE, "Rancher Desktop", "localhost, by a forwarder", "not reachable", "host.docker.internal"),
        ),
        (
            Facts(ENGINE, info(), host="192.0.2.7", source="192.0.2.1"),
            *(
                Where.REMOTE,
                "remote Linux host at 192.0.2.7",
                "on 192.0.2.7 only",
                "not reachable",
                "by 192.0.2.1, this",
            ),
        ),
        (
            Facts(ENGINE, info(), host="box"),
            *(Where.REMOTE, "remote Linux host at box", "on box only", "not reachable", "an address of this machine"),
        ),
        (
            Facts(ENGINE, info(SecurityOptions=["name=rootless"])),
            *(Where.ELSEWHERE, "rootless Docker", "by a forwarder that accepts even where nobody", "not reachable"),
            "LAN address",
        ),
        (
            Facts(PODMAN, info()),
            *(Where.ELSEWHERE, "Podman machine, or rootless Podman", "localhost, by a forwarder", "not reachable"),
            "host.containers.internal",
        ),
        (
            Facts(PODMAN, info(), system="Darwin"),
            *(Where.ELSEWHERE, "Podman machine", "localhost, by a forwarder", "not reachable"),
            "host.containers.internal",
        ),
        (
            Facts(PODMAN, info(SecurityOptions=["name=rootless"]), kernel="6.1.0"),
            *(Where.ELSEWHERE, "rootless Podman", "by a forwarder that accepts", "a network namespace of the user's"),
            "host.containers.internal",
        ),
        (
            Facts(PODMAN, info(), same_machine=True, gateways=("10.88.0.1",)),
            *(Where.SAME, "Podman on this machine", "on localhost and", "reachable from here"),
            "(10.88.0.1), if the service listens there or on 0.0.0.0; the names host.containers.internal and",
        ),
        (
            Facts(ENGINE, info()),
            *(Where.ELSEWHERE, "Linux daemon behind a socket, in a VM or a network namespace of its own"),
            *("only if something forwards there", "not reachable from here", "an address of this machine"),
        ),
    ],
)
def test_what_follows_from_engine_and_place(
    facts: Facts, where: Where, title: str, published: str, addresses: str, to_host: str
) -> None:
    found = decide(facts)
    assert (found.where, found.title) == (where, title)
    assert published in found.published
    assert addresses in found.addresses
    assert found.addresses.startswith("reachable from here") != found.addresses.startswith("not reachable from here")
    assert to_host in found.to_host


SWARM = {"LocalNodeState": "active", "NodeID": "a", "NodeAddr": "192.0.2.1", "ControlAvailable": True}
NODES = [
    {"ID": id, "Description": {"Hostname": name}, "Status": {"Addr": f"192.0.2.{number}"}}
    for number, (id, name) in enumerate((("a", "box"), ("b", "node2"), ("c", "node3")), 1)
]


def test_a_swarms_node_says_which_it_is_and_whose_containers_are_not_seen() -> None:
    said = info(Swarm=SWARM)
    found = decide(Facts(ENGINE, said, same_machine=True, swarm=swarm_of(said, NODES)))
    assert found.title == "Linux host, manager box of a swarm"
    told = dict(found.consequences)
    assert told["containers of other nodes"] == (
        "are not seen from here: ask the daemons of node2 (192.0.2.2), node3 (192.0.2.3)"
    )
    assert "has no address on them" in told["overlay networks"]
    assert "mode host on the nodes of their tasks" in told["services' ports answer"]
    assert found.evidence[-1].meaning == "box, a manager, is the node that was asked"


def test_a_worker_knows_its_managers_only() -> None:
    managers = [{"NodeID": "m", "Addr": "192.0.2.9:2377"}, {"NodeID": "n", "Addr": "[2001:db8::9]:2377"}]
    said = info(Swarm={**SWARM, "ControlAvailable": False, "RemoteManagers": managers})
    found = decide(Facts(ENGINE, said, swarm=swarm_of(said)))
    assert found.title.endswith("worker box of a swarm")
    told = dict(found.consequences)["containers of other nodes"]
    assert told == "are not seen from here: ask the daemons of 192.0.2.9, 2001:db8::9; a worker knows the managers only"


def test_a_swarm_of_one_and_a_forgotten_one() -> None:
    said = info(Swarm=SWARM)
    found = decide(Facts(ENGINE, said, swarm=swarm_of(said, NODES[:1])))
    assert dict(found.consequences)["containers of other nodes"] == "there are none: it is the only node"
    untold = info(Swarm={**SWARM, "Nodes": 3})  # GET /nodes was forbidden
    told = dict(decide(Facts(ENGINE, untold, swarm=swarm_of(untold))).consequences)
    assert told["containers of other nodes"] == "are not seen from here: ask the daemons of the 2 other nodes"
    assert swarm_of(info(Swarm={"LocalNodeState": "inactive"})) is None
    assert swarm_of({}) is None


def test_every_topology_can_be_said_in_lines_and_in_json() -> None:
    for what in What:
        for where in Where:
            topology = Topology(what, where, "title", (), "p", "a", "h")
            assert json_topology(topology)["topology"] == what.value
            assert [line.split()[-1] for line in topology_lines(topology, 80)] == ["title", "p", "a", "h"]


@pytest.mark.parametrize("width", [20, 60, 100, 200])
def test_lines_keep_to_the_width_where_that_can_be(width: int) -> None:
    lines = list(topology_lines(decide(Facts(ENGINE, MACHINE, host=VM, source=US)), width))
    assert max(map(len, lines)) <= max(width, 40)
    told = " ".join(" ".join(lines).split())
    assert "docker-machine made this host, with its driver virtualbox" in told
    assert "192.168.99.100 is no address of this machine" in told
