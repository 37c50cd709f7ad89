"""Every error that rawdock raises, as one tree with three branches.

    RawdockError
    ├── UsageError              what you did
    │   ├── EndpointError           a host, machine or environment text that names no endpoint
    │   ├── CredentialsError        a certificate or key file that is missing, unreadable or no PEM
    │   └── RequestError            a path or header that cannot be sent
    ├── PeerError               what the peer did
    │   ├── ProtocolError           bytes that are no HTTP, or break its framing
    │   │   └── TruncatedError          the reply ended before its end
    │   ├── NotDockerError          HTTP, but no Docker daemon
    │   └── StatusError             a reply with status 400 or more, when asked to raise
    └── NetworkError            what the network did
        ├── SocketMissingError      no such Unix socket
        ├── SocketDeniedError       a Unix socket without permission for us
        ├── RefusedError            nobody listens there
        ├── UnreachableError        no route, or no machine at that address
        ├── UnknownHostError        the host name does not resolve
        ├── TimedOutError           no answer in time
        ├── ConnectionLostError     the connection ended in the middle
        └── TLSError                the handshake failed
            └── ClientCertificateError  the daemon refused our client certificate

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
    """A path, header or API version that cannot be sent."""


class PeerError(RawdockError):
    """What the peer did."""


class ProtocolError(PeerError):
    """The peer's bytes are no HTTP, or break its framing."""


class TruncatedError(ProtocolError):
    """The peer closed before the reply was complete."""


class NotDockerError(PeerError):
    """The peer speaks HTTP but is no Docker daemon."""


class StatusError(PeerError):
    """A reply with status 400 or more. `status` is its number."""

    def __init__(self, status: int, cause: str, remedy: str = "") -> None:
        super().__init__(cause, remedy)
        self.status = status


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
    """No answer in time."""


class ConnectionLostError(NetworkError):
    """The connection ended in the middle."""


class TLSError(NetworkError):
    """The TLS handshake failed."""


class ClientCertificateError(TLSError):
    """The daemon refused our client certificate, or asked for one that we do not have."""
