"""Bad input: each fault is one sentence with the value, its origin and the remedy, by `get` and layer by layer by `doctor`.

It is long because each fault has its own set-up and its exact sentence.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from certificates import EXPIRED, NOT_YET, authority
from cryptography.hazmat.primitives import serialization
from wire_daemon import DAEMON, HOLD, REQUEST, RESET, Connection, Script, WireDaemon, ping, reply

from rawdock.cli import main
from rawdock.cli.console import Console
from rawdock.endpoint import TLSFiles
from rawdock.net.credentials import client_context

PLAIN_TO_TLS = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
TLS_TO_PLAIN = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n400 Bad Request"


@dataclass
class Run:
    """What a command did."""

    code: int
    out: bytes
    err: str

    @property
    def sentence(self) -> str:
        """The one line on stderr; nothing may be on stdout."""
        assert self.out == b""
        assert self.err.count("\n") == 1 and self.err.startswith("rawdock: ") and "Traceback" not in self.err
        return self.err.removeprefix("rawdock: ").rstrip("\n")


def rawdock(*arguments: str, environ: Mapping[str, str] | None = None, stdin: bytes = b"") -> Run:
    out, err = io.BytesIO(), io.StringIO()
    code = main(arguments, Console(out, err, io.BytesIO(stdin), environ or {}))
    return Run(code, out.getvalue(), err.getvalue())


@dataclass
class Layers:
    """What the doctor found, from its JSON document."""

    document: dict[str, Any]
    layers: dict[str, dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.layers = {layer["layer"]: layer for layer in self.document["layers"]}

    def broken(self, name: str) -> tuple[str, str]:
        """(cause, remedy) of the layer, which must be the only broken one; those before are ok, those behind are not
        reached."""
        names = list(self.layers)
        place = names.index(name)
        states = [layer["state"] for layer in self.layers.values()]
        assert states == ["ok"] * place + ["broken"] + ["not reached"] * (len(names) - place - 1)
        assert all(
            (layer["milliseconds"] is None) == (layer["state"] == "not reached") for layer in self.layers.values()
        )
        return self.layers[name]["cause"], self.layers[name]["remedy"]


def doctor(*arguments: str, environ: Mapping[str, str] | None = None) -> Layers:
    run = rawdock("doctor", "--json", *arguments, environ=environ)
    assert run.err == ""
    found = Layers(json.loads(run.out))
    well = all(layer["state"] == "ok" for layer in found.layers.values())
    assert run.code == (0 if well else 1)
    return found


def tls_environ(url: str, folder: Path) -> dict[str, str]:
    return {"DOCKER_HOST": url, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(folder)}


# Sockets


def test_no_socket(tmp_path: Path) -> None:
    url = f"unix://{tmp_path}/docker.sock"
    remedy = "start Docker, or name another daemon with -H or DOCKER_HOST"
    run = rawdock("get", "/info", environ={"DOCKER_HOST": url})
    assert (run.code, run.sentence) == (6, f"{url} from DOCKER_HOST: there is no such socket; {remedy}")
    assert doctor("-H", url).broken("socket") == (f"{url} from -H: there is no such socket", remedy)


def test_no_socket_at_the_default_is_said_to_be_the_default(tmp_path: Path) -> None:
    if os.path.exists("/var/run/docker.sock"):
        pytest.skip("this machine has a Docker daemon")
    assert "unix:///var/run/docker.sock from the default: there is no such socket" in rawdock("get", "/info").sentence


def test_a_link_to_a_socket_that_is_gone(tmp_path: Path) -> None:
    """Docker Desktop leaves /var/run/docker.sock so when it is not running."""
    link = tmp_path / "link.sock"
    link.symlink_to(tmp_path / "desktop.sock")
    run = rawdock("-H", f"unix://{link}", "get", "/info")
    assert run.code == 6
    assert f"there is no such socket: it is a link to {tmp_path}/desktop.sock, which is not there" in run.sentence


@pytest.mark.parametrize(("kind", "words"), [("file", "a file"), ("folder", "a folder"), ("fifo", "something else")])
def test_a_path_that_is_no_socket(tmp_path: Path, kind: str, words: str) -> None:
    path = tmp_path / "docker.sock"
    if kind == "file":
        path.touch()
    elif kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    cause = f"unix://{path} from -H: {path} is no socket but {words}"
    run = rawdock("-H", f"unix://{path}", "get", "/info")
    assert (run.code, run.sentence) == (6, f"{cause}; give the daemon's socket")
    assert doctor("-H", f"unix://{path}").broken("socket") == (cause, "give the daemon's socket")


def test_a_socket_on_which_nobody_listens(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    cause = f"unix://{path} from -H: the socket is there but nobody listens on it"
    run = rawdock("-H", f"unix://{path}", "get", "/info")
    assert run.code == 6 and run.sentence.startswith(f"{cause}; start Docker")
    assert doctor("-H", f"unix://{path}").broken("connect")[0] == cause


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user may enter, as tmp_path is not."""
    folder = Path(tempfile.mkdtemp(prefix="rawdock-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


NOBODY = """
import io, os, sys
from rawdock.cli import main
from rawdock.cli.console import Console
# Once as root, for the imports alone: nobody else may enter the folder of every interpreter.
main(sys.argv[1:], Console(io.BytesIO(), io.StringIO(), io.BytesIO(), os.environ))
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
sys.exit(main(sys.argv[1:]))
"""


def as_nobody(*arguments: str, environ: Mapping[str, str] | None = None) -> Run:
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    done = subprocess.run(
        [sys.executable, "-c", NOBODY, *arguments],
        env={"PATH": os.environ["PATH"], **(environ or {})},
        capture_output=True,
        timeout=30,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr.decode())


@pytest.mark.parametrize(
    ("mode", "group", "words", "remedy"),
    [
        (0o660, "daemon", "owner root, group daemon, mode 0660", "join the group: sudo usermod -aG daemon nobody"),
        (0o600, "root", "owner root, group root, mode 0600", "use sudo, or give the socket a group that may write"),
    ],
)
def test_a_socket_without_permission_for_us(open_folder: Path, mode: int, group: str, words: str, remedy: str) -> None:
    with WireDaemon(open_folder, "unix", DAEMON) as daemon:
        os.chmod(daemon.path, mode)
        if os.geteuid() == 0:
            shutil.chown(daemon.path, group=group)
        run = as_nobody("-H", daemon.url, "get", "/info")
        layers = Layers(json.loads(as_nobody("doctor", "--json", "-H", daemon.url).out))
    cause = f"{daemon.url} from -H: nobody may not use the socket ({words})"
    assert run.code == 6 and run.sentence.startswith(f"{cause}; {remedy}")
    assert layers.broken("socket")[0] == cause


def test_a_folder_without_permission_for_us(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(0o700)
    with WireDaemon(closed, "unix", DAEMON) as daemon:
        run = as_nobody("-H", daemon.url, "get", "/info")
    assert run.code == 6
    assert f"nobody may not search the folder {closed} (owner root, group root, mode 0700); use sudo" in run.sentence


# Addresses


def test_nothing_listens_on_the_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
    run = rawdock("get", "/info", environ={"DOCKER_HOST": url})
    assert run.code == 6
    assert run.sentence.startswith(f"{url} from DOCKER_HOST: the host refused, nothing listens on port {url[16:]}; ")
    assert "start the daemon there" in doctor("-H", url).broken("connect")[1]


def test_a_name_that_does_not_resolve() -> None:
    name = "a..b"  # refused by every resolver without asking anyone
    cause = f"tcp://{name}:2375 from -H: the name '{name}' does not resolve (it is no host name)"
    run = rawdock("-H", f"tcp://{name}", "get", "/info")
    assert (run.code, run.sentence) == (6, f"{cause}; check its spelling, or give the IP address")
    assert doctor("-H", f"tcp://{name}").broken("name")[0] == cause


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        ("ftp://box", "'ftp://box' from DOCKER_HOST: scheme 'ftp', expected unix, tcp, http"),
        ("tcp://box:http", "'tcp://box:http' from DOCKER_HOST: port 'http', expected a number from 1 to 65535"),
        ("/run/docker.sock", "'/run/docker.sock' from DOCKER_HOST has no scheme; write unix:///run/docker.sock"),
    ],
)
def test_a_host_that_names_no_endpoint(host: str, sentence: str) -> None:
    for command in (["get", "/info"], ["doctor"], ["doctor", "--json"]):
        run = rawdock(*command, environ={"DOCKER_HOST": host})
        assert run.code == 2 and run.sentence.startswith(sentence)


def test_an_unknown_machine(tmp_path: Path) -> None:
    tmp_path.joinpath("machines", "dev").mkdir(parents=True)
    tmp_path.joinpath("machines", "dev", "config.json").write_text("{}")
    run = rawdock("--machine", "prod", "doctor", environ={"MACHINE_STORAGE_PATH": str(tmp_path)})
    assert run.code == 2
    assert run.sentence.startswith(f"machine 'prod' is not in {tmp_path} (MACHINE_STORAGE_PATH)")
    assert "dev" in run.sentence


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("unset DOCKER_HOST\n", "run it without -u"),
        ("", "it is empty"),
        ('Host is not running\n\x1b[31m"', "it begins 'Host is not running'"),
    ],
)
def test_env_text_without_docker_host(text: str, words: str) -> None:
    run = rawdock("--machine-env", "-", "get", "/info", stdin=text.encode())
    assert run.code == 2
    assert run.sentence.startswith("the text from standard input sets no DOCKER_HOST") and words in run.sentence


