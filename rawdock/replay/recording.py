"""The exchanges of a HAR file: ours with all that `_rawdock` tells, and those that browsers and proxies write.

Theirs differ from the wire: a body is unpacked though its headers name an encoding, HTTP/2's pseudo headers stand among the
headers, and what came in several lines of one name is one value of several lines.
Source: HAR 1.2 (Odvarko, W3C draft), and what is known of such files.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from ..errors import UsageError
from ..text.secrets import without_secrets


class Said(NamedTuple):
    """A part of an upgraded connection: when, in seconds since the exchange began; by the client or the daemon; its bytes, as
    far as they were kept, and how many there were: none at the end of that half."""

    at: float
    by_client: bool
    data: bytes
    size: int


class Recorded(NamedTuple):
    """An exchange read from a HAR file. Times in seconds: `begun` since the session began, the others since the exchange did.
    `pieces`: (time, bytes) of the reply's body. `cut`: the sizes that are missing of request and reply. `status` is 0 where
    the daemon never answered."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    status: int
    reason: str
    reply_headers: list[tuple[str, str]]
    pieces: list[tuple[float, bytes]]
    hijack: list[Said] | None
    begun: float
    wait: float
    cut: tuple[int, int]
    trouble: str


class _Wrong(ValueError):
    """What is wrong in the file, and where."""


class _Object:
    """A JSON object that knows its place in the file."""

    def __init__(self, value: Any, place: str) -> None:
        if not isinstance(value, dict):
            raise _Wrong(_unlike(value, place, "an object"))
        self._value = value
        self._place = place

    def place(self, name: str) -> str:
        return f"{self._place}.{name}" if self._place else name

    def __contains__(self, name: str) -> bool:
        return self._value.get(name) is not None

    def object(self, name: str) -> _Object:
        """Empty where it is not there."""
        return _Object(self._value[name] if name in self else {}, self.place(name))

    def objects(self, name: str) -> list[_Object]:
        items = self._value[name] if name in self else []
        if not isinstance(items, list):
            raise _Wrong(_unlike(items, self.place(name), "a list"))
        return [_Object(item, f"{self.place(name)}[{number}]") for number, item in enumerate(items)]

    def text(self, name: str, default: str | None = None) -> str:
        value = self._value.get(name)
        value = default if value is None else value
        if not isinstance(value, str):
            raise _Wrong(_unlike(value, self.place(name), "text"))
        return value

    def number(self, name: str, default: float = 0) -> float:
        value = self._value[name] if name in self else default
        if not isinstance(value, int | float) or isinstance(value, bool) or not -1e9 < value < 1e15:
            raise _Wrong(_unlike(value, self.place(name), "a number"))
        return value

    def pairs(self, name: str) -> list[tuple[float, int]]:
        """A list of pairs of numbers."""
        match self._value.get(name):
            case None:
                return []
            case list(items) if all(_is_pair(item) for item in items):
                return [(first, second) for first, second in items]
            case wrong:
                raise _Wrong(_unlike(wrong, self.place(name), "a list of pairs of milliseconds and bytes"))


def _is_pair(item: Any) -> bool:
    match item:
        case [int() | float(), int(size)]:
            return size >= 0
    return False


def _unlike(value: Any, place: str, expected: str) -> str:
    if value is None:
        return f"{place or 'all of it'} is missing, expected {expected}"
    shown = "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else json.dumps(value)[:60]
    shown = without_secrets(shown)
    return f"{place or 'all of it'} is {shown}, expected {expected}"


def read(text: str, origin: str) -> list[Recorded]:
    """The exchanges of a HAR file, ours or another's, in the order of their beginning. Raises UsageError that names `origin`
    and what is wrong."""
    try:
        log = _Object(_parsed(text), "").object("log")
        if "entries" not in log:
            raise _Wrong("log.entries is missing, expected a list")
        entries = log.objects("entries")
        started = [_moment(entry) for entry in entries]
        first = min(started, default=None)
        order = sorted(range(len(entries)), key=lambda place: started[place])
        return [_recorded(entries[place], (started[place] - first).total_seconds()) for place in order if first]
    except _Wrong as error:
        raise UsageError(
            f"{origin} is no HAR session: {error}", "give a file that `rawdock tap --har` wrote"
        ) from error


