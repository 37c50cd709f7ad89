"""`rawdock ps`: `docker ps`."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from typing import Any

from ..standins import Step
from ..standins.containers import list_containers
from ..text.image_name import familiar
from ..text.ports import ports_line
from ..text.table import ellipsis, short_id
from ..text.units import human_duration, human_size
from .console import Console
from .listing import Row, add_listing_options, label_fields, listing_template, print_listing
from .standin import ask

HELP = "List containers, as `docker ps` does."
EXAMPLES = """examples:
  rawdock ps
  rawdock ps -aq --filter status=exited
  rawdock ps --format '{{.Names}}: {{.Status}}'
  rawdock ps --format json

exit codes: 0 listed, 2 usage, 4 or 5 the daemon refused, 6 no daemon there, 7 TLS failed, 8 no Docker daemon"""
HEADINGS = {
    "ID": "CONTAINER ID",
    "Image": "IMAGE",
    "Command": "COMMAND",
    "RunningFor": "CREATED",
    "Status": "STATUS",
    "Ports": "PORTS",
    "Names": "NAMES",
    "Size": "SIZE",
    "State": "STATE",
    "CreatedAt": "CREATED AT",
    "Labels": "LABELS",
    "Mounts": "MOUNTS",
    "LocalVolumes": "LOCAL VOLUMES",
    "Networks": "NETWORKS",
    "Platform": "PLATFORM",
}
FIELDS = ["ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names"]
COMMAND_WIDTH, MOUNT_WIDTH = 20, 15  # columns


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_listing_options(parser)
    parser.add_argument("-a", "--all", action="store_true", help="list those that do not run, too")
    parser.add_argument("-l", "--latest", action="store_true", help="list the one created last, in whatever state")
    parser.add_argument("-n", "--last", type=int, default=-1, metavar="N", help="list the N created last")
    parser.add_argument("-s", "--size", action="store_true", help="print the size of their files, which takes time")


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    template = listing_template(options.format) if "{{" in options.format else None
    names_size = template is not None and ("Size" in template.fields or template.shows_all)
    last = 1 if options.latest and options.last < 0 else options.last
    size = options.size or (names_size and not options.quiet)
    return list_containers(every=options.all, size=size, last=last, wanted=options.filter)


def run(options: argparse.Namespace, console: Console) -> int:
    containers = ask(options, console, steps(options, console)[0])
    rows = [_row(container, options.no_trunc) for container in containers]
    if options.quiet:
        for row in rows:
            console.print(row["ID"])
        return 0
    print_listing(console, options.format, rows, HEADINGS, [*FIELDS, *(["Size"] if options.size else [])])
    return 0


def _row(container: Mapping[str, Any], full: bool) -> Row:
    names = [name.removeprefix("/") for name in container.get("Names") or []]
    command = container.get("Command", "")
    mounts = [mount.get("Name") or mount.get("Source", "") for mount in container.get("Mounts") or []]
    created = container.get("Created", 0)
    return {
        "ID": container["Id"] if full else short_id(container["Id"]),
        "Image": _image(container, full),
        "Command": _quoted(command if full else ellipsis(command, COMMAND_WIDTH)),
        "RunningFor": f"{human_duration(time.time() - created)} ago",
        "Status": container.get("Status", ""),
        "Ports": ports_line(container.get("Ports") or []),
        "Names": ",".join(names) if full else next((name for name in names if "/" not in name), ""),
        "Size": _size(container),
        "State": container.get("State", ""),
        "CreatedAt": time.strftime("%Y-%m-%d %H:%M:%S %z %Z", time.localtime(created)),
        **label_fields(container.get("Labels")),
        "Mounts": ",".join(mounts if full else (ellipsis(mount, MOUNT_WIDTH) for mount in mounts)),
        "LocalVolumes": str(sum(mount.get("Driver") == "local" for mount in container.get("Mounts") or [])),
        "Platform": None,  # of an image in containerd's store, from API 1.48 on
        "Networks": ",".join((container.get("NetworkSettings") or {}).get("Networks") or {}),
    }


def _image(container: Mapping[str, Any], full: bool) -> str:
    image: str = container.get("Image", "")
    if not image:
        return "<no image>"
    if full:
        return image
    if short_id(image) == short_id(container.get("ImageID", "")):
        return short_id(image)
    return familiar(image.partition("@")[0])


def _quoted(command: str) -> str:
    escaped = command.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def _size(container: Mapping[str, Any]) -> str:
    own, whole = container.get("SizeRw") or 0, container.get("SizeRootFs") or 0
    return f"{human_size(own)} (virtual {human_size(whole)})" if whole else human_size(own)
