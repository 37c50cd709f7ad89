"""Clients that are other programs, a process a call, and a bare socket, a connection a call."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence

from ..endpoint import Endpoint, Scheme
from ..net.credentials import client_context, has_client_certificate
from .calls import Answer, Call
from .compare import Peer, Timed
from .libraries import DIRECT, PATIENCE, base_url, timed


def programs(environ: Mapping[str, str]) -> tuple[list[Peer], list[str]]:
    """Those that are here, and the names of those that are not."""
    here, absent = [], []
    if curl := shutil.which("curl", path=environ.get("PATH")):

        def ask_curl(endpoint: Endpoint, calls: Sequence[Call], repeat: int) -> list[Timed]:
            words = [curl, *_curl_words(endpoint)]
            base = base_url(endpoint)
            return timed(lambda call: parse_answer(_output([*words, base + call.path], environ)), calls, repeat)

        here.append(Peer("curl", _version_of(curl, environ), ask_curl, DIRECT))
    else:
        absent.append("curl")
    here.append(Peer("bare socket", f"Python {platform.python_version()}", _bare, DIRECT))
    if docker := shutil.which("docker", path=environ.get("PATH")):

        def ask_docker(endpoint: Endpoint, calls: Sequence[Call], repeat: int) -> list[Timed]:
            own = {name: value for name, value in environ.items() if not name.startswith("DOCKER_")}
            own["DOCKER_HOST"] = endpoint.url
            if "DOCKER_CONFIG" in environ:
                own["DOCKER_CONFIG"] = environ["DOCKER_CONFIG"]
            words = [docker, *_docker_words(endpoint)]
            return timed(lambda call: Answer(0, {}, _output([*words, *call.words], own)), calls, repeat)

        here.append(Peer("docker CLI", _version_of(docker, environ), ask_docker, retells=True))
    else:
        absent.append("docker CLI")
    return here, absent


def _version_of(program: str, environ: Mapping[str, str]) -> str:
    """The third word of "Docker version 28.2.2, build …", the second of "curl 8.5.0 (…"."""
    words = _output([program, "--version"], environ).decode("utf-8", "replace").replace("version ", "").split()
    return words[1].rstrip(",") if len(words) > 1 else ""


def _output(argv: Sequence[str], environ: Mapping[str, str]) -> bytes:
    """What it prints. Raises RuntimeError with its complaint when its exit code is not 0."""
    done = subprocess.run(
        argv, env=dict(environ), stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=PATIENCE
    )
    if done.returncode:
        complaint = done.stderr.decode("utf-8", "replace").strip()
        raise RuntimeError(f"exit code {done.returncode}: {complaint}")
    return done.stdout


def _curl_words(endpoint: Endpoint) -> list[str]:
    words = ["-q", "-sS", "-i", "--http1.1", "--noproxy", "*", "--max-time", f"{PATIENCE:g}"]
    if endpoint.scheme is Scheme.UNIX:
        return [*words, "--unix-socket", endpoint.address]
    tls = endpoint.tls
    if tls is None:
        return words
    words += [] if tls.verify else ["--insecure"]
    words += ["--cacert", tls.ca] if tls.ca and tls.verify else []
    if tls.cert and tls.key and has_client_certificate(tls):
        words += ["--cert", tls.cert, "--key", tls.key]
    return words


def _docker_words(endpoint: Endpoint) -> list[str]:
    tls = endpoint.tls
    if tls is None:
        return []
    words = ["--tlsverify" if tls.verify else "--tls"]
    for option, path in (("--tlscacert", tls.ca), ("--tlscert", tls.cert), ("--tlskey", tls.key)):
        if path and os.path.exists(path):
            words += [option, path]
    return words


def _bare(endpoint: Endpoint, calls: Sequence[Call], repeat: int) -> list[Timed]:
    context = client_context(endpoint.tls) if endpoint.tls else None

    def ask(call: Call) -> Answer:
        if endpoint.scheme is Scheme.UNIX:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(PATIENCE)
            connection.connect(endpoint.address)
        else:
            assert endpoint.port is not None
            connection = socket.create_connection((endpoint.address, endpoint.port), PATIENCE)
        if context is not None:
            connection = context.wrap_socket(connection, server_hostname=endpoint.address)
        with connection:
            # In HTTP/1.0 the end of the connection is the end of the body, so there is no framing to undo.
            head = f"GET {endpoint.prefix}{call.path} HTTP/1.0\r\nHost: {endpoint.authority}\r\n\r\n"
            connection.sendall(head.encode())
            parts = []
            while part := connection.recv(65536):
                parts.append(part)
        return parse_answer(b"".join(parts))

    return timed(ask, calls, repeat)


def parse_answer(data: bytes) -> Answer:
    """The answer in `data`, whose body is all that follows the head. Raises ValueError for what is no answer."""
    head, separator, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if not separator or not first.startswith("HTTP/") or not words[1:] or not words[1].isdecimal():
        raise ValueError(f"no answer in HTTP, but {data[:40]!r}")
    pairs = (line.partition(":")[::2] for line in lines)
    return Answer(int(words[1]), {name.strip().lower(): value.strip() for name, value in pairs}, body)
