"""The client's own probes: on loopback and, as root, in network namespaces made for the test.

Nothing leaves the machine: the namespaces have no way out, and their addresses are the ones set aside for documentation
(RFC 5737, RFC 3849).

It is long because each way a probe can end has its own set-up.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import resource
import socket
import struct
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import TypeVar

import pytest

from rawdock.probe.asks import Ask
from rawdock.probe.observation import ICMP, Observation, Outcome
from rawdock.probe.protocol import Protocol
from rawdock.probe.route import Route, owns_address, route_to
from rawdock.probe.sweep import LISTEN, MAX_AT_ONCE
from rawdock.probe.sweep import sweep as run_sweep

T = TypeVar("T")
CLONE_NEWNET = 0x40000000
needs_root = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="needs root to make network namespaces"
)


def sweep(targets: Iterable[tuple[str, int]], timeout: float) -> list[Observation]:
    return run_sweep([Ask(*target) for target in targets], timeout)


def bound(address: str = "127.0.0.1") -> socket.socket:
    """A socket that holds a port; connections there are refused until it listens."""
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    sock.settimeout(10)
    sock.bind((address, 0))
    return sock


def where(sock: socket.socket) -> tuple[str, int]:
    address, port = sock.getsockname()[:2]
    return address, port


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with bound() as sock:
        sock.listen(2000)
        yield sock


@pytest.fixture
def closed_port() -> Iterator[tuple[str, int]]:
    with bound() as sock:
        yield where(sock)


def while_peer(listener: socket.socket, answer: Callable[[socket.socket], None]) -> Observation:
    """What a probe sees of a peer that accepts one connection and then does this."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            answer(connection)

    peer = Thread(target=serve)
    peer.start()
    try:
        (seen,) = sweep([where(listener)], 5)
    finally:
        peer.join()
    return seen


def shape(seen: Observation) -> tuple[Outcome, int]:
    return seen.outcome, seen.errno


# On loopback


def test_a_peer_that_speaks_first_is_heard(listening: socket.socket) -> None:
    seen = while_peer(listening, lambda connection: connection.sendall(b"220 hello\r\n"))
    assert (seen.outcome, seen.errno, seen.data) == (Outcome.DATA, 0, b"220 hello\r\n")


def test_of_a_long_banner_96_bytes_are_kept(listening: socket.socket) -> None:
    assert while_peer(listening, lambda connection: connection.sendall(b"x" * 500)).data == b"x" * 96


def test_a_peer_that_hangs_up_is_closed(listening: socket.socket) -> None:
    assert shape(while_peer(listening, lambda connection: None)) == (Outcome.CLOSED, 0)


def test_a_peer_that_resets_is_a_reset(listening: socket.socket) -> None:
    def reset(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    seen = while_peer(listening, reset)
    # The kernel reports a reset that overtakes our look at the connect as the connect's own error.
    assert seen.outcome in (Outcome.RESET, Outcome.FAILED)
    assert seen.errno == errno.ECONNRESET


def test_a_peer_that_says_nothing_is_quiet_and_its_time_is_the_connects(listening: socket.socket) -> None:
    began = time.monotonic()
    (seen,) = sweep([where(listening)], 5)
    assert shape(seen) == (Outcome.QUIET, 0)
    assert seen.milliseconds < LISTEN * 1000 <= (time.monotonic() - began) * 1000


def test_not_a_byte_is_sent_to_the_peer(listening: socket.socket) -> None:
    sweep([where(listening)], 5)
    connection, _ = listening.accept()
    with connection:
        assert connection.recv(1) == b""


def test_a_closed_port_is_refused_without_icmp(closed_port: tuple[str, int]) -> None:
    (seen,) = sweep([closed_port], 5)
    assert (*shape(seen), seen.icmp) == (Outcome.FAILED, errno.ECONNREFUSED, None)


def test_ipv6_is_probed_and_where_there_is_none_the_errno_says_so() -> None:
    try:
        server = bound("::1")
    except OSError:
        assert sweep([("::1", 9)], 5)[0].errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.ENETUNREACH)
        return
    with server, bound("::1") as closed:
        server.listen()
        quiet, refused = sweep([where(server), where(closed)], 5)
    assert (quiet.outcome, shape(refused)) == (Outcome.QUIET, (Outcome.FAILED, errno.ECONNREFUSED))


