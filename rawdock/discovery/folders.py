"""The user's folders that docker and docker-machine keep things in."""

from __future__ import annotations

import os
from collections.abc import Mapping


def home_folder(environ: Mapping[str, str]) -> str:
    """The user's home: HOME, or USERPROFILE on Windows, or "" when neither says."""
    return environ.get("HOME") or environ.get("USERPROFILE") or ""


def docker_folder(environ: Mapping[str, str]) -> str:
    """The docker CLI's, with config.json and contexts/. Without HOME it is in the home of /etc/passwd, as the CLI has it:
    systemd sets HOME for none of root's services."""
    return environ.get("DOCKER_CONFIG") or f"{home_folder(environ) or _passwd_home()}/.docker"


def _passwd_home() -> str:
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_dir
    except (ImportError, KeyError):
        return ""
