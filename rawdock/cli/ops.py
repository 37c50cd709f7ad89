"""`rawdock ops`: the operations of the Engine API, and what changed between two of its versions."""

from __future__ import annotations

import argparse
import json
from typing import Any

from ..catalogue.lookup import version_of
from ..catalogue.near import meant, near
from ..catalogue.operations import FIRST, LAST, Operation, Version, operations
from ..errors import UsageError
from .console import Console
from .endpoint_options import refuse_daemon
from .exit_codes import ExitCode

WITHOUT_DAEMON = "and `rawdock ops` asks none"
HELP = f"""List the operations of the Engine API, {FIRST[0]}.{FIRST[1]} to {LAST[0]}.{LAST[1]}, without a daemon. WORDS narrow
it down: each must occur in the operationId, the method and path, the summary, the docker command or a parameter's name.

`rawdock ops diff OLD NEW` lists what came and went between two versions: operations, parameters, fields of models."""
EXAMPLES = """examples:
  rawdock ops
  rawdock ops logs
  rawdock ops docker cp
  rawdock ops --tag image --method post
  rawdock ops --since 1.40
  rawdock ops diff 1.41 1.52
  rawdock ops network --json | jq -r '.operations[].id'

exit codes: 0 something was found, 2 usage, or nothing was found"""
WITHOUT_CALLS = "`rawdock ops` reads its own catalogue and asks no daemon"
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", metavar="WORDS", nargs="*", help="what to look for; or: diff OLD NEW")
    parser.add_argument("--tag", metavar="TAG", help="of one kind of object alone, such as Container or Image")
    parser.add_argument("--method", metavar="METHOD", help="of one method alone")
    parser.add_argument("--since", metavar="X.Y", help="those alone that came with this API version or later")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")


def run(options: argparse.Namespace, console: Console) -> int:
    refuse_daemon(options, WITHOUT_DAEMON)
    if options.words[:1] == ["diff"]:
        from .ops_diff import run_diff

        return run_diff(options, console)
    found = _found(options)
    if options.json:
        console.print(json.dumps({"operations": [record(each) for each in found]}, indent=2))
    else:
        _print_table(found, console)
    return ExitCode.OK


def _found(options: argparse.Namespace) -> list[Operation]:
    found = list(operations())
    if options.tag is not None:
        tag = _one_of(options.tag, sorted({each.tag for each in found}), "--tag")
        found = [each for each in found if each.tag == tag]
    if options.method is not None:
        method = _one_of(options.method, METHODS, "--method")
        found = [each for each in found if each.method == method]
    if options.since is not None:
        since = version_of(options.since, "--since")
        found = [each for each in found if each.since >= since]
    asked = [word.lower() for word in options.words]
    found = [each for each in found if all(_has(each, word) for word in asked)]
    if not found:
        raise _nothing(options)
    return found


def _has(operation: Operation, word: str) -> bool:
    """Whether a word in lower case is a part of what is said of it, or the name of a parameter."""
    return word in _text(operation) or any(word == parameter.name.lower() for parameter in operation.parameters)


def _text(operation: Operation) -> str:
    said = f"{operation.id} {operation.method} {operation.path} {operation.summary} {operation.commands}"
    return said.lower()


def _one_of(word: str, known: tuple[str, ...] | list[str], origin: str) -> str:
    same = next((each for each in known if each.lower() == word.lower()), None)
    if same is None:
        raise UsageError(
            f"{word!r} from {origin} is none", meant(word, known, 0.6) or f"write one of {', '.join(known)}"
        )
    return same


def _nothing(options: argparse.Namespace) -> UsageError:
    known = {word.strip(",{}") for each in operations() for word in _text(each).replace("/", " ").split()}
    known |= {parameter.name for each in operations() for parameter in each.parameters}
    for word in options.words:
        if not any(_has(each, word.lower()) for each in operations()):
            names = near(word, sorted(filter(str.isalpha, known)), 0.7, 2)
            return UsageError(
                f"no operation has {word!r}",
                f"did you mean {' or '.join(names)}?" if names else "`rawdock ops` lists all",
            )
    return UsageError("no operation has all of these", "leave one out")


def record(operation: Operation) -> dict[str, Any]:
    """The operation as JSON, without its models."""
    return {
        "id": operation.id,
        "method": operation.method,
        "path": operation.path,
        "tag": operation.tag,
        "since": dotted(operation.since),
        "summary": operation.summary,
        "docker": operation.commands,
        "streams": list(operation.streams),
        "parameters": [
            {
                "in": each.place,
                "name": each.name,
                "type": each.type,
                "required": each.required,
                "since": each.since and dotted(each.since),
                "until": each.until and dotted(each.until),
                "default": json.loads(each.default) if each.default else None,
            }
            for each in operation.parameters
        ],
        "body": operation.body or None,
    }


def dotted(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


def _print_table(found: list[Operation], console: Console) -> None:
    """A line for each, or two where one is too narrow."""
    name = max(len(each.id) for each in found)
    path = max(len(each.path) for each in found)
    summary = max(len(each.summary) for each in found)
    late = any(each.since > FIRST for each in found)
    beside = name + path + summary + 12 + 6 * late <= console.width
    for each in found:
        since = f"{dotted(each.since) if each.since > FIRST else '':4}  " if late else ""
        line = f"{each.id:{name}}  {each.method:6}  {each.path:{path}}  {since}"
        if beside:
            console.print(f"{line}{each.summary}")
        else:
            console.print(line.rstrip())
            console.print(console.paint(f"    {each.summary}", "dim"))
