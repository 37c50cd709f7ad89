"""The probe agent, asked on loopback and, as root, in network namespaces made for the test.

Nothing leaves the machine: the namespaces have no default route, and their addresses are the ones
set aside for documentation (RFC 5737, RFC 3849).

It is long because each way a probe can end has its own set-up.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

import pytest

FOLDER = Path(__file__).parent.parent / "rawdock" / "probe" / "agent"
AGENT = FOLDER / {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), "none")
HERE = f"/proc/{os.getpid()}/ns/net"
CLONE_NEWNET = 0x40000000
T = TypeVar("T")

pytestmark = pytest.mark.skipif(sys.platform != "linux" or not AGENT.exists(), reason="no agent for this machine")


class Probe(NamedTuple):
    kind: str
    word: int
    outcome: str
    errno: int
    microseconds: int
    icmp: str
    offender: str
    data: bytes
    size: int = 0


class Output(NamedTuple):
    """What the agent printed: its probes in order, its files by index, and all other lines."""

    probes: list[Probe]
    files: dict[int, tuple[int, bytes]]
    lines: list[str]
    status: int

    @property
    def probe(self) -> Probe:
        (probe,) = self.probes
        return probe


def parse_probe(line: str) -> Probe:
    kind, index, outcome, error, microseconds, icmp, offender, data = line.split(" ")
    if kind == "icmp":
        return Probe(kind, int(index), outcome, int(error), int(microseconds), icmp, offender, b"", int(data))
    payload = b"" if data == "-" else bytes.fromhex(data)
    return Probe(kind, int(index), outcome, int(error), int(microseconds), icmp, offender, payload)


def parse(raw: bytes, status: int) -> Output:
    output = Output([], {}, [], status)
    while raw:
        line, _, raw = raw.partition(b"\n")
        if file := re.fullmatch(rb"file (\d+) (\d+) (\d+)", line):
            index, error, size = map(int, file.groups())
            output.files[index] = error, raw[:size]
            assert raw[size : size + 1] == b"\n"
            raw = raw[size + 1 :]
        elif line.startswith((b"tcp ", b"udp ", b"icmp ")):
            output.probes.append(parse_probe(line.decode()))
        else:
            output.lines.append(line.decode())
    assert output.lines.pop(0) == "agent 2"
    return output


class Running:
    """An agent under way, so that a test can play its peer meanwhile."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE)

    def output(self) -> Output:
        raw, _ = self.process.communicate(timeout=30)
        return parse(raw, self.process.returncode)


def run(*words: str) -> Output:
    return Running(str(AGENT), *words).output()


def target(sock: socket.socket) -> str:
    address, port = sock.getsockname()[:2]
    if sock.family == socket.AF_INET6:
        address = socket.inet_pton(socket.AF_INET6, address).hex()
    return f"{address},{port}"


def bound(kind: int = socket.SOCK_STREAM, address: str = "127.0.0.1") -> socket.socket:
    """A socket that holds a port; TCP refuses connections there until it listens."""
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    sock.settimeout(10)
    sock.bind((address, 0))
    return sock


def listener(address: str = "127.0.0.1") -> socket.socket:
    sock = bound(address=address)
    sock.listen(2000)
    return sock


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with listener() as sock:
        yield sock


@pytest.fixture
def closed_port() -> Iterator[str]:
    with bound() as sock:
        yield target(sock)


# On loopback


def test_a_listener_that_speaks_first_is_data(listening: socket.socket) -> None:
    agent = Running(str(AGENT), "listen=5000", f"tcp={target(listening)}")
    connection, _ = listening.accept()
    with connection:
        connection.sendall(b"220 hello\r\n")
        probe = agent.output().probe
    assert (probe.outcome, probe.errno, probe.data, probe.word) == ("data", 0, b"220 hello\r\n", 2)


