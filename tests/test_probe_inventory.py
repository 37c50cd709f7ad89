"""What the probe makes of the API's documents, of /proc/net/tcp, and which targets follow from them.

It is long because the API's documents stand in it.
"""

from __future__ import annotations

from typing import Any

import pytest

from rawdock.probe.asks import asks
from rawdock.probe.inventory import Attachment, Container, Inventory, Network, Published
from rawdock.probe.listeners import Listener, answering, on_port, read_listeners
from rawdock.probe.protocol import Protocol
from rawdock.probe.target import Kind, Place, Target, Vantage, container_addresses, container_targets, outside_targets


def document(name: str, **changes: Any) -> dict[str, Any]:
    """GET /containers/{id}/json as dockerd 20.10 gives it, as far as the probe reads it."""
    settings: dict[str, Any] = {
        "SandboxKey": f"/var/run/docker/netns/{name}",
        "Ports": {},
        "Networks": {"bridge": {"IPAddress": "172.17.0.2", "GlobalIPv6Address": "", "Gateway": "172.17.0.1"}},
    }
    settings.update(changes.pop("settings", {}))
    return {
        "Id": f"{name}-0123456789abcdef",
        "Name": f"/{name}",
        "State": {"Status": changes.pop("state", "running")},
        "HostConfig": {"NetworkMode": changes.pop("mode", "bridge")},
        "Config": {"ExposedPorts": changes.pop("exposed", None)},
        "NetworkSettings": settings,
        **changes,
    }


def bridge(name: str = "bridge", subnet: str = "172.17.0.0/16", **changes: Any) -> dict[str, Any]:
    options = {"com.docker.network.bridge.name": "docker0"} if name == "bridge" else {}
    return {
        "Name": name,
        "Id": f"{name}0123456789abcdef",
        "Driver": "bridge",
        "IPAM": {"Config": [{"Subnet": subnet, "Gateway": subnet.replace(".0.0/16", ".0.1")}]},
        "Internal": False,
        "Options": options | changes.pop("options", {}),
        **changes,
    }


def attached(**addresses: str) -> dict[str, Any]:
    networks = {name: {"IPAddress": address, "Gateway": address[:-1] + "1"} for name, address in addresses.items()}
    return {"Networks": networks}


def read(*documents: dict[str, Any], networks: list[dict[str, Any]] | None = None) -> Inventory:
    return Inventory.of(documents, [bridge(), bridge("backend", "172.18.0.0/16")] if networks is None else networks)


def only(*documents: dict[str, Any]) -> Container:
    (container,) = read(*documents).containers
    return container


# Documents


def test_a_container_is_read_whole() -> None:
    ports = {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}, {"HostIp": "::", "HostPort": "8080"}]}
    container = only(document("web", exposed={"80/tcp": {}, "53/udp": {}, "443/tcp": {}}, settings={"Ports": ports}))
    assert container == Container(
        id="web-0123456789abcdef",
        name="web",
        state="running",
        mode="bridge",
        sandbox="/var/run/docker/netns/web",
        attachments=(Attachment("bridge", "172.17.0.2", "", "172.17.0.1"),),
        exposed=(80, 443),
        published=(Published("0.0.0.0", 8080, 80), Published("::", 8080, 80)),
        exposed_udp=(53,),
    )


def test_missing_and_null_fields_are_empty() -> None:
    bare = only({"Id": "0123456789abcdef"})
    assert bare == Container("0123456789abcdef", "0123456789ab", "running", "", "", (), (), ())
    nulls = dict.fromkeys(["State", "HostConfig", "Config", "NetworkSettings"])
    assert only({"Id": "0123456789abcdef", "Name": "/x", **nulls}).attachments == ()
    inner = {"SandboxKey": None, "Ports": None, "Networks": None}
    assert only({"Id": "1", "Name": "/x", "NetworkSettings": inner, "Config": {"ExposedPorts": None}}).published == ()


