"""One ssh login for many connections.

A master is an ssh without a command (ssh -N) that holds a control socket in a private folder. With a socket path in the URL
it also forwards that socket, and a connection is a local one; no docker is needed over there. Without, or where the server
forbids forwarding, a connection is an `ssh … docker system dial-stdio` by way of the master: what it talks to is what the
docker CLI over there would talk to. A server takes ten of these for one login (MaxSessions), so the next ones get another
master; one login after the other, because it also drops some of more than ten that are under way (MaxStartups).

Source: ssh_config(5), sshd_config(5); OpenSSH ssh.c: LocalCommand runs once forwarding and control socket stand, with ssh's own
standard input and output.
"""

from __future__ import annotations

import re
import shlex
import tempfile
from functools import partial

from ..endpoint import Endpoint
from ..errors import ConnectionLostError, RequestError
from . import ByteStream, Driver, Event
from .process import Process
from .ssh import arguments, dial_through, explain, run, settings_of, start
from .ssh_faults import login_fault, lost, no_answer

SESSIONS = 9  # at once through one master, with one left for a look around
FOLDER_LIMIT = 60  # bytes; ssh puts 17 random ones behind its control socket's path, and macOS takes 103 in all
# What stands in a path on either side of -L without meaning something to ssh: no colon, %, ${} or backslash.
_FORWARDABLE = re.compile(r"/[A-Za-z0-9_./@+,=~-]*")
# Says that the login stands. Then it waits for our end to close, so that a killed rawdock leaves neither ssh nor folder.
_LOCAL_COMMAND = (
    "exec /bin/sh -c 'exec 3<&0; echo ready; "
    "{{ cat <&3; ssh -F /dev/null -S {folder}/c -O exit -- x; rm -rf {folder}; }} >/dev/null 2>&1 &'"
)
_LOOK = """
[ -e "$0" ] || { echo missing; exit; }
[ -S "$0" ] || { echo no-socket; exit; }
[ -w "$0" ] && exit
echo denied; id -un; ls -ld "$0"
"""
_PING = b"GET /_ping HTTP/1.0\r\nHost: localhost\r\n\r\n"


class Master:
    """A login that stands, ours or, `borrowed`, one of the user's own control connections. `forwards`: a connection is one to
    the forwarded socket."""

    def __init__(self, endpoint: Endpoint, driver: Driver) -> None:
        self._endpoint = endpoint
        self._driver = driver
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._process: Process | None = None
        self._stream: ByteStream | None = None
        self._proved = False  # whether the forwarded socket was answered once
        self.sessions = 0
        self.borrowed = False
        self.forwards = False

    async def log_in(self) -> None:
        """Raises SSHError and other NetworkErrors; then the caller closes."""
        if await self._has_own():
            self.borrowed = True
            return
        socket = settings_of(self._endpoint).socket
        self._folder = tempfile.TemporaryDirectory(prefix="rawdock-", dir=_base(), ignore_cleanup_errors=True)
        folder = self._folder.name
        options = ["-N", "-o", "ServerAliveInterval=30"]  # seconds; a login that went away is seen after three of them
        options += ["-o", "ControlMaster=yes", "-o", f"ControlPath={folder}/c", "-o", "ControlPersist=no"]
        options += ["-o", "PermitLocalCommand=yes", "-o", f"LocalCommand={_LOCAL_COMMAND.format(folder=folder)}"]
        self.forwards = socket is not None and _FORWARDABLE.fullmatch(socket) is not None
        if self.forwards:
            # Not for a forwarding of the user's own configuration, whose port may be in use.
            options += ["-o", "ExitOnForwardFailure=no", "-L", f"{folder}/s:{socket}"]
        argv = arguments(self._endpoint, *options)
        self._process = start(self._endpoint, argv, partial(explain, self._endpoint))
        self._stream = await self._driver.connect_process(self._process)
        if not await self._stream.receive():
            raise login_fault(self._endpoint, self._process.status(), self._process.said())

    @property
    def serves(self) -> bool:
        return self.borrowed or (self._process is not None and self._process.running)

    @property
    def has_room(self) -> bool:
        return self.borrowed or self.forwards or self.sessions < SESSIONS

    async def forwarded(self) -> ByteStream:
        """Return a connection to the forwarded socket. Raises ConnectionLostError when the login has just ended."""
        folder = self._folder
        try:
            return await self._driver.connect_unix(f"{folder.name}/s" if folder else "")
        except OSError as error:
            raise lost(error.strerror or "") from error

    async def prove(self) -> None:
        """Make one request by the forwarded socket, the first time: ssh accepts a connection before it asks the far side, and
        hangs up without a word when that cannot connect. If a look around finds no reason, forwarding may be forbidden, which
        sshd 9.2 does not say either: `forwards` is false from then on, and the docker command over there has to try."""
        if self._proved:
            return
        try:
            stream = await self.forwarded()
            try:
                await stream.send(_PING)
                if await stream.receive():
                    self._proved = True
                    return
            finally:
                await stream.aclose()
        except ConnectionLostError:
            pass
        path = settings_of(self._endpoint).socket or ""
        command = ["sh", "-c", shlex.quote(_LOOK), shlex.quote(path)]
        _, output, _ = await run(
            self._endpoint, self._driver, arguments(self._endpoint, *self.options, command=command)
        )
        if error := no_answer(self._endpoint, output):
            raise error
        self.forwards = False

    @property
    def options(self) -> list[str]:
        """What makes an ssh go by this master."""
        return ["-o", "ControlMaster=no", "-o", f"ControlPath={self._folder.name}/c"] if self._folder else []

    async def aclose(self) -> None:
        """Log out: what goes by it ends, the folder goes."""
        if self._stream is not None:
            await self._stream.aclose()
        if self._folder is not None:
            self._folder.cleanup()

    async def _has_own(self) -> bool:
        """Whether the user's configuration has a control connection to the host that stands: one that was made with a
        password or a second factor is worth keeping. Asks only the local socket."""
        if settings_of(self._endpoint).key is not None:
            return False
        status, _, _ = await run(self._endpoint, self._driver, arguments(self._endpoint, "-O", "check"))
        return status == 0


