"""`rawdock volume`: `docker volume`."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import StatusError, UsageError
from ..standins import Step
from ..standins.volumes import create_volume, inspect_volumes, list_volumes, prune_volumes, remove_volumes
from ..text.order import natural_key
from ..text.units import human_size
from .console import Console
from .listing import Row, add_listing_options, label_fields, print_rows
from .named import confirmed, inspect_each, remove_each
from .standin import answer, ask, client_of
from .subcommands import Subcommand, add_subcommands, answered, planned

if TYPE_CHECKING:
    from ..client import SyncVerbs

HELP = "List, make and remove volumes, as `docker volume` does."
EXAMPLES = """examples:
  rawdock volume ls --filter dangling=true
  rawdock volume create --label app=web data
  rawdock volume inspect -f '{{.Mountpoint}}' data
  rawdock volume rm data

exit codes: 0 done, 2 usage, 4 or 5 the daemon refused, one of several at least, 6 no daemon there, 7 TLS failed,
  8 no Docker daemon"""
HEADINGS = {
    "Driver": "DRIVER",
    "Name": "VOLUME NAME",
    "Scope": "SCOPE",
    "Mountpoint": "MOUNTPOINT",
    "Labels": "LABELS",
    "Links": "LINKS",
    "Size": "SIZE",
    "Group": "GROUP",
    "Availability": "AVAILABILITY",
    "Status": "STATUS",
}
FIELDS = ["Driver", "Name"]
ABSENT = "N/A"
WARNING = "This will remove {} local volumes not used by at least one container."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_subcommands(parser, SUBCOMMANDS)


steps, run = planned, answered


def _list(options: argparse.Namespace, console: Console) -> int:
    volumes = ask(options, console, planned(options, console)[0]).get("Volumes") or []
    rows = [_row(volume) for volume in sorted(volumes, key=lambda volume: natural_key(volume["Name"]))]
    return print_rows(console, options, rows, HEADINGS, FIELDS, "Name")


def _row(volume: Mapping[str, Any]) -> Row:
    usage = volume.get("UsageData")
    cluster = volume.get("ClusterVolume")
    spec = (cluster or {}).get("Spec") or {}
    return {
        "Driver": volume.get("Driver", ""),
        "Name": volume["Name"],
        "Scope": volume.get("Scope", ""),
        "Mountpoint": volume.get("Mountpoint", ""),
        "Links": str(usage["RefCount"]) if usage else ABSENT,
        "Size": human_size(usage["Size"], 4) if usage else ABSENT,
        "Group": spec.get("Group", "") if cluster else ABSENT,
        "Availability": spec.get("Availability", "") if cluster else ABSENT,
        "Status": _cluster_status(cluster) if cluster else ABSENT,
        **label_fields(volume.get("Labels")),
    }


def _cluster_status(cluster: Mapping[str, Any]) -> str:
    if not (cluster.get("Info") or {}).get("VolumeID"):
        return "pending creation"
    count = len(cluster.get("PublishStatus") or [])
    return f"in use ({count} node{'s' * (count > 1)})" if count else "created"


def _create_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-d", "--driver", metavar="NAME", default="local", help="(default: local)")
    parser.add_argument(
        "-o", "--opt", metavar="NAME=VALUE", action="append", default=[], help="for the driver; repeatable"
    )
    parser.add_argument("--label", metavar="NAME=VALUE", action="append", default=[], help="repeatable")
    parser.add_argument("--name", metavar="NAME", default="", help=argparse.SUPPRESS)
    parser.add_argument("volume", metavar="VOLUME", nargs="?", default="", help="else the daemon makes a name up")


def _create_steps(options: argparse.Namespace) -> list[Step]:
    if options.name and options.volume:
        raise UsageError(f"{options.volume!r} and --name {options.name!r} each name the volume", "give one of them")
    return create_volume(options.volume or options.name, options.driver, options.opt, options.label)


def _create(options: argparse.Namespace, console: Console) -> int:
    console.print(ask(options, console, planned(options, console)[0])["Name"])
    return 0


def _remove_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-f", "--force", action="store_true", help="one that is not there is no failure")
    parser.add_argument("names", metavar="VOLUME", nargs="+")


def _remove(options: argparse.Namespace, console: Console) -> int:
    return remove_each(options, console, planned(options, console), options.names, missing_ok=False)


def _inspect_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-f", "--format", metavar="FORMAT", default="", help="json, or Go's TEMPLATE")
    parser.add_argument("names", metavar="VOLUME", nargs="+")


def _inspect(options: argparse.Namespace, console: Console) -> int:
    return inspect_each(options, console, planned(options, console))


def _prune_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-a", "--all", action="store_true", help="those with names too, which API 1.42 and newer spare")
    parser.add_argument("-f", "--force", action="store_true", help="do not ask")
    parser.add_argument(
        "--filter", metavar="NAME=VALUE", action="append", default=[], help="remove what fits alone; repeatable"
    )


def _prune(options: argparse.Namespace, console: Console) -> int:
    step = planned(options, console)[0]
    with client_of(options, console) as client:
        spares_names = _spares_names(client.negotiate()) and not options.all
        if not confirmed(options, console, WARNING.format("anonymous" if spares_names else "all")):
            return 0
        return _pruned(client, step, options, console)


def _spares_names(api_version: str | None) -> bool:
    """Whether the daemon leaves volumes with names alone that are not asked for: from API 1.42 on. Below, it takes them all."""
    from ..client import parse_api_version

    return api_version is not None and parse_api_version(api_version, "the daemon") >= (1, 42)


def _pruned(client: SyncVerbs, step: Step, options: argparse.Namespace, console: Console) -> int:
    try:
        report = answer(client, step)
    except StatusError as error:
        if options.all and re.search("['\"]all['\"]", error.message):  # 400 of Docker's, 500 of Podman's
            why = "--all came with API 1.42, and the daemon is older: it removes volumes with names in any case"
            raise UsageError(why, "leave --all out") from error
        raise
    deleted = report.get("VolumesDeleted") or []
    if deleted:
        console.print("\n".join(["Deleted Volumes:", *deleted, ""]))
    console.print(f"Total reclaimed space: {human_size(report.get('SpaceReclaimed', 0), 4)}")
    return 0


SUBCOMMANDS = (
    Subcommand(
        "ls",
        "list volumes",
        ["ls", "ls -q --filter dangling=true", "ls --format '{{.Name}} {{.Mountpoint}}'"],
        add_listing_options,
        lambda options: list_volumes(options.filter),
        _list,
        ["list"],
    ),
    Subcommand(
        "create",
        "make a volume and print its name",
        ["create data", "create -o type=tmpfs -o device=tmpfs --label app=web scratch"],
        _create_options,
        _create_steps,
        _create,
    ),
    Subcommand(
        "rm",
        "remove volumes",
        ["rm data", "rm -f data scratch"],
        _remove_options,
        lambda options: remove_volumes(options.names, force=options.force),
        _remove,
        ["remove"],
    ),
    Subcommand(
        "inspect",
        "print all that the daemon knows of volumes",
        ["inspect data", "inspect -f '{{.Mountpoint}}' data"],
        _inspect_options,
        lambda options: inspect_volumes(options.names),
        _inspect,
    ),
    Subcommand(
        "prune",
        "remove the volumes that no container uses",
        ["prune", "prune -af --filter label!=keep"],
        _prune_options,
        lambda options: prune_volumes(options.filter, every=options.all),
        _prune,
    ),
)
