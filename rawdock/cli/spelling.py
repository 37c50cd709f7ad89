"""A warning for a parameter or a field that is misspelt, or stands in the wrong place, where the operation is known.

A daemon ignores what it does not know, so `?al=1` lists the running containers as if nothing had been said. A name without
a near miss is nobody's business: daemons take more than their specifications say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..catalogue.models import Shape, body_shape
from ..catalogue.near import near, one_of
from ..catalogue.operations import Operation, operation_of
from ..catalogue.values import Unknown, unknown_fields
from .console import Console

_VERSION = re.compile(r"/v\d+\.\d+(?=/)")


def warn_of_misspelt(
    method: str, path: str, query: Iterable[tuple[str, str]], body: bytes | None, console: Console
) -> None:
    """Say on stderr what was probably meant. `path` may have a version and a query."""
    from urllib.parse import parse_qsl

    bare, _, written = path.partition("?")
    version = _VERSION.match(bare)
    operation = operation_of(method, bare[version.end() :] if version else bare)
    if operation is None:
        return
    names = [name for name, _ in (*parse_qsl(written, keep_blank_values=True), *query)]
    for sentence in (*_of_query(operation, names), *_of_body(operation, body)):
        console.talk(f"rawdock: {operation.id} {sentence} It is sent as it is.")


def _of_query(operation: Operation, names: Iterable[str]) -> Iterator[str]:
    known = _query_names(operation)
    fields = (_body(operation).fields or {}) if operation.body else {}
    for name in dict.fromkeys(names):
        if name in known:
            continue
        if name in fields:
            yield f"has no parameter {name!r}, but a body field: {name}=VALUE?"
        elif meant := near(name, known):
            yield f"has no parameter {name!r}; did you mean {one_of(meant)}?"


def _of_body(operation: Operation, body: bytes | None) -> Iterator[str]:
    if body is None:
        return
    from json import loads

    document = loads(body)  # made from items just now
    kind = _body(operation)
    known = _query_names(operation)
    unknown = (
        [*unknown_fields(document, kind, exact=False)]
        if operation.body
        else [Unknown("", name, ()) for name in document]
    )
    for place, name, fields in unknown:
        if not place and name in known:
            yield f"has no body field {name!r}, but a parameter of the query: {name}==VALUE?"
        elif meant := near(name, fields):
            yield f"has no body field {place + name!r}; did you mean {place}{one_of(meant)}?"


def _query_names(operation: Operation) -> list[str]:
    return [each.name for each in operation.parameters if each.place == "query"]


def _body(operation: Operation) -> Shape:
    return body_shape(operation) or Shape("any")
