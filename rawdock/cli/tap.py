"""`rawdock tap`: see what a program says to the daemon."""

from __future__ import annotations

import argparse
from contextlib import suppress

from .console import Console
from .serving import add_listen, program_or_socket, serve

HELP = """Stand between a program and the daemon: pass everything on as it comes, and print a line an exchange.
The program is run with DOCKER_HOST set to a socket of the tap's own; --listen serves programs that are started elsewhere.
Secrets (registry credentials, passwords, tokens, telling names of an environment) are blanked in what is shown and recorded,
never in what is passed on. What containers print is not looked through."""
EXAMPLES = """examples:
  rawdock tap -- docker run --rm alpine echo hello
  rawdock tap --frames -- docker exec web ls
  rawdock tap --print curl -- docker ps
  rawdock tap --har session.har -- docker compose up -d
  rawdock tap --machine dev --listen unix:///tmp/tap.sock

exit codes: 0 or else the program's own; 2 usage, 6 no daemon there, 7 TLS failed, 126 or 127 the program could not be run"""
WITHOUT_CALLS = "`rawdock tap` makes no request of its own; `rawdock tap --print curl` prints the program's"
LIMIT = "256k"
BUDGET = 6 << 20  # bytes of bodies that are kept at once


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--frames", action="store_true", help="show streams and frames too, as they come")
    parser.add_argument(
        "--print",
        dest="printed",
        choices=("curl", "rawdock", "python"),
        help="print each request as a command or a call",
    )
    parser.add_argument(
        "--har", metavar="FILE", help="record the session as HAR 1.2, for browsers and `rawdock replay`"
    )
    parser.add_argument(
        "--bodies", metavar="SIZE", default=LIMIT, help=f"how much of each body is kept for these (default: {LIMIT})"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="print the lines there (default: stderr; --listen: stdout)"
    )
    parser.add_argument("--secrets", action="store_true", help="leave secrets in the recording; lines never show them")
    add_listen(parser)
    parser.add_argument("words", metavar="-- PROGRAM [ARG…]", nargs=argparse.REMAINDER)


def run(options: argparse.Namespace, console: Console) -> int:
    import time
    from datetime import datetime, timezone

    from .. import __version__
    from ..errors import UsageError
    from ..tap.har_file import HarFile
    from ..tap.recorder import Recorder
    from ..tap.server import Tap
    from .endpoint_options import find_endpoint

    words, path = program_or_socket(options, "rawdock tap")
    size = _size(options.bodies)
    limit = size if options.har or options.printed else 0
    endpoint = find_endpoint(options, console)
    if endpoint.prefix:
        raise UsageError(f"{endpoint}: the tap puts no {endpoint.prefix} before paths", "give the address without it")
    lines = _Lines(options, console)
    har = HarFile(options.har, __version__) if options.har else None
    try:
        recorder = Recorder(
            endpoint,
            lines.say,
            datetime.now(timezone.utc),
            time.perf_counter(),
            har=har,
            printed=options.printed,
            frames=options.frames,
            blank=not options.secrets,
        )
        with Tap(endpoint, recorder, path, limit, max(BUDGET, limit), pieces=options.frames) as tap:
            tap.check()
            lines.begin()  # what the files held before is not lost to a daemon that is away
            if har is not None:
                har.begin()
            code = serve(words, tap.url, str(endpoint), console)
        if trouble := recorder.trouble or lines.trouble:
            raise trouble
        return code
    finally:
        if har is not None:
            har.close()
        lines.close()


def _size(text: str) -> int:
    from ..errors import UsageError
    from ..text.units import bytes_of

    size = bytes_of(text)
    if size is None:
        raise UsageError(f"--bodies {text!r} is no size", "write bytes, or 256k, 1m")
    return size


class _Lines:
    """Where lines go: stderr or, for a tap without a program, stdout; or a file, which keeps what it holds until `begin`. What
    nobody reads any more, or has no room, stops no program; of a file it is the `trouble` that is left at the end."""

    def __init__(self, options: argparse.Namespace, console: Console) -> None:
        from ..errors import UsageError

        self.trouble: UsageError | None = None
        self._path: str = options.output
        self._file = None
        self._write = console.print if options.listen is not None or options.output == "-" else console.talk
        if options.output in (None, "-"):  # a program's stdout is its own, unless asked otherwise
            return
        try:
            self._file = open(options.output, "ab", buffering=0)  # noqa: SIM115
        except OSError as error:
            raise UsageError(
                f"--output {options.output!r} cannot be written: {error.strerror}", "give another"
            ) from error

    def begin(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # a device or a pipe has nothing to lose
                self._file.truncate(0)

    def say(self, line: str) -> None:
        from ..errors import UsageError
        from .console import printable

        try:
            if self._file is None:
                self._write(printable(line))
            elif self.trouble is None:
                self._file.write(printable(line).encode("utf-8", "backslashreplace") + b"\n")
        except OSError as error:
            if self._file is not None:
                self.trouble = UsageError(f"--output {self._path!r} cannot be written: {error.strerror}", "make room")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
