"""Commands on several names against a daemon whose bytes stand in the test: what is sent, said and counted."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from wire_daemon import HOLD, REQUEST, RESET, Script, WireDaemon, ping, reply

from rawdock.cli import main
from rawdock.cli.console import Console


class Said:
    """A console's two ends."""

    def __init__(self) -> None:
        self.out, self.err = io.BytesIO(), io.StringIO()
        self.console = Console(self.out, self.err, io.BytesIO(), {})

    @property
    def printed(self) -> str:
        return self.out.getvalue().decode()


def answers(*replies: bytes) -> Script:
    return [REQUEST, ping("1.41"), *(step for each in replies for step in (REQUEST, each)), HOLD]


NOBODY = reply(b'{"message":"No such container: b"}', "404 Not Found")
DONE = reply(b"", "204 No Content")


def ran(folder: Path, words: str, *replies: bytes) -> tuple[int, Said, list[str]]:
    said = Said()
    with WireDaemon(folder, "unix", answers(*replies)) as daemon:
        code = main(["-H", daemon.url, *words.split()], said.console)
    return code, said, daemon.lines[0][1:]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("start a", "POST /v1.41/containers/a/start HTTP/1.1"),
        ("stop -t 5 a", "POST /v1.41/containers/a/stop?t=5 HTTP/1.1"),
        ("stop -t -1 /a", "POST /v1.41/containers/a/stop?t=-1 HTTP/1.1"),
        ("restart a", "POST /v1.41/containers/a/restart HTTP/1.1"),
        ("kill -s HUP a", "POST /v1.41/containers/a/kill?signal=HUP HTTP/1.1"),
        ("rm -fvl a/b", "DELETE /v1.41/containers/a%2Fb?force=1&v=1&link=1 HTTP/1.1"),
    ],
)
def test_what_is_sent(tmp_path: Path, words: str, line: str) -> None:
    code, said, lines = ran(tmp_path, words, DONE)
    assert (code, said.printed, lines) == (0, f"{words.rsplit(maxsplit=1)[-1]}\n", [line])


def test_each_is_tried_and_the_exit_code_tells_that_one_was_refused(tmp_path: Path) -> None:
    code, said, lines = ran(tmp_path, "start a b c", DONE, NOBODY, DONE)
    assert (code, said.printed, len(lines)) == (1, "a\nc\n", 3)
    assert said.err.getvalue() == "rawdock: the daemon answered 404: No such container: b (POST /containers/b/start)\n"


def test_what_is_gone_is_removed_enough_when_forced(tmp_path: Path) -> None:
    code, said, _ = ran(tmp_path, "rm -f b", NOBODY)
    assert (code, said.printed, said.err.getvalue()) == (0, "", "")
    (tmp_path / "second").mkdir()
    code, said, _ = ran(tmp_path / "second", "rm b", NOBODY)
    assert code == 1 and "No such container" in said.err.getvalue()


def test_wait_prints_exit_codes_and_what_the_daemon_says_instead(tmp_path: Path) -> None:
    failed = reply(json.dumps({"StatusCode": -1, "Error": {"Message": "it is lost"}}).encode())
    code, said, _ = ran(
        tmp_path, "wait a b c", reply(b'{"StatusCode":7}'), failed, reply(b'{"StatusCode":0,"Error":null}')
    )
    assert (code, said.printed) == (1, "7\n0\n") and "it is lost" in said.err.getvalue()


def test_an_answer_that_is_none_and_a_lost_daemon_are_no_refusals(tmp_path: Path) -> None:
    code, said, _ = ran(tmp_path, "wait a b", reply(b"<html>"))
    assert code == 8 and "is no exit code" in said.err.getvalue()
    said = Said()
    (tmp_path / "second").mkdir()
    with WireDaemon(tmp_path / "second", "unix", [REQUEST, ping("1.41"), REQUEST, RESET]) as daemon:
        assert main(["-H", daemon.url, "kill", "a"], said.console) == 8
    assert main(["-H", daemon.url, "kill", "a", "b"], said.console) == 6  # nobody listens any more


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("start -a a b", "-a and -i of 2 containers"),
        ("stop /", "'/' is no name"),
        ("stop", "the following arguments are required: CONTAINER"),
        ("kill -s", "expected one argument"),
        ("stop -t x a", "invalid int value: 'x'"),
        ("logs", "the following arguments are required: CONTAINER"),
        ("logs --since yesterday a", "--since 'yesterday' is no time"),
        ("events --filter x", "--filter 'x'; write NAME=VALUE"),
        ("events --format {{.Nope", "an action is not closed"),
        ("inspect --type thing a", "invalid choice: 'thing'"),
    ],
)
def test_bad_words_are_said_before_anything_is_asked(words: str, error: str) -> None:
    said = Said()
    assert main(["-H", "unix:///nowhere/docker.sock", *words.split()], said.console) == 2
    assert error in said.err.getvalue() and said.printed == ""


@pytest.mark.parametrize(
    ("words", "body"),
    [
        ("top a", b"[]"),
        ("top a", b"<html>"),
        ("inspect a", b"[1]"),
        ("inspect a", b"nothing"),
        ("stats --no-stream a", b"{}}"),
    ],
)
def test_answers_that_are_none_are_one_sentence(tmp_path: Path, words: str, body: bytes) -> None:
    code, said, _ = ran(tmp_path, words, reply(body))
    assert code == 8 and said.err.getvalue().count("\n") == 1 and "no JSON" in said.err.getvalue()


def test_inspect_looks_for_a_name_in_turn_and_keeps_the_daemons_text(tmp_path: Path) -> None:
    document = b'{"Name":"\\u003ca\\u003e","N":1.50}'
    code, said, lines = ran(tmp_path, "inspect b", NOBODY, NOBODY, reply(document))
    assert (code, said.printed) == (0, '[\n    {\n        "Name": "\\u003ca\\u003e",\n        "N": 1.50\n    }\n]\n')
    assert [line.split()[1] for line in lines] == [
        "/v1.41/containers/b/json",
        "/v1.41/images/b/json",
        "/v1.41/networks/b",
    ]
