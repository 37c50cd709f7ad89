"""The body of a request: what says what it is, and the file that it comes from."""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from ..errors import UsageError
from ..request import Request
from .console import Console

if TYPE_CHECKING:
    from ..client.content import Content
    from .items import Item

JSON, TAR = "application/json", "application/x-tar"
_TAR_PATH = r"(/v[\d.]+)?(/build|/images/load|/images/create|/containers/.+/archive|/plugins/create)(\?.*)?"
_UPGRADE_PATH = r"(/v[\d.]+)?(/containers/[^/?]+/attach|/exec/[^/?]+/start)(\?.*)?"
_MAGICS = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")  # gzip, bzip2, xz, zstd: compressed tar archives
_USTAR = 257, b"ustar"  # where a tar archive says what it is: POSIX.1-1988, pax


def completed(request: Request, console: Console) -> Request:
    """The request with the headers that its body and its path call for, unless the user gave or left out their own."""
    named = {name.lower() for name, _ in request.headers} | {name.lower() for name in request.without}
    added: list[tuple[str, str]] = []
    body = request.body
    if request.method == "POST" and re.fullmatch(_UPGRADE_PATH, request.path):
        if "/exec/" in request.path and body is None and request.body_file is None:
            body = b"{}"  # a start must have one
        if not _detached(body):
            added += [("Connection", "Upgrade"), ("Upgrade", "tcp")]
    if request.body_file is not None:
        added.append(("Content-Type", _content_type(request, request.body_file, console)))
    elif body is not None:
        added.append(("Content-Type", JSON))
    ours = tuple((name, value) for name, value in added if name.lower() not in named)
    kept = tuple(name for name in request.without if name.lower() not in {name.lower() for name, _ in added})
    return request._replace(headers=ours + request.headers, body=body, without=kept)


def _detached(body: bytes | None) -> bool:
    return bool(body and re.search(rb'"Detach": *true', body))


def _content_type(request: Request, name: str, console: Console) -> str:
    """A tar archive where the path wants one, or where the file begins like one, else JSON."""
    if re.fullmatch(_TAR_PATH, request.path):
        return TAR
    place, word = _USTAR
    start = _beginning(name, place + len(word), console)
    return TAR if start.startswith(_MAGICS) or start[place:] == word else JSON


def _beginning(name: str, size: int, console: Console) -> bytes:
    if name == "-":
        peek = getattr(console.stdin, "peek", None)
        return bytes(peek(size))[:size] if peek else b""
    with _opened(name, f"{name!r} from --input") as file:
        return file.read(size) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else b""


def read_item(name: str, item: Item) -> str:
    """The text of the file that an item names. Raises UsageError."""
    with _opened(name, f"{name!r} from item {item.word!r}") as file:
        data = file.read()
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{name!r} from item {item.word!r} is no text in UTF-8", "send it as it is: --input"
        ) from error


def _opened(name: str, named: str) -> BinaryIO:
    try:
        return open(name, "rb")
    except OSError as error:
        raise UsageError(f"{named} cannot be read: {error.strerror}", "give a file that can") from error


@contextmanager
def body_content(request: Request, console: Console) -> Iterator[Content | None]:
    """The body to send. On a terminal a long upload says how far it is."""
    name = request.body_file
    if name is None:
        yield request.body
        return
    if not console.err_is_terminal:
        if name == "-":
            yield console.stdin
        else:
            with _opened(name, f"{name!r} from --input") as file:
                yield file
        return
    from .progress import Progress, WatchedFile

    with _opened(name, f"{name!r} from --input") if name != "-" else _kept(console.stdin) as file:
        status = os.fstat(file.fileno())
        total = status.st_size if stat.S_ISREG(status.st_mode) else None
        with Progress(console, "sent", total) as progress:
            yield WatchedFile(io.FileIO(file.fileno(), closefd=False), progress.reach)


@contextmanager
def _kept(file: BinaryIO) -> Iterator[BinaryIO]:
    yield file
