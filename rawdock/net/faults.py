"""What went wrong on the way to a daemon, in one sentence with a remedy: foreign exceptions are mapped here, once.

Sources: connect(2), and what Go's and OpenSSL's ends were seen to send (Python 3.10 to 3.13, TLS 1.2 and 1.3).
"""

from __future__ import annotations

import errno
import grp
import os
import pwd
import socket
import ssl
import stat

from ..endpoint import Endpoint, Scheme, TLSFiles
from ..errors import (
    ClientCertificateError,
    NetworkError,
    RefusedError,
    SocketDeniedError,
    SocketMissingError,
    TimedOutError,
    TLSError,
    UnknownHostError,
    UnreachableError,
)

_UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.ENETDOWN, errno.EHOSTDOWN}


def connect_fault(endpoint: Endpoint, error: OSError) -> NetworkError:
    """The error for a connect that failed."""
    if endpoint.scheme is Scheme.UNIX:
        return _unix_fault(endpoint, error)
    if isinstance(error, socket.gaierror):
        return UnknownHostError(
            f"{endpoint}: the name {endpoint.address!r} does not resolve ({error.strerror})",
            "check its spelling, or give the IP address",
        )
    if error.errno == errno.ECONNREFUSED:
        return RefusedError(f"{endpoint}: the host refused, nothing listens on port {endpoint.port}", _start(endpoint))
    if error.errno in _UNREACHABLE:
        return UnreachableError(
            f"{endpoint}: {endpoint.address} cannot be reached ({error.strerror})", _start(endpoint)
        )
    return NetworkError(f"{endpoint}: connecting failed ({error.strerror or error})", _start(endpoint))


def timeout_fault(endpoint: Endpoint, doing: str, seconds: float | None) -> TimedOutError:
    """The error for `doing` ("connecting", "the TLS handshake", …) that took over `seconds`."""
    limit = f"{seconds:g} s" if seconds is not None else "its limit"
    return TimedOutError(f"{endpoint}: {doing} took over {limit}", _start(endpoint))


def _start(endpoint: Endpoint) -> str:
    if endpoint.notes:
        return endpoint.notes[0]
    if endpoint.machine:
        return f"is the machine running? see `docker-machine status {endpoint.machine}`"
    if endpoint.scheme is Scheme.TCP:
        return "is the daemon running there, and is this its address? `rawdock doctor` looks layer by layer"
    return "start Docker, or name another daemon with -H or DOCKER_HOST"


def _unix_fault(endpoint: Endpoint, error: OSError) -> NetworkError:
    path = endpoint.address
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return SocketMissingError(f"{endpoint}: there is no such socket", _start(endpoint))
    if error.errno == errno.EACCES:
        return _denied(endpoint, path)
    if error.errno == errno.ECONNREFUSED:
        if not _is_socket(path):
            return NetworkError(f"{endpoint}: {path} is no socket but {_kind(path)}", "give the daemon's socket")
        return RefusedError(f"{endpoint}: the socket is there but nobody listens on it", _start(endpoint))
    return NetworkError(f"{endpoint}: connecting failed ({error.strerror or error})", _start(endpoint))


def _denied(endpoint: Endpoint, path: str) -> SocketDeniedError:
    """Name what denies: the socket with owner, group and mode, or the folder that we may not look into."""
    try:
        status = os.stat(path)
    except OSError:
        folder = _closed_folder(path)
        return SocketDeniedError(
            f"{endpoint}: the folder {folder} {describe_owner(folder)} may not be searched by {_me()}", "use sudo"
        )
    group = _group(status.st_gid)
    if status.st_mode & stat.S_IWGRP and status.st_gid != 0:
        remedy = f"join the group: sudo usermod -aG {group} {_me()}, then log in again"
    else:
        remedy = "use sudo, or give the socket a group that may write"
    return SocketDeniedError(f"{endpoint}: {_me()} may not use the socket, {describe_owner(path)}", remedy)


def describe_owner(path: str) -> str:
    """ "owner root, group docker, mode 0660", or "" when that cannot be seen."""
    try:
        status = os.stat(path)
    except OSError:
        return ""
    return f"owner {_user(status.st_uid)}, group {_group(status.st_gid)}, mode {stat.S_IMODE(status.st_mode):04o}"