def test_an_env_file_that_cannot_be_read(tmp_path: Path) -> None:
    run = rawdock("doctor", "--machine-env", str(tmp_path / "env"))
    assert run.code == 2 and "from --machine-env cannot be read: No such file or directory" in run.sentence


@pytest.mark.parametrize(
    ("options", "environ", "origin"),
    [(["--api-version", "new"], {}, "--api-version"), ([], {"DOCKER_API_VERSION": "new"}, "DOCKER_API_VERSION")],
)
def test_a_bad_api_version(options: list[str], environ: dict[str, str], origin: str) -> None:
    run = rawdock("get", *options, "/info", environ=environ)
    assert (run.code, run.sentence) == (2, f"API version 'new' from {origin}, expected a number such as 1.41")


# Peers that are no daemon


@pytest.mark.parametrize(
    ("script", "code", "sentence", "layer"),
    [
        pytest.param(
            [b"SSH-2.0-OpenSSH_9.6\r\n", HOLD],
            8,
            "the peer does not speak HTTP: it sent b'SSH-2.0-OpenSSH_9.6\\r\\n'; give the address of a Docker daemon",
            "http",
            id="ssh",
        ),
        pytest.param([REQUEST], 8, "connection", "http", id="closes"),
        pytest.param([REQUEST, RESET], 8, "connection", "http", id="resets"),
        pytest.param(
            [REQUEST, reply(b"<html>\n<b>nope</b>", "404 Not Found"), HOLD],
            8,
            "what answers is no Docker daemon: it gave /_ping 404 Not Found (<html> <b>nope</b>); "
            "give the address of a Docker daemon",
            "ping",
            id="404",
        ),
        pytest.param(
            [REQUEST, reply(b"<html>hi</html>"), HOLD],
            8,
            "what answers is no Docker daemon: /_ping gave '<html>hi</html>', expected OK; "
            "give the address of a Docker daemon",
            "ping",
            id="html",
        ),
        pytest.param(
            [REQUEST, PLAIN_TO_TLS],
            7,
            "the daemon wants TLS on this port: it answered 'Client sent an HTTP request to an HTTPS server.'; "
            "set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH",
            "http",
            id="plain HTTP to a TLS port",
        ),
        pytest.param(
            [REQUEST, b"\x15\x03\x01\x00\x02\x02\x46"],
            7,
            "the daemon wants TLS on this port: it answered in TLS; set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH",
            "http",
            id="plain HTTP to a TLS port that answers by an alert",
        ),
    ],
)
def test_a_peer_that_is_no_daemon(tmp_path: Path, script: Script, code: int, sentence: str, layer: str) -> None:
    with WireDaemon(tmp_path, "tcp", script) as daemon:
        run = rawdock("-H", daemon.url, "get", "/info")
        cause, remedy = doctor("-H", daemon.url).broken(layer)
    assert run.code == code
    assert run.sentence.startswith(f"{daemon.url} from -H: ") and sentence in run.sentence
    assert cause.startswith(f"{daemon.url} from -H: ") and remedy
    if layer != "http" or code != 8:
        assert f"{cause}; {remedy}" == run.sentence


