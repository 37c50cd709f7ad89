"""The bytes of the canned server: what dockerd 20.10 answers, written down, for native/canned.c to send.

A log has one HTTP chunk for each frame, an archive one for each 32 KiB, as Go's io.Copy and net/http make them.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab_parts.commands import LabError

HEAD = b"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nDocker-Experimental: false\r\nOstype: linux\r\n"
SERVER = b"Server: Docker/20.10.24 (linux)\r\nDate: Fri, 27 Nov 2026 00:00:00 GMT\r\n"
VERSION = b'{"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12","Os":"linux","Arch":"amd64"}'
LOADED = b'{"stream":"Loaded image: rawdock-bench:1\\n"}\r\n'
LINE = b"0123456789abcdefghi\n"  # what `yes` wrote in the measured logs: 20 bytes
SHORT_IN_BLOCK = 25_000
SHORT = SHORT_IN_BLOCK * len(LINE)  # payload of a block of short frames: 500,000 bytes
LONG_FRAME = 16 * 1024  # the daemon cuts longer lines
LONG_IN_BLOCK = 64
LONG = LONG_IN_BLOCK * LONG_FRAME
PIECE = 32 * 1024


def whole(body: bytes, kind: bytes = b"application/json") -> bytes:
    return HEAD + b"Content-Type: %b\r\n%bContent-Length: %d\r\n\r\n" % (kind, SERVER, len(body)) + body


def chunked_head(kind: bytes) -> bytes:
    return HEAD + b"Content-Type: %b\r\n%bTransfer-Encoding: chunked\r\n\r\n" % (kind, SERVER)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def frame(data: bytes) -> bytes:
    """A stdcopy frame of stdout in a chunk of its own."""
    return chunk(b"\1\0\0\0" + len(data).to_bytes(4, "big") + data)


def wire_size(payload: int, each: int) -> int:
    """The bytes of frames with their heads, the chunks taken off: what curl counts."""
    return payload // each * (each + 8)


def logs(name: str) -> tuple[int, int]:
    """(blocks, payload) of the log of the canned container "short-50" or "long-500": megabytes."""
    kind, _, megabytes = name.partition("-")
    block = SHORT if kind == "short" else LONG
    count = int(megabytes) * 1_000_000 // block
    return count, count * block


@dataclass(frozen=True)
class Answer:
    pattern: str
    head: bytes
    block: bytes = b""
    count: int = 0
    tail: bytes = b""


def answers(inspected: bytes, log_names: tuple[str, ...]) -> list[Answer]:
    """The first whose pattern is in the request line is sent. `inspected`: the body of a container inspect."""
    short, long = SHORT_IN_BLOCK * frame(LINE), LONG_IN_BLOCK * frame(b"x" * (LONG_FRAME - 1) + b"\n")
    ping = whole(b"OK", b"text/plain; charset=utf-8")
    raw = chunked_head(b"application/octet-stream")
    found = [
        Answer("HEAD /_ping", ping[:-2]),
        Answer("/_ping", ping),
        Answer("/version", whole(VERSION)),
        Answer("/images/load", whole(LOADED)),
        Answer("PUT /", whole(b"")),
    ]
    for name in log_names:
        block = short if name.startswith("short") else long
        found.append(Answer(f"/{name}/logs", raw, block, logs(name)[0], b"0\r\n\r\n"))
        named = {**json.loads(inspected), "Id": name}  # the docker CLI asks for the logs of the Id
        found.append(Answer(f"/{name}/json", whole(json.dumps(named).encode())))
    return [*found, Answer("/json", whole(inspected))]


class CannedServer:
    """A running server: `socket`, and `port` of 127.0.0.1. Raises LabError when it does not start."""

    def __init__(self, program: Path, folder: Path, given: list[Answer]) -> None:
        self.socket = folder / "canned.sock"
        lines = []
        for number, answer in enumerate(given):
            names = []
            for part, data in (("head", answer.head), ("block", answer.block), ("tail", answer.tail)):
                path = folder / f"canned-{number}-{part}"
                path.write_bytes(data)
                names.append(str(path) if data else "-")
            pattern = answer.pattern.replace(" ", "?")
            lines.append(f"{pattern} {names[0]} {names[1]} {answer.count} {names[2]}")
        routes = folder / "canned-routes"
        routes.write_text("\n".join(lines) + "\n")
        argv = [str(program), str(routes), str(self.socket)]
        self._running = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._running.stdout
        line = self._running.stdout.readline()
        if not line:
            raise LabError(f"the canned server did not start: it ended with {self._running.wait()}")
        self.port = int(line)

    def close(self) -> None:
        assert self._running.stdin and self._running.stdout
        self._running.stdin.close()
        self._running.stdout.close()
        self._running.wait(10)
