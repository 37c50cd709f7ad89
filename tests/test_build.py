"""Builds: what the daemon is sent, with which credentials, and what comes back."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import anyio
import pytest
from flavours import FLAVOURS
from stream_calls import chunked
from wire_daemon import HOLD, REQUEST, Connection, Script, WireDaemon, reply

from rawdock import Client, Endpoint, SyncClient
from rawdock.errors import BadRequestError, CredentialsError, RequestError, StreamError, TruncatedError
from rawdock.registry import Credentials, CredentialStore

ID = "sha256:" + "0123456789abcdef" * 4
STEP = {"stream": "Step 1/1 : FROM scratch"}
DOCUMENTS = [STEP, {"aux": {"ID": ID}}, {"stream": "Successfully built 0123456789ab\n"}]
NONE: dict[str, Credentials] = {}


def answer(*documents: object, end: bool = True) -> bytes:
    return chunked(*(json.dumps(document).encode() + b"\r\n" for document in documents), end=end)


def build(
    flavour: str, endpoint: Endpoint, context: Any, into: list[Any] | None = None, **options: Any
) -> tuple[list[Any], str | None]:
    """The documents and the image's ID. `into` holds the documents even if an error ends them."""
    found: list[Any] = [] if into is None else into
    options = {"auth": NONE, **options}
    if flavour == "sync":
        with SyncClient(endpoint, api_version="1.41") as blocking, blocking.build(context, **options) as stream:
            found.extend(document for document in stream)
            return found, stream.image_id

    async def body() -> tuple[list[Any], str | None]:
        async with Client(endpoint, api_version="1.41") as client, client.build(context, **options) as stream:
            async for document in stream:
                found.append(document)
            return found, stream.image_id

    return anyio.run(body, backend=flavour)


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    (folder / "docker").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    (folder / "docker" / "Dockerfile").write_text("FROM scratch\n")
    (folder / "code").write_text("code")
    (folder / "secret").write_text("secret")
    return folder


