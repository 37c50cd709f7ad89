"""What went wrong on the way to a daemon, in one sentence with a remedy: foreign exceptions are mapped here, once.

Source: connect(2), unix(7). What TLS has to say is in tls_faults.py, so that a Unix socket does without importing ssl (8 ms).
"""

from __future__ import annotations

import _socket as socket
import errno
import grp
import os
import pwd
import stat
from collections.abc import Iterable
from typing import TypeVar

from ..endpoint import Endpoint, Scheme
from ..errors import (
    NetworkError,
    RawdockError,
    RefusedError,
    SocketDeniedError,
    SocketMissingError,
    TimedOutError,
    UnknownHostError,
    UnreachableError,
)

ErrorT = TypeVar("ErrorT", bound=RawdockError)

_UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.ENETDOWN, errno.EHOSTDOWN}
_UNREACHABLE |= {errno.ETIMEDOUT}  # the kernel gave up, no time-out of ours


def located(endpoint: Endpoint, error: ErrorT) -> ErrorT:
    """The same error with the endpoint in front, for what a floor raised that does not know it."""
    return type(error)(f"{endpoint}: {error.cause}", error.remedy)


def connect_fault(endpoint: Endpoint, error: OSError | UnicodeError) -> NetworkError:
    """The error for a connect that failed. A name that IDNA cannot encode comes as UnicodeError."""
    if isinstance(error, UnicodeError | socket.gaierror):
        reason = error.strerror if isinstance(error, socket.gaierror) else "it is no host name"
        return UnknownHostError(
            f"{endpoint}: the name {endpoint.address!r} does not resolve ({reason})",
            "check its spelling, or give the IP address",
        )
    if endpoint.scheme is Scheme.UNIX:
        return _unix_fault(endpoint, error)
    if error.errno == errno.ECONNREFUSED:
        return RefusedError(f"{endpoint}: the host refused, nothing listens on port {endpoint.port}", _start(endpoint))
    if error.errno in _UNREACHABLE:
        return UnreachableError(
            f"{endpoint}: {endpoint.address} cannot be reached ({_reason(error)})", _start(endpoint)
        )
    return NetworkError(f"{endpoint}: connecting failed ({_reason(error)})", _start(endpoint))


def _reason(error: OSError) -> str:
    """The system's words: asyncio and trio put their own in strerror ("Connect call failed ('127.0.0.1', 2375)")."""
    return os.strerror(error.errno) if error.errno else str(error)


def timeout_fault(endpoint: Endpoint, doing: str, seconds: float | None) -> TimedOutError:
    """The error for `doing` ("connecting", "the TLS handshake", …) that took over `seconds`."""
    limit = f"{seconds:g} s" if seconds is not None else "its limit"
    return TimedOutError(f"{endpoint}: {doing} took over {limit}", _start(endpoint))


def _start(endpoint: Endpoint) -> str:
    notes = "".join(f"; note that {note}" for note in endpoint.notes)
    if endpoint.machine:
        return f"is the machine running? see `docker-machine status {endpoint.machine}`{notes}"
    if endpoint.scheme is not Scheme.UNIX:
        return f"start the daemon there, or check its address{notes}"
    return f"start Docker, or name another daemon with -H or DOCKER_HOST{notes}"


def _unix_fault(endpoint: Endpoint, error: OSError) -> NetworkError:
    path = endpoint.address
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        dangling = f": it is a link to {os.path.realpath(path)}, which is not there" if os.path.islink(path) else ""
        return SocketMissingError(f"{endpoint}: there is no such socket{dangling}", _start(endpoint))
    if error.errno == errno.EACCES:
        return _denied(endpoint, path)
    if error.errno == errno.ECONNREFUSED:
        if not _is_socket(path):
            return NetworkError(f"{endpoint}: {path} is no socket but {_kind(path)}", "give the daemon's socket")
        return RefusedError(f"{endpoint}: the socket is there but nobody listens on it", _start(endpoint))
    return NetworkError(f"{endpoint}: connecting failed ({_reason(error)})", _start(endpoint))


def _denied(endpoint: Endpoint, path: str) -> SocketDeniedError:
    """Name what denies: the socket with owner, group and mode, or the folder that we may not look into."""
    try:
        status = os.stat(path)
    except OSError:
        folder = _closed_folder(path)
        return SocketDeniedError(
            f"{endpoint}: {_me()} may not search the folder {folder} ({describe_owner(folder)})", "use sudo"
        )
    if status.st_mode & stat.S_IWGRP and status.st_gid != 0:
        remedy = join_remedy(_group(status.st_gid), _members(status.st_gid), _me())
    else:
        remedy = "use sudo, or give the socket a group that may write"
    return SocketDeniedError(f"{endpoint}: {_me()} may not use the socket ({describe_owner(path)})", remedy)


def join_remedy(group: str, members: Iterable[str], user: str) -> str:
    """How `user` comes to the rights of `group`: a session keeps the groups that it began with."""
    if user in members:
        return f"{user} is in the group {group} by now, but this session began before: log in again, or run `newgrp {group}`"
    return f"join the group: sudo usermod -aG {group} {user}, then log in again"


def describe_owner(path: str) -> str:
    """ "owner root, group docker, mode 0660", or "" when that cannot be seen."""
    try:
        status = os.stat(path)
    except OSError:
        return ""
    return f"owner {_user(status.st_uid)}, group {_group(status.st_gid)}, mode {stat.S_IMODE(status.st_mode):04o}"


def who_may(path: str) -> str:
    """ " by nobody (owner root, group root, mode 0600)" for a file that we may not read, else ""."""
    owner = describe_owner(path)
    return f" by {_me()} ({owner})" if owner and not os.access(path, os.R_OK) else ""


def _closed_folder(path: str) -> str:
    folder = os.path.dirname(os.path.abspath(path))
    while folder != "/":
        try:
            os.stat(folder)
            return folder
        except OSError:
            folder = os.path.dirname(folder)
    return folder


def _members(gid: int) -> list[str]:
    try:
        return grp.getgrgid(gid).gr_mem
    except KeyError:
        return []


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
