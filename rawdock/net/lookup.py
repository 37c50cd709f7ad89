"""getaddrinfo(3) with a limit, which it does not take itself: a name server that is silent holds it for half a minute."""

from __future__ import annotations

from typing import Any

LONGEST_LABEL = 64  # characters; of a longer one, and of an empty one, IDNA says that it is no host name


def look_up(host: str, port: int, seconds: float | None) -> list[Any] | None:
    """What getaddrinfo gives for a stream, None after `seconds` without an answer: its thread, a daemon, then ends whenever it
    does. Raises OSError, UnicodeError."""
    import _socket as socket  # socket and threading cost 8 ms
    import _thread

    # As bytes, since a str has the tables of IDNA loaded: 2 ms.
    plain = host.isascii() and all(0 < len(label) < LONGEST_LABEL for label in host.split("."))
    name = host.encode("ascii") if plain else host
    try:
        return socket.getaddrinfo(name, port, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass  # a name
    if seconds is None:
        return socket.getaddrinfo(name, port, 0, socket.SOCK_STREAM)
    found: list[Any] = []
    problems: list[Exception] = []
    over = _thread.allocate_lock()
    over.acquire()

    def look() -> None:
        try:
            found.extend(socket.getaddrinfo(name, port, 0, socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            problems.append(error)
        over.release()

    _thread.start_new_thread(look, ())
    if not over.acquire(timeout=min(seconds, _thread.TIMEOUT_MAX)):
        return None
    if problems:
        raise problems[0]
    return found