@pytest.mark.parametrize(
    ("bindings", "published"),
    [
        (None, ()),
        ([], ()),
        ([{"HostIp": "", "HostPort": "8080"}], (Published("0.0.0.0", 8080, 80),)),
        ([{"HostIp": None, "HostPort": "8080"}], (Published("0.0.0.0", 8080, 80),)),
        ([{"HostPort": "8080"}], (Published("0.0.0.0", 8080, 80),)),
        ([{"HostIp": "127.0.0.1", "HostPort": "8080"}], (Published("127.0.0.1", 8080, 80),)),
        ([{"HostIp": "::", "HostPort": "8080"}], (Published("::", 8080, 80),)),
        ([{"HostIp": "::1", "HostPort": 8080}], (Published("::1", 8080, 80),)),
        ([{"HostIp": "0.0.0.0", "HostPort": ""}], ()),
        ([{"HostIp": "0.0.0.0", "HostPort": "8080"}] * 2, (Published("0.0.0.0", 8080, 80),)),
    ],
)
def test_bindings_become_published_ports(bindings: Any, published: tuple[Published, ...]) -> None:
    assert only(document("web", settings={"Ports": {"80/tcp": bindings, "53/sctp": bindings}})).published == published


def test_published_udp_ports_are_held_apart_from_tcps() -> None:
    ports = {f"53/{kind}": [{"HostIp": "0.0.0.0", "HostPort": "5353"}] for kind in ("udp", "tcp")}
    container = only(document("dns", settings={"Ports": ports}))
    assert container.published == (Published("0.0.0.0", 5353, 53), Published("0.0.0.0", 5353, 53, Protocol.UDP))
    assert (container.exposed, container.exposed_udp) == ((53,), (53,))


def test_a_published_port_counts_as_exposed() -> None:
    ports = {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]}
    assert only(document("web", settings={"Ports": ports})).exposed == (80,)


@pytest.mark.parametrize("mode", ["host", "container:web-0123456789abcdef"])
def test_who_lives_in_anothers_namespace_has_no_sandbox_and_no_address(mode: str) -> None:
    settings = {"SandboxKey": "/var/run/docker/netns/default", "Networks": {"host": {"IPAddress": "", "Gateway": ""}}}
    container = only(document("app", mode=mode, settings=settings))
    assert (container.sandbox, container.addresses) == ("", [])


def test_the_guests_of_a_namespace_are_found_by_id_and_by_name() -> None:
    web = document("web")
    one = document("one", mode=f"container:{web['Id']}", settings={"Networks": {}})
    two = document("two", mode="container:web", settings={"Networks": {}})
    inventory = read(web, one, two, document("other"))
    host = inventory.named("web")
    assert host and [guest.name for guest in inventory.guests(host)] == ["one", "two"]


def test_of_several_networks_and_families_every_address_is_held() -> None:
    networks = {
        "bridge": {"IPAddress": "172.17.0.2", "GlobalIPv6Address": "2001:db8::2", "Gateway": "172.17.0.1"},
        "backend": {"IPAddress": "", "GlobalIPv6Address": "2001:db8:1::2", "Gateway": ""},
    }
    inventory = read(document("web", settings={"Networks": networks}))
    (web,) = inventory.containers
    assert web.addresses == ["172.17.0.2", "2001:db8::2", "2001:db8:1::2"]
    assert web.on("backend") == Attachment("backend", "", "2001:db8:1::2", "")
    assert web.on("other") is None


