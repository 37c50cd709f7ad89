"""Find the daemon: from what the caller said, the environment, a docker context or the default. Reads files, opens no socket.

The order is in search.py.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping

from ..endpoint import Endpoint
from ..errors import EndpointError, UnverifiedWarning
from .search import Search

__all__ = ["Search", "discover", "endpoint_of"]


def discover(
    environ: Mapping[str, str] = os.environ,
    *,
    host: str | None = None,
    context: str | None = None,
    machine: str | None = None,
    live: bool = False,
    machine_env: tuple[str, str] | None = None,
) -> Endpoint:
    """Return the endpoint to use.

    `host` is -H's text; `context` the name of a docker context; `machine` a name in docker-machine's store, `live`: at the
    address that the docker-machine program gives now; `machine_env` the text that `docker-machine env` printed and where it
    was read ("standard input", a file's name). Raises EndpointError if two of them are given, or if what decides names no
    endpoint: nothing later is tried in its place. Warns (UnverifiedWarning) when what decides turns the verification of the
    daemon's certificate off.
    """
    search = Search(environ, host, context, machine, machine_env, live=live, host_origin="the caller")
    endpoint = search.endpoint()
    if endpoint.tls is not None and not endpoint.tls.verify:
        warnings.warn(f"{endpoint}: {'; '.join(endpoint.notes)}", UnverifiedWarning, stacklevel=2)
    return endpoint


def endpoint_of(given: Endpoint | str | None) -> Endpoint:
    """The endpoint that the caller gave, as one or as -H's text, else the environment's. Raises EndpointError."""
    if isinstance(given, Endpoint):
        return given
    if given is not None and not isinstance(given, str):
        words = 'give text such as "unix:///var/run/docker.sock", or a rawdock.Endpoint'
        raise EndpointError(f"the endpoint is of type {type(given).__name__}", words)
    return discover(host=given)
