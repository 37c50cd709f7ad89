"""`rawdock get PATH` over a Unix socket into a pipe or a file, without the client.

Importing the client takes 25 ms of processor time, typing, re and enum alone 12; the docker CLI's whole command takes 14. So
the commonest request is made here over a bare socket, and only while all is plain. Anything else, every error among it, gives
None before a byte is printed, and the client asks again from the start and says what is wrong: a GET may be asked twice.
"""

import os
import sys

from . import __version__
from .wire.api import NEWEST_API

TYPE_CHECKING = False  # type checkers take it for True; to import typing would cost 10 ms
if TYPE_CHECKING:
    from _socket import socket as Socket
    from collections.abc import Mapping, Sequence

DEFAULT_SOCKET = "/var/run/docker.sock"  # endpoint.DEFAULT_SOCKET, which has typing with it
PATIENCE = 2.0  # seconds for connecting and for /_ping; the client has more
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
    address = socket_path(environ, host)
    if address is None or os.isatty(out):
        return None
    try:
        from _socket import AF_UNIX, SOCK_STREAM, socket
    except ImportError:  # Windows has no Unix sockets
        return None
    connection = socket(AF_UNIX, SOCK_STREAM)
    try:
        body = _answer(connection, address, words[1])
    except (OSError, ValueError):
        return None
    finally:
        connection.close()
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


def socket_path(environ: "Mapping[str, str]", given: str | None) -> str | None:
    """The daemon's socket, where that is beyond doubt: -H or DOCKER_HOST names it, or nothing names any daemon."""
    if environ.get("DOCKER_API_VERSION"):
        return None
    host = environ.get("DOCKER_HOST") if given is None else given
    if host or given is not None:
        host = host or ""
        return host[7:] if host.startswith("unix:///") and host == host.strip() else None
    if any(environ.get(name) for name in ("DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_TLS")):
        return None
    home = environ.get("HOME")
    folder = environ.get("DOCKER_CONFIG") or (home and f"{home}/.docker")
    if not folder:  # it is in the home that /etc/passwd names
        return None
    try:
        with open(f"{folder}/config.json", "rb") as file:
            return None if b"currentContext" in file.read() else DEFAULT_SOCKET
    except FileNotFoundError:
        return DEFAULT_SOCKET
    except OSError:
        return None


def _answer(connection: "Socket", address: str, path: str) -> bytes | None:
    """The whole body of a good answer. Raises OSError and ValueError for what goes otherwise."""
    connection.settimeout(PATIENCE)
    connection.connect(address)
    head, body = _exchange(connection, "/_ping")
    if body != b"OK":
        return None
    major, minor = map(int, head.get(b"api-version", b"").split(b"."))
    major, minor = min((major, minor), NEWEST_API)
    connection.settimeout(None)
    return _exchange(connection, f"/v{major}.{minor}{path}")[1]


def _exchange(connection: "Socket", target: str) -> tuple[dict[bytes, bytes], bytes]:
    """Header names in lower case with their values, and the body. Raises ValueError for an answer that is not plain."""
    lines = [f"GET {target} HTTP/1.1", "Host: localhost", f"User-Agent: rawdock/{__version__}"]
    connection.sendall("\r\n".join([*lines, "Accept-Encoding: identity", "", ""]).encode("ascii"))
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


def _read(connection: "Socket", data: bytearray) -> None:
    """Append what comes."""
    more = connection.recv(READ_SIZE)
    if not more or len(data) > LIMIT:
        raise ValueError("the end comes too early, or not at all")
    data += more


def _chunked_body(connection: "Socket", data: bytearray) -> bytes:
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
