"""What works but is not safe: said by the doctor beside the layer, never an error.

Source: Docker's "Protect the Docker daemon socket": whoever may send requests to a daemon is root on its host.
"""

from __future__ import annotations

import ipaddress
import os
import stat
from collections.abc import Iterable

from ..endpoint import Endpoint, Scheme, TLSFiles
from .faults import describe_owner


def open_socket(path: str) -> str:
    """A warning for a Unix socket that everybody on this machine may write to, else ""."""
    if not os.stat(path).st_mode & stat.S_IWOTH:
        return ""
    return f"everyone on this machine may use the socket and so be root on the daemon's host: sudo chmod o-rw {path}"


def plain_tcp(endpoint: Endpoint, addresses: Iterable[str]) -> str:
    """A warning for plain HTTP to another machine, else "". Loopback stays on this one."""
    if endpoint.scheme is not Scheme.TCP or endpoint.tls is not None or all(map(_is_loopback, addresses)):
        return ""
    return (
        f"{endpoint.url} is unsafe: without TLS whoever reaches this port is root on the daemon's host, and whoever is on "
        "the way reads along; use TLS (dockerd --tlsverify, port 2376)"
    )


def open_key(files: TLSFiles) -> str:
    """A warning for a client key that others may read, else ""."""
    if files.key is None:
        return ""
    try:
        mode = os.stat(files.key).st_mode
    except OSError:
        return ""
    if os.name == "nt" or not mode & (stat.S_IRGRP | stat.S_IROTH):
        return ""
    who = "everyone on this machine" if mode & stat.S_IROTH else "its group"
    return (
        f"{who} may read the client key {files.key} ({describe_owner(files.key)}) and so be root on the daemon's host: "
        f"chmod 600 {files.key}"
    )


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False
