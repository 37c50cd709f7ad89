"""A docker-machine by ssh: with the user, port and key of its store, so that it is reached where its TLS is broken.

Source: docker-machine 0.16.2: libmachine/drivers/base.go (root and 22 where nothing is saved, id_rsa in the machine's folder),
drivers/virtualbox (its ssh is a port of this machine's localhost).
"""

from __future__ import annotations

import ntpath
import os

from ..endpoint import DEFAULT_SOCKET, Endpoint, Scheme, SSHLogin
from ..errors import EndpointError
from .machine_store import ASKS_ELSEWHERE, MachineStore


def machine_ssh_endpoint(store: MachineStore, name: str) -> Endpoint:
    """Return the endpoint of the machine's Docker socket over ssh. Raises EndpointError if the store has no such machine, or
    saves no address or no key for it."""
    config = store.config(name)
    found = config.get("Driver")
    driver = found if isinstance(found, dict) else {}
    kind = str(config.get("DriverName", ""))
    named = f"machine {name!r} in {store.folder}"
    if kind == "none":
        raise EndpointError(f"{named} has the driver none, which knows no ssh", "use -H ssh://USER@HOST")
    address = driver.get("PublicIP" if kind == "vcloudair" else "IPAddress")
    if kind == "virtualbox":
        address = "127.0.0.1"
    if not address:
        raise EndpointError(f"{named} has no address saved", f"start it: docker-machine start {name}")
    user, port = str(driver.get("SSHUser") or "root"), driver.get("SSHPort") or 22
    host = f"[{address}]" if ":" in str(address) else address
    endpoint = Endpoint.parse(f"ssh://{host}:{port}", f"machine {name} in {store.folder}")
    login = SSHLogin(user, DEFAULT_SOCKET, _key(store, name, str(driver.get("SSHKeyPath") or "")))
    endpoint = Endpoint(Scheme.SSH, endpoint.address, endpoint.port, endpoint.origin, machine=name, ssh=login)
    if kind in ASKS_ELSEWHERE - {"virtualbox"}:
        return endpoint.noted(
            f"{address} is what the {kind} driver last saved and may be stale: see `docker-machine ip {name}`"
        )
    return endpoint


def _key(store: MachineStore, name: str, saved: str) -> str:
    """The machine's own key, in its folder by preference: the saved path is absolute, and the store may have been copied."""
    folder = os.path.join(store.folder, "machines", name)
    own = os.path.join(folder, ntpath.basename(saved) or "id_rsa")
    for path in (own, saved):
        if path and os.path.exists(path):
            return os.path.abspath(path)
    raise EndpointError(
        f"the ssh key {saved or own} of machine {name!r} in {store.folder} is missing",
        "copy it into the machine's folder, or use -H ssh://USER@HOST",
    )
