"""Go's printf, as much of it as templates use. Source: pkg.go.dev/fmt; what it prints for a wrong argument, such as
`%!d(string=web)`, is an error here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

_VERB = re.compile(r"%(?P<flags>[-+ #0]*)(?P<width>\d*)(?P<precision>(?:\.\d*)?)(?P<verb>.)", re.DOTALL)


def go_printf(form: str, values: tuple[Any, ...], text: Callable[[Any], str]) -> str:
    """`text` makes of a value what %v prints. Raises TypeError and ValueError for what fits no verb, or is too much."""
    rest = iter(values)

    def printed(match: re.Match[str]) -> str:
        verb = match["verb"]
        if verb == "%":
            return "%"
        try:
            value = next(rest)
        except StopIteration:
            raise TypeError(f"nothing is left for %{verb}") from None
        flags = match["flags"].replace("#", "")
        if verb in "dboxXcUfFeEgG":
            return _number(value, flags, match["width"], match["precision"], verb, text)
        shown = {"v": text, "s": text, "q": _quoted, "t": text}[verb](value) if verb in "vsqt" else None
        if shown is None:
            raise ValueError(f"%{verb} is none of the verbs that are known")
        return f"%{flags.replace('0', '')}{match['width']}{match['precision']}s" % shown

    done = _VERB.sub(printed, form)
    if next(rest, rest) is not rest:
        raise TypeError("a value has no verb")
    return done


def _number(value: Any, flags: str, width: str, precision: str, verb: str, text: Callable[[Any], str]) -> str:
    if verb in "xX" and isinstance(value, str):
        shown = value.encode("utf-8", "surrogateescape").hex()
        return f"%{flags.replace('0', '')}{width}s" % (shown.upper() if verb == "X" else shown)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{text(value)!r} is no number")
    if verb in "dboxXcU":
        whole = int(value)
        if verb in "bcU":
            shown = {"b": f"{whole:b}", "c": chr(whole), "U": f"U+{whole:04X}"}[verb]
            return f"%{flags.replace('0', '')}{width}s" % shown
        return f"%{flags}{width}{verb}" % whole
    return f"%{flags}{width}{precision}{verb}" % value


def _quoted(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("%q takes text")
    return json.dumps(value, ensure_ascii=False)
