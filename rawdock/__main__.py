"""`python -m rawdock` and the installed command."""

from __future__ import annotations

import sys


def main() -> int:
    try:
        from .cli import main as run

        return run(sys.argv[1:])
    except KeyboardInterrupt:  # while importing
        return 130


if __name__ == "__main__":
    sys.exit(main())
