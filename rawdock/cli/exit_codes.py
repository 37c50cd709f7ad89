"""The exit codes of every command; docs/verbs.md has their table."""

from __future__ import annotations

from enum import IntEnum

from ..errors import (
    ConnectionLostError,
    CredentialsError,
    NetworkError,
    PeerError,
    RawdockError,
    StatusError,
    StreamError,
    TLSError,
)


class ExitCode(IntEnum):
    OK = 0
    BROKEN = (
        1  # an error in a stream; a broken layer (doctor); no open way, a rule not met (probe); another answer (parity)
    )
    REFUSED = 1  # of several names the daemon refused one at least
    USAGE = 2  # bad words on the command line, bad environment, bad files
    INCOMPLETE = 3  # a vantage of the probe could not be used, or one of its helpers not be removed
    CLIENT_ERROR = 4  # the daemon answered 4xx, or a redirect
    SERVER_ERROR = 5  # the daemon answered 5xx
    NO_DAEMON = 6  # nothing there: no socket, no permission, refused, unreachable, no answer
    TLS = 7  # TLS failed, certificates included
    NOT_DOCKER = 8  # something answered, but it is no Docker daemon, or it broke off
    INTERRUPTED = 130  # Ctrl-C


def exit_code(error: RawdockError) -> ExitCode:
    """The exit code that says what kind of error this is."""
    if isinstance(error, StatusError):
        return ExitCode.CLIENT_ERROR if error.status < 500 else ExitCode.SERVER_ERROR
    if isinstance(error, StreamError):
        return ExitCode.BROKEN
    if isinstance(error, CredentialsError | TLSError):
        return ExitCode.TLS
    if isinstance(error, PeerError | ConnectionLostError):
        return ExitCode.NOT_DOCKER
    if isinstance(error, NetworkError):
        return ExitCode.NO_DAEMON
    return ExitCode.USAGE


def status_exit_code(status: int) -> ExitCode:
    """0 below 400, 4 for 4xx, 5 for 5xx; 4 for a redirect too, which is not followed. 304 says all is as it was."""
    if status < 300 or status == 304:
        return ExitCode.OK
    return ExitCode.CLIENT_ERROR if status < 500 else ExitCode.SERVER_ERROR
