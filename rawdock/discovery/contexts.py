"""Read the docker CLI's contexts on disk, without the CLI.

Source: docker CLI 28.2.2 and 20.10.24, cli/context/store and cli/context/docker, and what `docker context create` left on
disk. A context `lab` is contexts/meta/SHA256("lab")/meta.json, its PEM files, any subset of three, are in
contexts/tls/SHA256("lab")/docker/. TLS is spoken when one of them is there or SkipTLSVerify is set; DOCKER_TLS_VERIFY and
DOCKER_CERT_PATH do not count. The CLI uses the host as it stands: where that leads it to an address without a port, or to
plain HTTP under https://, this refuses or speaks TLS.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ..endpoint import DEFAULT_SOCKET, Endpoint, Scheme, TLSFiles
from ..errors import EndpointError
from .doubts import UNVERIFIED
from .folders import docker_folder
from .search import DEFAULT_CONTEXT


class ContextStore:
    """The docker CLI's folder, which holds config.json and contexts/. config.json is read once."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> ContextStore:
        """This environment's: DOCKER_CONFIG, else ~/.docker, with the home of /etc/passwd where HOME is not set."""
        return cls(docker_folder(environ))

    @property
    def config_path(self) -> str:
        return os.path.join(self.folder, "config.json")

    def current(self) -> str | None:
        """The currentContext of config.json, None without one. Raises EndpointError for a file that is no JSON object."""
        name = next(
            (value for key, value in self._config.items() if key.lower() == "currentcontext"), None
        )  # Go's rule
        if name is not None and not isinstance(name, str):
            raise EndpointError(f"currentContext in {self.config_path} is no text", "write a context's name")
        return name or None

    def closed(self) -> bool:
        """Whether config.json is there and we may not read it. As in the CLI, it then counts as empty."""
        return self._text is None

    def names(self) -> list[str]:
        """The contexts on disk, sorted; [] when there are none."""
        try:
            entries = os.listdir(os.path.join(self.folder, "contexts", "meta"))
        except OSError:
            return []
        found = (self._name(entry) for entry in entries)
        return sorted(name for name in found if name)

    def endpoint(self, name: str, place: str) -> Endpoint:
        """Return the endpoint of the context `name`; `place` says who named it. Raises EndpointError if there is no such
        context, or it cannot be read, or its host names no endpoint."""
        origin = f"context {name} ({place})"
        docker = self._docker(name, place)
        host, skip = docker.get("Host") or "", bool(docker.get("SkipTLSVerify"))
        if not isinstance(host, str):
            raise EndpointError(f"the host in {origin} is no text", _update(name))
        if not host:
            return Endpoint(Scheme.UNIX, DEFAULT_SOCKET, None, origin, context=name)
        tls = self._tls(name, verify=not skip)
        endpoint = _parse(host, origin, tls, name)._replace(context=name)
        if endpoint.tls is None:
            return endpoint
        if skip:
            return endpoint.noted(f"{UNVERIFIED}: context {name} has SkipTLSVerify")
        if tls is None:
            return endpoint.noted(
                f"context {name} has no TLS files: rawdock speaks TLS as https:// says and trusts this system's "
                "authorities, where the docker CLI would speak plain HTTP"
            )
        return endpoint

    @cached_property
    def _text(self) -> bytes | None:
        """config.json, b"" when there is none, None when we may not read it."""
        try:
            with open(self.config_path, "rb") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            return b""
        except PermissionError:
            return None
        except OSError as error:
            raise EndpointError(f"{self.config_path} cannot be read: {error.strerror}", _NAME_ONE) from error

    @cached_property
    def _config(self) -> dict[str, Any]:
        if not self._text:
            return {}
        return _json_object(self._text, self.config_path, f"repair it, or {_NAME_ONE}")

    def _folder(self, kind: str, name: str) -> str:
        from hashlib import sha256  # OpenSSL's library costs 1 ms to load: only for who has a context

        return os.path.join(self.folder, "contexts", kind, sha256(os.fsencode(name)).hexdigest())

    def _name(self, entry: str) -> str | None:
        """The name of the context in a folder of contexts/meta, None for what is no context."""
        try:
            with open(os.path.join(self.folder, "contexts", "meta", entry, "meta.json"), "rb") as file:
                name = json.loads(file.read())["Name"]
            return name if os.path.basename(self._folder("meta", name)) == entry else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _docker(self, name: str, place: str) -> dict[str, Any]:
        """The docker endpoint in the context's meta.json."""
        path = os.path.join(self._folder("meta", name), "meta.json")
        try:
            with open(path, "rb") as file:
                text = file.read()
        except (FileNotFoundError, NotADirectoryError):
            known = ", ".join([DEFAULT_CONTEXT, *self.names()])
            raise EndpointError(f"there is no context {name!r} ({place}) in {self.folder}", f"known: {known}") from None
        except OSError as error:
            raise EndpointError(f"{path} cannot be read: {error.strerror}", "check its owner and mode") from error
        meta = _json_object(text, path, f"make the context {name} again")
        endpoints = meta.get("Endpoints")
        docker = endpoints.get("docker") if isinstance(endpoints, dict) else None
        if not isinstance(docker, dict):
            raise EndpointError(f"context {name} ({place}) has no docker endpoint in {path}", _update(name))
        return docker

    def _tls(self, name: str, *, verify: bool) -> TLSFiles | None:
        """The context's PEM files. A folder that we may not read is an error: without its files we would speak plain."""
        folder = os.path.join(self._folder("tls", name), "docker")
        try:
            found = os.listdir(folder)
        except (FileNotFoundError, NotADirectoryError):
            found = []
        except OSError as error:
            raise EndpointError(f"{folder} cannot be read: {error.strerror}", "check its owner and mode") from error
        ca, cert, key = (
            os.path.join(folder, file) if file in found else None for file in ("ca.pem", "cert.pem", "key.pem")
        )
        if verify and not (ca or cert or key):
            return None
        return TLSFiles(ca, cert, key, f"context {name}", verify)


_NAME_ONE = "name the daemon with -H, --context or DOCKER_HOST"


def _parse(host: str, origin: str, tls: TLSFiles | None, name: str) -> Endpoint:
    """The CLI adds neither scheme nor port to a context's host, and can use none without them."""
    scheme, separator, rest = host.partition("://")
    shown = re.sub("[^/]*@", "", host)  # without a password, if there is one
    if not separator:
        raise EndpointError(f"{shown!r} from {origin} has no scheme", _update(name))
    endpoint = Endpoint.parse(host, origin, tls)
    if scheme in ("tcp", "http", "https") and not re.search(r":[0-9]+$", rest.partition("/")[0]):
        raise EndpointError(f"{shown!r} from {origin} has no port, and the docker CLI adds none", _update(name))
    return endpoint


def _update(name: str) -> str:
    return f"docker context update {name} --docker host=tcp://HOST:PORT"


def _json_object(text: bytes, path: str, remedy: str) -> dict[str, Any]:
    try:
        document = json.loads(text.decode())
    except ValueError:
        document = None  # its error would hold the text, which may hold passwords
    if not isinstance(document, dict):
        raise EndpointError(f"{path} is no JSON object", remedy)
    return document
