"""Every operation of the Engine API, found by its operationId, by words, or by method and path."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from .operations_table import FIRST, LAST, TEXT
from .since import has_form
from .words import TEXT as WORDS
from .words import UNDOCUMENTED

__all__ = ["FIRST", "LAST", "Operation", "Parameter", "Version", "lives", "operation_of", "operations", "version_pair"]

Version = tuple[int, int]


class Parameter(NamedTuple):
    """`place`: path, query or header. `since` and `until`: API versions, inclusive; None is no limit. `default`: JSON, "" for
    none."""

    place: str
    name: str
    type: str
    since: Version | None = None
    until: Version | None = None
    required: bool = False
    default: str = ""


class Operation(NamedTuple):
    """`body`: its type, "" for none; `fields`: those that it has beside its type's own. `answers`: status to type, "" for no
    body. `streams`: kinds of words.STREAMS. `commands`: of the docker CLI."""

    id: str
    method: str
    path: str
    tag: str
    since: Version
    parameters: tuple[Parameter, ...]
    body: str
    fields: tuple[tuple[str, str], ...]
    answers: tuple[tuple[int, str], ...]
    produces: tuple[str, ...]
    consumes: tuple[str, ...]
    summary: str
    commands: str
    streams: tuple[str, ...]


@lru_cache(maxsize=1)
def operations() -> tuple[Operation, ...]:
    """All of them, in the order of their paths."""
    blocks: list[list[str]] = []
    for line in TEXT.splitlines():
        if line.startswith(" "):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    said = {row[0]: row for row in ([cell.strip() for cell in line.split(" | ")] for line in WORDS.splitlines())}
    return tuple(_operation(block, said[block[0].partition(" ")[0]]) for block in blocks)


def _operation(block: list[str], said: list[str]) -> Operation:
    identifier, method, path, tag, *rest = block[0].split()
    parameters: list[Parameter] = []
    fields: list[tuple[str, str]] = []
    single: dict[str, list[str]] = {}
    for line in block[1:]:
        kind, *words = line.split()
        if kind in ("path", "query", "header"):
            since, until, notes = limits(words[2:])
            parameters.append(
                Parameter(kind, words[0], words[1], since, until, "required" in notes, notes.get("default", ""))
            )
        elif kind == "field":
            fields.append((words[0], words[1]))
        else:
            single[kind] = words
    for name in UNDOCUMENTED.get(identifier, ()):
        parameters.append(Parameter("query", name, "any"))
    answers = ((int(status), kind) for status, _, kind in (word.partition(":") for word in single["answers"]))
    return Operation(
        identifier,
        method,
        path,
        tag,
        limits(rest)[0] or FIRST,
        tuple(parameters),
        "".join(single.get("body", ())),
        tuple(fields),
        tuple(answers),
        tuple(single["produces"]),
        tuple(single["consumes"]),
        said[3],
        "" if said[2] == "-" else said[2],
        () if said[1] == "-" else tuple(said[1].split()),
    )


def limits(words: Sequence[str]) -> tuple[Version | None, Version | None, dict[str, str]]:
    """(since, until, all notes by name) of the words `since=1.30`, `required` and such."""
    if not words:
        return None, None, {}
    notes = {name: value for name, _, value in (word.partition("=") for word in words)}
    since, until = (version_pair(notes[name]) if name in notes else None for name in ("since", "until"))
    return since, until, notes


def version_pair(text: str) -> Version:
    """(1, 41) of "1.41" or "v1.41". Raises ValueError."""
    major, minor = text.removeprefix("v").split(".")
    return int(major), int(minor)


def lives(since: Version | None, until: Version | None, version: Version) -> bool:
    """Whether what came with `since` and was last in `until` is in `version`."""
    return (since is None or since <= version) and (until is None or version <= until)


def operation_of(method: str, path: str) -> Operation | None:
    """The operation that `method` and `path` (no version, no query) ask for."""
    found = [each for each in operations() if each.method == method and has_form(each.path, path)]
    return min(found, key=lambda each: "{" in each.path, default=None)  # /images/get is no image of that name
