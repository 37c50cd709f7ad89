"""--curl, of every command that makes a request: print the curl command line that does the same, and send nothing but what
settles the API version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..request import Request, needs_version
from .console import Console
from .endpoint_options import find_api_version, find_endpoint
from .exit_codes import ExitCode

if TYPE_CHECKING:
    from argparse import Namespace


def print_curl(options: Namespace, console: Console, *requests: Request) -> ExitCode:
    """One line for each request, to standard output."""
    for line in curl_lines(options, console, requests):
        console.write(line.encode("utf-8", "surrogateescape") + b"\n")
    return ExitCode.OK


def curl_lines(options: Namespace, console: Console, requests: Sequence[Request]) -> list[str]:
    """A line for each. `options` has what the endpoint options, --api-version and -i left."""
    from ..curl.print import curl_line

    endpoint = find_endpoint(options, console)
    version = find_api_version(options, console)
    if version is None and any(needs_version(request.path) for request in requests):
        from ..client import SyncClient

        with SyncClient(endpoint) as client:
            version = client.negotiate()
    if files := endpoint.tls:
        from ..net.credentials import has_client_certificate

        if not has_client_certificate(files):  # rawdock goes without one that is not on disk, curl would refuse to
            endpoint = endpoint._replace(tls=files._replace(cert=None, key=None))
    words = ["-sS", "-i"] if getattr(options, "include", False) else ["-sS"]
    return [curl_line(endpoint, request, version, words) for request in requests]
