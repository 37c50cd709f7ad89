"""`rawdock info`: `docker info`."""

from __future__ import annotations

import argparse
from typing import Any

from ..errors import RawdockError
from ..request import Request
from ..standins import Step
from ..text.about import info_lines
from ..text.template_functions import compact_json
from .console import Console, printable
from .listing import listing_template

HELP = "Print what the daemon says of itself and its machine, as `docker info` does."
EXAMPLES = """examples:
  rawdock info
  rawdock info -f '{{.ServerVersion}} on {{.OperatingSystem}}'
  rawdock info -f json

exit codes: 0 the daemon answered, 2 usage, 4 or 5 it refused, 6 no daemon there, 7 TLS failed, 8 no Docker daemon"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-f", "--format", metavar="FORMAT", default="", help="json, or Go's TEMPLATE, such as '{{.ServerVersion}}'"
    )


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    return [Step(Request("GET", "/info"))]


def run(options: argparse.Namespace, console: Console) -> int:
    from .standin import answer, client_of
    from .version import client_section

    template = listing_template(options.format) if options.format not in ("", "json") else None
    info: dict[str, Any] = {}
    failure: RawdockError | None = None
    with client_of(options, console) as client:
        about = client_section(client)
        try:
            info = answer(client, steps(options, console)[0])
        except RawdockError as error:
            failure = error
    if template or options.format:
        if failure is not None:
            raise failure
        document = {**info, "ClientInfo": {"Debug": False, **about, "Plugins": [], "Warnings": None}}
        console.print(template.render(document, strict=True) if template else compact_json(document))
        return 0
    lines = [
        f"Client: {about['Platform']['Name']}",
        f" Version:    {about['Version']}",
        f" Context:    {about['Context']}",
        " Debug Mode: false",
        "",
        "Server:",
        *(info_lines(info) if info else ()),
        *([""] if info else ()),
    ]
    console.print("\n".join(map(printable, lines)))
    if failure is not None:
        raise failure
    for warning in info.get("Warnings") or []:
        console.talk(warning)
    return 0