def test_answers_come_in_the_order_of_the_targets(listening: socket.socket, closed_port: tuple[str, int]) -> None:
    seen = sweep([where(listening), closed_port, where(listening), ("127.0.0.1", 0)], 5)
    assert [one.outcome for one in seen] == [Outcome.QUIET, Outcome.FAILED, Outcome.QUIET, Outcome.FAILED]


def test_nothing_to_probe_is_nothing_seen() -> None:
    assert sweep([], 5) == []


def test_2000_ports_all_answer_though_only_some_are_open_at_a_time(
    listening: socket.socket, closed_port: tuple[str, int]
) -> None:
    assert MAX_AT_ONCE < 1000
    seen = sweep([where(listening), closed_port] * 1000, 10)
    assert [one.outcome for one in seen] == [Outcome.QUIET, Outcome.FAILED] * 1000
    assert {one.errno for one in seen} == {0, errno.ECONNREFUSED}


def test_under_a_low_limit_of_open_files_probes_wait_their_turn(listening: socket.socket) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    in_use = max(int(name) for name in os.listdir("/proc/self/fd")) + 1
    resource.setrlimit(resource.RLIMIT_NOFILE, (in_use + 10, limits[1]))
    try:
        seen = sweep([where(listening)] * 25, 10)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert {one.outcome for one in seen} == {Outcome.QUIET}


def test_every_socket_is_closed_at_the_end(listening: socket.socket, closed_port: tuple[str, int]) -> None:
    before = set(os.listdir("/proc/self/fd"))
    sweep([where(listening), closed_port] * 20, 5)
    assert set(os.listdir("/proc/self/fd")) == before


# Datagrams


def udp(address: str = "127.0.0.1") -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(10)
    sock.bind((address, 0))
    return sock


def datagram(sock: socket.socket) -> Ask:
    return Ask(*where(sock), protocol=Protocol.UDP, payload=b"hello")


def test_a_datagram_that_is_answered_is_a_reply() -> None:
    with udp() as server, ThreadPoolExecutor(1) as pool:
        seen = pool.submit(run_sweep, [datagram(server)], 5)
        data, client = server.recvfrom(100)
        server.sendto(data.upper(), client)
        (found,) = seen.result(10)
    assert (found.outcome, found.data, found.source, found.icmp) == (Outcome.REPLY, b"HELLO", "", None)


def test_an_answer_from_another_address_is_heard_and_says_from_where() -> None:
    with udp() as server, udp("127.0.0.2") as other, ThreadPoolExecutor(1) as pool:
        seen = pool.submit(run_sweep, [datagram(server)], 5)
        other.sendto(b"hi", server.recvfrom(100)[1])
        (found,) = seen.result(10)
    assert (found.outcome, found.data, found.source) == (Outcome.REPLY, b"hi", "127.0.0.2")


def test_a_closed_udp_port_is_refused_by_an_icmp_message() -> None:
    with udp() as busy:
        busy.connect(("127.0.0.1", 9))  # it holds its port, and hears its peer only
        (seen,) = run_sweep([datagram(busy)], 5)
    assert shape(seen) == (Outcome.FAILED, errno.ECONNREFUSED)
    assert seen.icmp == ICMP(4, 3, 3, 0, "127.0.0.1")


def test_a_datagram_without_an_answer_is_sent_again_after_1100_ms() -> None:
    with udp() as server:
        (seen,) = run_sweep([datagram(server)], 1.3)
        assert [server.recv(10) for _ in range(2)] == [b"hello"] * 2
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.recv(10)
    assert (*shape(seen), seen.undecided) == (Outcome.TIMEOUT, errno.ETIMEDOUT, True)


