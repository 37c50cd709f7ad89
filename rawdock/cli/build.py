"""`rawdock build`: `docker build` by the daemon's own (classic) builder."""

from __future__ import annotations

import argparse
import json
import os
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..request import Request
from ..standins import Step
from ..standins.images import TAR
from .console import Console, printable

if TYPE_CHECKING:
    from ..client.build import SyncBuildStream

HELP = "Build an image from a Dockerfile, as `docker build` does with the classic builder."
EXAMPLES = """examples:
  rawdock build -t app:1 .
  rawdock build -t app:1 -f docker/Dockerfile --build-arg VERSION=2 --target release .
  rawdock build - < Dockerfile
  tar cz . | rawdock build -t app:1 -

exit codes: 0 built, or else the failed step's own, 1 it has none; 2 usage, 4 or 5 the daemon refused, 6 no daemon there,
  7 TLS or credentials failed, 8 no Docker daemon or it broke off"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-t", "--tag", metavar="NAME[:TAG]", action="append", default=[], help="repeatable")
    parser.add_argument("-f", "--file", metavar="FILE", default="", help="the Dockerfile (default: FOLDER/Dockerfile)")
    for name, metavar, text in (
        ("--build-arg", "NAME[=VALUE]", "a value of an ARG; NAME alone takes our environment's"),
        ("--label", "NAME=VALUE", "a label of the image"),
        ("--add-host", "NAME:IP", "a line of /etc/hosts in the steps"),
    ):
        parser.add_argument(name, metavar=metavar, action="append", default=[], help=f"{text}; repeatable")
    parser.add_argument("--target", metavar="STAGE", default="", help="stop at this stage")
    parser.add_argument("--network", metavar="NAME", default="", help="the network of the steps")
    parser.add_argument("--platform", metavar="OS[/ARCH]", default="", help="such as linux/arm64")
    parser.add_argument("--no-cache", action="store_true", help="run every step anew")
    parser.add_argument("--pull", action="store_true", help="ask the registry for newer base images")
    parser.add_argument("--force-rm", action="store_true", help="remove the container of a step that failed, too")
    parser.add_argument("-q", "--quiet", action="store_true", help="print the image's identifier alone")
    parser.add_argument("--iidfile", metavar="FILE", default="", help="write the image's identifier there")
    parser.add_argument("folder", metavar="FOLDER", help="or - for an archive or a Dockerfile on standard input")


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    """The archive comes from standard input. Where the Dockerfile lies is known when it is read."""
    query = _query(options, console.environ)
    if options.file and options.folder == "-":
        query["dockerfile"] = options.file
    elif options.file and options.file != "-":
        query["dockerfile"] = os.path.relpath(options.file, options.folder)
    pairs = [("t", name) for name in options.tag]
    for name, value in query.items():
        pairs += [(name, each) for each in (value if isinstance(value, list) else [value])]
    fed = "" if options.folder == "-" else f"tar -C {shlex.quote(options.folder)} -c ."
    note = "the classic builder; BuildKit's client opens POST /session or /grpc besides, and speaks gRPC there"
    return [Step(Request("POST", "/build", tuple(pairs), TAR, body_file="-"), answer="documents", fed=fed, note=note)]


def _query(options: argparse.Namespace, environ: Mapping[str, str]) -> dict[str, str | list[str]]:
    """The operation's parameters, but for tags and Dockerfile."""
    arguments: dict[str, str | None] = {}
    for word in options.build_arg:
        name, equals, value = word.partition("=")
        if not name:
            raise UsageError(f"--build-arg {word!r} has no name", "write NAME=VALUE, or NAME for our environment's")
        arguments[name] = value if equals else environ.get(name)
    labels = dict(word.partition("=")[::2] for word in options.label)
    given: dict[str, str | list[str]] = {
        "buildargs": json.dumps(arguments) if arguments else "",
        "labels": json.dumps(labels) if labels else "",
        "extrahosts": options.add_host,
        "target": options.target,
        "networkmode": options.network,
        "platform": options.platform or environ.get("DOCKER_DEFAULT_PLATFORM", ""),
        "nocache": "1" if options.no_cache else "",
        "pull": "1" if options.pull else "",
        "q": "1" if options.quiet else "",
    }
    rest = {"rm": "1", "forcerm": "1" if options.force_rm else "0"}
    return {name: value for name, value in given.items() if value} | rest


def run(options: argparse.Namespace, console: Console) -> int:
    from ..errors import StreamError
    from .build_context import build_context
    from .standin import whole_client_of

    query = _query(options, console.environ)
    context = build_context(options.folder, options.file, console.stdin)
    if options.iidfile:
        _forget(options.iidfile)
    sending = _Sending(context.archive, console, options.quiet)
    if context.dockerfile:
        query["dockerfile"] = context.dockerfile
    shown = _Shown(console, options.quiet)
    with whole_client_of(options, console) as client:
        try:
            with client.build(sending, tags=options.tag, params=query) as build:
                shown.show(build)
        except StreamError as error:
            shown.complain()
            console.talk(f"rawdock: {error}")
            return error.code or 1
    image = build.image_id or shown.last_line
    if options.quiet:
        console.print(printable(image))
    if options.iidfile:
        _write(options.iidfile, f"sha256:{image}" if len(image) == 64 else image)  # bare from Podman, with -q
    return 0


class _Sending:
    """The archive, and how much of it has been sent: on a terminal in place, at its end anywhere."""

    def __init__(self, archive: Iterable[bytes], console: Console, quiet: bool) -> None:
        self._archive, self._console, self._quiet = archive, console, quiet

    def __iter__(self) -> Iterator[bytes]:
        from ..text.progress import progress_bar

        size = told = 0
        for piece in self._archive:
            yield piece
            size += len(piece)
            if self._console.out_is_terminal and size - told > 512 * 1024:
                told = size
                self._tell(f"{progress_bar({'current': size}, 0, 0)}\r")
        self._tell(f"{progress_bar({'current': size}, 0, 0)}\r\r\n")

    def _tell(self, text: str) -> None:
        if not self._quiet:
            self._console.write(f"Sending build context to Docker daemon {text}".encode())


class _Shown:
    """The daemon's documents: shown at once, or with -q only if the build fails."""

    def __init__(self, console: Console, quiet: bool) -> None:
        self._console, self._quiet = console, quiet
        self._held: list[Any] = []

    def show(self, build: SyncBuildStream) -> None:
        from .pull_progress import show

        if not self._quiet:
            show(self._console, build)
        else:
            self._held.extend(build)  # a few lines: the daemon is told to be quiet, too

    @property
    def last_line(self) -> str:
        """With -q it is the image's identifier, which comes in no other way then."""
        streams = [document.get("stream", "") for document in self._held if isinstance(document, dict)]
        return str(streams[-1]).strip() if streams else ""

    def complain(self) -> None:
        from .pull_progress import show

        show(self._console, self._held, "err")


def _forget(path: str) -> None:
    """What an earlier build wrote must not pass for this one's."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise UsageError(f"--iidfile {path!r} cannot be removed: {error.strerror}", "give another name") from error


def _write(path: str, image: str) -> None:
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(image)
    except OSError as error:
        raise UsageError(f"--iidfile {path!r} cannot be written: {error.strerror}", f"the image is {image}") from error