def test_of_a_long_banner_96_bytes_are_shown(listening: socket.socket) -> None:
    agent = Running(str(AGENT), "listen=5000", f"tcp={target(listening)}")
    connection, _ = listening.accept()
    with connection:
        connection.sendall(bytes(range(200)))
        probe = agent.output().probe
    assert probe.data == bytes(range(96))


def test_a_listener_that_waits_for_us_is_quiet_and_its_time_is_the_connects(listening: socket.socket) -> None:
    probe = run("listen=300", f"tcp={target(listening)}").probe
    assert (probe.outcome, probe.errno, probe.icmp, probe.offender, probe.data) == ("quiet", 0, "-", "-", b"")
    assert probe.microseconds < 300_000


def test_a_peer_that_accepts_and_hangs_up_is_closed(listening: socket.socket) -> None:
    agent = Running(str(AGENT), "listen=5000", f"tcp={target(listening)}")
    listening.accept()[0].close()
    probe = agent.output().probe
    assert (probe.outcome, probe.errno) == ("closed", 0)


def test_a_peer_that_accepts_and_resets_is_reset(listening: socket.socket) -> None:
    agent = Running(str(AGENT), "listen=5000", f"tcp={target(listening)}")
    connection, _ = listening.accept()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    probe = agent.output().probe
    assert (probe.outcome, probe.errno) == ("reset", errno.ECONNRESET)


def test_where_nobody_listens_the_connect_is_refused_without_icmp(closed_port: str) -> None:
    probe = run(f"tcp={closed_port}").probe
    assert probe[2:4] == ("failed", errno.ECONNREFUSED)
    assert probe[5:8] == ("-", "-", b"")


def test_a_udp_echo_is_a_reply_and_its_usual_source_is_not_mentioned() -> None:
    with bound(socket.SOCK_DGRAM) as server:
        agent = Running(str(AGENT), "timeout=5000", f"udp={target(server)},00ff68")
        payload, peer = server.recvfrom(100)
        server.sendto(payload, peer)
        probe = agent.output().probe
    assert probe[2:4] == ("reply", 0)
    assert probe[5:8] == ("-", "-", b"\x00\xffh")


def test_of_a_long_udp_reply_512_bytes_are_shown() -> None:
    with bound(socket.SOCK_DGRAM) as server:
        agent = Running(str(AGENT), "timeout=5000", f"udp={target(server)},")
        payload, peer = server.recvfrom(100)
        server.sendto(b"x" * 600, peer)
        assert payload == b""
        assert agent.output().probe.data == b"x" * 512


def test_a_udp_reply_from_another_source_shows_that_source() -> None:
    with bound(socket.SOCK_DGRAM) as server, bound(socket.SOCK_DGRAM, "127.0.0.2") as other:
        agent = Running(str(AGENT), "timeout=5000", f"udp={target(server)},00")
        other.sendto(b"hi", server.recvfrom(100)[1])
        probe = agent.output().probe
    assert (probe.outcome, probe.offender, probe.data) == ("reply", "127.0.0.2", b"hi")


def test_a_closed_udp_port_is_an_icmp_port_unreachable() -> None:
    with bound(socket.SOCK_DGRAM) as busy:
        busy.connect(("127.0.0.1", 9))  # a connected socket holds its port and hears its peer only
        probe = run(f"udp={target(busy)},00").probe
    assert probe[2:4] == ("failed", errno.ECONNREFUSED)
    assert probe[5:7] == ("4:3:3:0", "127.0.0.1")


def test_udp_silence_is_a_timeout_after_one_datagram_each_1100_ms() -> None:
    with bound(socket.SOCK_DGRAM) as server:
        probe = run("timeout=1300", f"udp={target(server)},2a").probe
        assert [server.recv(10) for _ in range(2)] == [b"*", b"*"]
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.recv(10)
    assert probe[2:4] == ("timeout", errno.ETIMEDOUT)
    assert 1_300_000 <= probe.microseconds < 2_000_000


