"""Which registry an image reference belongs to, and how the daemon wants to be told of it.

Source: github.com/distribution/reference, regexp.go and normalize.go. The first part of a name is a registry's host when it
has a dot, a colon or an upper-case letter, or is `localhost`; anything else lives on Docker Hub.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import RequestError
from ..text.image_name import familiar

HUB = "docker.io"
HUB_KEY = "https://index.docker.io/v1/"  # what Docker Hub is called in config.json and by credential helpers
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_LABEL = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?")
_PATH = re.compile(rf"{_PART}(?:/{_PART})*")
_TAG = re.compile(r"[0-9A-Za-z_][0-9A-Za-z_.-]{0,127}")
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,}")
_ID = re.compile(r"[a-f0-9]{64}")
_NAME_LIMIT = 255  # bytes, host included


@dataclass(frozen=True)
class Reference:
    """An image by name. `registry`: "docker.io" or HOST[:PORT]; `path`: the repository on it, "library/alpine"; `tag` and
    `digest` None where the reference has none."""

    registry: str
    path: str
    tag: str | None
    digest: str | None

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Return what `text` ("alpine", "registry.example:5000/team/app:1.2@sha256:…") names, or raise RequestError."""
        if not isinstance(text, str):
            raise RequestError(f"an image reference is of type {type(text).__name__}", "give its name as text")
        rest, at, digest = text.partition("@")
        slash = rest.rfind("/")
        name, colon, tag = rest.partition(":") if slash < 0 else _cut_tag(rest, slash)
        registry, path = _split(name)
        if not _HOST.fullmatch(registry):
            raise _malformed(text, f"{registry!r} is no host")
        if _ID.fullmatch(name):
            raise _malformed(text, "64 hexadecimal digits are an image's ID, which no registry knows")
        if not _PATH.fullmatch(path):
            upper = path.lower() != path and _PATH.fullmatch(path.lower())
            raise _malformed(text, f"{path!r} has capital letters" if upper else f"{path!r} is no repository's name")
        if colon and not _TAG.fullmatch(tag):
            raise _malformed(text, f"{tag!r} is no tag")
        if at and not _DIGEST.fullmatch(digest):
            raise _malformed(text, f"{digest!r} is no digest")
        if len(registry) + len(path) + 1 > _NAME_LIMIT:
            raise _malformed(text, f"its name is over {_NAME_LIMIT} bytes")
        return cls(registry, path, tag or None, digest or None)

    @property
    def name(self) -> str:
        """The name without tag and digest, as Docker shows it: "alpine", "registry.example:5000/team/app"."""
        return familiar(f"{self.registry}/{self.path}")

    @property
    def version(self) -> str:
        """What goes into the `tag` parameter: the digest, where there is one the tag does not count; else the tag, else
        "latest"."""
        return self.digest or self.tag or "latest"

    @property
    def full(self) -> str:
        """With registry and all: "docker.io/library/alpine:3.20"."""
        return f"{self.registry}/{self.path}{str(self).removeprefix(self.name)}"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return self.name + tag + (f"@{self.digest}" if self.digest else "")


def config_key(registry: str) -> str:
    """What config.json and the helpers call a registry."""
    return HUB_KEY if registry in (HUB, "index.docker.io") else registry


def _cut_tag(rest: str, slash: int) -> tuple[str, str, str]:
    """The tag's colon comes after the last slash: one before it belongs to a port."""
    last, colon, tag = rest[slash:].partition(":")
    return rest[:slash] + last, colon, tag


def _split(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    is_host = "." in first or ":" in first or first == "localhost" or first != first.lower()
    if not slash or not is_host:
        first, rest = HUB, name
    if first == "index.docker.io":
        first = HUB
    if first == HUB and "/" not in rest:
        rest = f"library/{rest}"
    return first, rest


def _malformed(text: str, why: str) -> RequestError:
    return RequestError(f"image reference {text!r}: {why}", "write [HOST[:PORT]/]NAME[:TAG][@DIGEST] in lower case")
