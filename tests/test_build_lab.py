"""Builds and copies against a real dockerd (scripts/lab's topology native), the docker CLI beside them as a second opinion."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import engine
import pytest
from flavours import FLAVOURS
from stream_calls import ask
from test_build import build

from rawdock import Endpoint, SyncClient, tar_of
from rawdock.errors import NotFoundError, StreamError

LAB = Path(__file__).resolve().parents[1] / "scripts" / "lab"
IMAGE = "rawdock-lab:1"

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    words = ["native", "--as", f"build-{uuid.uuid4().hex[:8]}"]
    try:
        done = subprocess.run([LAB, "up", *words], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        yield Endpoint.parse(f"unix:///var/lib/rawdock-lab/native-{words[2]}/docker.sock", "the lab")
    finally:
        subprocess.run([LAB, "down", *words], capture_output=True, timeout=60, check=False)


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """What is told apart: kept by name, ignored, in an ignored folder, in one with something taken back."""
    folder = tmp_path / "app"
    for name in ("a.py", "b.md", "src/a.py", "src/x/b.md", "src/x/c.py", "node/m/k", "node/n", "README.md", "ü/é"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    (folder / "src" / "link").symlink_to("../b.md")
    os.link(folder / "a.py", folder / "src" / "same.py")
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY . /c/\n")
    return folder


def paths(endpoint: Endpoint, image: str) -> list[str]:
    """What a build copied to /c, without its parents."""
    with SyncClient(endpoint) as client:
        made = client.post("/containers/create", json={"Image": image, "Cmd": ["none"]}).raise_for_status().json()["Id"]
        try:
            with client.archive_get(made, "/c") as archive:
                data = b"".join(archive)
        finally:
            client.delete(f"/containers/{made}").raise_for_status()
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return sorted(name for name in tar.getnames() if name != "c")


@pytest.mark.parametrize("name", ["Dockerfile", "docker/File"])
def test_an_image_is_built_and_named_and_its_id_is_told(endpoint: Endpoint, flavour: str, app: Path, name: str) -> None:
    (app / name).parent.mkdir(exist_ok=True)
    (app / name).write_text(
        f"FROM {IMAGE} AS first\nARG WHO\nRUN echo hello $WHO >/who\nFROM first AS second\nRUN exit 9\n"
    )
    tag = f"{flavour}:{name[:6].lower()}"
    tags, arguments = [tag, f"other-{tag}"], {"WHO": "me & you"}
    documents, image = build(flavour, endpoint, app, dockerfile=name, tags=tags, build_args=arguments, target="first")
    assert {"stream": f"Successfully tagged {tag}\n"} in documents
    with SyncClient(endpoint) as client:
        for each in tags:
            assert client.get(f"/images/{each}/json").raise_for_status().json()["Id"] == image
        assert client.run(tag, ["cat", "/who"]).stdout == b"hello me & you\n"


def test_a_step_that_fails_has_its_code_and_leaves_no_container(endpoint: Endpoint, flavour: str, app: Path) -> None:
    (app / "Dockerfile").write_text(f"FROM {IMAGE}\nLABEL by={flavour}\nRUN echo said; exit 3\n")
    documents: list[Any] = []
    with SyncClient(endpoint) as client:
        before = client.get("/containers/json", params={"all": True}).json()
        said = "exit status 3" if engine.PODMAN else "returned a non-zero code: 3"
        with pytest.raises(StreamError, match=said) as caught:
            build(flavour, endpoint, app, into=documents)
        assert caught.value.code == (None if engine.PODMAN else 3) and {"stream": "said\n"} in documents
        after = client.get("/containers/json", params={"all": True}).json()
    assert [each["Id"] for each in after] == [each["Id"] for each in before]


def test_a_ready_archive_is_built_without_a_length_too(endpoint: Endpoint, flavour: str, app: Path) -> None:
    archive = list(tar_of(app, ""))
    ids = {build(flavour, endpoint, context)[1] for context in (b"".join(archive), iter(archive), app)}
    assert len(ids) == 1 and None not in ids


IGNORE_FILES = [
    "",
    "*.md\n!README.md\n",
    "**/*.py\n!src/x/*.py",
    "*\n!src\nsrc/x\n!src/x/b.md",
    "node/*\n!node/m/k",
    "node\n!**/k",
    "/src/\n!/src/a.py\n# no comment is a pattern\n\n  ü/?  ",
    "s[q-s]c/**\n!src/li?k",
    "*\n",
    "**\n!a.py\n",
    "\ufeff**.md\r\nnode/../b.md\r\n",
    "Dockerfile\n.dockerignore\n",
]


@pytest.mark.skipif(not shutil.which("docker"), reason="the docker CLI is the second opinion")
@pytest.mark.parametrize("text", IGNORE_FILES)
def test_dockerignore_leaves_out_what_it_leaves_out_for_the_docker_cli(
    endpoint: Endpoint, app: Path, text: str
) -> None:
    (app / ".dockerignore").write_text(text)
    name = f"cli-{uuid.uuid4().hex}"
    environment = {
        **os.environ,
        "DOCKER_BUILDKIT": "0",
        "DOCKER_HOST": endpoint.url,
        "DOCKER_CONFIG": str(app / ".no"),
    }
    words = ["docker", "build", "-q", "--no-cache", "-t", name, str(app)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    _, image = build("sync", endpoint, app, no_cache=True)
    assert image is not None
    assert paths(endpoint, image) == paths(endpoint, name)


def test_a_folder_is_copied_in_and_out_with_all_that_is_in_it(
    endpoint: Endpoint, flavour: str, app: Path, tmp_path: Path
) -> None:
    (app / os.fsdecode(b"no utf-8 \xff")).touch()
    (app / "b.md").chmod(0o4711)
    target = f"/tmp/{flavour}"
    with SyncClient(endpoint) as client:
        assert client.exec_run("web", ["mkdir", target]).exit_code == 0
    ask(flavour, endpoint, "archive_put", "web", target, tar_of(app), version=None)
    found = ask(flavour, endpoint, "archive_get_to_file", "web", f"{target}/app", tmp_path / "app.tar", version=None)
    assert found.is_dir and found.name == "app"
    with tarfile.open(tmp_path / "app.tar", errors="surrogateescape") as tar:
        tar.extractall(tmp_path / "back", filter="data")
    same = subprocess.run(["diff", "-r", app, tmp_path / "back" / "app"], capture_output=True, text=True, check=False)
    assert (same.returncode, same.stdout) == (0, "")
    assert os.path.samefile(tmp_path / "back" / "app" / "a.py", tmp_path / "back" / "app" / "src" / "same.py")
    stat = ask(flavour, endpoint, "archive_stat", "web", f"{target}/app/b.md", version=None)
    assert (stat.name, stat.mode & 0o7777) == ("b.md", 0o4711)
    assert (tmp_path / "back" / "app" / "b.md").stat().st_mode & 0o7777 == 0o711  # the filter takes the setuid bit


def test_a_file_is_copied_under_a_name_and_refusals_are_said(endpoint: Endpoint, flavour: str, app: Path) -> None:
    ask(flavour, endpoint, "archive_put", "web", "/tmp", tar_of(app / "a.py", f"{flavour}.py"), version=None)
    with SyncClient(endpoint) as client:
        assert client.exec_run("web", ["cat", f"/tmp/{flavour}.py"]).stdout == b"a.py"
    with nullcontext() if engine.PODMAN else pytest.raises(NotFoundError, match="/nosuch"):  # it makes the folder
        ask(flavour, endpoint, "archive_put", "web", "/nosuch", tar_of(app), version=None)
    ask(flavour, endpoint, "archive_put", "bare", "/tmp", tar_of(app, "it"), version=None)


MEMORY = """
import json, resource, sys
from stream_calls import ask
from test_build import build
from rawdock import Endpoint, tar_of
flavour, socket, folder = sys.argv[1:]
endpoint = Endpoint.parse(f"unix://{socket}", "the test")

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

build(flavour, endpoint, f"{folder}/small")
before = peak()
ask(flavour, endpoint, "archive_put", "web", "/tmp", tar_of(f"{folder}/large"), version=None)
build(flavour, endpoint, f"{folder}/large")
print(json.dumps([before, peak()]))
"""


@pytest.mark.slow
def test_a_folder_of_100_mb_is_sent_in_a_few_mebibytes(endpoint: Endpoint, tmp_path: Path) -> None:
    for name in ("small", "large"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Dockerfile").write_text(f"FROM {IMAGE}\n")
    (tmp_path / "large" / "file").touch()
    os.truncate(tmp_path / "large" / "file", 100_000_000)
    environment = {**os.environ, "PYTHONPATH": f"{LAB.parents[1]}:{Path(__file__).parent}"}
    for flavour in FLAVOURS:
        argv = [sys.executable, "-c", MEMORY, flavour, endpoint.url.removeprefix("unix://"), str(tmp_path)]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False, env=environment)
        assert done.returncode == 0, done.stderr
        before, peak = json.loads(done.stdout)
        assert peak - before < 8, f"{flavour}: {before} MiB before, {peak} MiB at most"
