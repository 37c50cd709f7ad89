"""Find the daemon: from what the caller said, the environment or the default, in that order. Reads files, opens no socket.

Source: docker CLI 28.2.2 (-H before DOCKER_HOST before the default; tcp://localhost:2376 is the default under TLS; any
non-empty DOCKER_TLS_VERIFY means yes, "0" too). Contexts are not read yet.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..endpoint import DEFAULT_SOCKET, DEFAULT_TLS_PORT, Endpoint, Scheme, TLSFiles
from ..errors import EndpointError
from .machine_env import machine_env_endpoint
from .machine_store import MachineStore, home_folder

__all__ = ["MachineStore", "discover"]


def discover(
    environ: Mapping[str, str],
    *,
    host: str | None = None,
    machine: str | None = None,
    live: bool = False,
    machine_env: tuple[str, str] | None = None,
) -> Endpoint:
    """Return the endpoint to use.

    `host` is -H's text; `machine` a name in docker-machine's store, `live`: at the address that the
    docker-machine program gives now; `machine_env` the text that `docker-machine env`
    printed and where it was read ("standard input", a file's name). Raises EndpointError if two of them are given, or
    if what decides names no endpoint: nothing later is tried in its place.
    """
    given = [
        name
        for name, value in (("-H", host), ("--machine", machine), ("--machine-env", machine_env))
        if value is not None
    ]
    if len(given) > 1:
        raise EndpointError(f"{' and '.join(given)} each name a daemon", "give one of them")
    if live and machine is None:
        raise EndpointError(
            "--live asks docker-machine for a machine's address, and no machine is named", "add --machine"
        )
    if machine is not None:
        store = MachineStore.of(environ)
        if not live:
            return store.endpoint(machine)
        from .machine_live import live_endpoint

        return live_endpoint(store, environ, machine)
    if machine_env is not None:
        return machine_env_endpoint(*machine_env)
    if host is not None:
        return _with_notes(Endpoint.parse(host, "-H", _tls(environ)), environ)
    if environ.get("DOCKER_HOST"):
        return _with_notes(Endpoint.parse(environ["DOCKER_HOST"], "DOCKER_HOST", _tls(environ)), environ)
    if tls := _tls(environ):
        return Endpoint(Scheme.TCP, "localhost", DEFAULT_TLS_PORT, "the default under DOCKER_TLS_VERIFY", tls)
    return Endpoint(Scheme.UNIX, DEFAULT_SOCKET, None, "the default")


def _tls(environ: Mapping[str, str]) -> TLSFiles | None:
    if not environ.get("DOCKER_TLS_VERIFY"):
        return None
    if folder := environ.get("DOCKER_CERT_PATH"):
        return TLSFiles.in_folder(folder, "DOCKER_CERT_PATH")
    if folder := environ.get("DOCKER_CONFIG"):
        return TLSFiles.in_folder(folder, "DOCKER_CONFIG")
    return TLSFiles.in_folder(f"{home_folder(environ)}/.docker", "the default certificate folder")


def _with_notes(endpoint: Endpoint, environ: Mapping[str, str]) -> Endpoint:
    if endpoint.scheme is Scheme.TCP and endpoint.tls is None and environ.get("DOCKER_CERT_PATH"):
        # The docker CLI speaks plain HTTP here and says nothing about it.
        return endpoint.noted("DOCKER_CERT_PATH is set but DOCKER_TLS_VERIFY is not, so plain HTTP is spoken")
    return endpoint
