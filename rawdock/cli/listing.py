"""Listings as the docker CLI prints them: a table, identifiers alone, JSON a line, or a template of the user's own."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..text.table import table
from .console import Console, printable

if TYPE_CHECKING:
    from ..text.template import Template

Row = Mapping[str, Any]  # text by field; what is callable is a method, such as Label


def add_listing_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-q", "--quiet", action="store_true", help="print identifiers alone")
    parser.add_argument("--no-trunc", action="store_true", help="print identifiers and commands in full")
    parser.add_argument(
        "--format",
        metavar="FORMAT",
        default="",
        help="table, json, 'table TEMPLATE' or TEMPLATE: Go's, such as '{{.ID}} {{.Names}}'",
    )
    parser.add_argument(
        "-f", "--filter", metavar="NAME=VALUE", action="append", default=[], help="list what fits alone; repeatable"
    )


def print_rows(
    console: Console,
    options: argparse.Namespace,
    rows: Sequence[Row],
    headings: Mapping[str, str],
    fields: Sequence[str],
    identifier: str = "ID",
) -> int:
    """`print_listing` by the options, or the identifiers alone, which -q asks for."""
    if options.quiet and options.format in ("", "table"):
        for row in rows:
            console.print(row[identifier])
    else:
        print_listing(console, options.format, rows, headings, fields)
    return 0


def print_listing(
    console: Console, format_: str, rows: Sequence[Row], headings: Mapping[str, str], fields: Sequence[str]
) -> None:
    """Print `rows`. `headings`: every field to its column's heading; `fields`: those that the table has by default."""
    if format_ in ("", "table"):
        cells = [[headings[field] for field in fields], *([str(row[field]) for field in fields] for row in rows)]
        _print_table(console, cells)
    elif format_ == "json":
        from ..text.template_functions import compact_json

        for row in rows:
            console.print(compact_json(dict(sorted(row.items()))))
    elif format_.startswith("table "):
        template = _checked(format_, headings)
        methods: dict[str, Any] = {name: _heading for row in rows[:1] for name in row if callable(row[name])}
        lines = [template.render({**headings, **methods}), *(template.render(row) for row in rows)]
        _print_table(console, [line.split("\t") for line in lines])
    else:
        template = _checked(format_, headings)
        for row in rows:
            console.print(template.render(dict(sorted(row.items()))))  # as `{{json .}}` of docker's has them


def _checked(format_: str, headings: Mapping[str, str]) -> Template:
    template = listing_template(format_)
    known = {name.lower() for name in headings} | {"label"}
    if unknown := sorted(name for name in template.fields if name.lower() not in known):
        raise UsageError(f"--format {format_!r}: there is no field .{unknown[0]}", f"fields are {', '.join(headings)}")
    return template


def listing_template(format_: str) -> Template:
    """The template in `--format`, where \\t and \\n stand for what they do in a shell's quotes. Raises UsageError."""
    from ..text.template import Template  # 3 ms to import, and a table does without

    return Template(format_.removeprefix("table").strip(" ").replace("\\t", "\t").replace("\\n", "\n"))


def label_fields(labels: Mapping[str, str] | None) -> dict[str, Any]:
    """`.Labels` and `.Label "name"` of an object with these labels."""
    found = labels or {}
    return {
        "Labels": ",".join(f"{name}={value}" for name, value in sorted(found.items())),
        "Label": lambda name: found.get(name, ""),
    }


def _heading(label: str) -> str:
    """The column of `.Label "com.example.app-name"` is headed "app name"."""
    return label.rpartition(".")[2].replace("-", " ").replace("_", " ")


def _print_table(console: Console, cells: Sequence[Sequence[str]]) -> None:
    for line in table([[printable(cell) for cell in row] for row in cells]):
        console.print(line)
