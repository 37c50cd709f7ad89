"""What a daemon answered: whole (`Response`), or at its head with the body still to come (`Reply`)."""

from __future__ import annotations

import json as jsonlib
from typing import Any

from ..endpoint import Endpoint
from ..errors import ConnectionLostError, ProtocolError, StatusError
from ..net.faults import located
from ..pool import Connection
from ..wire.http1 import Head


class Response:
    """A reply with its whole body. Names are httpx's own."""

    def __init__(self, head: Head, content: bytes) -> None:
        self._head = head
        self.content = content

    @property
    def status_code(self) -> int:
        return self._head.status

    @property
    def reason_phrase(self) -> str:
        return self._head.reason

    @property
    def http_version(self) -> str:
        return f"HTTP/{self._head.http_version}"

    @property
    def headers(self) -> dict[str, str]:
        """Header names in lower case to their values; of a repeated name the values are joined by ", "."""
        found: dict[str, str] = {}
        for name, value in self._head.headers:
            key = name.lower()
            found[key] = f"{found[key]}, {value}" if key in found else value
        return found

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Raises ValueError when it is none."""
        return jsonlib.loads(self.content)

    def raise_for_status(self) -> Response:
        """Return self, or raise StatusError with the daemon's own message for a status of 400 or more."""
        if self.status_code >= 400:
            raise StatusError(
                self.status_code, f"the daemon answered {self.status_code}: {error_message(self.content)}"
            )
        return self


def error_message(content: bytes) -> str:
    """What an error body says: its JSON `message`, else its text, whatever a proxy put there."""
    text = content[:65536].decode("utf-8", "replace").strip()
    try:
        document = jsonlib.loads(text)
    except ValueError:
        document = None
    if isinstance(document, dict) and isinstance(document.get("message"), str):
        text = document["message"].strip()
    return " ".join(text.split())[:500] or "no message"


class Reply:
    """A reply whose body is still to be read: `receive` until it returns b""."""

    def __init__(self, connection: Connection, head: Head, endpoint: Endpoint) -> None:
        self._connection = connection
        self._endpoint = endpoint
        self.http_version = head.http_version
        self.status_code = head.status
        self.reason_phrase = head.reason
        self.raw_headers = head.headers
        self.head = head

    async def receive(self) -> bytes:
        """The next bytes of the body, b"" at its end. Raises TruncatedError or NetworkError where it breaks off."""
        try:
            return await self._connection.receive()
        except (ConnectionLostError, ProtocolError) as error:
            raise located(self._endpoint, error) from error

    async def read(self) -> bytes:
        """The rest of the body."""
        parts = []
        while part := await self.receive():
            parts.append(part)
        return b"".join(parts)
