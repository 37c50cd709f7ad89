"""Steps as scripts and as a Python program, against the default socket."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

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
        kept = tuple(pair for pair in request.headers if pair[0].lower() not in UPGRADE)
        line = rawdock_line(Job(DEFAULT, request._replace(headers=kept))).rstrip("\n")
        line = line.replace(f"rawdock -H {DEFAULT.url} ", "rawdock ", 1)
        lines.append(f"{line} --select Id" if step.saves else line)
    return script(steps, lines, picked="")


def _python(steps: Sequence[Step]) -> Iterator[str]:
    yield from ("import rawdock", "", "with rawdock.SyncClient() as docker:")
    depth = 1
    later: list[str] = []
    for place, step in enumerate(steps):
        last = place == len(steps) - 1
        arguments = _arguments(step.request)
        method = step.request.method
        if step.answer == "hijack":
            name = "attached"
            yield f"{INDENT * depth}with docker.hijack({', '.join([repr(method), *arguments, 'tty=False'])}) as {name}:"
            depth += 1
            later.append(f"for frame in {name}.frames():\n{INDENT}print(frame.stream.name, frame.data)")
        elif lasts(step) and not last:
            yield f"{INDENT * depth}with docker.stream({', '.join([repr(method), *arguments])}) as ended:"
            depth += 1
            later.append('print(b"".join(ended))')
        elif step.answer in ("frames", "documents", "bytes"):
            yield f"{INDENT * depth}with docker.stream({', '.join([repr(method), *arguments])}) as reply:"
            yield f"{INDENT * (depth + 1)}for data in reply:"
            yield f"{INDENT * (depth + 2)}print(data)"
        else:
            call = f"docker.{method.lower()}({', '.join(arguments)}).raise_for_status()"
            yield f"{INDENT * depth}" + (f'{step.saves} = {call}.json()["Id"]' if step.saves else _shown(call, method))
    for block in later:
        yield from (f"{INDENT * depth}{line}" for line in block.split("\n"))


def _shown(call: str, method: str) -> str:
    return f"print({call}.{'headers' if method == 'HEAD' else 'text'})"


def _arguments(request: Request) -> list[str]:
    path = f"f{request.path!r}" if "{" in request.path else repr(request.path)
    arguments = [path]
    if request.query:
        pairs = dict(request.query)
        arguments.append(f"params={pairs!r}")
    if request.body is not None:
        arguments.append(f"json={json.loads(request.body)!r}")
    elif request.body_file == "-":
        arguments.append("content=archive")
    elif request.body_file is not None:
        arguments.append(f'content=open({request.body_file!r}, "rb")')
    return arguments


FORM_LINES: dict[str, Callable[[Sequence[Step]], Iterator[str]]] = {
    "curl": _curl,
    "rawdock": _rawdock,
    "python": _python,
}
