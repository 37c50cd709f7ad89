"""What certificates say: names, dates, issuers. Used by the doctor to show the evidence of a TLS fault.

A handshake that fails leaves no certificate behind, so it is made once more without verification, only to be read: nothing
is sent over that connection.
"""

from __future__ import annotations

import ssl
from datetime import datetime, timezone

from cryptography import x509

from .endpoint import Endpoint
from .errors import ClientCertificateError, RawdockError, TLSError
from .net import Driver
from .net.credentials import client_context
from .net.dial import connect
from .net.tls import TLSStream

_PURPOSES: dict[str, str] = {
    "1.3.6.1.5.5.7.3.1": "servers (serverAuth)",
    "1.3.6.1.5.5.7.3.2": "clients (clientAuth)",
}
_DATES, _NAMES = {9, 10}, {62, 64}  # verify codes, OpenSSL's x509_vfy.h


def describe_peer(stream: TLSStream) -> str:
    """One phrase for the certificate that the peer showed: names, the end of its validity, issuer."""
    der = stream.ssl_object.getpeercert(binary_form=True)
    if der is None:
        return "no certificate"
    certificate = x509.load_der_x509_certificate(der)
    end = f"{certificate.not_valid_after_utc:%Y-%m-%d}"
    return f"certificate for {_names(certificate)}, valid until {end}, issued by {_subject(certificate.issuer)}"


async def certificate_evidence(endpoint: Endpoint, error: TLSError, driver: Driver, timeout: float) -> str:
    """What the certificate that `error` is about says, as a clause; "" if it is about none, or none can be read."""
    files = endpoint.tls
    if files is None:
        return ""
    if isinstance(error, ClientCertificateError):
        return "" if (own := _load(files.cert)) is None else _about_ours(own)
    if not isinstance(error.__cause__, ssl.SSLCertVerificationError):
        return ""
    if (daemon := await _fetch(endpoint, driver, timeout)) is None:
        return ""
    return _about_daemon(daemon, _load(files.ca), files.ca, error.__cause__.verify_code)


def _about_ours(own: x509.Certificate) -> str:
    purposes = f", is for {_purposes(own)}" if _valid(own) else ""
    return f"ours {_validity(own)}{purposes} and was issued by {_subject(own.issuer)}"


def _about_daemon(daemon: x509.Certificate, ca: x509.Certificate | None, ca_path: str | None, code: int) -> str:
    """The dates for a fault of dates, the names for one of names, else the issuer beside our CA."""
    if code in _DATES:
        if ca is not None and _valid(daemon):
            return f"the daemon's {_validity(daemon)}, but the CA's, {ca_path}, {_validity(ca)}"
        return f"it {_validity(daemon)} and is for {_names(daemon)}"
    if code in _NAMES:
        return f"it is for {_names(daemon)}"
    issued = f"it was issued by {_subject(daemon.issuer)}, for {_names(daemon)}"
    return issued if ca is None else f"{issued}; {ca_path} is {_subject(ca.subject)} and {_validity(ca)}"


async def _fetch(endpoint: Endpoint, driver: Driver, timeout: float) -> x509.Certificate | None:
    assert endpoint.tls is not None
    try:
        context = client_context(endpoint.tls)  # with our own certificate: under TLS 1.2 the handshake wants it
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # to read what it shows, not to trust it
        stream = await connect(endpoint, driver, timeout)
        try:
            with driver.fail_after(timeout):
                tls = await TLSStream.handshake(stream, context, endpoint)
            der = tls.ssl_object.getpeercert(binary_form=True)
        finally:
            await stream.aclose()
        return x509.load_der_x509_certificate(der) if der else None
    except (RawdockError, TimeoutError, ValueError):
        return None


def _load(path: str | None) -> x509.Certificate | None:
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            return x509.load_pem_x509_certificate(file.read())
    except (OSError, ValueError):
        return None


def _names(certificate: x509.Certificate) -> str:
    """The names that it is made out for, and where it has none its subject."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        return f"no name (its subject is {_subject(certificate.subject)})"
    return ", ".join(str(name.value) for name in extension.value) or "no name"


def _purposes(certificate: x509.Certificate) -> str:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return "any purpose"
    return ", ".join(_PURPOSES.get(str(oid.dotted_string), str(oid.dotted_string)) for oid in usage)


def _subject(name: x509.Name) -> str:
    return name.rfc4514_string() or "no subject"


def _valid(certificate: x509.Certificate) -> bool:
    """By this machine's clock."""
    return certificate.not_valid_before_utc <= datetime.now(timezone.utc) <= certificate.not_valid_after_utc


def _validity(certificate: x509.Certificate) -> str:
    """ "is valid until DATE", "expired on DATE" or "is not valid before DATE"."""
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if _valid(certificate):
        return f"is valid until {end:%Y-%m-%d}"
    if datetime.now(timezone.utc) < begin:
        return f"is not valid before {begin:%Y-%m-%d %H:%M} UTC"
    return f"expired on {end:%Y-%m-%d}"