def libpod(name: str, interface: str, *, dns: bool, **more: Any) -> dict[str, Any]:
    """As Podman 5.4's own API has a network."""
    subnets = [{"subnet": "10.88.0.0/16", "gateway": "10.88.0.1"}]
    made = {"name": name, "id": "2f25", "driver": "bridge", "network_interface": interface, "subnets": subnets}
    return {**made, "ipv6_enabled": False, "internal": False, "dns_enabled": dns, **more}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (bridge(), Network("bridge", "bridge", ("172.17.0.0/16",), ("172.17.0.1",), "docker0", True, has_names=False)),
        (
            bridge("backend", "172.18.0.0/16"),
            Network("backend", "bridge", ("172.18.0.0/16",), ("172.18.0.1",), "br-backend01234", True),
        ),
        (
            bridge("b", options={"com.docker.network.bridge.name": "br0"}, IPAM={"Config": [{"Subnet": "10.0.0.0/8"}]}),
            Network("b", "bridge", ("10.0.0.0/8",), (), "br0", True),
        ),
        (
            bridge("b", options={"com.docker.network.bridge.enable_icc": "false"}, IPAM=None),
            Network("b", "bridge", (), (), "br-b0123456789a", False),
        ),
        (
            bridge("b", options={"com.docker.network.bridge.inhibit_ipv4": "true"}, IPAM={"Config": None}),
            Network("b", "bridge", (), (), "", True, addressless="com.docker.network.bridge.inhibit_ipv4=true"),
        ),
        (
            {"Name": "lan", "Id": "1", "Driver": "macvlan", "Options": None},
            Network("lan", "macvlan", (), (), "", True),
        ),
        ({"Name": "none", "Id": "1"}, Network("none", "", (), (), "", True)),
        (
            libpod("podman", "podman0", dns=False),
            Network("podman", "bridge", ("10.88.0.0/16",), ("10.88.0.1",), "podman0", True, has_names=False),
        ),
        (
            libpod("backend", "podman1", dns=True),
            Network("backend", "bridge", ("10.88.0.0/16",), ("10.88.0.1",), "podman1", True, resolver="10.88.0.1"),
        ),
        (
            libpod("lan", "br0", dns=False, options={"mode": "unmanaged"}),  # a bridge of the machine's own LAN
            Network("lan", "bridge", ("10.88.0.0/16",), ("10.88.0.1",), "", True, has_names=False),
        ),
        (
            libpod("lan", "eth0", dns=False, driver="macvlan", subnets=None),
            Network("lan", "macvlan", (), (), "", True, has_names=False),
        ),
    ],
)
def test_networks(given: dict[str, Any], expected: Network) -> None:
    assert read(networks=[given]).networks == {expected.name: expected}


def test_only_the_default_bridge_has_no_names() -> None:
    assert [network.has_names for network in read().networks.values()] == [False, True]


# /proc/net/tcp. The first tables were read in a container of the lab; the head is the kernel's.

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
REST = "00000000:00000000 00:00000000 00000000     0        0 29 1 0000000000000000 100 0 0 10 0"


def row(local: str, state: str = "0A") -> str:
    remote = "0" * len(local.partition(":")[0])
    return f"   0: {local} {remote}:0000 {state} {REST}\n"


@pytest.mark.parametrize(
    ("local", "listener"),
    [
        ("00000000:0050", Listener("0.0.0.0", 80)),
        ("0100007F:1B58", Listener("127.0.0.1", 7000)),
        ("0B00007F:9C41", Listener("127.0.0.11", 40001)),
        ("040011AC:FFFF", Listener("172.17.0.4", 65535)),
        ("00000000000000000000000000000000:0050", Listener("::", 80)),
        ("00000000000000000000000001000000:0050", Listener("::1", 80)),
        ("B80D0120000000000000000002000000:0050", Listener("2001:db8::2", 80)),
        ("0000000000000000FFFF00000100007F:0050", Listener("127.0.0.1", 80)),
        ("0000000000000000FFFF000000000000:0050", Listener("0.0.0.0", 80)),
    ],
)
def test_a_row_is_read_in_the_machines_byte_order(local: str, listener: Listener) -> None:
    assert read_listeners(HEAD + row(local)) == {listener}


def test_what_does_not_listen_is_passed_over() -> None:
    table = (
        HEAD + row("0100007F:0050", "01") + "\n" + "   1: 0100\n" + row("00000000:0051") + row("0100007F:0052", "06")
    )
    assert read_listeners(table) == {Listener("0.0.0.0", 81)}
    assert read_listeners("") == read_listeners(HEAD) == set()


ALL, ALL6, LOOP, ONE = (Listener(address, 80) for address in ("0.0.0.0", "::", "127.0.0.1", "172.17.0.2"))


