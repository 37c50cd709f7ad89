"""A HAR file that grows while the session goes on, and is whole JSON after each entry: a kill -9 loses nothing that ended."""

from __future__ import annotations

import json
import os
from typing import Any

from ..errors import UsageError
from ..har import document


class HarFile:
    """Made anew at `path`, for its owner alone. `version`: rawdock's. Raises UsageError."""

    def __init__(self, path: str, version: str) -> None:
        text = json.dumps(document(version, []), indent=1, ensure_ascii=False)
        head, self._tail = text[: text.rindex("]")], text[text.rindex("]") :] + "\n"
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
            os.fchmod(descriptor, 0o600)  # one that was there keeps its mode otherwise
        except OSError as error:
            raise UsageError(f"--har {path!r} cannot be written: {error.strerror}", "give another path") from error
        self._file = os.fdopen(descriptor, "wb")
        self._path = path
        self._first = True
        self._place = self._file.write(head.encode())
        self._write(b"")

    def add(self, entry: dict[str, Any]) -> None:
        """Raises UsageError when the disk is full."""
        separator = "\n" if self._first else ",\n"
        self._first = False
        self._write((separator + json.dumps(entry, ensure_ascii=False)).encode("utf-8", "surrogateescape"))

    def _write(self, data: bytes) -> None:
        try:
            self._file.seek(self._place)
            self._file.write(data + self._tail.encode())
            self._file.flush()
        except OSError as error:
            raise UsageError(f"--har {self._path!r} cannot be written: {error.strerror}", "make room") from error
        self._place += len(data)

    def close(self) -> None:
        self._file.close()
