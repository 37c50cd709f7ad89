"""`rawdock endpoints`: every daemon that could be meant."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .console import Console, printable
from .endpoint_options import find_search, seconds
from .exit_codes import ExitCode, exit_code

if TYPE_CHECKING:
    from ..client.alive import Answer
    from ..discovery.candidates import Candidate
    from ..errors import RawdockError

    Said = Answer | RawdockError | None  # None: it was not asked

HELP = """List every place that may name a daemon, in the docker CLI's order, then what else is on this machine: other contexts,
the default socket, docker-machine's machines, the sockets of other engines. The one that is taken has a * in front. Each is
asked for /_ping and /version, all at once; a daemon over ssh only when it is taken."""
EXAMPLES = """examples:
  rawdock endpoints
  rawdock endpoints --context lab
  rawdock endpoints --offline
  rawdock endpoints --json | jq -r '.candidates[] | select(.alive) | .endpoint'

exit codes: 0 the one that is taken answers, 2 what decides names no daemon, 6 no daemon there, 7 TLS failed,
  8 what answers is no Docker daemon; with --offline 0 or 2"""

_GRACE = 0.5  # seconds more for a thread


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    parser.add_argument("--offline", action="store_true", help="connect to nothing, read files only")
    parser.add_argument("--timeout", type=seconds, default=2.0, metavar="SECONDS", help="for each daemon (default: 2)")


def curl_script(options: argparse.Namespace, console: Console) -> Iterator[str]:
    from ..discovery.candidates import candidates
    from .curl_option import alive_lines

    asked = [] if options.offline else [one for one in candidates(find_search(options, console)) if _is_asked(one)]
    return alive_lines((one.name, one.endpoint) for one in asked if one.endpoint)


def run(options: argparse.Namespace, console: Console) -> int:
    from ..discovery.candidates import candidates

    found = candidates(find_search(options, console))
    said: list[Said] = [None] * len(found) if options.offline else _ask_all(found, options.timeout)
    if options.json:
        rows = [_record(candidate, answer) for candidate, answer in zip(found, said, strict=True)]
        console.print(json.dumps({"candidates": rows}, indent=2))
    else:
        _print_table(found, said, console)
    taken, answer = next(pair for pair in zip(found, said, strict=True) if pair[0].taken)
    if taken.error is not None:
        raise taken.error
    return exit_code(answer) if isinstance(answer, Exception) else ExitCode.OK


def _ask_all(found: list[Candidate], timeout: float) -> list[Said]:
    """What each daemon said, all asked at once."""
    from ..net.faults import timeout_fault
    from .parallel import each_at_once

    asked = [candidate for candidate in found if _is_asked(candidate)]
    answers = iter(each_at_once(lambda candidate: _ask(candidate, timeout), asked, timeout + _GRACE))
    said: list[Said] = []
    for candidate in found:
        if not _is_asked(candidate):
            said.append(None)
            continue
        assert candidate.endpoint is not None
        said.append(next(answers) or timeout_fault(candidate.endpoint, "an answer", timeout))
    return said


def _is_asked(candidate: Candidate) -> bool:
    """Asking over ssh logs in, and may ask for a password: only where that daemon is meant."""
    endpoint = candidate.endpoint
    return endpoint is not None and not candidate.absent and (candidate.taken or endpoint.scheme.value != "ssh")


def _ask(candidate: Candidate, timeout: float) -> Answer | RawdockError:
    from ..client.alive import ask
    from ..errors import RawdockError
    from ..net.blocking import BlockingDriver
    from ..net.blocking import run as drive

    assert candidate.endpoint is not None
    try:
        return drive(ask(candidate.endpoint, BlockingDriver(), timeout))
    except RawdockError as error:
        return error


def _record(candidate: Candidate, said: Said) -> dict[str, Any]:
    endpoint, tls = candidate.endpoint, candidate.endpoint and candidate.endpoint.tls
    answer = None if said is None or isinstance(said, Exception) else said
    return {
        "name": candidate.name,
        "taken": candidate.taken,
        "why": candidate.why,
        "endpoint": endpoint and endpoint.url,
        "origin": endpoint and endpoint.origin,
        "context": endpoint and endpoint.context,
        "machine": endpoint and endpoint.machine,
        "tls": tls and {"ca": tls.ca, "cert": tls.cert, "key": tls.key, "origin": tls.origin, "verify": tls.verify},
        "notes": list(endpoint.notes) if endpoint else [],
        "alive": False if candidate.absent else None if said is None else answer is not None,
        "version": answer and answer.version,
        "api": answer and answer.api,
        "problem": _problem(candidate, said),
    }


def _problem(candidate: Candidate, said: Said) -> str | None:
    """What is wrong, without the endpoint in front."""
    if candidate.absent:
        return "there is no such socket"
    if candidate.error is not None:
        return candidate.error.cause
    return said.cause.removeprefix(f"{candidate.endpoint}: ") if isinstance(said, Exception) else None


def _print_table(found: list[Candidate], said: list[Said], console: Console) -> None:
    shown = [pair for pair in zip(found, said, strict=True) if not pair[0].absent]
    rows = [_row(candidate, answer) for candidate, answer in shown]
    widths = [max(len(row[column]) for row in [*rows, _HEADER]) for column in range(len(_HEADER) - 1)]
    console.print(console.paint(_line(_HEADER, widths), "bold"))
    for (candidate, answer), row in zip(shown, rows, strict=True):
        line = _line(row, widths)
        console.print(console.paint(line, "bold") if candidate.taken else line)
        if problem := _problem(candidate, answer):
            console.print(console.paint(f"    {printable(problem)}", "red"))
        for note in candidate.endpoint.notes if candidate.endpoint else ():
            console.print(f"    note: {printable(note)}")
    absent = [f"{one.name} {one.endpoint.address}" for one in found if one.absent and one.endpoint]
    if absent:
        text = printable(f"not there: {', '.join(absent)}")
        for line in textwrap.wrap(text, max(40, console.width), break_on_hyphens=False, break_long_words=False):
            console.print(line)


_HEADER = ("  FROM", "ENDPOINT", "ALIVE", "VERSION", "API", "WHY")


def _row(candidate: Candidate, said: Said) -> tuple[str, ...]:
    endpoint, name = candidate.endpoint, candidate.name
    if endpoint and name in ("--context", "DOCKER_CONTEXT", "currentContext", "--machine"):
        name += f" {endpoint.context or endpoint.machine or 'default'}"
    alive, version, api = "-", None, None
    if isinstance(said, Exception):
        alive = "no"
    elif said is not None:
        alive, version, api = "yes", said.version, said.api
    mark = "*" if candidate.taken else " "
    url = endpoint.url if endpoint else "-"
    return tuple(printable(text) for text in (f"{mark} {name}", url, alive, version or "-", api or "-", candidate.why))


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)]
    return "  ".join([*cells, row[-1]])
