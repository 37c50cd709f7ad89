"""`rawdock pull`: `docker pull`."""

from __future__ import annotations

import argparse

from ..standins import Step
from ..standins.images import pull_image
from .console import Console

HELP = "Download an image from a registry, as `docker pull` does."
EXAMPLES = """examples:
  rawdock pull alpine:3.20
  rawdock pull -q registry.example:5000/team/app

exit codes: 0 done, 2 usage, 4 or 5 the daemon or the registry refused, 6 no daemon there, 7 TLS or credentials failed,
  8 no Docker daemon, or it gave up in the middle"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-a", "--all-tags", action="store_true", help="every tag of the name")
    parser.add_argument("-q", "--quiet", action="store_true", help="print its name alone")
    parser.add_argument("--platform", metavar="OS[/ARCH]", default="", help="such as linux/arm64")
    parser.add_argument("image", metavar="NAME[:TAG|@DIGEST]")


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    from ..registry import Reference

    image = Reference.parse(options.image)
    tag = "" if options.all_tags else image.version
    return pull_image(image.name, tag, _platform(options, console))


def _platform(options: argparse.Namespace, console: Console) -> str:
    return options.platform or console.environ.get("DOCKER_DEFAULT_PLATFORM", "")


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
        client.pull(
            options.image, platform=_platform(options, console) or None, all_tags=options.all_tags
        ) as documents,
    ):
        show(console, documents, "" if options.quiet else "out")
    console.print(image.full)
    return 0
