"""`rawdock stats`: `docker stats`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ..errors import ProtocolError
from ..standins import Step, looks
from ..standins.containers import list_containers
from ..text.table import short_id
from ..text.usage import UNKNOWN, usage
from .console import Console
from .each import AT_ONCE, in_order
from .exit_codes import ExitCode
from .listing import Row, print_listing
from .standin import document, fields_of, send

if TYPE_CHECKING:
    from ..client import SyncVerbs

HELP = (
    "Show what containers use of CPU, memory, network and disks, anew each second until Ctrl-C, as `docker stats` does."
)
EXAMPLES = """examples:
  rawdock stats
  rawdock stats --no-stream web db
  rawdock stats -a --no-stream --format '{{.Name}}: {{.CPUPerc}} {{.MemUsage}}'

exit codes: 0 shown, 130 Ctrl-C, 1 there is no such container, 2 usage, 6 no daemon there, 7 TLS failed,
  8 no Docker daemon or it broke off"""
HEADINGS = {
    "ID": "CONTAINER ID",
    "Name": "NAME",
    "CPUPerc": "CPU %",
    "MemUsage": "MEM USAGE / LIMIT",
    "MemPerc": "MEM %",
    "NetIO": "NET I/O",
    "BlockIO": "BLOCK I/O",
    "PIDs": "PIDS",
    "Container": "CONTAINER",
}
FIELDS = [name for name in HEADINGS if name != "Container"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-a", "--all", action="store_true", help="show those that do not run, too")
    parser.add_argument("--no-stream", action="store_true", help="show the figures once")
    parser.add_argument("--no-trunc", action="store_true", help="print identifiers in full")
    parser.add_argument(
        "--format",
        metavar="FORMAT",
        default="",
        help="table, json, 'table TEMPLATE' or TEMPLATE: Go's, such as '{{.Name}}'",
    )
    parser.add_argument("names", metavar="CONTAINER", nargs="*", help="(default: all that run)")


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    """Without names: the listing, whose Ids then stand for them."""
    if not options.names:
        (listed,) = list_containers(every=options.all, size=False, last=0, wanted=[])
        query = f"stream={0 if options.no_stream else 1}"
        note = f"then GET /containers/{{id}}/stats?{query} for each, all at once, and GET /events for those that come"
        return [listed._replace(note=note)]
    return looks.stats(options.names, stream=not options.no_stream)


def run(options: argparse.Namespace, console: Console) -> int:
    from ..client import SyncVerbs
    from .endpoint_options import find_endpoint

    if options.no_stream:
        with SyncVerbs(find_endpoint(options, console), connections=None) as verbs:
            return _once(verbs, options, console)
    from ..client import SyncClient
    from .stats_live import watch

    with SyncClient(find_endpoint(options, console), connections=None) as client:  # each container holds one
        return watch(client, options, console)


def _once(client: SyncVerbs, options: argparse.Namespace, console: Console) -> int:
    from ..errors import NotFoundError, StatusError

    names = options.names or container_ids(client, options.all)

    def ask(work: tuple[str, Step]) -> Row | StatusError:
        try:
            return row(work[0], document(send(client, work[1])), options.no_trunc)
        except StatusError as error:
            return error

    code = ExitCode.OK
    rows: list[Row] = []
    for found in in_order(ask, list(zip(names, looks.stats(names, stream=False), strict=True)), AT_ONCE):
        if not isinstance(found, StatusError):
            rows.append(found)
        elif options.names or not isinstance(found, NotFoundError):  # else it has gone since it was listed
            console.talk(f"rawdock: {found}")
            code = ExitCode.REFUSED
    if rows and code == ExitCode.OK:
        show(console, options, rows)
    return code


def container_ids(client: SyncVerbs, every: bool) -> list[str]:
    listed = document(send(client, list_containers(every=every, size=False, last=0, wanted=[])[0]))
    return [short_id(container["Id"]) for container in listed]


def row(name: str, found: Any, full: bool) -> Row:
    """The figures of one document, by column. Raises ProtocolError for one that is none."""
    fields = fields_of(found, f"the stats of {name}")
    try:
        identifier = fields.get("id") or ""
        return {
            "Container": name,
            "ID": identifier if full else short_id(identifier),
            "Name": (fields.get("name") or "").removeprefix("/") or "--",
            **usage(fields),
        }
    except (AttributeError, TypeError) as error:
        raise ProtocolError(f"the stats of {name} are none: {error}") from error


def unknown_row(name: str) -> Row:
    """Before the first figures."""
    return {"Container": name, "ID": "", "Name": "--", **UNKNOWN}


def show(console: Console, options: argparse.Namespace, rows: list[Row]) -> None:
    print_listing(console, options.format, rows, HEADINGS, FIELDS)
