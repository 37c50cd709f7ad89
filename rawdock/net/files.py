"""A file descriptor read beside what else runs in a thread of the blocking driver: standard input while output comes."""

from __future__ import annotations

import errno
import os
import select
from collections.abc import AsyncIterator

from . import duplex

READ_SIZE = 64 * 1024  # bytes


class _Open:
    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor


async def file_parts(descriptor: int) -> AsyncIterator[bytes]:
    """What the descriptor gives, as it comes, to its end. For a background of the blocking driver. Raises OSError."""
    file = _Open(descriptor)
    while True:
        await duplex.ready(duplex.Wait(file, select.POLLIN, None))
        try:
            data = os.read(descriptor, READ_SIZE)
        except BlockingIOError:
            continue
        except OSError as error:
            if error.errno == errno.EIO:  # a terminal whose other end has gone
                return
            raise
        if not data:
            return
        yield data
