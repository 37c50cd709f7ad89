"""The system's ssh, called as the docker CLI calls it: its arguments, its end explained, its configuration asked.

Nobody is asked anything (BatchMode): no password, passphrase or host key holds up a script, and what is missing is an error.
The docker CLI 20.10 and 28 were seen not to ask on a terminal either: their ssh has a session of its own.
Source: docker/cli, cli/connhelper (arguments); docker-machine, libmachine/ssh (options with a machine's key); ssh(1).
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from ..endpoint import Endpoint, SSHLogin
from . import ByteStream, Driver
from .process import Explain, Process, no_error
from .ssh_faults import login_fault, lost, no_program, remote_fault

_MACHINE = (  # docker-machine's, but with errors said. A machine made anew has a new host key, so none is checked.
    *("-F", "/dev/null", "-o", "ConnectionAttempts=3", "-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR"),
    *("-o", "PasswordAuthentication=no"),
    *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
)


def arguments(endpoint: Endpoint, *options: str, command: Sequence[str] = ()) -> list[str]:
    """ssh's arguments for the endpoint, as the docker CLI 28 gives them. `command`: words of the far side's shell."""
    login = settings_of(endpoint)
    argv = ["ssh", "-o", "ConnectTimeout=30", "-T", "-o", "BatchMode=yes", *options]  # the first to set one wins
    if login.key is not None:
        argv += [*_MACHINE, "-o", f'IdentityFile="{login.key.replace("%", "%%")}"']
    if login.user is not None:
        argv += ["-l", login.user]
    if endpoint.port is not None:
        argv += ["-p", str(endpoint.port)]
    return [*argv, "--", endpoint.address, *command]


def dial_stdio(endpoint: Endpoint) -> list[str]:
    """The far side's command. Its shell splits it once more, so the path is quoted (the docker CLI 28 forgets to)."""
    socket = settings_of(endpoint).socket
    host = ["--host", shlex.quote(f"unix://{socket}")] if socket else []
    return ["docker", *host, "system", "dial-stdio"]


async def dial_through(
    endpoint: Endpoint, driver: Driver, *options: str, ended: Callable[[], None] | None = None
) -> ByteStream:
    """Return a connection by a process of its own, which logs in by itself unless `options` name a master. ssh's complaints
    come with the first receive. `ended` is called once it is closed. Raises SSHError without ssh."""
    argv = arguments(endpoint, *options, command=dial_stdio(endpoint))
    return await driver.connect_process(start(endpoint, argv, partial(explain, endpoint), ended))


class Target(NamedTuple):
    """Where ssh goes by its configuration. `proxied`: by way of another host or program, so that `host` may be an address of
    a network that is not ours."""

    user: str
    host: str
    port: int
    proxied: bool

    def __str__(self) -> str:
        return f"{self.user}@{self.host} port {self.port}" + (", by way of a proxy" if self.proxied else "")


async def effective(endpoint: Endpoint, driver: Driver) -> Target:
    """Return where ssh would go. Sends nothing. Raises SSHError: no ssh, or a configuration that it does not take."""
    status, output, errors = await run(endpoint, driver, arguments(endpoint, "-G"))
    if status != 0:
        raise login_fault(endpoint, status, errors)
    found = dict(line.split(" ", 1) for line in output.splitlines() if " " in line)
    proxied = any(found.get(option, "none") != "none" for option in ("proxyjump", "proxycommand"))
    return Target(found.get("user", ""), found.get("hostname", endpoint.address), int(found.get("port", 22)), proxied)


def start(
    endpoint: Endpoint, argv: list[str], explain: Explain = no_error, ended: Callable[[], None] | None = None
) -> Process:
    """Start ssh. Raises SSHError without one."""
    try:
        return Process(argv, explain, ended)
    except FileNotFoundError as error:
        raise no_program(endpoint) from error


def explain(endpoint: Endpoint, process: Process, status: int | None, spoke: bool) -> Exception | None:
    """255 is ssh's own exit status, below 0 a signal ended it; any other is the far side's command's, or 0."""
    if status == 0 or status is None:
        return None
    ours = status == 255 or status < 0
    if spoke:
        return lost(process.said()) if ours else None
    return (login_fault if ours else remote_fault)(endpoint, status, process.said())


async def run(endpoint: Endpoint, driver: Driver, argv: list[str]) -> tuple[int | None, str, str]:
    """Run ssh to its end. Returns its exit status, output and errors."""
    process = start(endpoint, argv)
    stream = await driver.connect_process(process)
    try:
        await stream.send_eof()
        parts = []
        while part := await stream.receive():
            parts.append(part)
        return process.status(), b"".join(parts).decode(errors="replace"), process.said()
    finally:
        await stream.aclose()


def settings_of(endpoint: Endpoint) -> SSHLogin:
    assert endpoint.ssh is not None, f"{endpoint} is no ssh:// endpoint"
    return endpoint.ssh
