"""The probe in the lab's topologies rootless, client-in-container and swarm: each asserted against what curl, nc and ping say
there in tests/test_lab.py."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_probe_lab import CHECKOUT, Lab, Record, Said, up

pytestmark = [pytest.mark.lab, pytest.mark.slow]


@pytest.fixture(scope="module")
def rootless() -> Iterator[tuple[Lab, Said]]:
    with up("rootless") as lab:
        yield lab, lab.probe()


@pytest.fixture(scope="module")
def inside() -> Iterator[tuple[Lab, Said]]:
    with up("client-in-container") as lab:
        yield lab, lab.probe()


@pytest.fixture(scope="module")
def swarm() -> Iterator[tuple[Lab, Said]]:
    with up("swarm") as lab:
        yield lab, lab.probe()


def whole(said: Said) -> None:
    assert (said.code, said.stderr) == (0, "")


class TestRootless:
    def test_the_topology_is_rootless_docker(self, rootless: tuple[Lab, Said]) -> None:
        lab, said = rootless
        whole(said)
        told = said.topology
        assert (told.topology, told.client, told.title) == ("rootless", "behind-a-socket", "rootless Docker")
        assert told.evidence[0]["fact"] == "GET /info has the security option rootless"
        assert told.addresses.startswith("not reachable from here")
        assert lab.traces() == []

    def test_published_ports_answer_on_localhost_where_somebody_listens(self, rootless: tuple[Lab, Said]) -> None:
        verdicts = rootless[1].verdicts("client", "published")
        for address in ("127.0.0.1", "[::1]"):
            assert verdicts[f"{address}:8080"] == "open"
            assert verdicts[f"{address}:8081"] == verdicts[f"{address}:8082"] == "accepted-then-closed"
        assert verdicts["127.0.0.1:8084"] == "open"

    def test_container_addresses_are_reached_from_rootlesskits_namespace_only(self, rootless: tuple[Lab, Said]) -> None:
        _, said = rootless
        assert set(said.verdicts("client", "container").values()) == {"no-route"}
        web = said.one("client", "172.17.0.2:80")
        assert web.explanation.endswith("rootless Docker's networks are in a namespace of their own")
        assert web.remedy == "use a published port"
        assert said.one("daemon host", "172.17.0.2:80").verdict == "open"

    def test_the_gateway_publishes_nothing_and_says_why(self, rootless: tuple[Lab, Said]) -> None:
        _, said = rootless
        assert set(said.verdicts("app", "gateway").values()) == {"refused"}
        for port in (8080, 8082):
            refused = said.one("app", f"172.18.0.1:{port}")
            assert refused.explanation == (
                "rootless Docker publishes ports on the machine that it runs on; the gateway is RootlessKit's namespace"
            )

    def test_no_verdict_open_is_false(self, rootless: tuple[Lab, Said]) -> None:
        assert {r.container for r in rootless[1].records if r.verdict == "open"} == {"web", "local", "app", "db"}


class TestClientInContainer:
    def test_the_topology_names_the_container_and_who_shares_its_network(self, inside: tuple[Lab, Said]) -> None:
        lab, said = inside
        whole(said)
        told = said.topology
        assert (told.topology, told.client) == ("linux-host", "in-a-container")
        assert told.title == "client in container toolbox of a Linux host"
        assert told.evidence[-1]["fact"] == "/proc/self/mountinfo has files of container toolbox"
        assert told.addresses.endswith("that this container is on: bridge (bare, local, loopback, paused, web)")
        assert "(172.17.0.7 on bridge)" in told.to_this_machine
        assert lab.traces() == []

    def test_published_ports_answer_at_the_gateway_and_not_at_localhost(self, inside: tuple[Lab, Said]) -> None:
        _, said = inside
        assert said.one("client", "172.17.0.1:8080", "published").verdict == "open"
        assert said.one("client", "172.17.0.1:8082", "published").verdict == "accepted-then-closed"
        here = said.one("client", "127.0.0.1:8080")
        assert (here.verdict, here.remedy) == ("refused", "use 172.17.0.1 in place of localhost")

    def test_containers_on_its_network_are_reached_and_others_not_asked(self, inside: tuple[Lab, Said]) -> None:
        _, said = inside
        assert said.one("client", "172.17.0.2:80").verdict == "open"
        unsent = said.one("client", "172.18.0.2:80")
        assert unsent.verdict == "not-sent"
        assert unsent.explanation.startswith("toolbox is not on Docker network backend: a packet would leave by eth0")
        assert unsent.remedy.startswith("docker network connect backend toolbox")
        assert said.one("toolbox", "172.18.0.2:80").verdict == "filtered", (
            "the helper knows where its default route leads"
        )

    def test_with_the_hosts_network_it_is_on_the_daemons_machine(
        self, inside: tuple[Lab, Said], tmp_path: Path
    ) -> None:
        """Another container, whose host name is the machine's: its mounts say which it is."""
        lab, _ = inside
        with lab.api() as api:
            binds = api.get("/containers/toolbox/json").json()["HostConfig"]["Binds"]
            body = {
                "Image": "rawdock-lab:1",
                "Cmd": [sys.executable, "-m", "rawdock", "probe", "--json", "--no-helper"],
                "Env": [f"PYTHONPATH={CHECKOUT}", f"DOCKER_HOST=unix://{lab.socket}"],
                "HostConfig": {"NetworkMode": "host", "Binds": binds},
            }
            made = api.post("/containers/create", params={"name": "hostly"}, json=body).raise_for_status().json()["Id"]
            try:
                api.post(f"/containers/{made}/start").raise_for_status()
                assert api.post(f"/containers/{made}/wait").json()["StatusCode"] == 0
                with api.logs(made) as frames:
                    said = b"".join(frame.data for frame in frames)
            finally:
                api.delete(f"/containers/{made}", params={"force": True})
        told = json.loads(said.splitlines()[0])
        assert (told["topology"], told["client"]) == ("linux-host", "same-machine")
        assert told["evidence"][-1]["meaning"].endswith("namespace, in container hostly with --network host")


