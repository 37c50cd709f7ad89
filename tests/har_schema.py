"""HAR 1.2 as a schema, and a check against it. Source: the HAR 1.2 specification (Odvarko), its required fields and types."""

from __future__ import annotations

from typing import Any

STR, NUM, INT = str, (int, float), int
PAIR = {"name": STR, "value": STR}
SCHEMA: dict[str, Any] = {
    "log": {
        "version": STR,
        "creator": {"name": STR, "version": STR},
        "entries": [
            {
                "startedDateTime": STR,
                "time": NUM,
                "request": {
                    "method": STR,
                    "url": STR,
                    "httpVersion": STR,
                    "cookies": [PAIR],
                    "headers": [PAIR],
                    "queryString": [PAIR],
                    "postData?": {"mimeType": STR, "text": STR, "params": [PAIR]},
                    "headersSize": INT,
                    "bodySize": INT,
                },
                "response": {
                    "status": INT,
                    "statusText": STR,
                    "httpVersion": STR,
                    "cookies": [PAIR],
                    "headers": [PAIR],
                    "content": {"size": INT, "mimeType": STR, "text?": STR, "encoding?": STR, "comment?": STR},
                    "redirectURL": STR,
                    "headersSize": INT,
                    "bodySize": INT,
                },
                "cache": {},
                "timings": {"send": NUM, "wait": NUM, "receive": NUM},
                "connection?": STR,
            }
        ],
    }
}


def check(value: Any, schema: Any = SCHEMA, place: str = "") -> None:
    """Fail with the place where `value` is not as the schema says. Unknown names are allowed with a _ in front only."""
    if isinstance(schema, dict):
        assert isinstance(value, dict), f"{place}: {value!r} is no object"
        known = {name.rstrip("?") for name in schema} | ({"encoding"} if place.endswith("postData") else set())
        for name, part in schema.items():
            if not name.endswith("?"):
                assert name in value, f"{place} lacks {name}"
            if name.rstrip("?") in value:
                check(value[name.rstrip("?")], part, f"{place}.{name.rstrip('?')}")
        assert all(name in known or name.startswith("_") for name in value), f"{place}: {set(value) - known}"
    elif isinstance(schema, list):
        assert isinstance(value, list), f"{place}: {value!r} is no list"
        for number, item in enumerate(value):
            check(item, schema[0], f"{place}[{number}]")
    else:
        assert isinstance(value, schema) and not isinstance(value, bool), f"{place}: {value!r}"
    if place.endswith(".time") or ".timings." in place:
        assert value >= 0, f"{place}: {value}"
