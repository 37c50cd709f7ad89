"""What several names were given for, one call each: inspected, removed. What fails is said and the others go on, as in the
docker CLI."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from ..errors import NotFoundError, StatusError
from ..standins import Step
from .console import Console
from .exit_codes import ExitCode, exit_code
from .inspect import template_of
from .standin import answer, client_of, send


def inspect_each(options: argparse.Namespace, console: Console, steps: Sequence[Step]) -> int:
    """Print the objects as one JSON array, each on a line of JSON where `options.format` is "json", or by its template.
    Returns the exit code of the first failure."""
    template = template_of(options.format)
    found = []
    code: int = ExitCode.OK
    with client_of(options, console) as client:
        for step in steps:
            try:
                found.append(answer(client, step))
            except StatusError as error:
                console.talk(f"rawdock: {error}")
                code = code or exit_code(error)
    if template is not None:
        for document in found:
            console.print(template.render(document, strict=True))
        if not found:
            console.print()
    elif options.format == "json":
        console.print(json.dumps(found, ensure_ascii=False, separators=(",", ":")))
    else:
        console.print(json.dumps(found, ensure_ascii=False, indent=4))
    return code


def remove_each(
    options: argparse.Namespace, console: Console, steps: Sequence[Step], names: Sequence[str], *, missing_ok: bool
) -> int:
    """Make the calls, one a name, and print each name when it is gone. `missing_ok`: what is not there is no failure, and is
    not printed. Returns the exit code of the first failure."""
    code: int = ExitCode.OK
    with client_of(options, console) as client:
        for step, name in zip(steps, names, strict=True):
            try:
                send(client, step)
            except StatusError as error:
                if missing_ok and isinstance(error, NotFoundError):
                    continue
                console.talk(f"rawdock: {error}")
                code = code or exit_code(error)
            else:
                console.print(name)
    return code


def confirmed(options: argparse.Namespace, console: Console, warning: str) -> bool:
    """Whether --force was given, or else the user says y after `warning`."""
    if options.force:
        return True
    console.write(f"WARNING! {warning}\nAre you sure you want to continue? [y/N] ".encode())
    return console.stdin.readline().strip().lower() == b"y"