def test_a_unix_socket_that_is_no_docker_daemon(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [b"220 smtp ready\r\n", HOLD]) as daemon:
        run = rawdock("-H", daemon.url, "get", "/info")
    assert run.code == 8 and f"{daemon.url} from -H: the peer does not speak HTTP: it sent b'220 smtp" in run.sentence


@pytest.mark.parametrize("path", ["/info", "/v1.41/info"])
def test_a_peer_that_accepts_and_says_nothing(tmp_path: Path, path: str) -> None:
    with WireDaemon(tmp_path, "tcp", [HOLD]) as daemon:
        run = rawdock("-H", daemon.url, "get", "--timeout", "0.1", path)
        cause, _ = doctor("-H", daemon.url, "--timeout", "0.1").broken("http")
    assert run.code == 6
    said = f"{daemon.url} from -H: GET {path} took over 0.1 s; start the daemon there, or check its address"
    assert run.sentence == said
    assert cause == f"{daemon.url} from -H: the answer to /_ping took over 0.1 s"


def test_a_peer_that_says_nothing_in_the_handshake(tmp_path: Path) -> None:
    environ = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(authority().folder(tmp_path / "c"))}
    with WireDaemon(tmp_path, "tcp", [HOLD]) as daemon:
        cause, _ = doctor("-H", daemon.url, "--timeout", "0.1", environ=environ).broken("tls")
    assert cause == f"{daemon.url} from -H: the TLS handshake took over 0.1 s"


def test_tls_to_a_plain_port(tmp_path: Path) -> None:
    folder = authority().folder(tmp_path / "client")
    with WireDaemon(tmp_path, "tcp", [Connection.receive, TLS_TO_PLAIN]) as daemon:
        environ = tls_environ(daemon.url, folder)
        run = rawdock("get", "/info", environ=environ)
        cause, remedy = doctor(environ=environ).broken("tls")
    assert run.code == 7 and run.sentence == f"{cause}; {remedy}"
    assert cause.endswith(
        "from DOCKER_HOST: the daemon does not speak TLS on this port, but plain HTTP or something else"
    )
    assert remedy.startswith("unset DOCKER_TLS_VERIFY")


@pytest.mark.parametrize("script", [[Connection.receive], [Connection.receive, RESET]], ids=["closes", "resets"])
def test_a_peer_that_hangs_up_in_the_handshake(tmp_path: Path, script: Script) -> None:
    folder = authority().folder(tmp_path / "client")
    with WireDaemon(tmp_path, "tcp", script) as daemon:
        run = rawdock("get", "/info", environ=tls_environ(daemon.url, folder))
    assert run.code == 7 and "the connection in the TLS handshake; does a daemon with TLS listen there?" in run.sentence


# The daemon's certificate


