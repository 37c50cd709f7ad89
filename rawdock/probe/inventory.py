"""What the daemon has, as far as a probe cares: containers with their addresses and ports, networks with their gateways.

Source: GET /containers/{id}/json and GET /networks of API 1.24 to 1.56. NetworkSettings' own top-level IPAddress is gone
since 1.52, so addresses are read per network. Podman's networks are read from its own API, GET /libpod/networks/json: the
compatible one names neither their interface nor their name server, and calls the default one bridge where a container's
document says podman.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .protocol import Protocol

DEFAULT_BRIDGE = "bridge"
DOCKER_RESOLVER = "127.0.0.11"


@dataclass(frozen=True)
class Attachment:
    """A container on a network. Addresses are text; "" where there is none."""

    network: str
    address: str
    address6: str
    gateway: str
    gateway6: str = ""

    @property
    def addresses(self) -> list[str]:
        return [address for address in (self.address, self.address6) if address]

    @property
    def gateways(self) -> list[str]:
        return [gateway for gateway in (self.gateway, self.gateway6) if gateway]


@dataclass(frozen=True)
class Published:
    """A port of a container that the daemon's host shows: `host_ip` is "0.0.0.0" or "::" for all its addresses."""

    host_ip: str
    host_port: int
    container_port: int
    protocol: Protocol = Protocol.TCP

    @property
    def for_all(self) -> bool:
        """Whether it is bound for all addresses of its family."""
        return ipaddress.ip_address(self.host_ip).is_unspecified


@dataclass(frozen=True)
class Container:
    """A running or paused container. `sandbox` is the path of its network namespace on the daemon's host, "" when it
    shares another container's (`mode` is "container:ID") or the host's (`mode` is "host"). `exposed`: TCP ports; `aliases`:
    names with their addresses, or "host-gateway", from --add-host."""

    id: str
    name: str
    state: str
    mode: str
    sandbox: str
    attachments: tuple[Attachment, ...]
    exposed: tuple[int, ...]
    published: tuple[Published, ...]
    hostname: str = ""
    exposed_udp: tuple[int, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()

    def exposes(self, protocol: Protocol) -> tuple[int, ...]:
        return self.exposed_udp if protocol is Protocol.UDP else self.exposed

    @property
    def addresses(self) -> list[str]:
        return [address for attachment in self.attachments for address in attachment.addresses]

    def on(self, network: str) -> Attachment | None:
        return self._by_network.get(network)

    @cached_property
    def _by_network(self) -> dict[str, Attachment]:
        return {attachment.network: attachment for attachment in self.attachments}


@dataclass(frozen=True)
class Network:
    """A network. `bridge` is the interface by which the daemon's host reaches it, "" where it has none: other drivers, and
    a bridge without an address of its own (`addressless`: the option that says so). `has_names`: whether a name server of
    the daemon's answers for it, which the default network has none of, nor none and host. `masquerades`: False under
    com.docker.network.bridge.enable_ip_masquerade=false. `resolver`: its address. `mesh`: whether it is a swarm's
    own between its nodes, for the ports published on all of them, and no container is meant to be addressed there."""

    name: str
    driver: str
    subnets: tuple[str, ...]
    gateways: tuple[str, ...]
    bridge: str
    talks: bool  # False under com.docker.network.bridge.enable_icc=false
    has_names: bool = True
    resolver: str = DOCKER_RESOLVER
    internal: bool = False
    mesh: bool = False
    masquerades: bool = True
    addressless: str = ""


@dataclass(frozen=True)
class Inventory:
    """`stopped`: the containers that do not run, with their state. `node`: what the daemon's host is called; `nodes`: the
    other nodes of its swarm, as far as it knows them."""

    containers: tuple[Container, ...]
    networks: dict[str, Network]
    stopped: Mapping[str, str] = field(default_factory=dict)
    node: str = ""
    nodes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        inspected: Iterable[dict[str, Any]],
        networks: Iterable[dict[str, Any]],
        stopped: Mapping[str, str] | None = None,
    ) -> Inventory:
        """Read the answers of the API calls. Containers are sorted by name."""
        containers = sorted(map(_container, inspected), key=lambda container: container.name)
        known = {network.name: network for network in map(_network, networks)}
        return cls(tuple(containers), known, stopped or {})

    def named(self, name: str | None) -> Container | None:
        return self._by_name.get(name or "")

    @cached_property
    def _by_name(self) -> dict[str, Container]:
        return {container.name: container for container in self.containers}

    @cached_property
    def members(self) -> Counter[str]:
        """How many containers each network has."""
        return Counter(end.network for container in self.containers for end in container.attachments)

    def hosts_on(self, end: Attachment) -> list[str]:
        """The addresses that the daemon's host has on the bridge that a container is attached to. Docker 26 gives a container
        of an internal network no gateway, since nothing leaves by it; the bridge has that address all the same."""
        network = self.networks.get(end.network)
        if network is None or not network.bridge:
            return []  # a macvlan's gateway is a router of the LAN
        families = {":" in address for address in end.addresses} - {":" in address for address in end.gateways}
        return end.gateways + [address for address in network.gateways if (":" in address) in families]

    def network_of(self, container: Container | None) -> Container | None:
        """The container in whose network namespace this one lives: itself, or that of --network container:NAME."""
        if container is None or not container.mode.startswith("container:"):
            return container
        host = container.mode.partition(":")[2]
        return next((one for one in self.containers if host in (one.id, one.name)), container)

    def homeless(self, container: Container) -> tuple[str, str]:
        """Why a container has no address of its own (now), and what to write instead, "" for nothing; a pair of ""
        where it has one."""
        if (host := self.network_of(container)) is not None and host is not container:
            return f"lives in the network of container {host.name}", host.name
        if container.mode == "host":
            return "lives in the network of the daemon's host (--network host)", "host"
        if container.addresses:
            return "", ""
        return ("is on no network" if container.state != "restarting" else "is restarting just now"), ""

    def guests(self, host: Container) -> list[Container]:
        """The containers that live in this one's network namespace: --network container:NAME."""
        modes = {f"container:{host.id}", f"container:{host.name}"}
        return [container for container in self.containers if container.mode in modes]


