"""What scripts get wrong in a call: one sentence before anything is sent, on all flavours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from client_faces import Caller, talk
from wire_daemon import DAEMON, HOLD, REQUEST, WireDaemon, reply

from rawdock import Client, Endpoint, SyncClient, Timeouts
from rawdock.errors import EndpointError, RequestError


@pytest.fixture(params=["blocking", "asyncio", "trio"])
def caller(request: pytest.FixtureRequest) -> Caller:
    return Caller(request.param)


def refused(caller: Caller, folder: Path, verb: str, *words: Any, **options: Any) -> str:
    """The sentence, and nothing has been sent."""
    with WireDaemon(folder, "unix", DAEMON) as daemon, pytest.raises(RequestError) as caught:
        endpoint = Endpoint.parse(daemon.url, "the test")
        caller.use(endpoint, lambda client: getattr(client, verb)(*words, **options), api_version="1.43")
    assert not daemon.connections
    return str(caught.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"json": {}, "content": b"{}"}, "POST /x has json and content; give one of the two: each is the whole body"),
        ({"timeout": 0}, "the time-out is 0; give seconds over 0, or None for no limit"),
        ({"timeout": -1}, "the time-out is -1; give seconds over 0, or None for no limit"),
        ({"timeout": "5"}, "the time-out is '5'; give seconds over 0, or None for no limit"),
        ({"timeout": True}, "the time-out is True; give seconds over 0, or None for no limit"),
        ({"timeout": float("nan")}, "the time-out is nan; give seconds over 0, or None for no limit"),
        ({"timeouts": 5}, "timeouts is 5; give rawdock.Timeouts(idle=5), or seconds as a call's timeout"),
        ({"headers": [("A", "b")]}, 'headers are of type list; give a dict such as {"X-Name": "value"}'),
        ({"headers": {"A": 1}}, "header 'A' has something of type int; give text"),
        ({"headers": {"A": b"secret"}}, "header 'A' has something of type bytes; give text"),
        ({"headers": {b"A": "b"}}, "header b'A' has something of type bytes; give text"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(
    caller: Caller, options: dict[str, Any], words: str, tmp_path: Path
) -> None:
    assert refused(caller, tmp_path, "post", "/x", **options) == words


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (None, "the path is of type NoneType; give text such as /containers/json"),
        (b"/x", "the path is of type bytes; give text such as /containers/json"),
        ("http://d/x", "path 'http://d/x' is a URL; give the path alone, and the daemon's address to the client"),
    ],
)
def test_a_path_that_is_none_is_refused(caller: Caller, path: Any, words: str, tmp_path: Path) -> None:
    assert refused(caller, tmp_path, "get", path) == words


@pytest.mark.parametrize(
    ("content", "headers", "words"),
    [
        (b"abc", {"Content-Length": "2"}, "Content-Length is 2, and the body has 3 bytes"),
        (b"abc", {"content-length": "100"}, "Content-Length is 100, and the body has 3 bytes"),
        (None, {"Content-Length": "1"}, "Content-Length is 1, and the body has 0 bytes"),
        (b"x" * 100_000, {"Content-Length": "1"}, "Content-Length is 1, and the body has 100000 bytes"),
        (b"abc", {"Transfer-Encoding": "chunked"}, "Transfer-Encoding is chunked, and the body is sent otherwise"),
        ([b"abc"], {"Transfer-Encoding": "gzip"}, "Transfer-Encoding is gzip, and the body is sent otherwise"),
    ],
)
def test_a_framing_that_the_body_does_not_have_is_refused(
    caller: Caller, content: Any, headers: dict[str, str], words: str, tmp_path: Path
) -> None:
    """It would go on in the next request on that connection."""
    found = refused(caller, tmp_path, "post", "/x", content=content, headers=headers)
    assert found == f"header {words}; leave it out: how the body goes follows from what it is"


def test_a_framing_that_the_body_has_is_the_callers_right(caller: Caller, tmp_path: Path) -> None:
    def body(client: Any) -> None:
        client.post("/x", content=b"abc", headers={"content-length": "3"})

    _, daemon = talk(caller, tmp_path, body, [REQUEST, reply(), HOLD])
    assert daemon.requests[0][0].lower().count(b"content-length: 3") == 1


@pytest.mark.parametrize("seconds", [float("inf"), 1e12, 3e6])
def test_a_time_out_may_be_as_long_as_one_likes(caller: Caller, seconds: float, tmp_path: Path) -> None:
    found, _ = talk(caller, tmp_path, lambda client: client.get("/x", timeout=seconds), [REQUEST, reply(b"ok"), HOLD])
    assert found.text == "ok"


@pytest.mark.parametrize("client", [Client, SyncClient])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"api_version": 1.43}, 'API version 1.43 from the caller, expected text such as "1.41"'),
        ({"connections": "5"}, "connections='5'; give a number from 1, or None for no limit"),
        ({"timeouts": 5}, "timeouts is 5; give rawdock.Timeouts"),
    ],
)
def test_a_client_of_wrong_settings_is_refused(client: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError) as caught:
        client("unix:///x", **options)
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize("client", [Client, SyncClient])
def test_an_endpoint_that_is_none_is_refused(client: Any) -> None:
    with pytest.raises(EndpointError, match="the endpoint is of type PosixPath; give text such as"):
        client(Path("/var/run/docker.sock"))


def test_a_time_out_of_text_is_refused() -> None:
    with pytest.raises(RequestError, match="the time-out connect is '5'"):
        Timeouts("5")  # type: ignore[arg-type]


DICT = {"Id": "web"}


@pytest.mark.parametrize(
    ("verb", "words", "options", "said"),
    [
        ("exec_run", [DICT, ["ls"]], {}, "a name is of type dict; give the name or ID as text"),
        ("archive_stat", [None, "/etc"], {}, "a name is of type NoneType; give the name or ID as text"),
        ("exec_run", ["web", None], {}, "the command is of type NoneType; give its words"),
        ("exec_run", ["web", b"ls"], {}, "the command is of type bytes; give its words"),
        ("exec_run", ["web", ["sleep", 1]], {}, "the command has 1, which is of type int; give its words as text"),
        ("exec_run", ["web", ["env"]], {"env": ["A=1"]}, "env is of type list; give a dict"),
        ("exec_run", ["web", ["env"]], {"env": {"A": b"x"}}, "the variable 'A' in env is not of text"),
        ("exec_run", ["web", ["env"]], {"timeout": -1}, "the time-out is -1"),
        ("run", [None], {}, "the image is None; give its name or ID"),
        ("run", [""], {}, "the image is ''; give its name or ID"),
        ("run", ["alpine"], {"config": ["a"]}, "config is of type list; give a dict"),
        ("run", ["alpine"], {"timeout": 0}, "the time-out is 0"),
        ("archive_put", ["web", "/tmp", "site"], {}, "the archive is 'site', which is text; give rawdock.tar_of(path)"),
        ("archive_put", ["web", "/tmp", None], {}, "the archive is None; give rawdock.tar_of(path)"),
        ("archive_put", ["web", "/tmp", Path("site")], {}, "content is of type PosixPath, which cannot be sent; open"),
    ],
)
def test_words_that_cannot_be_meant_are_refused(
    caller: Caller, verb: str, words: list[Any], options: dict[str, Any], said: str, tmp_path: Path
) -> None:
    assert refused(caller, tmp_path, verb, *words, **options).startswith(said)


async def _items() -> Any:
    yield b"x"


@pytest.mark.parametrize(("verb", "words"), [("exec_run", ["web", ["cat"]]), ("run", ["alpine", ["cat"]])])
def test_input_that_only_an_event_loop_could_read_is_refused(verb: str, words: list[Any], tmp_path: Path) -> None:
    """It was driven without a loop, up to the first thing that it waited for."""
    found = refused(Caller("blocking"), tmp_path, verb, *words, input=_items())
    assert found == "content is an async iterable, and SyncClient has no event loop; use Client, or an iterable"


@pytest.mark.parametrize(
    ("auth", "words"),
    [
        ("ann:hush", "auth is of type str; give a dict with some of username, password"),
        (("ann", "hush"), "auth is of type tuple; give a dict"),
        ({"user": "ann", "pw": "hush"}, "auth has user, pw; it may have username, password"),
    ],
)
def test_credentials_of_another_form_are_refused_without_showing_them(auth: Any, words: str, tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", DAEMON) as daemon, SyncClient(daemon.url) as client:
        with pytest.raises(RequestError) as caught, client.pull("registry.example/x", auth=auth):
            pass
        with pytest.raises(RequestError) as of_build, client.build(b"", auth={"r": auth}):
            pass
    assert not daemon.connections
    for error in (caught, of_build):
        assert str(error.value).startswith(words) and "hush" not in str(error.value)


def test_an_option_that_build_does_not_have_is_refused() -> None:
    """It was passed over: an image without its name."""
    options: dict[str, Any] = {"tag": "site:1"}
    with (
        SyncClient("unix:///x") as client,
        pytest.raises(TypeError, match=r"build\(\) has no option tag, only tags, dockerfile"),
        client.build(b"", **options),
    ):
        pass


@pytest.mark.parametrize("verb", ["build", "image_load", "pull"])
def test_an_image_of_none_is_refused(verb: str) -> None:
    with SyncClient("unix:///x") as client, pytest.raises(RequestError, match="None"), getattr(client, verb)(None):
        pass


def test_a_name_may_have_the_slash_that_the_daemon_writes_before_it(caller: Caller, tmp_path: Path) -> None:
    def body(client: Any) -> None:
        client.archive_put("/web", "/tmp", b"")

    _, daemon = talk(caller, tmp_path, body, [REQUEST, reply(), HOLD])
    assert daemon.lines[0][0].startswith("PUT /v1.43/containers/web/archive?")
