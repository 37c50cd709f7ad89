"""Steps as scripts and as a Python program, against the default socket."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

from ..curl.code import arguments, indent, spread
from ..curl.items import rawdock_line
from ..curl.job import Job
from ..curl.print import curl_line
from ..endpoint import DEFAULT_SOCKET, Endpoint, Scheme
from ..standins import Request, Step
from .curl_script import lasts, script, tokens_in

DEFAULT = Endpoint(Scheme.UNIX, DEFAULT_SOCKET, None, "the default")
UPGRADE = {"connection", "upgrade"}
INDENT = "    "


def _curl(steps: Sequence[Step]) -> Iterator[str]:
    return script(steps, [curl_line(DEFAULT, request) for request in tokens_in(steps)])


def _rawdock(steps: Sequence[Step]) -> Iterator[str]:
    """The Id is picked by --select, which the script of curl lines needs sed for."""
    lines = []
    for step, request in zip(steps, tokens_in(steps), strict=True):
        line = rawdock_line(Job(DEFAULT, _without_upgrade(request))).rstrip("\n")
        line = line.replace(f"rawdock -H {DEFAULT.url} ", "rawdock ", 1)
        lines.append(f"{line} --select Id" if step.saves else line)
    return script(steps, lines, picked="")


def _python(steps: Sequence[Step]) -> Iterator[str]:
    yield from ("import rawdock", "", "with rawdock.SyncClient() as docker:")
    depth = 1
    later: list[str] = []
    for place, step in enumerate(steps):
        last = place == len(steps) - 1
        method = step.request.method
        words = [repr(method), *_arguments(step.request)]
        lines: list[str] = []
        deeper = step.answer == "hijack" or (lasts(step) and not last)
        if step.answer == "hijack":
            lines = spread("with docker.hijack(", [*words, f"tty={_has_tty(steps)}"], ") as attached:")
            later += ["for frame in attached.frames():", f"{INDENT}print(frame.stream.name, frame.data)"]
        elif deeper:
            lines = spread("with docker.stream(", words, ") as ended:")
            later.append('print(b"".join(ended))')
        elif step.answer in ("frames", "documents", "bytes"):
            lines = spread("with docker.stream(", words, ") as reply:")
            lines += [f"{INDENT}for data in reply:", f"{INDENT * 2}print(data)"]
        elif step.saves:
            lines = spread(f"{step.saves} = docker.{method.lower()}(", words[1:], ').raise_for_status().json()["Id"]')
        else:
            shown = "headers" if method == "HEAD" else "text"
            lines = spread(f"print(docker.{method.lower()}(", words[1:], f").raise_for_status().{shown})")
        yield from indent(lines, depth)
        depth += deeper
    yield from indent(later, depth)


def _has_tty(steps: Sequence[Step]) -> bool:
    """Whether what comes back are no frames."""
    documents = [json.loads(step.request.body) for step in steps if step.request.body]
    return any(document.get("Tty") for document in documents)


def _arguments(request: Request) -> list[str]:
    """The path with what earlier calls gave, then what goes by name."""
    file = "archive" if request.body_file == "-" else f"open({request.body_file!r}, 'rb')"
    words = arguments(_without_upgrade(request), "content", file)
    return [f"f{words[0]}" if "{" in request.path else words[0], *words[1:]]


def _without_upgrade(request: Request) -> Request:
    """What makes the connection goes without being said."""
    return request._replace(headers=tuple(pair for pair in request.headers if pair[0].lower() not in UPGRADE))


FORM_LINES: dict[str, Callable[[Sequence[Step]], Iterator[str]]] = {
    "curl": _curl,
    "rawdock": _rawdock,
    "python": _python,
}