class Taker:
    """A script that takes one request with a chunked body, and answers."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = answers
        self.target = ""
        self.headers: dict[str, str] = {}
        self.body = b""

    @property
    def script(self) -> Script:
        return [self.take, *self._answers, HOLD]

    def take(self, connection: Connection) -> None:
        data = b""
        while not data.endswith(b"\r\n0\r\n\r\n"):
            data += connection.receive()
        head, _, rest = data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        self.target = first.split(" ")[1]
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            self.body += rest[: int(size, 16)]
            rest = rest[int(size, 16) + 2 :]

    @property
    def names(self) -> list[str]:
        with tarfile.open(fileobj=io.BytesIO(self.body)) as tar:
            return tar.getnames()

    @property
    def params(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query)


def test_a_folder_is_sent_as_a_tar_archive_and_the_image_has_an_id(flavour: str, tmp_path: Path, app: Path) -> None:
    taker = Taker(answer(*DOCUMENTS))
    with WireDaemon(tmp_path, "unix", taker.script) as daemon:
        found = build(flavour, Endpoint.parse(daemon.url, "the test"), app)
    assert found == (DOCUMENTS, ID)
    assert taker.target == "/v1.41/build?forcerm=true"
    assert taker.headers["content-type"] == "application/x-tar"
    assert taker.headers["transfer-encoding"] == "chunked"
    assert taker.names == ["Dockerfile", "code", "docker", "docker/Dockerfile", "secret"]


def test_every_option_has_its_parameter(flavour: str, tmp_path: Path, app: Path) -> None:
    taker = Taker(answer(*DOCUMENTS))
    with WireDaemon(tmp_path, "unix", taker.script) as daemon:
        build(
            flavour,
            Endpoint.parse(daemon.url, "the test"),
            str(app),
            tags=["app:1", "registry.example:5000/app"],
            dockerfile="docker/Dockerfile",
            build_args={"WHO": "me & you", "N": 1, "HOME": None},
            target="first",
            platform="linux/arm64",
            no_cache=True,
            pull=True,
            params={"forcerm": False, "shmsize": 1024},
        )
    assert taker.params == [
        ("t", "app:1"),
        ("t", "registry.example:5000/app"),
        ("dockerfile", "docker/Dockerfile"),
        ("buildargs", '{"WHO": "me & you", "N": "1", "HOME": null}'),
        ("target", "first"),
        ("platform", "linux/arm64"),
        ("nocache", "true"),
        ("pull", "true"),
        ("forcerm", "false"),
        ("shmsize", "1024"),
    ]


@pytest.mark.parametrize(
    ("ignored", "dockerfile", "names"),
    [
        ("secret\n*/Dockerfile\n", None, [".dockerignore", "Dockerfile", "code", "docker"]),
        ("*\n!code", None, [".dockerignore", "Dockerfile", "code"]),
        ("*", "docker/Dockerfile", [".dockerignore", "docker/Dockerfile"]),
    ],
)
def test_what_is_ignored_stays_but_not_what_the_daemon_needs(
    tmp_path: Path, app: Path, ignored: str, dockerfile: str | None, names: list[str]
) -> None:
    (app / ".dockerignore").write_text(ignored)
    taker = Taker(answer(*DOCUMENTS))
    with WireDaemon(tmp_path, "unix", taker.script) as daemon:
        build("sync", Endpoint.parse(daemon.url, "the test"), app, dockerfile=dockerfile)
    assert taker.names == names


def test_a_ready_archive_goes_as_it_is(flavour: str, tmp_path: Path) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("Dockerfile"))
    archive = data.getvalue()
    (tmp_path / "context.tar").write_bytes(archive)
    scripts: list[Script] = [[REQUEST, answer(*DOCUMENTS), HOLD]] * 2
    taker = Taker(answer(*DOCUMENTS))
    with (
        WireDaemon(tmp_path, "unix", *scripts, taker.script) as daemon,
        open(tmp_path / "context.tar", "rb") as file,
    ):
        endpoint = Endpoint.parse(daemon.url, "the test")
        for context in (archive, file, iter([archive[:700], archive[700:]])):
            assert build(flavour, endpoint, context, dockerfile="any/where")[1] == ID
    assert [requests[0].partition(b"\r\n\r\n")[2] for requests in daemon.requests[:2]] == [archive] * 2
    assert taker.body == archive


def test_an_async_iterable_is_for_the_async_client(tmp_path: Path) -> None:
    async def archive() -> Any:
        yield b"tar"

    taker = Taker(answer(*DOCUMENTS))
    with WireDaemon(tmp_path, "unix", taker.script) as daemon:
        endpoint = Endpoint.parse(daemon.url, "the test")
        assert build("asyncio", endpoint, archive())[1] == ID
        with pytest.raises(RequestError, match="content is an async iterable"):
            build("sync", endpoint, archive())
    assert taker.body == b"tar"


@pytest.mark.parametrize(
    ("detail", "code"),
    [({"errorDetail": {"code": 3, "message": "it returned 3"}}, 3), ({"error": "it returned 3"}, None)],
)
def test_a_step_that_fails_is_raised_after_what_came_before(
    flavour: str, tmp_path: Path, app: Path, detail: object, code: int | None
) -> None:
    found: list[Any] = []
    with (
        WireDaemon(tmp_path, "unix", Taker(answer(STEP, detail)).script) as daemon,
        pytest.raises(StreamError, match="the daemon gave up in the middle: it returned 3") as caught,
    ):
        build(flavour, Endpoint.parse(daemon.url, "the test"), app, into=found)
    assert (found, caught.value.code) == ([STEP], code)


def test_a_build_that_breaks_off_names_what_was_lost(flavour: str, tmp_path: Path, app: Path) -> None:
    script = Taker(answer(STEP, end=False)).script[:-1]
    with (
        WireDaemon(tmp_path, "unix", script) as daemon,
        pytest.raises(TruncatedError, match=f"the build of {app} broke off: "),
    ):
        build(flavour, Endpoint.parse(daemon.url, "the test"), app)


def test_a_refusal_shows_no_build_argument(flavour: str, tmp_path: Path, app: Path) -> None:
    refused = reply(b'{"message":"dockerfile parse error"}', "400 Bad Request", ["Content-Type: application/json"])
    with (
        WireDaemon(tmp_path, "unix", Taker(refused).script) as daemon,
        pytest.raises(BadRequestError, match="dockerfile parse error") as caught,
    ):
        build(flavour, Endpoint.parse(daemon.url, "the test"), app, build_args={"TOKEN": "hush"})
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("context", "options", "words"),
    [
        ("nosuch", {}, "'.*/nosuch' is no folder, expected the build's context; check the path"),
        ("app/code", {}, "'.*/app/code' is no folder, .*; open a tar archive with mode 'rb' and give the file"),
        ("app/empty", {}, "'.*/app/empty' has no Dockerfile; say which file it is"),
        ("app", {"dockerfile": "nosuch"}, "'.*/app' has no nosuch"),
        ("app", {"dockerfile": "docker"}, "'.*/app' has no docker;"),
        ("app", {"dockerfile": "docker/../../x"}, "'docker/../../x' is outside of '.*/app'"),
        ("app", {"dockerfile": "/etc/passwd"}, "'/etc/passwd' is outside of '.*/app'"),
        ("app", {"tags": ["ok", "Not"]}, "'Not'"),
        ("app/broken", {}, "line 1 of '?.*/app/broken/.dockerignore: '\\[' is no pattern"),
    ],
)
def test_what_cannot_be_built_is_refused_before_anything_is_sent(
    flavour: str, tmp_path: Path, app: Path, context: str, options: dict[str, Any], words: str
) -> None:
    (app / "empty").mkdir()
    (app / "broken").mkdir()
    (app / "broken" / "Dockerfile").touch()
    (app / "broken" / ".dockerignore").write_text("[")
    with WireDaemon(tmp_path) as daemon, pytest.raises(RequestError, match=words):
        build(flavour, Endpoint.parse(daemon.url, "the test"), tmp_path / context, **options)
    assert daemon.connections == []


def stored(folder: Path) -> CredentialStore:
    auth = base64.b64encode(b"ann:word").decode()
    (folder / "config.json").write_text(json.dumps({"auths": {"registry.example:5000": {"auth": auth}}}))
    return CredentialStore({"DOCKER_CONFIG": str(folder)})


def test_all_credentials_go_along_by_registry(flavour: str, tmp_path: Path, app: Path) -> None:
    ann = {"username": "ann", "password": "word", "serveraddress": "registry.example:5000"}
    token = Credentials(identity_token="t")
    given: list[tuple[Any, Any]] = [
        (NONE, None),
        (CredentialStore({"HOME": "/nonexistent"}), None),
        ({"one": token}, {"one": {"identitytoken": "t"}}),
        (stored(tmp_path), {"registry.example:5000": ann}),
    ]
    takers = [Taker(answer(*DOCUMENTS)) for _ in given]
    with WireDaemon(tmp_path, "unix", *(taker.script for taker in takers)) as daemon:
        for auth, _ in given:
            build(flavour, Endpoint.parse(daemon.url, "the test"), app, auth=auth)
    headers = [taker.headers.get("x-registry-config") for taker in takers]
    assert [header and json.loads(base64.urlsafe_b64decode(header)) for header in headers] == [
        sent for _, sent in given
    ]


def test_a_config_that_is_broken_is_an_error_before_anything_is_sent(flavour: str, tmp_path: Path, app: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    store = CredentialStore({"DOCKER_CONFIG": str(tmp_path)})
    with WireDaemon(tmp_path) as daemon, pytest.raises(CredentialsError, match="is no JSON"):
        build(flavour, Endpoint.parse(daemon.url, "the test"), app, auth=store)
    assert daemon.connections == []
