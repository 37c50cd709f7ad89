"""UDP, IPv6, large packets, names and aliases against a real dockerd: each case of the kind that the lab can build.

UDP services are sockets of this test's own in the containers' network namespaces, since the lab's image has no program for
them. Nothing leaves the lab's namespaces: none has a route outside.

It is long because it builds each case before it asks.
"""

from __future__ import annotations

import ctypes
import os
import selectors
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

import engine
import pytest
from test_probe_lab import Lab, Lan, Said, all_awake, ip, up

from rawdock.client import SyncClient

CLONE_NEWNET = 0x40000000
VM = "192.168.99.100"
T = TypeVar("T")

pytestmark = [
    pytest.mark.lab,
    pytest.mark.slow,
    pytest.mark.skipif(engine.PODMAN, reason="the cases are docker-proxy's and Docker's bridges'"),
]


def _enter(path: str) -> None:
    with open(path, "rb") as namespace:
        if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


class Services:
    """UDP sockets in containers; those that echo are served by one thread."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._sockets: list[socket.socket] = []
        self._stop, self._stopped = socket.socketpair()
        self._selector.register(self._stopped, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Services:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.send(b"x")
        self._thread.join()
        for each in (*self._sockets, self._stop, self._stopped):
            each.close()
        self._selector.close()

    def bind(self, container: Made, address: str, port: int, *, echoes: bool = True) -> None:
        def make() -> socket.socket:
            made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
            made.bind((address, port))
            return made

        made = container.inside(make)
        self._sockets.append(made)
        if echoes:
            self._selector.register(made, selectors.EVENT_READ)
            self._stop.send(b"-")  # look again at what there is to serve

    def _serve(self) -> None:
        while True:
            for key, _ in self._selector.select():
                assert isinstance(key.fileobj, socket.socket)
                if key.fileobj is self._stopped:
                    if b"x" in self._stopped.recv(100):
                        return
                    continue
                data, peer = key.fileobj.recvfrom(2000)
                key.fileobj.sendto(data, peer)


class Made:
    """A container of the test's own."""

    def __init__(self, api: SyncClient, name: str, identity: str) -> None:
        document = api.get(f"/containers/{identity}/json").json()
        self.name = name
        self.pid: int = document["State"]["Pid"]
        self.ends: dict[str, Any] = document["NetworkSettings"]["Networks"]

    @property
    def address(self) -> str:
        (end,) = self.ends.values()
        return str(end["IPAddress"])

    def inside(self, call: Callable[[], T]) -> T:
        with ThreadPoolExecutor(1, initializer=lambda: _enter(f"/proc/{self.pid}/ns/net")) as pool:
            return pool.submit(call).result(10)

    def run(self, *command: str) -> str:
        return run("nsenter", f"--net=/proc/{self.pid}/ns/net", *command)


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


class Builder:
    """Containers and networks of the test's own; the lab goes down with them."""

    def __init__(self, api: SyncClient) -> None:
        self._api = api

    def network(self, name: str, **settings: Any) -> None:
        self._api.post("/networks/create", json={"Name": name, "Driver": "bridge", **settings}).raise_for_status()

    def container(self, name: str, *ports: str, network: str = "bridge", serves: bool = False, **host: Any) -> Made:
        """`ports`: "9/udp" is exposed, "7779:9/udp" published too; `serves`: a page on 80."""
        exposed: dict[str, object] = {port.rpartition(":")[2]: {} for port in ports}
        bindings = {port.rpartition(":")[2]: [{"HostPort": port.partition(":")[0]}] for port in ports if ":" in port}
        body = {
            "Image": engine.IMAGE,
            "Cmd": ["httpd", "-f", "-p", "80", "-h", "/www"] if serves else ["sleep", "2147483647"],
            "ExposedPorts": exposed,
            "StopSignal": "SIGKILL",
            "HostConfig": {"NetworkMode": network, "PortBindings": bindings, **host},
        }
        made = self._api.post("/containers/create", params={"name": name}, json=body).raise_for_status().json()["Id"]
        self._api.post(f"/containers/{made}/start").raise_for_status()
        return Made(self._api, name, made)


@contextmanager
def built(topology: str) -> Iterator[tuple[Lab, Builder, Services]]:
    with ExitStack() as stack:
        lab = stack.enter_context(up(topology))
        stack.enter_context(all_awake(lab))
        builder = Builder(stack.enter_context(lab.api()))
        yield lab, builder, stack.enter_context(Services())


def ports_interface(lab: Lab, container: Made) -> str:
    """The end of the container's wire at the bridge."""
    link = container.run("ip", "-o", "link", "show", "eth0")
    number = link.partition("eth0@if")[2].partition(":")[0]
    (line,) = [
        line for line in ip("-n", lab.client_namespace, "-o", "link").splitlines() if line.startswith(f"{number}:")
    ]
    return line.split()[1].partition("@")[0]


