"""`docker network` and what it asks of the daemon. Source: docker/cli command/network."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..request import Request, quoted
from . import Step
from .filters import filters
from .json_body import post
from .pairs import pairs

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network


def list_networks(wanted: Iterable[str]) -> list[Step]:
    return [Step(Request("GET", "/networks", filters(wanted)))]


def inspect_networks(names: Iterable[str], *, verbose: bool = False) -> list[Step]:
    query = (("verbose", "true"),) if verbose else ()
    return [Step(Request("GET", network_path(name), query)) for name in names]


def remove_networks(names: Iterable[str]) -> list[Step]:
    return [Step(Request("DELETE", network_path(name))) for name in names]


def prune_networks(wanted: Iterable[str]) -> list[Step]:
    return [Step(Request("POST", "/networks/prune", filters(wanted)))]


def create_network(options: Namespace) -> list[Step]:
    """Raises UsageError for what is no network, or a gateway or range outside of every subnet."""
    body: dict[str, Any] = {
        "Name": options.name,
        "CheckDuplicate": True,  # before API 1.44 the daemon makes a second of the same name without it
        "Driver": options.driver,
        "Internal": options.internal,
        "Attachable": options.attachable,
        "IPAM": {
            "Driver": options.ipam_driver,
            "Config": ipam_config(options.subnet, options.ip_range, options.gateway, options.aux_address),
            "Options": pairs(options.ipam_opt, "--ipam-opt"),
        },
        "Options": pairs(options.opt, "--opt"),
        "Labels": pairs(options.label, "--label"),
        **({"EnableIPv4": options.ipv4} if options.ipv4 is not None else {}),
        **({"EnableIPv6": True} if options.ipv6 else {}),
        **({"Ingress": True} if options.ingress else {}),
        **({"Scope": options.scope} if options.scope else {}),
        **({"ConfigOnly": True} if options.config_only else {}),
        **({"ConfigFrom": {"Network": options.config_from}} if options.config_from else {}),
    }
    return [post("/networks/create", body)]


def connect_network(options: Namespace) -> list[Step]:
    address = {"IPv4Address": options.ip, "IPv6Address": options.ip6, "LinkLocalIPs": options.link_local_ip}
    settings = {
        "IPAMConfig": {name: value for name, value in address.items() if value},
        "Aliases": options.alias,
        "Links": options.link,
        "DriverOpts": pairs(options.driver_opt, "--driver-opt"),
        "GwPriority": options.gw_priority,
    }
    body = {
        "Container": options.container,
        "EndpointConfig": {name: value for name, value in settings.items() if value},
    }
    return [post(network_path(options.network, "/connect"), body)]


def disconnect_network(network: str, container: str, *, force: bool) -> list[Step]:
    return [post(network_path(network, "/disconnect"), {"Container": container, "Force": force})]


def network_path(name: str, rest: str = "") -> str:
    return f"/networks/{quoted(name)}{rest}"


def ipam_config(
    subnets: Sequence[str], ranges: Sequence[str], gateways: Sequence[str], aux: Sequence[str]
) -> list[dict[str, Any]]:
    """One configuration a subnet, each range, gateway and auxiliary address (NAME=IP) with the subnet that holds it. Raises
    UsageError."""
    found = [(_network(word, "--subnet"), {"Subnet": word}) for word in subnets]
    for place, (network, _) in enumerate(found):
        for other, _ in found[:place]:
            if network.version == other.version and network.overlaps(other):
                raise UsageError(f"--subnet {network} overlaps {other}", "give subnets that share no address")
    configs: list[tuple[IPv4Network | IPv6Network, dict[str, Any]]] = [*found]
    for option, key, words in (("--ip-range", "IPRange", ranges), ("--gateway", "Gateway", gateways)):
        for word in words:
            config = _holding(configs, word, option)
            if key in config:
                raise UsageError(
                    f"{option} {word!r}: {config['Subnet']} has {config[key]} already", "give it one alone"
                )
            config[key] = word
    for name, word in pairs(aux, "--aux-address").items():
        _holding(configs, word, "--aux-address").setdefault("AuxiliaryAddresses", {})[name] = word
    return [config for _, config in configs]


def _holding(
    configs: Sequence[tuple[IPv4Network | IPv6Network, dict[str, Any]]], word: str, option: str
) -> dict[str, Any]:
    part = _network(word, option)
    for network, config in configs:
        if part.version == network.version and part.subnet_of(network):  # type: ignore[arg-type]
            return config
    raise UsageError(f"{option} {word!r} is in no --subnet", "give the --subnet that holds it")


def _network(word: str, option: str) -> IPv4Network | IPv6Network:
    from ipaddress import ip_network  # 5 ms, for `create` alone

    try:
        return ip_network(word, strict=False)
    except ValueError:
        form = "IP" if option in ("--gateway", "--aux-address") else "IP/BITS, such as 10.5.0.0/24"
        raise UsageError(f"{option} {word!r} is none", f"write {form}") from None
