"""Curl command lines, the requests that curl made of them (recorded with 7.88.1), and what runs a line.

In tests/fixtures/curl_lines.json a request's headers are sorted; curl's own User-Agent and Expect are left out. SOCK and PORT
stand for the daemon's.
"""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from wire_daemon import Connection, WireDaemon, reply

from rawdock.cli import main
from rawdock.cli.console import Console

CURL = shutil.which("curl")
with_curl = pytest.mark.skipif(CURL is None, reason="there is no curl on this machine")
_VERSION = subprocess.run([CURL, "--version"], capture_output=True, check=True).stdout if CURL else b""
before_8 = pytest.mark.skipif(  # seen on 8.23: other exit codes, -O invents a name, %{scheme} is in small letters
    not _VERSION.startswith(b"curl 7."), reason="rawdock does it as curl 7.88 does, which curl 8 does otherwise"
)
INPUT = b"std\nin\n"
FILES = {
    "body.json": b'{\r\n  "Image": "alpine"\r\n}\n',
    "context.tar": b"a tar\x00\x01\r\nof sorts\n",
    "headers.txt": b"X-One: 1\nAccept:\nX-Two: 2\n",
}


class Case(NamedTuple):
    curl: str
    sends: list[str]
    since: str = "0"


CASES = [
    Case(**case) for case in json.loads(Path(__file__).with_name("fixtures").joinpath("curl_lines.json").read_text())
]


class Done(NamedTuple):
    code: int
    out: bytes
    err: str


def ours(words: list[str], *, stdin: bytes = b"", environ: dict[str, str] | None = None) -> Done:
    """What `rawdock curl` does with curl's words."""
    out, err = io.BytesIO(), io.StringIO()
    code = main(["curl", *words], Console(out, err, io.BytesIO(stdin), environ or {}))
    return Done(code, out.getvalue(), err.getvalue())


def theirs(words: list[str], *, stdin: bytes = b"") -> Done:
    """What curl does with them."""
    assert CURL is not None
    done = subprocess.run([CURL, *words], input=stdin, capture_output=True, timeout=30, check=False)
    return Done(done.returncode, done.stdout, done.stderr.decode())


def curl_version() -> tuple[int, ...]:
    assert CURL is not None
    found = re.match(
        r"curl (\d+)\.(\d+)", subprocess.run([CURL, "-V"], capture_output=True, text=True, check=True).stdout
    )
    assert found
    return int(found[1]), int(found[2])


def answer_once(connection: Connection) -> None:
    """Take one request, chunked or not, and say OK."""

    def more() -> bytes:
        if data := connection.receive():
            return data
        raise EOFError

    while b"\r\n\r\n" not in connection.received:
        more()
    head, _, body = bytes(connection.received).partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    while b"chunked" in head.lower() and not connection.received.endswith(b"0\r\n\r\n"):
        more()
    while length and len(body) < int(length[1]):
        body += more()
    connection.send(reply(b"OK", headers=["Connection: close"]))


def words_of(line: str, daemon: WireDaemon) -> list[str]:
    """The words of a line after "curl", with the daemon in place."""
    placed = line.replace("PORT", str(daemon.port)) if "PORT" in line else line.replace("SOCK", daemon.path)
    return shlex.split(placed)[1:]


def shown(request: bytes, daemon: WireDaemon, agents: str) -> str:
    """A request as the fixture writes it. `agents`: how the User-Agent begins that is left out."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    if not hasattr(daemon, "path"):
        lines = [line.replace(str(daemon.port), "PORT") for line in lines]
    kept = sorted(line for line in lines if not line.startswith((f"User-Agent: {agents}", "Expect:")))
    return "\n".join([first, *kept]) + "\n\n" + body.decode("latin-1")


def same(request: str) -> str:
    """The request in the one of several spellings that mean the same: %2F for %2f, which versions of curl write differently
    after -G, and a header's value after one space."""
    first, *lines = request.partition("\n\n")[0].split("\n")
    first = re.sub("%[0-9A-Fa-f]{2}", lambda match: match[0].upper(), first)
    lines = [re.sub(r":\s*", ": ", line, count=1) for line in lines]
    return "\n".join([first, *lines, ""]) + request.partition("\n\n")[2]
