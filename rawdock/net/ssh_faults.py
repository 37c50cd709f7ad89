"""What went wrong on the way through ssh, in one sentence with a remedy, from ssh's exit status and its own words.

Status 255 is ssh's own; any other is that of the far side's command, 127 its shell's for a command that is not there.
Source: ssh(1); OpenSSH's messages, which are in English whatever the locale; docker system dial-stdio (20.10 to 28).
"""

from __future__ import annotations

import re
import shlex

from ..endpoint import DEFAULT_SOCKET, Endpoint
from ..errors import (
    ConnectionLostError,
    NetworkError,
    RefusedError,
    SocketDeniedError,
    SocketMissingError,
    SSHError,
    TimedOutError,
    UnknownHostError,
    UnreachableError,
)


def no_program(endpoint: Endpoint) -> SSHError:
    return SSHError(f"{endpoint}: there is no ssh program in PATH", "install the OpenSSH client")


def lost(errors: str) -> ConnectionLostError:
    """The error for a connection that had been used already: whoever knows what was asked names the endpoint."""
    return ConnectionLostError(f"the ssh connection was lost ({_last_words(errors)})")


def login_fault(endpoint: Endpoint, status: int | None, errors: str) -> NetworkError:
    """The error for an ssh that could not log in."""
    by_hand = f"`{_by_hand(endpoint)}`"
    for pattern, make in _LOGIN_FAULTS:
        if match := re.search(pattern, errors):
            kind, cause, remedy = make
            words = {"by_hand": by_hand, "host": endpoint.address, **match.groupdict()}
            cause = f"{endpoint}: {cause.format(**words)}"
            if kind is SSHError and (open_key := re.search(r"Permissions \S+ for '.*' are too open", errors)):
                cause += f"; ssh says: {open_key[0]}"
            return kind(cause, remedy.format(**words))
    ended = "did not end" if status is None else f"ended with {status}"
    return SSHError(f"{endpoint}: ssh {ended}: {_last_words(errors)}", f"see whether {by_hand} logs in")


# Tried in this order: ssh says several of them at once, and the cause before the consequence.
_LOGIN_FAULTS: tuple[tuple[str, tuple[type[NetworkError], str, str]], ...] = (
    (
        r"Could not resolve hostname (?P<name>\S+): (?P<reason>[^\r\n]*)",
        (
            UnknownHostError,
            "the name {name!r} does not resolve ({reason})",
            "check its spelling and ssh's configuration",
        ),
    ),
    (
        r"connect to host (?P<name>\S+) port (?P<port>\d+): Connection refused",
        (RefusedError, "{name} refused, no ssh server listens on port {port}", "check the port, or start sshd there"),
    ),
    (
        r"connect to host (?P<name>\S+) port (?P<port>\d+): (?:Connection|Operation) timed out",
        (TimedOutError, "{name} did not answer on port {port}", "check its address, and whether it is up"),
    ),
    (
        r"connect to host (?P<name>\S+) port (?P<port>\d+): (?P<reason>[^\r\n]*)",
        (
            UnreachableError,
            "{name} port {port} cannot be reached ({reason})",
            "check its address, and whether it is up",
        ),
    ),
    (
        r"REMOTE HOST IDENTIFICATION HAS CHANGED",
        (
            SSHError,
            "the host key is not the one that known_hosts has: another machine, or one that was set up anew",
            "when you know why, remove the old key: ssh-keygen -R {host}; then {by_hand}",
        ),
    ),
    (
        r"Host key verification failed",
        (SSHError, "the host key is not known yet, and ssh may not ask here", "log in by hand once: {by_hand}"),
    ),
    (
        r"(?P<who>\S+): Permission denied \((?P<ways>[^)]*)\)",
        (
            SSHError,
            "ssh may not log in as {who} (permission denied; the server takes {ways})",
            "install a key there with ssh-copy-id, load one with a passphrase by ssh-add; a password is never asked for",
        ),
    ),
    (
        r"Too many authentication failures",
        (SSHError, "the server hung up after too many keys", "name the right one: IdentityFile and IdentitiesOnly"),
    ),
    (
        r"remote username contains invalid characters",
        (SSHError, "ssh takes no such user name", "check the part before @"),
    ),
    (
        r"(?:kex_exchange_identification|banner exchange): (?P<reason>[^\r\n]*)|Connection closed by (?P<peer>[^\r\n]*)",
        (SSHError, "what listens there hung up before the login", "is it an ssh server? see {by_hand}"),
    ),
)


