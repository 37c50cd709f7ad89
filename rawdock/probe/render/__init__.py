"""What a probe found, in other people's forms. A format is a module here with `render(result) -> str`."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..record import Result

FORMATS = {
    "matrix": "a character a verdict, a row a target, a column a vantage",
    "jsonl": "the topology, then a JSON record a probe, a line each",
    "junit": "JUnit XML, for a CI server",
    "tap": "the Test Anything Protocol, version 14",
    "prometheus": "Prometheus' text format, for a textfile collector",
    "markdown": "tables for an issue or a wiki",
    "mermaid": "the picture as a Mermaid flowchart",
    "dot": "the picture for Graphviz",
    "svg": "the picture as SVG",
    "html": "one page with the picture, filters and all records; nothing is loaded from elsewhere",
}


def render(name: str, result: Result) -> str:
    """The result in that format, one of FORMATS; it ends with a newline."""
    return "".join(parts(name, result))


def parts(name: str, result: Result) -> Iterable[str]:
    """The same, a part after the other where the format has them: each ends with a newline."""
    module = import_module(f".{name}", __name__)
    found: Iterable[str] = module.parts(result) if hasattr(module, "parts") else [module.render(result)]
    return found