class TestSwarm:
    def task(self, said: Said, service: str) -> str:
        (found,) = {r.vantage for r in said.records if r.vantage.startswith(f"{service}.")}
        return str(found)

    def test_the_topology_names_the_node_and_the_others(self, swarm: tuple[Lab, Said]) -> None:
        lab, said = swarm
        whole(said)
        told = said.topology
        assert (told.topology, told.client, told.title) == (
            *("linux-host", "same-machine"),
            "Linux host, manager node1 of a swarm",
        )
        assert told.further["containers of other nodes"] == (
            "are not seen from here: ask the daemons of node2 (192.168.79.2), node3 (192.168.79.3)"
        )
        assert lab.traces() == []

    def test_ports_in_mode_host_answer_and_the_routing_mesh_without_ipvs_does_not(
        self, swarm: tuple[Lab, Said]
    ) -> None:
        _, said = swarm
        assert said.one("client", "127.0.0.1:8090").verdict == "open"
        mesh = said.one("client", "127.0.0.1:8092")
        assert (mesh.verdict, mesh.container, mesh.certainty) == ("refused", "balanced", "inferred")
        assert "its kernel may lack IPVS" in mesh.explanation

    def test_an_overlay_is_reached_from_its_tasks_across_nodes_and_from_nowhere_else(
        self, swarm: tuple[Lab, Said]
    ) -> None:
        _, said = swarm
        onhost = self.task(said, "onhost")
        across: list[Record] = [r for r in said.records if r.vantage == onhost and r.node]
        assert {(r.container.split(".")[0], r.node) for r in across} == {
            *(("everywhere", "node2"), ("everywhere", "node3"), ("elsewhere", "node2")),
        }
        assert {(r.verdict, r.certainty) for r in across} == {("open", "inferred")}
        outside = [r for r in said.records if r.network == "shared" and r.vantage in ("client", "web", "bare")]
        assert {(r.vantage, r.verdict) for r in outside} == {
            *(("client", "no-route"), ("web", "not-sent"), ("bare", "not-sent")),
        }

    def test_a_task_reaches_its_node_by_the_swarms_own_bridge(self, swarm: tuple[Lab, Said]) -> None:
        _, said = swarm
        everywhere = self.task(said, "everywhere")
        verdicts = said.verdicts(everywhere, "gateway")
        assert {address.rpartition(":")[0] for address in verdicts} == {"172.19.0.1"}
        assert (verdicts["172.19.0.1:8080"], verdicts["172.19.0.1:8082"]) == ("open", "accepted-then-closed")

    def test_a_narrow_wire_to_one_node_is_a_black_hole_to_that_node_alone(self, swarm: tuple[Lab, Said]) -> None:
        lab, said = swarm
        assert not [record for record in said.records if record.kind == "packets"]
        ethernet = ["ip", "-n", f"rd-{lab.topology}-{lab.name}-ethernet", "link", "set"]
        subprocess.run([*ethernet, "port2", "mtu", "1400"], check=True, timeout=10)
        subprocess.run([*ethernet, "br0", "mtu", "1500"], check=True, timeout=10)  # it had followed its port
        try:
            again = lab.probe()
        finally:
            subprocess.run([*ethernet, "port2", "mtu", "1500"], check=True, timeout=10)
        found = {record.vantage: record for record in again.records if record.kind == "packets"}
        onhost = found[self.task(said, "onhost")]
        assert {(record.node, record.verdict) for record in found.values()} == {("node2", "mtu-black-hole")}
        assert onhost.explanation.startswith("packets over 13")  # 1400, less the overlay's own 50 bytes
        assert "create network shared anew with -o com.docker.network.driver.mtu=13" in onhost.remedy

    def test_where_nodes_do_not_let_vxlan_pass_the_ports_are_named(self, swarm: tuple[Lab, Said]) -> None:
        lab, said = swarm
        rule = ["-I", "INPUT", "-p", "udp", "--dport", "4789", "-j", "DROP"]
        node2 = ["nsenter", f"--net=/run/netns/rd-{lab.topology}-{lab.name}-node2", "iptables", "-w"]
        subprocess.run([*node2, *rule], check=True, timeout=10)
        try:
            again = lab.probe()
        finally:
            subprocess.run([*node2, "-D", *rule[1:]], check=True, timeout=10)
        onhost = self.task(said, "onhost")
        found = {(r.node, r.verdict) for r in again.records if r.vantage == onhost and r.node}
        assert found == {("node2", "filtered"), ("node3", "open")}
        (lost, *_) = (r for r in again.records if r.verdict == "filtered" and r.node)
        assert lost.remedy == "let UDP 4789 pass between the nodes, and TCP and UDP 7946"

    def test_no_packet_for_an_overlay_takes_the_nodes_default_route(self, swarm: tuple[Lab, Said]) -> None:
        lab, _ = swarm
        node1, node2 = (f"rd-{lab.topology}-{lab.name}-node{number}" for number in (1, 2))
        counter = ["PREROUTING", "-i", "eth0", "-d", "10.0.0.0/8"]

        def inside(name: str, *words: str) -> str:
            command = ["ip", "netns", "exec", name, *words]
            return subprocess.run(command, check=True, capture_output=True, text=True, timeout=10).stdout

        inside(node1, "ip", "route", "add", "default", "via", "192.168.79.2")
        inside(node2, "iptables", "-w", "-t", "raw", "-I", *counter)
        try:
            again = lab.probe()
            rules = inside(node2, "iptables", "-w", "-t", "raw", "-nvxL", "PREROUTING").splitlines()
        finally:
            inside(node2, "iptables", "-w", "-t", "raw", "-D", *counter)
            inside(node1, "ip", "route", "del", "default")
        assert [rule.split()[0] for rule in rules if "10.0.0.0/8" in rule] == ["0"]
        outside = {r.verdict for r in again.records if r.network == "shared" and r.vantage in ("client", "web", "bare")}
        assert outside == {"not-sent"}
        assert again.verdicts(self.task(again, "onhost"), "container") != {}

    def test_a_worker_says_what_it_does_not_know(self, swarm: tuple[Lab, Said]) -> None:
        lab, _ = swarm
        said = lab.probe("--no-helper", host=f"unix://{lab.socket.parent}/node2/docker.sock")
        assert said.code == 0
        assert said.topology.title.endswith("worker node2 of a swarm")
        told = said.topology.further["containers of other nodes"]
        assert told == "are not seen from here: ask the daemons of 192.168.79.1; a worker knows the managers only"
