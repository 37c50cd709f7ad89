"""What the store knows of every machine, as `docker-machine ls` would list it; and the environment of one.

Source: docker-machine 0.16.2, commands/ls.go (a machine is active when DOCKER_HOST is its URL, character by character),
libmachine/host (swarm options of config versions 0 to 3), commands/env.go.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..endpoint import Endpoint, Scheme, TLSFiles
from ..errors import EndpointError, RawdockError
from .machine_store import MachineStore

VARIABLES = ("DOCKER_TLS_VERIFY", "DOCKER_HOST", "DOCKER_CERT_PATH", "DOCKER_MACHINE_NAME")


@dataclass(frozen=True)
class Machine:
    """One row. `endpoint` is None and `error` says why when the store gives no address; `swarm` is the master's name,
    "" outside a (classic) swarm; `active` is "*", "* (swarm)" or "-", "" when config.json cannot be read."""

    name: str
    driver: str
    active: str
    endpoint: Endpoint | None
    swarm: str
    error: RawdockError | None

    @property
    def broken(self) -> bool:
        """config.json itself could not be read."""
        return self.active == ""


def list_machines(store: MachineStore, docker_host: str = "") -> list[Machine]:
    """The machines of the store by name, those whose config.json cannot be read included. `docker_host`: DOCKER_HOST."""
    configs: dict[str, dict[str, Any] | EndpointError] = {}
    for name in store.folders():
        try:
            configs[name] = store.config(name)
        except EndpointError as error:
            configs[name] = error
    masters = {
        options["Discovery"]: name
        for name, config in configs.items()
        if isinstance(config, dict) and (options := swarm_options(config))["Master"]
    }
    return [_machine(store, name, config, masters, docker_host) for name, config in configs.items()]


def _machine(
    store: MachineStore,
    name: str,
    config: dict[str, Any] | EndpointError,
    masters: Mapping[Any, str],
    docker_host: str,
) -> Machine:
    if isinstance(config, EndpointError):
        return Machine(name, "not found", "", None, "", config)
    options = swarm_options(config)
    swarm = masters.get(options["Discovery"], "") if options["Discovery"] else ""
    endpoint, error, active = None, None, "-"
    try:
        endpoint = store.endpoint(name)
    except EndpointError as fault:
        error = fault
    if endpoint is not None and docker_host:
        if docker_host == endpoint.url:
            active = "*"
        elif options["Master"] and docker_host == _swarm_url(endpoint, options):
            active = "* (swarm)"
    return Machine(name, str(config.get("DriverName", "")), active, endpoint, swarm and _role(swarm, name), error)


def _role(master: str, name: str) -> str:
    return f"{master} (master)" if master == name else master


def swarm_options(config: Mapping[str, Any]) -> dict[str, Any]:
    """Master (bool), Host (its URL's port counts) and Discovery of a machine in a classic swarm. Version 0 is flat."""
    host = config.get("HostOptions")
    options = host.get("SwarmOptions") if isinstance(host, dict) else None
    if isinstance(options, dict):
        return {name: options.get(name) or "" for name in ("Master", "Host", "Discovery")}
    return {name: config.get(f"Swarm{name}") or "" for name in ("Master", "Host", "Discovery")}


def swarm_endpoint(store: MachineStore, name: str, endpoint: Endpoint) -> Endpoint:
    """The endpoint of the (classic) swarm that machine `name` is the master of. Raises EndpointError if it is none."""
    options = swarm_options(store.config(name))
    if not options["Master"]:
        raise EndpointError(f"machine {name!r} is no swarm master", "leave --swarm out, or name the master")
    return Endpoint.parse(_swarm_url(endpoint, options), f"SwarmOptions of machine {name}", endpoint.tls)


def _swarm_url(endpoint: Endpoint, options: Mapping[str, Any]) -> str:
    """The machine's address with the port of the swarm's own URL, such as tcp://0.0.0.0:3376."""
    port = str(options["Host"]).rpartition(":")[2] or "3376"
    host = f"[{endpoint.address}]" if ":" in endpoint.address else endpoint.address
    return f"tcp://{host}:{port}"


def machine_variables(name: str, endpoint: Endpoint) -> dict[str, str | None]:
    """The variables that lead any Docker client to `endpoint`, in docker-machine's order; None: to be unset. Raises
    EndpointError if its certificates do not lie together in one folder under Docker's names."""
    folder = None if endpoint.tls is None else _folder(name, endpoint.tls)
    return dict(zip(VARIABLES, (folder and "1", endpoint.url, folder, name), strict=True))


def _folder(name: str, files: TLSFiles) -> str:
    paths = [path or "" for path in (files.ca, files.cert, files.key)]
    folder = os.path.dirname(paths[0])
    if [os.path.join(folder, file) for file in ("ca.pem", "cert.pem", "key.pem")] != paths:
        raise EndpointError(
            f"the certificates of machine {name!r} are {', '.join(paths)} from {files.origin}, and DOCKER_CERT_PATH "
            "can name only a folder with ca.pem, cert.pem and key.pem",
            f"copy them to a folder under these names, or use rawdock --machine {name}",
        )
    return folder


def no_proxy(environ: Mapping[str, str], address: str) -> tuple[str, str]:
    """The variable that keeps proxies away from `address`, and its value: no_proxy when it is set, else NO_PROXY. An
    address that is there is not added again; docker-machine takes 10.0.0.1 for there in 10.0.0.11."""
    name = "no_proxy" if environ.get("no_proxy") else "NO_PROXY"
    listed = [entry for entry in environ.get(name, "").split(",") if entry]
    if address not in (entry.strip() for entry in listed):
        listed.append(address)
    return name, ",".join(listed)


def address_of(machine: str, endpoint: Endpoint) -> str:
    """The machine's IP address or host name. Raises EndpointError for a Unix socket."""
    if endpoint.scheme is not Scheme.TCP:
        raise EndpointError(
            f"machine {machine!r} is {endpoint.url}, which has no IP address", "use `rawdock machine url`"
        )
    return endpoint.address
