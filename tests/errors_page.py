"""docs/errors.md: every TLS fault of the fixtures, what the docker CLI says to it and what `rawdock doctor` says.

Each fault is made anew on loopback and the doctor is run on it; addresses, folders and dates are then written as fixed ones,
so that the page changes only when a sentence does. `scripts/errors` writes the page, tests/test_errors_page.py compares it.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import socket
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from certificates import EXPIRED, NOT_YET, VALID, authority
from cryptography.hazmat.primitives import serialization
from wire_daemon import DAEMON, Connection, Script, WireDaemon

from rawdock.cli import main
from rawdock.cli.console import Console

PAGE = Path(__file__).parent.parent / "docs" / "errors.md"
FIXTURES = Path(__file__).parent / "fixtures"
PLAIN_TO_TLS = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
TLS_TO_PLAIN = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n400 Bad Request"
PROTOCOL_VERSION = b"\x15\x03\x01\x00\x02\x02\x46"  # the alert of a peer that speaks older TLS only, RFC 8446 section 6

Change = Callable[[Path], object]


@dataclass(frozen=True)
class Fault:
    """`ids`: its names in the fixtures, the first one gives the CLI's words. `server`, `client`, `ca` name certificates of
    tests/certificates.py; `change` spoils the client's folder; `script` is for what is no daemon with TLS; `environ` is
    added to DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, None takes one away."""

    title: str
    ids: tuple[str, ...]
    server: str = "server"
    client: str | None = "client"
    ca: str = "ca"
    change: Change | None = None
    script: Script | None = None
    environ: tuple[tuple[str, str | None], ...] = ()
    closed: bool = False


def _write(name: str, content: bytes) -> Change:
    return lambda folder: (folder / name).write_bytes(content)


def _swap(folder: Path) -> None:
    (folder / "cert.pem").rename(folder / "x")
    (folder / "key.pem").rename(folder / "cert.pem")
    (folder / "x").rename(folder / "key.pem")


def _empty(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


def _mark(folder: Path) -> None:
    for file in folder.iterdir():
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())


GARBAGE = b"garbage\n"
CA, CLIENT = authority().ca, authority().pair("client")
NO_VERIFY: tuple[tuple[str, str | None], ...] = (("DOCKER_TLS_VERIFY", None),)
NOTHING = (*NO_VERIFY, ("DOCKER_CERT_PATH", None))
PLAIN = ("verify-empty", "verify-empty-wronghost", "http-to-tls-port")
HTTPS: Script = [Connection.receive, PLAIN_TO_TLS]
FAULTS = {
    "The daemon's certificate": (
        Fault("it has expired", ("server-expired",), "server expired"),
        Fault("it is not valid yet", ("server-notyet",), "server not yet valid"),
        Fault("its CA has expired", ("server-expiredca",), "server of an expired CA", ca="expired_ca"),
        Fault("it is for another address", ("wronghost",), "server of another name"),
        Fault("it has no name but the common name", ("server-nosan",), "server without names"),
        Fault("its IP address is written as a DNS name", ("server-dnsip",), "server with its address as a name"),
        Fault("another CA signed it", ("wrongca",), "server of another CA"),
        Fault("another CA of the same name signed it", ("wrongca-samename",), "server of a CA made anew"),
        Fault("an intermediate CA signed it, and it is not sent", ("server-inter",), "server of an intermediate"),
        Fault("ca.pem is that intermediate", ("server-partial",), "server of an intermediate", ca="intermediate"),
        Fault("it is for clients", ("server-eku",), "server made for clients"),
        Fault("it has an RSA key of 1024 bits", ("server-weak",), "server with a weak key"),
        Fault("it is signed with SHA-1", ("server-sha1",), "server with a weak signature"),
        Fault("no ca.pem is named", ("system-ca-only",), environ=(*NO_VERIFY, ("DOCKER_HOST", "https://127.0.0.1:PORT"))),
        # Python 3.13 refuses these two by itself.
        Fault("docker-machine made it (no key identifiers)", ("dmold", "docs111", "dind111")),
        Fault("Docker's recipe made it (CA without key usage)", ("docs",), "server of a bare CA", ca="bare_ca"),
    ),
    "Our certificate": (
        Fault("it has expired", ("client-expired",), client="client expired"),
        Fault("it is for servers", ("client-servereku",), client="client made for servers"),
        Fault("another CA signed it", ("client-otherca",), client="client of another CA"),
        Fault("it is missing, and the key too", ("onlyca", "no-client-cert"), client=None),
        Fault("it alone is missing", ("nocert",), change=lambda folder: (folder / "cert.pem").unlink()),
        Fault("its key is missing", ("nokey",), change=lambda folder: (folder / "key.pem").unlink()),
        Fault("its key is another's", ("keymismatch",), change=_write("key.pem", authority().pair("server").key_pem)),
        Fault(
            "its key is encrypted", ("enckey8", "enckey"), change=_write("key.pem", CLIENT.encrypted_key_pem)
        ),
    ),
    "The files": (
        Fault("there is no such folder", ("nonexistent",), change=shutil.rmtree),
        Fault("the folder is empty", ("emptydir",), change=_empty),
        Fault("ca.pem is missing", ("noca",), change=lambda folder: (folder / "ca.pem").unlink()),
        Fault("ca.pem is empty", ("emptyca",), change=_write("ca.pem", b"")),
        Fault("ca.pem is garbage", ("garbageca",), change=_write("ca.pem", GARBAGE)),
        Fault("ca.pem is cut off", ("truncca",), change=_write("ca.pem", CA.cert_pem[:200])),
        Fault(
            "ca.pem is DER",
            ("dercat",),
            change=_write("ca.pem", CA.certificate.public_bytes(serialization.Encoding.DER)),
        ),
        Fault("cert.pem is garbage", ("garbagecert",), change=_write("cert.pem", GARBAGE)),
        Fault("key.pem is garbage", ("garbagekey",), change=_write("key.pem", GARBAGE)),
        Fault("key.pem is empty", ("emptykey",), change=_write("key.pem", b"")),
        Fault("cert.pem and key.pem are swapped", ("swapped",), change=_swap),
        Fault("the files begin with a byte-order mark", ("bom",), change=_mark),
    ),
    "The port": (
        Fault("plain HTTP to a TLS port", PLAIN, script=HTTPS, environ=NOTHING),
        Fault("the same, with DOCKER_CERT_PATH", ("verify-unset-certpath-set",), script=HTTPS, environ=NO_VERIFY),
        Fault("TLS to a plain port", ("plain-port", "tls-to-plain-port"), script=[Connection.receive, TLS_TO_PLAIN]),
        Fault("TLS 1.0 only", ("tls10-only",), script=[Connection.receive, PROTOCOL_VERSION]),
        Fault("nothing listens", ("closed-port", "dm:ipv6-url"), closed=True),
    ),
}  # fmt: skip


def cli_words() -> dict[str, str]:
    """What docker 28.2.2 wrote to stderr, by fault; "" where it had nothing to say."""
    cases = json.loads((FIXTURES / "docker_cli_tls_errors.json").read_text(encoding="utf-8"))["cases"]
    return {case["id"]: case["stderr"].strip() for case in cases if case["cli"] == "28"}


def fixture_faults() -> set[str]:
    """The ids of all that failed in either fixture, without what tells TLS versions and daemons apart."""
    chains = json.loads((FIXTURES / "tls_exception_chains.json").read_text(encoding="utf-8"))["cases"]
    failed = {name for name, runs in chains.items() if any("chain" in run["outcome"] for run in runs)}
    names = {re.sub("^go1.27-dockerd:", "", name) for name in failed | {"http-to-tls-port"}}
    names -= {name for name in names if name.endswith((":right-password", ":wrong-password", ":empty-password"))}
    bare = {name if name == "dm:ipv6-url" else name.partition(":")[0] for name in names}
    return {"wronghost" if name == "server-wronghost" else name for name in bare} | {
        name for name, words in cli_words().items() if words
    }


def examined(fault: Fault) -> tuple[str, str]:
    """(cause, remedy) that the doctor gives; both "" when all layers are well."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder = authority().folder(place / "certs", fault.client, getattr(authority(), fault.ca))
        if fault.change:
            fault.change(folder)
        if fault.closed:
            with socket.create_server(("127.0.0.1", 0)) as listener:
                port = listener.getsockname()[1]
            return _doctor(fault, port, folder)
        flavour = "tls1.3" if fault.script is None else "tcp"
        daemon = stack.enter_context(WireDaemon(place, flavour, fault.script or DAEMON, server=fault.server))
        return _doctor(fault, daemon.port, folder)