def test_datagrams_and_connects_share_one_sweep(listening: socket.socket, closed_port: tuple[str, int]) -> None:
    with udp() as server:
        seen = run_sweep([datagram(server), Ask(*closed_port), Ask(*where(listening)), datagram(server)], 0.4)
    assert [one.outcome for one in seen] == [Outcome.TIMEOUT, Outcome.FAILED, Outcome.QUIET, Outcome.TIMEOUT]


def test_this_machines_addresses_are_its_own_and_others_are_not() -> None:
    assert owns_address("127.0.0.1")
    assert not owns_address("192.0.2.1")
    assert not owns_address("2001:db8::1")


# In namespaces: here 192.0.2.1 -- 192.0.2.2 there, which forwards to 198.51.100.0/24


def ip(*words: str) -> str:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 0, f"ip {words}: {done.stderr}"
    return done.stdout


class Net:
    """Two namespaces joined by a veth pair."""

    def __init__(self) -> None:
        token = uuid.uuid4().hex[:8]
        self.here, self.there = f"rd-test-{token}-a", f"rd-test-{token}-b"

    def build(self) -> None:
        for name in (self.here, self.there):
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", self.here, "link", "add", "v0", "type", "veth", "peer", "name", "v0", "netns", self.there)
        for number, name in enumerate((self.here, self.there), 1):
            self.run(name, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.v0.accept_dad=0")
            ip("-n", name, "address", "add", f"192.0.2.{number}/24", "dev", "v0")
            ip("-n", name, "address", "add", f"2001:db8::{number}/64", "dev", "v0", "nodad")
            ip("-n", name, "link", "set", "v0", "up")
        ip("-n", self.here, "route", "add", "198.51.100.0/24", "via", "192.0.2.2")
        self.run(self.there, "sysctl", "-qw", "net.ipv4.ip_forward=1")

    def remove(self) -> None:
        for name in (self.here, self.there):
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, timeout=10, check=False)

    def run(self, name: str, *command: str) -> None:
        done = subprocess.run(
            ["ip", "netns", "exec", name, *command], capture_output=True, text=True, timeout=10, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"

    def reject(self, port: int, *target: str) -> None:
        self.run(self.there, "iptables", "-I", "INPUT", "-p", "tcp", "--dport", str(port), "-j", *target)

    def inside(self, name: str, call: Callable[[], T]) -> T:
        """What the call returns, made by a thread that stands in the namespace."""
        with ThreadPoolExecutor(1, initializer=lambda: _enter(f"/run/netns/{name}")) as pool:
            return pool.submit(call).result(30)

    def probe(self, *targets: tuple[str, int], timeout: float = 5) -> list[Observation]:
        return self.inside(self.here, lambda: sweep(targets, timeout))

    def ask(self, *asks: Ask, timeout: float = 5) -> list[Observation]:
        return self.inside(self.here, lambda: run_sweep(asks, timeout))

    def route(self, address: str) -> Route | None:
        return self.inside(self.here, lambda: route_to(address))

    def sent(self) -> int:
        """How many packets have left by the link, whatever they were."""
        (link,) = json.loads(ip("-n", self.here, "-s", "-j", "link", "show", "dev", "v0"))
        packets: int = link["stats64"]["tx"]["packets"]
        return packets


def _enter(path: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    with open(path, "rb") as namespace:
        if libc.setns(namespace.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


@pytest.fixture(scope="module")
def net() -> Iterator[Net]:
    made = Net()
    try:
        made.build()
        yield made
    finally:
        made.remove()


@needs_root
class TestNamespaces:
    def test_without_a_route_the_network_is_unreachable(self, net: Net) -> None:
        (seen,) = net.probe(("203.0.113.1", 80))
        assert (*shape(seen), seen.icmp) == (Outcome.FAILED, errno.ENETUNREACH, None)

    def test_the_router_without_a_route_is_named(self, net: Net) -> None:
        (seen,) = net.probe(("198.51.100.7", 80))
        assert shape(seen) == (Outcome.FAILED, errno.ENETUNREACH)
        assert seen.icmp == ICMP(4, 3, 0, 0, "192.0.2.2")

    @pytest.mark.parametrize(
        ("kind", "number", "code"),
        [
            ("icmp-port-unreachable", errno.ECONNREFUSED, 3),
            ("icmp-host-prohibited", errno.EHOSTUNREACH, 10),
            ("icmp-admin-prohibited", errno.EHOSTUNREACH, 13),
        ],
    )
    def test_a_firewall_that_rejects_is_named_with_its_code(self, net: Net, kind: str, number: int, code: int) -> None:
        net.reject(1000 + code, "REJECT", "--reject-with", kind)
        (seen,) = net.probe(("192.0.2.2", 1000 + code))
        assert shape(seen) == (Outcome.FAILED, number)
        assert seen.icmp == ICMP(4, 3, code, 0, "192.0.2.2")

    def test_a_reset_by_a_firewall_looks_like_a_closed_port(self, net: Net) -> None:
        net.reject(1100, "REJECT", "--reject-with", "tcp-reset")
        (seen,) = net.probe(("192.0.2.2", 1100))
        assert (*shape(seen), seen.icmp) == (Outcome.FAILED, errno.ECONNREFUSED, None)

    def test_a_drop_times_out_after_the_time_given(self, net: Net) -> None:
        net.reject(1200, "DROP")
        (seen,) = net.probe(("192.0.2.2", 1200), timeout=0.3)
        assert (*shape(seen), seen.undecided) == (Outcome.TIMEOUT, errno.ETIMEDOUT, True)
        assert 300 <= seen.milliseconds < 1000

    def test_a_socket_that_met_itself_is_refused(self, net: Net) -> None:
        """With one port to choose from, the kernel gives the probe the very port that it connects to."""
        net.run(net.there, "sysctl", "-qw", "net.ipv4.ip_local_port_range=40000 40000")
        (seen,) = net.inside(net.there, lambda: sweep([("127.0.0.1", 40000)], 5))
        assert shape(seen) == (Outcome.FAILED, errno.ECONNREFUSED)

    def test_a_neighbour_over_ipv6_is_probed(self, net: Net) -> None:
        (seen,) = net.probe(("2001:db8::2", 80))
        assert shape(seen) == (Outcome.FAILED, errno.ECONNREFUSED)

    def test_who_may_not_ping_is_told_so(self, net: Net) -> None:
        net.run(net.here, "sysctl", "-qw", "net.ipv4.ping_group_range=1 0")
        (seen,) = net.ask(Ask("192.0.2.2", 0, protocol=Protocol.ICMP))
        assert shape(seen) == (Outcome.ERROR, errno.EACCES)

    def test_a_ping_is_as_large_as_it_should_be_or_as_the_interface_sends(self, net: Net) -> None:
        net.run(net.here, "sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647")
        addresses = [("192.0.2.2", 0), ("192.0.2.2", 84), ("2001:db8::2", 0), ("192.0.2.2", 1501)]
        seen = net.ask(*(Ask(address, 0, protocol=Protocol.ICMP, size=size) for address, size in addresses))
        assert [(one.outcome, one.size) for one in seen] == [
            (Outcome.REPLY, 1500),
            (Outcome.REPLY, 84),
            (Outcome.REPLY, 1500),
            (Outcome.FAILED, 1501),
        ]
        assert (seen[3].errno, seen[3].icmp) == (errno.EMSGSIZE, ICMP(0, 0, 0, 1500, ""))

    def test_a_router_with_a_narrow_link_names_its_mtu(self, net: Net) -> None:
        net.run(net.here, "sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647")
        ip("-n", net.there, "link", "add", "narrow", "mtu", "1280", "type", "veth", "peer", "name", "end")
        ip("-n", net.there, "link", "set", "end", "up")
        ip("-n", net.there, "address", "add", "198.51.100.129/25", "dev", "narrow")
        ip("-n", net.there, "link", "set", "narrow", "up")
        for _ in range(2):  # what the kernel has learned meanwhile does not count
            (seen,) = net.ask(Ask("198.51.100.130", 0, protocol=Protocol.ICMP))
            assert (*shape(seen), seen.size) == (Outcome.FAILED, errno.EMSGSIZE, 1500)
            assert seen.icmp == ICMP(4, 3, 4, 1280, "192.0.2.2")

    @pytest.mark.slow
    def test_an_absent_neighbour_is_unreachable_within_the_second_pass(self, net: Net) -> None:
        (seen,) = net.probe(("192.0.2.9", 80), timeout=3.5)
        assert shape(seen) == (Outcome.FAILED, errno.EHOSTUNREACH)
        assert 2900 < seen.milliseconds < 3500

    def test_a_route_names_interface_gateway_and_source(self, net: Net) -> None:
        assert net.route("192.0.2.2") == Route("v0", "", "192.0.2.1")
        assert net.route("198.51.100.7") == Route("v0", "192.0.2.2", "192.0.2.1")
        assert net.route("2001:db8::2") == Route("v0", "", "2001:db8::1")
        assert net.route("127.0.0.1") == Route("lo", "", "127.0.0.1")
        assert str(net.route("198.51.100.7")) == "by v0 through 192.0.2.2"

    def test_where_there_is_no_route_there_is_none(self, net: Net) -> None:
        assert net.route("203.0.113.1") is None
        assert net.route("2001:db8:1::1") is None

    @pytest.mark.parametrize("kind", ["unreachable", "blackhole", "prohibit", "throw"])
    def test_a_route_that_leads_nowhere_is_none(self, net: Net, kind: str) -> None:
        ip("-n", net.here, "route", "replace", kind, "203.0.113.64/26")
        ip("-n", net.here, "route", "replace", kind, "2001:db8:2::/64")
        assert net.route("203.0.113.65") is None
        assert net.route("2001:db8:2::1") is None

    def test_rules_and_their_tables_are_followed(self, net: Net) -> None:
        ip("-n", net.here, "route", "add", "203.0.113.0/26", "via", "192.0.2.77", "table", "77")
        ip("-n", net.here, "rule", "add", "to", "203.0.113.0/26", "table", "77")
        assert net.route("203.0.113.1") == Route("v0", "192.0.2.77", "192.0.2.1")

    def test_a_gateway_of_the_other_family_is_a_gateway(self, net: Net) -> None:
        ip("-n", net.here, "route", "add", "203.0.113.128/26", "via", "inet6", "2001:db8::2", "dev", "v0")
        assert net.route("203.0.113.129") == Route("v0", "2001:db8::2", "192.0.2.1")

    def test_asking_for_routes_and_addresses_sends_nothing(self, net: Net) -> None:
        def ask() -> None:
            for last in range(3, 250):  # neighbours that nobody has asked for: a packet would begin with ARP
                route_to(f"192.0.2.{last}")
                route_to(f"198.51.100.{last}")
                owns_address(f"192.0.2.{last}")

        before = net.sent()
        net.inside(net.here, ask)
        assert net.sent() - before <= 2, "the link's own neighbour discovery, not 247 questions"

    def test_only_ones_own_addresses_are_owned(self, net: Net) -> None:
        owned = net.inside(net.here, lambda: [owns_address(f"192.0.2.{last}") for last in (1, 2)])
        assert owned == [True, False]

    def test_the_namespaces_have_no_way_out(self, net: Net) -> None:
        assert "default" not in ip("-n", net.here, "route") + ip("-n", net.there, "route")