def test_ipv6_loopback_is_probed_by_its_32_digits() -> None:
    if not Path("/proc/net/if_inet6").exists() or not Path("/proc/net/if_inet6").read_text():
        pytest.skip("no IPv6 on this machine")
    with listener("::1") as server, bound(socket.SOCK_DGRAM, "::1") as busy:
        busy.connect(("::1", 9))
        tcp, udp = run("listen=10", f"tcp={target(server)}", f"udp={target(busy)},00").probes
    assert tcp.outcome == "quiet"
    assert udp[2:4] == ("failed", errno.ECONNREFUSED)
    assert udp[5:7] == ("6:1:4:0", f"{1:032x}")


def test_answers_come_in_the_order_of_the_words(listening: socket.socket, closed_port: str) -> None:
    output = run("listen=200", f"tcp={target(listening)}", "listen=1", f"tcp={closed_port}", f"tcp={target(listening)}")
    assert [(probe.word, probe.outcome) for probe in output.probes] == [(2, "quiet"), (4, "failed"), (5, "quiet")]


def test_a_namespace_that_cannot_be_entered_sends_nothing_and_reads_nothing(listening: socket.socket) -> None:
    output = run("ns=/no/such", f"tcp={target(listening)}", f"udp={target(listening)},00", "file=/proc/self/net/tcp")
    assert output.lines == [f"ns /no/such {errno.ENOENT}", f"file 4 {errno.ENOENT} no-vantage"]
    assert [probe[2:] for probe in output.probes] == [("no-vantage", errno.ENOENT, 0, "-", "-", b"", 0)] * 2
    assert output.status == 0
    listening.setblocking(False)
    with pytest.raises(BlockingIOError):
        listening.accept()


def test_a_file_that_is_no_namespace_cannot_be_entered(closed_port: str) -> None:
    output = run(f"ns={AGENT}", f"tcp={closed_port}")
    assert output.lines == [f"ns {AGENT} {output.probe.errno}"]
    assert output.probe.outcome == "no-vantage"


def test_a_file_comes_byte_for_byte(tmp_path: Path) -> None:
    content = bytes(range(256)) * 1000 + b"\nfile 1 0 5\n"
    (tmp_path / "any").write_bytes(content)
    (tmp_path / "empty").touch()
    output = run(f"file={tmp_path}/any", f"file={tmp_path}/empty", f"file={tmp_path}/none", f"file={tmp_path}")
    assert output.files == {1: (0, content), 2: (0, b""), 3: (errno.ENOENT, b""), 4: (errno.EISDIR, b"")}


def test_a_file_of_the_kernels_settings_comes_too() -> None:
    setting = Path("/proc/sys/net/ipv4/ip_default_ttl")
    assert run(f"file={setting}").files == {1: (0, setting.read_bytes())}


def test_of_a_file_over_4_mib_the_start_comes_with_efbig(tmp_path: Path) -> None:
    for name, size in ("full", 4 << 20), ("over", (4 << 20) + 1):
        (tmp_path / name).write_bytes(b"x" * size)
    output = run(f"file={tmp_path}/full", f"file={tmp_path}/over")
    assert output.files == {1: (0, b"x" * (4 << 20)), 2: (errno.EFBIG, b"x" * (4 << 20))}


def test_a_thousand_probes_at_once_all_answer(listening: socket.socket, closed_port: str) -> None:
    output = run("listen=50", "timeout=10000", *[f"tcp={target(listening)}", f"tcp={closed_port}"] * 500)
    assert [probe.outcome for probe in output.probes] == ["quiet", "failed"] * 500


def test_of_5000_probes_those_over_4096_say_so(closed_port: str) -> None:
    output = run(*[f"tcp={closed_port}"] * 5000)
    assert [probe.word for probe in output.probes] == list(range(1, 5001))
    assert {probe[2:4] for probe in output.probes[:4096]} == {("failed", errno.ECONNREFUSED)}
    assert {probe[2:5] for probe in output.probes[4096:]} == {("error", errno.E2BIG, 0)}


