"""Where an answer goes and how: stdout, or with -o a file that gets its name only when it is whole."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from ..errors import UsageError
from .console import Console

if TYPE_CHECKING:
    from ..client.response import Reply
    from .select import Step

Write = Callable[[bytes], object]
BINARY = ("application/x-tar", "application/octet-stream", "application/gzip")


class Output(NamedTuple):
    """`write` takes what is data. `raw`: as it came, whatever it is. `steps`: a part of each document. `verbose`: frames are
    told of."""

    console: Console
    write: Write
    to_stdout: bool
    raw: bool = False
    steps: "list[Step] | None" = None
    verbose: bool = False

    @property
    def for_people(self) -> bool:
        """Whether it is read on a terminal, and not asked for as it came."""
        return self.to_stdout and self.console.out_is_terminal and not self.raw


def is_stdout(name: str | None) -> bool:
    """Whether -o NAME is standard output."""
    return name is None or name == "-"


@contextmanager
def written(name: str | None, console: Console) -> Iterator[Write]:
    """What writes to -o NAME. A device, such as /dev/null, is written as it is. Raises UsageError where a file cannot be."""
    if name is None or is_stdout(name):
        yield console.write
        return
    from ..client.whole_file import WholeFile
    from .ending import ended_cleanly

    try:
        with ended_cleanly(), open(name, "wb") if _is_device(name) else WholeFile(name) as file:
            yield file.write
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(
            f"{name!r} from -o cannot be written: {error.strerror}", "write it to another place"
        ) from error


def _is_device(name: str) -> bool:
    try:
        mode = os.stat(name).st_mode
    except OSError:
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)


@contextmanager
def received(reply: "Reply", name: str | None, console: Console, write: Write) -> Iterator[Write]:
    """`write` that on a terminal says how far a long download is, where the bytes themselves go elsewhere."""
    elsewhere = not is_stdout(name) or (reply.head.get("Content-Type") in BINARY and not console.out_is_terminal)
    if not (elsewhere and console.err_is_terminal):
        yield write
        return
    from .progress import Progress

    length = reply.head.get("Content-Length")
    with Progress(console, "received", int(length) if length.isdecimal() else None) as progress:

        def told(data: bytes) -> None:
            write(data)
            progress.add(len(data))

        yield told
