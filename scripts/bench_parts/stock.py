"""What the real daemon is given to measure with: logs of long and of short lines, a large file in a container and an image.

The containers write their logs themselves. Sizes are payload; 500 MB of long lines are written in five seconds, and so are
50 MB of short ones, each of which becomes a line of JSON.
"""

from __future__ import annotations

import io
import os
import tarfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lab_parts.api import API
from lab_parts.commands import LabError, run
from lab_parts.image import IMAGE

from .canned import LINE

MB = 1_000_000
BIG = "rawdock-bench:1"
LONG_FRAME = 16 * 1024


@dataclass(frozen=True)
class Stock:
    """long, short: payload of the logs of these containers, bytes. tar: an archive of one large file, image: a saved image
    with that file in it."""

    long: int
    short: int
    tar: Path
    image: Path


def fill(api: API, socket: Path, folder: Path, root: bytes, quick: bool) -> Stock:
    """Make all of it. Raises LabError."""
    size = (20 if quick else 200) * MB
    stock = Stock((100 if quick else 500) * MB, (2 if quick else 10) * MB, folder / "big.tar", folder / "image.tar")
    write_tar(stock.tar, size)
    whole = folder / "root.tar"
    whole.write_bytes(root)
    write_tar(whole, size, "a")
    curl(socket, "POST", "/images/create?fromSrc=-&repo=rawdock-bench&tag=1", "--upload-file", whole)
    whole.unlink()
    curl(socket, "GET", f"/images/{BIG}/get", "--output", stock.image)
    sleep = ["sleep", "2147483647"]
    for name, image in (("big", BIG), ("target", IMAGE)):
        start(api, name, image, sleep)
    log(api, "long", f"head -c {stock.long} /dev/zero | tr '\\0' x")
    log(api, "short", f"yes {LINE.decode().strip()} | head -n {stock.short // len(LINE)}")
    return stock


def curl(socket: Path, method: str, path: str, *words: object) -> None:
    """A request whose body or answer is a file: the lab's own API keeps both in memory. Raises LabError."""
    run(["curl", "-sSf", "-X", method, "--unix-socket", str(socket), *map(str, words), f"http://d/v1.41{path}"])


def write_tar(path: Path, size: int, mode: Literal["w", "a"] = "w") -> None:
    """Put a file named big into a tar archive; random bytes, so that nothing can be gained by packing them."""
    block = os.urandom(MB)
    with tarfile.open(path, mode, bufsize=MB) as tar:
        entry = tarfile.TarInfo("big")
        entry.size = size
        tar.addfile(entry, _Repeated(block, size))


class _Repeated(io.RawIOBase):
    def __init__(self, block: bytes, size: int) -> None:
        self._block, self._left = block, size

    def read(self, size: int = -1) -> bytes:
        part = self._block[: min(size, self._left)]
        self._left -= len(part)
        return part


def start(api: API, name: str, image: str, command: list[str]) -> None:
    settings: dict[str, Any] = {
        "Image": image,
        "Cmd": command,
        "StopSignal": "SIGKILL",
        "HostConfig": {"NetworkMode": "none"},
    }
    api.call("POST", f"/containers/create?name={name}", settings)
    api.call("POST", f"/containers/{name}/start")


def log(api: API, name: str, command: str) -> None:
    """Run the command in a container of that name to its end. Raises LabError when it failed or takes over two minutes."""
    start(api, name, IMAGE, ["sh", "-c", command])
    began = time.monotonic()
    ended = api.call("POST", f"/containers/{name}/wait")
    if ended["StatusCode"]:
        raise LabError(f"container {name} ended with {ended['StatusCode']} after {time.monotonic() - began:.0f} s")
