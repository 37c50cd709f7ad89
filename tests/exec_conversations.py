"""What test_exec_lab.py runs inside the lab's network, once per flavour: input of three sizes to `wc -c`, and `cat`.

python exec_conversations.py blocking|asyncio|trio      the daemon is that of the environment; says one line of JSON
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio

from rawdock import Client, SyncClient

SIZES = (0, 1, 100_000_000)  # bytes
ECHO = 20_000_000  # bytes
PIECE = bytes(range(256)) * 250


def pieces(size: int) -> Iterator[bytes]:
    for start in range(0, size, len(PIECE)):
        yield PIECE[: size - start]


def tls_version(stream: Any) -> str | None:
    found = getattr(stream._hijack._stream, "ssl_object", None)
    return found.version() if found else None


def blocking() -> dict[str, Any]:
    with SyncClient() as client:
        counts = [int(client.exec_run("web", ["wc", "-c"], input=pieces(size)).stdout) for size in SIZES[:-1]]
        began = time.monotonic()
        counts.append(int(client.exec_run("web", ["wc", "-c"], input=pieces(SIZES[-1])).stdout))
        seconds = time.monotonic() - began
        digest = hashlib.sha256()
        with client.exec_stream("web", ["cat"], input=pieces(ECHO)) as stream:
            for frame in stream:
                digest.update(frame.data)
            return report(counts, seconds, digest.hexdigest(), stream.exit_code, tls_version(stream._stream))


async def awaited() -> dict[str, Any]:
    async with Client() as client:
        counts = [int((await client.exec_run("web", ["wc", "-c"], input=pieces(size))).stdout) for size in SIZES[:-1]]
        began = time.monotonic()
        counts.append(int((await client.exec_run("web", ["wc", "-c"], input=pieces(SIZES[-1]))).stdout))
        seconds = time.monotonic() - began
        digest = hashlib.sha256()
        async with client.exec_stream("web", ["cat"], input=pieces(ECHO)) as stream:
            async for frame in stream:
                digest.update(frame.data)
            return report(counts, seconds, digest.hexdigest(), stream.exit_code, tls_version(stream))


def report(counts: list[int], seconds: float, echo: str, exit_code: int | None, tls: str | None) -> dict[str, Any]:
    sent = hashlib.sha256()
    for piece in pieces(ECHO):
        sent.update(piece)
    return {
        "counts": counts,
        "seconds": round(seconds, 2),
        "echo": echo == sent.hexdigest(),
        "exit_code": exit_code,
        "tls": tls,
        "mebibytes": peak_memory(),
    }


def peak_memory() -> int:
    """MiB, of this program alone: getrusage(2) would count what its parent had before exec."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


if __name__ == "__main__":
    flavour = sys.argv[1]
    print(json.dumps(blocking() if flavour == "blocking" else anyio.run(awaited, backend=flavour)))
