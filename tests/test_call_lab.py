"""`rawdock call` against a real daemon: what the catalogue takes, the daemon takes."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import engine
import pytest

from rawdock.catalogue import examples
from rawdock.catalogue.lookup import by_id
from rawdock.catalogue.operations import Operation

LAB = str(Path(__file__).resolve().parents[1] / "scripts" / "lab")
RAWDOCK = [sys.executable, "-W", "error", "-m", "rawdock"]

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def lab() -> Iterator[str]:
    name = f"call-{uuid.uuid4().hex[:8]}"
    try:
        subprocess.run([LAB, "up", "native", "--as", name], capture_output=True, timeout=60, check=True)
        yield name
    finally:
        subprocess.run([LAB, "down", "native", "--as", name], capture_output=True, check=False)


def call(lab: str, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    argv = [LAB, "exec", "native", "--as", lab, *RAWDOCK, "call", *words]
    return subprocess.run(argv, input=stdin, capture_output=True, timeout=60, check=False)


def good(lab: str, *words: str, stdin: bytes = b"") -> bytes:
    done = call(lab, *words, stdin=stdin)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def test_a_container_from_create_to_delete(lab: str) -> None:
    name = f"call-{uuid.uuid4().hex[:8]}"
    fields = ["Cmd[]=sh", "Cmd[]=-c", "Cmd[]=echo out; echo err >&2", "Labels[a.b]=1", "HostConfig[Memory]=33554432"]
    good(lab, "ContainerCreate", f"name={name}", f"Image={engine.IMAGE}", *fields)
    good(lab, "ContainerStart", f"id={name}")
    assert json.loads(good(lab, "ContainerWait", f"id={name}"))["StatusCode"] == 0
    logs = call(lab, "ContainerLogs", f"id={name}", "follow=true")
    assert (logs.returncode, logs.stdout, logs.stderr) == (0, b"out\n", b"err\n")
    assert good(lab, "ContainerInspect", f"id={name}", "--select", "HostConfig.Memory") == b"33554432\n"
    listed = good(lab, "ContainerList", "all=true", "--filter", "label=a.b=1", "--select", "[].Names[0]")
    assert listed.decode() == f"/{name}\n"
    good(lab, "ContainerDelete", f"id={name}", "force=true")
    assert call(lab, "ContainerInspect", f"id={name}").returncode == 4


def test_files_and_an_exec(lab: str, tmp_path: Path) -> None:
    good(lab, "ContainerArchive", "id=web", "path=/etc/hostname", "-o", str(tmp_path / "out.tar"))
    with tarfile.open(tmp_path / "out.tar") as tar:
        assert tar.getnames() == ["hostname"]
    good(lab, "PutContainerArchive", "id=web", "path=/tmp", "--input", str(tmp_path / "out.tar"))
    items = ["Cmd[]=cat", "AttachStdin=true", "AttachStdout=true"]
    made = good(lab, "ContainerExec", "id=web", *items, "--select", "Id").decode().strip()
    assert good(lab, "ExecStart", f"id={made}", stdin=b"hello\n") == b"hello\n"


def test_what_the_daemon_is_too_old_for_is_refused_here(lab: str) -> None:
    done = call(lab, "ImageAttestations", f"name={engine.IMAGE}")  # API 1.55, which none of these engines has
    assert (done.returncode, done.stdout) == (2, b"") and b"came with API 1.55" in done.stderr


# In the order of a container's life. What an example calls alpine, web, front or uploads is the lab's image or a name of ours.
LIFE = """ContainerCreate ContainerStart ContainerUpdate ContainerExec ContainerStats
NetworkCreate NetworkConnect NetworkDisconnect NetworkDelete VolumeCreate VolumeInspect VolumeDelete
ContainerArchive ContainerPause ContainerUnpause ContainerInspect ContainerStop ContainerLogs ContainerDelete
ContainerList ImageInspect ImageHistory SystemVersion SystemEvents"""
WRITTEN: dict[str, Callable[[Operation], list[str]]] = {
    "call": lambda operation: shlex.split(examples.as_call(operation)),
    "verb": lambda operation: shlex.split(examples.as_verb(operation)),
    "curl": lambda operation: shlex.split(examples.as_curl(operation)),
    "python": lambda operation: [sys.executable, "-W", "error", "-c", examples.as_python(operation)],
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", WRITTEN)
def test_examples_run_as_shown(lab: str, kind: str, tmp_path: Path) -> None:
    if kind == "curl" and shutil.which("curl") is None:
        pytest.skip("no curl here")
    socket = f"/var/lib/rawdock-lab/native-{lab}/docker.sock"
    names = {"web": f"life-{kind}", "front": f"front-{kind}", "uploads": f"uploads-{kind}", "alpine": engine.IMAGE}
    for identifier in LIFE.split():
        words = WRITTEN[kind](by_id(identifier))
        for name, ours in names.items():
            words = [re.sub(rf"\b{name}\b(?!-)", ours, word) for word in words]
        if kind == "curl":
            words = [word.replace("/var/run/docker.sock", socket) for word in [*words, "--fail"]]
        elif kind != "python":
            words = [*RAWDOCK, *words[1:]]
        argv = [LAB, "exec", "native", "--as", lab, *words]
        done = subprocess.run(argv, capture_output=True, timeout=60, check=False, cwd=tmp_path)
        assert done.returncode == 0, f"{words}: {done.stdout!r} {done.stderr!r}"
