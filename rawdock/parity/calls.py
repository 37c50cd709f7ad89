"""The calls that every client makes, all of them read-only, and what an answer says once that which moves is left out.

More that moves is found by asking twice: Podman has another ID in each /info. The order of lists is left out too: dockerd 20.10
gives ports and mounts in the order of a Go map, another each time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

MOVING_HEADERS = {"date", "x-request-id", "x-reference-id"}
FRAMING_HEADERS = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-length",
}  # of the connection, not of the answer
MOVING_FIELDS = {  # by call; at whatever depth
    "/info": {"SystemTime", "NFd", "NGoroutines", "NEventsListener", "MemFree", "SwapFree", "Uptime"},
    "/containers/json": {"Status", "Health"},  # "Up 3 seconds"
    "inspect": {"Health"},
}
_NOT_COMPARED = {"Components", "BuildTime", "Platform"}  # the docker CLI writes dates in another form

Pair = tuple[Any, Any]


class Answer(NamedTuple):
    """`headers`: names in lower case. A program that prints no answer but its own reading of it has status 0 and its output
    as the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Call(NamedTuple):
    """`name`: what it is called in a report. `words`: the docker CLI's for the same, none where it has none. `heard`: what the
    daemon's document and the CLI's output say of the same things, to be compared."""

    name: str
    path: str
    words: Sequence[str] = ()
    heard: Callable[[Any, str], Pair] | None = None


def calls_of(
    version: str | None, containers: Sequence[Mapping[str, Any]], images: Sequence[Mapping[str, Any]]
) -> list[Call]:
    """The calls, at API `version`. Inspected is the first container by its identifier, or else the first image."""
    base = f"/v{version}" if version else ""
    calls = [
        Call("/_ping", "/_ping"),
        Call("/version", f"{base}/version", ["version", "--format", "{{json .Server}}"], _version),
        Call("/info", f"{base}/info", ["info", "--format", "{{json .}}"], _info),
        Call("/containers/json", f"{base}/containers/json?all=1", ["ps", "-aq", "--no-trunc"], _identifiers),
        Call("/images/json", f"{base}/images/json", ["images", "-q", "--no-trunc"], _identifiers),
    ]
    for kind, found in (("container", containers), ("image", images)):
        if found:
            name = min(one["Id"] for one in found)
            path = f"{base}/{kind}s/{quote(name, safe='')}/json"
            return [*calls, Call("inspect", path, ["inspect", "--type", kind, name], _inspected)]
    return calls


def said(call: Call, answer: Answer) -> dict[str, Any]:
    """What the answer says: status, headers and document, without what moves."""
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in MOVING_HEADERS and name not in FRAMING_HEADERS
    }
    return {"status": answer.status, "headers": headers, "body": steady(call, _document(answer.body))}


def steady(call: Call, document: Any) -> Any:
    """The document without the fields that move, lists in one order."""
    moving = MOVING_FIELDS.get(call.name, set())

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: walk(item) for name, item in value.items() if name not in moving}
        if isinstance(value, list):
            return sorted(map(walk, value), key=lambda item: json.dumps(item, sort_keys=True))
        return value

    return walk(document)


def _document(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def differences(expected: Any, got: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """(place, how it differs) wherever two documents do."""
    if isinstance(expected, dict) and isinstance(got, dict):
        for name in sorted({*expected, *got}):
            inside = f"{place}.{name}".lstrip(".")
            if name not in got or name not in expected:
                yield inside, "missing" if name in expected else "not in the reference"
            else:
                yield from differences(expected[name], got[name], inside)
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for number, pair in enumerate(zip(expected, got, strict=True)):
            yield from differences(*pair, f"{place}[{number}]")
    elif expected != got:
        yield place, f"{_short(got)}, expected {_short(expected)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _version(document: Any, output: str) -> Pair:
    theirs = json.loads(output)
    return _shared(
        {name: value for name, value in document.items() if name not in _NOT_COMPARED},
        {name: value for name, value in theirs.items() if name not in _NOT_COMPARED},
    )


def _info(document: Any, output: str) -> Pair:
    return _shared(document, json.loads(output))


def _shared(ours: Any, theirs: Any) -> Pair:
    """Both without the fields that one of them has alone or empty: the docker CLI reads into structures of its own version."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        pairs = {name: _shared(ours[name], theirs[name]) for name in ours if ours[name] and theirs.get(name)}
        return {name: pair[0] for name, pair in pairs.items()}, {name: pair[1] for name, pair in pairs.items()}
    return ours, theirs


def _identifiers(document: Any, output: str) -> Pair:
    return sorted({one["Id"] for one in document}), sorted(set(output.split()))


def _inspected(document: Any, output: str) -> Pair:
    return [document], json.loads(output)