# On one machine


@pytest.fixture(scope="module")
def native_said() -> Iterator[Said]:
    with built("native") as (lab, builder, services):
        services.bind(builder.container("echo", "7777:7/udp"), "0.0.0.0", 7)
        services.bind(builder.container("mute", "7779:9/udp"), "0.0.0.0", 9, echoes=False)
        services.bind(builder.container("inward", "7781:9/udp"), "127.0.0.1", 9)
        builder.container("shut", "7780:9/udp")
        for name, *target in (("walled", "DROP"), ("barred", "REJECT", "--reject-with", "icmp-port-unreachable")):
            made = builder.container(name, "7/udp")
            services.bind(made, "0.0.0.0", 7)
            made.run("iptables", "-w", "-A", "INPUT", "-p", "udp", "!", "-i", "lo", "-j", *target)
        ranges = [{"Subnet": "172.30.0.0/16"}, {"Subnet": "fd00:6::/64"}]
        builder.network("six", EnableIPv6=True, IPAM={"Config": ranges})
        builder.container("six1", "8666:80/tcp", network="six", serves=True)
        services.bind(builder.container("six2", "7/udp", network="six"), "::", 7)
        builder.network("narrow", IPAM={"Config": [{"Subnet": "172.31.0.0/16"}]})
        builder.container("wide", network="narrow")
        muffled = builder.container("muffled", network="narrow")
        muffled.run("iptables", "-w", "-I", "INPUT", "-i", "lo", "-p", "udp", "-j", "DROP")
        tight = builder.container("tight", network="narrow", serves=True)
        ip("-n", lab.client_namespace, "link", "set", ports_interface(lab, tight), "mtu", "1400")
        builder.container("named", network="backend", ExtraHosts=["host.docker.internal:host-gateway"])
        # As ufw would, but for the ports of docker-proxy.
        rule = ["INPUT", "-s", "172.31.0.0/16", "-p", "tcp", "--dport", "32768:60999", "-j", "DROP"]
        run("ip", "netns", "exec", lab.client_namespace, "iptables", "-w", "-A", *rule)
        yield lab.probe()


def port(said: Said, vantage: str, container: str, kind: str, ending: str) -> Any:
    found = [
        record
        for record in said.records
        if (record.vantage, record.container, record.kind) == (vantage, container, kind)
        and record.target.endswith(ending)
    ]
    assert len(found) == 1, f"{vantage} to {container} {ending}: {found}"
    return found[0]


class TestDatagrams:
    def test_an_echo_answers_by_its_address_by_the_forwarder_and_by_the_gateway(self, native_said: Said) -> None:
        for vantage, kind, ending in (
            ("client", "container", ":7/udp"),
            ("client", "published", "127.0.0.1:7777/udp"),
            ("client", "published", "[::1]:7777/udp"),
            ("app", "gateway", "172.18.0.1:7777/udp"),
            ("web", "container", ":7/udp"),
        ):
            record = port(native_said, vantage, "echo", kind, ending)
            assert (record.verdict, record.explanation, record.protocol) == ("open", "echo answered", "udp")

    def test_a_closed_port_refuses_and_the_forwarder_swallows_that(self, native_said: Said) -> None:
        direct = port(native_said, "client", "shut", "container", ":9/udp")
        assert (direct.verdict, direct.errno, direct.expected) == ("refused", "ECONNREFUSED", "refused")
        assert direct.icmp["from"] == direct.target.partition(":")[0]
        assert direct.explanation == "shut is up, but nobody listens on UDP port 9 in it"
        published = port(native_said, "client", "shut", "published", "127.0.0.1:7780/udp")
        assert (published.verdict, published.expected, published.certainty) == ("no-answer", "no-answer", "measured")
        assert published.explanation == "nobody in shut has UDP port 9 open; the port forwarder swallowed the error"

    def test_a_socket_on_the_containers_loopback_is_found_in_its_table(self, native_said: Said) -> None:
        where = "127.0.0.1:9/udp only, its own loopback"
        direct = port(native_said, "web", "inward", "container", ":9/udp")
        assert (direct.verdict, direct.explanation) == ("refused", f"inward listens on {where}")
        published = port(native_said, "client", "inward", "published", "127.0.0.1:7781/udp")
        assert published.verdict == "no-answer"
        assert published.explanation == f"inward has a socket on {where}; the port forwarder swallowed the error"

    def test_an_application_that_keeps_still_does_so_inside_its_own_network(self, native_said: Said) -> None:
        record = port(native_said, "web", "mute", "container", ":9/udp")
        assert (record.verdict, record.passes) == ("no-answer", 2)
        assert record.explanation == (
            "mute has a socket on 0.0.0.0:9/udp and does not answer our datagram, not even inside its own network"
        )

    def test_a_firewall_that_drops_is_told_by_the_answer_inside(self, native_said: Said) -> None:
        record = port(native_said, "web", "walled", "container", ":7/udp")
        assert record.verdict == "filtered"
        assert record.explanation == (
            "dropped silently, twice: walled answers the same datagram inside its own network"
        )

    def test_a_firewall_that_rejects_is_told_by_the_table_of_sockets(self, native_said: Said) -> None:
        record = port(native_said, "web", "barred", "container", ":7/udp")
        assert record.verdict == "rejected"
        assert record.explanation.startswith("barred has a socket on 0.0.0.0:7/udp, but a firewall at 172.17.0.")

    def test_across_networks_datagrams_are_dropped_by_dockers_rules(self, native_said: Said) -> None:
        record = port(native_said, "app", "echo", "container", ":7/udp")
        assert (record.verdict, record.expected) == ("filtered", "filtered")
        assert "app is not on network bridge" in record.explanation


