"""Where a command reads and writes: stdout is data and goes out as it came in, stderr is talk."""

import os
import sys
from collections.abc import Mapping
from typing import BinaryIO, NamedTuple, TextIO

from ..errors import UsageError


class Console(NamedTuple):
    """The outside of a command, handed in so that tests can give their own. `width` is in columns."""

    out: BinaryIO
    err: TextIO
    stdin: BinaryIO
    environ: Mapping[str, str]
    out_is_terminal: bool = False
    width: int = 120
    err_is_terminal: bool = False
    err_width: int = 80

    @classmethod
    def real(cls) -> "Console":
        """The process's own. Raises SystemExit where a shell's >&- closed standard output: what is asked for would be lost."""
        _open_what_is_closed()
        if sys.stdout is None:
            sys.stderr.write("rawdock: standard output is closed; give it /dev/null instead\n")
            raise SystemExit(2)
        terminal, width = _terminal(sys.stdout)
        err_terminal, err_width = _terminal(sys.stderr)
        return cls(
            out=sys.stdout.buffer,
            err=sys.stderr,
            stdin=sys.stdin.buffer,
            environ=os.environ,
            out_is_terminal=terminal,
            width=width or 120,
            err_is_terminal=err_terminal,
            err_width=err_width or 80,
        )

    @property
    def colour(self) -> bool:
        """Colour for people on terminals only, and not under NO_COLOR (no-color.org)."""
        return self.out_is_terminal and not self.environ.get("NO_COLOR") and self.environ.get("TERM") != "dumb"

    def write(self, data: bytes) -> None:
        """Data to stdout, at once: a reader of a stream waits for each line. Raises BrokenPipeError when the reader has
        gone, UsageError when the data cannot be written for another reason, such as a full disk."""
        try:
            self.out.write(data)
            self.out.flush()
        except OSError as error:
            self.forget_out()
            if isinstance(error, BrokenPipeError):
                raise
            raise UsageError(
                f"standard output cannot be written: {error.strerror}", "write it to another place"
            ) from error

    def write_error(self, data: bytes) -> None:
        """What a container wrote to its stderr, as it came. Raises BrokenPipeError when nobody reads it, UsageError when it
        cannot be written for another reason."""
        binary: BinaryIO | None = getattr(self.err, "buffer", None)
        try:
            if binary is None:
                self.err.write(data.decode("utf-8", "replace"))
            else:
                binary.write(data)
                binary.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            why = f"standard error cannot be written: {error.strerror}"
            raise UsageError(why, "write it to another place") from error

    def forget_out(self) -> None:
        """Keep the interpreter from flushing once more at its end what could not be written."""
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, self.out.fileno())
        os.close(devnull)

    def print(self, text: str = "") -> None:
        """A line of text to stdout."""
        self.write(text.encode("utf-8", "backslashreplace") + b"\n")

    def talk(self, text: str) -> None:
        """A line to stderr, or nowhere where it cannot be written: what was asked for matters more. Raises BrokenPipeError."""
        try:
            self.err.write(f"{printable(text)}\n")
            self.err.flush()
        except BrokenPipeError:
            raise
        except OSError:
            pass

    def paint(self, text: str, colour: str) -> str:
        """`text` in "red", "green", "yellow", "bold" or "dim" where colour is wanted."""
        code = {"red": 31, "green": 32, "yellow": 33, "bold": 1, "dim": 2}[colour]
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


def _open_what_is_closed() -> None:
    """Give standard input and error /dev/null where a shell's <&- or 2>&- closed them: the next file that is opened would take
    their place."""
    for descriptor, stream, mode in ((0, "stdin", "r"), (2, "stderr", "w")):
        if getattr(sys, stream) is None:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != descriptor:
                os.dup2(opened, descriptor)
                os.close(opened)
            found = open(descriptor, mode, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
            setattr(sys, stream, found)  # for as long as we run


def _terminal(stream: TextIO) -> tuple[bool, int]:
    """Whether it is one, and its width in columns, 0 if unknown."""
    if not stream.isatty():
        return False, 0
    return True, os.get_terminal_size(stream.fileno()).columns  # shutil's costs 3 ms to import


def printable(text: str) -> str:
    """`text` with control characters written as escapes, newlines too: names and messages from outside never steer a terminal,
    and never pass for a line of ours."""
    if text.isprintable():
        return text
    return "".join(ch if ch.isprintable() else ch.encode("unicode_escape").decode() for ch in text)
