"""The lab's own few requests to the daemon, over its unix socket. Not the client this project is about."""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path
from typing import Any

from .commands import LabError


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class API:
    """A daemon at a unix socket. timeout: seconds for each request."""

    def __init__(self, path: Path, timeout: float = 30) -> None:
        self._path = path
        self._timeout = timeout

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The reply's JSON; its text where it is none; None where it is empty. body: bytes (a tar) or JSON.

        Raises LabError with the daemon's message for a status from 400, OSError when it does not answer.
        """
        headers = {"Content-Type": "application/x-tar" if isinstance(body, bytes) else "application/json"}
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        connection = _UnixConnection(self._path, self._timeout)
        try:
            connection.request(method, path, content, headers)
            reply = connection.getresponse()
            text = reply.read().decode(errors="replace")
        except http.client.HTTPException as error:
            raise OSError(f"no HTTP reply from {self._path}: {error!r}") from error
        finally:
            connection.close()
        if reply.status >= 400:
            raise LabError(f"{method} {path}: {reply.status} {text.strip()}")
        try:
            return json.loads(text) if text else None
        except ValueError:
            return text

    def answers(self) -> bool:
        """Whether GET /_ping says OK."""
        try:
            return bool(self.call("GET", "/_ping") == "OK")
        except (OSError, LabError):
            return False