class TestIPv6:
    def test_container_and_published_addresses_of_both_families_answer(self, native_said: Said) -> None:
        for kind, ending in (
            ("container", "172.30.0.2:80"),
            ("container", "[fd00:6::2]:80"),
            ("published", "127.0.0.1:8666"),
            ("published", "[::1]:8666"),
        ):
            assert port(native_said, "client", "six1", kind, ending).verdict == "open"
        assert port(native_said, "six2", "six1", "container", "[fd00:6::2]:80").verdict == "open"
        assert port(native_said, "six1", "six2", "container", "[fd00:6::3]:7/udp").explanation == "six2 answered"

    def test_the_gateway_of_each_family_shows_published_ports(self, native_said: Said) -> None:
        assert port(native_said, "six2", "web", "gateway", "[fd00:6::1]:8080").verdict == "open"
        assert port(native_said, "six2", "bare", "gateway", "[fd00:6::1]:8082").verdict == "accepted-then-closed"
        assert port(native_said, "six2", "shut", "gateway", "[fd00:6::1]:7780/udp").verdict == "no-answer"

    def test_from_a_container_without_ipv6_there_is_no_address_to_send_from(self, native_said: Said) -> None:
        record = port(native_said, "app", "six1", "container", "[fd00:6::2]:80")
        number = "ENETUNREACH" if engine.docker(26) else "EADDRNOTAVAIL"  # 26 turns IPv6 off in that container
        assert (record.verdict, record.errno, record.expected) == ("no-address", number, "no-address")
        assert record.explanation == "app has no IPv6 address to send from"


class TestNames:
    def test_a_name_of_another_network_is_told_without_asking(self, native_said: Said) -> None:
        record = port(native_said, "app", "six1", "name", ":80")
        assert (record.verdict, record.certainty, record.passes) == ("name-other-network", "inferred", 0)
        assert record.remedy == "docker network connect backend six1"
        assert native_said.verdicts("six2", "name")["six1"] == "open"

    def test_a_name_server_that_a_firewall_keeps_away_is_none(self, native_said: Said) -> None:
        record = port(native_said, "muffled", "tight", "name", ":80")
        assert (record.verdict, record.certainty) == ("name-no-resolver", "measured")
        assert record.explanation == "the name server is silent, to a question about itself, too"

    def test_an_alias_of_this_machine_is_a_way_to_it(self, native_said: Said) -> None:
        ways = [record for record in native_said.records if (record.vantage, record.kind) == ("named", "client")]
        assert [(way.name, way.target.rpartition(":")[0], way.verdict) for way in ways] == [
            (None, "172.18.0.1", "open"),
            ("host.docker.internal", "172.17.0.1", "open"),
        ]

    def test_a_firewall_of_this_machine_keeps_containers_out(self, native_said: Said) -> None:
        (way,) = [record for record in native_said.records if (record.vantage, record.kind) == ("wide", "client")]
        assert (way.verdict, way.passes) == ("filtered", 2)
        assert way.explanation.startswith("dropped silently, twice: a firewall of this machine keeps containers out")
        assert way.remedy == "let 172.31.0.0/16 in: with ufw, ufw allow from 172.31.0.0/16"


class TestLargePackets:
    def test_a_port_of_a_bridge_with_a_smaller_mtu_is_a_black_hole(self, native_said: Said) -> None:
        (record,) = [record for record in native_said.records if record.kind == "packets"]
        assert (record.vantage, record.target, record.verdict) == ("muffled", "172.31.0.4/icmp", "mtu-black-hole")
        assert record.explanation == (
            "packets over 1400 bytes vanish between muffled and tight: a connection opens, and stalls with its first large "
            "packet"
        )
        assert "create network narrow anew with -o com.docker.network.driver.mtu=1400" in record.remedy
        assert port(native_said, "muffled", "tight", "container", ":80").verdict == "open"


# Before a VM


