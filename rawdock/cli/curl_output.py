"""Where `rawdock curl` puts a reply: standard output, or the file of -o, made when the first byte for it comes."""

from __future__ import annotations

import os
from typing import BinaryIO

from ..curl.exit_codes import CurlCode, CurlError
from ..curl.parse import Command
from ..errors import UsageError
from .console import Console


class Output:
    """The reply of one transfer. `with_head`: its head goes out before the body."""

    def __init__(self, command: Command, console: Console, name: str | None, *, with_head: bool) -> None:
        folder = command.values.get("output-dir")
        self._name = os.path.join(folder, name) if folder and name is not None else name
        self._makes_folders = "create-dirs" in command.flags
        self._console = console
        self._with_head = with_head
        self._heads = command.values.get("dump-header")
        self._file: BinaryIO | None = None

    @property
    def name(self) -> str:
        return self._name or ""

    def head(self, text: bytes) -> None:
        if self._with_head:
            self.body(text)
        if self._heads == "-":
            self._print(text)
        elif self._heads:
            try:
                with open(self._heads, "ab") as file:
                    file.write(text)
            except OSError as error:
                raise _unwritable(self._heads, error) from error

    def body(self, data: bytes) -> None:
        if self._name is None:
            if data:
                self._print(data)
            return
        try:
            self._open().write(data)
        except OSError as error:
            raise _unwritable(self._name, error) from error

    def finish(self) -> None:
        """The reply is whole: an empty one makes an empty file."""
        self.body(b"")

    def close(self) -> None:
        if self._file:
            self._file.close()

    def _open(self) -> BinaryIO:
        if self._file is None:
            assert self._name is not None
            if self._makes_folders:
                os.makedirs(os.path.dirname(self._name) or ".", exist_ok=True)
            self._file = open(self._name, "wb")  # noqa: SIM115 -- closed by close()
        return self._file

    def _print(self, data: bytes) -> None:
        try:
            self._console.write(data)
        except UsageError as error:
            raise CurlError(CurlCode.WRITE, error.cause, error.remedy) from error
        except BrokenPipeError as error:
            raise CurlError(CurlCode.WRITE, "standard output is read no more") from error


def _unwritable(name: str, error: OSError) -> CurlError:
    return CurlError(CurlCode.WRITE, f"{name!r} cannot be written: {error.strerror}", "give another place")
