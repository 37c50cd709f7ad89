"""What is doubtful about an endpoint, as notes on it: said by the doctor, by `endpoints`, and beside a failure."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from ..endpoint import Endpoint, Scheme

UNVERIFIED = "the daemon's certificate is not verified"  # how such a note begins


def doubted(endpoint: Endpoint) -> Endpoint:
    """The endpoint with a note for plain HTTP to another machine, and one for a private key that everybody may read."""
    if endpoint.scheme is Scheme.TCP and endpoint.tls is None and not _is_loopback(endpoint.address):
        return endpoint.noted("plain HTTP to another machine is unsafe: whoever is on the way can read and change it")
    key = endpoint.tls.key if endpoint.tls else None
    mode = _mode(key) if key else 0
    if mode & stat.S_IROTH:
        return endpoint.noted(f"the private key {key} may be read by every user (mode {mode:04o}): chmod 600 it")
    return endpoint


def environment_doubted(endpoint: Endpoint, environ: Mapping[str, str]) -> Endpoint:
    """The endpoint of -H or DOCKER_HOST with notes on what the TLS variables do not do."""
    if endpoint.scheme is not Scheme.TCP:
        return endpoint
    if endpoint.tls is None and environ.get("DOCKER_CERT_PATH"):
        # The docker CLI speaks plain HTTP here and says nothing about it.
        return endpoint.noted("DOCKER_CERT_PATH is set but DOCKER_TLS_VERIFY is not, so plain HTTP is spoken")
    if endpoint.tls is not None and not endpoint.tls.verify:
        return endpoint.noted(f"{UNVERIFIED}: DOCKER_TLS is set and DOCKER_TLS_VERIFY is not")
    return endpoint


def _is_loopback(address: str) -> bool:
    return address.lower() == "localhost" or address.startswith(("127.", "::ffff:127.")) or address == "::1"


def _mode(path: str) -> int:
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except OSError:
        return 0
