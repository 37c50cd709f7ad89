"""`rawdock pull`: `docker pull`."""

from __future__ import annotations

import argparse

from ..standins import Step
from ..standins.images import pull_image
from .console import Console
from .registry_image import EXIT_CODES, add_image, name_and_tag, tagged

HELP = "Download an image from a registry, as `docker pull` does."
EXAMPLES = f"""examples:
  rawdock pull alpine:3.20
  rawdock pull -q registry.example:5000/team/app

{EXIT_CODES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_image(parser, "NAME[:TAG|@DIGEST]")
    parser.add_argument("--platform", metavar="OS[/ARCH]", default="", help="such as linux/arm64")


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    return pull_image(*name_and_tag(options), _platform(options, console))


def _platform(options: argparse.Namespace, console: Console) -> str:
    return options.platform or console.environ.get("DOCKER_DEFAULT_PLATFORM", "")


def run(options: argparse.Namespace, console: Console) -> int:
    from .pull_progress import show
    from .standin import whole_client_of

    image, platform = tagged(options, console), _platform(options, console) or None
    with (
        whole_client_of(options, console) as client,
        client.pull(options.image, platform=platform, all_tags=options.all_tags) as documents,
    ):
        show(console, documents, "" if options.quiet else "out")
    console.print(image.full)
    return 0
