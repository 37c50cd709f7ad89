"""Where a daemon listens, and where we know that from.

Source: the docker CLI's opts.ParseHost and what it was seen to accept (28.2.2): bare `host:port`, `:port`, `tcp://host`
(port 2375), `tcp://`, `unix://`, spaces around, a path prefix, user information (ignored). Where it would guess (a bare
path, blank text), this refuses. ssh://[USER@]HOST[:PORT][/PATH] is the CLI's connhelper/ssh: no password, query or fragment.
"""

import re
from enum import Enum
from typing import NamedTuple

from .errors import EndpointError

DEFAULT_SOCKET = "/var/run/docker.sock"
DEFAULT_ORIGIN = "the default"  # of the socket that is taken when nothing is set
DEFAULT_PORT = 2375
DEFAULT_TLS_PORT = 2376
UNIX_PATH_LIMIT = 107  # bytes; sun_path holds 108 with its closing NUL, unix(7)
_AUTHORITY = (  # not compiled here: a Unix socket has none
    r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9._~-]+)?)\]|(?P<name>[A-Za-z0-9._~-]*))(?::(?P<port>[^:]*))?"
)
_SSH_FORM = "write ssh://[USER@]HOST[:PORT][/PATH/OF/SOCKET]"
_NOT_FOR_US = {
    "npipe": "npipe:// is a named pipe of Windows, and this system has none",
    "fd": "fd:// is how systemd hands its socket to dockerd, nothing that a client can connect to",
}


class Scheme(Enum):
    UNIX = "unix"
    TCP = "tcp"
    SSH = "ssh"


class TLSFiles(NamedTuple):
    """The PEM files of a TLS endpoint, as paths. `ca` None means the system's authorities; a client certificate that
    is not on disk is no error until the daemon asks for it. `origin` says who named the files. `verify` False means that
    the daemon's certificate is not looked at, as DOCKER_TLS and a context's SkipTLSVerify ask for."""

    ca: str | None
    cert: str | None
    key: str | None
    origin: str
    verify: bool = True

    @classmethod
    def in_folder(cls, folder: str, origin: str, *, verify: bool = True) -> "TLSFiles":
        """The three files that Docker expects in a certificate folder."""
        base = folder.rstrip("/")
        return cls(f"{base}/ca.pem", f"{base}/cert.pem", f"{base}/key.pem", origin, verify)


class SSHLogin(NamedTuple):
    """How ssh:// gets in. `user` None: whom the ssh configuration says. `socket`: the daemon's socket there; None: what
    `docker system dial-stdio` talks to. `key`: a docker-machine's identity file; then the user's own ssh configuration and
    known hosts are left aside."""

    user: str | None = None
    socket: str | None = None
    key: str | None = None


class Endpoint(NamedTuple):
    """One address of one daemon. `address` is a socket path for unix, a host name or IP for tcp and ssh (there also an alias
    of the ssh configuration); `port` is None for unix, and for ssh where the configuration decides; `tls` None means plain
    HTTP; `ssh` is set for ssh alone; `prefix` is a path put before every request path ("" or "/x"); `machine` and `context`
    are the names of the docker-machine or the docker context behind it; `notes` are doubts worth telling a user when it
    fails."""

    scheme: Scheme
    address: str
    port: int | None
    origin: str
    tls: TLSFiles | None = None
    prefix: str = ""
    machine: str | None = None
    notes: tuple[str, ...] = ()
    ssh: SSHLogin | None = None
    context: str | None = None

    @classmethod
    def parse(cls, text: str, origin: str, tls: TLSFiles | None = None) -> "Endpoint":
        """Return the endpoint that `text` names, or raise EndpointError with the text, its origin and what was expected.
        `tls` is used for tcp only: Docker never speaks TLS on a Unix socket or over ssh."""
        trimmed = text.strip()
        named = f"{_without_password(text)!r} from {origin}"
        scheme, separator, rest = trimmed.partition("://")
        if scheme == "ssh" and separator:
            return _ssh(rest, origin)
        if not separator:
            scheme, rest = "tcp", trimmed
            _refuse_guesses(trimmed, named)
        if scheme in _NOT_FOR_US:
            raise EndpointError(f"{named}: {_NOT_FOR_US[scheme]}", "use unix:// or tcp://")
        if scheme == "unix":
            return _unix(rest, named, origin)
        if scheme in ("tcp", "http", "https"):
            if scheme == "https" and tls is None:
                tls = TLSFiles(None, None, None, f"https:// in {origin}")
            return _tcp(rest, named, origin, tls)
        raise EndpointError(f"{named}: scheme {scheme!r}, expected unix, tcp, http, https or ssh")

    @property
    def url(self) -> str:
        """The address as DOCKER_HOST would have it."""
        if self.scheme is Scheme.UNIX:
            return f"unix://{self.address}"
        host = f"[{self.address}]" if ":" in self.address else self.address
        if self.ssh is not None:
            from urllib.parse import quote

            user = f"{quote(self.ssh.user)}@" if self.ssh.user is not None else ""
            port = f":{self.port}" if self.port is not None else ""
            return f"ssh://{user}{host}{port}{quote(self.ssh.socket or '')}"
        return f"tcp://{host}:{self.port}{self.prefix}"

    @property
    def authority(self) -> str:
        """The Host header's value: what stands between `//` and the path."""
        if self.scheme is not Scheme.TCP:
            return "localhost"
        address = self.address.partition("%")[0]  # an IPv6 zone means something on this machine only (RFC 6874)
        return f"[{address}]:{self.port}" if ":" in address else f"{address}:{self.port}"

    def __str__(self) -> str:
        return f"{self.url} from {self.origin}"

    def noted(self, *notes: str) -> "Endpoint":
        """The same endpoint with these notes too, each once."""
        return self._replace(notes=tuple(dict.fromkeys(self.notes + notes)))


