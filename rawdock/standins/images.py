"""Images listed, pulled, pushed, saved, loaded, tagged, removed and built. Source: docker/cli command/image."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..request import Request, quoted
from . import Step
from .filters import filters

TAR = (("Content-Type", "application/x-tar"),)


def list_images(*, every: bool, wanted: Iterable[str]) -> list[Step]:
    """`docker images`. `every`: those between the steps of a build, too."""
    query = (("all", "1"),) if every else ()
    return [Step(Request("GET", "/images/json", (*query, *filters(wanted))))]


def pull_image(name: str, version: str, platform: str = "") -> list[Step]:
    """`docker pull`. `version`: a tag or digest, "" for every tag. Credentials are added where it is sent."""
    query = [
        ("fromImage", name),
        *([("tag", version)] if version else []),
        *([("platform", platform)] if platform else []),
    ]
    return [Step(Request("POST", "/images/create", tuple(query)), answer="documents")]


def push_image(name: str, tag: str) -> list[Step]:
    """`docker push`. `tag`: "" for every tag. Credentials are added where it is sent."""
    return [Step(Request("POST", image_path(name, "/push"), (("tag", tag),) if tag else ()), answer="documents")]


def save_images(names: Sequence[str]) -> list[Step]:
    return [Step(Request("GET", "/images/get", tuple(("names", name) for name in names)), answer="bytes")]


def load_images(source: str, *, quiet: bool) -> list[Step]:
    """`docker load`. `source`: a file's path, or "-" for standard input."""
    request = Request("POST", "/images/load", (("quiet", "1" if quiet else "0"),), TAR, body_file=source)
    return [Step(request, answer="documents")]


def tag_image(source: str, name: str, tag: str) -> list[Step]:
    return [Step(Request("POST", image_path(source, "/tag"), (("repo", name), ("tag", tag))))]


def remove_images(names: Iterable[str], *, force: bool, no_prune: bool) -> list[Step]:
    query = (*((("force", "1"),) if force else ()), *((("noprune", "1"),) if no_prune else ()))
    return [Step(Request("DELETE", image_path(name), query)) for name in names]


def image_path(name: str, rest: str = "") -> str:
    """The path of an image. Its name's slashes stay."""
    return f"/images/{quoted(name, '/:@')}{rest}"
