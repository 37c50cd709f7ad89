"""getaddrinfo(3) with a limit, which it does not take itself: a name server that is silent holds it for half a minute."""

from __future__ import annotations

from typing import Any


def look_up(host: str, port: int, seconds: float | None) -> list[Any] | None:
    """What getaddrinfo gives for a stream, None after `seconds` without an answer: its thread, a daemon, then ends whenever it
    does. Raises OSError, UnicodeError."""
    import socket  # what -H unix:// does without
    import threading

    if seconds is None:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    found: list[Any] = []
    problems: list[Exception] = []
    over = threading.Event()

    def look() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            problems.append(error)
        over.set()

    threading.Thread(target=look, daemon=True).start()
    if not over.wait(seconds):
        return None
    if problems:
        raise problems[0]
    return found
