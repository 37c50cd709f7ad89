"""What certificates say: names, dates, issuers. Used by the doctor to show the evidence of a TLS fault.

A handshake that fails leaves no decoded certificate behind, so it is fetched once more without verification, only to be
read: nothing is sent over that connection.
"""

from __future__ import annotations

import socket
import ssl
from datetime import datetime, timezone
from typing import Any

from cryptography import x509

from .endpoint import Endpoint


def describe_peer(decoded: dict[str, Any]) -> str:
    """One phrase for what SSLObject.getpeercert() gave: names, the end of its validity, issuer."""
    names = [value for _, value in decoded.get("subjectAltName", ())]
    end = decoded.get("notAfter")
    parts = [f"certificate for {', '.join(names) or 'no name'}"]
    if end:
        ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(end), timezone.utc)
        parts.append(f"valid until {ends:%Y-%m-%d}")
    issuer = ", ".join(value for pair in decoded.get("issuer", ()) for _, value in pair)
    return ", ".join([*parts, f"issued by {issuer}"] if issuer else parts)


def certificate_evidence(endpoint: Endpoint, timeout: float) -> str:
    """What the daemon's and our own certificate say, "" if neither can be read."""
    found = []
    if daemon := _fetch(endpoint, timeout):
        found.append(f"the daemon's is {_describe(daemon)}")
    if endpoint.tls and endpoint.tls.cert and (own := _load(endpoint.tls.cert)):
        found.append(f"ours, {endpoint.tls.cert}, is {_describe(own)}")
    if endpoint.tls and endpoint.tls.ca and (ca := _load(endpoint.tls.ca)):
        found.append(f"the CA, {endpoint.tls.ca}, is {_subject(ca.subject)}, {_validity(ca)}")
    return "; ".join(found)


def _fetch(endpoint: Endpoint, timeout: float) -> x509.Certificate | None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # to read what it shows, not to trust it
    try:
        with (
            socket.create_connection((endpoint.address, endpoint.port or 0), timeout) as connection,
            context.wrap_socket(connection, server_hostname=endpoint.address) as tls,
        ):
            der = tls.getpeercert(binary_form=True)
        return x509.load_der_x509_certificate(der) if der else None
    except (OSError, ValueError):
        return None


def _load(path: str) -> x509.Certificate | None:
    try:
        with open(path, "rb") as file:
            return x509.load_pem_x509_certificate(file.read())
    except (OSError, ValueError):
        return None


def _describe(certificate: x509.Certificate) -> str:
    names = ", ".join(_names(certificate))
    return f"{f'for {names}' if names else _subject(certificate.subject)}, {_validity(certificate)}, " + (
        f"issued by {_subject(certificate.issuer)}"
    )


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        return []
    return [str(name.value) for name in extension.value]


def _subject(name: x509.Name) -> str:
    return name.rfc4514_string() or "no subject"


def _validity(certificate: x509.Certificate) -> str:
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    now = datetime.now(timezone.utc)
    if now > end:
        return f"expired on {end:%Y-%m-%d}"
    if now < begin:
        return f"not valid before {begin:%Y-%m-%d %H:%M} UTC"
    return f"valid until {end:%Y-%m-%d}"