def test_probes_over_the_limit_of_open_files_say_so(listening: socket.socket) -> None:
    limited = ("/bin/sh", "-c", 'ulimit -n 20 && exec "$@"', "sh", str(AGENT))
    output = Running(*limited, "listen=100", *[f"tcp={target(listening)}"] * 30).output()
    assert [probe[2:4] for probe in output.probes] == [("quiet", 0)] * 17 + [("error", errno.EMFILE)] * 13


def test_the_soft_limit_of_open_files_is_raised(listening: socket.socket) -> None:
    limited = ("/bin/sh", "-c", 'ulimit -Sn 20 && exec "$@"', "sh", str(AGENT))
    output = Running(*limited, "listen=100", *[f"tcp={target(listening)}"] * 30).output()
    assert {probe.outcome for probe in output.probes} == {"quiet"}


@pytest.mark.parametrize(
    "word",
    ["", "ping", "tcp", "tcp=", "tcp=127.0.0.1", "tcp=127.0.0.1,", "tcp=127.0.0.1,65536", "tcp=127.0.0.1,80,",
     "tcp=127.0.0,80", "tcp=127.0.0.256,80", "tcp=127.0.0.1.1,80", "tcp=localhost,80", "tcp=::1,80",
     "tcp= 127.0.0.1,80", f"tcp={1:031x},80", f"tcp={1:033x},80", "tcp=0000000000000000000000000000000A,80",
     "udp=127.0.0.1,9", "udp=127.0.0.1,9,0", "udp=127.0.0.1,9,0g", "udp=127.0.0.1,9,FF", "timeout=", "timeout=-1",
     "timeout=1s", "timeout=4294967297", "icmp=127.0.0.1", "icmp=127.0.0.1,",
     "icmp=127.0.0.1,65536", "icmp=127.0.0.1,84,dg", "icmp=127.0.0.1,84,df,", "icmp=127.0.0.1,,df",
     "listen=3600001", "ns=", "file=", "FILE=/etc/hostname"],
)  # fmt: skip
def test_a_word_not_understood_stops_everything(listening: socket.socket, word: str) -> None:
    output = run(f"tcp={target(listening)}", word)
    assert output == Output([], {}, [f"error unknown-word {word}"], 2)
    listening.setblocking(False)
    with pytest.raises(BlockingIOError):
        listening.accept()


def test_without_words_it_says_its_version() -> None:
    assert run() == Output([], {}, [], 0)


def test_waiting_costs_no_processor_time() -> None:
    with bound(socket.SOCK_DGRAM) as server:
        agent = Running(str(AGENT), "timeout=1200", f"udp={target(server)},00")
        _, status, usage = os.wait4(agent.process.pid, 0)
        agent.process.returncode = os.waitstatus_to_exitcode(status)
        agent.output()
    assert usage.ru_utime + usage.ru_stime < 0.1


@pytest.mark.parametrize(("name", "machine"), [("amd64", 62), ("arm64", 183)])
def test_a_binary_is_small_static_and_for_its_machine(name: str, machine: int) -> None:
    binary = (FOLDER / name).read_bytes()
    assert len(binary) <= 8192
    assert os.access(FOLDER / name, os.X_OK)
    assert binary[:5] == b"\x7fELF\x02"
    kind, built_for = struct.unpack_from("<HH", binary, 16)
    (headers,) = struct.unpack_from("<Q", binary, 32)
    size, count = struct.unpack_from("<HH", binary, 54)
    segments = [struct.unpack_from("<II", binary, headers + i * size) for i in range(count)]
    assert (kind, built_for) == (2, machine)
    assert {segment for segment, _ in segments} <= {1, 0x6474E551}, "PT_LOAD and PT_GNU_STACK: nothing to link"
    assert all(flags & 3 != 3 for _, flags in segments), "writable and executable"


# In namespaces of our own


class Lab(NamedTuple):
    """Two namespaces on one wire: client 192.0.2.1, server 192.0.2.2. No default route."""

    client: str
    server: str


