"""A real sshd on loopback, with its own keys and configuration in a folder of the test, before the lab's daemon.

It listens on a port for each way to be configured, and counts logins in its log. Needs root and Debian's openssh-server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rawdock import Endpoint
from rawdock.endpoint import Scheme, SSHLogin

# A port each: what sshd is told for those who come by it.
WAYS = {
    "plain": [],
    "no-forwarding": ["AllowStreamLocalForwarding no"],
    "no-docker": ["SetEnv PATH=/nonexistent"],
    "one-session": ["MaxSessions 1"],
    "no-daemon": ["SetEnv DOCKER_HOST=unix:///nonexistent/docker.sock"],
    "only-dial-stdio": ["ForceCommand docker system dial-stdio"],
    "no-key": ["PubkeyAuthentication no"],
}


@dataclass(frozen=True)
class SSHServer:
    folder: Path
    ports: dict[str, int]
    docker: Path
    process: subprocess.Popen[bytes]

    @property
    def key(self) -> str:
        return str(self.folder / "user")

    def endpoint(self, way: str = "plain", *, socket: str | None = None, user: str = "root") -> Endpoint:
        """With the server's own key, as a docker-machine would be reached: no configuration of this machine is read."""
        login = SSHLogin(user, socket, self.key)
        return Endpoint(Scheme.SSH, "127.0.0.1", self.ports[way], "the test", ssh=login)

    def logins(self) -> int:
        return (self.folder / "log").read_text().count("Accepted publickey")

    def environment(self, config: str = "") -> dict[str, str]:
        """In which `ssh` reads the configuration `config` and not this user's, and knows the server's key."""
        programs = self.folder / "programs"
        programs.mkdir(exist_ok=True)
        known = self.folder / "known_hosts"
        if not known.exists():
            key = (self.folder / "host.pub").read_text()
            known.write_text("".join(f"[127.0.0.1]:{port} {key}" for port in self.ports.values()))
        lines = [config, "Host *", f"IdentityFile {self.key}", f"UserKnownHostsFile {known}", "IdentityAgent none"]
        (self.folder / "config").write_text("\n".join([*lines, ""]))
        ssh = shutil.which("ssh", path="/usr/local/bin:/usr/bin:/bin")
        (programs / "ssh").write_text(f'#!/bin/sh\nexec {ssh} -F {self.folder}/config "$@"\n')
        (programs / "ssh").chmod(0o755)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("DOCKER")}
        return {**clean, "PATH": f"{programs}:{os.environ['PATH']}"}


@contextmanager
def ssh_server(folder: Path, docker: Path) -> Iterator[SSHServer]:
    """A server whose sessions have the daemon at the socket `docker`, and at /var/run/docker.sock."""
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    ports = dict(zip(WAYS, free_ports(len(WAYS)), strict=True))
    lines = [f"Port {port}" for port in ports.values()]
    lines += ["ListenAddress 127.0.0.1", f"HostKey {folder}/host", "AuthorizedKeysFile none", "PidFile none"]
    # By a command, because sshd reads a file as the user who logs in, and pytest's folders are root's.
    lines += [f"AuthorizedKeysCommand /bin/cat {folder}/user.pub", "AuthorizedKeysCommandUser root"]
    lines += ["StrictModes no", "UsePAM no", "PasswordAuthentication no", "PermitRootLogin yes", "LogLevel INFO"]
    lines += ["KbdInteractiveAuthentication no", "MaxStartups 100"]
    lines += [word for way in WAYS for word in (f"Match LocalPort {ports[way]}", *WAYS[way], *_daemon(way, docker))]
    (folder / "sshd_config").write_text("\n".join([*lines, ""]))
    sshd = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin") or "sshd"  # which wants to be called by its full path
    # A /run of its own: with the folder that sshd's service makes, and the daemon's socket where a host has it.
    script = (
        f"mount -t tmpfs tmpfs /run && mkdir /run/sshd && ln -s {docker} /run/docker.sock && exec {sshd} -D -e -f $0"
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", script, folder / "sshd_config"], stderr=log, stdin=subprocess.DEVNULL
        )
    try:
        for port in ports.values():
            _await_banner(port, process)
        yield SSHServer(folder, ports, docker, process)
    finally:
        process.terminate()
        process.wait()


def _daemon(way: str, docker: Path) -> list[str]:
    """SetEnv is read once only, so the ways that have theirs go without the daemon."""
    return [] if any(line.startswith("SetEnv") for line in WAYS[way]) else [f"SetEnv DOCKER_HOST=unix://{docker}"]


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [listener.getsockname()[1] for listener in listeners]


def _await_banner(port: int, process: subprocess.Popen[bytes]) -> None:
    while True:
        assert process.poll() is None, "sshd has ended"
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                assert connection.recv(4) == b"SSH-"
                return
        except ConnectionRefusedError:
            continue
