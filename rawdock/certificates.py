"""What certificates say: names, dates, purposes, issuers, in the doctor's words.

A handshake that fails leaves no certificate behind, so it is made once more without verification, only to be read: nothing
is sent over that connection.
"""

from __future__ import annotations

import ssl
from datetime import datetime, timezone

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from .endpoint import Endpoint
from .errors import RawdockError
from .net import Driver
from .net.credentials import client_context
from .net.dial import connect
from .net.tls import TLSStream

SERVER_AUTH, CLIENT_AUTH = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"
_PURPOSES = {SERVER_AUTH: "servers (serverAuth)", CLIENT_AUTH: "clients (clientAuth)"}


def describe_peer(stream: TLSStream) -> str:
    """One phrase for the certificate that the peer showed: names, the end of its validity, issuer."""
    der = stream.ssl_object.getpeercert(binary_form=True)
    if der is None:
        return "no certificate"
    certificate = x509.load_der_x509_certificate(der)
    end = f"{certificate.not_valid_after_utc:%Y-%m-%d}"
    names = ", ".join(names_of(certificate)) or f"no name (its subject is {subject(certificate.subject)})"
    return f"certificate for {names}, valid until {end}, issued by {subject(certificate.issuer)}"


async def fetch(endpoint: Endpoint, driver: Driver, timeout: float) -> x509.Certificate | None:
    """The certificate that the daemon shows, unverified; None if there is none to be had."""
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


def load(path: str | None) -> x509.Certificate | None:
    """The first certificate of a PEM file; None if it cannot be read."""
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            return x509.load_pem_x509_certificate(file.read())
    except (OSError, ValueError):
        return None


def names_of(certificate: x509.Certificate, kind: type[x509.GeneralName] = x509.GeneralName) -> list[str]:
    """The names and addresses of its subjectAltName; `kind` narrows them to x509.DNSName or x509.IPAddress."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        return []
    return [str(name.value) for name in extension.value if isinstance(name, kind)]


def purposes_of(certificate: x509.Certificate) -> list[str]:
    """The dotted numbers of its extended key usage; [] means any purpose."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    return [str(purpose.dotted_string) for purpose in usage]


def purposes(certificate: x509.Certificate) -> str:
    return ", ".join(_PURPOSES.get(purpose, purpose) for purpose in purposes_of(certificate)) or "any purpose"


def signed_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def strength(certificate: x509.Certificate) -> str:
    """ "an RSA key of 1024 bits and is signed with sha1"."""
    key = certificate.public_key()
    kind = (
        "RSA" if isinstance(key, rsa.RSAPublicKey) else "EC" if isinstance(key, ec.EllipticCurvePublicKey) else "EdDSA"
    )
    bits = f"an {kind} key of {getattr(key, 'key_size', '?')} bits"
    algorithm = certificate.signature_hash_algorithm
    return f"{bits} and is signed with {algorithm.name if algorithm else 'its key alone'}"


def subject(name: x509.Name) -> str:
    return name.rfc4514_string() or "no subject"


def now() -> str:
    """This machine's clock, since dates are judged by it."""
    return f"this machine's clock says {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC"


def expired(certificate: x509.Certificate) -> bool:
    return datetime.now(timezone.utc) > certificate.not_valid_after_utc


def early(certificate: x509.Certificate) -> bool:
    return datetime.now(timezone.utc) < certificate.not_valid_before_utc


def validity(certificate: x509.Certificate) -> str:
    """ "is valid until DATE", "expired on DATE" or "is not valid before DATE", by this machine's clock."""
    if early(certificate):
        return f"is not valid before {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
    end = f"{certificate.not_valid_after_utc:%Y-%m-%d}"
    return f"expired on {end}" if expired(certificate) else f"is valid until {end}"
