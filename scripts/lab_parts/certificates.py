"""Certificates as docker-machine's official 0.16.x build makes them, by the openssl command.

RSA 2048, SHA256, valid 1080 days from five minutes ago, subject O only, PKCS#1 keys, and neither
SubjectKeyIdentifier nor AuthorityKeyIdentifier, which Go adds only since 1.15: this is what Python 3.13's
VERIFY_X509_STRICT refuses.
Source: docker/machine libmachine/cert/cert.go; openssl-ca(1), x509v3_config(5).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from .commands import run

_DAYS = 1080

# `= none`: openssl 3 adds both identifiers unless told otherwise.
_CONFIG = """
[ca]
default_ca = authority
[authority]
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
unique_subject = no
default_md = sha256
policy = organization
[organization]
organizationName = supplied
[req]
prompt = no
distinguished_name = subject
[subject]
[ca_extensions]
keyUsage = critical,digitalSignature,keyEncipherment,keyAgreement,keyCertSign
basicConstraints = critical,CA:TRUE
subjectKeyIdentifier = none
authorityKeyIdentifier = none
[server_extensions]
keyUsage = critical,digitalSignature,keyEncipherment,keyAgreement
extendedKeyUsage = serverAuth
basicConstraints = critical,CA:FALSE
subjectAltName = DNS:localhost,IP:{ip}
subjectKeyIdentifier = none
authorityKeyIdentifier = none
[client_extensions]
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
basicConstraints = critical,CA:FALSE
subjectKeyIdentifier = none
authorityKeyIdentifier = none
"""


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, both PEM."""

    certificate: bytes
    key: bytes


@dataclass(frozen=True)
class Certificates:
    """ca signed server and client; ssh_key is an RSA key of its own, PEM."""

    ca: Pair
    server: Pair
    client: Pair
    ssh_key: bytes


def make_certificates(scratch: Path, user: str, machine: str, ip: str) -> Certificates:
    """Certificates of the subjects "user", "user.machine" and "user.<bootstrap>". Raises LabError.

    scratch: where openssl's files may lie meanwhile; in the instance's folder, where `down` finds them.
    """
    with tempfile.TemporaryDirectory(dir=scratch) as temporary, ThreadPoolExecutor() as pool:
        folder = Path(temporary)
        (folder / "index.txt").touch()
        (folder / "openssl.cnf").write_text(_CONFIG.format(folder=folder, ip=ip))
        subjects = {"ca": user, "server": f"{user}.{machine}", "client": f"{user}.<bootstrap>"}
        keys = dict(pool.map(_make_key, [folder / name for name in (*subjects, "ssh")]))
        pairs = _sign(folder, subjects, keys)
    return Certificates(pairs["ca"], pairs["server"], pairs["client"], keys["ssh"])


def _make_key(path: Path) -> tuple[str, bytes]:
    """Write a key to path.key; -traditional is PKCS#1, "BEGIN RSA PRIVATE KEY", as Go's x509 writes it."""
    key = run(["openssl", "genrsa", "-traditional", "2048"])
    path.with_suffix(".key").write_bytes(key)
    return path.name, key


def _sign(folder: Path, subjects: Mapping[str, str], keys: Mapping[str, bytes]) -> dict[str, Pair]:
    """The signed pairs; the first subject is the authority, signed by itself."""
    config = ["-config", f"{folder}/openssl.cnf"]
    # docker-machine drops the seconds. `openssl x509` and `req` know -not_before only since 3.4, `ca` always.
    begin = datetime.now(timezone.utc).replace(second=0) - timedelta(minutes=5)
    dates = [f"{date:%Y%m%d%H%M%SZ}" for date in (begin, begin + timedelta(days=_DAYS))]
    pairs = {}
    for name, organization in subjects.items():
        key, request, signed = (f"{folder}/{name}.{end}" for end in ("key", "csr", "pem"))
        run(["openssl", "req", "-new", *config, "-key", key, "-subj", f"/O={organization}", "-out", request])
        signer: Iterable[str] = ["-selfsign"] if name == "ca" else ["-cert", f"{folder}/ca.pem"]
        ca = ["openssl", "ca", "-batch", "-notext", "-rand_serial", *config, "-keyfile", f"{folder}/ca.key"]
        wanted = ["-startdate", dates[0], "-enddate", dates[1], "-extensions", f"{name}_extensions"]
        run([*ca, *signer, *wanted, "-in", request, "-out", signed])
        pairs[name] = Pair(Path(signed).read_bytes(), keys[name])
    return pairs
