"""Pull and push: what the daemon is sent, and with which credentials."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import anyio
import pytest
from wire_daemon import HOLD, REQUEST, Connection, Script, WireDaemon, reply

from rawdock import Client, Endpoint, SyncClient
from rawdock.client.images import Auth, ImageCalls, SyncImageCalls
from rawdock.errors import RequestError, UnauthorizedError
from rawdock.registry import Credentials, CredentialStore, Finished

HOST = "registry.example:5000"
DIGEST = "sha256:" + "0123456789abcdef" * 4
DOCUMENTS = reply(b'{"status":"Pulling"}\r\n{"status":"Done"}\r\n', headers=["Content-Type: application/json"])
REFUSED = reply(b'{"message":"unauthorized"}', "401 Unauthorized", ["Content-Type: application/json"])
NONE: Mapping[str, str] = {}


class Images(Client, ImageCalls):
    pass


class SyncImages(SyncClient, SyncImageCalls):
    pass


@pytest.fixture(params=["sync", "asyncio", "trio"])
def flavour(request: pytest.FixtureRequest) -> str:
    return cast(str, request.param)


def call(flavour: str, daemon: WireDaemon, verb: str, reference: str, **options: Any) -> list[Any]:
    """The documents of a pull or push."""
    endpoint = Endpoint.parse(daemon.url, "the test")
    if flavour == "sync":
        with (
            SyncImages(endpoint, api_version="1.41") as blocking,
            getattr(blocking, verb)(reference, **options) as found,
        ):
            return list(found)

    async def body() -> list[Any]:
        async with (
            Images(endpoint, api_version="1.41") as client,
            getattr(client, verb)(reference, **options) as found,
        ):
            return [document async for document in found]

    return anyio.run(body, backend=flavour)


def auth_of(request: bytes) -> Any:
    """What X-Registry-Auth holds, None without one."""
    for line in request.split(b"\r\n\r\n")[0].split(b"\r\n"):
        name, _, value = line.partition(b": ")
        if name.lower() == b"x-registry-auth":
            return json.loads(base64.urlsafe_b64decode(value))
    return None


@pytest.mark.parametrize(
    ("verb", "reference", "options", "line"),
    [
        ("pull", "alpine", {}, "/images/create?fromImage=alpine&tag=latest"),
        ("pull", "team/app:1.2", {}, "/images/create?fromImage=team%2Fapp&tag=1.2"),
        ("pull", f"alpine:3@{DIGEST}", {}, f"/images/create?fromImage=alpine&tag=sha256%3A{DIGEST[7:]}"),
        (
            "pull",
            f"{HOST}/app",
            {"platform": "linux/arm64"},
            "/images/create?fromImage=registry.example%3A5000%2Fapp&tag=latest&platform=linux%2Farm64",
        ),
        ("push", f"{HOST}/team/app:1", {}, f"/images/{HOST}/team/app/push?tag=1"),
        ("push", "alpine", {}, "/images/alpine/push?tag=latest"),
    ],
)
def test_the_daemon_is_told_name_and_tag(
    flavour: str, tmp_path: Path, verb: str, reference: str, options: dict[str, str], line: str
) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, DOCUMENTS, HOLD]) as daemon:
        documents = call(flavour, daemon, verb, reference, auth=NONE, **options)
    assert documents == [{"status": "Pulling"}, {"status": "Done"}]
    assert daemon.lines == [[f"POST /v1.41{line} HTTP/1.1"]]


@pytest.mark.parametrize(
    ("auth", "pulled", "pushed"),
    [
        (NONE, None, {}),
        ({"username": "ann", "password": "word"}, *[{"username": "ann", "password": "word"}] * 2),
        (Credentials(identity_token="t", server=HOST), *[{"identitytoken": "t", "serveraddress": HOST}] * 2),
        (CredentialStore({"HOME": "/nonexistent"}), None, {}),
    ],
)
def test_a_push_always_has_credentials_a_pull_only_if_there_are_some(
    flavour: str, tmp_path: Path, auth: Auth, pulled: object, pushed: object
) -> None:
    script: Script = [REQUEST, DOCUMENTS, HOLD]
    with WireDaemon(tmp_path, "unix", script, script) as daemon:
        call(flavour, daemon, "pull", f"{HOST}/app", auth=auth)
        call(flavour, daemon, "push", f"{HOST}/app", auth=auth)
    assert [auth_of(requests[0]) for requests in daemon.requests] == [pulled, pushed]


def counting(folder: Path, secret: Callable[[int], str]) -> CredentialStore:
    """A store whose helper gives `secret(n)` when asked the n-th time."""
    folder.joinpath("config.json").write_text(json.dumps({"credsStore": "one"}))
    program = folder / "docker-credential-one"
    program.write_text("")
    program.chmod(0o755)
    asked: list[str] = []

    def run(words: list[str], stdin: bytes, environ: Mapping[str, str], timeout: float) -> Finished:
        asked.append(stdin.decode())
        return Finished(0, json.dumps({"Username": "ann", "Secret": secret(len(asked))}).encode())

    return CredentialStore({"DOCKER_CONFIG": str(folder), "PATH": str(folder)}, run=run)


def answering(*answers: bytes) -> Script:
    """A script for all connections: the answers in turn, whether the client keeps its connection or not."""
    left = list(answers)

    def serve(connection: Connection) -> None:
        while True:
            connection.request()
            connection.send(left.pop(0))

    return [serve]


@pytest.mark.parametrize("verb", ["pull", "push"])
def test_after_401_fresh_credentials_are_tried_once(flavour: str, tmp_path: Path, verb: str) -> None:
    store = counting(tmp_path, lambda count: f"token {count}")
    with WireDaemon(tmp_path, "unix", answering(REFUSED, DOCUMENTS)) as daemon:
        assert len(call(flavour, daemon, verb, f"{HOST}/app", auth=store)) == 2
    assert [auth_of(request)["password"] for requests in daemon.requests for request in requests] == [
        "token 1",
        "token 2",
    ]


@pytest.mark.parametrize("fresh", [False, True])
def test_a_second_401_and_unchanged_credentials_are_an_error(flavour: str, tmp_path: Path, fresh: bool) -> None:
    store = counting(tmp_path, lambda count: f"token {count if fresh else 0}")
    with (
        WireDaemon(tmp_path, "unix", answering(REFUSED, REFUSED)) as daemon,
        pytest.raises(UnauthorizedError, match="unauthorized") as caught,
    ):
        call(flavour, daemon, "pull", f"{HOST}/app", auth=store)
    assert "token" not in str(caught.value)
    assert sum(map(len, daemon.requests)) == (2 if fresh else 1)


@pytest.mark.parametrize(("verb", "reference"), [("pull", "Alpine"), ("push", f"alpine@{DIGEST}")])
def test_what_cannot_be_pulled_or_pushed_is_refused_before_anything_is_sent(
    flavour: str, tmp_path: Path, verb: str, reference: str
) -> None:
    with WireDaemon(tmp_path) as daemon, pytest.raises(RequestError):
        call(flavour, daemon, verb, reference)
    assert daemon.connections == []
