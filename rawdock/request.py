"""A request to a daemon as a command line says it, ours or curl's: what is sent, and what is printed as curl or code."""

import re
from typing import NamedTuple

from .errors import RequestError

_VERSIONED = r"/v\d+(\.\d+)*(/|$)"  # 1.41; 4.0.0 before /libpod


class Request(NamedTuple):
    """`path` begins with "/" and is percent-encoded as it will be sent, a query that the user wrote there included; it has a
    version only where the user wrote one. `query`: names and values before encoding, in order. The body is `body`, or what
    the file `body_file` holds ("-" is standard input), or none. `without`: default headers that are left out."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    body_file: str | None = None
    without: tuple[str, ...] = ()


def needs_version(path: str) -> bool:
    """Whether the API version goes in front of `path`: not when it names one, and not before /_ping."""
    if path.startswith("/v") and re.match(_VERSIONED, path):
        return False
    return path.partition("?")[0] != "/_ping"


def is_plain(text: str, safe: str = "") -> bool:
    """Whether it goes into a URL as it is: of unreserved characters (RFC 3986 section 2.3), and those of `safe`."""
    return text.isascii() and all(character.isalnum() or character in "_.-~" or character in safe for character in text)


def quoted(text: str, safe: str = "") -> str:
    """urllib.parse.quote, which costs 2 ms to import, and most names need no encoding. A byte of a command line that is no text
    is sent as that byte. Raises RequestError for what is no str."""
    if not isinstance(text, str):
        raise RequestError(f"a name is of type {type(text).__name__}", "give the name or ID as text")
    if is_plain(text, safe):
        return text
    from urllib.parse import quote

    return quote(text, safe=safe, errors="surrogateescape")


def container_path(name: str, rest: str = "") -> str:
    """The path of a container, whatever its name holds. The daemon itself writes names with a slash before them."""
    return f"/containers/{quoted(name.removeprefix('/') if isinstance(name, str) else name)}{rest}"


def origin_form(target: str) -> str:
    """A request's target as a path with its query: of a whole URL, as a client sends it to a proxy, and of the * of OPTIONS,
    too (RFC 9112 section 3.2)."""
    return target if target.startswith("/") else "/" + re.sub(r"^\w+://[^/?]*", "", target).removeprefix("/")
