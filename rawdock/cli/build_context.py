"""What is built: a folder, or what comes on standard input, as the archive that the daemon wants.

Source: docker/cli cli/command/image/build/context.go. A Dockerfile from elsewhere goes along under a name of its own, which
.dockerignore then names, so that no COPY takes it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO, NamedTuple

from ..client.build import IGNORE_FILE, ignore_of
from ..client.tarring import Tarred, file_entry
from ..errors import ProtocolError, UsageError
from ..net.parts import PIECE
from ..wire.tar import BLOCK, TarDecoder

_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")  # gzip, bzip2, xz, zstd
MAX_DOCKERFILE = 16 * 1024 * 1024  # bytes; it is held in memory


class Context(NamedTuple):
    """`archive`: its bytes. `dockerfile`: where it is in there, "" for the daemon's default."""

    archive: Iterable[bytes]
    dockerfile: str


def build_context(path: str, dockerfile: str, stdin: BinaryIO) -> Context:
    """`path`: a folder or "-". `dockerfile`: a path of this machine, in an archive from standard input a path in that, "-" for
    standard input, "" for the default. Raises UsageError, RequestError."""
    if path == "-":
        return _from_stdin(dockerfile, stdin)
    if path.startswith(("http://", "https://", "git://", "git@", "github.com/")):
        raise UsageError(f"{path!r} is an address, and only folders are built", "download it: … | rawdock build -")
    folder = os.path.realpath(path)
    if not os.path.isdir(folder):
        raise UsageError(f"{path!r} is no folder", "give the build's folder, or - for an archive on standard input")
    if dockerfile == "-":
        return _with_dockerfile(folder, _read(stdin, "standard input"))
    named = os.path.abspath(dockerfile) if dockerfile else _default(folder)
    inside = os.path.relpath(os.path.join(os.path.realpath(os.path.dirname(named)), os.path.basename(named)), folder)
    if not os.path.isfile(named):
        raise UsageError(f"there is no Dockerfile {named!r}", "say which file it is: -f FILE")
    if inside.split("/")[0] == "..":
        with open(named, "rb") as file:
            return _with_dockerfile(folder, _read(file, repr(named)))
    return Context(Tarred(folder, "", ignore_of(folder).keeping(IGNORE_FILE).keeping(inside)), inside)


def _default(folder: str) -> str:
    """`Dockerfile`, or `dockerfile` where only that is there."""
    path, small = os.path.join(folder, "Dockerfile"), os.path.join(folder, "dockerfile")
    return small if not os.path.lexists(path) and os.path.lexists(small) else path


def _with_dockerfile(folder: str, text: bytes) -> Context:
    name = f".dockerfile.{secrets.token_hex(10)}"
    try:
        with open(os.path.join(folder, IGNORE_FILE), "rb") as file:
            ignored = file.read().rstrip(b"\n") + b"\n"
    except FileNotFoundError:
        ignored = f"{IGNORE_FILE}\n".encode()  # which is ours alone
    ignored += f"{name}\n".encode()
    first = [file_entry(name, text), file_entry(IGNORE_FILE, ignored)]
    return Context(chain(first, Tarred(folder, "", ignore_of(folder).leaving(IGNORE_FILE))), name)


def _from_stdin(dockerfile: str, stdin: BinaryIO) -> Context:
    if dockerfile == "-":
        raise UsageError("standard input cannot be both the folder and the Dockerfile", "give one of them as a path")
    start = stdin.read(2 * BLOCK)
    if start.startswith(_COMPRESSED) or _is_tar(start):
        return Context(chain([start], _pieces(stdin)), dockerfile)
    if dockerfile:
        raise UsageError("standard input is no archive, and with -f it has to be", "leave -f out to build a Dockerfile")
    text = start + _read(stdin, "standard input")
    if not text.strip():
        raise UsageError("standard input is empty", "give a Dockerfile or an archive")
    return Context([file_entry("Dockerfile", text), bytes(2 * BLOCK)], "Dockerfile")


def _is_tar(start: bytes) -> bool:
    try:
        return bool(TarDecoder().feed(start)) or start == bytes(2 * BLOCK)
    except ProtocolError:
        return False


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def _read(file: BinaryIO, what: str) -> bytes:
    text = file.read(MAX_DOCKERFILE + 1)
    if len(text) > MAX_DOCKERFILE:
        raise UsageError(f"{what} is no Dockerfile: it is over {MAX_DOCKERFILE} bytes", "give a Dockerfile")
    return text
