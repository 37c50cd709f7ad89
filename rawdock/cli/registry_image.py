"""What `rawdock pull` and `rawdock push` share: an image by its name, or all of its tags."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .console import Console

if TYPE_CHECKING:
    from ..registry import Reference

EXIT_CODES = """exit codes: 0 done, 2 usage, 4 or 5 the daemon or the registry refused, 6 no daemon there,
  7 TLS or credentials failed, 8 no Docker daemon, or it gave up in the middle"""


def add_image(parser: argparse.ArgumentParser, metavar: str) -> None:
    parser.add_argument("-a", "--all-tags", action="store_true", help="every tag of the name")
    parser.add_argument("-q", "--quiet", action="store_true", help="print its name alone")
    parser.add_argument("image", metavar=metavar)


def name_and_tag(options: argparse.Namespace) -> tuple[str, str]:
    """The tag, or digest, is "" for all tags."""
    from ..registry import Reference

    image = Reference.parse(options.image)
    return image.name, "" if options.all_tags else image.version


def tagged(options: argparse.Namespace, console: Console) -> Reference:
    """The image with the tag that it has where none is given, which is said."""
    from dataclasses import replace

    from ..registry import Reference

    image = Reference.parse(options.image)
    if options.all_tags or image.tag or image.digest:
        return image
    if not options.quiet:
        console.print("Using default tag: latest")
    return replace(image, tag="latest")
