"""A request to a daemon as a command line says it, ours or curl's: what is sent, and what is printed as curl or code."""

from typing import NamedTuple


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
