"""What went wrong in TLS, in one sentence with a remedy.

Source: what Go's (1.19, 1.27) and OpenSSL's ends were seen to send, TLS 1.2 and 1.3, Python 3.10 to 3.13. Verify codes:
OpenSSL's x509_vfy.h.
"""

from __future__ import annotations

import os
import ssl

from ..endpoint import Endpoint, TLSFiles
from ..errors import ClientCertificateError, ConnectionLostError, TLSError

_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER", "PACKET_LENGTH", "UNEXPECTED_MESSAGE")
_ANY_OF_THREE = "it has expired, is for another purpose or was signed by another authority than the daemon's"

# Go 1.19 daemons answer BAD_CERTIFICATE whatever is wrong, Go 1.27 ones say which; TLS 1.2 without one: HANDSHAKE_FAILURE.
_REFUSALS = (
    ("CERTIFICATE_REQUIRED", "it wants another one"),
    ("CERTIFICATE_EXPIRED", "it has expired"),
    ("UNKNOWN_CA", "the daemon does not know the authority that signed it"),
    ("UNSUPPORTED_CERTIFICATE", "it is for another purpose"),
    ("BAD_CERTIFICATE", _ANY_OF_THREE),
    ("HANDSHAKE_FAILURE", _ANY_OF_THREE),
)


def tls_fault(endpoint: Endpoint, error: ssl.SSLError) -> TLSError:
    """The error for a TLS layer that failed, by verify code or by the reason of OpenSSL or the peer's alert."""
    files = endpoint.tls or TLSFiles(None, None, None, "the default")
    if isinstance(error, ssl.SSLCertVerificationError):
        return _verify_fault(endpoint, files, error)
    reason = (error.reason or str(error)).upper()
    if any(word in reason for word in _NO_TLS):
        return TLSError(
            f"{endpoint}: the daemon does not speak TLS on this port, but plain HTTP or something else",
            "unset DOCKER_TLS_VERIFY if it is meant to be unprotected, or give the TLS port, mostly 2376",
        )
    for alert, words in _REFUSALS:
        if alert in reason:
            return _client_refused(endpoint, files, words)
    if "EOF" in reason:
        return closed_in_handshake(endpoint)
    return TLSError(
        f"{endpoint}: TLS failed ({error.reason or error})", "check that daemon and certificates belong together"
    )


def closed_in_handshake(endpoint: Endpoint, error: ConnectionLostError | None = None) -> TLSError:
    """The error for a peer that hung up instead of shaking hands."""
    return TLSError(
        f"{endpoint}: the peer {'closed' if error is None else 'reset'} the connection in the TLS handshake",
        "does a daemon with TLS listen there?",
    )


def _client_refused(endpoint: Endpoint, files: TLSFiles, words: str) -> ClientCertificateError:
    if files.cert is None or not os.path.exists(files.cert):
        where = f"{files.cert} from {files.origin} is missing" if files.cert else f"{files.origin} names none"
        return ClientCertificateError(
            f"{endpoint}: the daemon asks for a client certificate, and {where}",
            "point DOCKER_CERT_PATH at the folder with ca.pem, cert.pem and key.pem",
        )
    renew = f"docker-machine regenerate-certs --client-certs {endpoint.machine or 'NAME'}"
    return ClientCertificateError(
        f"{endpoint}: the daemon refused the client certificate {files.cert} from {files.origin}: {words}",
        f"use the one that was made for this daemon, or renew it: {renew}",
    )


def _verify_fault(endpoint: Endpoint, files: TLSFiles, error: ssl.SSLCertVerificationError) -> TLSError:
    ca = f"{files.ca} from {files.origin}" if files.ca else "this system's certificate authorities"
    regenerate = f"docker-machine regenerate-certs {endpoint.machine or 'NAME'}"
    code = error.verify_code
    if code == 10:
        return TLSError(
            f"{endpoint}: the daemon's certificate, or that of its CA {ca}, has expired", f"renew it: {regenerate}"
        )
    if code == 9:
        return TLSError(
            f"{endpoint}: the daemon's certificate is not valid yet",
            "compare the clocks of this machine and the daemon's",
        )
    if code in (62, 64):
        return TLSError(
            f"{endpoint}: the daemon's certificate is not made out for {endpoint.address!r}",
            f"use a name or address that it has (`rawdock doctor` lists them), or make a new one: {regenerate}",
        )
    if code in (2, 18, 19, 20, 21, 7):
        return TLSError(
            f"{endpoint}: the daemon's certificate was not signed by {ca}",
            "use the ca.pem of the authority that made this daemon's certificate"
            if files.ca
            else "set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH to the folder with this daemon's ca.pem",
        )
    if code == 26:
        return TLSError(
            f"{endpoint}: the daemon's certificate is made for another purpose than a server's",
            f"make one with the extended key usage serverAuth: {regenerate}",
        )
    return TLSError(
        f"{endpoint}: the daemon's certificate is not accepted ({error.verify_message}, code {code})",
        f"make a new one: {regenerate}",
    )
