"""What the probe says and hears: DNS datagrams, the agent's lines; and which routes are Docker's."""

from __future__ import annotations

import ipaddress
import platform
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_probe_inventory import attached, bridge, document, read

from rawdock.endpoint import Endpoint
from rawdock.errors import ProtocolError
from rawdock.probe.agent_lines import Report, ping_word, read_report, tcp_word, udp_word
from rawdock.probe.dns import Answer, is_name, query, read_answer
from rawdock.probe.docker_route import Standpoint, is_docker_route, is_ours, refused_routes, stays_inside
from rawdock.probe.observation import ICMP, Observation, Outcome
from rawdock.probe.protocol import Protocol
from rawdock.probe.route import Route
from rawdock.probe.target import HOST, Kind, Place, Target, Vantage

# DNS


def test_a_query_is_what_rfc_1035_says() -> None:
    assert query("db.x") == bytes.fromhex("7264 0100 0001 0000 0000 0000 02 6462 01 78 00 0001 0001")


def test_a_query_for_ipv6_asks_for_aaaa() -> None:
    assert query("db.x", 6) == query("db.x")[:-4] + bytes.fromhex("001c 0001")


@pytest.mark.parametrize("name", ["a", "web-1_x.y", "A" * 63, ".".join(["a" * 63] * 3)])
def test_names_that_dns_carries(name: str) -> None:
    assert is_name(name)
    assert name.encode().partition(b".")[0] in query(name)


@pytest.mark.parametrize("name", ["", ".", "a.", "a..b", "a" * 64, "bücher", ".".join(["a" * 63] * 4), "\udc80"])
def test_names_that_dns_cannot_carry(name: str) -> None:
    assert not is_name(name)
    with pytest.raises(ValueError, match="is no DNS name"):
        query(name)


def reply(*records: tuple[int, bytes], flags: int = 0x8180) -> bytes:
    asked = query("db")
    body = b"".join(b"\xc0\x0c" + struct.pack(">2HIH", kind, 1, 600, len(data)) + data for kind, data in records)
    return asked[:2] + struct.pack(">5H", flags, 1, len(records), 0, 0) + asked[12:] + body


GOOD = reply((5, b"\x01x\x00"), (1, bytes([172, 18, 0, 3])), (28, bytes(16)), (1, bytes([10, 0, 0, 1])))


def test_an_answer_gives_its_a_records_and_its_code() -> None:
    assert read_answer(GOOD) == Answer(0, ["172.18.0.3", "::", "10.0.0.1"])
    assert read_answer(reply(flags=0x8183)) == Answer(3, [])
    assert read_answer(GOOD + b"more") == Answer(0, ["172.18.0.3", "::", "10.0.0.1"])


@pytest.mark.parametrize("answer", [GOOD, reply()])
def test_an_answer_cut_anywhere_is_an_error(answer: bytes) -> None:
    for end in range(len(answer)):
        with pytest.raises(ValueError, match="truncated DNS answer"):
            read_answer(answer[:end])


@pytest.mark.parametrize("answer", [query("db"), b"\0\0" + GOOD[2:]])
def test_what_answers_something_else_is_an_error(answer: bytes) -> None:
    with pytest.raises(ValueError, match="no answer to our question"):
        read_answer(answer)


@given(st.one_of(st.binary(), st.binary().map(lambda tail: GOOD[:4] + tail), st.binary().map(lambda x: GOOD[:12] + x)))
def test_any_bytes_are_an_answer_or_a_value_error(data: bytes) -> None:
    try:
        answer = read_answer(data)
    except ValueError:
        return
    assert 0 <= answer.code < 16
    assert all(ipaddress.ip_address(address) for address in answer.addresses)


# The agent's words and lines

