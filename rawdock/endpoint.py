"""Where a daemon listens, and where we know that from.

Source: the docker CLI's opts.ParseHost and what it was seen to accept (28.2.2): bare `host:port`, `:port`, `tcp://host`
(port 2375), `tcp://`, `unix://`, spaces around, a path prefix, user information (ignored).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from .errors import EndpointError

DEFAULT_SOCKET = "/var/run/docker.sock"
DEFAULT_PORT = 2375
DEFAULT_TLS_PORT = 2376
UNIX_PATH_LIMIT = 107  # bytes; sun_path holds 108 with its closing NUL, unix(7)


class Scheme(Enum):
    UNIX = "unix"
    TCP = "tcp"


@dataclass(frozen=True)
class TLSFiles:
    """The PEM files of a TLS endpoint, as paths. `ca` None means the system's authorities; a client certificate that
    is not on disk is no error until the daemon asks for it. `origin` says who named the files."""

    ca: str | None
    cert: str | None
    key: str | None
    origin: str

    @classmethod
    def in_folder(cls, folder: str, origin: str) -> TLSFiles:
        """The three files that Docker expects in a certificate folder."""
        base = folder.rstrip("/") or "/"
        return cls(f"{base}/ca.pem", f"{base}/cert.pem", f"{base}/key.pem", origin)


@dataclass(frozen=True)
class Endpoint:
    """One address of one daemon. `address` is a socket path for unix, a host name or IP for tcp; `port` is None for
    unix; `tls` None means plain HTTP; `prefix` is a path put before every request path ("" or "/x"); `machine` is the
    docker-machine name behind it; `notes` are doubts worth telling a user when it fails."""

    scheme: Scheme
    address: str
    port: int | None
    origin: str
    tls: TLSFiles | None = None
    prefix: str = ""
    machine: str | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str, origin: str, tls: TLSFiles | None = None) -> Endpoint:
        """Return the endpoint that `text` names, or raise EndpointError with the text, its origin and what was expected.
        `tls` is used for tcp only: Docker never speaks TLS on a Unix socket."""
        trimmed = text.strip()
        scheme, separator, rest = trimmed.partition("://")
        if not separator:
            scheme, rest = "tcp", trimmed
        if not separator and trimmed.startswith("/"):
            raise EndpointError(f"{text!r} from {origin} has no scheme", f"write unix://{trimmed}")
        if scheme == "unix":
            return _unix(rest, text, origin)
        if scheme in ("tcp", "http", "https"):
            return _tcp(scheme, rest, text, origin, tls)
        if scheme in ("ssh", "npipe", "fd"):
            raise EndpointError(f"{text!r} from {origin}: {scheme}:// is not supported yet", "use unix:// or tcp://")
        raise EndpointError(f"{text!r} from {origin}: scheme {scheme!r}, expected unix, tcp, http or https")

    @property
    def url(self) -> str:
        """The address as DOCKER_HOST would have it."""
        if self.scheme is Scheme.UNIX:
            return f"unix://{self.address}"
        return f"tcp://{self.authority}{self.prefix}"

    @property
    def authority(self) -> str:
        """The Host header's value: what stands between `//` and the path."""
        if self.scheme is Scheme.UNIX:
            return "localhost"
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.url} from {self.origin}"

    def noted(self, *notes: str) -> Endpoint:
        return replace(self, notes=self.notes + notes)


def _unix(path: str, text: str, origin: str) -> Endpoint:
    path = path or DEFAULT_SOCKET
    if len(path.encode("utf-8", "surrogateescape")) > UNIX_PATH_LIMIT:
        raise EndpointError(
            f"{text!r} from {origin} is {len(path.encode('utf-8', 'surrogateescape'))} bytes long, "
            f"a socket path may have {UNIX_PATH_LIMIT}",
            "use a shorter path, or a link to it",
        )
    if "\0" in path:
        raise EndpointError(f"{text!r} from {origin} holds a NUL byte", "give the socket's path")
    return Endpoint(Scheme.UNIX, path, None, origin)


def _tcp(scheme: str, rest: str, text: str, origin: str, tls: TLSFiles | None) -> Endpoint:
    authority, slash, path = rest.partition("/")
    authority = authority.rpartition("@")[2]
    host, port = _host_and_port(authority, text, origin)
    if scheme == "https" and tls is None:
        tls = TLSFiles(None, None, None, f"https:// in {origin}")
    if port is None:
        # Docker's own default: 2375 even under TLS when a host is named, 2376 when nothing is.
        port = DEFAULT_TLS_PORT if tls and not host else DEFAULT_PORT
    prefix = (slash + path).rstrip("/")
    return Endpoint(Scheme.TCP, host or "localhost", port, origin, tls, prefix)


def _host_and_port(authority: str, text: str, origin: str) -> tuple[str, int | None]:
    if authority.startswith("["):
        host, bracket, tail = authority[1:].partition("]")
        if not bracket or (tail and not tail.startswith(":")):
            raise EndpointError(f"{text!r} from {origin} is no host and port", "write tcp://[::1]:2375")
        port = tail[1:]
    elif authority.count(":") > 1:
        raise EndpointError(
            f"{text!r} from {origin}: an IPv6 address needs brackets", f"write tcp://[{authority}]:2375"
        )
    else:
        host, _, port = authority.partition(":")
    if any(ch.isspace() or ord(ch) < 32 for ch in host):
        raise EndpointError(f"{text!r} from {origin} is no host and port", "write tcp://HOST:PORT")
    if not port:
        return host, None
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise EndpointError(f"{text!r} from {origin}: port {port!r}, expected a number from 1 to 65535")
    return host, int(port)
