"""httpx and requests over our connections, against a real dockerd: on a Unix socket, and over TLS as docker-machine has it."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import engine
import httpx
import pytest
import requests

from rawdock import Endpoint, HTTPXTransport, SyncHTTPXTransport, requests_session

LAB = Path(__file__).resolve().parents[1] / "scripts" / "lab"
FRAME = 8  # bytes of a stdcopy frame's head
UPGRADE = {"Connection": "Upgrade", "Upgrade": "tcp"}

pytestmark = pytest.mark.lab


@contextmanager
def up(topology: str) -> Iterator[str]:
    """The lab's name; it is taken down at the end."""
    engine.skip_unless_in(topology)
    words = [topology, "--as", f"faces-{uuid.uuid4().hex[:8]}"]
    try:
        done = subprocess.run([LAB, "up", *words], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        yield words[2]
    finally:
        subprocess.run([LAB, "down", *words], capture_output=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with up("native") as name:
        yield Endpoint.parse(f"unix:///var/lib/rawdock-lab/native-{name}/docker.sock", "the lab")


# httpx


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_httpx_lists_inspects_and_reads_logs(endpoint: Endpoint, backend: str) -> None:
    async def body() -> None:
        async with httpx.AsyncClient(transport=HTTPXTransport(endpoint), base_url="http://docker/v1.41") as client:
            version = (await client.get("/version")).raise_for_status().json()
            assert version["ApiVersion"]
            running = (await client.get("/containers/json", params={"filters": json.dumps({"name": ["web"]})})).json()
            assert len(running) == 1
            missing = await client.get("/containers/none/json")
            assert missing.status_code == 404
            with pytest.raises(httpx.HTTPStatusError):
                missing.raise_for_status()
            params = {"stdout": True, "stderr": True, "tail": 5}
            async with client.stream("GET", f"/containers/{running[0]['Id']}/logs", params=params) as response:
                assert response.status_code == 200
                await response.aread()

    anyio.run(body, backend=backend)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_httpx_fifty_at_a_time(endpoint: Endpoint, backend: str) -> None:
    names: list[str] = []

    async def body() -> None:
        async with httpx.AsyncClient(transport=HTTPXTransport(endpoint), base_url="http://docker/v1.41") as client:

            async def one() -> None:
                for _ in range(4):
                    names.append((await client.get("/containers/web/json")).json()["Name"])

            async with anyio.create_task_group() as tasks:
                for _ in range(50):
                    tasks.start_soon(one)

    anyio.run(body, backend=backend)
    assert names == ["/web"] * 200


def test_httpx_streams_events_while_others_ask(endpoint: Endpoint) -> None:
    """On asyncio: httpx's own generators, left in the middle, make trio warn."""
    label = f"faces={uuid.uuid4().hex}"
    filters = json.dumps({"label": [label]})

    async def body() -> None:
        async with (
            httpx.AsyncClient(transport=HTTPXTransport(endpoint), base_url="http://docker/v1.41") as client,
            client.stream("GET", "/events", params={"filters": filters}, timeout=None) as response,
        ):
            key, value = label.split("=")
            volume = (await client.post("/volumes/create", json={"Labels": {key: value}})).raise_for_status().json()
            container = {"Image": "rawdock-lab:1", "Labels": {key: value}}
            made = (await client.post("/containers/create", json=container)).raise_for_status().json()
            with anyio.fail_after(20):
                async for line in response.aiter_lines():
                    event = json.loads(line)
                    break
            assert (event["Action"], event["Actor"]["ID"]) == ("create", made["Id"])
            (await client.delete(f"/containers/{made['Id']}")).raise_for_status()
            (await client.delete(f"/volumes/{volume['Name']}")).raise_for_status()

    anyio.run(body)


def make_exec(client: httpx.Client, *words: str) -> str:
    wanted = {"AttachStdin": True, "AttachStdout": True, "AttachStderr": True, "Cmd": list(words)}
    made: str = client.post("/containers/web/exec", json=wanted).raise_for_status().json()["Id"]
    return made


def test_httpx_upgrades_to_an_exec_and_ends_its_stdin(endpoint: Endpoint) -> None:
    with httpx.Client(transport=SyncHTTPXTransport(endpoint), base_url="http://docker/v1.41") as client:
        name = make_exec(client, "wc", "-c")
        with client.stream("POST", f"/exec/{name}/start", headers=UPGRADE, json={"Tty": False}) as response:
            assert response.status_code == 101
            network = response.extensions["network_stream"]
            network.write(b"x" * 100_000)
            network.send_eof()
            frames = b""
            while part := network.read(65536, timeout=20):
                frames += part
        assert (frames[0], frames[FRAME:].strip()) == (1, b"100000")
        assert client.get(f"/exec/{name}/json").json()["ExitCode"] == 0


def test_httpx_sends_an_archive_from_an_iterator_and_streams_one_back(endpoint: Endpoint, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / "file").write_bytes(b"content" * 100_000)
    archive = subprocess.run(["tar", "-C", tmp_path, "-c", "made"], capture_output=True, check=True).stdout
    parts = (archive[at : at + 50_000] for at in range(0, len(archive), 50_000))
    with httpx.Client(transport=SyncHTTPXTransport(endpoint), base_url="http://docker/v1.41") as client:
        client.put("/containers/web/archive", params={"path": "/tmp"}, content=parts).raise_for_status()
        came = tmp_path / "back.tar"
        with (
            client.stream("GET", "/containers/web/archive", params={"path": "/tmp/made"}) as response,
            came.open("wb") as file,
        ):
            assert "content-encoding" not in response.headers
            for part in response.iter_raw():
                file.write(part)
    back = subprocess.run(["tar", "-xOf", came, "made/file"], capture_output=True, check=True).stdout
    assert back == b"content" * 100_000


# requests


def test_requests_lists_streams_and_times_out(endpoint: Endpoint) -> None:
    seen: list[int] = []
    with requests_session(endpoint) as session:
        session.hooks["response"].append(lambda response, **_: seen.append(response.status_code))
        assert session.get("http://docker/version").json()["ApiVersion"]
        found = session.get(
            "http://docker/v1.41/containers/json", params={"filters": json.dumps({"name": ["web"]})}
        ).json()
        assert len(found) == 1
        made = session.post("http://docker/v1.41/volumes/create", json={"Labels": {"faces": "requests"}})
        assert made.status_code == 201
        removed = session.delete(f"http://docker/v1.41/volumes/{made.json()['Name']}")
        assert removed.status_code == 204
        assert session.get("http://docker/v1.41/containers/none/json").status_code == 404
        with session.get("http://docker/v1.41/events", params={"until": "1"}, stream=True) as events:
            assert list(events.iter_lines()) == []
        with pytest.raises(
            requests.ConnectionError, match="Read timed out"
        ):  # requests' own word for it after the head
            session.get("http://docker/v1.41/events", timeout=(5, 0.1))
    assert seen == [200, 200, 201, 204, 404, 200, 200]


SCRIPT = """
import os, httpx, rawdock
endpoint = rawdock.discover(os.environ)
with rawdock.requests_session(endpoint) as session:
    print(session.get("http://docker/_ping").text, endpoint.tls is not None)
with httpx.Client(transport=rawdock.SyncHTTPXTransport(endpoint), base_url="http://docker") as client:
    print(client.get("/_ping").text)
    wanted = {"AttachStdin": True, "AttachStdout": True, "Cmd": ["wc", "-c"]}
    name = client.post("/containers/web/exec", json=wanted).json()["Id"]
    upgrade = {"Connection": "Upgrade", "Upgrade": "tcp"}
    with client.stream("POST", f"/exec/{name}/start", headers=upgrade, json={"Tty": False}) as response:
        network = response.extensions["network_stream"]
        network.write(b"x" * 1000)
        network.send_eof()
        frames = b""
        while part := network.read(65536, timeout=20):
            frames += part
    print(frames[8:].decode().strip())
"""


def test_both_speak_tls_to_a_docker_machine() -> None:
    """In the client's namespace, with rubbish in the variables that requests and httpx look at by themselves."""
    with up("docker-machine") as name:
        rubbish = ["REQUESTS_CA_BUNDLE=/nonexistent", "SSL_CERT_FILE=/nonexistent", "HTTPS_PROXY=http://127.0.0.1:9"]
        environment = ["env", f"PYTHONPATH={LAB.parents[1]}", *rubbish]
        words = [
            str(LAB),
            "exec",
            "docker-machine",
            "--as",
            name,
            *environment,
            sys.executable,
            "-W",
            "error",
            "-c",
            SCRIPT,
        ]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "OK True\nOK\n1000\n", "")
