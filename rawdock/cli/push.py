"""`rawdock push`: `docker push`."""

from __future__ import annotations

import argparse

from ..standins import Step
from ..standins.images import push_image
from .console import Console
from .registry_image import EXIT_CODES, add_image, name_and_tag, tagged

HELP = "Upload an image to a registry, as `docker push` does."
EXAMPLES = f"""examples:
  rawdock push registry.example:5000/team/app:1
  rawdock push -q registry.example:5000/team/app:1

{EXIT_CODES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_image(parser, "NAME[:TAG]")


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    return push_image(*name_and_tag(options))


def run(options: argparse.Namespace, console: Console) -> int:
    from .pull_progress import show
    from .standin import whole_client_of

    image = tagged(options, console)
    with (
        whole_client_of(options, console) as client,
        client.push(options.image, all_tags=options.all_tags) as documents,
    ):
        show(console, documents, "" if options.quiet else "out")
    if options.quiet:
        console.print(image.full)
    return 0
