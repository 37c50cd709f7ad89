"""`rawdock tag`: `docker tag`."""

from __future__ import annotations

import argparse

from ..standins import Step
from ..standins.images import tag_image
from .console import Console

HELP = "Give an image another name, as `docker tag` does."
EXAMPLES = """examples:
  rawdock tag app:1 registry.example:5000/team/app:1

exit codes: 0 done, 2 usage, 4 or 5 the daemon refused, 6 no daemon there, 7 TLS failed, 8 no Docker daemon"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="IMAGE[:TAG]")
    parser.add_argument("target", metavar="NAME[:TAG]")


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    from ..errors import UsageError
    from ..registry import Reference

    target = Reference.parse(options.target)
    if target.digest:
        raise UsageError(f"{options.target!r} has a digest, which nobody can choose", "give a name and a tag")
    return tag_image(options.source, target.name, target.version)


def run(options: argparse.Namespace, console: Console) -> int:
    from .standin import client_of, send

    planned = steps(options, console)
    with client_of(options, console) as client:
        send(client, planned[0])
    return 0
