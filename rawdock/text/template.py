"""Go's text/template, as much of it as people write after `--format` and `inspect -f`: fields, variables, pipelines, if, with,
range, and the functions that the docker CLI adds. Values are what JSON gives.

Source: pkg.go.dev/text/template and docker/cli templates/templates.go. A field is looked for as it is spelled, then in any
case, for Go's `.ID` is JSON's `Id`. A null prints as the empty list that it mostly is.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from ..errors import UsageError
from .template_expression import STRICT, Expression, Scope, parse_expression, wrong
from .template_functions import go_text, truth

_ACTION = re.compile(
    r"""\{\{(?P<left>-\s)?(?P<body>(?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^"`])*?)(?P<right>\s-)?\}\}""", re.DOTALL
)
_SET = re.compile(r"(\$\w+)\s*:?=\s*")
_RANGE_SET = re.compile(r"(?:(\$\w+)\s*,\s*)?(\$\w+)\s*:?=\s*")
NO_VALUE = "<no value>"


class _Node(Protocol):
    def render(self, dot: Any, scope: Scope) -> Iterator[str]: ...


_Block = list["str | _Node"]


def _rendered(block: _Block, dot: Any, scope: Scope) -> Iterator[str]:
    for node in block:
        if isinstance(node, str):
            yield node
        else:
            yield from node.render(dot, scope)


class _Print(NamedTuple):
    expression: Expression

    def render(self, dot: Any, scope: Scope) -> Iterator[str]:
        value = self.expression(dot, scope)
        if value is None:
            yield "" if scope.get(STRICT) else NO_VALUE
        else:
            yield go_text(value)


class _Set(NamedTuple):
    name: str
    expression: Expression

    def render(self, dot: Any, scope: Scope) -> Iterator[str]:
        scope[self.name] = self.expression(dot, scope)
        yield from ()


class _Jump(Exception):
    """`break` and `continue`."""


class _Leave(NamedTuple):
    word: str

    def render(self, dot: Any, scope: Scope) -> Iterator[str]:
        yield from ()
        raise _Jump(self.word)


class _Choice(NamedTuple):
    """`if`, and `with`, which moves the dot. `variable`: what the value is called, if anything."""

    variable: str | None
    expression: Expression
    moves: bool
    then: _Block
    otherwise: _Block

    def render(self, dot: Any, scope: Scope) -> Iterator[str]:
        value = self.expression(dot, scope)
        if self.variable:
            scope[self.variable] = value
        if truth(value):
            yield from _rendered(self.then, value if self.moves else dot, scope)
        else:
            yield from _rendered(self.otherwise, dot, scope)


class _Range(NamedTuple):
    expression: Expression
    key: str | None
    item: str | None
    then: _Block
    otherwise: _Block

    def render(self, dot: Any, scope: Scope) -> Iterator[str]:
        value = self.expression(dot, scope)
        if not truth(value):
            yield from _rendered(self.otherwise, dot, scope)
            return
        if not isinstance(value, dict | list):
            raise UsageError(f"the template ranges over {go_text(value)!r}", "range over a list or an object")
        for key, item in sorted(value.items()) if isinstance(value, dict) else enumerate(value):
            if self.key:
                scope[self.key] = key
            if self.item:
                scope[self.item] = item
            try:
                yield from _rendered(self.then, item, scope)
            except _Jump as jump:
                if str(jump) == "break":
                    return


class Template:
    """A template, parsed. Raises UsageError for what is none."""

    def __init__(self, text: str) -> None:
        self._actions = [match["body"].strip() for match in _ACTION.finditer(text)]
        self._block = _Parser(text).whole()

    def render(self, value: Any, *, strict: bool = False) -> str:
        """The text for `value`. `strict`: a field that is not there is an error, unless the daemon leaves it out where it is
        empty. Raises UsageError where the template asks for what cannot be."""
        try:
            return "".join(_rendered(self._block, value, {"$": value, STRICT: strict}))
        except _Jump as jump:
            raise wrong(f"{{{{{jump}}}}} stands in no {{{{range}}}}") from None

    @property
    def fields(self) -> set[str]:
        """The names of all fields in it, at whatever depth."""
        unquoted = re.sub(r"\"(?:[^\"\\]|\\.)*\"|`[^`]*`", "", " ".join(self._actions))
        return set(re.findall(r"\.([A-Za-z_]\w*)", unquoted))

    @property
    def shows_all(self) -> bool:
        """Whether it is `{{json .}}`, whose fields are all there are."""
        return any(re.fullmatch(r"json\s+\.", action) for action in self._actions)


class _Parser:
    """Text and actions to nested blocks."""

    def __init__(self, text: str) -> None:
        self._items = _items(text)

    def whole(self) -> _Block:
        block, ending = self._block()
        if ending is not None:
            raise wrong(f"{{{{{ending}}}}} ends nothing")
        return block

    def _block(self) -> tuple[_Block, str | None]:
        """The nodes up to an `end` or `else`, which is returned too; None where the text ends."""
        block: _Block = []
        for is_action, item in self._items:
            if not is_action:
                block.append(item)
                continue
            word, _, rest = item.partition(" ")
            if word in ("end", "else"):
                return block, item
            if item in ("break", "continue"):
                block.append(_Leave(item))
            elif word in ("if", "with", "range"):
                block.append(self._control(word, rest.strip()))
            elif match := _SET.match(item):
                block.append(_Set(match[1], parse_expression(item[match.end() :])))
            elif not item.startswith("/*"):
                block.append(_Print(parse_expression(item)))
        return block, None

    def _control(self, word: str, rest: str) -> _Node:
        match = _RANGE_SET.match(rest) if word == "range" else _SET.match(rest)
        expression = parse_expression(rest[match.end() :] if match else rest)
        then, ending = self._block()
        otherwise: _Block = []
        if ending and ending.startswith("else "):
            inner, _, condition = ending[5:].strip().partition(" ")
            if inner not in ("if", "with"):
                raise wrong(f"{{{{{ending}}}}} is neither {{{{else}}}} nor {{{{else if …}}}}")
            otherwise, ending = [self._control(inner, condition)], "end"  # whose end is ours
        elif ending == "else":
            otherwise, ending = self._block()
        if ending != "end":
            raise wrong(f"{{{{{word} {rest}}}}} has no {{{{end}}}}")
        if word == "range":
            return _Range(expression, match and match[1], match and match[2], then, otherwise)
        return _Choice(match and match[1], expression, word == "with", then, otherwise)


def _items(text: str) -> Iterator[tuple[bool, str]]:
    """(whether it is an action, its text), white space trimmed where a `-` in the braces says so."""
    place, trim = 0, False
    for action in _ACTION.finditer(text):
        before = text[place : action.start()]
        before = before.lstrip() if trim else before
        yield False, before.rstrip() if action["left"] else before
        yield True, action["body"].strip()
        place, trim = action.end(), bool(action["right"])
    rest = text[place:]
    if "{{" in rest:
        raise wrong(f"an action is not closed: {rest[rest.index('{{') :][:30]!r}")
    yield False, rest.lstrip() if trim else rest
