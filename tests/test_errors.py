"""Errors by status, and the API versions that do not meet: what the daemon said, and what was asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from flavours import FLAVOURS, with_core
from wire_daemon import HOLD, REQUEST, Script, WireDaemon, ping, reply

from rawdock.catalogue.since import OPERATIONS, late_operation
from rawdock.client import Response
from rawdock.client.core import Core
from rawdock.errors import (
    BadRequestError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    RedirectError,
    ServerError,
    StatusError,
    UnauthorizedError,
    UnavailableError,
    VersionError,
    status_error_type,
)

MANY: Script = [REQUEST, reply(b"{}")] * 3
TOO_NEW = b'{"message":"client version %b is too new. Maximum supported API version is %b"}\n'
TOO_OLD = (
    b'{"message":"client version %b is too old. Minimum supported API version is %b, please upgrade your client to a '
    b'newer version"}\n'
)


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def refusal(words: bytes, ours: bytes, bound: bytes, *headers: str) -> bytes:
    return reply(words % (ours, bound), "400 Bad Request", headers)


def ask(flavour: str, daemon: WireDaemon, *calls: tuple[str, str], api_version: str | None = None) -> list[Response]:
    async def body(core: Core) -> list[Response]:
        return [await core.request(method, path) for method, path in calls]

    return with_core(flavour, daemon.url, body, api_version=api_version)


# By status


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("301 Moved Permanently", RedirectError),
        ("400 Bad Request", BadRequestError),
        ("401 Unauthorized", UnauthorizedError),
        ("403 Forbidden", ForbiddenError),
        ("404 Not Found", NotFoundError),
        ("409 Conflict", ConflictError),
        ("418 I'm a teapot", StatusError),
        ("500 Internal Server Error", ServerError),
        ("502 Bad Gateway", ServerError),
        ("503 Service Unavailable", UnavailableError),
    ],
)
def test_each_status_has_its_error(flavour: str, tmp_path: Path, status: str, kind: type[StatusError]) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(b'{"message":"so it is"}', status), HOLD]) as daemon:
        (response,) = ask(flavour, daemon, ("GET", "/v1.41/x"))
    with pytest.raises(StatusError) as caught:
        response.raise_for_status()
    assert type(caught.value) is kind and caught.value.status == int(status[:3])
    assert isinstance(caught.value, status_error_type(response.status_code))


def test_an_error_names_what_was_asked_without_its_query(flavour: str, tmp_path: Path) -> None:
    """The query of a build holds build arguments, and a remote's address may hold a password."""
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(b'{"message":"no\\n"}', "404 Not Found"), HOLD]) as daemon:
        (response,) = ask(flavour, daemon, ("post", "/v1.41/build?remote=https://me:secret@box/x"))
    with pytest.raises(NotFoundError) as caught:
        response.raise_for_status()
    assert str(caught.value) == "the daemon answered 404: no (POST /v1.41/build)"
    assert caught.value.message == "no"


def test_304_is_no_error_and_has_no_body(flavour: str, tmp_path: Path) -> None:
    script: Script = [REQUEST, reply(b"", "304 Not Modified"), REQUEST, reply(b"{}"), HOLD]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        started, _ = ask(flavour, daemon, ("POST", "/v1.41/containers/x/start"), ("GET", "/v1.41/info"))
    assert started.raise_for_status().content == b"" and len(daemon.connections) == 1


def test_301_is_not_followed_and_a_double_slash_is_named(flavour: str, tmp_path: Path) -> None:
    """What 20.10 answers to an empty container name."""
    moved = reply(b"", "301 Moved Permanently", ["Location: /v1.41/containers/start"])
    with WireDaemon(tmp_path, "unix", [REQUEST, moved, HOLD]) as daemon:
        (response,) = ask(flavour, daemon, ("POST", "/v1.41/containers//start"))
    assert daemon.lines == [["POST /v1.41/containers//start HTTP/1.1"]]
    with pytest.raises(
        RedirectError, match=r"points to /v1\.41/containers/start: the path has a double slash"
    ) as caught:
        response.raise_for_status()
    assert caught.value.remedy == "give the name"


def test_a_redirection_elsewhere_is_named_and_not_followed(flavour: str, tmp_path: Path) -> None:
    moved = reply(b"", "307 Temporary Redirect", ["Location: https://login.example/?token=secret"])
    with WireDaemon(tmp_path, "unix", [REQUEST, moved, HOLD]) as daemon:
        (response,) = ask(flavour, daemon, ("GET", "/v1.41/info"))
    with pytest.raises(
        RedirectError, match=r"answered 307 and points to https://login\.example/: redirections"
    ) as caught:
        response.raise_for_status()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html><h1>Forbidden</h1></html>", "that is a page of HTML, as no daemon sends"),
        (b"not you", "the daemon answered 403: not you"),
        (b"", "the daemon answered 403: no message"),
    ],
)
def test_html_text_and_nothing_are_errors_all_the_same(flavour: str, tmp_path: Path, body: bytes, words: str) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(body, "403 Forbidden"), HOLD]) as daemon:
        (response,) = ask(flavour, daemon, ("GET", "/v1.41/info"))
    with pytest.raises(ForbiddenError) as caught:
        response.raise_for_status()
    assert words in str(caught.value)


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found"])
def test_a_stream_can_be_asked_for_its_error(flavour: str, tmp_path: Path, status: str) -> None:
    async def body(core: Core) -> bytes:
        answer = await core.open("GET", "/v1.41/events")
        try:
            await answer.raise_for_status()
            return await answer.read()
        finally:
            await core.close(answer)

    with WireDaemon(tmp_path, "unix", [REQUEST, reply(b'{"message":"gone"}', status), HOLD]) as daemon:
        if status == "200 OK":
            assert with_core(flavour, daemon.url, body) == b'{"message":"gone"}'
        else:
            with pytest.raises(NotFoundError, match=r"gone \(GET /v1\.41/events\)"):
                with_core(flavour, daemon.url, body)


