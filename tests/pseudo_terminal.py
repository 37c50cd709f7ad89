"""A command in a real pseudo-terminal: what a person would type and see."""

from __future__ import annotations

import fcntl
import os
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any

PATIENCE = 20.0  # seconds until a stuck test fails; none waits for it


class PseudoTerminal:
    """`command` with its standard input, output and error at a terminal of `rows` by `columns`, as its controlling one."""

    def __init__(self, command: Sequence[str], rows: int = 24, columns: int = 80) -> None:
        self.ours, self.theirs = os.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.theirs)
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *command],
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=self.theirs,
        )
        self.seen = b""

    def press(self, keys: bytes) -> None:
        os.write(self.ours, keys)

    def expect(self, pattern: bytes) -> re.Match[bytes]:
        """Read on until `pattern` has come; what comes before its end is done with."""
        deadline = time.monotonic() + PATIENCE
        while not (match := re.search(pattern, self.seen)):
            ready, _, _ = select.select([self.ours], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"{pattern!r} did not come, but {self.seen!r}"
            try:
                self.seen += os.read(self.ours, 65536)
            except OSError as error:
                raise AssertionError(f"it ended with {self.seen!r} before {pattern!r}") from error
        self.seen = self.seen[match.end() :]
        return match

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def wait(self) -> int:
        """The exit code, once it has ended."""
        return self.process.wait(PATIENCE)

    @property
    def settings(self) -> list[Any]:
        return termios.tcgetattr(self.theirs)

    def __enter__(self) -> PseudoTerminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)