LINES = [
    b"ns /ns/0/a b 2\n",
    b"file 2 0 12\nhello\nworld!\n",
    b"file 3 2 0\n\n",
    b"file 4 13 no-vantage\n",
    b"tcp 5 failed 111 57 - - -\n",
    b"tcp 6 failed 113 1500 4:3:13:0 192.168.99.100 -\n",
    b"tcp 7 failed 13 1500 6:1:1:0 20010db8000000000000000000000001 -\n",
    b"tcp 8 failed 90 1 l:0:0:1400 - -\n",
    b"tcp 9 data 0 2000 - - 323230\n",
    b"udp 10 reply 0 312 - 172.17.0.1 00ff\n",
    b"tcp 11 no-vantage 2 0 - - -\n",
    b"icmp 12 failed 90 200 4:3:4:1400 172.18.0.1 1500\n",
    b"icmp 13 reply 0 100 - 172.17.0.1 84\n",
]
EXPECTED = Report(
    observations={
        5: Observation(Outcome.FAILED, 111, 0.057),
        6: Observation(Outcome.FAILED, 113, 1.5, ICMP(4, 3, 13, 0, "192.168.99.100")),
        7: Observation(Outcome.FAILED, 13, 1.5, ICMP(6, 1, 1, 0, "2001:db8::1")),
        8: Observation(Outcome.FAILED, 90, 0.001, ICMP(0, 0, 0, 1400, "")),
        9: Observation(Outcome.DATA, 0, 2.0, None, b"220"),
        10: Observation(Outcome.REPLY, 0, 0.312, None, b"\x00\xff", source="172.17.0.1"),
        11: Observation(Outcome.NO_VANTAGE, 2),
        12: Observation(Outcome.FAILED, 90, 0.2, ICMP(4, 3, 4, 1400, "172.18.0.1"), size=1500),
        13: Observation(Outcome.REPLY, 0, 0.1, source="172.17.0.1", size=84),
    },
    files={2: b"hello\nworld!", 3: b""},
    file_errors={3: 2, 4: 13},
    vantage_errors={"/ns/0/a b": 2},
)


def test_words_are_what_the_agent_reads() -> None:
    assert tcp_word("172.17.0.2", 80) == "tcp=172.17.0.2,80"
    assert tcp_word("::1", 80) == "tcp=00000000000000000000000000000001,80"
    assert ping_word("172.17.0.2", 1500) == "icmp=172.17.0.2,1500,df"
    assert udp_word("127.0.0.11", 53, b"\x00\xff") == "udp=127.0.0.11,53,00ff"


def test_all_of_the_agents_lines_are_read() -> None:
    assert read_report(b"".join(LINES)) == EXPECTED


def test_output_cut_anywhere_is_an_error_or_ends_with_a_line() -> None:
    whole = b"".join(LINES)
    ends = {sum(map(len, LINES[:count])) for count in range(len(LINES) + 1)}
    for end in range(len(whole)):
        if end in ends:
            report = read_report(whole[:end])
            assert report.observations.items() <= EXPECTED.observations.items()
            assert report.files.items() <= EXPECTED.files.items()
        else:
            with pytest.raises(ProtocolError):
                read_report(whole[:end])


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"error unknown-word x\n",
        b"tcp 1 fine 0 0 - - -\n",
        b"tcp 1 quiet 0 0 - -\n",
        b"tcp 1 quiet 0 0 - - - -\n",
        b"tcp x quiet 0 0 - - -\n",
        b"tcp 1 quiet 0 0 4:3 - -\n",
        b"tcp 1 quiet 0 0 4:3:1:0 1.2.3 -\n",
        b"tcp 1 quiet 0 0 4:3:1:0 zz -\n",
        b"tcp 1 quiet 0 0 - - 0\n",
        b"icmp 1 reply 0 0 - - -\n",
        b"file 1 0\n",
        b"file 1 0 -1\n\n",
        b"file 1 0 3\nab\n",
        b"ns\n",
        b"\xff\xfe\n",
    ],
)
def test_nonsense_is_a_protocol_error(line: bytes) -> None:
    with pytest.raises(ProtocolError, match="broke off or said nonsense"):
        read_report(line)