def _container(document: dict[str, Any]) -> Container:
    settings = document.get("NetworkSettings") or {}
    mode = (document.get("HostConfig") or {}).get("NetworkMode") or ""
    sandbox = settings.get("SandboxKey") or ""
    published = [
        Published(binding.get("HostIp") or "0.0.0.0", int(binding["HostPort"]), _port(spec), protocol)
        for spec, bindings in (settings.get("Ports") or {}).items()
        if (protocol := _protocol(spec))
        for binding in bindings or ()
        if str(binding.get("HostPort", "")).isdigit()
    ]
    exposed = {(_port(spec), _protocol(spec)) for spec in (document.get("Config") or {}).get("ExposedPorts") or {}}
    exposed |= {(port.container_port, port.protocol) for port in published}
    return Container(
        id=document["Id"],
        name=str(document.get("Name", "")).lstrip("/") or document["Id"][:12],
        state=(document.get("State") or {}).get("Status") or "running",
        mode=mode,
        sandbox="" if mode == "host" or mode.startswith("container:") else sandbox,
        attachments=tuple(
            Attachment(
                name,
                end.get("IPAddress") or "",
                end.get("GlobalIPv6Address") or "",
                end.get("Gateway") or "",
                end.get("IPv6Gateway") or "",
            )
            for name, end in (settings.get("Networks") or {}).items()
        ),
        exposed=tuple(sorted(port for port, protocol in exposed if protocol is Protocol.TCP)),
        published=tuple(sorted(set(published), key=lambda port: (port.host_port, port.host_ip, port.protocol))),
        hostname=(document.get("Config") or {}).get("Hostname") or "",
        aliases=tuple(_alias(entry) for entry in (document.get("HostConfig") or {}).get("ExtraHosts") or ()),
        exposed_udp=tuple(sorted(port for port, protocol in exposed if protocol is Protocol.UDP)),
    )


def _port(spec: str) -> int:
    return int(spec.partition("/")[0])


def _alias(entry: str) -> tuple[str, str]:
    """ "NAME:ADDRESS", where an IPv6 address may stand in brackets."""
    name, _, address = entry.partition(":")
    return name, address.strip("[]")


def _protocol(spec: str) -> Protocol | None:
    """None for one that is not probed: SCTP."""
    name = spec.partition("/")[2] or "tcp"
    return Protocol(name) if name in ("tcp", "udp") else None


_BRIDGE = "com.docker.network.bridge"
_ADDRESSLESS = ((f"{_BRIDGE}.inhibit_ipv4", "true"), (f"{_BRIDGE}.gateway_mode_ipv4", "isolated"))


def _network(document: dict[str, Any]) -> Network:
    if "network_interface" in document:
        return _libpod_network(document)
    options = document.get("Options") or {}
    ranges = (document.get("IPAM") or {}).get("Config") or []
    driver, bridge = document.get("Driver") or "", ""
    addressless = next((f"{name}={value}" for name, value in _ADDRESSLESS if options.get(name) == value), "")
    if driver == "bridge" and not addressless:
        bridge = options.get("com.docker.network.bridge.name") or f"br-{document['Id'][:12]}"
    return Network(
        name=document["Name"],
        driver=driver,
        subnets=tuple(r["Subnet"] for r in ranges if r.get("Subnet")),
        gateways=tuple(r["Gateway"] for r in ranges if r.get("Gateway")),
        bridge=bridge,
        talks=options.get(f"{_BRIDGE}.enable_icc") != "false",
        has_names=document["Name"] != DEFAULT_BRIDGE and driver not in ("null", "host"),
        internal=bool(document.get("Internal")),
        mesh=bool(document.get("Ingress")),
        masquerades=options.get(f"{_BRIDGE}.enable_ip_masquerade") != "false",
        addressless=addressless if driver == "bridge" else "",
    )


def _libpod_network(document: dict[str, Any]) -> Network:
    """Podman's. Its name server listens on the gateway. An unmanaged bridge is the machine's own, and may lead to a LAN."""
    ranges = document.get("subnets") or []
    gateways = tuple(r["gateway"] for r in ranges if r.get("gateway"))
    managed = (document.get("options") or {}).get("mode") != "unmanaged"
    has_names = bool(document.get("dns_enabled") and gateways)
    return Network(
        name=document["name"],
        driver=document.get("driver") or "",
        subnets=tuple(r["subnet"] for r in ranges if r.get("subnet")),
        gateways=gateways,
        bridge=document["network_interface"] if document.get("driver") == "bridge" and managed else "",
        talks=True,
        has_names=has_names,
        resolver=gateways[0] if has_names else DOCKER_RESOLVER,
        internal=bool(document.get("internal")),
    )
