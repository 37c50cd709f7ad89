"""`rawdock get|post|put|delete|head PATH [ITEM…]`: the curl one-liner, with the endpoint found and the API version in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RequestError, UsageError
from ..request import Request
from .console import Console, printable
from .endpoint_options import find_api_version, find_endpoint, seconds
from .exit_codes import status_exit_code

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from ..client.core import Core
    from ..client.response import Reply
    from .plain_words import Options
    from .select import Step

    Check = Callable[[tuple[int, int], str], None]  # (version, where it comes from); raises VersionError

HELP = """Send a request and print the body as it comes: a stream such as /events goes on until Ctrl-C.
The API version that both ends speak is put in front of PATH; a PATH that begins with /vX.Y is sent as it is.

items, as HTTPie has them:
  name==value          a parameter of the query
  Field=text           text in the JSON body; Outer[Inner]=text and List[]=text nest
  Field:=json          a number, true, false, null, a list or an object in the body
  Header:value         a header; `Header:` leaves a default out, `Header;` sends an empty one
  …=@FILE              the value from a file, for all of these; \\: \\= \\@ are the characters themselves"""
EXAMPLES = """examples:
  rawdock get /containers/json all==1 --select '[].Names[0]'
  rawdock get /containers/json --filter label=a=b
  rawdock get -o web.tar /containers/web/export
  rawdock post /containers/create name==web Image=nginx Env[]=A=b HostConfig[PortBindings][80/tcp][][HostPort]=8080
  rawdock post /images/create fromImage==alpine tag==latest
  rawdock put /containers/web/archive path==/srv --input files.tar
  rawdock delete /containers/web force==1
  rawdock head /containers/web/archive path==/etc

