"""The doctor's second look at a TLS fault: which file, which date, which name, and what to do.

tls_faults knows a verify code or an alert; this reads the certificates of both ends beside it. Go 1.19 daemons answer "bad
certificate" whatever is wrong with ours, so the reason is found in our own file. Source: the faults of both ends as seen
with dockerd 20.10 (Go 1.19) and Go 1.27, TLS 1.2 and 1.3; OpenSSL's x509_vfy.h for the codes.
"""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass

from cryptography import x509

from .certificates import (
    CLIENT_AUTH,
    early,
    expired,
    fetch,
    load,
    names_of,
    now,
    purposes,
    purposes_of,
    signed_by,
    strength,
    subject,
    validity,
)
from .endpoint import Endpoint, TLSFiles
from .errors import ClientCertificateError, RawdockError, TLSError
from .net import Driver
from .net.credentials import client_context
from .net.dial import connect, refusal
from .net.tls import TLSStream
from .net.tls_faults import WEAK, alert_of, renewal


async def explained(endpoint: Endpoint, error: TLSError, driver: Driver, timeout: float) -> tuple[str, str]:
    """(cause, remedy) of `error`, with what the certificates say; its own where they say nothing."""
    files = endpoint.tls
    if files is not None and isinstance(error, ClientCertificateError):
        own = load(files.cert)
        if own is not None:
            return _about_ours(endpoint, files, own, error)
    elif files is not None and isinstance(error.__cause__, ssl.SSLCertVerificationError):
        daemon = await fetch(endpoint, driver, timeout)
        if daemon is not None:
            sight = _Sight(endpoint, files, daemon, load(files.ca))
            return sight.explained(error, error.__cause__.verify_code)
    return error.cause, error.remedy


async def hidden_refusal(endpoint: Endpoint, driver: Driver, timeout: float) -> TLSError | None:
    """Why the daemon hung up after the handshake, if it refused us. Under TLS 1.3 a reset may swallow the alert, so a silent
    connection is tried, and then a handshake under TLS 1.2, in which a refusal must come."""
    return await refusal(endpoint, driver) or await _refusal_under_tls12(endpoint, driver, timeout)


async def _refusal_under_tls12(endpoint: Endpoint, driver: Driver, timeout: float) -> TLSError | None:
    assert endpoint.tls is not None
    try:
        context = client_context(endpoint.tls)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        stream = await connect(endpoint, driver, timeout)
        try:
            with driver.fail_after(timeout):
                await TLSStream.handshake(stream, context, endpoint)
        finally:
            await stream.aclose()
    except ClientCertificateError as error:
        return error
    except (RawdockError, TimeoutError):
        pass  # a daemon that speaks TLS 1.3 alone, for one
    return None


def _about_ours(
    endpoint: Endpoint, files: TLSFiles, own: x509.Certificate, error: ClientCertificateError
) -> tuple[str, str]:
    """The daemon's refusal of our certificate, by what is wrong with it."""
    ca, issuer = load(files.ca), subject(own.issuer)
    alert = alert_of(error.__cause__)
    refused = f"{endpoint}: the daemon refused the client certificate {files.cert} from {files.origin}{alert}: it"
    if expired(own) or early(own):
        return f"{refused} {validity(own)}; {now()}", renewal(endpoint, client=True)
    if purposes_of(own) and CLIENT_AUTH not in purposes_of(own):
        return (
            f"{refused} is for {purposes(own)}, not for clients",
            "use the client's certificate, which has the extended key usage clientAuth",
        )
    if ca is not None and not signed_by(own, ca):
        other = "that name but another key" if ca.subject == own.issuer else f"the name {subject(ca.subject)}"
        return (
            f"{refused} was issued by {issuer}, while {files.ca} has {other}",
            f"use the cert.pem and key.pem that were made together with {files.ca}",
        )
    return (
        f"{refused} {validity(own)}, is for {purposes(own)} and was issued by {issuer}, so nothing is wrong with it here: "
        "the daemon trusts another authority, or its clock is wrong",
        "use the certificates that were made for this daemon, and look at its --tlscacert and its clock",
    )


@dataclass
class _Sight:
    """The daemon's certificate beside our CA's, None when that cannot be read."""

    endpoint: Endpoint
    files: TLSFiles
    daemon: x509.Certificate
    ca: x509.Certificate | None

    def explained(self, error: TLSError, code: int) -> tuple[str, str]:
        if code in (9, 10):
            return self._dates(error)
        if code in (62, 64):
            return self._names(error)
        if code == 26:
            return f"{error.cause}; it is for {purposes(self.daemon)}", error.remedy
        if code in WEAK:
            return f"{error.cause}; it has {strength(self.daemon)}", error.remedy
        return self._issuer(error)

    def _dates(self, error: TLSError) -> tuple[str, str]:
        if expired(self.daemon) or early(self.daemon):
            whose = f"the daemon's certificate for {self._listed()}"
            remedy = renewal(self.endpoint) if expired(self.daemon) else error.remedy
            return self._cause(f"{whose} {validity(self.daemon)}; {now()}"), remedy
        if self.ca is not None and (expired(self.ca) or early(self.ca)):
            cause = f"the CA certificate {self.files.ca} from {self.files.origin} {validity(self.ca)}; {now()}"
            return self._cause(cause), renewal(self.endpoint, client=True) if expired(self.ca) else error.remedy
        return f"{error.cause}; the daemon's own {validity(self.daemon)}, so it is one between; {now()}", error.remedy

    def _names(self, error: TLSError) -> tuple[str, str]:
        address = self.endpoint.address
        if not (names := names_of(self.daemon)):
            return (
                f"{error.cause}: it has no subjectAltName, only the subject {subject(self.daemon.subject)}, and a common "
                "name does not count",
                f"{renewal(self.endpoint)}; it needs a subjectAltName with {_entry(address)}",
            )
        if _is_address(address) and address in names_of(self.daemon, x509.DNSName):
            return (
                f"{error.cause}: it is for {self._listed()}, and {address} stands there as a DNS name, while addresses "
                "are looked for among the IP addresses",
                f"{renewal(self.endpoint)}; it needs a subjectAltName with {_entry(address)}",
            )
        return (
            f"{error.cause}: it is for {self._listed()}",
            f"use {_or(names)} if that leads to the same daemon; did its address change? {renewal(self.endpoint)}",
        )

    def _issuer(self, error: TLSError) -> tuple[str, str]:
        issuer = subject(self.daemon.issuer)
        cause = f"{error.cause}; it was issued by {issuer} for {self._listed()}"
        if self.ca is None:
            return cause, error.remedy
        if self.ca.subject != self.daemon.issuer:
            return (
                f"{cause}, while {self.files.ca} is {subject(self.ca.subject)} and {validity(self.ca)}",
                f"{error.remedy}; if {issuer} is an intermediate of it, the daemon has to send that one too, in its "
                "--tlscert file",
            )
        if not signed_by(self.daemon, self.ca):
            other = f"{cause}, and {self.files.ca} has that same name but another key: it was made anew"
            return other, error.remedy
        return f"{cause}, which {self.files.ca} is too", error.remedy

    def _cause(self, words: str) -> str:
        return f"{self.endpoint}: {words}"

    def _listed(self) -> str:
        return ", ".join(names_of(self.daemon)) or f"no name (its subject is {subject(self.daemon.subject)})"


def _or(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _entry(address: str) -> str:
    """A subjectAltName entry as openssl writes it."""
    return f"{'IP' if _is_address(address) else 'DNS'}:{address}"
