"""`rawdock op OPERATION`: one operation of the Engine API in full."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..catalogue import examples
from ..catalogue.lookup import named
from ..catalogue.models import ARRAY, MAP, OBJECT, Field, Shape, body_shape, models, shape
from ..catalogue.operations import Operation, Parameter, Version, lives
from ..catalogue.words import STREAMS
from ..errors import UsageError
from .console import Console
from .endpoint_options import refuse_daemon
from .exit_codes import ExitCode
from .ops import dotted, record

WITHOUT_DAEMON = "and `rawdock op` asks none"
HELP = """Show one operation of the Engine API, without a daemon: what it is for, its parameters and the versions that have
them, the body and the answer with their models unfolded, and examples as rawdock, curl and Python.

OPERATION is an operationId, or METHOD and a path, as the specification or as a log has it; a path alone shows all that it
takes. A path that begins with /vX.Y shows what that version has. Versions are those of the specifications, which now and
then name late what daemons took before."""
EXAMPLES = """examples:
  rawdock op ContainerCreate
  rawdock op POST /containers/create
  rawdock op GET /v1.41/containers/web/json
  rawdock op ContainerInspect --depth 1
  rawdock op ContainerLogs --json | jq -r '.operations[].examples.curl'

exit codes: 0 shown, 2 usage, or there is no such operation"""
WITHOUT_CALLS = "`rawdock op` reads its own catalogue and asks no daemon; it prints an example as curl"
ANSWER_DEPTH = 2  # levels; all of an inspection fill four screens
ENDLESS = 99
TYPE_WIDTH = 24  # columns; most types fit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", metavar="OPERATION", nargs="+", help="ContainerCreate, or POST /containers/create")
    parser.add_argument(
        "--depth",
        type=int,
        metavar="LEVELS",
        help=f"unfold models so far; … marks what has more (default: all of the body, {ANSWER_DEPTH} levels of the answer)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(options: argparse.Namespace, console: Console) -> int:
    refuse_daemon(options, WITHOUT_DAEMON)
    if options.depth is not None and options.depth < 0:
        raise UsageError(f"{options.depth} from --depth is below 0", "write how many levels, 0 for none")
    found, version = named(options.words)
    if options.json:
        shown = [_document(each, version, options.depth) for each in found]
        console.print(json.dumps({"operations": shown}, indent=2))
    else:
        for place, each in enumerate(found):
            if place:
                console.print()
            _print(each, version, options.depth, console)
    return ExitCode.OK


class Line(NamedTuple):
    """A row of a list: name (indented), type, what there is to say."""

    name: str
    type: str
    notes: str


def _print(operation: Operation, version: Version | None, depth: int | None, console: Console) -> None:
    width = min(console.width, 120)
    console.print(console.paint(f"{operation.id}  {operation.method} {operation.path}", "bold"))
    console.print(operation.summary)
    facts = [f"since API {dotted(operation.since)}", operation.commands, f"tag {operation.tag}"]
    console.print("  " + " | ".join(fact for fact in facts if fact))
    for stream in operation.streams:
        _paragraph(f"{stream}: {STREAMS[stream]}", width, console)
    if version is not None and version < operation.since:
        console.print(f"  not in API {dotted(version)}")
    parameters = [each for each in operation.parameters if version is None or lives(each.since, each.until, version)]
    _section("parameters", [_parameter_line(each) for each in parameters], width, console)
    body = body_shape(operation)
    if body is not None:
        lines = list(_unfolded(body, version, ENDLESS if depth is None else depth))
        _section(f"body: {_body_name(operation)}", lines, width, console)
    _print_answers(operation, version, ANSWER_DEPTH if depth is None else depth, width, console)
    prefix = f"/v{dotted(version)}" if version else ""
    console.print("\nexamples")
    console.print(f"  {examples.as_call(operation, prefix)}")
    console.print(f"  {examples.as_verb(operation, prefix)}")
    console.print(f"  {examples.as_curl(operation, prefix)}")
    if program := examples.as_python(operation, prefix):
        console.print("\n" + textwrap.indent(program, "  ", lambda line: bool(line.strip())))


def _paragraph(text: str, width: int, console: Console, indent: str = "  ") -> None:
    console.print(textwrap.fill(text, width, initial_indent=indent, subsequent_indent=f"{indent}  "))


def _body_name(operation: Operation) -> str:
    if operation.body == "string:binary":
        return "bytes, such as a tar archive (--input FILE)"
    return _type(operation.body.removesuffix("+object")) + (", and more" if operation.body.endswith("+object") else "")


def _section(heading: str, lines: list[Line], width: int, console: Console) -> None:
    console.print(f"\n{heading}" if lines or "body" in heading else "\nno parameters")
    _rows(lines, width, console)


def _rows(lines: list[Line], width: int, console: Console, indent: str = "  ") -> None:
    """Three columns. What is too wide for the second goes on into the third, which is wrapped."""
    name = min(max((len(line.name) for line in lines), default=0), 40)
    type_ = max((len(line.type) for line in lines if len(line.type) <= TYPE_WIDTH), default=0)
    for line in lines:
        head, rest = f"{indent}{line.name:{name}}  {line.type:{type_}}  ", line.notes
        if len(line.type) > type_:
            head, rest = f"{indent}{line.name:{name}}  ", f"{line.type}  {line.notes}".rstrip()
        hanging = " " * (len(indent) + name + 4)
        text = textwrap.fill(rest, width, initial_indent=head, subsequent_indent=hanging, break_on_hyphens=False)
        console.print(text or head.rstrip())


def _parameter_line(parameter: Parameter) -> Line:
    notes = [
        parameter.place,
        "required" if parameter.required else "",
        _limits(parameter.since, parameter.until),
        "" if parameter.default in ("", '""') else f"default {parameter.default}",
        "in no specification, but taken" if parameter.type == "any" else "",
    ]
    return Line(parameter.name, _type(parameter.type), ", ".join(note for note in notes if note))


def _limits(since: Version | None, until: Version | None) -> str:
    parts = ([f"since {dotted(since)}"] if since else []) + ([f"until {dotted(until)}"] if until else [])
    return ", ".join(parts)


def _type(text: str) -> str:
    """A type with its choices apart: `string: a, b`."""
    if text.startswith("array<") and text.endswith(">"):
        return f"list of {_type(text[6:-1])}"
    if text.startswith("map<") and text.endswith(">"):
        return f"map of {_type(text[4:-1])}"
    word, bracket, choices = text.partition("(")
    if bracket and word != "object":
        return f"{word}: {', '.join(choice or repr('') for choice in choices[:-1].split('|'))}"
    return word


def _unfolded(kind: Shape, version: Version | None, depth: int) -> Iterator[Line]:
    for level, field in walk(kind, version, depth):
        model = models().get(field.type)
        flat = f"{model.head.type}" if model and not shape(field.type).fields else field.type
        more = " …" if level + 1 == depth and next(walk(shape(field.type), version, 1), None) else ""
        yield Line("  " * level + field.name, _type(flat) + more, _limits(field.since, field.until))


def walk(
    kind: Shape, version: Version | None, depth: int, seen: tuple[str, ...] = (), level: int = 0
) -> Iterator[tuple[int, Field]]:
    """(level, field) of an object, of what is in its lists and maps too. A model inside itself is not unfolded again."""
    while kind.kind in (ARRAY, MAP):
        if kind.inner in seen:
            return
        seen += (kind.inner,)
        kind = shape(kind.inner)
    if kind.kind != OBJECT or level >= depth:
        return
    for field in (kind.fields or {}).values():
        if version is not None and not lives(field.since, field.until, version):
            continue
        yield level, field
        if field.type not in seen:
            yield from walk(shape(field.type), version, depth, (*seen, field.type), level + 1)


def _print_answers(operation: Operation, version: Version | None, depth: int, width: int, console: Console) -> None:
    console.print("\nanswers")
    bad = [str(status) for status, kind in operation.answers if kind == "ErrorResponse"]
    for status, kind in operation.answers:
        if kind != "ErrorResponse":
            shown = "an archive" if "tar-out" in operation.streams and kind == "string:binary" else _type(kind)
            console.print(f"  {status}  {shown or 'no document'}")
            _rows(list(_unfolded(shape(kind), version, depth)) if kind else [], width, console, " " * 7)
    if bad:
        _paragraph(f"{', '.join(bad)}  ErrorResponse, which has a message", width, console)


def _document(operation: Operation, version: Version | None, depth: int | None) -> dict[str, Any]:
    prefix = f"/v{dotted(version)}" if version else ""
    body = body_shape(operation)
    answers = {
        str(status): {"type": kind or None, "fields": _fields(shape(kind), version, depth or ANSWER_DEPTH)}
        for status, kind in operation.answers
    }
    fields = None if body is None else _fields(body, version, ENDLESS if depth is None else depth)
    return {
        **record(operation),
        "body": None if body is None else {"type": operation.body, "fields": fields},
        "answers": answers,
        "produces": list(operation.produces),
        "consumes": list(operation.consumes),
        "examples": {
            "call": examples.as_call(operation, prefix),
            "verb": examples.as_verb(operation, prefix),
            "curl": examples.as_curl(operation, prefix),
            "python": examples.as_python(operation, prefix) or None,
        },
    }


def _fields(kind: Shape, version: Version | None, depth: int) -> list[dict[str, Any]]:
    """Flat, in order; `level` says how deep a field is."""
    return [
        {
            "level": level,
            "name": field.name,
            "type": field.type,
            "since": field.since and dotted(field.since),
            "until": field.until and dotted(field.until),
        }
        for level, field in walk(kind, version, depth)
    ]
