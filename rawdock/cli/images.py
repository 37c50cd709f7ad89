"""`rawdock images`: `docker images`."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping
from typing import Any

from ..standins import Step
from ..standins.images import list_images
from ..text.image_name import familiar
from ..text.table import short_id
from ..text.units import human_duration, human_size
from .console import Console
from .listing import Row, add_listing_options, listing_template, print_listing
from .standin import ask

HELP = "List images, as `docker images` does."
EXAMPLES = """examples:
  rawdock images
  rawdock images alpine
  rawdock images -q --filter dangling=true
  rawdock images --format '{{.Repository}}:{{.Tag}} {{.Size}}'

exit codes: 0 listed, 2 usage, 4 or 5 the daemon refused, 6 no daemon there, 7 TLS failed, 8 no Docker daemon"""
HEADINGS = {
    "ID": "IMAGE ID",
    "Repository": "REPOSITORY",
    "Tag": "TAG",
    "Digest": "DIGEST",
    "CreatedSince": "CREATED",
    "CreatedAt": "CREATED AT",
    "Size": "SIZE",
    "Containers": "CONTAINERS",
    "VirtualSize": "SIZE",
    "SharedSize": "SHARED SIZE",
    "UniqueSize": "UNIQUE SIZE",
}
NONE = "<none>"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_listing_options(parser)
    parser.add_argument("-a", "--all", action="store_true", help="list those between the steps of a build, too")
    parser.add_argument("--digests", action="store_true", help="print digests")
    parser.add_argument(
        "name", metavar="REPOSITORY[:TAG]", nargs="?", default="", help="list what is called so; * stands for anything"
    )


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    named = [f"reference={options.name}"] if options.name else []
    return list_images(every=options.all, wanted=[*options.filter, *named])


def run(options: argparse.Namespace, console: Console) -> int:
    format_ = options.format
    if format_.startswith("table ") and options.digests and "Digest" not in listing_template(format_).fields:
        format_ += r"\t{{.Digest}}"
    named = "{{" in format_ and "Digest" in listing_template(format_).fields
    images = ask(options, console, steps(options, console)[0])
    rows = [
        _row(image, options.no_trunc, *names)
        for image in images
        for names in _names(image, options.digests or named, options.digests)
    ]
    if options.quiet and format_ in ("", "table"):
        for row in rows:
            console.print(row["ID"])
        return 0
    digest = ["Digest"] if options.digests else []
    print_listing(console, format_, rows, HEADINGS, ["Repository", "Tag", *digest, "ID", "CreatedSince", "Size"])
    return 0


def _names(image: Mapping[str, Any], with_digest: bool, each_digest: bool) -> Iterator[tuple[str, str, str]]:
    """(repository, tag, digest) of each row that the image has: one a tag, and one for what has a digest alone."""
    tags = [name.rpartition(":")[::2] for name in image.get("RepoTags") or [] if name != f"{NONE}:{NONE}"]
    digests: dict[str, list[str]] = {}
    for name in image.get("RepoDigests") or []:
        repository, _, digest = name.partition("@")
        if repository != NONE:
            digests.setdefault(repository, []).append(digest)
    if not tags and not digests:
        yield NONE, NONE, NONE
    for repository, tag in tags:
        for digest in (digests.get(repository) if with_digest else None) or [NONE]:
            yield repository, tag, digest
    tagged = {repository for repository, _ in tags}
    for repository, found in digests.items():
        if repository not in tagged:
            for digest in found if each_digest else [""]:
                yield repository, NONE, digest


def _row(image: Mapping[str, Any], full: bool, repository: str, tag: str, digest: str) -> Row:
    created, size, shared = image.get("Created", 0), image.get("Size", 0), image.get("SharedSize", -1)
    containers = image.get("Containers", -1)
    return {
        "ID": image["Id"] if full else short_id(image["Id"]),
        "Repository": familiar(repository),
        "Tag": tag,
        "Digest": digest,
        "CreatedSince": f"{human_duration(time.time() - created)} ago",
        "CreatedAt": time.strftime("%Y-%m-%d %H:%M:%S %z %Z", time.localtime(created)),
        "Size": human_size(size),
        "VirtualSize": human_size(size, 4),
        "SharedSize": "N/A" if shared == -1 else human_size(shared, 4),
        "UniqueSize": "N/A" if -1 in (size, shared) else human_size(size - shared, 4),
        "Containers": "N/A" if containers == -1 else str(containers),
    }
