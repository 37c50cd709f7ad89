"""A HAR file that grows while the session goes on, and is whole JSON after each entry: a kill -9 loses nothing that ended, and
a full disk no more than what had no room."""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from typing import Any

from ..errors import UsageError
from ..har import document


class HarFile:
    """A regular file at `path`, for its owner alone; what it holds already stays until `begin`. `version`: rawdock's. Raises
    UsageError."""

    def __init__(self, path: str, version: str) -> None:
        text = json.dumps(document(version, []), indent=1, ensure_ascii=False)
        self._head, self._tail = text[: text.rindex("]")].encode(), text[text.rindex("]") :].encode() + b"\n"
        self._path = path
        self._place = 0
        self._first = True
        self._new = not os.path.exists(path)
        try:  # a pipe that nobody reads is not waited for
            self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_NONBLOCK, 0o600)
        except OSError as error:
            raise UsageError(f"--har {path!r} cannot be written: {error.strerror}", "give another path") from error
        if not stat.S_ISREG(os.fstat(self._file).st_mode):
            os.close(self._file)
            raise UsageError(f"--har {path!r} is no regular file", "give a path for a new one")
        with suppress(OSError):
            os.fchmod(self._file, 0o600)  # one that was there keeps its mode otherwise

    def begin(self) -> None:
        """Put an empty session in place of what is there."""
        os.ftruncate(self._file, 0)
        self._write(self._head)

    def add(self, entry: dict[str, Any]) -> None:
        """Raises UsageError when the disk is full; the session is whole without the entry then."""
        separator = "\n" if self._first else ",\n"
        self._write((separator + json.dumps(entry, ensure_ascii=False)).encode("utf-8", "surrogateescape"))
        self._first = False

    def _write(self, data: bytes) -> None:
        try:
            self._put(data + self._tail)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._file, self._place)
                self._put(self._tail)
            raise UsageError(f"--har {self._path!r} cannot be written: {error.strerror}", "make room") from error
        self._place += len(data)

    def _put(self, data: bytes) -> None:
        place, left = self._place, memoryview(data)
        while left:
            written = os.pwrite(self._file, left, place)
            place, left = place + written, left[written:]

    def close(self) -> None:
        """Leave no empty file behind where there was none and nothing was begun."""
        os.close(self._file)
        if self._new and not self._place:
            with suppress(OSError):
                os.unlink(self._path)
