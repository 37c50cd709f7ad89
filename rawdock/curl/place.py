"""Where a curl command's request goes: the socket of --unix-socket, else the URL's host, with the files for TLS."""

from __future__ import annotations

import re

from ..endpoint import Endpoint, Scheme, TLSFiles
from .exit_codes import CurlCode, CurlError, usage
from .parse import Command
from .url import URL

_CERT = re.compile(r"(?P<file>(?:\\[\\:]|[^:])*)(?::(?P<password>.*))?", re.DOTALL)


def endpoint_of(command: Command, url: URL, ca_bundle: str | None = None) -> Endpoint:
    """`ca_bundle`: what CURL_CA_BUNDLE names, which --cacert goes before. Raises CurlError or EndpointError."""
    if path := command.values.get("unix-socket"):
        if url.scheme == "https":
            raise usage(f"{url} asks for TLS over a Unix socket, which no daemon speaks there", "write http://")
        return Endpoint.parse(f"unix://{path}", "--unix-socket")
    if ":" not in url.host and not re.fullmatch(r"[A-Za-z0-9._~-]+", url.host):
        raise CurlError(CurlCode.RESOLVE, f"{url.host!r} in the URL is no host name", "check its spelling")
    tls = None if url.scheme == "http" else _files(command, ca_bundle)
    return Endpoint(Scheme.TCP, url.host, url.number, "the URL", tls)


def _files(command: Command, ca_bundle: str | None) -> TLSFiles:
    ca, origin = (command.values["cacert"], "--cacert") if "cacert" in command.values else (ca_bundle, "CURL_CA_BUNDLE")
    given = command.values.get("cert")
    if given is None:
        return TLSFiles(ca or None, None, None, origin)
    match = _CERT.fullmatch(given)
    assert match is not None
    if match["password"] is not None:
        raise usage(
            "--cert has a password behind a colon, which everyone on this machine could read",
            r"decrypt the key: openssl pkey -in key.pem; a colon in a file's name is written \:",
        )
    cert = re.sub(r"\\([\\:])", r"\1", match["file"])
    return TLSFiles(ca or None, cert, command.values.get("key", cert), "curl's options")
