"""Registry credentials, found as the docker CLI finds them, for pull, push and build."""

from __future__ import annotations

from .credentials import REGISTRY_AUTH, REGISTRY_CONFIG, Credentials, auth_header, config_header
from .helper import Finished, Helper, Runner, run_program
from .reference import HUB, HUB_KEY, Reference, config_key
from .store import CredentialStore

__all__ = [
    "Credentials",
    "CredentialStore",
    "Reference",
    "auth_header",
    "config_header",
    "config_key",
    "HUB",
    "HUB_KEY",
    "REGISTRY_AUTH",
    "REGISTRY_CONFIG",
    "Finished",
    "Helper",
    "Runner",
    "run_program",
]
