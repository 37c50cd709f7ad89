"""`rawdock get PATH` into a pipe or a file, without the client.

Importing the client takes 25 ms of processor time, typing, re and enum alone 12; the docker CLI's whole command takes 14. So
the commonest request is made here over a bare connection (quick_dial.py), and only while all is plain. Anything else, every
error among it, gives None before a byte is printed, and the client asks again from the start and says what is wrong: a GET may
be asked twice.
"""

import os
import sys

from . import __version__
from .quick_dial import Connection, Place, place_of
from .wire.api import NEWEST_API

TYPE_CHECKING = False  # type checkers take it for True; to import typing would cost 10 ms
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LIMIT = 16 * 1024 * 1024  # bytes of an answer, which is held until it is whole
READ_SIZE = 256 * 1024  # bytes
# What is no stream and has no frames: an answer that ends.
PLAIN_ENDS = ("/json", "/version", "/info", "/networks", "/volumes", "/system/df")

# Parameters that these take. A name that is none of them is the client's, which says where it is misspelt.
PLAIN_NAMES = ("all", "filters", "limit", "size", "digests", "shared-size", "manifests", "platform", "type", "verbose")


def quick_get(arguments: "Sequence[str]", environ: "Mapping[str, str]", out: int = 1) -> int | None:
    """Print what the daemon answers and return the exit code 0, or None without having printed anything."""
    words, host = _without_host(arguments)
    if len(words) != 2 or words[0] != "get" or not _is_plain(words[1]):
        return None
    place = place_of(environ, host)
    if place is None or os.isatty(out):
        return None
    try:
        body = _answer(place, words[1])
    except Exception:  # of whatever kind: it happens to the client too, which says it
        return None
    return None if body is None else _print(body, out)


def _without_host(arguments: "Sequence[str]") -> tuple[list[str], str | None]:
    """The words without `-H URL` before or behind them, and the URL."""
    words = [*arguments]
    place = next((place for place in (0, 2) if words[place : place + 1] == ["-H"]), None)
    if place is None or len(words) != 4:
        return words, None
    host = words[place + 1]
    del words[place : place + 2]
    return words, host


def _is_plain(path: str) -> bool:
    """Whether it begins with no version, needs no encoding and names what has an end, and parameters that are known."""
    bare, _, query = path.partition("?")
    if query and not all(part.partition("=")[0] in PLAIN_NAMES for part in query.split("&")):
        return False
    versioned = path.startswith("/v") and path[2:3].isdigit()
    plain = path.startswith("/") and not path.startswith("//") and bare.endswith(PLAIN_ENDS) and not versioned
    return plain and path.isascii() and path.isprintable() and " " not in path


def _answer(place: Place, path: str) -> bytes | None:
    """The whole body of a good answer. Raises OSError and ValueError for what goes otherwise."""
    connection = Connection(place)
    try:
        head, body = _exchange(connection, place.authority, "/_ping")
        if body != b"OK":
            return None
        major, minor = map(int, head.get(b"api-version", b"").split(b"."))
        major, minor = min((major, minor), NEWEST_API)
        connection.wait_for_ever()
        return _exchange(connection, place.authority, f"/v{major}.{minor}{path}")[1]
    finally:
        connection.close()


def _exchange(connection: Connection, authority: str, target: str) -> tuple[dict[bytes, bytes], bytes]:
    """Header names in lower case with their values, and the body. Raises ValueError for an answer that is not plain."""
    lines = [f"GET {target} HTTP/1.1", f"Host: {authority}", f"User-Agent: rawdock/{__version__}"]
    connection.send("\r\n".join([*lines, "Accept-Encoding: identity", "", ""]).encode("ascii"))
    data = bytearray()
    while b"\r\n\r\n" not in data:
        _read(connection, data)
    start, _, rest = bytes(data).partition(b"\r\n\r\n")
    first, *fields = start.split(b"\r\n")
    head = {}
    for field in fields:
        name, _, value = field.partition(b":")
        if name.lower() in head:
            raise ValueError("a header comes twice")
        head[name.lower()] = value.strip()
    if not first.startswith(b"HTTP/1.1 200 ") or b"location" in head:
        raise ValueError("no plain answer")
    if (coding := head.get(b"transfer-encoding")) is not None:
        if coding != b"chunked" or b"content-length" in head:
            raise ValueError("another coding")
        return head, _chunked_body(connection, bytearray(rest))
    length = head.get(b"content-length", b"unknown")
    body = bytearray(rest)
    while len(body) < int(length):  # ValueError for what is no number
        _read(connection, body)
    if len(body) > int(length):
        raise ValueError("more than was announced")
    return head, bytes(body)


def _read(connection: Connection, data: bytearray) -> None:
    """Append what comes."""
    more = connection.receive(READ_SIZE)
    if not more or len(data) > LIMIT:
        raise ValueError("the end comes too early, or not at all")
    data += more


def _chunked_body(connection: Connection, data: bytearray) -> bytes:
    """RFC 9112 section 7.1, without extensions and trailers."""
    parts, position, size = [], 0, -1
    while size:
        while (end := data.find(b"\r\n", position)) < 0:
            _read(connection, data)
        line = data[position:end]
        size = int(line, 16) if line.isalnum() else -1
        start, position = end + 2, end + 4 + size
        while len(data) < position:
            _read(connection, data)
        if size < 0 or data[position - 2 : position] != b"\r\n":
            raise ValueError("no plain chunk")
        parts.append(data[start : position - 2])
    if position < len(data):
        raise ValueError("more than the last chunk")
    return b"".join(parts)


def _print(body: bytes, out: int) -> int | None:
    view = memoryview(body)
    try:
        while view:
            view = view[os.write(out, view) :]
    except BrokenPipeError:  # the reader has gone, which is its right
        return 0
    except OSError as error:
        if len(view) == len(body):
            return None
        sys.stderr.write(f"rawdock: standard output cannot be written: {error.strerror}; write it to another place\n")
        return 2
    return 0