class Login:
    """The connections to an ssh endpoint, over as few logins as there can be. The first connection logs in, and the next one
    after a login was lost. Several threads may use one."""

    def __init__(self, endpoint: Endpoint, driver: Driver) -> None:
        self._endpoint = endpoint
        self._driver = driver
        self._mutex = driver.mutex()
        self._masters: list[Master] = []
        self._opening: Event | None = None
        self._closed = False

    async def connect(self) -> ByteStream:
        """Return a connection to the daemon. Raises what `open` does, and why the socket over there does not answer."""
        while True:
            master = await self.open()
            if master.forwards:
                await master.prove()
            if master.forwards:
                return await master.forwarded()
            if self._reserve(master):
                break
        try:
            return await dial_through(
                self._endpoint, self._driver, *master.options, ended=partial(self._give_back, master)
            )
        except BaseException:
            self._give_back(master)
            raise

    async def open(self) -> Master:
        """Return a login with room for a connection; log in if there is none. Of several who ask at once one does it. Raises
        SSHError and other NetworkErrors."""
        while True:
            with self._mutex:
                if self._closed:
                    raise RequestError("the client is closed", "make requests before it is, or make another client")
                for master in self._masters:
                    if master.serves and master.has_room:
                        return master
                waited_for = self._opening
                if waited_for is None:
                    opening = self._opening = self._driver.event()
            if waited_for is not None:
                await waited_for.wait()
                continue
            try:
                await self._log_in()
            finally:
                with self._mutex:
                    self._opening = None
                opening.set()

    async def aclose(self) -> None:
        """Log out. Connections that still stand end."""
        with self._mutex:
            self._closed = True
            masters, self._masters = self._masters, []
        for master in masters:
            await master.aclose()

    async def _log_in(self) -> None:
        for master in [master for master in self._masters if not master.serves]:
            self._masters.remove(master)
            await master.aclose()
        master = Master(self._endpoint, self._driver)
        try:
            await master.log_in()
            with self._mutex:
                if not self._closed:
                    self._masters.append(master)
                    return
        except BaseException:
            await master.aclose()
            raise
        await master.aclose()

    def _reserve(self, master: Master) -> bool:
        with self._mutex:
            if has_room := master.has_room:
                master.sessions += 1
            return has_room

    def _give_back(self, master: Master) -> None:
        with self._mutex:
            master.sessions -= 1


def _base() -> str:
    """Where private folders go: the usual place, unless it is too long or means something to a shell."""
    base = tempfile.gettempdir()
    return base if _FORWARDABLE.fullmatch(base) and len(base) < FOLDER_LIMIT else "/tmp"
