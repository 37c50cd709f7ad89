"""`rawdock network`: `docker network`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from ..standins.networks import (
    connect_network,
    create_network,
    disconnect_network,
    inspect_networks,
    list_networks,
    prune_networks,
    remove_networks,
)
from ..text.dates import go_time
from ..text.order import natural_key
from ..text.table import short_id
from .console import Console
from .listing import Row, add_listing_options, label_fields, print_rows
from .named import confirmed, inspect_each, remove_each
from .standin import ask, client_of, send
from .subcommands import Subcommand, add_subcommands, answered, planned

HELP = "List, make, connect and remove networks, as `docker network` does."
EXAMPLES = """examples:
  rawdock network ls --filter driver=bridge
  rawdock network create --subnet 10.5.0.0/24 --gateway 10.5.0.1 backend
  rawdock network connect --alias db backend postgres
  rawdock network inspect -f '{{json .Containers}}' backend
  rawdock network prune -f

exit codes: 0 done, 2 usage, 4 or 5 the daemon refused, one of several at least, 6 no daemon there, 7 TLS failed,
  8 no Docker daemon"""
HEADINGS = {
    "ID": "NETWORK ID",
    "Name": "NAME",
    "Driver": "DRIVER",
    "Scope": "SCOPE",
    "IPv4": "IPV4",
    "IPv6": "IPV6",
    "Internal": "INTERNAL",
    "Labels": "LABELS",
    "CreatedAt": "CREATED AT",
}
FIELDS = ["ID", "Name", "Driver", "Scope"]
WARNING = "This will remove all custom networks not used by at least one container."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_subcommands(parser, SUBCOMMANDS)


steps, run = planned, answered


def _list(options: argparse.Namespace, console: Console) -> int:
    networks = sorted(
        ask(options, console, planned(options, console)[0]), key=lambda network: natural_key(network["Name"])
    )
    rows = [_row(network, options.no_trunc) for network in networks]
    return print_rows(console, options, rows, HEADINGS, FIELDS)


def _row(network: Mapping[str, Any], full: bool) -> Row:
    return {
        "ID": network["Id"] if full else short_id(network["Id"]),
        "Name": network["Name"],
        "Driver": network.get("Driver", ""),
        "Scope": network.get("Scope", ""),
        "IPv4": str(network.get("EnableIPv4", False)).lower(),  # from API 1.48 on
        "IPv6": str(network.get("EnableIPv6", False)).lower(),
        "Internal": str(network.get("Internal", False)).lower(),
        "CreatedAt": go_time(network.get("Created", "")),
        **label_fields(network.get("Labels")),
    }


def _create_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-d", "--driver", metavar="NAME", default="bridge", help="(default: bridge)")
    _add_repeated(
        parser,
        ("--subnet", "IP/BITS", "its addresses"),
        ("--gateway", "IP", "of the subnet that holds it"),
        ("--ip-range", "IP/BITS", "give containers addresses of this part of a subnet"),
        ("--aux-address", "NAME=IP", "give this address to no container"),
        ("--label", "NAME=VALUE", ""),
        ("--ipam-opt", "NAME=VALUE", ""),
    )
    parser.add_argument(
        "-o", "--opt", metavar="NAME=VALUE", action="append", default=[], help="for the driver; repeatable"
    )
    parser.add_argument("--internal", action="store_true", help="without a way out")
    parser.add_argument("--ipv6", action="store_true", help="with IPv6 addresses")
    parser.add_argument(
        "--ipv4",
        type=lambda text: text.lower() not in ("false", "0"),
        metavar="true|false",
        default=None,
        help="with IPv4 addresses (from API 1.48 on)",
    )
    parser.add_argument("--attachable", action="store_true", help="containers may be connected by hand (swarm)")
    parser.add_argument("--ingress", action="store_true", help="the swarm's routing mesh")
    parser.add_argument("--scope", metavar="SCOPE", default="")
    parser.add_argument("--config-only", action="store_true", help="a configuration for others to be made from")
    parser.add_argument("--config-from", metavar="NETWORK", default="")
    parser.add_argument("--ipam-driver", metavar="NAME", default="default")
    parser.add_argument("name", metavar="NETWORK")


def _add_repeated(parser: argparse.ArgumentParser, *rows: tuple[str, str, str]) -> None:
    """(option, metavar, help) each."""
    for name, metavar, help_ in rows:
        text = f"{help_}; repeatable" if help_ else "repeatable"
        parser.add_argument(name, metavar=metavar, action="append", default=[], help=text)


def _create(options: argparse.Namespace, console: Console) -> int:
    created = ask(options, console, planned(options, console)[0])
    if created.get("Warning"):
        console.talk(f"WARNING: {created['Warning']}")
    console.print(created["Id"])
    return 0


def _connect_options(parser: argparse.ArgumentParser) -> None:
    _add_repeated(
        parser,
        ("--alias", "NAME", "another name on that network"),
        ("--link", "CONTAINER[:NAME]", "reach another under this name"),
        ("--link-local-ip", "IP", ""),
        ("--driver-opt", "NAME=VALUE", ""),
    )
    parser.add_argument("--ip", metavar="IP", default="")
    parser.add_argument("--ip6", metavar="IP", default="")
    parser.add_argument("--gw-priority", type=int, metavar="N", default=0, help="the highest gives the default route")
    _ends(parser)


def _disconnect_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-f", "--force", action="store_true", help="even if it does not answer")
    _ends(parser)


def _ends(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("network", metavar="NETWORK")
    parser.add_argument("container", metavar="CONTAINER")


def _do(options: argparse.Namespace, console: Console) -> int:
    with client_of(options, console) as client:
        send(client, planned(options, console)[0])
    return 0


def _remove_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-f", "--force", action="store_true", help="one that is not there is no failure")
    parser.add_argument("names", metavar="NETWORK", nargs="+")


def _remove(options: argparse.Namespace, console: Console) -> int:
    return remove_each(options, console, planned(options, console), options.names, missing_ok=options.force)


def _inspect_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-f", "--format", metavar="FORMAT", default="", help="json, or Go's TEMPLATE")
    parser.add_argument("-v", "--verbose", action="store_true", help="with the services of a swarm")
    parser.add_argument("names", metavar="NETWORK", nargs="+")


def _inspect(options: argparse.Namespace, console: Console) -> int:
    return inspect_each(options, console, planned(options, console))


def _prune_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-f", "--force", action="store_true", help="do not ask")
    parser.add_argument(
        "--filter", metavar="NAME=VALUE", action="append", default=[], help="remove what fits alone; repeatable"
    )


def _prune(options: argparse.Namespace, console: Console) -> int:
    step = planned(options, console)[0]
    if not confirmed(options, console, WARNING):
        return 0
    deleted = ask(options, console, step).get("NetworksDeleted") or []
    if deleted:
        console.print("\n".join(["Deleted Networks:", *deleted, ""]))
    return 0


SUBCOMMANDS = (
    Subcommand(
        "ls",
        "list networks",
        ["ls", "ls -q --filter driver=bridge", "ls --format '{{.Name}} {{.Driver}}'"],
        add_listing_options,
        lambda options: list_networks(options.filter),
        _list,
        ["list"],
    ),
    Subcommand(
        "create",
        "make a network and print its identifier",
        ["create backend", "create --internal --subnet 10.5.0.0/24 backend"],
        _create_options,
        create_network,
        _create,
    ),
    Subcommand(
        "rm",
        "remove networks",
        ["rm backend", "rm -f backend frontend"],
        _remove_options,
        lambda options: remove_networks(options.names),
        _remove,
        ["remove"],
    ),
    Subcommand(
        "inspect",
        "print all that the daemon knows of networks",
        ["inspect backend", "inspect -f '{{json .IPAM.Config}}' backend"],
        _inspect_options,
        lambda options: inspect_networks(options.names, verbose=options.verbose),
        _inspect,
    ),
    Subcommand(
        "connect",
        "connect a container to a network",
        ["connect --alias db backend postgres", "connect --ip 10.5.0.9 backend web"],
        _connect_options,
        connect_network,
        _do,
    ),
    Subcommand(
        "disconnect",
        "disconnect a container from a network",
        ["disconnect backend web"],
        _disconnect_options,
        lambda options: disconnect_network(options.network, options.container, force=options.force),
        _do,
    ),
    Subcommand(
        "prune",
        "remove the networks that no container uses",
        ["prune", "prune -f --filter until=24h"],
        _prune_options,
        lambda options: prune_networks(options.filter),
        _prune,
    ),
)
