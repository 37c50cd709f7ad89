"""The raw verbs as a script would use them, against a real dockerd: over a Unix socket, and over TLS as with docker-machine."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import engine
import pytest

LAB = str(Path(__file__).resolve().parents[1] / "scripts" / "lab")
RAWDOCK = [sys.executable, "-W", "error", "-m", "rawdock"]
IMAGE = "rawdock-lab:1"

pytestmark = pytest.mark.lab


@dataclass(frozen=True)
class Lab:
    topology: str
    name: str

    def __call__(self, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        argv = [LAB, "exec", self.topology, "--as", self.name, *RAWDOCK, *words]
        return subprocess.run(argv, input=stdin, capture_output=True, timeout=60, check=False)

    def good(self, *words: str, stdin: bytes = b"") -> bytes:
        done = self(*words, stdin=stdin)
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout

    def run(self, script: str, *items: str) -> str:
        """The name of a container that has run `script` to its end."""
        name = f"verbs-{uuid.uuid4().hex[:8]}"
        words = ["Cmd[]=sh", "Cmd[]=-c", f"Cmd[]={script}", f"Image={IMAGE}"]
        self.good("post", "/containers/create", f"name=={name}", *words, *items)
        self.good("post", f"/containers/{name}/start")
        assert self.good("post", f"/containers/{name}/wait", "--select", "StatusCode") == b"0\n"
        return name

    def exec(self, *words: str) -> str:
        items = [f"Cmd[]={word}" for word in words] + ["AttachStdout:=true", "AttachStderr:=true"]
        return self.good("post", "/containers/web/exec", *items, "AttachStdin:=true", "--select", "Id").decode().strip()


@pytest.fixture(scope="module", params=["native", "docker-machine"])
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    engine.skip_unless_in(request.param)
    lab = Lab(request.param, f"verbs-{uuid.uuid4().hex[:8]}")
    try:
        done = subprocess.run(
            [LAB, "up", lab.topology, "--as", lab.name], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        yield lab
    finally:
        subprocess.run([LAB, "down", lab.topology, "--as", lab.name], capture_output=True, check=False)


def archive(**files: bytes) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return data.getvalue()


def test_a_container_from_create_to_delete(lab: Lab) -> None:
    name = lab.run(
        "echo out; echo err >&2; echo $A", "Env[]=A=1", "Labels[com.example]=x", "HostConfig[Memory]:=33554432"
    )
    done = lab("get", f"/containers/{name}/logs", "stdout==1", "stderr==1")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"out\n1\n", b"err\n")
    names = lab.good("get", "/containers/json", "all==1", "--filter", "label=com.example=x", "--select", "[].Names[0]")
    assert names.decode() == f"/{name}\n"
    assert lab.good("get", f"/containers/{name}/json", "--select", "HostConfig.Memory") == b"33554432\n"
    lab.good("delete", f"/containers/{name}")
    gone = lab("get", f"/containers/{name}/json")
    assert gone.returncode == 4 and b"o such container" in gone.stdout


def test_a_ttys_logs_come_as_they_are(lab: Lab) -> None:
    name = lab.run("printf '\\033[1mbold\\n'", "Tty:=true")
    assert lab.good("get", f"/containers/{name}/logs", "stdout==1") == b"\x1b[1mbold\r\n"


def test_raw_logs_have_their_frames(lab: Lab) -> None:
    name = lab.run("echo out")
    assert lab.good("get", f"/containers/{name}/logs", "stdout==1", "--raw") == b"\x01\0\0\0\0\0\0\x04out\n"


@pytest.mark.parametrize("size", [0, 1, 3_000_000])
def test_exec_takes_stdin_to_its_end(lab: Lab, size: int) -> None:
    done = lab("post", f"/exec/{lab.exec('sh', '-c', 'wc -c; echo err >&2')}/start", stdin=bytes(size))
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, [str(size).encode()], b"err\n")


def test_exec_gives_back_what_it_takes(lab: Lab) -> None:
    data = os.urandom(1_000_000)
    assert lab.good("post", f"/exec/{lab.exec('cat')}/start", stdin=data) == data


def test_attach_takes_stdin_to_its_end(lab: Lab) -> None:
    name = f"verbs-{uuid.uuid4().hex[:8]}"
    words = [f"Image={IMAGE}", "Cmd[]=cat", "OpenStdin:=true", "StdinOnce:=true", "AttachStdin:=true"]
    lab.good("post", "/containers/create", f"name=={name}", *words)
    lab.good("post", f"/containers/{name}/start")
    query = [f"{word}==1" for word in ("stdin", "stdout", "stderr", "stream")]
    assert lab.good("post", f"/containers/{name}/attach", *query, stdin=b"hello\n") == b"hello\n"


def test_files_go_in_and_come_out(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "in.tar").write_bytes(archive(hello=b"world"))
    lab.good("put", "/containers/web/archive", "path==/tmp", "--input", str(tmp_path / "in.tar"))
    lab.good("get", "/containers/web/archive?path=/tmp/hello", "-o", str(tmp_path / "out.tar"))
    with tarfile.open(tmp_path / "out.tar") as tar:
        member = tar.extractfile("hello")
        assert member and member.read() == b"world"
    assert b"X-Docker-Container-Path-Stat: " in lab.good("head", "/containers/web/archive", "path==/tmp/hello")


def test_an_image_is_saved_and_loaded(lab: Lab, tmp_path: Path) -> None:
    lab.good("get", f"/images/{IMAGE}/get", "-o", str(tmp_path / "image.tar"))
    assert f"Loaded image: {engine.IMAGE}".encode() in lab.good(
        "post", "/images/load", "--input", str(tmp_path / "image.tar")
    )


def test_a_build_from_standard_input_and_one_that_fails(lab: Lab) -> None:
    good = archive(Dockerfile=f"FROM {IMAGE}\nLABEL a=b\n".encode())
    assert b"Successfully built" in lab.good("post", "/build", "t==verbs:1", "--input", "-", stdin=good)
    bad = archive(Dockerfile=f"FROM {IMAGE}\nRUN exit 3\n".encode())
    done = lab("post", "/build", "--input", "-", stdin=bad)
    assert done.returncode == 1 and b'"errorDetail"' in done.stdout
    said = b"exit status 3" if engine.PODMAN else b"returned a non-zero code: 3"
    assert b"rawdock: the daemon gave up in the middle: " in done.stderr and said in done.stderr


def test_a_push_that_fails_in_the_middle_is_exit_code_1(lab: Lab) -> None:
    lab.good("post", f"/images/{IMAGE}/tag", "repo==127.0.0.1:1/x", "tag==1")
    done = lab("post", "/images/127.0.0.1:1/x/push", "tag==1", "X-Registry-Auth:e30=", "-v")
    assert done.returncode == (5 if engine.PODMAN else 1)  # Podman tries before it answers
    assert b"connection refused" in done.stdout + done.stderr and b"e30=" not in done.stderr


def test_events_and_stats_are_documents(lab: Lab) -> None:
    lab.run("true")
    actions = lab.good("get", "/events", "since==0", "until==1", "--filter", "type=container", "--select", "Action")
    assert actions == b""
    done = lab.good("get", "/containers/web/stats", "stream==0")
    assert json.loads(done)["name"].strip("/") == "web"


def test_redirects_missing_names_and_wrong_verbs_have_exit_codes(lab: Lab) -> None:
    assert lab("post", "/containers//start").returncode == 4
    assert lab("put", "/info").returncode == 4
    assert lab("post", "/containers/create", "Image=nosuch").returncode == 4
    assert lab("post", "/containers/web/start").returncode == 0  # 304: it runs already