def _closed_folder(path: str) -> str:
    folder = os.path.dirname(os.path.abspath(path))
    while folder != "/":
        try:
            os.stat(folder)
            return folder
        except OSError:
            folder = os.path.dirname(folder)
    return folder


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)
    except OSError:
        return True


def _kind(path: str) -> str:
    mode = os.stat(path).st_mode
    return "a folder" if stat.S_ISDIR(mode) else "a file" if stat.S_ISREG(mode) else "something else"


def _me() -> str:
    return _user(os.geteuid())


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def tls_fault(endpoint: Endpoint, error: ssl.SSLError) -> TLSError:
    """The error for a TLS layer that failed, by verify code or by the reason of OpenSSL or the peer's alert."""
    files = endpoint.tls or TLSFiles(None, None, None, "the default")
    if isinstance(error, ssl.SSLCertVerificationError):
        return _verify_fault(endpoint, files, error)
    reason = (error.reason or str(error)).upper()
    if any(word in reason for word in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER", "PACKET_LENGTH")):
        return TLSError(
            f"{endpoint}: the daemon does not speak TLS on this port, but plain HTTP or something else",
            "unset DOCKER_TLS_VERIFY if it is meant to be unprotected, or give the TLS port, mostly 2376",
        )
    for alert, words in _REFUSALS:
        if alert in reason:
            return _client_refused(endpoint, files, words)
    if "EOF" in reason:
        return TLSError(
            f"{endpoint}: the peer closed the connection in the TLS handshake", "does a daemon with TLS listen there?"
        )
    return TLSError(f"{endpoint}: TLS failed ({error.reason or error})", "`rawdock doctor` looks layer by layer")


# Go 1.19 daemons answer BAD_CERTIFICATE whatever is wrong, Go 1.27 ones say which; TLS 1.2 without one: HANDSHAKE_FAILURE.
_REFUSALS = (
    ("CERTIFICATE_REQUIRED", ""),
    ("CERTIFICATE_EXPIRED", "it has expired"),
    ("UNKNOWN_CA", "the daemon does not know the authority that signed it"),
    ("BAD_CERTIFICATE", "it has expired, is for another purpose or was signed by another authority than the daemon's"),
    (
        "HANDSHAKE_FAILURE",
        "it has expired, is for another purpose or was signed by another authority than the daemon's",
    ),
    ("UNSUPPORTED_CERTIFICATE", "it is for another purpose"),
)


def _client_refused(endpoint: Endpoint, files: TLSFiles, words: str) -> ClientCertificateError:
    if files.cert is None or not os.path.exists(files.cert):
        where = f"{files.cert} from {files.origin} is missing" if files.cert else f"{files.origin} names none"
        return ClientCertificateError(
            f"{endpoint}: the daemon asks for a client certificate, and {where}",
            "point DOCKER_CERT_PATH at the folder with ca.pem, cert.pem and key.pem",
        )
    renew = f"docker-machine regenerate-certs --client-certs {endpoint.machine or 'NAME'}"
    return ClientCertificateError(
        f"{endpoint}: the daemon refused the client certificate {files.cert} from {files.origin}: "
        f"{words or 'it wants another one'}",
        f"use the one that was made for this daemon, or renew it: {renew}",
    )


def _verify_fault(endpoint: Endpoint, files: TLSFiles, error: ssl.SSLCertVerificationError) -> TLSError:
    ca = f"{files.ca} from {files.origin}" if files.ca else "this system's certificate authorities"
    regenerate = f"docker-machine regenerate-certs {endpoint.machine or 'NAME'}"
    code = error.verify_code
    if code == 10:
        return TLSError(f"{endpoint}: the daemon's certificate, or its CA's, has expired", f"renew it: {regenerate}")
    if code == 9:
        return TLSError(
            f"{endpoint}: the daemon's certificate is not valid yet",
            "compare the clocks of this machine and the daemon's",
        )
    if code in (62, 64):
        return TLSError(
            f"{endpoint}: the daemon's certificate is not made out for {endpoint.address!r}",
            f"use a name or address that it has (`rawdock doctor` lists them), or make a new one: {regenerate}",
        )
    if code in (2, 18, 19, 20, 21, 7):
        return TLSError(
            f"{endpoint}: the daemon's certificate was not signed by {ca}",
            "use the ca.pem of the authority that made this daemon's certificate",
        )
    return TLSError(f"{endpoint}: the daemon's certificate is not accepted ({error.verify_message}, code {code})")
