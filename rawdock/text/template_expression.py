"""What stands in the braces of a template: operands, function calls, pipelines. Source: pkg.go.dev/text/template."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..errors import UsageError
from .template_functions import FUNCTIONS, go_text
from .zero_values import NO_ENTRY, absent, null_of

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<string>"(?:[^"\\\n]|\\.)*" | `[^`]*`)
  | (?P<number>[+-]?\d+(?:\.\d+)?)
  | (?P<punct>[()|,])
  | (?P<field>\.[A-Za-z_]\w*)
  | (?P<dot>\.)
  | (?P<variable>\$\w*)
  | (?P<word>[A-Za-z_]\w*)
    )""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"'}

Scope = dict[str, Any]  # variables by name, $ among them; and STRICT
STRICT = "strict"  # no variable's name, which begins with $
Expression = Callable[[Any, Scope], Any]  # given the dot


def parse_expression(text: str) -> Expression:
    """The expression that `text`, without its braces, is. Raises UsageError."""
    return _Parser(text).whole()


class _Parser:
    """One action's words to an expression."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str, bool]] = []  # kind, text, whether a space stands before it
        place = 0
        text = text.rstrip()
        while place < len(text):
            match = _TOKEN.match(text, place)
            if not match or not match.lastgroup:
                raise wrong(f"{text[place:].strip()[:20]!r} in {{{{{text.strip()}}}}}")
            word = match[match.lastgroup]
            self._tokens.append((match.lastgroup, word, match.end() - len(word) > place))
            place = match.end()
        self._text = text.strip()
        self._place = 0

    def whole(self) -> Expression:
        expression = self._pipeline()
        if self._place < len(self._tokens):
            raise wrong(f"{self._tokens[self._place][1]!r} in {{{{{self._text}}}}}")
        return expression

    def _peek(self) -> tuple[str, str, bool]:
        return self._tokens[self._place] if self._place < len(self._tokens) else ("end", "", True)

    def _pipeline(self) -> Expression:
        expression = self._command(None)
        while self._peek()[1] == "|":
            self._place += 1
            expression = self._command(expression)
        return expression

    def _command(self, piped: Expression | None) -> Expression:
        operands: list[Expression] = []
        kind, word, _ = self._peek()
        function = None
        if kind == "word" and word not in ("true", "false", "nil"):
            function = FUNCTIONS.get(word)
            if function is None:
                raise wrong(f"function {word!r} is not known; there are {', '.join(sorted(FUNCTIONS))}")
            self._place += 1
        while self._peek()[0] != "end" and self._peek()[1] not in ("|", ")"):
            operands.append(self._operand())
        if piped:
            operands.append(piped)
        if function is None:
            if len(operands) > 1 and kind == "field":
                return _method(operands)
            if len(operands) != 1:
                raise wrong(f"a value takes no arguments in {{{{{self._text}}}}}" if operands else "an action is empty")
            return operands[0]
        return _call(word, function, operands)

    def _operand(self) -> Expression:
        kind, word, _ = self._peek()
        self._place += 1
        expression: Expression
        if kind == "punct" and word == "(":
            expression = self._pipeline()
            if self._peek()[1] != ")":
                raise wrong(f"( has no ) in {{{{{self._text}}}}}")
            self._place += 1
        elif kind == "field":
            expression = _field(lambda dot, scope: dot, word[1:])
        elif kind == "variable":
            expression = _variable(word)
        elif kind == "dot":
            expression = _here
        else:
            expression = _constant(self._literal(kind, word))
        while self._peek()[0] == "field" and not self._peek()[2]:
            expression = _field(expression, self._peek()[1][1:])
            self._place += 1
        return expression

    def _literal(self, kind: str, word: str) -> Any:
        if kind == "string":
            inside = word[1:-1]
            return inside if word[0] == "`" else re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), inside)
        if kind == "number":
            return float(word) if "." in word else int(word)
        if word in ("true", "false", "nil"):
            return {"true": True, "false": False, "nil": None}[word]
        raise wrong(f"{word!r} in {{{{{self._text}}}}}")


def _call(name: str, function: Callable[..., Any], operands: list[Expression]) -> Expression:
    def call(dot: Any, scope: Scope) -> Any:
        values = [operand(dot, scope) for operand in operands]
        try:
            return function(*values)
        except (TypeError, ValueError, IndexError) as error:
            given = ", ".join(map(go_text, values)) or "nothing"
            raise wrong(f"function {name} cannot be called with {given}") from error

    return call


def _method(operands: list[Expression]) -> Expression:
    """`.Label "name"`: a field that takes arguments."""

    def call(dot: Any, scope: Scope) -> Any:
        method, *values = (operand(dot, scope) for operand in operands)
        if not callable(method):
            raise wrong(f"{go_text(method)!r} takes no arguments")
        return method(*values)

    return call


def _here(dot: Any, scope: Scope) -> Any:
    return dot


def _constant(value: Any) -> Expression:
    return lambda dot, scope: value


def _variable(name: str) -> Expression:
    def look_up(dot: Any, scope: Scope) -> Any:
        if name not in scope:
            raise wrong(f"variable {name} is not set")
        return scope[name]

    return look_up


def _field(of: Expression, name: str) -> Expression:
    def look_up(dot: Any, scope: Scope) -> Any:
        value = of(dot, scope)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise UsageError(f"the template asks for .{name} of {go_text(value)!r}", "that is no object")
        key = name if name in value else next((key for key in value if str(key).lower() == name.lower()), None)
        if key is None:
            return _absent(name, value) if scope.get(STRICT) else None
        return null_of(name) if value[key] is None else value[key]

    return look_up


def _absent(name: str, value: dict[str, Any]) -> Any:
    """What a field is that is not there. Raises UsageError for one that never is; names that users gave, such as labels, may be
    there or not."""
    found = absent(name)
    if found is None and name[0].isupper():
        raise UsageError(
            f"the template asks for .{name}, and there is none", f"there is {', '.join(map(str, value)) or 'nothing'}"
        )
    return NO_ENTRY if found is None else found


def wrong(what: str) -> UsageError:
    return UsageError(f"the template is wrong: {what}", "write it as Go's text/template, such as '{{.Names}}'")
