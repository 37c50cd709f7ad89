"""A request to a daemon as a command line says it, ours or curl's: what is sent, and what is printed as curl or code."""

import re
from typing import NamedTuple

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