# Versions


def test_too_new_sets_the_version_and_repeats_the_call_once(flavour: str, tmp_path: Path) -> None:
    """The daemon behind the endpoint may have been replaced by an older one."""
    script: Script = [REQUEST, ping("1.52"), REQUEST, refusal(TOO_NEW, b"1.52", b"1.41"), *MANY, HOLD]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        ask(flavour, daemon, ("POST", "/containers/prune"), ("GET", "/info"))
    assert daemon.lines[0][1:] == [
        "POST /v1.52/containers/prune HTTP/1.1",
        "POST /v1.41/containers/prune HTTP/1.1",
        "GET /v1.41/info HTTP/1.1",
    ]


@pytest.mark.parametrize(
    ("headers", "spoken"), [([], "1.44"), (["Api-Version: 1.52"], "1.52"), (["Api-Version: 1.99"], "1.56")]
)
def test_too_old_goes_up_to_the_newest_of_both(flavour: str, tmp_path: Path, headers: list[str], spoken: str) -> None:
    script: Script = [REQUEST, ping("1.41"), REQUEST, refusal(TOO_OLD, b"1.41", b"1.44", *headers), *MANY, HOLD]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        ask(flavour, daemon, ("GET", "/info"))
    assert daemon.lines[0][1:] == ["GET /v1.41/info HTTP/1.1", f"GET /v{spoken}/info HTTP/1.1"]


def test_a_daemon_that_refuses_twice_is_not_asked_a_third_time(flavour: str, tmp_path: Path) -> None:
    script: Script = [
        REQUEST,
        ping("1.52"),
        REQUEST,
        refusal(TOO_NEW, b"1.52", b"1.41"),
        REQUEST,
        refusal(TOO_NEW, b"1.41", b"1.30"),
        HOLD,
    ]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        (response,) = ask(flavour, daemon, ("GET", "/info"))
    assert response.status_code == 400 and b"too new" in response.content and len(daemon.lines[0]) == 3


def test_a_daemon_whose_oldest_is_above_our_newest_is_said_so(flavour: str, tmp_path: Path) -> None:
    script: Script = [REQUEST, ping("1.70"), REQUEST, refusal(TOO_OLD, b"1.56", b"1.60"), HOLD]
    with (
        WireDaemon(tmp_path, "unix", script) as daemon,
        pytest.raises(
            VersionError, match=r"from the test: the daemon speaks API 1\.60 and later, rawdock 1\.56"
        ) as caught,
    ):
        ask(flavour, daemon, ("GET", "/info"))
    assert caught.value.remedy.startswith('upgrade rawdock, or let the daemon speak older versions: "min-api-version"')


def test_a_version_that_the_caller_fixed_is_kept_and_its_error_says_what_fits(flavour: str, tmp_path: Path) -> None:
    script: Script = [REQUEST, refusal(TOO_OLD, b"1.30", b"1.44"), HOLD]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        (response,) = ask(flavour, daemon, ("GET", "/info"), api_version="1.30")
    with pytest.raises(BadRequestError, match=r"speak 1\.44 or later, or fix no version"):
        response.raise_for_status()


def test_another_400_is_handed_on_whole(flavour: str, tmp_path: Path) -> None:
    script: Script = [REQUEST, ping(), REQUEST, reply(b'{"message":"bad filter"}', "400 Bad Request"), HOLD]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        (response,) = ask(flavour, daemon, ("GET", "/containers/json"))
    assert response.json() == {"message": "bad filter"}


def test_an_operation_newer_than_the_daemon_says_so_before_it_is_sent(flavour: str, tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, ping("1.41"), HOLD]) as daemon,
        pytest.raises(
            VersionError,
            match=r"VolumeUpdate \(PUT /volumes/\{name\}\) came with API 1\.42, and API 1\.41 is spoken \(the daemon's newest",
        ),
    ):
        ask(flavour, daemon, ("PUT", "/volumes/x?version=3"))
    assert daemon.lines == [["GET /_ping HTTP/1.1"]]


def test_a_path_with_a_version_is_never_checked(flavour: str, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(b""), HOLD]) as daemon:
        ask(flavour, daemon, ("PUT", "/v1.41/volumes/x"), api_version="1.41")
    assert daemon.lines == [["PUT /v1.41/volumes/x HTTP/1.1"]]


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("GET", "/images/library/alpine/attestations", "ImageAttestations"),
        ("GET", "/images/x/json", None),
        ("GET", "/configs", "ConfigList"),
        ("GET", "/configs/abc", "ConfigInspect"),
        ("POST", "/volumes/create", None),
        ("GET", "/", None),
        ("GET", "/tasks/a/b/logs", None),
    ],
)
def test_late_operations_are_found_by_method_and_path(method: str, path: str, found: str | None) -> None:
    late = late_operation(method, path)
    assert (late and late.id) == found


def test_every_late_operation_is_found_by_its_own_path() -> None:
    for operation in OPERATIONS:
        assert late_operation(operation.method, operation.path.replace("{", "").replace("}", "")) == operation
