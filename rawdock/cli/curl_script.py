"""--curl of a stand-in: a small shell script, one curl command line a call, in which what one call gives goes into the next."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..standins import Request, Step
from .console import Console
from .curl_option import curl_lines, print_lines
from .exit_codes import ExitCode

if TYPE_CHECKING:
    from argparse import Namespace

_ID = """sed -n 's/.*"Id":"\\([^"]*\\)".*/\\1/p'"""  # of what was created: the answer is one line
_TOKEN = "rawdockvariable"  # a name in a path, until the line is quoted


def print_steps(options: Namespace, console: Console, steps: Sequence[Step]) -> ExitCode:
    """Print the script. Raises UsageError for an endpoint that curl cannot reach."""
    return print_lines(script(steps, curl_lines(options, console, tokens_in(steps))), console)


def tokens_in(steps: Sequence[Step]) -> list[Request]:
    """The requests, with a token for each name that an earlier step saves; `script` makes variables of them."""
    tokens = {step.saves: f"{_TOKEN}{step.saves}" for step in steps if step.saves}
    return [
        step.request._replace(path=step.request.path.format(**tokens)) if tokens else step.request for step in steps
    ]


def script(steps: Sequence[Step], lines: Sequence[str], picked: str = f" | {_ID}") -> Iterator[str]:
    """The script that the command lines of `steps` make. `picked`: what takes the Id out of what a line prints."""
    beside = False
    started: set[str] = set()
    for place, (step, line) in enumerate(zip(steps, lines, strict=True)):
        command = _with_variables(line)
        if step.request.path.endswith("/start"):
            started.add(step.request.path.removesuffix("/start"))
        if step.fed:
            command = f"{step.fed} | {command}"
        if step.into:
            command = f"{command} {step.into}"
        if step.saves:
            yield f"{step.saves}=$({command}{picked})"
        elif place < len(steps) - 1 and lasts(step) and step.request.path.removesuffix("/wait") not in started:
            yield f"{command} &"
            beside = True
        else:
            if beside:
                yield "sleep 1  # until those beside are connected"
            yield command
    if beside:
        yield "wait"


def lasts(step: Step) -> bool:
    """Whether the answer comes when something has ended that a later step begins."""
    return step.answer == "hijack" or step.request.path.endswith("/wait")


def _with_variables(line: str) -> str:
    if _TOKEN not in line:
        return line
    return " ".join(_quoted(word) for word in shlex.split(line))


def _quoted(word: str) -> str:
    """The word for a shell, with "$name" where a name stood in for what is not known yet."""
    parts = re.split(rf"{_TOKEN}([a-z]+)", word)
    if len(parts) == 1:
        return shlex.quote(word)
    return "".join(f'"${part}"' if place % 2 else shlex.quote(part) if part else "" for place, part in enumerate(parts))
