"""Which API version is spoken.

Source: moby client/ping.go. `/_ping` is asked without a version; what the daemon then names in its Api-Version header is its
newest, and the lower of that and our newest goes in front of every path. No header names its oldest: that is said only when
a version is refused (daemon/server/middleware/version.go).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..catalogue.since import late_operation
from ..endpoint import Endpoint
from ..errors import NotDockerError, RequestError, TLSError, VersionError
from ..wire.api import NEWEST_API
from ..wire.http1 import Head
from .response import VERSION_REFUSED, Response, error_message

_VERSION = re.compile(r"v?(\d+)\.(\d+)")


def parse_api_version(text: str, origin: str) -> tuple[int, int]:
    """(major, minor) of "1.41" or "v1.41". Raises RequestError naming `origin`."""
    match = _VERSION.fullmatch(text) if isinstance(text, str) else None
    if not match:
        expected = "a number such as 1.41" if isinstance(text, str) else 'text such as "1.41"'
        raise RequestError(f"API version {text!r} from {origin}, expected {expected}")
    return int(match[1]), int(match[2])


def wants_tls(endpoint: Endpoint, content: bytes) -> TLSError:
    """The error for a port that speaks TLS and was spoken plain HTTP to. `content` is what it said, b"" for an alert of TLS."""
    said = repr(error_message(content)) if content else "in TLS"
    return TLSError(f"{endpoint}: the daemon wants TLS on this port: it answered {said}", _turn_tls_on(endpoint))


def _turn_tls_on(endpoint: Endpoint) -> str:
    if endpoint.context:
        return f"give the context its certificates: docker context update {endpoint.context} --docker " + (
            f"host={endpoint.url},ca=ca.pem,cert=cert.pem,key=key.pem"
        )
    named = any("DOCKER_CERT_PATH" in note for note in endpoint.notes)
    if named:
        return "set DOCKER_TLS_VERIFY=1"
    return "set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH to the folder with this daemon's ca.pem, cert.pem and key.pem"


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


def corrected_version(
    endpoint: Endpoint, spoken: tuple[int, int], head: Head, content: bytes
) -> tuple[int, int] | None:
    """The version to speak after this answer of status 400 to a request that spoke `spoken`; None if the version was not
    what the daemon refused. Raises VersionError when its oldest is above our newest."""
    refused = re.search(VERSION_REFUSED, error_message(content))
    if not refused:
        return None
    bound = int(refused[2]), int(refused[3])
    if refused[1] == "new":
        return min(bound, NEWEST_API) if bound < spoken else None
    if bound > NEWEST_API:
        raise VersionError(
            f"{endpoint}: the daemon speaks API {dotted(bound)} and later, rawdock {dotted(NEWEST_API)} and earlier",
            f'upgrade rawdock, or let the daemon speak older versions: "min-api-version": "{dotted(NEWEST_API)}" in its '
            "daemon.json",
        )
    newest = _VERSION.fullmatch(head.get("Api-Version"))
    best = max(bound, min((int(newest[1]), int(newest[2])), NEWEST_API)) if newest else bound
    return best if best > spoken else None


def refuse_late_operation(endpoint: Endpoint, method: str, path: str, spoken: tuple[int, int], origin: str) -> None:
    """Raise VersionError if `path` (without version) is of an operation newer than `spoken`: the daemon's own answer would
    be a 404 that names no reason. `origin` says why that version is spoken."""
    late = late_operation(method, path.partition("?")[0])
    if late and late.since > spoken:
        raise VersionError(
            f"{endpoint}: {late.id} ({late.method} {late.path}) came with API {dotted(late.since)}, "
            f"and API {dotted(spoken)} is spoken ({origin})",
            f"upgrade the daemon, or write /v{dotted(late.since)}{path} to ask all the same",
        )


def dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