@pytest.mark.parametrize(
    ("server", "sentence", "cause", "remedy"),
    [
        (
            "server expired",
            "the daemon's certificate, or that of its CA {ca}, has expired; renew it",
            f"the daemon's certificate for localhost, 127.0.0.1 expired on {EXPIRED[1]:%Y-%m-%d}; this machine's clock says 2",
            "renew it with the tool that made it; on a docker-machine: docker-machine regenerate-certs NAME (which restarts",
        ),
        (
            "server not yet valid",
            "the daemon's certificate is not valid yet; compare the clocks",
            "the daemon's certificate for localhost, 127.0.0.1 is not valid before "
            f"{NOT_YET[0]:%Y-%m-%d %H:%M} UTC; this machine's clock says 2",
            "compare the clocks of this machine and the daemon's: date -u",
        ),
        (
            "server of another name",
            "the daemon's certificate is not made out for '127.0.0.1'; use a name or address that it has",
            "the daemon's certificate is not made out for '127.0.0.1': it is for old.example, 192.0.2.7",
            "use old.example or 192.0.2.7 if that leads to the same daemon; did its address change? renew it",
        ),
        (
            "server without names",
            "the daemon's certificate is not made out for '127.0.0.1'",
            "the daemon's certificate is not made out for '127.0.0.1': it has no subjectAltName, only the subject "
            "CN=127.0.0.1, and a common name does not count",
            "renew it with the tool that made it",
        ),
        (
            "server with its address as a name",
            "the daemon's certificate is not made out for '127.0.0.1'",
            "the daemon's certificate is not made out for '127.0.0.1': it is for localhost, 127.0.0.1, and 127.0.0.1 stands "
            "there as a DNS name, while addresses are looked for among the IP addresses",
            "renew it with the tool that made it",
        ),
        (
            "server of another CA",
            "the daemon's certificate was not signed by {ca}; use the ca.pem of the authority that made this daemon's",
            "the daemon's certificate was not signed by {ca}; it was issued by O=Another CA for localhost, 127.0.0.1, while "
            "{path} is O=Machine CA and is valid until ",
            "use the ca.pem of the authority that made this daemon's certificate; if O=Another CA is an intermediate of it",
        ),
        (
            "server of a CA made anew",
            "the daemon's certificate was not signed by {ca}",
            "the daemon's certificate was not signed by {ca}; it was issued by O=Machine CA for localhost, 127.0.0.1, and "
            "{path} has that same name but another key: it was made anew",
            "use the ca.pem of the authority that made this daemon's certificate",
        ),
        (
            "server made for clients",
            "the daemon's certificate is made for another purpose than a server's; renew it",
            "the daemon's certificate is made for another purpose than a server's; it is for clients (clientAuth)",
            "renew it with the tool that made it",
        ),
        (
            "server with a weak key",
            "the daemon's certificate is too weak (EE certificate key too weak); renew it",
            "the daemon's certificate is too weak (EE certificate key too weak); it has an RSA key of 1024 bits and is signed "
            "with sha256",
            "renew it with the tool that made it",
        ),
        (
            "server with a weak signature",
            "the daemon's certificate is too weak (CA signature digest algorithm too weak); renew it",
            "the daemon's certificate is too weak (CA signature digest algorithm too weak); it has an EC key of 256 bits and "
            "is signed with sha1",
            "renew it with the tool that made it",
        ),
    ],
)
@pytest.mark.parametrize("version", ["tls1.2", "tls1.3"])
def test_a_daemons_certificate_that_is_not_accepted(
    tmp_path: Path, version: str, server: str, sentence: str, cause: str, remedy: str
) -> None:
    folder = authority().folder(tmp_path / "client")
    words = {"ca": f"{folder}/ca.pem from DOCKER_CERT_PATH", "path": str(folder / "ca.pem")}
    with WireDaemon(tmp_path, version, DAEMON, server=server) as daemon:
        environ = tls_environ(daemon.url, folder)
        run = rawdock("get", "/info", environ=environ)
        found, advice = doctor(environ=environ).broken("tls")
    assert run.code == 7
    assert run.sentence.startswith(f"{daemon.url} from DOCKER_HOST: {sentence.format(**words)}")
    assert found.startswith(f"{daemon.url} from DOCKER_HOST: {cause.format(**words)}")
    assert advice.startswith(remedy)


def test_a_ca_that_has_expired(tmp_path: Path) -> None:
    folder = authority().folder(tmp_path / "client", ca=authority().expired_ca)
    with WireDaemon(tmp_path, "tls1.3", DAEMON, server="server of an expired CA") as daemon:
        cause, remedy = doctor(environ=tls_environ(daemon.url, folder)).broken("tls")
    assert f"the CA certificate {folder}/ca.pem from DOCKER_CERT_PATH expired on {EXPIRED[1]:%Y-%m-%d}; this" in cause
    assert "docker-machine regenerate-certs --client-certs NAME" in remedy


def test_an_intermediate_as_ca_is_accepted(tmp_path: Path) -> None:
    """As Go does; Python before 3.13 does not by itself."""
    folder = authority().folder(tmp_path / "client", ca=authority().intermediate)
    with WireDaemon(tmp_path, "tls1.3", DAEMON, server="server of an intermediate") as daemon:
        assert rawdock("get", "/version", environ=tls_environ(daemon.url, folder)).code == 0


def test_an_intermediate_that_the_daemon_does_not_send(tmp_path: Path) -> None:
    folder = authority().folder(tmp_path / "client")
    with WireDaemon(tmp_path, "tls1.3", DAEMON, server="server of an intermediate") as daemon:
        cause, remedy = doctor(environ=tls_environ(daemon.url, folder)).broken("tls")
    assert f"it was issued by O=Between for localhost, 127.0.0.1, while {folder}/ca.pem is O=Machine CA" in cause
    assert remedy.endswith(
        "if O=Between is an intermediate of it, the daemon has to send that one too, in its --tlscert file"
    )