def _without_password(text: str) -> str:
    return re.sub(r"([^:@/?#]*):[^@/]*@", r"\1:***@", text) if "@" in text else text


def _refuse_guesses(text: str, named: str) -> None:
    """Text without :// is host:port, unless it looks like something else that was meant."""
    if not text:
        raise EndpointError(f"{named} is blank", "write unix:///path or tcp://HOST:PORT")
    if text.startswith("/"):
        raise EndpointError(f"{named} has no scheme", f"write unix://{text}")
    if ":/" in text or "//" in text:
        raise EndpointError(f"{named} has no ://", "write unix:///path or tcp://HOST:PORT")


def _unix(path: str, named: str, origin: str) -> Endpoint:
    path = path or DEFAULT_SOCKET
    size = len(path.encode("utf-8", "surrogateescape"))
    if size > UNIX_PATH_LIMIT:
        raise EndpointError(
            f"{named} is {size} bytes long, a socket path may have {UNIX_PATH_LIMIT}",
            "use a shorter path, or a link to it",
        )
    if "\0" in path:
        raise EndpointError(f"{named} holds a NUL byte", "give the socket's path")
    return Endpoint(Scheme.UNIX, path, None, origin)


def _tcp(rest: str, named: str, origin: str, tls: TLSFiles | None) -> Endpoint:
    authority, slash, path = rest.partition("/")
    # 2375 under TLS too, as Docker has it
    host, port = _host_and_port(authority.rpartition("@")[2], named, "tcp", DEFAULT_PORT)
    prefix = (slash + path).rstrip("/")
    if bad := next((ch for ch in prefix if not "!" <= ch <= "~" or ch in "?#"), None):
        raise EndpointError(f"{named}: path {prefix!r} holds {bad!r}", "percent-encode it, a space is %20")
    return Endpoint(Scheme.TCP, host or "localhost", port, origin, tls, prefix)


def _ssh(rest: str, origin: str) -> Endpoint:
    """A host or user that begins with a hyphen is refused: no option of ssh(1) is to be made of it. `named` masks a password
    and stands before any check, so that no message shows one."""
    from urllib.parse import unquote

    authority, _, path = rest.partition("/")
    account, at, place = authority.rpartition("@")
    user, colon, _ = account.partition(":")
    shown = re.sub(r"^([^:@/?#]*):.*@", r"\1:***@", rest, flags=re.DOTALL)
    named = f"{f'ssh://{shown}'!r} from {origin}"
    for character, word in (("?", "query"), ("#", "fragment")):
        if character in rest:
            raise EndpointError(f"{named}: ssh:// takes no {word}", f"leave out what follows {character}")
    if colon:
        raise EndpointError(f"{named}: a password has no place in ssh://", "use a key, and ssh-agent to hold it")
    host, port = _host_and_port(place, named, "ssh", None)
    user, path = unquote(user), unquote(path)
    if not host:
        raise EndpointError(f"{named} names no host", _SSH_FORM)
    if host.startswith("-") or user.startswith("-"):
        raise EndpointError(f"{named}: {host if host.startswith('-') else user!r} begins with a hyphen", _SSH_FORM)
    if at and not user:
        raise EndpointError(f"{named} has an @ but no user", _SSH_FORM)
    if not (user + path).isprintable():
        raise EndpointError(f"{named} holds a character that cannot be printed", _SSH_FORM)
    socket = f"/{path}" if path else None  # a lone / says nothing; the docker CLI would look for a socket named /
    return Endpoint(Scheme.SSH, host, port, origin, ssh=SSHLogin(user or None, socket))


def _host_and_port(authority: str, named: str, scheme: str, default: int | None) -> tuple[str, int | None]:
    match = re.fullmatch(_AUTHORITY, authority)
    if not match:
        usual = f":{default}" if default else ""
        if authority.count(":") > 1 and "[" not in authority:
            raise EndpointError(f"{named}: an IPv6 address needs brackets", f"write {scheme}://[{authority}]{usual}")
        form = f"write {scheme}://HOST:PORT, {scheme}://[::1]{usual} for IPv6"
        raise EndpointError(f"{named} is no host and port", form)
    host = match["ipv6"] or match["name"]
    port = match["port"]
    if not port:
        return host, default
    if not (re.fullmatch("[0-9]{1,5}", port) and 0 < int(port) < 65536):
        raise EndpointError(f"{named}: port {port!r}, expected a number from 1 to 65535")
    return host, int(port)