@given(st.one_of(st.binary(), st.text("tcpudfilens 0123456789:-\n").map(str.encode)))
def test_any_bytes_are_a_report_or_a_protocol_error(data: bytes) -> None:
    try:
        read_report(data)
    except ProtocolError:
        pass


# Routes

INVENTORY = read(
    document("web", settings=attached(bridge="172.17.0.2")),
    document("app", settings=attached(backend="172.18.0.2")),
    document("nas", settings=attached(lan="192.168.1.50")),
    document("odd", settings=attached(custom="172.20.0.2")),
    networks=[
        bridge(IPAM={"Config": [{"Subnet": "172.17.0.0/16"}]}),  # without a gateway, as dockerd 20.10 lists its default
        bridge("backend", "172.18.0.0/16"),
        bridge("custom", "172.20.0.0/16", options={"com.docker.network.bridge.name": "br-mine"}),
        {"Name": "lan", "Id": "1", "Driver": "macvlan"},
    ],
)


def target(name: str) -> Target:
    container = INVENTORY.named(name)
    assert container
    (end,) = container.attachments
    return Target(Kind.CONTAINER, end.address, 80, name, 80, network=end.network)


@pytest.mark.parametrize(
    ("name", "route", "same_machine", "expected"),
    [
        ("web", Route("docker0", "", "172.17.0.1"), True, True),
        ("app", Route("br-backend01234", "", "172.18.0.1"), True, True),
        ("odd", Route("br-mine", "", "172.20.0.1"), True, True),
        ("web", Route("", "", "172.17.0.1"), True, True),  # no Linux: the interface is not known
        ("web", Route("docker0", "", "172.17.0.1"), False, False),  # the bridge of a second daemon
        ("web", Route("eth0", "", "172.17.0.1"), True, False),
        ("odd", Route("docker0", "", "172.20.0.1"), True, False),
        ("web", Route("docker0", "", "172.17.0.9"), True, False),
        ("web", Route("eth0", "", "172.17.5.5"), True, False),  # a LAN with the same subnet
        ("web", Route("eth0", "10.0.0.1", "10.0.0.2"), True, False),  # the default route
        ("web", Route("vboxnet0", "192.168.99.100", "192.168.99.1"), True, False),  # a static route by the VM
        ("web", Route("docker0", "172.17.0.9", "172.17.0.1"), True, False),
        ("app", Route("eth0", "", "172.18.0.2"), False, False),  # another daemon's container with that address
        ("app", Route("eth0", "172.17.0.1", "172.17.0.2"), False, False),  # the client is one on another
        ("nas", Route("eth0", "", "192.168.1.2"), True, False),
    ],
)
def test_which_routes_are_dockers(name: str, route: Route, same_machine: bool, expected: bool) -> None:
    assert is_docker_route(route, target(name), INVENTORY, Standpoint(same_machine)) is expected


def test_a_network_that_is_not_known_is_none_of_dockers() -> None:
    lost = Target(Kind.CONTAINER, "172.17.0.2", 80, "web", 80, network="gone")
    assert not is_docker_route(Route("docker0", "", "172.17.0.1"), lost, INVENTORY, Standpoint(True))


def test_from_the_container_that_the_client_runs_in_its_own_network_is_dockers() -> None:
    inside = Standpoint(container="app")
    assert is_docker_route(Route("eth0", "", "172.18.0.2"), target("app"), INVENTORY, inside)
    assert not is_docker_route(Route("eth0", "", "172.18.0.2"), target("web"), INVENTORY, inside)


@pytest.mark.parametrize(
    ("address", "hosts", "expected"),
    [
        ("127.0.0.1", (), True),
        ("::1", (), True),
        ("192.0.2.1", ("192.0.2.1",), True),  # the endpoint's host
        ("192.0.2.7", ("192.0.2.1",), False),  # a HostIp that means something on the daemon's side only
        ("192.0.2.7", (), False),
    ],
)
def test_a_published_port_is_tried_where_it_is_plausible(address: str, hosts: tuple[str, ...], expected: bool) -> None:
    published = Target(Kind.PUBLISHED, address, 8080, "web", 80)
    assert is_ours(published, Standpoint(hosts=hosts)) is expected


