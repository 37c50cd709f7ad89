"""HAR 1.2: exchanges as the JSON that browsers' developer tools open. replay/recording.py reads it.

What HAR has no word for stands in `_rawdock`, as its section on custom fields allows: an upgraded connection's bytes, when each
piece of a body came, how much of a body was not kept. Secrets are blanked here, so no entry holds one.
Source: HAR 1.2 (Odvarko, W3C draft); readers of it ignore what begins with an underscore.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qsl

from .text.secrets import body_without_secrets, headers_without_secrets, without_secrets
from .wire.exchange import Exchange, Kept


def document(version: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole of a HAR file. `version`: rawdock's."""
    return {"log": {"version": "1.2", "creator": {"name": "rawdock", "version": version}, "entries": entries}}


def entry_of(exchange: Exchange, base: str, started: datetime, *, blank: bool = True) -> dict[str, Any]:
    """The exchange as an entry. `base`: what stands before a path in its URL, such as http://localhost; `started`: the time of
    day at which it began. `blank` False keeps secrets."""
    ask, reply = exchange.ask, exchange.reply
    target = without_secrets(ask.target) if blank else ask.target
    sent = Body(exchange.sent, ask.target, exchange.begun, blank)
    received = Body(exchange.received, ask.target, exchange.begun, blank)
    ended = exchange.ended or exchange.answered or exchange.asked or exchange.begun
    asked = exchange.asked or exchange.answered or ended
    answered = exchange.answered or ended
    request: dict[str, Any] = {
        "method": ask.method,
        "url": _url(base, target),
        "httpVersion": f"HTTP/{ask.http_version}",
        "cookies": [],
        "headers": _pairs(ask.headers, blank),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(target.partition("?")[2], keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": exchange.sent.size,
    }
    if exchange.sent.size:
        request["postData"] = {"mimeType": ask.get("Content-Type"), "params": [], **sent.text()}
    content = {"size": exchange.received.size, "mimeType": reply.get("Content-Type") if reply else ""}
    own: dict[str, Any] = {}
    for name, body in (("request", sent), ("response", received)):
        if told := body.told():
            own[name] = told
    if exchange.trouble:
        own["trouble"] = exchange.trouble
    if exchange.upgraded:
        own["hijack"] = _hijack(exchange, blank)
    else:
        content |= received.text()
    return {
        "startedDateTime": started.astimezone(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "time": _ms(ended - exchange.begun),
        "request": request,
        "response": {
            "status": reply.status if reply else 0,
            "statusText": reply.reason if reply else "",
            "httpVersion": f"HTTP/{reply.http_version}" if reply else "",
            "cookies": [],
            "headers": _pairs(reply.headers, blank) if reply else [],
            "content": content,
            "redirectURL": reply.get("Location") if reply else "",
            "headersSize": -1,
            "bodySize": exchange.received.size if reply else -1,
        },
        "cache": {},
        "timings": {
            "send": _ms(asked - exchange.begun),
            "wait": _ms(max(0.0, answered - asked)),
            "receive": _ms(ended - answered),
        },
        "connection": str(exchange.connection),
        "_rawdock": own,
    }


def _url(base: str, target: str) -> str:
    """The target may be a whole URL, as for a proxy, or the * of OPTIONS (RFC 9112 section 3.2)."""
    if target.startswith("/"):
        return base + target
    return target if "://" in target else f"{base}/{target}"


class Body:
    """A body that was kept, as HAR has it."""

    def __init__(self, kept: Kept, target: str, begun: float, blank: bool) -> None:
        self._kept = kept
        self._begun = begun
        raw = bytes(kept.data)
        self._data = body_without_secrets(raw, target) if blank else raw
        self._same = self._data is raw

    def text(self) -> dict[str, Any]:
        """The fields text, encoding and comment, as far as there is something to say."""
        fields: dict[str, Any] = _encoded(self._data)
        if self._kept.cut:
            fields["comment"] = f"truncated: {len(self._kept.data)} of {self._kept.size} bytes were kept"
        return fields

    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = {}
        if self._kept.cut:
            told["truncated"] = self._kept.size - len(self._kept.data)
        if not self._same:
            told["blanked"] = True
        elif len(self._kept.pieces) > 1:
            told["pieces"] = [[_ms(when - self._begun), size] for when, size in self._kept.pieces]
        return told


def _encoded(data: bytes) -> dict[str, Any]:
    """Text as text, else base64. U+0000 and the like are text to JSON, but no reader shows them."""
    try:
        text = data.decode()
        if "\0" not in text:
            return {"text": text}
    except UnicodeDecodeError:
        pass
    return {"text": base64.b64encode(data).decode(), "encoding": "base64"}


def _hijack(exchange: Exchange, blank: bool) -> list[dict[str, Any]]:
    """What went over an upgraded connection, in its order: ms since the exchange began, from whom, and the bytes, or the end of
    that half."""
    places = {"sent": 0, "received": 0}
    bodies = {"sent": bytes(exchange.input.data), "received": bytes(exchange.received.data)}
    told: list[dict[str, Any]] = []
    for when, direction, size in exchange.hijack:
        item: dict[str, Any] = {"ms": _ms(when - exchange.begun), "from": _FROM[direction]}
        if size:
            place = places[direction]
            places[direction] = place + size
            data = bodies[direction][place : place + size]
            item |= _encoded(body_without_secrets(data, exchange.ask.target) if blank else data)
            if len(data) < size:
                item["truncated"] = size - len(data)
        else:
            item["end"] = True
        told.append(item)
    return told


_FROM = {"sent": "client", "received": "daemon"}


def _pairs(headers: Iterable[tuple[str, str]], blank: bool) -> list[dict[str, str]]:
    shown = headers_without_secrets(headers) if blank else headers
    return [{"name": name, "value": value} for name, value in shown]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