exit codes: 0 the daemon answered below 400, 1 an error in the middle of a stream, 4 it answered 4xx, 5 it answered 5xx,
  2 usage, 6 no daemon there, 7 TLS failed, 8 what answers is no Docker daemon or broke off"""


OPTIONS: Options = (
    (
        ("--filter",),
        {"metavar": "NAME=VALUE", "action": "append", "help": "a filter of a list, such as label=a=b; repeatable"},
    ),
    (("--input",), {"metavar": "FILE", "help": "the body as it is, such as a tar archive; - is standard input"}),
    (("--curl",), {"action": "store_true", "help": "print the curl command line that does the same, send nothing"}),
    (("-i", "--include"), {"action": "store_true", "help": "print the status line and the headers first"}),
    (
        ("-o", "--output"),
        {"metavar": "FILE", "help": "write the body to a file, which gets its name when it is whole"},
    ),
    (
        ("--select",),
        {"metavar": "PATH", "help": "print a part of the JSON only, such as [].Names[0]; text without quotes"},
    ),
    (
        ("--raw",),
        {"action": "store_true", "help": "print the body as it came: frames not put apart, JSON not laid out"},
    ),
    (
        ("-v", "--verbose"),
        {"action": "store_true", "help": "tell on stderr what goes over the wire, without secrets"},
    ),
    (
        ("--api-version",),
        {
            "metavar": "X.Y",
            "help": "speak this version, without asking (default: DOCKER_API_VERSION, else negotiated)",
        },
    ),
    (
        ("--timeout",),
        {
            "type": seconds,
            "metavar": "SECONDS",
            "help": "until the reply begins, connecting and TLS included (default: no limit once connected)",
        },
    ),
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="such as /containers/json; a query may follow after ?")
    parser.add_argument(
        "items", metavar="ITEM", nargs="*", default=(), help="a part of the query, the body or the headers, see above"
    )
    for names, settings in OPTIONS:
        parser.add_argument(*names, **settings)


def run(options: Namespace, console: Console) -> int:
    return send(options, console, request_of(options, console))


def send(options: Namespace, console: Console, request: Request, check: Check | None = None) -> int:
    """Send the request to the daemon that the options name, print the answer, and return the exit code. `check` is asked
    before, with the version that will be spoken."""
    from ..client.core import Core
    from ..net.blocking import BlockingDriver
    from ..net.blocking import run as drive

    if options.curl:
        from .curl_option import print_curl

        return print_curl(options, console, request)
    steps = None
    if options.select is not None:
        from .select import parse_path

        steps = parse_path(options.select)
    endpoint, version = find_endpoint(options, console), find_api_version(options, console)
    origin = "DOCKER_API_VERSION" if options.api_version is None else "--api-version"
    if options.verbose:
        from .wire_talk import TalkingCore

        core: Core = TalkingCore(console, endpoint, BlockingDriver(), version, origin)
    else:
        core = Core(endpoint, BlockingDriver(), version, origin=origin, environ=console.environ)
    try:
        if check is not None and (spoken := drive(core.negotiate())):
            major, minor = spoken.split(".")
            check((int(major), int(minor)), "the daemon's newest" if version is None else f"fixed by {origin}")
        return drive(exchange(core, request, options, steps, console))
    finally:
        drive(core.aclose())


def request_of(options: Namespace, console: Console) -> Request:
    """The request that the words come to. Files that items name are read, that of --input is not. Raises UsageError."""
    path: str = options.path
    if "://" in path:
        meant = "/" + path.partition("://")[2].partition("/")[2]
        raise RequestError(f"{path!r} is a URL, expected a path", f"write {meant}; -H names the daemon")
    method, path = options.command.upper(), path if path.startswith("/") else f"/{path}"
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    without: tuple[str, ...] = ()
    if options.items:
        from .items import parts_of
        from .request_body import read_item

        query, headers, body, without = parts_of(options.items, read_item)
    if options.filter:
        from .items import encode_filters

        query += (("filters", encode_filters(options.filter)),)
    if options.input is not None and body is not None:
        raise UsageError("--input and fields of a body are both given", "give one of them")
    from .request_body import completed

    if query or body or "?" in path:
        from .spelling import warn_of_misspelt

        warn_of_misspelt(method, path, query, body, console)
    return completed(Request(method, path, query, headers, body, options.input, without), console)


async def exchange(core: Core, request: Request, options: Namespace, steps: list[Step] | None, console: Console) -> int:
    """Send the request, print the answer, and return the exit code."""
    from .answer import print_body
    from .output import Output, is_stdout, received, written

    upgraded = any(name.lower() == "upgrade" for name, _ in request.headers)
    stdin = False
    if upgraded:
        from .hijacked import converse, wants_stdin

        stdin = await wants_stdin(core, request)
    reply = await _sent(core, request, options, console)
    try:
        _print_head(reply, options, request, console)
        good = reply.status_code < 300
        name = options.output if good else None  # the daemon's complaint is not what was to be in the file
        with written(name, console) as write, received(reply, name, console, write) as told:
            output = Output(console, told, is_stdout(name), options.raw, steps, options.verbose)
            if upgraded and reply.status_code in (101, 200):
                await converse(core, reply, request, stdin, output)
            else:
                await print_body(core, reply, request.method, request.path, output)
        return status_exit_code(reply.status_code)
    finally:
        await core.close(reply)


async def _sent(core: Core, request: Request, options: Namespace, console: Console) -> Reply:
    from .request_body import body_content

    headers: dict[str, str | None] = {**dict.fromkeys(request.without), **dict(request.headers)}
    with body_content(request, console) as content:
        return await core.open(
            request.method,
            request.path,
            params=request.query,
            content=content,
            headers=headers,
            timeout=options.timeout,
        )


def _print_head(reply: Reply, options: Namespace, request: Request, console: Console) -> None:
    if options.include or request.method == "HEAD":
        lines = [f"{reply.http_version} {reply.status_code} {reply.reason_phrase}"]
        lines += [f"{name}: {value}" for name, value in reply.raw_headers]
        if console.out_is_terminal:
            lines = [printable(line) for line in lines]
        console.write("\r\n".join([*lines, "", ""]).encode("latin-1", "backslashreplace"))
    for name, value in reply.raw_headers:
        if name.lower() == "location":
            console.talk(f"rawdock: the daemon points to {value}, which is not followed; is {request.path} the path?")