def test_with_a_machine_the_remedy_is_its_command(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "tls1.3", DAEMON, server="server expired") as daemon:
        machine = tmp_path / "store" / "machines" / "dev"
        authority().folder(machine)
        config = {"ConfigVersion": 3, "DriverName": "none", "Driver": {"URL": daemon.url}}
        (machine / "config.json").write_text(json.dumps(config))
        environ = {"MACHINE_STORAGE_PATH": str(tmp_path / "store")}
        _, remedy = doctor("--machine", "dev", environ=environ).broken("tls")
    assert remedy.startswith("renew it: docker-machine regenerate-certs dev (which restarts the daemon)")


def test_without_files_the_systems_authorities_decide(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "tls1.3", DAEMON) as daemon:
        run = rawdock("-H", daemon.url.replace("tcp", "https"), "get", "/info")
    assert run.code == 7
    assert (
        "the daemon's certificate was not signed by this system's certificate authorities; set DOCKER_" in run.sentence
    )


OLD = [("server", "ca", 85), ("server of a bare CA", "bare_ca", 92)]  # docker-machine's, and those of Docker's recipe


@pytest.mark.parametrize(("server", "ca"), [row[:2] for row in OLD])
@pytest.mark.parametrize("version", ["tls1.2", "tls1.3"])
def test_certificates_that_python_3_13_refuses_are_accepted(tmp_path: Path, version: str, server: str, ca: str) -> None:
    """By VERIFY_X509_STRICT: "Missing Authority Key Identifier", "CA cert does not include key usage extension"."""
    folder = authority().folder(tmp_path / "client", ca=getattr(authority(), ca))
    assert not client_context(TLSFiles.in_folder(str(folder), "the test")).verify_flags & ssl.VERIFY_X509_STRICT
    with WireDaemon(tmp_path, version, DAEMON, server=server) as daemon:
        assert rawdock("get", "/version", environ=tls_environ(daemon.url, folder)).code == 0


@pytest.mark.parametrize(("server", "ca", "code"), OLD)
def test_strict_verification_would_refuse_those_certificates(tmp_path: Path, server: str, ca: str, code: int) -> None:
    """What makes the test before this one worth having, on every Python."""
    folder = authority().folder(tmp_path / "client", ca=getattr(authority(), ca))
    context = client_context(TLSFiles.in_folder(str(folder), "the test"))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with (
        WireDaemon(tmp_path, "tls1.3", DAEMON, server=server) as daemon,
        socket.create_connection(("127.0.0.1", daemon.port)) as stream,
        pytest.raises(ssl.SSLCertVerificationError) as caught,
    ):
        context.wrap_socket(stream, server_hostname="127.0.0.1")
    assert caught.value.verify_code in (85, code)  # without key identifiers both are


class OnceDaemon(WireDaemon):
    """Shakes hands on its first connection only."""

    def _serve(self, connection: Connection, script: Script) -> None:
        if connection is self.connections[0]:
            super()._serve(connection, script)
        else:
            connection.stream.close()


def test_a_certificate_that_cannot_be_read_again_leaves_the_first_sentence(tmp_path: Path) -> None:
    folder = authority().folder(tmp_path / "client")
    with OnceDaemon(tmp_path, "tls1.3", DAEMON, server="server expired") as daemon:
        cause, remedy = doctor(environ=tls_environ(daemon.url, folder)).broken("tls")
    assert cause.endswith("/client/ca.pem from DOCKER_CERT_PATH, has expired") and remedy.startswith("renew it")


# Our certificate


@pytest.mark.parametrize(
    ("client", "words", "cause", "remedy"),
    [
        (
            "client expired",
            "it has expired",
            f"(TLS alert: certificate expired): it expired on {EXPIRED[1]:%Y-%m-%d}; this machine's clock says 2",
            "renew it with the tool that made it; on a docker-machine: docker-machine regenerate-certs --client-certs NAME",
        ),
        (
            "client of another CA",
            "the daemon does not know the authority that signed it",
            "(TLS alert: unknown ca): it was issued by O=Another CA, while {folder}/ca.pem has the name O=Machine CA",
            "use the cert.pem and key.pem that were made together with {folder}/ca.pem",
        ),
        (
            "client of a CA made anew",
            "",
            "): it was issued by O=Machine CA, while {folder}/ca.pem has that name but another key",
            "use the cert.pem and key.pem that were made together with {folder}/ca.pem",
        ),
        (
            "client made for servers",
            "",
            "): it is for servers (serverAuth), not for clients",
            "use the client's certificate, which has the extended key usage clientAuth",
        ),
    ],
)
@pytest.mark.parametrize("version", ["tls1.2", "tls1.3"])
def test_a_client_certificate_that_the_daemon_refuses(
    tmp_path: Path, version: str, client: str, words: str, cause: str, remedy: str
) -> None:
    folder = authority().folder(tmp_path / "client", client=client)
    with WireDaemon(tmp_path, version, DAEMON) as daemon:
        environ = tls_environ(daemon.url, folder)
        run = rawdock("get", "/info", environ=environ)
        found, advice = doctor(environ=environ).broken("tls")
    refused = f"the daemon refused the client certificate {folder}/cert.pem from DOCKER_CERT_PATH (TLS alert: "
    assert run.code == 7 and f"{daemon.url} from DOCKER_HOST: {refused}" in run.sentence and words in run.sentence
    assert found.startswith(f"{daemon.url} from DOCKER_HOST: {refused}") and cause.format(folder=folder) in found
    assert advice.startswith(remedy.format(folder=folder))


