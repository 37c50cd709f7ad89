"""Read docker-machine's store on disk, without docker-machine.

Source: docker-machine 0.16.2: libmachine/host (config.json, versions 0 to 3), drivers/* (each driver's URL). The saved
paths are absolute, so a copied store is read by preferring the machine's own folder.
"""

from __future__ import annotations

import json
import ntpath
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..endpoint import DEFAULT_TLS_PORT, Endpoint, TLSFiles
from ..errors import EndpointError
from .folders import home_folder

NEWEST_CONFIG = 3
NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9\-.]*")
# Drivers that ask the VM, DHCP or the cloud each time: the address on disk is only what it was when last saved.
ASKS_ELSEWHERE = {"virtualbox", "vmwarefusion", "hyperv", "amazonec2", "azure", "google", "vmwarevsphere"}


@dataclass(frozen=True)
class MachineStore:
    """The folder that holds `machines/` and `certs/`; `origin` says who named it."""

    folder: str
    origin: str

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> MachineStore:
        """The store of this environment: MACHINE_STORAGE_PATH, else ~/.docker/machine."""
        if folder := environ.get("MACHINE_STORAGE_PATH"):
            return cls(folder, "MACHINE_STORAGE_PATH")
        return cls(os.path.join(home_folder(environ), ".docker", "machine"), "the default store")

    def names(self) -> list[str]:
        """The machines in the store, sorted; [] when there is no store."""
        return [name for name in self.folders() if os.path.exists(self._config_path(name))]

    def folders(self) -> list[str]:
        """The names that have a folder, with or without a config.json in it, sorted."""
        machines = os.path.join(self.folder, "machines")
        try:
            entries = os.listdir(machines)
        except OSError:
            return []
        return sorted(name for name in entries if NAME.fullmatch(name) and os.path.isdir(os.path.join(machines, name)))

    def endpoint(self, name: str, *, url: str | None = None) -> Endpoint:
        """Return the endpoint of the machine `name`, at the saved address or at `url` that docker-machine gave. Raises
        EndpointError if the store has no such machine, or its config.json cannot be read or saves no address."""
        config = self.config(name)
        origin = f"machine {name} in {self.folder}"
        if url is not None:
            origin = f"`docker-machine url {name}`"
        parsed = Endpoint.parse(url or self._url(config, name), origin, self._tls(config, name))
        endpoint = parsed._replace(machine=name)
        if url is None and _driver(config) in ASKS_ELSEWHERE:
            return endpoint.noted(
                f"{endpoint.address} is what the {_driver(config)} driver last saved and may be stale: "
                f"see `docker-machine ip {name}`"
            )
        return endpoint

    def _config_path(self, name: str) -> str:
        return os.path.join(self.folder, "machines", name, "config.json")

    @staticmethod
    def check_name(name: str) -> None:
        """Raises EndpointError for what docker-machine would not take as a name."""
        if not NAME.fullmatch(name):
            raise EndpointError(f"{name!r} is no machine name", "names have letters, digits, dots and hyphens")

    def config(self, name: str) -> dict[str, Any]:
        """The machine's config.json as it is on disk, of version 0 to 3. Raises EndpointError."""
        self.check_name(name)
        path = self._config_path(name)
        restore = "restore it, from config.json.bak beside it if there is one"
        try:
            with open(path, encoding="utf-8") as file:
                config = json.load(file)
        except FileNotFoundError:
            if os.path.isdir(os.path.dirname(path)):
                raise EndpointError(f"machine {name!r} has no config.json: {path} is missing", restore) from None
            raise EndpointError(f"machine {name!r} is not in {self.folder} ({self.origin})", self._known()) from None
        except OSError as error:
            raise EndpointError(f"{path} cannot be read: {error.strerror}", "check its owner and mode") from error
        except ValueError as error:
            raise EndpointError(f"{path} is no JSON: {error}", restore) from error
        if not isinstance(config, dict):
            raise EndpointError(f"{path} is no machine's configuration", restore)
        version = config.get("ConfigVersion", 0)
        if version not in range(NEWEST_CONFIG + 1):
            raise EndpointError(f"{path} has ConfigVersion {version!r}, expected 0 to {NEWEST_CONFIG}")
        return config

    def _known(self) -> str:
        names = self.names()
        if names:
            return f"it has {', '.join(names)}"
        return "it has no machines: set MACHINE_STORAGE_PATH to the folder that holds machines/"

    def _url(self, config: dict[str, Any], name: str) -> str:
        driver = _object(config, "Driver")
        if _driver(config) == "none":
            url, remedy = driver.get("URL"), "create it again with --url, or use -H"
        else:
            url, remedy = _saved_url(_driver(config), driver), f"start it: docker-machine start {name}"
        if not url:
            raise EndpointError(f"machine {name!r} in {self.folder} has no address saved", remedy)
        return str(url)

    def _tls(self, config: dict[str, Any], name: str) -> TLSFiles:
        """The machine's own copies; else what AuthOptions name (a machine of driver none was never provisioned)."""
        folder = os.path.join(self.folder, "machines", name)
        own = TLSFiles.in_folder(folder, f"machine {name}")
        if own.ca is not None and os.path.exists(own.ca):
            return own
        auth = config  # version 0 is flat
        if "HostOptions" in config:
            auth = _object(_object(config, "HostOptions"), "AuthOptions")
        ca, cert, key = (auth.get(option) for option in ("CaCertPath", "ClientCertPath", "ClientKeyPath"))
        if not (ca and cert and key):
            return own
        origin = f"AuthOptions of machine {name}"
        return TLSFiles(self._moved(str(ca)), self._moved(str(cert)), self._moved(str(key)), origin)

    def _moved(self, path: str) -> str:
        """A saved absolute path, or the same file in this store when it was copied from elsewhere."""
        here = os.path.join(self.folder, "certs", ntpath.basename(path))  # of / and \\, for it may come from Windows
        return here if not os.path.exists(path) and os.path.exists(here) else path


def _saved_url(name: str, driver: Mapping[str, Any]) -> str | None:
    """The URL that the driver called `name` makes of its saved fields; None if it saved no address."""
    address = driver.get("PublicIP" if name == "vcloudair" else "IPAddress")
    if not address:
        return None
    port_field = {"generic": "EnginePort", "azure": "DockerPort", "vcloudair": "DockerPort"}.get(name, "")
    host = f"[{address}]" if ":" in str(address) else address
    return f"tcp://{host}:{driver.get(port_field) or DEFAULT_TLS_PORT}"


def _driver(config: dict[str, Any]) -> str:
    return str(config.get("DriverName", ""))


def _object(parent: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The JSON object there, {} where there is none."""
    value = parent.get(key)
    return value if isinstance(value, dict) else {}