def within(namespace: str, act: Callable[[], T]) -> T:
    """What ACT gives on a thread that has entered the namespace and ends there."""
    results: list[T] = []

    def enter_and_act() -> None:
        with open(namespace) as file:
            if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), namespace)
        results.append(act())

    thread = threading.Thread(target=enter_and_act)
    thread.start()
    thread.join()
    return results[0]


def sh(commands: str) -> None:
    for command in filter(None, map(str.strip, commands.splitlines())):
        subprocess.run(command.split(), check=True, capture_output=True)


def why_no_lab() -> str | None:
    if sys.platform != "linux" or os.geteuid() != 0:
        return "needs root, to make network namespaces"
    missing = [tool for tool in ("ip", "iptables") if not shutil.which(tool)]
    if missing:
        return f"needs {' and '.join(missing)}"
    probe = subprocess.run(["unshare", "--net", "true"], capture_output=True, text=True, check=False)
    return probe.stderr.strip() or None


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    if reason := why_no_lab():
        pytest.skip(reason)
    client, server = (f"rawdock-agent-{os.getpid()}-{name}" for name in ("client", "server"))
    try:
        sh(f"""
            ip netns add {client}
            ip netns add {server}
            ip -n {client} link add wire type veth peer name wire netns {server}
            ip -n {client} address add 192.0.2.1/24 dev wire
            ip -n {server} address add 192.0.2.2/24 dev wire
            ip -n {client} address add 2001:db8::1/64 dev wire nodad
            ip -n {server} address add 2001:db8::2/64 dev wire nodad
            ip -n {client} link set lo up
            ip -n {server} link set lo up
            ip -n {client} link set wire up
            ip -n {server} link set wire up
            ip netns exec {server} iptables -A INPUT -p tcp --dport 13 -j REJECT --reject-with icmp-admin-prohibited
            ip netns exec {server} iptables -A INPUT -p tcp --dport 14 -j DROP
            ip netns exec {server} iptables -A INPUT -p tcp --dport 15 -j REJECT --reject-with tcp-reset
            """)
        yield Lab(f"/run/netns/{client}", f"/run/netns/{server}")
    finally:
        for namespace in client, server:
            subprocess.run(["ip", "netns", "delete", namespace], check=False, capture_output=True)


def listens(table: bytes, sock: socket.socket) -> bool:
    """Whether /proc/net/tcp has the socket's port in state LISTEN (0A)."""
    return re.search(rb":%04X 0+:0000 0A " % sock.getsockname()[1], table) is not None


@pytest.mark.lab
def test_without_a_route_the_network_is_unreachable(lab: Lab) -> None:
    probe = run(f"ns={lab.client}", "tcp=198.51.100.1,80").probe
    assert probe[2:4] == ("failed", errno.ENETUNREACH)
    assert probe[5:7] == ("-", "-")


@pytest.mark.lab
def test_a_firewall_that_rejects_is_named(lab: Lab) -> None:
    probe = run(f"ns={lab.client}", "tcp=192.0.2.2,13").probe
    assert probe[2:4] == ("failed", errno.EHOSTUNREACH)
    assert probe[5:7] == ("4:3:13:0", "192.0.2.2")


@pytest.mark.lab
def test_a_firewall_that_drops_is_a_timeout(lab: Lab) -> None:
    probe = run(f"ns={lab.client}", "timeout=300", "tcp=192.0.2.2,14").probe
    assert probe[2:4] == ("timeout", errno.ETIMEDOUT)
    assert 300_000 <= probe.microseconds < 1_000_000


@pytest.mark.lab
def test_a_firewall_that_resets_looks_like_nobody_listening(lab: Lab) -> None:
    probe = run(f"ns={lab.client}", "tcp=192.0.2.2,15").probe
    assert probe[2:4] == ("failed", errno.ECONNREFUSED)
    assert probe[5:7] == ("-", "-")


