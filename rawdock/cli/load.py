"""`rawdock load`: `docker load`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, BinaryIO

from ..standins import Step
from ..standins.images import load_images
from .console import Console

if TYPE_CHECKING:
    from ..client import SyncClient

HELP = "Load images from a tar archive, as `docker load` does."
EXAMPLES = """examples:
  rawdock load -i app.tar
  gunzip < images.tar.gz | rawdock load

exit codes: 0 loaded, 2 usage, 4 or 5 the daemon refused, 6 no daemon there, 7 TLS failed, 8 no Docker daemon, or it gave up
  in the middle"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-i",
        "--input",
        metavar="FILE",
        default="",
        help="read this file, plain or compressed, instead of standard input",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print what was loaded alone")


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    return load_images(options.input or "-", quiet=options.quiet or not console.out_is_terminal)


def run(options: argparse.Namespace, console: Console) -> int:
    from ..errors import UsageError
    from .standin import whole_client_of

    if not options.input and console.stdin.isatty():
        raise UsageError("standard input is a terminal, and no archive", "give -i FILE, or redirect it")
    with whole_client_of(options, console) as client:
        if not options.input:
            return _load(client, console.stdin, options, console)
        try:
            file = open(options.input, "rb")  # noqa: SIM115 -- closed below, where errors are others
        except OSError as error:
            raise UsageError(
                f"{options.input!r} cannot be read: {error.strerror}", "give the path of an archive"
            ) from error
        with file:
            return _load(client, file, options, console)


def _load(client: SyncClient, file: BinaryIO, options: argparse.Namespace, console: Console) -> int:
    from .pull_progress import show

    with client.image_load(file, quiet=options.quiet or not console.out_is_terminal) as documents:
        show(console, documents)
    return 0
