"""The words of a plain command, read without argparse: importing it and building every command's parser costs 13 of the 45 ms
that one request took.

What is not plain (help, an abbreviation, `--name=value`, a word that is wrong) is left to argparse, so there is one place that
explains. Both read the same tables, and a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

Options = Sequence[tuple[tuple[str, ...], Mapping[str, Any]]]  # the names of each, and what argparse takes beside them


def plain_options(arguments: Sequence[str], commands: Sequence[str], own: Options, common: Options) -> Any:
    """The namespace that argparse would make of `[common…] COMMAND PATH [ITEM…]` with options between them, or None.
    `commands`: those that have the options `own`; the options `common` may stand before the command."""
    everywhere = {name: (_name(names), settings) for names, settings in common for name in names}
    behind = everywhere | {name: (_name(names), settings) for names, settings in own for name in names}
    found = SimpleNamespace(**{_name(names): _default(settings) for names, settings in own})
    words: list[str] = []
    rest = iter(arguments)
    for word in rest:
        if word == "-" or not word.startswith("-"):
            words.append(word)
            continue
        option = (behind if words else everywhere).get(word)
        if option is None:
            return None
        name, settings = option
        action = settings.get("action")
        if action == "store_true":
            setattr(found, name, True)
            continue
        value = _value(next(rest, "-?"), settings.get("type"))
        if value is None:
            return None
        setattr(found, name, [*(getattr(found, name) or ()), value] if action == "append" else value)
    if len(words) < 2 or words[0] not in commands:
        return None
    found.command, found.path, *_ = words
    found.items = words[2:]
    return found


def _name(names: tuple[str, ...]) -> str:
    return names[-1].lstrip("-").replace("-", "_")


def _default(settings: Mapping[str, Any]) -> Any:
    return False if settings.get("action") == "store_true" else None


def _value(text: str, convert: Callable[[str], Any] | None) -> Any:
    if text.startswith("-") and text != "-":
        return None
    if convert is None:
        return text
    try:
        return convert(text)
    except Exception:  # argparse says what is wrong with it
        return None