@pytest.mark.parametrize(
    ("listeners", "address", "port", "met"),
    [
        ({ALL}, "172.17.0.2", 80, ALL),
        ({ALL6}, "172.17.0.2", 80, ALL6),
        ({ALL6}, "2001:db8::2", 80, ALL6),
        ({ALL}, "2001:db8::2", 80, None),
        ({ALL}, "172.17.0.2", 81, None),
        ({LOOP}, "172.17.0.2", 80, None),
        ({LOOP}, "127.0.0.1", 80, LOOP),
        ({ONE}, "172.17.0.2", 80, ONE),
        ({ONE}, "172.18.0.2", 80, None),
        (set(), "172.17.0.2", 80, None),
    ],
)
def test_whom_a_connect_meets(listeners: set[Listener], address: str, port: int, met: Listener | None) -> None:
    assert answering(listeners, address, port) == met


def test_on_a_port_a_loopback_listener_is_named_last() -> None:
    assert on_port({LOOP, ONE}, 80) == ONE
    assert on_port({LOOP}, 80) == LOOP
    assert on_port({LOOP}, 81) is None
    assert (str(LOOP), str(ALL6)) == ("127.0.0.1:80", "[::]:80")


# Targets


def sockets(targets: list[Target], kind: Kind) -> list[str]:
    return [target.socket for target in targets if target.kind is kind]


def published(*pairs: tuple[str, int]) -> dict[str, Any]:
    return {"Ports": {"80/tcp": [{"HostIp": address, "HostPort": str(port)} for address, port in pairs]}}


@pytest.mark.parametrize(
    ("bound", "hosts", "expected"),
    [
        ("0.0.0.0", [], ["127.0.0.1:8080"]),
        ("::", [], ["[::1]:8080"]),
        ("0.0.0.0", ["192.168.99.100"], ["127.0.0.1:8080", "192.168.99.100:8080"]),
        ("0.0.0.0", ["2001:db8::9"], ["127.0.0.1:8080"]),
        ("::", ["2001:db8::9", "192.168.99.100"], ["[::1]:8080", "[2001:db8::9]:8080"]),
        ("127.0.0.1", ["192.168.99.100"], ["127.0.0.1:8080", "192.168.99.100:8080"]),
        ("192.168.99.100", ["192.168.99.100"], ["127.0.0.1:8080", "192.168.99.100:8080"]),
        ("10.0.0.5", ["192.168.99.100"], ["127.0.0.1:8080", "192.168.99.100:8080", "10.0.0.5:8080"]),
        ("0.0.0.0", ["127.0.0.1", "::1"], ["127.0.0.1:8080"]),
    ],
)
def test_a_published_port_is_probed_on_every_plausible_address(
    bound: str, hosts: list[str], expected: list[str]
) -> None:
    inventory = read(document("web", settings=published((bound, 8080))))
    assert sockets(outside_targets(inventory, {}, hosts), Kind.PUBLISHED) == expected


def test_every_container_address_is_probed_even_one_with_nothing_to_expect() -> None:
    inventory = read(
        document("web", exposed={"80/tcp": {}}, settings=attached(bridge="172.17.0.2", backend="172.18.0.2")),
        document("idle", settings=attached(bridge="172.17.0.3")),
        document("host", mode="host", exposed={"80/tcp": {}}, settings={"Networks": {}}),
    )
    targets = outside_targets(inventory, {})
    assert sockets(targets, Kind.CONTAINER) == ["172.17.0.3:80", "172.17.0.2:80", "172.18.0.2:80"]


def test_ports_come_from_the_image_from_guests_and_from_the_table_of_listeners() -> None:
    web = document("web", exposed={"80/tcp": {}})
    guest = document("guest", mode=f"container:{web['Id']}", exposed={"9000/tcp": {}}, settings={"Networks": {}})
    listening = {"web": {Listener("0.0.0.0", 8443), Listener("127.0.0.11", 40001)}}
    targets = container_addresses(read(web, guest), listening)
    assert [target.port for target in targets] == [80, 8443, 9000]
    assert {target.container for target in targets} == {"web"}


