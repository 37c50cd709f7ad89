"""An operation as it is written: as two rawdock commands, as curl and as Python."""

from __future__ import annotations

from collections.abc import Iterator
from json import dumps
from shlex import quote
from typing import Any, NamedTuple
from urllib.parse import urlencode

from .operations import Operation, lives, version_pair
from .samples import ARCHIVE, ARCHIVES, BODIES, FILES, PATHS, QUERIES, REQUIRED

SOCKET = "/var/run/docker.sock"


class Sample(NamedTuple):
    """A request: `given` stands in the path. `file`: what the body is read from, "" for none."""

    path: str
    given: dict[str, str]
    query: dict[str, str]
    body: Any
    file: str


def sample(operation: Operation, version: str = "") -> Sample:
    """`version`: "/v1.41" for the path, "" for none."""
    spoken = version_pair(version[2:]) if version else None
    given, path = {}, operation.path
    for parameter in operation.parameters:
        if parameter.place == "path":
            given[parameter.name] = PATHS[_kind(operation)]
            path = path.replace(f"{{{parameter.name}}}", given[parameter.name])
    lost = {each.name for each in operation.parameters if spoken and not lives(each.since, each.until, spoken)}
    query = {name: value for name, value in QUERIES.get(operation.id, {}).items() if name not in lost}
    for parameter in operation.parameters:
        if parameter.required and parameter.place == "query" and parameter.until is None:
            query.setdefault(parameter.name, REQUIRED.get(parameter.name, "NAME"))
    file = FILES.get(operation.id, "")
    if operation.body == "string:binary":
        file = ARCHIVES.get(operation.id, ARCHIVE)
    return Sample(version + path, given, query, BODIES.get(operation.id), file)


def _kind(operation: Operation) -> str:
    return "Container" if operation.path.startswith("/containers/") else operation.tag


def as_verb(operation: Operation, version: str = "") -> str:
    """`rawdock get /containers/web/json`"""
    path, _, query, body, file = sample(operation, version)
    words = ["rawdock", operation.method.lower(), path, *(f"{name}=={value}" for name, value in query.items())]
    return _line([*words, *_items(body), *_tail(operation, file)])


def as_call(operation: Operation, version: str = "") -> str:
    """`rawdock call ContainerInspect id=web`"""
    _, given, query, body, file = sample(operation, version)
    named = [f"{name}={value}" for name, value in (given | query).items()]
    return _line(["rawdock", "call", operation.id, *named, *_items(body), *_tail(operation, file)])


def _tail(operation: Operation, file: str) -> list[str]:
    return (["--input", file] if file else []) + (["-o", "out.tar"] if "tar-out" in operation.streams else [])


def _items(body: Any, name: str = "") -> Iterator[str]:
    """The fields of a body as items of a command line."""
    if isinstance(body, dict) and body:
        for key, part in body.items():
            yield from _items(part, f"{name}[{key}]" if name else key)
    elif isinstance(body, list):
        for place, part in enumerate(body):
            yield from _items(part, f"{name}[{'' if isinstance(part, str) else place}]")
    elif body is not None:
        yield f"{name}={body}" if isinstance(body, str) else f"{name}:={dumps(body)}"


def _line(words: list[str]) -> str:
    return " ".join(map(quote, words))


def as_curl(operation: Operation, version: str = "") -> str:
    """curl over the default socket. A connection that is upgraded it cannot use in both directions."""
    path, _, query, body, file = sample(operation, version)
    words = ["curl", "--unix-socket", SOCKET]
    if operation.method == "HEAD":
        words.append("-I")
    elif operation.method != "GET":
        words += ["-X", operation.method]
    if {"json-stream", "frames", "hijack"} & {*operation.streams}:
        words.append("-N")
    if file:
        kind = "application/x-tar" if operation.body == "string:binary" else "application/json"
        words += ["-H", f"Content-Type: {kind}", "-T", file]
    elif body is not None:
        words += ["-H", "Content-Type: application/json", "-d", dumps(body)]
    if "tar-out" in operation.streams:
        words += ["-o", "out.tar"]
    return _line([*words, f"http://localhost{path}" + (f"?{urlencode(query)}" if query else "")])


def as_python(operation: Operation, version: str = "") -> str:
    """A program with the client without an event loop."""
    path, given, query, body, file = sample(operation, version)
    options = (f", params={query!r}" if query else "") + (f", json={body!r}" if body is not None else "")
    headers = ', headers={"Content-Type": "application/json"}' if file.endswith(".json") else ""
    options += f", content=file{headers}" if file else ""
    if operation.id == "ContainerLogs":
        lines = [
            f"with docker.logs({given['id']!r}, tail=10) as frames:",
            "    for frame in frames:",
            "        print(frame.stream, frame.data)",
        ]
    elif "json-stream" in operation.streams:
        lines = [
            f"with docker.json_stream({operation.method!r}, {path!r}{options}) as documents:",
            "    for document in documents:",
            "        print(document)",
        ]
    elif {"tar-out", "frames"} & {*operation.streams}:
        lines = [
            f"with docker.stream({operation.method!r}, {path!r}{options}) as reply, open('out', 'wb') as out:",
            "    reply.raise_for_status()",
            "    for data in reply:",
            "        out.write(data)",
        ]
    elif {"hijack", "websocket"} & {*operation.streams}:
        return _both_ways(operation, given)
    else:
        call = f"docker.{operation.method.lower()}({path!r}{options}).raise_for_status()"
        lines = [f"print({call}{_part(operation)})"]
    opened = [f"with open({file!r}, 'rb') as file, rawdock.SyncClient() as docker:"] if file else []
    inside = "\n".join(f"    {line}" for line in lines)
    return "\n".join(["import rawdock", "", *(opened or ["with rawdock.SyncClient() as docker:"]), inside])


def _part(operation: Operation) -> str:
    if operation.method == "HEAD":
        return ".headers"
    good = next((kind for status, kind in operation.answers if status < 300), "")
    return ".status_code" if not good else ".text" if good == "string" and operation.tag == "System" else ".json()"


def _both_ways(operation: Operation, given: dict[str, str]) -> str:
    if operation.id == "ContainerAttach":
        lines = ["with docker.attach('web') as hijack:", "    for frame in hijack.frames():", "        print(frame)"]
    elif operation.id == "ExecStart":
        lines = ["print(docker.exec_run('web', ['date']).stdout)  # makes the exec too"]
    else:
        return ""
    return "\n".join(["import rawdock", "", "with rawdock.SyncClient() as docker:", *(f"    {line}" for line in lines)])