def remote_fault(endpoint: Endpoint, status: int, errors: str) -> NetworkError:
    """The error for a far side whose `docker system dial-stdio` ended without a word."""
    words = _last_words(errors)
    assert endpoint.ssh is not None
    usual = endpoint._replace(ssh=endpoint.ssh._replace(socket=DEFAULT_SOCKET))
    if status == 127 and endpoint.ssh.socket:
        return SSHError(
            f"{endpoint}: nothing answers at {endpoint.ssh.socket} on {endpoint.address} by forwarding, and there is no docker "
            f"command to try instead ({words})",
            "start Docker there, or let its sshd forward sockets (AllowStreamLocalForwarding yes)",
        )
    if status == 127:
        return SSHError(
            f"{endpoint}: {endpoint.address} has no docker command in the PATH of a non-interactive login ({words})",
            f"put it there, or give the daemon's socket, which needs none: {usual.url}",
        )
    if match := re.search(r"dial unix (?P<path>.+?): connect: (?P<reason>[^\r\n]*)", errors):
        return _socket_fault(endpoint, match["path"], match["reason"])
    if match := re.search(r"dial tcp (?P<address>\S+): (?:connect: )?(?P<reason>[^\r\n]*)", errors):
        return RefusedError(
            f"{endpoint}: docker on {endpoint.address} cannot reach its daemon at {match['address']} ({match['reason']})",
            "start it, or look at DOCKER_HOST and the context over there",
        )
    if re.search(r"not a docker command|unknown command", errors):
        return SSHError(
            f"{endpoint}: the docker command on {endpoint.address} knows no dial-stdio ({words})",
            f"it needs Docker 18.09 or newer; or give the daemon's socket, which needs none: {usual.url}",
        )
    return SSHError(
        f"{endpoint}: docker system dial-stdio on {endpoint.address} ended with {status}: {words}",
        f"try it: `{_by_hand(endpoint)} docker version`",
    )


def no_answer(endpoint: Endpoint, look: str) -> NetworkError | None:
    """The error for a forwarded socket without an answer, None if a look at it found no reason. `look`: what the far side said
    of it: missing, no-socket, or denied and then the user's name and the line of ls(1); else nothing."""
    assert endpoint.ssh is not None
    path = endpoint.ssh.socket or ""
    verdict, *more = look.splitlines() or [""]
    if verdict == "missing":
        return _socket_fault(endpoint, path, "no such file or directory")
    if verdict == "no-socket":
        return _socket_fault(endpoint, path, "no socket but something else")
    if verdict == "denied":
        user, listing = more if len(more) == 2 else ("?", "")
        mode = " ".join(listing.split()[:4])  # mode, links, owner, group
        return _socket_fault(endpoint, path, "permission denied", f"{user}: {mode}")
    return None


def _socket_fault(endpoint: Endpoint, path: str, reason: str, who: str = "") -> NetworkError:
    where = f"{path} on {endpoint.address}"
    if "no such file" in reason:
        return SocketMissingError(
            f"{endpoint}: there is no socket {where}",
            "start Docker there, or give its socket's path: ssh://HOST/path/docker.sock",
        )
    if "denied" in reason:
        return SocketDeniedError(
            f"{endpoint}: this login may not use the socket {where}" + (f" ({who})" if who else ""),
            "log in as a user in its group, or add this one: usermod -aG docker USER there",
        )
    if "refused" in reason:
        return RefusedError(f"{endpoint}: nobody listens on the socket {where}", "start Docker there")
    return NetworkError(f"{endpoint}: {where}: {reason}", "give the daemon's socket")


def _by_hand(endpoint: Endpoint) -> str:
    """What a user would type."""
    assert endpoint.ssh is not None
    key = f" -i {shlex.quote(endpoint.ssh.key)}" if endpoint.ssh.key else ""
    port = f" -p {endpoint.port}" if endpoint.port is not None else ""
    user = f"{endpoint.ssh.user}@" if endpoint.ssh.user is not None else ""
    return f"ssh{key}{port} {user}{endpoint.address}"


def _last_words(errors: str) -> str:
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    return lines[-1] if lines else "without a word"
