"""`rawdock version`: `docker version`."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..errors import RawdockError, UsageError
from ..request import Request
from ..standins import Step
from ..text.about import client_lines, server_lines, server_version
from ..text.template_functions import compact_json
from .console import Console, printable
from .listing import listing_template

if TYPE_CHECKING:
    from ..client import SyncVerbs

HELP = "Print the versions of both ends, as `docker version` does: the client is rawdock."
EXAMPLES = """examples:
  rawdock version
  rawdock version -f '{{.Server.Version}}'
  rawdock version -f json

exit codes: 0 the daemon answered, 2 usage, 6 no daemon there, 7 TLS failed, 8 no Docker daemon; the client's part is printed
  in any case"""
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}  # Go's names


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-f", "--format", metavar="FORMAT", default="", help="json, or Go's TEMPLATE, such as '{{.Server.Version}}'"
    )


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    return [Step(Request("GET", "/version"))]


def run(options: argparse.Namespace, console: Console) -> int:
    from .standin import answer, client_of

    template = listing_template(options.format) if options.format not in ("", "json") else None
    server: dict[str, Any] | None = None
    failure: RawdockError | None = None
    with client_of(options, console) as client:
        about = client_section(client)
        try:
            about["ApiVersion"] = client.negotiate() or about["ApiVersion"]
            server = server_version(answer(client, steps(options, console)[0]))
        except RawdockError as error:
            failure = error  # once the client's part is printed
    document = {"Client": about, "Server": server}
    if options.format == "json":
        console.print(compact_json(document))
    elif template is None:
        lines = [*client_lines(about), *(["", *server_lines(server)] if server else [""])]
        console.print("\n".join(map(printable, lines)))
    else:
        try:
            console.print(template.render(document, strict=True))
        except UsageError:
            if failure is None:
                raise
            console.print()  # of a server that is not there it asked for a part
    if failure is not None:
        raise failure
    return 0


def client_section(client: SyncVerbs) -> dict[str, Any]:
    """What `.Client` is in a template; ApiVersion is our newest, as long as nobody was asked."""
    from ..client import NEWEST_API

    newest = ".".join(map(str, NEWEST_API))
    system = os.uname()
    return {
        "Platform": {"Name": "rawdock"},
        "Version": __version__,
        "ApiVersion": newest,
        "DefaultAPIVersion": newest,
        "PythonVersion": ".".join(map(str, sys.version_info[:3])),
        "Os": system.sysname.lower(),
        "Arch": _ARCHITECTURES.get(system.machine, system.machine),
        "Context": client.endpoint.context or "default",
    }
