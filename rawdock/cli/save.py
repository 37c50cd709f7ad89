"""`rawdock save`: `docker save`."""

from __future__ import annotations

import argparse
import shlex

from ..standins import Step
from ..standins.images import save_images
from .console import Console

HELP = "Write images to a tar archive, as `docker save` does."
EXAMPLES = """examples:
  rawdock save -o app.tar app:1
  rawdock save app:1 alpine:3.20 | gzip > images.tar.gz

exit codes: 0 written, 2 usage, 4 or 5 the daemon refused, 6 no daemon there, 7 TLS failed, 8 no Docker daemon, or cut"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o", "--output", metavar="FILE", default="", help="write there; it gets its name only when it is whole"
    )
    parser.add_argument("images", metavar="IMAGE", nargs="+")


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    into = f"> {shlex.quote(options.output)}" if options.output else ""
    return [step._replace(into=into) for step in save_images(options.images)]


def run(options: argparse.Namespace, console: Console) -> int:
    from ..errors import UsageError
    from .ending import ended_cleanly
    from .standin import whole_client_of

    if not options.output and console.out_is_terminal:
        raise UsageError("standard output is a terminal, and an archive is no text", "give -o FILE, or redirect it")
    with ended_cleanly(), whole_client_of(options, console) as client:
        if not options.output:
            with client.image_save(options.images) as pieces:
                for piece in pieces:
                    console.write(piece)
            return 0
        try:
            client.image_save_to_file(options.images, options.output)
        except OSError as error:
            why = f"{options.output!r} cannot be written: {error.strerror}"
            raise UsageError(why, "check its folder and the room there") from error
    return 0
