"""Where quick.py's daemon is, and a connection to it: over a Unix socket, TCP or TLS, without socket, ssl, typing, re or enum.

Only what is beyond doubt: a place that must be looked for, a certificate folder that is not whole, or a host that needs more
than one address is left to the client. The daemon's certificate is verified as net/credentials.py has it. `_ssl` and `_socket`
are what the modules ssl and socket are made of; to import those two costs 17 ms of processor time, these 3.
"""

TYPE_CHECKING = False  # type checkers take it for True; to import typing would cost 10 ms
if TYPE_CHECKING:
    from _socket import socket as Socket
    from collections.abc import Mapping
    from ssl import SSLSocket
    from typing import Any

DEFAULT_SOCKET = "/var/run/docker.sock"  # endpoint.DEFAULT_SOCKET, which has typing with it
PATIENCE = 2.0  # seconds for a name, for connecting, for the handshake and for /_ping, each; the client has more
_HOST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")
_CERT_REQUIRED = 2  # ssl.CERT_REQUIRED
_STRICT, _PARTIAL_CHAIN = 0x20, 0x80000  # X509_V_FLAG_X509_STRICT, X509_V_FLAG_PARTIAL_CHAIN of OpenSSL's x509_vfy.h


class Place:
    """Where the daemon listens: at the path `address`, or at the host `address` and `port`; `folder` holds the certificates.
    `authority` is what the Host header says."""

    def __init__(self, address: str, port: int | None = None, folder: str | None = None) -> None:
        self.address, self.port, self.folder = address, port, folder
        self.authority = "localhost" if port is None else f"{address}:{port}"


def place_of(environ: "Mapping[str, str]", given: str | None) -> Place | None:
    """The daemon's place, where that is beyond doubt: -H (`given`) or DOCKER_HOST names it, or nothing names any daemon."""
    if environ.get("DOCKER_API_VERSION"):
        return None
    host = environ.get("DOCKER_HOST") if given is None else given
    if host or given is not None:
        host = host or ""
        if host.startswith("tcp://"):
            return _tcp(environ, host[6:])
        return Place(host[7:]) if host.startswith("unix:///") and host == host.strip() else None
    if any(environ.get(name) for name in ("DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_TLS")):
        return None
    folder = _config_folder(environ)
    if not folder:  # it is in the home that /etc/passwd names
        return None
    try:
        with open(f"{folder}/config.json", "rb") as file:
            return None if b"currentContext" in file.read() else Place(DEFAULT_SOCKET)
    except FileNotFoundError:
        return Place(DEFAULT_SOCKET)
    except OSError:
        return None


def _config_folder(environ: "Mapping[str, str]") -> str | None:
    home = environ.get("HOME")
    return environ.get("DOCKER_CONFIG") or (home and f"{home}/.docker")


def _tcp(environ: "Mapping[str, str]", address: str) -> Place | None:
    host, _, port = address.partition(":")
    named = host and _HOST_CHARACTERS.issuperset(host) and len(host) < 64
    if not (named and port.isascii() and port.isdigit() and len(port) < 6 and 0 < int(port) < 65536):
        return None
    if not environ.get("DOCKER_TLS_VERIFY"):
        return None if environ.get("DOCKER_TLS") else Place(host, int(port))
    folder = environ.get("DOCKER_CERT_PATH") or _config_folder(environ)
    return Place(host, int(port), folder.rstrip("/")) if folder else None


class Connection:
    """Bytes to the daemon and back. Errors are OSErrors; what Python's ssl module calls SSLError is one, too."""

    def __init__(self, place: Place) -> None:
        from _socket import SOCK_STREAM, socket

        class WeakSocket(socket):  # _ssl wants a weak reference to it, which the bare class does not allow
            pass

        family, target = _target(place)
        self._socket = WeakSocket(family, SOCK_STREAM)
        self._tls: SSLSocket | None = None
        try:
            self._socket.settimeout(PATIENCE)
            self._socket.connect(target)
            if place.folder is not None:
                self._tls = _secured(self._socket, place.address, place.folder)
        except BaseException:
            self._socket.close()
            raise

    def send(self, data: bytes) -> None:
        """`data` is a request's head, which goes as one record."""
        if self._tls is None:
            self._socket.sendall(data)
        elif self._tls.write(data) != len(data):
            raise OSError("a part was sent")

    def receive(self, size: int) -> bytes:
        return self._socket.recv(size) if self._tls is None else self._tls.read(size)

    def wait_for_ever(self) -> None:
        self._socket.settimeout(None)

    def close(self) -> None:
        self._socket.close()


def _target(place: Place) -> "tuple[int, Any]":
    """The address family, and what connect(2) takes. Raises OSError."""
    if place.port is None:
        from _socket import AF_UNIX  # not there on Windows: an ImportError, which the caller knows

        return AF_UNIX, place.address
    family, _, _, _, target = _looked_up(place.address.encode("ascii"), place.port)
    return family, target


def _looked_up(host: bytes, port: int) -> "tuple[int, int, int, str, Any]":
    """The first address. A name is looked up by a thread, since getaddrinfo(3) has no limit of its own. Bytes, because a str
    loads the tables of IDNA: 2 ms."""
    from _socket import AI_NUMERICHOST, SOCK_STREAM, gaierror, getaddrinfo

    try:
        return getaddrinfo(host, port, 0, SOCK_STREAM, 0, AI_NUMERICHOST)[0]
    except gaierror:
        pass
    import _thread

    found: list[tuple[int, int, int, str, Any]] = []
    over = _thread.allocate_lock()
    over.acquire()

    def look() -> None:
        try:
            found.extend(getaddrinfo(host, port, 0, SOCK_STREAM))
        except OSError:
            pass
        over.release()

    _thread.start_new_thread(look, ())
    if not over.acquire(timeout=PATIENCE) or not found:
        raise OSError("no address")
    return found[0]


def _secured(connection: "Socket", host: str, folder: str) -> "SSLSocket":
    """TLS over `connection`, its handshake done, the daemon's certificate and name verified. Raises OSError."""
    import _ssl

    context: Any = _ssl._SSLContext(_ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = _CERT_REQUIRED
    context.check_hostname = True
    context.verify_flags = context.verify_flags & ~_STRICT | _PARTIAL_CHAIN
    context.load_verify_locations(f"{folder}/ca.pem")
    context.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem", _no_password)
    tls: SSLSocket = context._wrap_socket(connection, False, host)
    tls.do_handshake()
    return tls


def _no_password() -> str:
    raise OSError("the key is encrypted")  # without a callable OpenSSL asks on the terminal
