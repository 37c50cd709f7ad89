"""Certificates for tests, one set for each fault, made once a session.

In docker-machine's style where it bites: no subject or authority key identifier, organisation as the only subject. EC keys,
because an RSA key takes a hundred times as long.
"""

from __future__ import annotations

import ipaddress
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.now(timezone.utc)
DAY = timedelta(days=1)
VALID = (NOW - DAY, NOW + 1000 * DAY)
EXPIRED = (NOW - 1000 * DAY, NOW - 10 * DAY)
NOT_YET = (NOW + 10 * DAY, NOW + 1000 * DAY)
PASSPHRASE = b"secret"


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as objects and as PEM bytes."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

    @property
    def cert_pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self._key(serialization.NoEncryption())

    @property
    def encrypted_key_pem(self) -> bytes:
        return self._key(serialization.BestAvailableEncryption(PASSPHRASE))

    def _key(self, encryption: serialization.KeySerializationEncryption) -> bytes:
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def _build(
    organisation: str,
    dates: tuple[datetime, datetime],
    issuer: Pair | None,
    extensions: list[tuple[x509.ExtensionType, bool]],
    *,
    rsa_bits: int = 0,
    attribute: x509.ObjectIdentifier = NameOID.ORGANIZATION_NAME,
) -> Pair:
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = ec.generate_private_key(ec.SECP256R1())
    if rsa_bits:
        key = rsa.generate_private_key(65537, rsa_bits)
    subject = x509.Name([x509.NameAttribute(attribute, organisation)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dates[0])
        .not_valid_after(dates[1])
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return Pair(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


def make_ca(
    organisation: str, dates: tuple[datetime, datetime] = VALID, issuer: Pair | None = None, *, bare: bool = False
) -> Pair:
    """An authority with docker-machine's key usage, and neither SKI nor AKI; an intermediate one with an issuer; `bare`
    without key usage, as the recipe of docs.docker.com makes it."""
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=True,
        data_encipherment=False,
        key_agreement=True,
        key_cert_sign=True,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    extensions: list[tuple[x509.ExtensionType, bool]] = [(x509.BasicConstraints(True, None), True), (usage, True)]
    return _build(organisation, dates, issuer, extensions[:1] if bare else extensions)


def make_server(
    ca: Pair,
    names: tuple[str, ...] = ("localhost", "127.0.0.1"),
    dates: tuple[datetime, datetime] = VALID,
    *,
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
    dns_only: bool = False,
    rsa_bits: int = 0,
) -> Pair:
    """Without names, the address stands in the common name alone; `dns_only` writes addresses as DNS names."""
    entries = [x509.DNSName(name) if dns_only else _general_name(name) for name in names]
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        *([(x509.SubjectAlternativeName(entries), False)] if entries else []),
        (x509.ExtendedKeyUsage([purpose]), False),
        (x509.BasicConstraints(False, None), True),
    ]
    subject = ("dev", NameOID.ORGANIZATION_NAME) if names else ("127.0.0.1", NameOID.COMMON_NAME)
    return _build(subject[0], dates, ca, extensions, rsa_bits=rsa_bits, attribute=subject[1])


SHA1_REQUEST = b"""[req]
prompt = no
distinguished_name = subject
x509_extensions = extensions
[subject]
O = dev
[extensions]
subjectAltName = DNS:localhost,IP:127.0.0.1
extendedKeyUsage = serverAuth
basicConstraints = critical,CA:FALSE
authorityKeyIdentifier = none
"""


def make_server_signed_with_sha1(ca: Pair) -> Pair:
    """By openssl, since cryptography no longer signs so."""
    made = make_server(ca)
    files = {"key": made.key_pem, "ca": ca.cert_pem, "ca-key": ca.key_pem, "config": SHA1_REQUEST}
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        argv = ["openssl", "req", "-x509", "-sha1", "-days", "900", "-config", "config"]
        argv += ["-key", "key", "-CA", "ca", "-CAkey", "ca-key"]
        done = subprocess.run(argv, cwd=folder, capture_output=True, check=True)
    return Pair(x509.load_pem_x509_certificate(done.stdout), made.key)


def make_client(
    ca: Pair,
    dates: tuple[datetime, datetime] = VALID,
    *,
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.CLIENT_AUTH,
) -> Pair:
    return _build(
        "root.<bootstrap>",
        dates,
        ca,
        [(x509.ExtendedKeyUsage([purpose]), False), (x509.BasicConstraints(False, None), True)],
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Authority:
    """The session's certificates, by what is right or wrong with them; each is made when first asked for."""

    def __init__(self) -> None:
        self.ca = make_ca("Machine CA")
        self.other_ca = make_ca("Another CA")
        self.expired_ca = make_ca("Expired CA", EXPIRED)
        self.bare_ca = make_ca("Recipe CA", bare=True)
        self.ca_made_anew = make_ca("Machine CA")
        self.intermediate = make_ca("Between", issuer=self.ca)
        self._made: dict[str, Pair] = {}

    def pair(self, name: str) -> Pair:
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> Pair:
        makers = {
            "server": lambda: make_server(self.ca),
            "server expired": lambda: make_server(self.ca, dates=EXPIRED),
            "server not yet valid": lambda: make_server(self.ca, dates=NOT_YET),
            "server of another CA": lambda: make_server(self.other_ca),
            "server of an expired CA": lambda: make_server(self.expired_ca),
            "server of another name": lambda: make_server(self.ca, ("old.example", "192.0.2.7")),
            "server without names": lambda: make_server(self.ca, ()),
            "server with its address as a name": lambda: make_server(self.ca, dns_only=True),
            "server with a weak key": lambda: make_server(self.ca, rsa_bits=1024),
            "server with a weak signature": lambda: make_server_signed_with_sha1(self.ca),
            "server of a CA made anew": lambda: make_server(self.ca_made_anew),
            "server of a bare CA": lambda: make_server(self.bare_ca),
            "server of an intermediate": lambda: make_server(self.intermediate),
            "client of a CA made anew": lambda: make_client(self.ca_made_anew),
            "server made for clients": lambda: make_server(self.ca, purpose=ExtendedKeyUsageOID.CLIENT_AUTH),
            "client": lambda: make_client(self.ca),
            "client expired": lambda: make_client(self.ca, EXPIRED),
            "client of another CA": lambda: make_client(self.other_ca),
            "client made for servers": lambda: make_client(self.ca, purpose=ExtendedKeyUsageOID.SERVER_AUTH),
        }
        return makers[name]()

    def folder(self, path: Path, client: str | None = "client", ca: Pair | None = None) -> Path:
        """Write ca.pem, cert.pem and key.pem into `path`; without a client only ca.pem. Returns `path`."""
        path.mkdir(parents=True, exist_ok=True)
        path.joinpath("ca.pem").write_bytes((ca or self.ca).cert_pem)
        if client is not None:
            path.joinpath("cert.pem").write_bytes(self.pair(client).cert_pem)
            path.joinpath("key.pem").touch(mode=0o600)
            path.joinpath("key.pem").write_bytes(self.pair(client).key_pem)
        return path

    def server_files(self, path: Path, server: str = "server") -> tuple[Path, Path, Path]:
        """Write the daemon's side: its certificate, its key and the CA of its clients."""
        path.mkdir(parents=True, exist_ok=True)
        files = path / "server.pem", path / "server-key.pem", path / "clients-ca.pem"
        for file, content in zip(
            files, (self.pair(server).cert_pem, self.pair(server).key_pem, self.ca.cert_pem), strict=True
        ):
            file.write_bytes(content)
        return files


@cache
def authority() -> Authority:
    return Authority()
