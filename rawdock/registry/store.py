"""Where the credentials for a registry are found.

Source: docker CLI, cli/config/configfile/file.go and cli/config/credentials. DOCKER_AUTH_CONFIG first; then what config.json
has for the registry: its helper in `credHelpers`, else `credsStore`, and where these have none, `auths`. Older than the CLI's
keys are those with https:// and a path, which it still accepts. Files and helpers are asked each time, since tokens run out
within the hour.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..discovery.folders import docker_folder
from ..errors import CredentialsError
from .credentials import Credentials
from .helper import TIMEOUT, Helper, Runner, run_program
from .reference import HUB_KEY, Reference, config_key

ENVIRONMENT = "DOCKER_AUTH_CONFIG"
_HUB_KEYS = (HUB_KEY, "docker.io", "index.docker.io")  # the CLI writes the first; Podman and people write the others


@dataclass(frozen=True, repr=False)
class CredentialStore:
    """The credentials of one user. `environ` gives DOCKER_AUTH_CONFIG, DOCKER_CONFIG, HOME and the helpers' environment;
    `folder` is the one with config.json, in place of those. `run` starts a helper, which has `timeout` seconds."""

    environ: Mapping[str, str]
    folder: str | None = None
    run: Runner = run_program
    timeout: float = TIMEOUT

    def __repr__(self) -> str:
        return f"<CredentialStore of {self._path}>"  # the environment may hold secrets

    def for_image(self, reference: str | Reference) -> Credentials | None:
        """The credentials for the registry that an image is on, None without any. Raises RequestError for what is no
        reference, CredentialsError for a config.json or helper that fails."""
        image = Reference.parse(reference) if isinstance(reference, str) else reference
        return self.for_registry(image.registry)

    def for_registry(self, registry: str) -> Credentials | None:
        """The same for a registry: "docker.io", or HOST[:PORT]."""
        key = config_key(registry)
        config = self._config()
        return self._from_environment(key) or self._from_helper(config, key) or _in_auths(config, key)

    def for_build(self) -> dict[str, Credentials]:
        """All credentials there are, by config.json's names of the registries. Asks every helper; raises CredentialsError
        for the first that fails."""
        config = self._config()
        found = {key: one for key in config.auths if (one := _in_auths(config, key))}
        if config.store:
            helper = self._helper(config.store, f"credsStore in {config.path}")
            found |= {key: one for key in helper.list() if (one := helper.get(key))}
        found |= {key: one for key in config.helpers if (one := self._from_helper(config, key))}
        environment = self._environment()
        return found | {key: one for key in environment.auths if (one := _in_auths(environment, key))}

    def _from_environment(self, key: str) -> Credentials | None:
        return _in_auths(self._environment(), key)

    def _from_helper(self, config: _Config, key: str) -> Credentials | None:
        for name in _names(key):
            if name in config.helpers:
                helper = config.helpers[name]
                origin = f"credHelpers in {config.path}"
                return self._helper(helper, origin).get(key) if helper else None
        return self._helper(config.store, f"credsStore in {config.path}").get(key) if config.store else None

    def _helper(self, name: str, origin: str) -> Helper:
        return Helper(name, origin, self.environ, self.run, self.timeout)

    @property
    def _path(self) -> str:
        return f"{self.folder or docker_folder(self.environ)}/config.json"

    def _config(self) -> _Config:
        path = self._path
        try:
            with open(path, "rb") as file:
                text = file.read()
        except (FileNotFoundError, NotADirectoryError):
            return _Config(path, {}, {}, "")
        except OSError as error:
            raise CredentialsError(f"{path} cannot be read: {error.strerror}", "check its owner and mode") from error
        return _Config.parse(path, text)

    def _environment(self) -> _Config:
        text = self.environ.get(ENVIRONMENT, "")
        return _Config.parse(ENVIRONMENT, text.encode("utf-8", "surrogateescape"))


@dataclass(frozen=True, repr=False)
class _Config:
    """What of a config.json is about registries. `auths` holds secrets, so there is no repr of it."""

    path: str
    auths: Mapping[str, Mapping[str, Any]]
    helpers: Mapping[str, str]
    store: str

    @classmethod
    def parse(cls, path: str, text: bytes) -> _Config:
        """Raises CredentialsError that says where the text is wrong and shows none of it."""
        document: Any = None
        problem = ""
        try:
            document = json.loads(text.decode("utf-8-sig")) if text.strip() else {}
        except UnicodeDecodeError:
            problem = "it is no UTF-8"
        except json.JSONDecodeError as error:
            problem = f"{error.msg}, line {error.lineno} column {error.colno}"
        if problem:  # outside the `except`: its error holds the whole text
            raise CredentialsError(f"{path} is no JSON: {problem}", "repair it, or log in again")
        if not isinstance(document, dict):
            raise CredentialsError(f"{path} holds no JSON object", "repair it, or log in again")
        auths = _texts(path, document, "auths", dict)
        helpers = _texts(path, document, "credHelpers", str)
        store = document.get("credsStore") or ""
        if not isinstance(store, str):
            raise CredentialsError(f"credsStore in {path} is no text", 'write a helper\'s name, such as "pass"')
        return cls(path, auths, helpers, store)


def _texts(path: str, document: Mapping[str, Any], name: str, kind: type) -> dict[str, Any]:
    found = document.get(name) or {}
    if not isinstance(found, dict):
        raise CredentialsError(f"{name} in {path} is no JSON object", "it has a registry for each key")
    for key, value in found.items():
        if not isinstance(value, kind):
            expected = "text" if kind is str else "JSON object"
            raise CredentialsError(f"{name} of {key} in {path} is no {expected}", "repair it, or log in again")
    return found


def _names(key: str) -> tuple[str, ...]:
    return _HUB_KEYS if key == HUB_KEY else (key,)


def _in_auths(config: _Config, key: str) -> Credentials | None:
    found = next(_matches(config.auths, key), None)
    if found is None:
        return None
    credentials = _decoded(config, found, key)
    return None if credentials.empty else credentials


def _matches(auths: Mapping[str, Any], key: str) -> Iterator[str]:
    """The entries for a registry, the exact ones first."""
    names = _names(key)
    yield from (name for name in names if name in auths)
    yield from (entry for entry in auths if _host(entry) in names)


def _host(entry: str) -> str:
    """The host of an entry such as https://registry.example/v1/."""
    return entry.removeprefix("https://").removeprefix("http://").partition("/")[0]


def _decoded(config: _Config, entry: str, server: str) -> Credentials:
    values = dict(config.auths[entry])
    origin = f"auths in {config.path}"
    auth = values.get("auth") or ""
    if auth:
        text = _base64(auth)
        user, colon, password = text.partition(":") if text is not None else ("", "", "")
        if not colon or not user:
            raise CredentialsError(
                f"auth of {entry} in {config.path} is no base64 of USER:PASSWORD", "log in again: it is not shown here"
            )
        values |= {"username": user, "password": password.strip("\0")}
    values.pop("serveraddress", None)
    return Credentials.of(values, origin, server)


def _base64(text: object) -> str | None:
    try:
        return base64.b64decode(text, validate=True).decode() if isinstance(text, str) else None
    except (binascii.Error, ValueError):
        return None
