"""A Unix socket that serves: a thread a connection. For the tap and the replay, which a client takes for the daemon.

It is 0600 in a folder 0700, since whoever may use it may use the daemon behind it. Both are removed at the end.
"""

from __future__ import annotations

import errno
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from ..errors import UsageError

BACKLOG = 1024  # connections
ENDING = 5.0  # seconds for connections to end once we do
LONGEST_PLACE = 70  # bytes; a socket's path has 103 on macOS, 107 on Linux, and ours takes 33 behind it
_OVER = {errno.EINVAL, errno.EBADF}  # the listener was shut down


def _private_folder() -> str:
    """A new folder 0700 for one socket: where TMPDIR says, or in /tmp where a socket's path would be too long there."""
    try:
        place = tempfile.gettempdir()
        fits = len(os.fsencode(place)) <= LONGEST_PLACE
        return tempfile.mkdtemp(prefix="rawdock-tap-", dir=place if fits else "/tmp")
    except OSError as error:
        raise UsageError(
            f"no folder for a socket can be made: {error.strerror}", "set TMPDIR to one that is yours"
        ) from error


class UnixListener:
    """A Unix socket, 0600: at `path`, or in a new folder 0700 without one. `serve` is called with each connection, in a
    thread of its own; leaving hangs up on all and waits for the threads. Raises UsageError."""

    def __init__(self, path: str | None, serve: Callable[[socket.socket, int], None]) -> None:
        self._serve = serve
        self._open: dict[int, socket.socket] = {}
        self._threads: set[threading.Thread] = set()
        self._mutex = threading.Lock()
        self._count = 0
        self._folder = _private_folder() if path is None else None
        self.path = path or f"{self._folder}/docker.sock"
        self._listener = socket.socket(socket.AF_UNIX)
        mask = os.umask(0o177)
        try:
            self._listener.bind(self.path)
        except OSError as error:
            self._listener.close()
            if self._folder:
                os.rmdir(self._folder)
            why = error.strerror or error
            if path is None:
                raise UsageError(
                    f"no socket can be made at {self.path}: {why}", "set TMPDIR to another folder"
                ) from error
            raise UsageError(
                f"--listen unix://{self.path}: {why}", "give a path that is free, in a folder that is yours"
            ) from error
        finally:
            os.umask(mask)
        self._listener.listen(BACKLOG)
        self._acceptor = threading.Thread(target=self._accept, daemon=True)

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._open)

    def __enter__(self) -> UnixListener:
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # wakes accept, which close alone would not
            self._listener.shutdown(socket.SHUT_RDWR)
        self._acceptor.join(ENDING)
        self._listener.close()
        with suppress(FileNotFoundError):
            os.unlink(self.path)
        if self._folder:
            with suppress(OSError):
                os.rmdir(self._folder)
        with self._mutex:
            threads = list(self._threads)
            for connection in self._open.values():
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        deadline = time.monotonic() + ENDING
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError as error:
                if self._listener.fileno() < 0 or error.errno in _OVER:
                    return
                time.sleep(0.05)  # out of descriptors: those of others come free
                continue
            with self._mutex:
                self._count += 1
                number = self._count
                self._open[number] = connection
                thread = threading.Thread(target=self._run, args=(connection, number), daemon=True)
                self._threads.add(thread)
            thread.start()

    def _run(self, connection: socket.socket, number: int) -> None:
        try:
            self._serve(connection, number)
        finally:
            with self._mutex:
                del self._open[number]
                self._threads.discard(threading.current_thread())
            connection.close()
