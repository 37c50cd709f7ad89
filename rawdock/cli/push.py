"""`rawdock push`: `docker push`."""

from __future__ import annotations

import argparse

from ..standins import Step
from ..standins.images import push_image
from .console import Console

HELP = "Upload an image to a registry, as `docker push` does."
EXAMPLES = """examples:
  rawdock push registry.example:5000/team/app:1
  rawdock push -q registry.example:5000/team/app:1

exit codes: 0 done, 2 usage, 4 or 5 the daemon or the registry refused, 6 no daemon there, 7 TLS or credentials failed,
  8 no Docker daemon, or it gave up in the middle"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-a", "--all-tags", action="store_true", help="every tag of the name")
    parser.add_argument("-q", "--quiet", action="store_true", help="print its name alone")
    parser.add_argument("image", metavar="NAME[:TAG]")


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    from ..registry import Reference

    image = Reference.parse(options.image)
    tag = "" if options.all_tags else image.version
    return push_image(image.name, tag)


def run(options: argparse.Namespace, console: Console) -> int:
    from dataclasses import replace

    from ..registry import Reference
    from .pull_progress import show
    from .standin import whole_client_of

    image = Reference.parse(options.image)
    if not (options.all_tags or image.tag or image.digest):
        image = replace(image, tag="latest")
        if not options.quiet:
            console.print("Using default tag: latest")
    with (
        whole_client_of(options, console) as client,
        client.push(options.image, all_tags=options.all_tags) as documents,
    ):
        show(console, documents, "" if options.quiet else "out")
    if options.quiet:
        console.print(image.full)
    return 0
