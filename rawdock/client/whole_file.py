"""A file that gets its name only when it is whole."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import BinaryIO

from ..errors import RequestError

Destination = str | os.PathLike[str]


class WholeFile:
    """A file beside `destination`, which takes its place at the end, or is gone after an error. A link's target is replaced,
    not the link; a file that was there keeps its permissions."""

    def __init__(self, destination: Destination) -> None:
        self._path = os.path.realpath(destination)
        try:
            mode: int | None = os.stat(self._path).st_mode
        except FileNotFoundError:
            os.stat(os.path.dirname(self._path))  # or the error would come later, and name a file of ours
            mode = None
        if mode is not None and not stat.S_ISREG(mode):
            raise RequestError(f"{os.fspath(destination)!r} is no regular file", "write what the stream gives to it")
        self._mode = mode
        self._file: BinaryIO | None = None

    def __enter__(self) -> BinaryIO:
        folder, name = os.path.split(self._path)
        self._part = os.path.join(folder, f".{name[:200]}.{os.getpid()}-{os.urandom(4).hex()}.part")
        try:
            descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
            self._file = open(descriptor, "wb")
            if self._mode is not None:
                os.fchmod(descriptor, stat.S_IMODE(self._mode))
        except BaseException:  # a signal, too
            with suppress(FileNotFoundError):
                os.unlink(self._part)
            raise
        return self._file

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        assert self._file
        try:
            self._file.close()  # which may find the disk full
            if kind is None:
                os.replace(self._part, self._path)
                return
        except BaseException:
            os.unlink(self._part)
            raise
        os.unlink(self._part)
