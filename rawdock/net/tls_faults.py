"""What went wrong in TLS, in one sentence with a remedy.

Source: what Go's (1.19, 1.27) and OpenSSL's ends were seen to send, TLS 1.2 and 1.3, Python 3.10 to 3.13. Verify codes:
OpenSSL's x509_vfy.h. The doctor adds what the certificates themselves say (tls_diagnosis).
"""

from __future__ import annotations

import os
import ssl

from ..endpoint import Endpoint, TLSFiles
from ..errors import ClientCertificateError, ConnectionLostError, TLSError

_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER", "PACKET_LENGTH", "UNEXPECTED_MESSAGE")
_OLD_TLS = ("PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "UNSUPPORTED_VERSION", "NO_PROTOCOLS_AVAILABLE")
_ANY_OF_THREE = "it has expired, is for another purpose or was signed by another authority than the daemon's"
WEAK = {66, 67, 68}  # the certificate's key, the CA's key, the signature

# Go 1.19 daemons answer BAD_CERTIFICATE whatever is wrong, Go 1.27 ones say which; TLS 1.2 without one: HANDSHAKE_FAILURE.
_REFUSALS = (
    ("CERTIFICATE_REQUIRED", "it wants another one"),
    ("CERTIFICATE_EXPIRED", "it has expired"),
    ("CERTIFICATE_REVOKED", "it was revoked"),
    ("UNKNOWN_CA", "the daemon does not know the authority that signed it"),
    ("UNSUPPORTED_CERTIFICATE", "it is for another purpose"),
    ("DECRYPT_ERROR", "its signature is not of the authority that the daemon knows by that name"),
    ("ACCESS_DENIED", "the daemon lets this client do nothing"),
    ("BAD_CERTIFICATE", _ANY_OF_THREE),
    ("CERTIFICATE_UNKNOWN", _ANY_OF_THREE),
    ("HANDSHAKE_FAILURE", _ANY_OF_THREE),
)


def tls_fault(endpoint: Endpoint, error: ssl.SSLError) -> TLSError:
    """The error for a TLS layer that failed, by verify code or by the reason of OpenSSL or the peer's alert."""
    files = endpoint.tls or TLSFiles(None, None, None, "the default")
    if isinstance(error, ssl.SSLCertVerificationError):
        return _verify_fault(endpoint, files, error)
    reason = (error.reason or str(error)).upper()
    if any(word in reason for word in _OLD_TLS):
        return TLSError(
            f"{endpoint}: the daemon speaks no TLS that is safe today: it refused TLS 1.2 and 1.3{alert_of(error)}",
            "update the daemon, or what stands before it: TLS 1.0 and 1.1 are not spoken (RFC 8996)",
        )
    if any(word in reason for word in _NO_TLS):
        return TLSError(
            f"{endpoint}: the daemon does not speak TLS on this port, but plain HTTP or something else",
            "give the TLS port, mostly 2376"
            if endpoint.context
            else "unset DOCKER_TLS_VERIFY if it is meant to be unprotected, or give the TLS port, mostly 2376",
        )
    for alert, words in _REFUSALS:
        if alert in reason:
            return _client_refused(endpoint, files, words, alert_of(error))
    if "EOF" in reason:
        return closed_in_handshake(endpoint)
    return TLSError(
        f"{endpoint}: TLS failed{alert_of(error) or f' ({error.reason or error})'}",
        "see the daemon's own log, which says why; or check that daemon and certificates belong together",
    )


def alert_of(error: BaseException | None) -> str:
    """ " (TLS alert: bad certificate)", "" for what is no alert: OpenSSL says SSLV3_ALERT_BAD_CERTIFICATE and the like."""
    name = (getattr(error, "reason", None) or "").partition("ALERT_")[2]
    return f" (TLS alert: {name.replace('_', ' ').lower()})" if name else ""


def closed_in_handshake(endpoint: Endpoint, error: ConnectionLostError | None = None) -> TLSError:
    """The error for a peer that hung up instead of shaking hands."""
    return TLSError(
        f"{endpoint}: the peer {'closed' if error is None else 'reset'} the connection in the TLS handshake",
        "does a daemon with TLS listen there?",
    )


def renewal(endpoint: Endpoint, *, client: bool = False) -> str:
    """How to get new certificates: the daemon's, or with `client` those of the CA and the client too."""
    command = f"docker-machine regenerate-certs {'--client-certs ' if client else ''}{endpoint.machine or 'NAME'}"
    if endpoint.machine:
        return f"renew it: {command} (which restarts the daemon)"
    return f"renew it with the tool that made it; on a docker-machine: {command} (which restarts the daemon)"


def _give_files(endpoint: Endpoint, otherwise: str) -> str:
    """How the missing files are given: to a context by an update, for it heeds no variable."""
    if not endpoint.context:
        return otherwise
    return (
        f"give them to the context: docker context update {endpoint.context} --docker "
        f"host={endpoint.url},ca=ca.pem,cert=cert.pem,key=key.pem"
    )


def _client_refused(endpoint: Endpoint, files: TLSFiles, words: str, alert: str) -> ClientCertificateError:
    if files.cert is None or not os.path.exists(files.cert):
        where = f"{files.cert} from {files.origin} is missing" if files.cert else f"{files.origin} names none"
        return ClientCertificateError(
            f"{endpoint}: the daemon asks for a client certificate, and {where}",
            _give_files(endpoint, "point DOCKER_CERT_PATH at the folder with ca.pem, cert.pem and key.pem"),
        )
    return ClientCertificateError(
        f"{endpoint}: the daemon refused the client certificate {files.cert} from {files.origin}{alert}: {words}",
        f"use the one that was made for this daemon, or {renewal(endpoint, client=True)}",
    )


def _verify_fault(endpoint: Endpoint, files: TLSFiles, error: ssl.SSLCertVerificationError) -> TLSError:
    ca = f"{files.ca} from {files.origin}" if files.ca else "this system's certificate authorities"
    renew = renewal(endpoint)
    code = error.verify_code
    if code == 10:
        return TLSError(
            f"{endpoint}: the daemon's certificate, or that of its CA {ca}, has expired",
            f"{renew}; `rawdock doctor` shows the dates",
        )
    if code == 9:
        return TLSError(
            f"{endpoint}: the daemon's certificate is not valid yet",
            "compare the clocks of this machine and the daemon's: date -u",
        )
    if code in (62, 64):
        return TLSError(
            f"{endpoint}: the daemon's certificate is not made out for {endpoint.address!r}",
            f"use a name or address that it has (`rawdock doctor` lists them), or {renew}",
        )
    if code in (2, 18, 19, 20, 21, 7):
        return TLSError(
            f"{endpoint}: the daemon's certificate was not signed by {ca}",
            "use the ca.pem of the authority that made this daemon's certificate"
            if files.ca
            else _give_files(
                endpoint, "set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH to the folder with this daemon's ca.pem"
            ),
        )
    if code == 26:
        return TLSError(
            f"{endpoint}: the daemon's certificate is made for another purpose than a server's",
            f"{renew}; it needs the extended key usage serverAuth",
        )
    if code in WEAK:
        return TLSError(
            f"{endpoint}: the daemon's certificate is too weak ({error.verify_message})",
            f"{renew}; it needs an RSA key of 2048 bits or an EC key, and SHA-256",
        )
    return TLSError(
        f"{endpoint}: the daemon's certificate is not accepted ({error.verify_message}, code {code})", renew
    )