def test_a_client_certificate_that_is_well_points_to_the_daemon(tmp_path: Path) -> None:
    folder = authority().folder(tmp_path / "client", client="client of another CA", ca=authority().other_ca)
    with WireDaemon(tmp_path, "tls1.3", DAEMON, server="server of another CA") as daemon:
        cause, remedy = doctor(environ=tls_environ(daemon.url, folder)).broken("tls")
    assert "so nothing is wrong with it here: the daemon trusts another authority, or its clock is wrong" in cause
    assert "look at its --tlscacert and its clock" in remedy


class HidingDaemon(WireDaemon):
    """Loses its alert under TLS 1.3, as a reset can make any daemon do, and refuses in the handshake under TLS 1.2: the
    first two connections are of TLS 1.3 and are reset once they are up, all others are of TLS 1.2."""

    def _serve(self, connection: Connection, script: Script) -> None:
        if connection in self.connections[:2]:
            script = [RESET]
        else:
            self._context = self.under_tls12
        super()._serve(connection, script)

    under_tls12: ssl.SSLContext


def test_a_refusal_that_tls_1_3_hides_is_found_under_tls_1_2(tmp_path: Path) -> None:
    folder = authority().folder(tmp_path / "client", client="client expired")
    strict = WireDaemon(tmp_path, "tls1.2", DAEMON)
    daemon = HidingDaemon(tmp_path, "tls1.3", DAEMON, client_certificates=False)
    assert strict._context is not None
    daemon.under_tls12 = strict._context
    with strict, daemon:
        cause, _ = doctor(environ=tls_environ(daemon.url, folder)).broken("tls")
    assert "(TLS alert: certificate expired): it expired on " in cause
    assert len(daemon.connections) == 3


def alert(number: int) -> Script:
    """A fatal alert instead of the handshake, RFC 8446 section 6."""
    return [Connection.receive, b"\x15\x03\x01\x00\x02\x02" + bytes([number])]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (40, "(TLS alert: handshake failure): it "),
        (42, "(TLS alert: bad certificate): it "),
        (43, "(TLS alert: unsupported certificate): it "),
        (44, "(TLS alert: certificate revoked): it "),
        (45, "(TLS alert: certificate expired): it "),
        (46, "(TLS alert: certificate unknown): it "),
        (48, "(TLS alert: unknown ca): "),
        (49, "(TLS alert: access denied): "),
        (51, "(TLS alert: decrypt error): it"),
        (70, "speaks no TLS that is safe today: it refused TLS 1.2 and 1.3 (TLS alert: protocol version)"),
        (80, "TLS failed (TLS alert: internal error)"),
        (116, "(TLS alert: certificate required): it "),
    ],
)
def test_every_alert_is_named(tmp_path: Path, number: int, words: str) -> None:
    folder = authority().folder(tmp_path / "client")
    with WireDaemon(tmp_path, "tcp", alert(number)) as daemon:
        environ = tls_environ(daemon.url, folder)
        run = rawdock("get", "/info", environ=environ)
        cause, remedy = doctor(environ=environ).broken("tls")
    assert run.code == 7 and words in run.sentence and words in cause and remedy


@pytest.mark.parametrize("version", ["tls1.2", "tls1.3"])
def test_a_client_certificate_that_is_not_there(tmp_path: Path, version: str) -> None:
    folder = authority().folder(tmp_path / "client", client=None)
    with WireDaemon(tmp_path, version, DAEMON) as daemon:
        environ = tls_environ(daemon.url, folder)
        run = rawdock("get", "/info", environ=environ)
        cause, remedy = doctor(environ=environ).broken("tls")
    assert run.code == 7 and run.sentence == f"{cause}; {remedy}"
    missing = f"the daemon asks for a client certificate, and {folder}/cert.pem from DOCKER_CERT_PATH is missing"
    assert cause == f"{daemon.url} from DOCKER_HOST: {missing}"
    assert remedy == "point DOCKER_CERT_PATH at the folder with ca.pem, cert.pem and key.pem"


def test_a_daemon_that_asks_for_no_client_certificate_needs_none(tmp_path: Path) -> None:
    folder = authority().folder(tmp_path / "client", client=None)
    with WireDaemon(tmp_path, "tls1.3", DAEMON, client_certificates=False) as daemon:
        found = doctor(environ=tls_environ(daemon.url, folder))
    assert found.layers["tls"]["detail"].endswith("no client certificate shown nor asked for")


