"""`rawdock probe --check POLICY` and `--record POLICY`."""

from __future__ import annotations

import argparse
import errno
import os
from collections.abc import Iterator, Sequence

from ..client.whole_file import WholeFile
from ..errors import RequestError, UsageError
from ..probe.policy import parse_policy
from ..probe.policy_check import Check, State, check
from ..probe.policy_http import with_statuses
from ..probe.policy_match import Measured
from ..probe.policy_record import recorded
from ..probe.policy_report import check_json, check_lines, folded_lines
from ..probe.policy_selection import Policy
from .console import Console, printable
from .exit_codes import ExitCode
from .probe_lines import Row, print_rows, write_to
from .probe_run import Runner

_COLOURS = {State.HELD: "green", State.BROKEN: "red", State.UNPROBED: "yellow"}


def read_rules(name: str, console: Console) -> Policy:
    """The policy in the file, or in standard input for "-". Raises UsageError."""
    try:
        if name == "-":
            data, name = console.stdin.read(), "standard input"
        else:
            with open(name, "rb") as file:
                data = file.read()
        # Notepad and PowerShell begin a UTF-8 file with a byte order mark.
        return Policy(parse_policy(data.decode("utf-8-sig"), name), name)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{name}, line {line}: the bytes {error.object[error.start : error.end]!r} are no UTF-8 text"
        ) from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(
            f"the policy {name!r} cannot be read: {why}", "rawdock probe --record FILE makes one"
        ) from error


def run_check(policy: Policy, options: argparse.Namespace, console: Console, runner: Runner) -> int:
    result = runner.probe(policy).run()
    measured = Measured(result)
    checks = list(with_statuses(found for rule in policy.rules for found in check(rule, measured)))
    if options.format == "jsonl":
        write_to([check_json(checks)], options.output, console)
    else:
        print_rows(_rows(checks, console), options.output, console)
    for note in (*result.notes, *result.troubles):
        console.talk(f"rawdock: {note}")
    states = {found.state for found in checks}
    if State.BROKEN in states:
        return ExitCode.BROKEN
    return ExitCode.INCOMPLETE if State.UNPROBED in states else ExitCode.OK


def _rows(checks: Sequence[Check], console: Console) -> Iterator[Row]:
    lines = list(check_lines(checks, console.width))
    if console.out_is_terminal and any(len(line) > console.width for _, line in lines):
        lines = list(folded_lines(checks, console.width))
    for state, line in lines:
        yield printable(line), state.value if state else "", _COLOURS[state] if state else ""


def run_record(name: str, console: Console, runner: Runner) -> int:
    """Nothing is written where the probe fails, and never a part."""
    file = None if name == "-" else _whole(name)
    result = runner.probe(None).run()
    data = recorded(result).encode("utf-8", "backslashreplace")
    if file is None:
        console.write(data)
    else:
        try:
            with file as opened:
                opened.write(data)
        except OSError as error:
            raise _unwritable(name, error) from error
        console.talk(f"{_rules(data)} written to {name}")
    for note in (*result.notes, *result.troubles):
        console.talk(f"rawdock: {note}")
    return ExitCode.OK if result.complete else ExitCode.INCOMPLETE


def _whole(name: str) -> WholeFile:
    try:
        if not os.access(os.path.dirname(os.path.realpath(name)), os.W_OK):
            raise PermissionError(errno.EACCES, "its folder is not there, or not ours to write in")
        return WholeFile(name)
    except RequestError as error:
        raise _refused(name, "it is a folder" if os.path.isdir(name) else "it is no regular file") from error
    except (OSError, ValueError) as error:
        raise _unwritable(name, error) from error


def _unwritable(name: str, error: Exception) -> UsageError:
    return _refused(name, str(error.strerror if isinstance(error, OSError) else error))


def _refused(name: str, why: str) -> UsageError:
    return UsageError(f"the policy {name!r} cannot be written: {why}", "name another file, or - for standard output")


def _rules(data: bytes) -> str:
    count = sum(not line.startswith(b"#") for line in data.splitlines() if line)
    return f"{count} rule{'' if count == 1 else 's'}"