@cache
def results() -> dict[str, tuple[str, str]]:
    """What `examined` gives, by each fault's first id."""
    return {fault.ids[0]: examined(fault) for faults in FAULTS.values() for fault in faults}


def _doctor(fault: Fault, port: int, folder: Path) -> tuple[str, str]:
    environ = {"DOCKER_HOST": "tcp://127.0.0.1:PORT", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(folder)}
    for name, value in fault.environ:
        environ.pop(name) if value is None else environ.update({name: value})
    environ["DOCKER_HOST"] = environ["DOCKER_HOST"].replace("PORT", str(port))
    out, err = io.BytesIO(), io.StringIO()
    main(["doctor", "--json"], Console(out, err, io.BytesIO(), environ))
    assert not err.getvalue()
    document = json.loads(out.getvalue())
    broken = next((layer for layer in document["layers"] if layer["state"] == "broken"), None)
    if broken is None:
        return "", ""
    cause = broken["cause"].removeprefix(f"{document['endpoint']} from {document['origin']}: ")
    return _fixed(cause, port, folder), _fixed(broken["remedy"], port, folder)


def _fixed(text: str, port: int, folder: Path) -> str:
    """The same with the addresses, folders and dates of the page."""
    text = text.replace(str(folder), "/certs").replace(f":{port}", ":2376").replace(f"port {port}", "port 2376")
    text = re.sub(r"(clock says )[\d: -]+ UTC", r"\g<1>2026-11-24 04:12 UTC", text)
    text = text.replace(f"{EXPIRED[1]:%Y-%m-%d}", "2026-11-22").replace(f"{VALID[1]:%Y-%m-%d}", "2029-11-08")
    return text.replace(f"{NOT_YET[0]:%Y-%m-%d %H:%M}", "2026-11-29 04:06")