GARBAGE = b"\x00\x01 no certificate"
BROKEN_PEM = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
DER = authority().ca.certificate.public_bytes(serialization.Encoding.DER)
BROKEN_KEY = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("ca.pem", None, "the CA certificate {file} from DOCKER_CERT_PATH is missing; point DOCKER_CERT_PATH at"),
        ("ca.pem", b"", "the CA certificate {file} from DOCKER_CERT_PATH is empty; copy it again from where"),
        ("ca.pem", GARBAGE, "the CA certificate {file} from DOCKER_CERT_PATH is no PEM file"),
        ("ca.pem", BROKEN_PEM, "the CA certificate {file} from DOCKER_CERT_PATH cannot be loaded"),
        ("cert.pem", None, "the client certificate {file} from DOCKER_CERT_PATH is missing"),
        ("cert.pem", b"", "the client certificate {file} from DOCKER_CERT_PATH is empty"),
        ("cert.pem", GARBAGE, "the client certificate {file} from DOCKER_CERT_PATH is no PEM file"),
        ("cert.pem", BROKEN_PEM, "the client certificate {file} from DOCKER_CERT_PATH cannot be loaded"),
        ("key.pem", None, "the client key {file} from DOCKER_CERT_PATH is missing"),
        ("key.pem", b"\n", "the client key {file} from DOCKER_CERT_PATH is empty"),
        ("key.pem", GARBAGE, "the client key {file} from DOCKER_CERT_PATH is no PEM file"),
        (
            "ca.pem",
            DER,
            "the CA certificate {file} from DOCKER_CERT_PATH is in DER, where Docker's tools read PEM; convert",
        ),
        ("cert.pem", DER, "the client certificate {file} from DOCKER_CERT_PATH is in DER"),
        (
            "key.pem",
            authority().pair("client").cert_pem,
            "the client key {file} from DOCKER_CERT_PATH holds a certificate; cert.pem and key.pem seem to be swapped",
        ),
        (
            "cert.pem",
            authority().pair("client").key_pem,
            "the client certificate {file} from DOCKER_CERT_PATH holds a key; cert.pem and key.pem seem to be swapped",
        ),
        (
            "ca.pem",
            authority().ca.cert_pem[:200],
            "the CA certificate {file} from DOCKER_CERT_PATH cannot be loaded, its PEM is damaged",
        ),
        ("key.pem", BROKEN_KEY, "the client key {file} from DOCKER_CERT_PATH cannot be loaded"),
        (
            "key.pem",
            authority().pair("client of another CA").key_pem,
            "the client key {file} from DOCKER_CERT_PATH does not belong to the certificate",
        ),
        (
            "key.pem",
            authority().pair("client").encrypted_key_pem,
            "the client key {file} from DOCKER_CERT_PATH is encrypted, and Docker's own tools cannot use such a key either; "
            "decrypt it: openssl pkey -in {file} -out key.pem",
        ),
    ],
)
def test_a_certificate_file_that_cannot_be_used(
    tmp_path: Path, name: str, content: bytes | None, sentence: str
) -> None:
    folder = authority().folder(tmp_path / "client")
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    with WireDaemon(tmp_path, "tls1.3", DAEMON) as daemon:
        environ = tls_environ(daemon.url, folder)
        run = rawdock("get", "/info", environ=environ)
        cause, remedy = doctor(environ=environ).broken("tls")
    assert run.code == 7 and run.sentence.startswith(sentence.format(file=folder / name))
    assert f"{cause}; {remedy}" == run.sentence


def test_a_folder_of_certificates_that_is_missing_or_empty(tmp_path: Path) -> None:
    environ = tls_environ("tcp://127.0.0.1:1", tmp_path / "none")
    with WireDaemon(tmp_path, "tls1.3", DAEMON) as daemon:
        environ["DOCKER_HOST"] = daemon.url
        missing = f"the CA certificate {tmp_path}/none/ca.pem from DOCKER_CERT_PATH is missing"
        assert (
            f"{missing}, for there is no folder {tmp_path}/none; point"
            in rawdock("get", "/x", environ=environ).sentence
        )
        (tmp_path / "none").mkdir()
        assert (
            f"{missing}: the folder {tmp_path}/none is empty; point" in rawdock("get", "/x", environ=environ).sentence
        )


@pytest.mark.parametrize(("old", "new"), [(b"\n", b"\r\n"), (b"-----BEGIN CERT", b"\xef\xbb\xbf-----BEGIN CERT")])
def test_line_ends_and_a_mark_of_windows_do_no_harm(tmp_path: Path, old: bytes, new: bytes) -> None:
    """Go refuses a PEM with a byte-order mark ("ca.pem seems invalid")."""
    folder = authority().folder(tmp_path / "client")
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (folder / name).write_bytes((folder / name).read_bytes().replace(old, new))
    with WireDaemon(tmp_path, "tls1.3", DAEMON) as daemon:
        assert rawdock("get", "/version", environ=tls_environ(daemon.url, folder)).code == 0


def test_a_certificate_file_that_is_a_folder(tmp_path: Path) -> None:
    folder = authority().folder(tmp_path / "client", client=None)
    folder.joinpath("cert.pem").mkdir()
    folder.joinpath("key.pem").write_bytes(authority().pair("client").key_pem)
    with WireDaemon(tmp_path, "tls1.3", DAEMON) as daemon:
        run = rawdock("get", "/info", environ=tls_environ(daemon.url, folder))
    assert run.code == 7
    assert (
        f"the client certificate {folder}/cert.pem from DOCKER_CERT_PATH cannot be read: Is a directory" in run.sentence
    )


def test_a_key_that_we_may_not_read(open_folder: Path) -> None:
    folder = authority().folder(open_folder / "client")
    folder.joinpath("key.pem").chmod(0o600)
    with WireDaemon(open_folder, "tls1.3", DAEMON) as daemon:
        run = as_nobody("get", "/info", environ=tls_environ(daemon.url, folder))
    assert run.code == 7
    assert run.sentence == (
        f"the client key {folder}/key.pem from DOCKER_CERT_PATH cannot be read by nobody "
        "(owner root, group root, mode 0600): Permission denied; check its owner and mode, or use sudo"
    )


# The doctor on a daemon that is well


