"""What changed between two versions of the API, as far as their specifications say it."""

from __future__ import annotations

from typing import NamedTuple

from .models import models
from .operations import Operation, Parameter, Version, operations


class Change(NamedTuple):
    """`came`: or else it went. `kind`: operation, parameter, field or model. `where`: the operation or model that has it, ""
    for what is one itself. `version`: that brought it, or the first without it."""

    came: bool
    kind: str
    where: str
    name: str
    version: Version
    type: str = ""


def changes(old: Version, new: Version) -> list[Change]:
    """Those after `old`, up to `new`: operations, then parameters, then fields, then models, each in the order of the
    catalogue. What came and went in between is not among them, nor are the parts of what came as a whole."""
    found: list[Change] = []
    for operation in operations():
        found += _change("operation", "", operation.id, operation.since, None, old, new)
    for operation in operations():
        if operation.since <= old:
            found += [change for each in operation.parameters for change in _parameter(operation, each, old, new)]
    whole: list[Change] = []
    for model, fields in models().values():
        as_whole = _change("model", "", model.name, model.since, model.until, old, new)
        whole += as_whole
        if not as_whole:
            for field in fields.values():
                found += _change("field", model.name, field.name, field.since, field.until, old, new, field.type)
    return found + whole


def _parameter(operation: Operation, parameter: Parameter, old: Version, new: Version) -> list[Change]:
    kind = parameter.type
    return _change("parameter", operation.id, parameter.name, parameter.since, parameter.until, old, new, kind)


def _change(
    kind: str,
    where: str,
    name: str,
    since: Version | None,
    until: Version | None,
    old: Version,
    new: Version,
    type_: str = "",
) -> list[Change]:
    was = (since is None or since <= old) and (until is None or old <= until)
    is_ = (since is None or since <= new) and (until is None or new <= until)
    if was == is_:
        return []
    if is_:
        return [Change(True, kind, where, name, since or new, type_)]
    gone = (until[0], until[1] + 1) if until else new
    return [Change(False, kind, where, name, gone, type_)]