def _cli(fault: Fault) -> str:
    """The CLI's words with the page's addresses; or that there are none."""
    words = cli_words()
    if fault.ids[0] not in words:
        return "(not asked)"
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:2376", words[fault.ids[0]])
    text = re.sub(r"/srv/lab/certs/[\w-]+", "/certs", text)
    return text or "(works)"


HEAD = """# What goes wrong with TLS, and what is said about it

Each row is a fault: what docker 28.2.2 wrote, and what `rawdock doctor` finds, cause and remedy. The CLI's words were captured
(its daemon: 20.10.24); not every fault was put to it. rawdock's are made anew by a test that compares this page, with the
address written as 127.0.0.1:2376, the folder as /certs and fixed dates. Before each of rawdock's causes stands the endpoint
and where it came from: `tcp://127.0.0.1:2376 from DOCKER_HOST: `. Other commands say the same without opening the
certificates, so without dates and names. For a machine of docker-machine the remedy names that machine.

Written by `scripts/errors`.
"""


def page() -> str:
    lines = [HEAD]
    for heading, faults in FAULTS.items():
        lines += [f"## {heading}", "", "| fault | docker | rawdock |", "|---|---|---|"]
        for fault in faults:
            cause, remedy = results()[fault.ids[0]]
            ours = f"{_cell(cause)}<br>**Do:** {_cell(remedy)}" if cause else "(works)"
            lines.append(f"| {_cell(fault.title)} | {_cell(_cli(fault))} | {ours} |")
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    text = re.sub(r"\s+", " ", text)
    return re.sub(r"([|<*_])", r"\\\1", text)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
