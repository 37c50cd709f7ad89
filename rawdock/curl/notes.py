"""What a sloppy command line really does. Each was seen with curl 7.88.1 and a dockerd 20.10."""

from __future__ import annotations

import re

from ..wire.http1 import Head
from .parse import Command
from .transfer import FORM, Transfer
from .url import without_user

_VERSION = re.compile(r"v\d+\.\d+")
_FIRST_PARTS = {
    "_ping", "auth", "build", "commit", "configs", "containers", "distribution", "events", "exec", "images", "info",
    "networks", "nodes", "plugins", "secrets", "services", "session", "swarm", "system", "tasks", "version", "volumes",
}  # fmt: skip
_TAKES_A_TAR = re.compile(r"/(build|images/load|images/create|archive|plugins/create)$")


def before(command: Command, transfer: Transfer) -> list[str]:
    """What is known before anything is sent."""
    url, given = transfer.url, without_user(transfer.given)
    notes: list[str] = []
    meant = f"http://localhost/{url.host}{url.target}"
    if _VERSION.fullmatch(url.host):
        notes.append(
            f"{given} makes {url.host!r} the host and asks for {url.path} without a version, which the daemon answers in its "
            f"newest; with the version it is {meant}"
        )
    elif url.host in _FIRST_PARTS and ("unix-socket" in command.values or url.port is None):
        notes.append(f"{given} makes {url.host!r} the host and asks for {url.path}; for /{url.host} write {meant}")
    if transfer.given not in command.urls and '"' in given:
        notes.append(f"curl takes {{}} and [] for lists of URLs, so what is asked for is {given}; -g keeps them")
    if "insecure" in command.flags:
        notes.append(
            "-k turns verification off: whoever answers is taken for the daemon, and can read and change everything"
            if url.scheme == "https"
            else "-k does nothing here: this URL has no TLS"
        )
    if _TAKES_A_TAR.search(url.path) and any(
        piece.option in ("data", "data-ascii") and piece.text.startswith("@") for piece in command.data
    ):
        notes.append(
            "-d takes line ends and NULs out of a file, which breaks an archive; --data-binary or -T keeps them"
        )
    return notes


def after(transfer: Transfer, head: Head) -> list[str]:
    """What the reply's head gives away."""
    request = transfer.request
    if head.status == 400 and head.http_version == "1.0" and transfer.url.scheme == "http":
        return ["an answer like this comes from a port with TLS: write https://, with --cacert, --cert and --key"]
    if head.status in (400, 415) and ("Content-Type", FORM) in request.headers:
        return [
            f"-d sends Content-Type: {FORM}, and a daemon reads JSON under its own alone: add -H 'Content-Type: "
            "application/json'"
        ]
    if head.status == 404 and request.method == "HEAD":
        return [
            "-I asks by HEAD, which a daemon knows for /_ping and /containers/ID/archive alone; -i shows the head of a GET"
        ]
    return []


def no_socket(transfer: Transfer, docker_host: str) -> str:
    """What to do when no host answers and no --unix-socket was given. `docker_host`: DOCKER_HOST, "" for none."""
    if docker_host.startswith("unix://"):
        return f"curl does not read DOCKER_HOST: add --unix-socket {docker_host.removeprefix('unix://')}"
    if docker_host:
        address = docker_host.partition("://")[2] or docker_host
        return f"curl does not read DOCKER_HOST: write its address into the URL, {transfer.url.scheme}://{address}"
    if transfer.url.port is not None:
        return "start the daemon there, or check its address"
    return f"curl was given no --unix-socket, so it asks the host {transfer.url.host}: add --unix-socket /var/run/docker.sock"
