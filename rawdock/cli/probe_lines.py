"""What a probe says on standard output, or in a file: its table for people, or one of the other forms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..errors import UsageError
from .console import Console, printable

if TYPE_CHECKING:
    from ..probe.path import Path
    from ..probe.record import Result

_GOOD = {"open"}
_BAD = {"refused", "rejected", "filtered", "host-down", "mtu-black-hole", "vantage-unavailable", "error"}

Row = tuple[str, str, str]  # a line, the part at its front that is painted, and the colour ("" where none is)


def print_result(result: Result, path: Path | None, form: str, output: str | None, console: Console) -> None:
    """`output`: the file of -o. Raises UsageError where it cannot be written."""
    if form != "table":
        write_to(_rendered(form, result, console), output, console)
        return
    print_rows(path_rows(path, result, console.width) if path else table_rows(result, console.width), output, console)


def print_rows(rows: Iterable[Row], output: str | None, console: Console) -> None:
    if output is not None:
        write_to((f"{text}\n" for text, _, _ in rows), output, console)
        return
    for text, head, colour in rows:
        console.print(_painted(text, head, console, colour) if head else text)


def path_rows(path: Path, result: Result, width: int) -> Iterator[Row]:
    """One path, hop by hop."""
    from ..probe.path import State, lines

    colours = {State.OK: "green", State.BROKEN: "red", State.BEYOND: "dim"}
    empty = True
    for state, line in lines(path, result, width):
        text, empty = printable(line), False
        yield text, f"  {state.value}" if state else "", colours[state] if state else ""
    if empty:
        why = "it shares another's network, or is on none, or there is no helper"
        yield f"no probe could be made from {printable(path.vantage.phrase)}: {why}", "", ""


def table_rows(result: Result, width: int) -> Iterator[Row]:
    """All records, by vantage."""
    from ..probe.report import in_short, remedies, table, topology_lines

    for number, line in enumerate(topology_lines(result.topology, width)):
        yield printable(line), printable(line) if number == 0 else "", "bold"
    yield "", "", ""
    if not result.inventory.containers:
        yield "no container is running: there is nothing to probe; start one and come back", "", ""
        return
    for verdict, line in table(result.records, width):
        text = printable(line)
        if verdict is None:
            yield text, text, "bold"
        else:
            colour = "green" if verdict.value in _GOOD else "red" if verdict.value in _BAD else "yellow"
            yield text, f"  {verdict.value}", colour
    for heading, lines in (("what to do", remedies(result.records, width)), ("in short", in_short(result))):
        for number, line in enumerate(lines):
            if number == 0:
                yield "", "", ""
                yield heading, heading, "bold"
            yield f"  {printable(line)}", "", ""


def _rendered(name: str, result: Result, console: Console) -> Iterator[str]:
    from ..probe.render import parts

    for part in parts(name, result):
        if console.out_is_terminal:  # no name may steer it
            yield "".join(f"{printable(line)}\n" for line in part.splitlines())
        else:
            yield part


def write_to(parts: Iterable[str], path: str | None, console: Console) -> None:
    """Raises UsageError where the file cannot be written."""
    encoded = (part.encode("utf-8", "backslashreplace") for part in parts)
    if path is None:
        for data in encoded:
            console.write(data)
        return
    try:
        with open(path, "wb") as file:
            file.writelines(encoded)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{path!r} from -o cannot be written: {why}", "name another file") from error


def _painted(line: str, head: str, console: Console, colour: str) -> str:
    """The line with its head painted: a verdict stands at the front of an entry's first row only."""
    if not line.startswith(head):
        return line
    word = head.lstrip()
    return f"{head[: -len(word)]}{console.paint(word, colour)}{line[len(head) :]}"