@pytest.mark.lab
@pytest.mark.slow
def test_an_absent_neighbour_is_an_unreachable_host_after_three_seconds(lab: Lab) -> None:
    probe = run(f"ns={lab.client}", "timeout=3500", "tcp=192.0.2.99,80").probe
    assert probe[2:4] == ("failed", errno.EHOSTUNREACH)
    assert probe[5:7] == ("4:3:1:0", "192.0.2.1")
    assert 2_500_000 < probe.microseconds < 3_500_000


@pytest.mark.lab
def test_a_closed_udp_port_names_the_peer_in_both_families(lab: Lab) -> None:
    v6 = socket.inet_pton(socket.AF_INET6, "2001:db8::2").hex()
    four, six = run(f"ns={lab.client}", "udp=192.0.2.2,9,00", f"udp={v6},9,00").probes
    assert four[5:7] == ("4:3:3:0", "192.0.2.2")
    assert six[5:7] == ("6:1:4:0", v6)


@pytest.mark.lab
def test_a_router_with_a_narrow_link_names_its_mtu(lab: Lab) -> None:
    sh(f"""
        ip -n {Path(lab.server).name} link add narrow mtu 1280 type veth peer name end
        ip -n {Path(lab.server).name} address add 203.0.113.1/24 dev narrow
        ip -n {Path(lab.server).name} link set end up
        ip -n {Path(lab.server).name} link set narrow up
        ip -n {Path(lab.client).name} route add 203.0.113.0/24 via 192.0.2.2
        """)
    within(lab.server, lambda: Path("/proc/sys/net/ipv4/ip_forward").write_text("1"))
    probe = run(f"ns={lab.client}", f"udp=203.0.113.2,9,{'00' * 1400}").probe
    assert probe[2:4] == ("failed", errno.EMSGSIZE)
    assert probe[5:7] == ("4:3:4:1280", "192.0.2.2")


@pytest.fixture
def pinging(lab: Lab) -> None:
    """Every group may ping, as dockerd sets it for each container."""
    within(lab.client, lambda: Path("/proc/sys/net/ipv4/ping_group_range").write_text("0 2147483647"))


@pytest.mark.lab
def test_where_the_group_may_not_ping_that_is_said(lab: Lab) -> None:
    within(lab.server, lambda: Path("/proc/sys/net/ipv4/ping_group_range").write_text("1 0"))
    probe = run(f"ns={lab.server}", "icmp=192.0.2.1,84").probe
    assert (*probe[2:4], probe.size) == ("error", errno.EACCES, 84)


@pytest.mark.lab
@pytest.mark.usefixtures("pinging")
def test_an_echo_request_has_the_size_asked_for_ips_header_included(lab: Lab) -> None:
    v6 = socket.inet_pton(socket.AF_INET6, "2001:db8::2").hex()
    sizes = [*run(f"ns={lab.client}", "icmp=192.0.2.2,84", f"icmp={v6},1280,df", "icmp=192.0.2.2,1500,df").probes]
    assert [(probe.outcome, probe.size) for probe in sizes] == [("reply", 84), ("reply", 1280), ("reply", 1500)]
    assert [probe[5:7] for probe in sizes] == [("-", "-")] * 3


@pytest.mark.lab
@pytest.mark.usefixtures("pinging")
def test_size_0_is_as_large_as_the_interface_sends(lab: Lab) -> None:
    v6 = socket.inet_pton(socket.AF_INET6, "2001:db8::2").hex()
    four, six, over, cut = run(
        f"ns={lab.client}", "icmp=192.0.2.2,0,df", f"icmp={v6},0,df", "icmp=192.0.2.2,1501,df", "icmp=192.0.2.2,1501"
    ).probes
    assert [(probe.outcome, probe.size) for probe in (four, six, cut)] == [
        ("reply", 1500),
        ("reply", 1500),
        ("reply", 1501),
    ]
    assert (*over[2:4], over.icmp, over.size) == ("failed", errno.EMSGSIZE, "l:0:0:1500", 1501)


