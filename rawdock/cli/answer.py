"""What is done with a reply: bytes as they came in a pipe, JSON laid out on a terminal, log frames put apart, an error in the
middle found.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..client.core import Core
from ..client.response import Reply
from ..errors import ProtocolError, UsageError
from .console import printable
from .output import BINARY, Output

# Of these a document with an error in it is the end: pull, push, import, load, build. An event may be called so.
_PROGRESS = r"(/v[\d.]+)?(/images/create|/images/.+/push|/images/load|/build|/plugins/(pull|.+/(push|upgrade)))(\?.*)?"
_JSON_STREAM = r"(/v[\d.]+)?(/events|/containers/.+/stats)(\?.*)?"
MAX_WATCHED = 1024 * 1024  # bytes; an error's line is short


async def print_body(core: Core, reply: Reply, method: str, path: str, output: Output) -> None:
    """Print the reply's body to its end. Raises StreamError for an error in the middle, and what breaks off."""
    good = reply.status_code < 300
    if good and not output.raw and method == "GET" and "/logs" in path:
        from .frames import print_logs

        if await print_logs(core, reply, path, output):
            return
    kind = reply.head.get("Content-Type").partition(";")[0].strip().lower()
    progress = good and method == "POST" and re.fullmatch(_PROGRESS, path) is not None
    check = _Watch().feed if progress else None
    if good and output.steps is not None:
        await _print_lines(reply, output, check, whole=not (progress or _is_stream(kind, path)))
    elif output.for_people:
        if kind in BINARY:
            raise UsageError(f"the answer is {kind}, which would upset the terminal", "write it to a file: -o FILE")
        await _print_lines(reply, output, check, whole=not (progress or _is_stream(kind, path)))
    else:
        while data := await reply.receive():
            output.write(data)
            if check:
                check(data)


def _is_stream(kind: str, path: str) -> bool:
    return kind in ("application/jsonl", "application/x-ndjson", "application/json-seq") or bool(
        re.fullmatch(_JSON_STREAM, path)
    )


class _Watch:
    """Looks for a document that is an error, in bytes cut anywhere. Raises StreamError."""

    def __init__(self) -> None:
        self._line = b""

    def feed(self, data: bytes) -> None:
        *lines, rest = (self._line + data).split(b"\n")
        self._line = rest[:MAX_WATCHED]
        for line in lines:
            self._look(line)
        if rest.rstrip().endswith(b"}"):  # the last may have no newline
            self._look(rest)

    def _look(self, line: bytes) -> None:
        if b'"error' not in line:
            return
        from json import loads

        from ..client.documents import stream_error

        try:
            document = loads(line)
        except ValueError:
            return
        if error := stream_error(document):
            raise error


async def _print_lines(reply: Reply, output: Output, check: Callable[[bytes], None] | None, *, whole: bool) -> None:
    """Documents, each as it comes or the one that is the whole answer."""
    rest = b""
    while data := await reply.receive():
        *lines, rest = [rest + data] if whole else (rest + data).split(b"\n")
        for line in lines:
            _print_document(line, output, whole=False)
            if check:
                check(line + b"\n")
    _print_document(rest, output, whole=whole)
    if check:
        check(rest + b"\n")


def _print_document(data: bytes, output: Output, *, whole: bool) -> None:
    text = data.decode("utf-8", "replace").strip(" \t\r\n\x1e")
    if not text:
        return
    if output.steps is not None:
        _print_selected(text, output, whole)
        return
    from .pretty import is_json, pretty

    if is_json(text):
        shown = pretty(text, colour=output.console.colour, indent=2 if whole else None)
    else:
        shown = "\n".join(printable(line) for line in text.split("\n"))
    output.write(shown.encode("utf-8", "backslashreplace") + b"\n")


def _print_selected(text: str, output: Output, whole: bool) -> None:
    from json import loads

    from .select import as_text, select

    try:
        document: Any = loads(text)
    except ValueError:
        raise ProtocolError(f"--select: the answer is no JSON: it begins {text[:40]!r}") from None
    for value in select(document, output.steps or []):
        shown = as_text(value)
        if output.for_people:
            shown = _for_people(value, shown, output, whole)
        output.write(shown.encode("utf-8", "surrogatepass") + b"\n")


def _for_people(value: Any, shown: str, output: Output, whole: bool) -> str:
    if isinstance(value, dict | list):
        from .pretty import pretty

        return pretty(shown, colour=output.console.colour, indent=2 if whole else None)
    return "\n".join(printable(line) for line in shown.split("\n"))