def _parsed(text: str) -> Any:
    if not text.strip():
        raise _Wrong("it is empty")
    try:
        return json.loads(text)
    except RecursionError:
        raise _Wrong("it is nested too deeply") from None
    except ValueError as error:
        raise _Wrong(f"it is no JSON: {error}") from error


_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d+))?(?:Z|([+-]\d\d):?(\d\d))?", re.IGNORECASE)


def _moment(entry: _Object) -> datetime:
    """Python 3.10 reads three or six digits of a second only, and Fiddler writes seven."""
    text = entry.text("startedDateTime")
    if match := _MOMENT.fullmatch(text):
        day, clock, fraction, hours, minutes = match.groups()
        try:
            return datetime.fromisoformat(f"{day}T{clock}.{(fraction or '')[:6]:0<6}{hours or '+00'}:{minutes or '00'}")
        except ValueError:
            pass
    raise _Wrong(_unlike(text, entry.place("startedDateTime"), "a time such as 2026-01-02T03:04:05.678Z"))


def _recorded(entry: _Object, begun: float) -> Recorded:
    request, response, own = entry.object("request"), entry.object("response"), entry.object("_rawdock")
    is_ours = "_rawdock" in entry
    timings, replied = entry.object("timings"), own.object("response")
    wait = max(0.0, timings.number("send")) + max(0.0, timings.number("wait"))
    body, pieces = _decoded(response.object("content")), replied.pairs("pieces")
    if sum(size for _, size in pieces) != len(body):
        pieces = [(wait, len(body))] if body else []
    return Recorded(
        request.text("method"),
        _target(request, is_ours),
        _headers(request, is_ours),
        _posted(request.object("postData")),
        _status(response),
        " ".join(response.text("statusText", "").split()),
        _headers(response, is_ours),
        _split(body, pieces),
        [_said(item) for item in own.objects("hijack")] if "hijack" in own else None,
        begun,
        wait / 1000,
        (int(own.object("request").number("truncated")), int(replied.number("truncated"))),
        own.text("trouble", ""),
    )


def _target(request: _Object, is_ours: bool) -> str:
    url = request.text("url")
    _, colon, rest = url.partition("://")
    if not colon:
        raise _Wrong(_unlike(url, request.place("url"), "a URL"))
    target = "/" + rest.partition("/")[2]
    return target if is_ours else target.partition("#")[0]


def _status(response: _Object) -> int:
    """0 where nothing answered."""
    status = response.number("status")
    if status and not 100 <= status <= 999:
        raise _Wrong(_unlike(status, response.place("status"), "a status from 100 to 999, or 0"))
    return int(status)


def _headers(message: _Object, is_ours: bool) -> list[tuple[str, str]]:
    pairs = [(item.text("name"), item.text("value", "")) for item in message.objects("headers")]
    if is_ours:
        return pairs
    return [
        (name, line.strip())
        for name, value in pairs
        if not name.startswith(":") and name.lower() != "content-encoding"
        for line in value.splitlines() or [""]
    ]


def _posted(posted: _Object) -> bytes:
    if "text" in posted or not (fields := posted.objects("params")):
        return _decoded(posted)
    return urlencode([(field.text("name"), field.text("value", "")) for field in fields]).encode()


def _said(item: _Object) -> Said:
    data = b"" if "end" in item else _decoded(item)
    by_client = item.text("from") == "client"
    return Said(item.number("ms") / 1000, by_client, data, len(data) + int(item.number("truncated")))


def _split(body: bytes, pieces: list[tuple[float, int]]) -> list[tuple[float, bytes]]:
    place, found = 0, []
    for ms, size in pieces:
        found.append((ms / 1000, body[place : place + size]))
        place += size
    return found


def _decoded(fields: _Object) -> bytes:
    text = fields.text("text", "")
    if fields.text("encoding", "") != "base64":
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text)
    except ValueError as error:
        raise _Wrong(f"{fields.place('text')} is no base64: {error}") from error
