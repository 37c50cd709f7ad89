"""The words after PATH: query, headers and a JSON body, as HTTPie writes them.

Source: HTTPie 3, "Request items" and "Nested JSON". The first separator of an item decides, the longest at its place; a
backslash before one of `:;=@` takes its meaning away, and before `[` or `]` in a field's name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from json import dumps, loads
from typing import Any, NamedTuple

from ..errors import UsageError

FORMS = "write name==value, Field=text, Field:=json, Outer[Inner]=text, List[]=text or Header:value"


class Kind(Enum):
    QUERY = "=="
    FIELD = "="
    JSON = ":="
    HEADER = ":"
    WITHOUT = ""  # of `Header:`, which takes a default away


class Item(NamedTuple):
    """`value` is the text of the item, or the name of the file that has it."""

    kind: Kind
    name: str
    value: str
    is_file: bool
    word: str


_SPECIAL = ":;=@"
_SEPARATORS = (  # longest first
    (":=@", Kind.JSON, True),
    ("==@", Kind.QUERY, True),
    ("=@", Kind.FIELD, True),
    (":@", Kind.HEADER, True),
    (":=", Kind.JSON, False),
    ("==", Kind.QUERY, False),
    ("=", Kind.FIELD, False),
    (":", Kind.HEADER, False),
)
EMPTY = ";"  # `Header;` sends an empty value


def parse_item(word: str) -> Item:
    """Return the item. Raises UsageError for a word that is none."""
    text, escaped = _unescaped(word)
    for place in range(len(text)):
        if escaped[place]:
            continue
        for separator, kind, is_file in _SEPARATORS:
            end = place + len(separator)
            if text.startswith(separator, place) and not any(escaped[place:end]):
                if not place:
                    raise UsageError(f"item {word!r} has no name before {separator}", FORMS)
                takes_away = kind is Kind.HEADER and not text[end:]
                return Item(Kind.WITHOUT if takes_away else kind, text[:place], text[end:], is_file, word)
    if text.endswith(EMPTY) and len(text) > 1 and not escaped[-1]:
        return Item(Kind.HEADER, text[:-1], "", False, word)
    raise UsageError(f"{word!r} is no item of a request", FORMS)


def _unescaped(word: str) -> tuple[str, list[bool]]:
    """The text without the backslashes that escape a separator, and for each of its characters whether one did."""
    text, escaped = [], []
    position = 0
    while position < len(word):
        escapes = word[position] == "\\" and word[position + 1 : position + 2] in _SPECIAL and position + 1 < len(word)
        position += escapes
        text.append(word[position])
        escaped.append(escapes)
        position += 1
    return "".join(text), escaped


class Parts(NamedTuple):
    """What items come to. `body` is JSON, None without a field. `without`: default headers that are left out."""

    query: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    without: tuple[str, ...]


def parts_of(words: Iterable[str], read: Callable[[str, Item], str]) -> Parts:
    """`read`: the text of the file that an item names. Raises UsageError."""
    query: list[tuple[str, str]] = []
    headers: dict[str, str] = {}
    fields: list[tuple[Item, Any]] = []
    without: list[str] = []
    for item in map(parse_item, words):
        value = value_of(item, read)
        if item.kind is Kind.QUERY:
            query.append((item.name, value))
        elif item.kind is Kind.HEADER:
            headers[item.name] = f"{headers[item.name]}, {value.strip()}" if item.name in headers else value.strip()
        elif item.kind is Kind.WITHOUT:
            without.append(item.name)
        else:
            fields.append((item, value))
    body = dumps(body_of_fields(fields)).encode() if fields else None
    return Parts(tuple(query), tuple(headers.items()), body, tuple(without))


def value_of(item: Item, read: Callable[[str, Item], str]) -> Any:
    """Its text, or what its JSON says. `read` as in `parts_of`. Raises UsageError."""
    text = read(item.value, item) if item.is_file else item.value
    return _json(text, item) if item.kind is Kind.JSON else text


def _json(text: str, item: Item) -> Any:
    def no_number(word: str) -> Any:
        raise ValueError(f"{word} is no JSON")

    try:
        return loads(text, parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"item {item.word!r}: {text[:60]!r} is no JSON ({error})", f"write {item.name}={text[:60]} for text"
        ) from error


def body_of_fields(fields: Iterable[tuple[Item, Any]]) -> dict[str, Any]:
    """The JSON object that fields with their values make, nested as their names say. Raises UsageError where two of them
    want different things in one place."""
    body: dict[str, Any] = {}
    for item, value in fields:
        _put(body, steps_of(item), value, item)
    return body


def steps_of(item: Item) -> list[str | int]:
    """`Outer[Inner][0][]` as ["Outer", "Inner", 0, -1]; -1 is one more at the end of a list."""
    names: list[str] = []
    name, inside, position = "", False, 0
    after = False  # behind a bracket nothing but another may stand
    text = item.name
    while position < len(text):
        character = text[position]
        if character == "\\" and text[position + 1 : position + 2] in ("[", "]"):
            position += 1
            name += text[position]
        elif character == "[" and not inside:
            if not after:
                names.append(name)
            name, inside, after = "", True, False
        elif character == "]" and inside:
            names.append(name)
            name, inside, after = "", False, True
        elif after:
            raise _unbalanced(item)
        else:
            name += character
        position += 1
    if inside:
        raise _unbalanced(item)
    if not after:
        names.append(name)
    return [names[0], *(_step(name) for name in names[1:])]


def _step(name: str) -> str | int:
    if not name:
        return -1
    return int(name) if name.isdecimal() and name.isascii() else name


def _unbalanced(item: Item) -> UsageError:
    return UsageError(
        f"item {item.word!r}: the brackets of {item.name!r} do not match",
        r"write Outer[Inner]=text; \[ is a bracket itself",
    )


def _put(body: dict[str, Any], steps: list[str | int], value: Any, item: Item) -> None:
    place: Any = body
    for number, step in enumerate(steps):
        wanted = list if isinstance(step, int) else dict
        if not isinstance(place, wanted):
            raise UsageError(
                f"item {item.word!r}: an item before it made {_kind(place)} where this one wants {_kind(wanted())}",
                "let both say the same",
            )
        last = number == len(steps) - 1
        make: Any = value if last else [] if isinstance(steps[number + 1], int) else {}
        place = _step_into(place, step, make, last, item)


def _step_into(place: Any, step: str | int, make: Any, last: bool, item: Item) -> Any:
    """What stands at `step`, set to `make` if nothing does yet, or if it is the last step."""
    if isinstance(step, int):
        if step < 0 or step == len(place):
            place.append(make)
            return make
        if step > len(place):
            raise UsageError(f"item {item.word!r}: the list has {len(place)} so far", f"write [{len(place)}] or []")
    elif step not in place:
        place[step] = make
        return make
    if last:
        place[step] = make
    return place[step]


def _kind(value: object) -> str:
    names: dict[type, str] = {dict: "an object", list: "a list", str: "text"}
    return names.get(type(value), "a value")


def encode_filters(words: Iterable[str]) -> str:
    """'{"label":["a=b"]}' for "label=a=b". Raises UsageError for a word without a value."""
    found: dict[str, list[str]] = {}
    for word in words:
        name, separator, value = word.partition("=")
        if not (name and separator):
            raise UsageError(f"{word!r} from --filter has no value", "write --filter name=value, such as label=a=b")
        found.setdefault(name, []).append(value)
    return dumps(found, separators=(",", ":"))
