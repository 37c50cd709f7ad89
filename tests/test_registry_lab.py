"""Pull, push and build against a real registry that wants a password, in the lab's topology native."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import engine
import pytest
from flavours import FLAVOURS
from lab_registry import ADDRESS, USER, daemon_of, fill, registry
from stream_calls import collect
from test_build import build

from rawdock import Endpoint, SyncClient
from rawdock.errors import NotFoundError, StatusError, StreamError
from rawdock.registry import Credentials, CredentialStore

LAB = Path(__file__).resolve().parents[1] / "scripts" / "lab"
NAME = "team/app:1"

pytestmark = [pytest.mark.lab, pytest.mark.slow]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    name = f"registry-{uuid.uuid4().hex[:8]}"
    folder = Path(f"/var/lib/rawdock-lab/native-{name}")
    try:
        done = subprocess.run(
            [LAB, "up", "native", "--as", name], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        with registry(folder, tmp_path_factory.mktemp("registry"), login=True):
            fill(folder, NAME, USER)
            yield daemon_of(folder)
    finally:
        subprocess.run([LAB, "down", "native", "--as", name], capture_output=True, timeout=60, check=False)


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def absent(endpoint: Endpoint) -> Iterator[Endpoint]:
    """The endpoint of a daemon without the image."""
    with SyncClient(endpoint) as client:
        client.delete(f"/images/{ADDRESS}/{NAME}", params={"force": True})
        yield endpoint
        client.delete(f"/images/{ADDRESS}/{NAME}", params={"force": True})


def pulled(flavour: str, endpoint: Endpoint, reference: str, **options: Any) -> list[Any]:
    return collect(flavour, endpoint, "pull", reference, version=None, **options)


def test_a_pull_reports_its_progress_and_the_image_is_there(absent: Endpoint, flavour: str) -> None:
    documents = pulled(flavour, absent, f"{ADDRESS}/{NAME}", auth=USER)
    total = [each["progressDetail"]["total"] for each in documents if each.get("status") == "Downloading"]
    if engine.PODMAN:  # which counts nothing
        assert {"Pulling fs layer", "Download complete"} <= {each.get("status") for each in documents}
        return
    assert total and total[0] > 500_000  # bytes of the one layer
    assert documents[-1] == {"status": f"Status: Downloaded newer image for {ADDRESS}/{NAME}"}
    digest = next(each["status"].removeprefix("Digest: ") for each in documents if "Digest" in each["status"])
    with SyncClient(absent) as client:
        found = client.get(f"/images/{ADDRESS}/{NAME}/json").raise_for_status().json()
    assert found["RepoDigests"] == [f"{ADDRESS}/team/app@{digest}"]
    again = pulled(flavour, absent, f"{ADDRESS}/team/app@{digest}", auth=USER)
    assert again[-1]["status"].startswith("Status: Image is up to date")


def test_the_credentials_are_found_where_the_docker_cli_puts_them(
    absent: Endpoint, flavour: str, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"auths": {ADDRESS: {"auth": "YW5uOndvcmQ="}}}))
    store = CredentialStore({"DOCKER_CONFIG": str(tmp_path)})
    assert pulled(flavour, absent, f"{ADDRESS}/{NAME}", auth=store)
    pushed = collect(flavour, absent, "push", f"{ADDRESS}/{NAME}", auth=store, version=None)
    assert engine.PODMAN or pushed[-1]["aux"]["Tag"] == "1"


@pytest.mark.parametrize("auth", [{}, {**USER, "password": "hush-hush"}], ids=["none", "wrong"])
def test_without_credentials_or_with_wrong_ones_nothing_is_had_and_none_are_shown(
    absent: Endpoint, flavour: str, auth: dict[str, str]
) -> None:
    with pytest.raises(StatusError, match=r"no basic auth credentials|unauthorized") as caught:
        pulled(flavour, absent, f"{ADDRESS}/{NAME}", auth=auth)
    assert "hush" not in str(caught.value)


def test_a_tag_that_is_not_there_is_said(absent: Endpoint, flavour: str) -> None:
    with pytest.raises(NotFoundError, match=r"manifest for .* not found|manifest unknown"):
        pulled(flavour, absent, f"{ADDRESS}/team/app:nosuch", auth=USER)


def test_a_build_pulls_its_base_image_with_the_credentials(absent: Endpoint, flavour: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM {ADDRESS}/{NAME}\nLABEL by={flavour}\n")
    with pytest.raises(StreamError, match=r"no basic auth credentials|authentication required"):
        build(flavour, absent, tmp_path, auth={})
    ann = Credentials(**USER, server=ADDRESS)
    documents, image = build(flavour, absent, tmp_path, auth={ADDRESS: ann}, tags="built:1")
    assert engine.PODMAN or any(each.get("status") == "Downloading" for each in documents)
    with SyncClient(absent) as client:
        assert client.get("/images/built:1/json").raise_for_status().json()["Id"] == image
        client.delete("/images/built:1", params={"force": True})
