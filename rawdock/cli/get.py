"""`rawdock get PATH`: the curl one-liner, with the endpoint found and the API version in front."""

from __future__ import annotations

import argparse

from ..errors import RequestError
from .console import Console
from .endpoint_options import find_api_version, find_endpoint, seconds
from .exit_codes import status_exit_code

HELP = """Send a GET request and print the body as it comes: a stream such as /events goes on until Ctrl-C.
The API version that both ends speak is put in front of PATH; a PATH that begins with /vX.Y is sent as it is."""
EXAMPLES = """examples:
  rawdock get /version
  rawdock get -i /_ping
  rawdock get '/containers/json?all=1'
  rawdock get --timeout 5 /v1.41/info

exit codes: 0 the daemon answered below 400, 4 it answered 4xx, 5 it answered 5xx,
  2 usage, 6 no daemon there, 7 TLS failed, 8 what answers is no Docker daemon or broke off"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="such as /containers/json; a query may follow after ?")
    parser.add_argument("-i", "--include", action="store_true", help="print the status line and the headers first")
    parser.add_argument(
        "--api-version",
        metavar="X.Y",
        help="speak this version, without asking (default: DOCKER_API_VERSION, else negotiated)",
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        metavar="SECONDS",
        help="until the reply begins, connecting and TLS included (default: no limit once connected)",
    )


def run(options: argparse.Namespace, console: Console) -> int:
    from ..client import SyncClient

    if "://" in options.path:
        path = "/" + options.path.partition("://")[2].partition("/")[2]
        raise RequestError(f"{options.path!r} is a URL, expected a path", f"write {path}; -H names the daemon")
    endpoint = find_endpoint(options, console)
    with SyncClient(endpoint, api_version=find_api_version(options, console)) as client:
        with client.stream("GET", options.path, timeout=options.timeout) as reply:
            if options.include:
                lines = [f"HTTP/{reply.http_version} {reply.status_code} {reply.reason_phrase}"]
                lines += [f"{name}: {value}" for name, value in reply.raw_headers]
                console.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
            for name, value in reply.raw_headers:
                if name.lower() == "location":
                    console.talk(
                        f"rawdock: the daemon points to {value}, which is not followed; is {options.path} the path?"
                    )
            last = b"\n"
            for last in reply:
                console.write(last)
        if console.out_is_terminal and not last.endswith(b"\n"):
            console.print()  # or the prompt would stand behind the body
        return status_exit_code(reply.status_code)
