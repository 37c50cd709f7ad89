"""`rawdock logs`: `docker logs`."""

from __future__ import annotations

import argparse
import time

from ..standins import Step, looks
from .console import Console

HELP = "Print what a container wrote, its stdout to ours and its stderr to ours, as `docker logs` does."
EXAMPLES = """examples:
  rawdock logs web
  rawdock logs -f --tail 10 web
  rawdock logs -t --since 10m --until 2026-11-24T09:20:24Z web

exit codes: 0 printed, 2 usage, 4 or 5 the daemon refused, 6 no daemon there, 7 TLS failed,
  8 no Docker daemon or it broke off"""
TIME = "such as 10m, for 10 minutes ago, 2026-11-24T09:20:24Z, or seconds since 1970"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-f", "--follow", action="store_true", help="go on until the container ends")
    parser.add_argument("-n", "--tail", metavar="N", default="all", help="print so many last lines only")
    parser.add_argument("-t", "--timestamps", action="store_true", help="print when each line was written")
    parser.add_argument("--since", metavar="TIME", default="", help=TIME)
    parser.add_argument("--until", metavar="TIME", default="", help="the same")
    parser.add_argument("--details", action="store_true", help="print the labels and variables that --log-opt names")
    parser.add_argument("container", metavar="CONTAINER")


def steps(options: argparse.Namespace, console: Console) -> list[Step]:
    return looks.logs(
        options.container,
        now=time.time(),
        follow=options.follow,
        since=options.since,
        until=options.until,
        timestamps=options.timestamps,
        details=options.details,
        tail=options.tail,
    )


def run(options: argparse.Namespace, console: Console) -> int:
    from ..client.logs import open_log_frames
    from ..net.blocking import run as drive
    from .standin import pass_on, whole_client_of

    params = dict(steps(options, console)[0].request.query)

    async def print_all() -> None:
        async with open_log_frames(client._core, options.container.removeprefix("/"), params) as stream:
            while frames := await stream.receive():
                pass_on(frames, console.write, console.write_error)

    with whole_client_of(options, console) as client:
        drive(print_all())
    return 0
