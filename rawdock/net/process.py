"""A program whose standard input and output are one socket of ours, so that it is a ByteStream like any other: half close is
its end of input, and every driver reads and writes it as it does a connection.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from ..errors import ConnectionLostError

ENDING = 2.0  # seconds; a program that has closed its output has ended, or is about to
LAST_WORDS = 16384  # bytes; of what it wrote to its standard error


def no_error(process: Process, status: int | None, spoke: bool) -> Exception | None:
    """However it ends, it is an end."""
    return None


class Process:
    """A running program. `socket` is our end of its input and output. What it says on its standard error goes to a file
    without a name: a pipe that nobody reads would stop it once full.

    It gets a session of its own: no terminal to ask on, and Ctrl-C is ours alone. `explain`, given its exit status (None if it
    runs on) and whether it had said anything on its output, makes the error of its end, None for an end that is none.
    `ended` is called once, at `end`."""

    def __init__(
        self, argv: Sequence[str], explain: Explain = no_error, ended: Callable[[], None] | None = None
    ) -> None:
        """Raises OSError when there is no such program."""
        self.argv = list(argv)
        self._explain = explain
        self._ended = ended
        self._spoke = False
        self.socket, theirs = socket.socketpair()
        try:
            self._errors = tempfile.TemporaryFile()  # noqa: SIM115 -- ours until `end`
            try:
                self._popen: subprocess.Popen[bytes] = subprocess.Popen(
                    argv,
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    stderr=self._errors.fileno(),
                    start_new_session=True,
                )
            except BaseException:
                self._errors.close()
                raise
        except BaseException:
            self.socket.close()
            raise
        finally:
            theirs.close()

    @property
    def running(self) -> bool:
        return self._popen.poll() is None

    async def heard(self, received: Awaitable[bytes]) -> bytes:
        """For a stream: whatever it receives goes through here, and at its end the error is raised that made it end."""
        try:
            data = await received
        except ConnectionLostError:  # it ended without having read all that we sent
            self._raise_cause()
            raise
        if data:
            self._spoke = True
        else:
            self._raise_cause()
        return data

    def _raise_cause(self) -> None:
        if error := self._explain(self, self.status(), self._spoke):
            raise error

    def status(self) -> int | None:
        """The exit status of a program that has closed its output; None if it goes on for all that."""
        try:
            return self._popen.wait(ENDING)
        except subprocess.TimeoutExpired:
            return None

    def said(self) -> str:
        """What it wrote to its standard error so far, or the last of it."""
        if self._errors.closed:
            return ""
        size = os.fstat(self._errors.fileno()).st_size
        words = os.pread(self._errors.fileno(), LAST_WORDS, max(0, size - LAST_WORDS))  # leaves the program's place
        return words.decode(errors="replace")

    def end(self) -> None:
        """Kill it with all that it started, and wait: the kernel takes no time for that. Twice is harmless."""
        if self._popen.returncode is None:  # until it is waited for, its number is nobody else's
            with suppress(ProcessLookupError, PermissionError):  # macOS: all of the group have ended
                os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()
        self.socket.close()
        self._errors.close()
        ended, self._ended = self._ended, None
        if ended:
            ended()


Explain = Callable[[Process, "int | None", bool], "Exception | None"]
