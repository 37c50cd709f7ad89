"""A machine's config.json without what must not be seen: drivers keep cloud passwords, tokens and keys in it.

Source: docker-machine 0.16.2, the fields of drivers/* (amazonec2 SecretKey and SessionToken, azure ClientSecret,
digitalocean AccessToken, exoscale ApiSecretKey, openstack and vmwarevsphere Password, rackspace and softlayer ApiKey).
"""

from __future__ import annotations

import re
from typing import Any

LEFT_OUT = "(left out)"
_SECRET = re.compile("password|passwd|passphrase|secret|token|apikey|accesskey|privatekey|credential", re.IGNORECASE)
_PLACE = re.compile("(path|file|name|id|url)$", re.IGNORECASE)  # where a secret lies is none: CaPrivateKeyPath
_ASSIGNMENT = re.compile(rf"([^=\s]*(?:{_SECRET.pattern})[^=\s]*=).+", re.IGNORECASE | re.DOTALL)  # an engine's Env
_USER_INFORMATION = re.compile(r"(?<=://)[^/@\s]*:[^/@\s]*(?=@)")


def without_secrets(value: Any, key: str = "") -> Any:
    """The same JSON with the values of secret fields, of secret variables (TOKEN=…) and of
    user:password in any URL replaced by "(left out)"."""
    if isinstance(value, dict):
        return {name: without_secrets(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [without_secrets(item, key) for item in value]
    if not isinstance(value, str) or not value:
        return value
    if _SECRET.search(key) and not _PLACE.search(key):
        return LEFT_OUT
    return _USER_INFORMATION.sub(LEFT_OUT, _ASSIGNMENT.sub(rf"\1{LEFT_OUT}", value))
