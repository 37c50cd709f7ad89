"""Streams of JSON documents, one a line: pull, push, build, load, events, stats.

The daemon ends each with \\n or \\r\\n; application/json-seq (RFC 7464) also begins each with a record separator.
Source: moby pkg/jsonmessage, api/types/events; RFC 7464.
"""

from __future__ import annotations

import json
from typing import Any

from ..errors import ProtocolError, TruncatedError

MAX_LINE = 64 * 1024 * 1024  # bytes; a document that never ends must not fill the memory
_SEPARATOR = b"\x1e"


class NDJSONDecoder:
    """Bytes to documents, cut anywhere. Empty lines are passed over."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []  # an unfinished line
        self._size = 0

    def feed(self, data: bytes) -> list[Any]:
        """Return the documents that `data` completes. Raises ProtocolError for a line that is no JSON."""
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = b"".join([*self._parts, lines[0]])
            self._parts, self._size = [], 0
        if rest:
            self._parts.append(rest)
            self._size += len(rest)
            if self._size > MAX_LINE:
                raise ProtocolError(f"a document of the stream is over {MAX_LINE} bytes")
        return [_document(text) for line in lines if (text := line.strip(b" \t\r" + _SEPARATOR))]

    def close(self) -> list[Any]:
        """The stream ended. Return the last document if no newline followed it; raises TruncatedError if it is cut."""
        text = b"".join(self._parts).strip(b" \t\r" + _SEPARATOR)
        self._parts = []
        if not text:
            return []
        try:
            return [json.loads(text)]
        except ValueError as error:
            raise TruncatedError(f"the stream ended in the middle of a document: {text[-60:]!r}") from error


def _document(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ProtocolError(f"a line of the stream is no JSON: {text[:60]!r}") from error
