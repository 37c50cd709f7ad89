"""`python -m rawdock` and the installed command."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command and leave at once: what is to be closed is closed by now, and the interpreter would take 5 ms more to
    take its modules apart."""
    code = 130
    try:
        from .quick import quick_get

        found = None if sys.stdout is None else quick_get(sys.argv[1:], os.environ)
        if found is None:
            from .cli import main as run

            found = run(sys.argv[1:])
        code = found
    except KeyboardInterrupt:  # while importing
        pass
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:  # a shell's >&- closed it
                stream.flush()
        except OSError:  # the reader of --help has gone, or stderr is a full disk
            pass
    os._exit(code)


if __name__ == "__main__":
    main()
