"""The models of the Engine API, and what a type's text means: `array<Mount>`, `ContainerConfig+object`, `string(a|b)`."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from .models_table import TEXT
from .operations import Operation, Version, limits

OBJECT, MAP, ARRAY, ANY = "object", "map", "array", "any"


class Field(NamedTuple):
    """A field of an object, or a model. `since` and `until`: API versions, inclusive; None is no limit."""

    name: str
    type: str
    since: Version | None = None
    until: Version | None = None


class Model(NamedTuple):
    """`head` has the model's name and type; its `since` and `until` are the versions whose specification names it so."""

    head: Field
    fields: Mapping[str, Field]


class Shape(NamedTuple):
    """What a type comes to. `kind`: object, map, array, any, or a scalar: string, integer, number, boolean. `fields`: of an
    object, None where they are unknown. `inner`: the type of an array's or a map's values. `choices`: the only values."""

    kind: str
    fields: Mapping[str, Field] | None = None
    inner: str = ""
    choices: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def models() -> Mapping[str, Model]:
    found: dict[str, Model] = {}
    fields: dict[str, Field] = {}
    for line in TEXT.splitlines():
        name, kind, *rest = line.split()
        field = Field(name, kind, *limits(rest)[:2])
        if line.startswith(" "):
            fields[name] = field
        else:
            fields = {}
            found[name] = Model(field, fields)
    return found


def shape(kind: str, own: Mapping[str, Field] | None = None) -> Shape:
    """What a type means. `own`: fields that an object has beside its type's."""
    if own:
        return Shape(OBJECT, {**(shape(kind.removesuffix("+object")).fields or {}), **own})
    for word in (ARRAY, MAP):
        if kind.startswith(f"{word}<"):
            return Shape(word, inner=kind[len(word) + 1 : -1])
    if kind.endswith("+object"):
        return shape(kind.removesuffix("+object"))
    if model := models().get(kind):
        return shape(model.head.type, model.fields)
    word, _, choices = kind.partition("(")
    base = word.partition(":")[0]
    if base not in ("string", "integer", "number", "boolean"):
        return Shape(OBJECT if base == OBJECT else ANY)
    return Shape(base, choices=tuple(choices[:-1].split("|")) if choices else ())


def body_shape(operation: Operation) -> Shape | None:
    """What the body is, None without one. An archive is a string."""
    if not operation.body:
        return None
    return shape(operation.body, {name: Field(name, kind) for name, kind in operation.fields})