@pytest.mark.parametrize(
    ("vantage", "name", "expected"),
    [
        (HOST, "web", True),
        (Vantage(Place.CONTAINER, "nas"), "web", False),  # its default route leads to a router of the LAN
        (HOST, "nas", False),
        (Vantage(Place.CONTAINER, "web"), "app", True),
        (Vantage(Place.CONTAINER, "web"), "nas", False),
        (Vantage(Place.CONTAINER, "nas"), "nas", True),
    ],
)
def test_from_inside_only_bridges_and_own_networks_stay_inside(vantage: Vantage, name: str, expected: bool) -> None:
    assert stays_inside(vantage, target(name), INVENTORY) is expected


@pytest.mark.parametrize(
    ("vantage", "kind", "network", "sent"),
    [
        (Vantage(Place.CONTAINER, "web"), Kind.PUBLISHED, None, True),  # an address of the daemon's host, by the bridge
        (Vantage(Place.CONTAINER, "nas"), Kind.PUBLISHED, None, False),
        (Vantage(Place.CONTAINER, "web"), Kind.CLIENT, "bridge", True),
        (Vantage(Place.CONTAINER, "web"), Kind.CLIENT, None, True),
        (Vantage(Place.CONTAINER, "nas"), Kind.CLIENT, None, False),
        (HOST, Kind.PUBLISHED, None, True),
    ],
)
@pytest.mark.parametrize("protocol", Protocol)
def test_from_a_macvlan_nothing_is_sent_to_the_daemons_host(
    vantage: Vantage, kind: Kind, network: str | None, sent: bool, protocol: Protocol
) -> None:
    asked = Target(kind, "192.168.99.100", 53, network=network, protocol=protocol)
    refused = refused_routes(INVENTORY, [(vantage, asked)], Standpoint())
    assert refused == ({} if sent else {(vantage, asked): "by an interface of the daemon's host"})


LOCAL_BRIDGE = read(networks=[bridge(IPAM={"Config": [{"Gateway": "127.0.0.1"}]})])  # an address that we do have


@pytest.mark.parametrize(
    ("endpoint", "kernel", "expected"),
    [
        ("unix:///var/run/docker.sock", platform.release(), True),
        ("tcp://127.0.0.1:2375", platform.release(), True),
        ("tcp://localhost:2375", platform.release(), True),
        ("tcp://192.0.2.1:2375", platform.release(), False),
        ("tcp://daemon.example:2375", platform.release(), False),
        ("unix:///var/run/docker.sock", "6.10.14-linuxkit", False),
    ],
)
def test_the_daemon_is_ours_only_on_our_address_and_our_kernel(endpoint: str, kernel: str, expected: bool) -> None:
    assert Standpoint.of(Endpoint.parse(endpoint, "the test"), LOCAL_BRIDGE, kernel).same_machine is expected


def test_where_no_gateway_of_a_bridge_is_ours_the_daemon_is_elsewhere() -> None:
    foreign = read(networks=[bridge(IPAM={"Config": [{"Gateway": "192.0.2.1"}]})])
    assert not Standpoint.of(Endpoint.parse("unix:///s", "the test"), foreign, platform.release()).same_machine


def test_from_inside_a_container_the_daemons_host_is_at_its_bridges_gateways_and_no_lan_router() -> None:
    ends = {"Networks": {name: {"IPAddress": "127.0.0.1", "Gateway": gate} for name, gate in GATES.items()}}
    web = document("web", settings=ends) | {"Config": {"Hostname": platform.node()}}
    inventory = read(web, networks=[bridge(), bridge("lan", "192.0.2.0/24", Driver="macvlan")])
    standpoint = Standpoint.of(Endpoint.parse("unix:///s", "the test"), inventory, platform.release())
    assert (standpoint.container, standpoint.hosts) == ("web", ("172.17.0.1",))


GATES = {"bridge": "172.17.0.1", "lan": "192.0.2.1"}
