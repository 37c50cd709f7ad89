"""The docker CLI as the judge: with the same words, environment and contexts it must mean the same daemon.

The CLI runs in a network namespace of its own, without even loopback, so no address here is ever connected to. `docker
context inspect` says what it would use; what it says when it cannot connect is asked as well.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from certificates import authority
from context_store import make_current

from rawdock import Endpoint
from rawdock.cli import main
from rawdock.cli.console import Console

pytestmark = [pytest.mark.lab, pytest.mark.slow]

CLIS = sorted({path for folder in ("/usr/bin", "/usr/local/bin") if (path := shutil.which("docker", path=folder))})
FORMAT = "{{.Name}}|{{.Endpoints.docker.Host}}|{{json .TLSMaterial}}|{{.Endpoints.docker.SkipTLSVerify}}"
CONTEXTS = {
    "lab": "host=tcp://192.168.99.100:2376,ca={0}/ca.pem,cert={0}/cert.pem,key={0}/key.pem",
    "caonly": "host=tcp://10.0.0.5:2376,ca={0}/ca.pem",
    "skip": "host=tcp://10.0.0.6:2376,skip-tls-verify=true",
    "socket": "host=unix:///run/user/1000/docker.sock",
    "plain": "host=http://10.0.0.7:2375",
    "nohost": "ca={0}/ca.pem",
}
WORDS: list[list[str]] = [
    [],
    ["-H", "tcp://10.1.1.1:2375"],
    ["-H", "10.1.1.1"],
    ["--context", ""],
    ["--context", "default"],
    ["--context", "ghost"],
    ["-H", "tcp://10.1.1.1:2375", "--context", "lab"],
    *(["--context", name] for name in CONTEXTS),
]
HOSTS = [None, "tcp://10.2.2.2:2375", ":2375", "foo://bar"]
NAMES = [None, "", "default", "socket", "ghost"]
CURRENT = [None, "plain", "default", "ghost"]
TLS = [{}, {"DOCKER_TLS_VERIFY": "0"}, {"DOCKER_TLS": "1"}, {"DOCKER_TLS": "", "DOCKER_TLS_VERIFY": ""}]
MATRIX = [
    *(
        (words, host, name, current, {})
        for words in WORDS[:1]
        for host in HOSTS
        for name in NAMES
        for current in CURRENT
    ),
    *((words, host, "socket", "plain", {}) for words in WORDS[1:] for host in HOSTS[:2]),
    *((words, host, None, None, tls) for words in WORDS for host in HOSTS[:2] for tls in TLS[1:]),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DOCKER_CONFIG with contexts that the CLI made, and the PEM files that DOCKER_TLS_VERIFY asks for."""
    if not CLIS:
        pytest.fail("no docker CLI here: scripts/lab install")
    folder = tmp_path_factory.mktemp("config")
    authority().folder(folder)
    for name, docker in CONTEXTS.items():
        argv = [CLIS[0], "context", "create", name, "--docker", docker.format(folder)]
        subprocess.run(argv, env={"DOCKER_CONFIG": str(folder)}, check=True, capture_output=True, timeout=30)
    return folder


def environment(
    folder: Path, host: str | None, name: str | None, current: str | None, tls: dict[str, str]
) -> dict[str, str]:
    (folder / "config.json").unlink(missing_ok=True)
    if current:
        make_current(folder, current)
    given = {"DOCKER_HOST": host, "DOCKER_CONTEXT": name, "DOCKER_CONFIG": str(folder), "HOME": str(folder), **tls}
    return {key: value for key, value in given.items() if value is not None}


def docker(cli: str, *words: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    argv = ["unshare", "--net", "--", cli, *words]
    return subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=60, check=False)


def rawdock(*words: str, environ: dict[str, str]) -> tuple[int, dict[str, Any] | None]:
    """(exit code, the candidate that is taken)"""
    out = io.BytesIO()
    code = main(["endpoints", "--offline", "--json", *words], Console(out, io.StringIO(), io.BytesIO(), environ))
    found = json.loads(out.getvalue())["candidates"] if out.getvalue() else []
    return code, next((row for row in found if row["taken"]), None)


@pytest.mark.parametrize("cli", CLIS)
def test_rawdock_and_the_docker_cli_mean_the_same_daemon(folder: Path, cli: str) -> None:
    differences = []
    for words, host, name, current, tls in MATRIX:
        environ = environment(folder, host, name, current, tls)
        judged = docker(cli, *words, "context", "inspect", "--format", FORMAT, environ=environ)
        if 'context "" does not exist' in judged.stderr:
            continue  # 20.10 takes a DOCKER_CONTEXT that is set and empty for a name
        theirs = meant_by_the_cli(judged.stdout.strip()) if judged.returncode == 0 else None
        code, row = rawdock(*words, environ=environ)
        ours = meant_by_us(row) if code == 0 and row else None
        if ours != theirs:
            differences.append((words, environ, theirs, ours, judged.stderr))
    assert not differences, "\n".join(map(str, differences))


def meant_by_the_cli(inspected: str) -> tuple[str, str, str]:
    """(context, URL, how TLS is spoken)"""
    context, url, files, skip = inspected.split("|")
    endpoint = Endpoint.parse(url or "unix://", "the CLI")
    if endpoint.port is None or not ("pem" in files or skip == "true"):
        return context, endpoint.url, "plain"
    return context, endpoint.url, "unverified" if skip == "true" else "verified"


def meant_by_us(row: dict[str, Any]) -> tuple[str, str, str]:
    tls = row["tls"]
    return (
        row["context"] or "default",
        row["endpoint"],
        "plain" if tls is None else "verified" if tls["verify"] else "unverified",
    )


@pytest.mark.parametrize("cli", CLIS)
@pytest.mark.parametrize(
    ("words", "host", "tls"),
    [
        ([], None, {}),
        ([], None, {"DOCKER_TLS_VERIFY": "1"}),
        ([], None, {"DOCKER_TLS": "1"}),
        ([], ":2375", {}),
        ([], "tcp://10.2.2.2", {"DOCKER_TLS_VERIFY": "1"}),
        (["--context", "lab"], None, {}),
        (["--context", "nohost"], None, {}),
        (["--context", "socket"], "tcp://10.2.2.2", {}),
    ],
)
def test_the_docker_cli_tries_to_connect_there(
    folder: Path, cli: str, words: list[str], host: str | None, tls: dict[str, str]
) -> None:
    environ = environment(folder, host, None, None, tls)
    said = docker(cli, *words, "version", environ=environ).stderr
    tried = re.search(r"Docker daemon at (\S+)\. Is|Get \"?(?:https?://)([^/]+)/", said)
    assert tried, said
    _, row = rawdock(*words, environ=environ)
    assert row and row["endpoint"].removeprefix("tcp://") == (tried[1] or tried[2]).removeprefix("tcp://")
