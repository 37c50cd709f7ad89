"""`rawdock rmi`: `docker rmi`."""

from __future__ import annotations

import argparse

from ..standins import Step
from ..standins.images import remove_images
from .console import Console

HELP = "Remove images, as `docker rmi` does."
EXAMPLES = """examples:
  rawdock rmi app:1
  rawdock rmi -f $(rawdock images -q --filter dangling=true)

exit codes: 0 removed, 2 usage, 4 or 5 the daemon refused one, 6 no daemon there, 7 TLS failed, 8 no Docker daemon"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-f", "--force", action="store_true", help="though stopped containers have it; missing ones are no error"
    )
    parser.add_argument("--no-prune", action="store_true", help="keep parents without a name")
    parser.add_argument("images", metavar="IMAGE", nargs="+")


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    return remove_images(options.images, force=options.force, no_prune=options.no_prune)


def run(options: argparse.Namespace, console: Console) -> int:
    """Each is tried; the exit code is the last refusal's."""
    from ..errors import NotFoundError, StatusError
    from .console import printable
    from .exit_codes import exit_code
    from .standin import client_of, send

    code = 0
    with client_of(options, console) as client:
        for step in steps(options, console):
            try:
                answer = send(client, step).json()
            except StatusError as error:
                console.talk(f"rawdock: {error}")
                if not (options.force and isinstance(error, NotFoundError)):
                    code = int(exit_code(error))
                continue
            for each in answer:
                deleted = each.get("Deleted")
                console.print(printable(f"Deleted: {deleted}" if deleted else f"Untagged: {each.get('Untagged', '')}"))
    return code
