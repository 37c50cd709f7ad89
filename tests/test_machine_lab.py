"""docker-machine's machines and refused certificates, on a real dockerd behind TLS: Go 1.19 there answers "bad certificate"
whatever is wrong with ours, so only our own file says why."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import engine
import pytest
from certificates import EXPIRED, Pair, make_ca, make_client
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

LAB = Path(__file__).resolve().parents[1] / "scripts" / "lab"
URL = "tcp://192.168.99.100:2376"

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def lab() -> Iterator[list[str]]:
    """The words that run a command where the lab's client is."""
    engine.skip_unless_in("docker-machine")
    words = ["docker-machine", "--as", f"machine-{uuid.uuid4().hex[:8]}"]
    try:
        done = subprocess.run([LAB, "up", *words], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        yield [str(LAB), "exec", *words]
    finally:
        subprocess.run([LAB, "down", *words], capture_output=True, timeout=60, check=False)


def run(lab: list[str], *words: str, code: int = 0, **environ: str) -> str:
    argv = [*lab, "env", *(f"{name}={value}" for name, value in environ.items()), *words]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


def rawdock(lab: list[str], *words: str, code: int = 0, **environ: str) -> str:
    return run(lab, sys.executable, "-m", "rawdock", *words, code=code, **environ)


@pytest.fixture(scope="module")
def ca(lab: list[str]) -> tuple[Path, Pair]:
    """The folder and the key of the authority that the daemon trusts."""
    certs = Path(run(lab, "printenv", "MACHINE_STORAGE_PATH").strip()) / "certs"
    key = serialization.load_pem_private_key((certs / "ca-key.pem").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return certs, Pair(x509.load_pem_x509_certificate((certs / "ca.pem").read_bytes()), key)


def test_the_store_and_the_daemon_are_listed(lab: list[str]) -> None:
    assert rawdock(lab, "machine", "url", "lab") == f"{URL}\n"
    (row,) = json.loads(rawdock(lab, "machine", "ls", "--json"))
    assert row["docker"].startswith("v")
    assert {name: row[name] for name in ("name", "active", "driver", "state", "url", "errors")} == {
        "name": "lab",
        "active": "*",
        "driver": "generic",
        "state": "Running",
        "url": URL,
        "errors": "",
    }


def test_all_finds_the_daemon_that_is_well(lab: list[str]) -> None:
    assert f"ok      in use: {URL} from DOCKER_HOST" in rawdock(lab, "doctor", "--all").splitlines()


@pytest.mark.parametrize(
    ("fault", "words", "remedy"),
    [
        (
            "expired",
            f"it expired on {EXPIRED[1]:%Y-%m-%d}; this machine's clock says 2",
            "regenerate-certs --client-certs",
        ),
        ("made for servers", "it is for servers (serverAuth), not for clients", "use the client's certificate"),
        ("of another CA", "it was issued by O=Other, while {ca} has the name O=", "use the cert.pem and key.pem that"),
        ("of a CA made anew", "while {ca} has that name but another key", "use the cert.pem and key.pem that"),
    ],
)
def test_a_real_daemon_refuses_and_the_doctor_says_why(
    lab: list[str], ca: tuple[Path, Pair], tmp_path: Path, fault: str, words: str, remedy: str
) -> None:
    certs, authority = ca
    name = authority.certificate.subject.rfc4514_string().removeprefix("O=")
    client = {
        "expired": lambda: make_client(authority, EXPIRED),
        "made for servers": lambda: make_client(authority, purpose=ExtendedKeyUsageOID.SERVER_AUTH),
        "of another CA": lambda: make_client(make_ca("Other")),
        "of a CA made anew": lambda: make_client(make_ca(name)),
    }[fault]()
    (tmp_path / "ca.pem").write_bytes((certs / "ca.pem").read_bytes())
    (tmp_path / "cert.pem").write_bytes(client.cert_pem)
    (tmp_path / "key.pem").write_bytes(client.key_pem)
    document = json.loads(rawdock(lab, "doctor", "--json", code=1, DOCKER_CERT_PATH=str(tmp_path)))
    (broken,) = [layer for layer in document["layers"] if layer["state"] == "broken"]
    refused = f"the daemon refused the client certificate {tmp_path}/cert.pem from DOCKER_CERT_PATH (TLS alert: "
    assert broken["layer"] == "tls" and broken["cause"].startswith(f"{URL} from DOCKER_HOST: {refused}")
    assert words.format(ca=tmp_path / "ca.pem") in broken["cause"] and remedy in broken["remedy"]


def test_a_real_daemon_asks_for_a_certificate_that_is_missing(
    lab: list[str], ca: tuple[Path, Pair], tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_bytes((ca[0] / "ca.pem").read_bytes())
    document = json.loads(rawdock(lab, "doctor", "--json", code=1, DOCKER_CERT_PATH=str(tmp_path)))
    (broken,) = [layer for layer in document["layers"] if layer["state"] == "broken"]
    missing = f"the daemon asks for a client certificate, and {tmp_path}/cert.pem from DOCKER_CERT_PATH is missing"
    assert (broken["layer"], broken["cause"]) == ("tls", f"{URL} from DOCKER_HOST: {missing}")
