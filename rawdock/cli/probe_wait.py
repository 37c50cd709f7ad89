"""`rawdock probe --wait FROM TO`: an honest wait-for."""

from __future__ import annotations

import argparse
import time

from ..client import SyncClient
from ..errors import UsageError
from ..probe.news import News
from ..probe.path import Path
from ..probe.sweep import FIRST_PASS
from ..probe.target import CLIENT
from ..probe.waiting import Attempt, attempted, wait
from ..probe.ways import Way
from ..text.duration import SECOND, nanoseconds_of
from .console import Console, printable
from .exit_codes import ExitCode
from .probe_lines import print_result
from .probe_run import Runner

DEFAULT = "30s"


def seconds_of(text: str) -> float:
    """ "30s", "1m30s", "30". Raises UsageError."""
    length = nanoseconds_of(f"{text}s" if text.replace(".", "", 1).isdigit() and text.isascii() else text)
    if length is None or length < 0:
        raise UsageError(f"{text!r} from --timeout is no time", "write it as in 30s, 1m30s or 500ms")
    return length / SECOND


def run_wait(path: Path, options: argparse.Namespace, console: Console, client: SyncClient, runner: Runner) -> int:
    timeout = seconds_of(DEFAULT if options.timeout is None else options.timeout)
    began = time.monotonic()
    proof = Way.NONE not in runner.ways or len(runner.ways) > 1

    def attempt() -> Attempt:
        """From this machine a look without a helper goes before, for it costs a connect: no helper is started in vain."""
        if path.vantage == CLIENT and proof:
            look = attempted(path, runner.probe(path, [Way.NONE], [FIRST_PASS]).run, proof=False)
            if not look.open:
                return look
        return attempted(path, runner.probe(path, timeouts=[FIRST_PASS]).run, proof)

    with News(client) as news:
        last = wait(attempt, news, timeout)
    took = time.monotonic() - began
    if last.result and options.format != "table":
        print_result(last.result, path, options.format, options.output, console)
    elif last.open:
        console.print(printable(f"open after {took:.1f} s by {last.says}"))
    if last.open and not proof:
        console.talk("nobody looked who listens: with a helper, that is proven")
    if not last.open:
        console.talk(f"rawdock: not open after {took:.1f} s: {last.says}")
    return ExitCode.OK if last.open else ExitCode.BROKEN