@pytest.mark.parametrize("transport", ["unix", "tcp", "tls1.2", "tls1.3"])
def test_every_layer_of_a_daemon_that_is_well(tmp_path: Path, transport: str) -> None:
    folder = authority().folder(tmp_path / "client")
    with WireDaemon(tmp_path, transport, DAEMON) as daemon:
        environ = tls_environ(daemon.url, folder) if transport.startswith("tls") else {"DOCKER_HOST": daemon.url}
        found = doctor(environ=environ)
    first = ["socket"] if transport == "unix" else ["name"]
    tls = ["tls"] if transport.startswith("tls") else []
    assert list(found.layers) == [*first, "connect", *tls, "http", "ping", "version"]
    assert {layer["state"] for layer in found.layers.values()} == {"ok"}
    assert all(layer["milliseconds"] >= 0 and not layer["cause"] for layer in found.layers.values())
    assert found.document["endpoint"] == daemon.url and found.document["origin"] == "DOCKER_HOST"
    assert found.layers["http"]["detail"] == "HTTP/1.1 200 OK by Docker/24.0.7 (linux)"
    assert found.layers["ping"]["detail"] == "a Docker daemon, API 1.43"
    assert found.layers["version"]["detail"].startswith("API 1.12 to 1.43, rawdock 1.24 to 1.56: 1.43 is spoken")
    assert len(daemon.connections) == 1
    if tls:
        detail = found.layers["tls"]["detail"]
        assert detail.startswith(f"TLSv{transport[3:]}, certificate for localhost, 127.0.0.1, valid until ")
        assert detail.endswith("issued by O=Machine CA, our client certificate accepted")


def test_the_doctor_for_people_prints_a_line_a_layer_with_its_time(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", DAEMON) as daemon:
        run = rawdock("doctor", "-H", daemon.url)
    lines = run.out.decode().splitlines()
    assert run.code == 0 and run.err == "" and lines[0] == f"{daemon.url} from -H"
    assert [line.split()[:2] for line in lines[1:]] == [
        [name, "ok"] for name in ("socket", "connect", "http", "ping", "version")
    ]
    assert all(" ms  " in line for line in lines[1:]) and "mode 0" in lines[1]


def test_the_doctor_for_people_shows_cause_and_remedy_under_the_broken_layer(tmp_path: Path) -> None:
    run = rawdock("doctor", "-H", f"unix://{tmp_path}/docker.sock")
    lines = run.out.decode().splitlines()
    assert run.code == 1 and run.err == ""
    assert lines[2] == f"    cause:  unix://{tmp_path}/docker.sock from -H: there is no such socket"
    assert lines[3].startswith("    remedy: start Docker")
    assert [line.split(maxsplit=1) for line in lines[4:]] == [
        [name, "not reached"] for name in ("connect", "http", "ping", "version")
    ]


def test_a_daemon_that_hangs_up_after_each_reply_is_dialled_again(tmp_path: Path) -> None:
    closing = b"HTTP/1.1 200 OK\r\nApi-Version: 1.43\r\nConnection: close\r\n\r\nOK"
    with WireDaemon(tmp_path, "unix", [REQUEST, closing], [*DAEMON[:1], DAEMON[3]]) as daemon:
        doctor("-H", daemon.url)
    assert daemon.lines == [["GET /_ping HTTP/1.1"], ["GET /version HTTP/1.1"]]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(b'{"message":"no"}', "403 Forbidden"), "GET /version gave 403 (no)"),
        (reply(b"[]"), "GET /version gave no version: '[]'"),
        (
            reply(b'{"ApiVersion":"9.9","MinAPIVersion":"9.0"}'),
            "the daemon speaks API 9.0 to 9.9, rawdock 1.24 to 1.56",
        ),
    ],
)
def test_a_version_that_is_refused_absent_or_out_of_our_window(tmp_path: Path, answer: bytes, words: str) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, answer, HOLD]) as daemon:
        cause, remedy = doctor("-H", daemon.url).broken("version")
    assert words in cause and cause.startswith(f"{daemon.url} from -H: ") and remedy


def test_a_doubt_about_the_endpoint_is_told(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "tcp", DAEMON) as daemon:
        environ = {"DOCKER_HOST": daemon.url, "DOCKER_CERT_PATH": "/certs"}
        found = doctor(environ=environ)
        run = rawdock("doctor", environ=environ)
    note = "DOCKER_CERT_PATH is set but DOCKER_TLS_VERIFY is not, so plain HTTP is spoken"
    assert found.document["notes"] == [note] and f"  note: {note}\n" in run.out.decode()


def test_what_powershell_redirected_is_read(tmp_path: Path) -> None:
    """PowerShell 5 writes UTF-16 with its byte-order mark where > catches docker-machine's output."""
    text = '$Env:DOCKER_HOST = "tcp://127.0.0.1:1"\r\n'
    file = tmp_path / "env.ps1"
    file.write_bytes(text.encode("utf-16"))
    run = rawdock("--machine-env", str(file), "get", "/info")
    assert run.code == 6 and f"tcp://127.0.0.1:1 from DOCKER_HOST in {file}" in run.sentence


def test_a_machine_env_file_that_is_missing_is_named_with_what_to_give(tmp_path: Path) -> None:
    sentence = rawdock("--machine-env", str(tmp_path / "none"), "get", "/info").sentence
    assert "No such file or directory; give a file with what `docker-machine env` printed" in sentence
