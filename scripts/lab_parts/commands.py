"""How the lab runs other programs and how it fails: in one sentence, with an exit code."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence


class LabError(Exception):
    """Something the user can act on; its text is printed without a traceback.

    code: the exit code of `lab`; 1 for what went wrong, 2 for what the machine or the command line lacks.
    """

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


def say(step: str) -> None:
    """Write one line about what is being done to stderr; stdout belongs to data."""
    print(f"lab: {step}", file=sys.stderr, flush=True)


def run(argv: Sequence[str], *, stdin: bytes = b"") -> bytes:
    """Run a program to its end and return its standard output.

    Raises LabError with the program's own last words when it is missing or fails.
    """
    try:
        done = subprocess.run(argv, input=stdin, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise LabError(f"{argv[0]!r} is not installed (needed for: {' '.join(argv)})", code=2) from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip() or "no message"
        raise LabError(f"`{' '.join(argv)}` failed with {done.returncode}: {said}")
    return done.stdout


def wait_until(true: Callable[[], bool], seconds: float, every: float = 0.02) -> bool:
    """Ask `true()` until it holds; whether it did so within `seconds`."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True
