"""The TLS context of an endpoint, from its PEM files.

Each file is opened and looked at first, because OpenSSL's own errors name neither the file nor the reason ("[SSL] PEM lib").
Measured with docker-machine's certificates on Python 3.13: VERIFY_X509_STRICT refuses all of them ("Missing Authority Key
Identifier"), so it is cleared; chain, dates and host are checked all the same. PARTIAL_CHAIN accepts an intermediate as
ca.pem, as Go does. The environment's CA bundles are not consulted.
"""

from __future__ import annotations

import os
import ssl

from ..endpoint import TLSFiles
from ..errors import CredentialsError
from .faults import who_may

SWAPPED = "cert.pem and key.pem seem to be swapped: give each the other's name"
_KINDS = {"ca": "CA certificate", "cert": "client certificate", "key": "client key"}


class _Encrypted(Exception):
    pass


def client_context(files: TLSFiles) -> ssl.SSLContext:
    """Return the context that verifies the daemon by `files.ca`, unless told not to, and shows `files.cert`, when there is one.
    Raises CredentialsError that names the file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if not files.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif files.ca is None:
        context.load_default_certs()
    else:
        _load_ca(context, files)
    if has_client_certificate(files):
        _load_client_certificate(context, files)
    return context


def has_client_certificate(files: TLSFiles) -> bool:
    """False when neither certificate nor key is on disk: a daemon without --tlsverify needs none, so that is no error
    yet. Raises CredentialsError if one of the two is missing."""
    missing = [kind for kind, path in (("cert", files.cert), ("key", files.key)) if path is None or not _exists(path)]
    if len(missing) == 1:
        raise _missing(files, missing[0])
    return not missing


def _load_ca(context: ssl.SSLContext, files: TLSFiles) -> None:
    _read_pem(files, "ca", b"CERTIFICATE-----")
    try:
        context.load_verify_locations(files.ca)
    except ssl.SSLError as error:
        raise _damaged(files, "ca", error) from error


def _load_client_certificate(context: ssl.SSLContext, files: TLSFiles) -> None:
    _read_pem(files, "cert", b"CERTIFICATE-----")
    _read_pem(files, "key", b"PRIVATE KEY-----")

    def refuse() -> str:
        raise _Encrypted  # without a callable OpenSSL asks on the terminal, in the middle of whatever runs

    assert files.cert is not None
    try:
        context.load_cert_chain(files.cert, files.key, refuse)
    except _Encrypted as error:
        raise CredentialsError(
            f"{_named(files, 'key')} is encrypted, and Docker's own tools cannot use such a key either",
            f"decrypt it: openssl pkey -in {files.key} -out key.pem",
        ) from error
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise CredentialsError(
                f"{_named(files, 'key')} does not belong to the certificate {files.cert}",
                "use the key.pem that was made together with that cert.pem",
            ) from error
        raise _damaged(files, _damaged_kind(files.cert), error) from error


def _damaged_kind(cert: str) -> str:
    """Which of the pair OpenSSL could not read: its own error does not say."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cert)
    except ssl.SSLError:
        return "cert"
    return "key"


def _exists(path: str) -> bool:
    try:
        with open(path, "rb"):
            return True
    except FileNotFoundError:
        return False
    except OSError:
        return True  # it is there; why it cannot be read is said when it is


def _read_pem(files: TLSFiles, kind: str, marker: bytes) -> None:
    path = getattr(files, kind)
    try:
        with open(path, "rb") as file:
            text = file.read()
    except FileNotFoundError:
        raise _missing(files, kind) from None
    except OSError as error:
        raise CredentialsError(
            f"{_named(files, kind)} cannot be read{who_may(path)}: {error.strerror}",
            "check its owner and mode, or use sudo",
        ) from error
    if marker not in text:
        raise _no_pem(files, kind, text, marker)


def _no_pem(files: TLSFiles, kind: str, text: bytes, marker: bytes) -> CredentialsError:
    path, copy = getattr(files, kind), "copy it again from where the certificates were made"
    if not text.strip():
        return CredentialsError(f"{_named(files, kind)} is empty", copy)
    if kind == "key" and b"CERTIFICATE-----" in text:
        return CredentialsError(f"{_named(files, kind)} holds a certificate", SWAPPED)
    if kind != "key" and b"PRIVATE KEY-----" in text:
        return CredentialsError(f"{_named(files, kind)} holds a key", SWAPPED)
    if text.startswith(
        b"\x30\x82"
    ):  # DER: a SEQUENCE with two bytes of length, as every certificate and RSA key begins
        command = "pkey" if kind == "key" else "x509"
        convert = f"convert it: openssl {command} -inform DER -in {path} -out {os.path.basename(path)}"
        return CredentialsError(f"{_named(files, kind)} is in DER, where Docker's tools read PEM", convert)
    return CredentialsError(
        f"{_named(files, kind)} is no PEM file: it has no line that ends in {marker.decode()}", copy
    )


def _missing(files: TLSFiles, kind: str) -> CredentialsError:
    folder, found = os.path.dirname(getattr(files, kind)), ""
    if not os.path.isdir(folder):
        found = f", for there is no folder {folder}"
    elif not os.listdir(folder):
        found = f": the folder {folder} is empty"
    return CredentialsError(
        f"{_named(files, kind)} is missing{found}",
        "point DOCKER_CERT_PATH at the folder with ca.pem, cert.pem and key.pem",
    )


def _damaged(files: TLSFiles, kind: str, error: ssl.SSLError) -> CredentialsError:
    reason = f" ({error.reason})" if error.reason else ""
    return CredentialsError(
        f"{_named(files, kind)} cannot be loaded, its PEM is damaged{reason}",
        "copy it again from where the certificates were made",
    )


def _named(files: TLSFiles, kind: str) -> str:
    return f"the {_KINDS[kind]} {getattr(files, kind)} from {files.origin}"