@pytest.mark.lab
@pytest.mark.usefixtures("pinging")
def test_a_whole_echo_request_finds_the_narrow_link_each_time(lab: Lab) -> None:
    """What the kernel has learned of the path does not count: the second is sent as the first was."""
    sh(f"""
        ip -n {Path(lab.server).name} link add tight mtu 1280 type veth peer name close
        ip -n {Path(lab.server).name} address add 203.0.113.129/25 dev tight
        ip -n {Path(lab.server).name} link set close up
        ip -n {Path(lab.server).name} link set tight up
        ip -n {Path(lab.client).name} route add 203.0.113.128/25 via 192.0.2.2
        """)
    within(lab.server, lambda: Path("/proc/sys/net/ipv4/ip_forward").write_text("1"))
    for _ in range(2):
        probe = run(f"ns={lab.client}", "icmp=203.0.113.130,0,df").probe
        assert (*probe[2:4], probe.size) == ("failed", errno.EMSGSIZE, 1500)
        assert probe[5:7] == ("4:3:4:1280", "192.0.2.2")


@pytest.mark.lab
@pytest.mark.usefixtures("pinging")
def test_an_echo_that_nobody_answers_is_a_timeout(lab: Lab) -> None:
    sh(f"ip netns exec {Path(lab.server).name} iptables -I INPUT -p icmp -j DROP")
    try:
        probe = run(f"ns={lab.client}", "timeout=300", "icmp=192.0.2.2,84").probe
    finally:
        sh(f"ip netns exec {Path(lab.server).name} iptables -D INPUT -p icmp -j DROP")
    assert (*probe[2:4], probe.size) == ("timeout", errno.ETIMEDOUT, 84)


@pytest.mark.lab
def test_a_namespace_is_entered_and_left_again(lab: Lab) -> None:
    with within(lab.server, listener) as there, listener() as here:
        words = "listen=50", f"tcp={target(here)}", f"ns={lab.server}", f"tcp={target(there)}", "tcp=192.0.2.2,9"
        output = run(*words, f"ns={lab.client}", f"tcp={target(there)}", f"ns={HERE}", f"tcp={target(here)}")
    assert output.lines == []
    outcomes = [(probe.word, probe.outcome) for probe in output.probes]
    assert outcomes == [(2, "quiet"), (4, "quiet"), (5, "failed"), (7, "failed"), (9, "quiet")]


@pytest.mark.lab
def test_after_a_failed_namespace_nothing_is_asked_from_the_one_before(lab: Lab) -> None:
    with within(lab.server, listener) as there:
        ask = f"tcp={target(there)}"
        output = run(f"ns={lab.server}", "ns=/no/such", ask, f"ns={lab.server}", ask)
        there.accept()[0].close()
        there.setblocking(False)
        with pytest.raises(BlockingIOError):
            there.accept()
    assert [probe.outcome for probe in output.probes] == ["no-vantage", "quiet"]


@pytest.mark.lab
def test_a_file_of_proc_shows_the_namespace_entered_each_time(lab: Lab) -> None:
    with within(lab.server, listener) as there:
        read = "file=/proc/self/net/tcp", "file=/proc/net/tcp", "file=/proc/thread-self/net/tcp"
        output = run(*read, f"ns={lab.server}", *read, f"ns={lab.client}", *read, f"ns={lab.server}", *read)
        shown = [listens(content, there) for _, content in output.files.values()]
    assert shown == [False] * 3 + [True] * 3 + [False] * 3 + [True] * 3


@pytest.mark.lab
def test_a_port_that_connects_to_itself_is_refused(lab: Lab) -> None:
    ports = Path("/proc/sys/net/ipv4/ip_local_port_range")
    before = within(lab.client, ports.read_text)
    try:
        within(lab.client, lambda: ports.write_text("40000 40000"))
        probe = run(f"ns={lab.client}", "listen=100", "tcp=127.0.0.1,40000").probe
    finally:
        within(lab.client, lambda: ports.write_text(before))
    assert probe[2:4] == ("failed", errno.ECONNREFUSED)