@pytest.fixture(scope="module")
def machine() -> Iterator[Lab]:
    with built("docker-machine") as (lab, builder, services):
        services.bind(builder.container("echo", "7777:7/udp"), "0.0.0.0", 7)
        builder.container("shut", "7780:9/udp")
        builder.container("named", network="backend", ExtraHosts=["host.docker.internal:host-gateway"])
        vm = f"rd-{lab.topology}-{lab.name}-vm"
        ip("-n", vm, "link", "set", "eth1", "mtu", "1400")
        yield lab


@pytest.fixture(scope="module")
def machine_said(machine: Lab) -> Said:
    return machine.probe()


class TestDockerMachine:
    def test_by_dnat_the_containers_own_refusal_arrives(self, machine_said: Said) -> None:
        assert machine_said.one("client", f"{VM}:7777/udp").explanation == "echo answered"
        shut = machine_said.one("client", f"{VM}:7780/udp")
        assert (shut.verdict, shut.icmp["type"], shut.icmp["code"]) == ("refused", 3, 3)
        assert shut.explanation == "shut is up, but nobody listens on UDP port 9 in it"
        here = machine_said.one("client", "127.0.0.1:7777/udp")
        assert (here.verdict, here.remedy) == ("refused", f"use {VM} in place of localhost")

    def test_by_the_vms_address_a_container_is_answered_from_its_gateway(self, machine_said: Said) -> None:
        for vantage, gateway in (("app", "172.18.0.1"), ("web", "172.17.0.1")):
            record = machine_said.one(vantage, f"{VM}:7777/udp")
            if engine.docker(28):  # its docker-proxy answers from the address that was asked
                assert record.verdict == "open"
                continue
            assert record.verdict == "wrong-source"
            assert record.explanation.startswith(f"echo answered, but from {gateway} in place of {VM}:")
            assert record.remedy.startswith(f"send to {gateway},")

    def test_a_narrow_way_to_this_machine_is_named_with_its_mtu(self, machine_said: Said) -> None:
        found = {record.vantage: record for record in machine_said.records if record.kind == "packets"}
        assert {record.verdict for record in found.values()} == {"too-big"}
        app = found["app"]
        assert app.explanation == (
            "172.18.0.1 takes packets of at most 1400 bytes on the way to 192.168.99.1, and app sends 1500; it says so, so TCP "
            "finds its size after a lost packet"
        )
        assert app.icmp == {"type": 3, "code": 4, "from": "172.18.0.1", "mtu": 1400}
        assert found["web"].remedy == 'give the daemon "mtu": 1400 in daemon.json'

    def test_host_gateway_is_the_vm_and_not_this_machine(self, machine_said: Said) -> None:
        (record,) = [record for record in machine_said.records if record.name == "host.docker.internal"]
        assert (record.vantage, record.verdict, record.passes) == ("named", "name-wrong-address", 0)
        assert "leads to 172.17.0.1, which is the daemon's host" in record.explanation

    def test_without_the_routers_word_it_is_a_black_hole(self, machine: Lab, machine_said: Said) -> None:
        namespace = f"rd-{machine.topology}-{machine.name}-vm"
        rule = ["OUTPUT", "-p", "icmp", "--icmp-type", "fragmentation-needed", "-j", "DROP"]
        run("ip", "netns", "exec", namespace, "iptables", "-w", "-I", *rule)
        try:
            said = machine.probe()
        finally:
            run("ip", "netns", "exec", namespace, "iptables", "-w", "-D", *rule)
        found = {record.vantage: record for record in said.records if record.kind == "packets"}
        assert {record.verdict for record in found.values()} == {"mtu-black-hole"}
        assert found["app"].explanation.startswith("packets over 1400 bytes vanish between app and 192.168.99.1:")

    def test_no_datagram_and_no_ping_for_a_container_takes_the_default_route(self, machine: Lab) -> None:
        lan = Lan(machine.client_namespace)
        try:
            lan.build()
            ip("-n", lan.client, "route", "add", "default", "via", "198.51.100.2")
            said = machine.probe("--no-helper")
            assert lan.sent() == 0
        finally:
            lan.remove()
        direct = [record for record in said.records if record.kind == "container"]
        assert {record.verdict for record in direct} == {"not-sent"}
        assert "udp" in {record.protocol for record in direct}
        assert not [record for record in said.records if record.kind == "packets" and record.container]

    def test_a_path_to_a_udp_port_is_taken_apart(self, machine: Lab) -> None:
        command = [word for word in machine.command("web", "echo:7/udp") if word != "--json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        state = "ok    " if engine.docker(28) else "BROKEN"
        assert f"  {state}       UDP port 7 in echo" in done.stdout.partition(f"by {VM}:7777/udp")[2]
        assert "  ok           UDP port 7 in echo" in done.stdout.partition(f"by {VM}:7777/udp")[0]
