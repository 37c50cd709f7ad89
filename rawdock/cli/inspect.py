"""`rawdock inspect`: `docker inspect`."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from ..errors import NotFoundError, StatusError, UnavailableError, UsageError, VersionError
from ..standins import Step
from ..standins.inspects import PATHS, inspect
from ..text.json_layout import compact, indented
from .console import Console
from .each import EXIT_CODES, add_names
from .exit_codes import ExitCode

if TYPE_CHECKING:
    from ..client import Response, SyncVerbs
    from ..text.template import Template

HELP = """Print all that the daemon knows of containers, images, networks, volumes and whatever else has a name, as
`docker inspect` does: a list of JSON, or a template for each."""
EXAMPLES = f"""examples:
  rawdock inspect web
  rawdock inspect -f '{{{{.State.Status}}}}' web db
  rawdock inspect --type image alpine
  rawdock inspect -s -f '{{{{.SizeRw}}}}' web

{EXIT_CODES}"""
USUAL = ("container", "image", "network", "volume")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-f", "--format", metavar="FORMAT", default="", help="json, or a TEMPLATE: Go's, such as '{{.State.Status}}'"
    )
    parser.add_argument("--type", choices=PATHS, metavar="TYPE", help=f"look for this alone: {', '.join(PATHS)}")
    parser.add_argument(
        "-s", "--size", action="store_true", help="of containers: the size of their files, which takes time"
    )
    add_names(parser, "NAME")


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    """Without --type: where a name is looked for until it is found."""
    kinds = [options.type] if options.type else USUAL
    return [
        inspect(kind, name, size=options.size)._replace(note="if nothing had that name yet" if place else "")
        for name in options.names
        for place, kind in enumerate(kinds)
    ]


def run(options: argparse.Namespace, console: Console) -> int:
    from .standin import client_of

    template = template_of(options.format)
    code = ExitCode.OK
    printed: list[str] = []
    with client_of(options, console) as client:
        for name in options.names:
            try:
                text = _found(client, console, options, name)
                printed.append(template.render(json.loads(text), strict=True) if template else text)
            except (StatusError, UsageError) as error:
                console.talk(f"rawdock: {error}")
                code = ExitCode.REFUSED
    if template:
        console.print("\n".join(printed))
    else:
        whole = f"[{','.join(printed)}]"
        console.print(compact(whole) if options.format else indented(whole))
    return code


def template_of(format_: str) -> Template | None:
    if format_ in ("", "json"):
        return None
    from ..text.template import Template  # 3 ms to import

    return Template(format_)


def _found(client: SyncVerbs, console: Console, options: argparse.Namespace, name: str) -> str:
    """The JSON of what has the name. Raises StatusError, UsageError when nothing has it."""
    from .standin import document, fields_of, send

    for kind in [options.type] if options.type else PATHS:
        try:
            answer: Response = send(client, inspect(kind, name, size=options.size))
        except (StatusError, VersionError) as error:
            if options.type or not _is_no_such(error):
                raise
            continue
        fields_of(document(answer), name)
        if options.size and kind != "container":
            console.talk(f"rawdock: note: --size is for containers, and {name} is a {kind}")
        return answer.text
    raise UsageError(f"there is no object {name!r}", "list them by ps -a, images, network ls and volume ls")


def _is_no_such(error: StatusError | VersionError) -> bool:
    """Whether it says that there is none of that kind: no such name, no swarm, or a name that none of the kind can have."""
    if isinstance(error, NotFoundError | UnavailableError | VersionError):
        return True
    return "not supported" in error.message or "invalid reference format" in error.message
