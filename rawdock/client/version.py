"""Which API version is spoken.

Source: moby client/ping.go. `/_ping` is asked without a version; what the daemon then names in its Api-Version header is its
newest, and the lower of that and our newest goes in front of every path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..endpoint import Endpoint
from ..errors import NotDockerError, RequestError, TLSError
from .response import Response, error_message

NEWEST_API = (1, 56)
OLDEST_API = (1, 24)
_VERSION = re.compile(r"v?(\d+)\.(\d+)")
_VERSIONED = re.compile(r"/v\d+(\.\d+)?(/|$)")


def needs_version(path: str) -> bool:
    """Whether the version goes in front of `path`: not when it names one, and not before /_ping."""
    return not _VERSIONED.match(path) and path.partition("?")[0] != "/_ping"


def parse_api_version(text: str, origin: str) -> tuple[int, int]:
    """(major, minor) of "1.41" or "v1.41". Raises RequestError naming `origin`."""
    match = _VERSION.fullmatch(text)
    if not match:
        raise RequestError(f"API version {text!r} from {origin}, expected a number such as 1.41")
    return int(match[1]), int(match[2])


def wants_tls(endpoint: Endpoint, content: bytes) -> TLSError:
    """The error for a port that speaks TLS and was spoken plain HTTP to. `content` is what it said."""
    return TLSError(
        f"{endpoint}: the daemon wants TLS on this port: it answered {error_message(content)!r}",
        "set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH",
    )


def negotiated_version(endpoint: Endpoint, response: Response) -> tuple[int, int] | None:
    """The version to speak after this answer to /_ping. Raises NotDockerError if no daemon gave it."""
    named = _VERSION.fullmatch(response.headers.get("api-version", ""))
    if response.status_code != 200 and not named:
        raise NotDockerError(
            f"{endpoint}: what answers is no Docker daemon: it gave /_ping {response.status_code} "
            f"{response.reason_phrase}".rstrip()
            + f" ({error_message(response.content)[:80]})",
            "give the address of a Docker daemon",
        )
    if not named and response.text.strip() != "OK":
        raise NotDockerError(
            f"{endpoint}: what answers is no Docker daemon: /_ping gave {response.text[:40]!r}, expected OK",
            "give the address of a Docker daemon",
        )
    return min((int(named[1]), int(named[2])), NEWEST_API) if named else None


def environment_version(environ: Mapping[str, str]) -> str | None:
    version = environ.get("DOCKER_API_VERSION")
    if version:
        parse_api_version(version, "DOCKER_API_VERSION")
    return version or None
