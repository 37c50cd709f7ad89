"""--curl, of every command that makes a request: print the curl command lines that do the same, and send nothing but what
settles the API version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ..request import Request, needs_version
from .console import Console, printable
from .endpoint_options import find_api_version, find_endpoint
from .exit_codes import ExitCode

if TYPE_CHECKING:
    from argparse import Namespace

    from ..endpoint import Endpoint
    from ..errors import RawdockError

ALIVE = (Request("GET", "/_ping"), Request("GET", "/version"))  # what asks a daemon whether it is one, and which


def print_curl(options: Namespace, console: Console, *requests: Request) -> ExitCode:
    """One line for each request, to standard output."""
    return print_lines(curl_lines(options, console, requests), console)


def print_lines(lines: Iterable[str], console: Console) -> ExitCode:
    for line in lines:
        console.write(line.encode("utf-8", "surrogateescape") + b"\n")
    return ExitCode.OK


def curl_lines(options: Namespace, console: Console, requests: Sequence[Request]) -> list[str]:
    """A line for each. `options` has what the endpoint options, --api-version and -i left."""
    endpoint = find_endpoint(options, console)
    version = find_api_version(options, console)
    if version is None and any(needs_version(request.path) for request in requests):
        from ..client import SyncVerbs

        with SyncVerbs(endpoint) as client:
            version = client.negotiate()
    words = ["-sS", "-i"] if getattr(options, "include", False) else ["-sS"]
    return lines_to(endpoint, requests, version, words)


def lines_to(
    endpoint: Endpoint, requests: Iterable[Request], version: str | None = None, words: Sequence[str] = ("-sS",)
) -> list[str]:
    """A line for each, at API `version`. Raises UsageError for an endpoint that curl cannot reach."""
    from ..curl.print import curl_line

    if files := endpoint.tls:
        from ..net.credentials import has_client_certificate

        if not has_client_certificate(files):  # rawdock goes without one that is not on disk, curl would refuse to
            endpoint = endpoint._replace(tls=files._replace(cert=None, key=None))
    return [curl_line(endpoint, request, version, words) for request in requests]


def alive_lines(places: Iterable[tuple[str, Endpoint | RawdockError]]) -> Iterator[str]:
    """A script that asks several daemons, each after a comment that says who names it; what curl cannot ask is a comment."""
    from ..errors import RawdockError

    for name, found in places:
        if isinstance(found, RawdockError):
            yield f"# {printable(f'{name}: {found.cause}')}"
            continue
        try:
            lines = lines_to(found, ALIVE)
        except RawdockError as error:
            yield f"# {printable(f'{name}: {error.cause}')}"
            continue
        yield f"# {printable(f'{name}: {found.url}')}"
        yield from lines
