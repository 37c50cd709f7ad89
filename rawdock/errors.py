"""Every error that rawdock raises, as one tree with three branches.

    RawdockError
    ├── UsageError              what you did
    │   ├── EndpointError           a host, machine or environment text that names no endpoint
    │   ├── CredentialsError        a certificate or key file that is missing, unreadable or no PEM
    │   └── RequestError            a path, header or body that cannot be sent
    │       └── VersionError            the API versions of the two ends do not meet
    ├── PeerError               what the peer did
    │   ├── ProtocolError           bytes that are no HTTP, or break its framing
    │   │   └── TruncatedError          the reply ended before its end
    │   ├── NotDockerError          HTTP, but no Docker daemon
    │   ├── ExecStartError          the process of an exec never ran
    │   ├── StreamError             an error inside a stream that had begun well
    │   └── StatusError             a reply with status 400 or more, when asked to raise
    │       ├── RedirectError           3xx but 304: rawdock follows none
    │       ├── BadRequestError         400
    │       ├── UnauthorizedError       401
    │       ├── ForbiddenError          403, often by a proxy before the daemon
    │       ├── NotFoundError           404
    │       ├── ConflictError           409
    │       └── ServerError             5xx
    │           └── UnavailableError        503: no swarm node, or the daemon is starting or ending
    └── NetworkError            what the network did
        ├── SocketMissingError      no such Unix socket
        ├── SocketDeniedError       a Unix socket without permission for us
        ├── RefusedError            nobody listens there
        ├── UnreachableError        no route, or no machine at that address
        ├── UnknownHostError        the host name does not resolve
        ├── TimedOutError           no answer in time
        ├── ConnectionLostError     the connection ended in the middle
        ├── SSHError                ssh could not log in, or the far side has no docker
        └── TLSError                the handshake failed
            └── ClientCertificateError  the daemon refused our client certificate

Beside it stands one warning, UnverifiedWarning: a library has no other voice where verification was turned off for it.

A message is one sentence: the value, where it came from, what was wrong; `remedy` says what to do.
"""

from __future__ import annotations


class RawdockError(Exception):
    """The root. `cause` is the sentence that says what is wrong, `remedy` what to do about it ("" if nothing helps)."""

    def __init__(self, cause: str, remedy: str = "") -> None:
        super().__init__(cause, remedy)
        self.cause = cause
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.cause}; {self.remedy}" if self.remedy else self.cause


class UsageError(RawdockError):
    """What you did."""


class EndpointError(UsageError):
    """A host, machine name or environment text that names no endpoint."""


class CredentialsError(UsageError):
    """A certificate or key file that is missing, unreadable, encrypted or no PEM."""


class RequestError(UsageError):
    """A path, header, body or API version that cannot be sent."""


class VersionError(RequestError):
    """The API versions of the two ends do not meet, or an operation is newer than the one that is spoken."""


class PeerError(RawdockError):
    """What the peer did."""


class ProtocolError(PeerError):
    """The peer's bytes are no HTTP, or break its framing."""


class TLSSpokenError(ProtocolError):
    """The peer answers plain HTTP with TLS."""


class TruncatedError(ProtocolError):
    """The peer closed before the reply was complete."""


class NotDockerError(PeerError):
    """The peer speaks HTTP but is no Docker daemon."""


class ExecStartError(PeerError):
    """The process could not be started: no such program, not executable, no such user. `exit_code`: the daemon's."""

    def __init__(self, cause: str, exit_code: int | None) -> None:
        super().__init__(cause)
        self.exit_code = exit_code


class StreamError(PeerError):
    """The daemon reported an error inside a stream that had begun with 200. `code`: its number, None without one."""

    def __init__(self, cause: str, code: int | None = None) -> None:
        super().__init__(cause)
        self.code = code


class StatusError(PeerError):
    """A reply with status 400 or more. `status` is its number, `message` the daemon's own words."""

    def __init__(self, status: int, cause: str, remedy: str = "", *, message: str = "") -> None:
        super().__init__(cause, remedy)
        self.status = status
        self.message = message


class RedirectError(StatusError):
    """3xx but 304: rawdock follows none, since a POST would become a GET."""


class BadRequestError(StatusError):
    """400: the daemon does not take a parameter, a body or the API version."""


class UnauthorizedError(StatusError):
    """401: credentials are missing or wrong."""


class ForbiddenError(StatusError):
    """403: not allowed, by the daemon or by a proxy before it."""


class NotFoundError(StatusError):
    """404: no such object, or no such path or method in this API version."""


class ConflictError(StatusError):
    """409: the object's name or state stands against it."""


class ServerError(StatusError):
    """5xx: the daemon, a registry behind it or a proxy before it failed."""


class UnavailableError(ServerError):
    """503: this node is no swarm manager, or the daemon is not ready."""


_BY_STATUS: dict[int, type[StatusError]] = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    503: UnavailableError,
}


def status_error_type(status: int) -> type[StatusError]:
    """The class for a status that is an error: 3xx, 4xx and 5xx."""
    if found := _BY_STATUS.get(status):
        return found
    return RedirectError if status < 400 else ServerError if status >= 500 else StatusError


class NetworkError(RawdockError):
    """What the network did."""


class SocketMissingError(NetworkError):
    """There is no such Unix socket."""


class SocketDeniedError(NetworkError):
    """We may not use this Unix socket."""


class RefusedError(NetworkError):
    """Nobody listens there."""


class UnreachableError(NetworkError):
    """No route leads there, or no machine has that address."""


class UnknownHostError(NetworkError):
    """The host name does not resolve."""


class TimedOutError(NetworkError):
    """No answer in time. `limit` names the time-out that ran out, as Timeouts does: connect, first_byte, idle or total."""

    def __init__(self, cause: str, remedy: str = "", *, limit: str = "connect") -> None:
        super().__init__(cause, remedy)
        self.limit = limit


class ConnectionLostError(NetworkError):
    """The connection ended in the middle."""


class SSHError(NetworkError):
    """ssh could not log in, or the host that it reaches has no docker, or none that we may use."""


class TLSError(NetworkError):
    """The TLS handshake failed."""


class ClientCertificateError(TLSError):
    """The daemon refused our client certificate, or asked for one that we do not have."""


class UnverifiedWarning(UserWarning):
    """The daemon's certificate is not verified, because the environment or a context asks for that."""