def test_from_inside_the_gateway_is_asked_for_what_is_bound_there() -> None:
    inventory = read(
        document("a", settings=attached(bridge="172.17.0.2")),
        document(
            "b", settings=published(("0.0.0.0", 1), ("::", 2), ("127.0.0.1", 3), ("172.17.0.1", 4), ("10.0.0.5", 5))
        ),
    )
    a = inventory.containers[0]
    targets = container_targets(a, inventory, {}, 2376)
    assert sockets(targets, Kind.GATEWAY) == ["172.17.0.1:1", "172.17.0.1:4", "172.17.0.1:2376"]
    lonely = read(document("a", settings=attached(bridge="172.17.0.2")))
    assert sockets(container_targets(lonely.containers[0], lonely, {}, None), Kind.GATEWAY) == ["172.17.0.1:80"]


def test_names_are_asked_on_shared_networks_once_a_port_and_never_ones_own() -> None:
    both = attached(bridge="172.17.0.2", backend="172.18.0.2")
    inventory = read(
        document("a", settings=both),
        document("b", exposed={"80/tcp": {}}, settings=attached(bridge="172.17.0.3", backend="172.18.0.3")),
        document("c", exposed={"80/tcp": {}}, settings=attached(elsewhere="172.19.0.3")),
    )
    targets = container_targets(inventory.containers[0], inventory, {}, None)
    names = [target for target in targets if target.kind is Kind.NAME]
    assert [(target.name, target.address, target.network) for target in names] == [
        ("b", "172.18.0.3", "backend"),
        ("c", "172.19.0.3", None),
    ]
    assert [target.is_foreign_name for target in names] == [False, True]
    assert sockets(targets, Kind.CONTAINER) == ["172.17.0.3:80", "172.18.0.3:80", "172.19.0.3:80"]
    assert names[0].label == "b (name)"


def test_labels_show_ipv6_in_brackets() -> None:
    assert Target(Kind.CONTAINER, "2001:db8::2", 80, "web").label == "[2001:db8::2]:80 (web)"
    assert Target(Kind.GATEWAY, "172.17.0.1", 80).label == "172.17.0.1:80"


def test_a_macvlan_gateway_is_a_router_of_the_lan_and_no_target() -> None:
    inventory = read(
        document("nas", settings={"Networks": {"lan": {"IPAddress": "192.168.1.50", "Gateway": "192.168.1.1"}}}),
        networks=[{"Name": "lan", "Id": "1", "Driver": "macvlan"}],
    )
    assert sockets(container_targets(inventory.containers[0], inventory, {}, 2376), Kind.GATEWAY) == []


def test_on_an_internal_network_of_docker_26_the_bridge_is_asked_though_no_gateway_is_named() -> None:
    """Its endpoints there have "Gateway": "" and no default route (seen on 26.1 and 28.5); the network names the bridge's."""
    end = {"IPAddress": "172.19.0.2", "GlobalIPv6Address": "", "Gateway": ""}
    inventory = read(
        document("a", settings={"Networks": {"inner": end}}),
        document("b", settings=published(("0.0.0.0", 1), ("::", 2))),
        networks=[bridge(), bridge("inner", "172.19.0.0/16", Internal=True)],
    )
    assert sockets(container_targets(inventory.containers[0], inventory, {}, 2376), Kind.GATEWAY) == [
        "172.19.0.1:1",
        "172.19.0.1:2376",
    ]


def test_a_name_server_is_asked_only_for_names_that_it_knows() -> None:
    both = {"Networks": {"bridge": {"IPAddress": "172.17.0.2"}, "backend": {"IPAddress": "172.18.0.2"}}}
    inventory = read(
        document("asker", settings=both),
        document("near", settings={"Networks": {"backend": {"IPAddress": "172.18.0.3"}}}),
        document("far", settings={"Networks": {"bridge": {"IPAddress": "172.17.0.3"}}}),
        networks=[bridge(), bridge("backend", "172.18.0.0/16")],
    )
    asker = inventory.named("asker")
    assert asker
    names = [target for target in container_targets(asker, inventory, {}, None) if target.kind is Kind.NAME]
    assert {target.name: target.is_foreign_name for target in names} == {"near": False, "far": True}
    asked = [ask.name for target in names for _, ask in asks(Vantage(Place.CONTAINER, "asker"), target, inventory, ())]
    assert asked == ["", "near", ""]  # its port, its name, and whether there is a name server at all
