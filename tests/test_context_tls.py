"""Contexts and DOCKER_TLS against a daemon with TLS: what is spoken, what is said, and the remedy where it fails."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from certificates import authority
from context_store import write_context
from wire_daemon import DAEMON, REQUEST, Connection, WireDaemon

from rawdock import SyncClient, discover
from rawdock.cli import main
from rawdock.cli.console import Console
from rawdock.errors import UnverifiedWarning

UNVERIFIED = "the daemon's certificate is not verified"


def run(*arguments: str, environ: Mapping[str, str]) -> tuple[int, str, str]:
    """(exit code, stdout, stderr)"""
    out, err = io.BytesIO(), io.StringIO()
    code = main(arguments, Console(out, err, io.BytesIO(), environ))
    return code, out.getvalue().decode(), err.getvalue()


def context(
    folder: Path, host: str, files: str, client: str = "client", ca: Any = None, **docker: Any
) -> dict[str, str]:
    """The environment in which the context `lab` has `host` and those of ca, cert and key that `files` names."""
    made = authority().folder(folder / "made", client, ca)
    names = [f"{kind}.pem" for kind in files.split()]
    tls = write_context(folder, "lab", {"Host": host, **docker}, names)
    for name in names:
        (tls / name).write_bytes((made / name).read_bytes())
    return {"DOCKER_CONFIG": str(folder), "DOCKER_CONTEXT": "lab"}


@pytest.mark.parametrize("scheme", ["tcp", "http", "https"])
def test_a_contexts_files_are_used_whatever_its_scheme(tmp_path: Path, scheme: str) -> None:
    with WireDaemon(tmp_path, "tls1.3", DAEMON) as daemon:
        environ = context(tmp_path, daemon.url.replace("tcp", scheme), "ca cert key")
        code, out, err = run("get", "/version", environ=environ)
    assert (code, err) == (0, "") and "24.0.7" in out


def test_a_context_that_skips_verification_is_asked_and_that_is_said_each_time(tmp_path: Path) -> None:
    """The server's name is wrong, and there is no CA."""
    with WireDaemon(tmp_path, "tls1.3", DAEMON, server="server of another name") as daemon:
        environ = context(tmp_path, daemon.url, "cert key", SkipTLSVerify=True)
        code, out, err = run("get", "/version", environ=environ)
        doctor = run("doctor", environ=environ)
    assert code == 0 and "24.0.7" in out
    assert err == (
        f"rawdock: {daemon.url} from context lab (DOCKER_CONTEXT): {UNVERIFIED}: context lab has SkipTLSVerify\n"
    )
    assert doctor[0] == 0 and f"note: {UNVERIFIED}" in doctor[1] and ", NOT VERIFIED, our client" in doctor[1]


def test_docker_tls_is_said_by_the_command_and_warned_of_in_the_library(tmp_path: Path) -> None:
    folder = authority().folder(tmp_path / "made", ca=authority().other_ca)
    with WireDaemon(tmp_path, "tls1.3", DAEMON) as daemon:
        environ = {"DOCKER_HOST": daemon.url, "DOCKER_TLS": "1", "DOCKER_CERT_PATH": str(folder)}
        code, _, err = run("get", "/version", environ=environ)
        assert code == 0 and f"{UNVERIFIED}: DOCKER_TLS is set and DOCKER_TLS_VERIFY is not" in err
        with pytest.warns(UnverifiedWarning, match=UNVERIFIED):
            endpoint = discover(environ)
        with SyncClient(endpoint) as client:
            assert client.get("/version").json()["Version"] == "24.0.7"
        environ["DOCKER_TLS_VERIFY"] = "1"
        code, _, err = run("get", "/version", environ=environ)
        assert code == 7 and "was not signed by" in err


def test_verification_is_on_for_a_context_without_a_ca(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "tls1.3", DAEMON) as daemon:
        code, _, err = run("get", "/version", environ=context(tmp_path, daemon.url, "cert key"))
    assert code == 7 and "was not signed by this system's certificate authorities; give them to the context: " in err
    assert f"docker context update lab --docker host={daemon.url},ca=ca.pem" in err


def test_https_without_files_never_becomes_plain_http(tmp_path: Path) -> None:
    refusal = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request"  # dockerd's, to what is no HTTP
    with WireDaemon(tmp_path, "tcp", [Connection.receive, refusal]) as daemon:
        code, _, err = run("get", "/version", environ=context(tmp_path, daemon.url.replace("tcp", "https"), ""))
    assert code == 7 and "the daemon does not speak TLS on this port" in err and "DOCKER_TLS_VERIFY" not in err
    assert daemon.connections[0].received.startswith(b"\x16\x03")  # a TLS handshake


def test_a_context_that_lacks_a_client_certificate_is_told_how_to_get_one(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "tls1.3", DAEMON) as daemon:
        code, _, err = run("get", "/version", environ=context(tmp_path, daemon.url, "ca"))
    assert code == 7 and "asks for a client certificate, and context lab names none" in err
    assert "docker context update lab --docker" in err


def test_a_plain_context_of_a_tls_port_is_told_how_to_get_its_files(tmp_path: Path) -> None:
    refusal = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
    with WireDaemon(tmp_path, "tcp", [REQUEST, refusal]) as daemon:
        code, _, err = run("get", "/version", environ=context(tmp_path, daemon.url, ""))
    assert code == 7 and "the daemon wants TLS on this port" in err and "docker context update lab --docker" in err
