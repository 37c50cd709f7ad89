"""What a registry is shown, and the headers that take it there.

Source: moby api/types/registry/authconfig.go; the header is base64url JSON with padding. A secret appears in the headers and
nowhere else: not in repr, str, an error or a pickle.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from ..errors import RequestError

REGISTRY_AUTH = "X-Registry-Auth"  # of one registry: pull, push
REGISTRY_CONFIG = "X-Registry-Config"  # of several: build
_FIELDS = {  # the daemon's names to ours
    "username": "username",
    "password": "password",
    "identitytoken": "identity_token",
    "registrytoken": "registry_token",
    "serveraddress": "server",
}


@dataclass(frozen=True, repr=False)
class Credentials:
    """User and password, an identity token (to be exchanged for others) or a registry token (a bearer's). `server` is the
    registry's key in config.json, `origin` says where they come from."""

    username: str = ""
    password: str = ""
    identity_token: str = ""
    registry_token: str = ""
    server: str = ""
    origin: str = "the caller"

    @classmethod
    def of(cls, values: Mapping[str, Any], origin: str = "the caller", server: str = "") -> Credentials:
        """Return those that a mapping in the daemon's own words holds (username, password, identitytoken, registrytoken,
        serveraddress). Other names are passed over, but a value that is no text is a RequestError."""
        for name in _FIELDS:
            if not isinstance(values.get(name) or "", str):
                raise RequestError(f"{name} of the credentials from {origin} is no text")
        found = {ours: values.get(name) or "" for name, ours in _FIELDS.items()}
        return cls(**(found | ({"server": server} if server else {})), origin=origin)

    @classmethod
    def given(cls, auth: object) -> Credentials:
        """Those of a caller: credentials, or a mapping in the daemon's words. Raises RequestError for anything else, without
        a value of it: a name that was passed over would be a pull without its password."""
        if isinstance(auth, cls):
            return auth
        known = ", ".join(_FIELDS)
        if not isinstance(auth, Mapping):
            raise RequestError(f"auth is of type {type(auth).__name__}", f"give a dict with some of {known}")
        if unknown := [str(name) for name in auth if name not in {*_FIELDS, "email"}]:
            raise RequestError(f"auth has {', '.join(unknown)}", f"it may have {known}")
        return cls.of(auth)

    @property
    def empty(self) -> bool:
        return not (self.username or self.password or self.identity_token or self.registry_token)

    @property
    def kind(self) -> str:
        """What they are, in words, without them."""
        held = (self.registry_token, "a registry token"), (self.identity_token, "an identity token")
        return next((words for value, words in held if value), "none" if self.empty else "user and password")

    def document(self) -> dict[str, str]:
        """The daemon's words for them. Holds the secret."""
        return {name: getattr(self, ours) for name, ours in _FIELDS.items() if getattr(self, ours)}

    def __repr__(self) -> str:
        return f"<Credentials for {self.server or 'a registry'} from {self.origin}: {self.kind}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("registry credentials are not pickled, so that no file holds them by accident")

    def __copy__(self) -> Credentials:
        return self

    def __deepcopy__(self, memo: object) -> Credentials:
        return self


def auth_header(credentials: Credentials | None) -> str:
    """The value of X-Registry-Auth. Without credentials it is an empty object: older daemons refuse a push without any
    ("bad parameters and missing X-Registry-Auth")."""
    return _encoded({} if credentials is None else credentials.document())


def config_header(credentials: Mapping[str, Credentials]) -> str:
    """The value of X-Registry-Config for a build: by registry, as config.json calls them."""
    return _encoded({server: one.document() for server, one in credentials.items() if not one.empty})


def _encoded(document: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode()
