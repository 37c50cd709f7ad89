"""The raw verbs against a daemon whose bytes stand here: what is sent, what is printed where, exit codes, faults.

It is long because each kind of answer is a case of its own.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from wire_daemon import HOLD, REQUEST, Connection, Script, WireDaemon, ping, reply, waiting_for

from rawdock.cli import main
from rawdock.cli.console import Console
from rawdock.cli.parser import parser_of
from rawdock.cli.verbs import request_of
from rawdock.request import Request
from rawdock.text.secrets import without_secrets

RAWDOCK = [sys.executable, "-W", "error", "-m", "rawdock"]
JSON = ("Content-Type", "application/json")
UPGRADE = (("Connection", "Upgrade"), ("Upgrade", "tcp"))
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
FRAMED = "Content-Type: application/vnd.docker.multiplexed-stream"
END = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def frame(stream: int, data: bytes) -> bytes:
    return struct.pack(">BxxxI", stream, len(data)) + data


def console(stdin: bytes = b"", *, terminal: bool = False, environ: Mapping[str, str] | None = None) -> Console:
    return Console(
        io.BytesIO(),
        io.StringIO(),
        io.BytesIO(stdin),
        environ or {},
        out_is_terminal=terminal,
        err_is_terminal=terminal,
    )


def run(
    *words: str, stdin: bytes = b"", terminal: bool = False, environ: Mapping[str, str] | None = None
) -> tuple[int, bytes, str]:
    """(exit code, stdout, stderr)"""
    screen = console(stdin, terminal=terminal, environ=environ)
    code = main(words, screen)
    assert isinstance(screen.out, io.BytesIO) and isinstance(screen.err, io.StringIO)
    return code, screen.out.getvalue(), screen.err.getvalue()


def answered(
    folder: Path, answer: bytes, *words: str, terminal: bool = False, environ: Mapping[str, str] | None = None
) -> tuple[int, bytes, str]:
    """The same, of a daemon that gives one answer. The path is to name a version, so that there is no /_ping."""
    with WireDaemon(folder, "unix", [REQUEST, answer, HOLD]) as daemon:
        return run(*words, "-H", daemon.url, terminal=terminal, environ=environ)


def request(*words: str, stdin: bytes = b"") -> Request:
    options: argparse.Namespace = parser_of(80).parse_args(words)
    return request_of(options, console(stdin))


# What is sent


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["get", "/info"], Request("GET", "/info")),
        (["get", "info"], Request("GET", "/info")),
        (["get", "/x?a=1", "b==2", "b==3"], Request("GET", "/x?a=1", (("b", "2"), ("b", "3")))),
        (["get", "/x", "--filter", "label=a=b"], Request("GET", "/x", (("filters", '{"label":["a=b"]}'),))),
        (["delete", "/x", "-i", "force==1"], Request("DELETE", "/x", (("force", "1"),))),
        (["post", "/x"], Request("POST", "/x")),
        (["post", "/x", "Image=a"], Request("POST", "/x", headers=(JSON,), body=b'{"Image": "a"}')),
        (
            ["post", "/x", "a:=1", "content-type:text/plain"],
            Request("POST", "/x", headers=(("content-type", "text/plain"),), body=b'{"a": 1}'),
        ),
        (["post", "/x", "a:=1", "Content-Type:"], Request("POST", "/x", body=b'{"a": 1}')),
        (["get", "/x", "User-Agent:"], Request("GET", "/x", without=("User-Agent",))),
        (
            ["post", "/containers/a/attach", "stdin==1"],
            Request("POST", "/containers/a/attach", (("stdin", "1"),), UPGRADE),
        ),
        (["post", "/v1.41/exec/a/start"], Request("POST", "/v1.41/exec/a/start", (), (*UPGRADE, JSON), b"{}")),
        (
            ["post", "/exec/a/start", "Detach:=true"],
            Request("POST", "/exec/a/start", headers=(JSON,), body=b'{"Detach": true}'),
        ),
        (["post", "/exec/a/start", "Upgrade:", "Connection:"], Request("POST", "/exec/a/start", (), (JSON,), b"{}")),
        (["get", "/containers/a/attach"], Request("GET", "/containers/a/attach")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_words_come_to_a_request(words: list[str], expected: Request) -> None:
    assert request(*words) == expected


@pytest.mark.parametrize(
    ("path", "content", "kind"),
    [
        ("/build", b"anything", "application/x-tar"),
        ("/v1.41/images/load", b"anything", "application/x-tar"),
        ("/containers/a/archive?path=/", b"{}", "application/x-tar"),
        ("/x", b"{}", "application/json"),
        ("/x", b"", "application/json"),
        ("/x", bytes(257) + b"ustar\x0000", "application/x-tar"),
        ("/x", b"\x1f\x8b\x08", "application/x-tar"),
        ("/x", b"BZh9", "application/x-tar"),
    ],
)
def test_a_file_is_called_what_the_path_or_its_beginning_says(
    tmp_path: Path, path: str, content: bytes, kind: str
) -> None:
    file = tmp_path / "input"
    file.write_bytes(content)
    assert request("post", path, "--input", str(file)).headers == (("Content-Type", kind),)


def test_items_may_name_files(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("Grüße\n")
    (tmp_path / "json").write_text('{"a": [1]}')
    found = request(
        "post", "/x", f"t=@{tmp_path}/text", f"j:=@{tmp_path}/json", f"X-A:@{tmp_path}/text", f"q==@{tmp_path}/json"
    )
    assert json.loads(found.body or b"") == {"t": "Grüße\n", "j": {"a": [1]}}
    assert found.query == (("q", '{"a": [1]}'),) and found.headers == (JSON, ("X-A", "Grüße"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["post", "/x", "a=@/nowhere"], "'/nowhere' from item 'a=@/nowhere' cannot be read: No such file or directory"),
        (["post", "/build", "--input", "/nowhere"], "'/nowhere' from --input cannot be read: No such file"),
        (["post", "/x", "--input", "/nowhere"], "'/nowhere' from --input cannot be read: No such file"),
        (["post", "/x", "--input", "-", "a=b"], "--input and fields of a body are both given"),
        (["get", "/x", "--filter", "a"], "'a' from --filter has no value"),
        (["get", "/x", "--select", "a..b"], "'a..b' from --select is no path"),
        (["post", "/x", "a:=b"], "item 'a:=b': 'b' is no JSON"),
        (["get", "/x", "X-A:a\nb"], "the value of header 'X-A' cannot be sent"),
        (["get", "/x", "-o", "/nowhere/file"], "'/nowhere/file' from -o cannot be written: No such file or directory"),
        (["get", "/x", "-o", "/tmp"], "is no regular file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_sent_or_kept_is_one_sentence(tmp_path: Path, words: list[str], sentence: str) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, reply(b"{}"), HOLD]) as daemon:
        code, out, err = run(*words, "-H", daemon.url)
    assert (code, out) == (2, b"")
    assert err.startswith("rawdock: ") and err.count("\n") == 1 and sentence in err


def sent(folder: Path, *words: str, stdin: bytes = b"") -> bytes:
    with WireDaemon(folder, "unix", [REQUEST, reply(b"{}"), HOLD]) as daemon:
        assert run(*words, "-H", daemon.url, stdin=stdin)[0] == 0
    return daemon.requests[0][0]


def test_the_wire_has_query_headers_and_body(tmp_path: Path) -> None:
    words = ["post", "/v1.41/x?a=1", "b==c d", "Image=é", "X-Meta:1", "User-Agent:", "accept-encoding:gzip"]
    head, _, body = sent(tmp_path, *words).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /v1.41/x?a=1&b=c+d HTTP/1.1"
    assert sorted(lines[1:]) == [
        "Content-Length: 19",
        "Content-Type: application/json",
        "Host: localhost",
        "X-Meta: 1",
        "accept-encoding: gzip",
    ]
    assert json.loads(body) == {"Image": "é"}


def test_a_file_is_the_body_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "in.tar").write_bytes(bytes(range(256)) * 1000)
    head, _, body = sent(tmp_path, "post", "/v1.41/images/load", "--input", str(tmp_path / "in.tar")).partition(
        b"\r\n\r\n"
    )
    assert body == bytes(range(256)) * 1000 and b"Content-Type: application/x-tar" in head


def test_standard_input_is_a_body_too(tmp_path: Path) -> None:
    request = sent(tmp_path, "put", "/v1.41/x", "--input", "-", stdin=b'{"a":1}')
    assert request.endswith(b'\r\n\r\n{"a":1}') and b"Content-Type: application/json" in request


# What is printed where


def test_a_pipe_gets_json_as_it_came_and_a_terminal_gets_it_laid_out(tmp_path: Path) -> None:
    answer = reply(b'{"a":"\\u001b[31m\x9b","n":1.0}\n', headers=["Content-Type: application/json"])
    for name in "abc":
        (tmp_path / name).mkdir()
    assert answered(tmp_path / "a", answer, "get", "/v1.41/x")[1] == answer.partition(b"\r\n\r\n")[2]
    laid_out = answered(tmp_path / "b", answer, "get", "/v1.41/x", terminal=True, environ={"NO_COLOR": "1"})[1]
    assert laid_out == b'{\n  "a": "\\u001b[31m\xef\xbf\xbd",\n  "n": 1.0\n}\n'
    assert b'\x1b[34;1m"a"\x1b[0m' in answered(tmp_path / "c", answer, "get", "/v1.41/x", terminal=True)[1]


def test_raw_on_a_terminal_is_as_it_came(tmp_path: Path) -> None:
    answer = reply(b'{"a":1}', headers=["Content-Type: application/json"])
    assert answered(tmp_path, answer, "get", "/v1.41/x", "--raw", terminal=True)[1] == b'{"a":1}'


def test_text_on_a_terminal_never_steers_it(tmp_path: Path) -> None:
    answer = reply(b"<html>\x1b[2J\r\nline</html>", "502 Bad \x1b[31mGateway")
    code, out, err = answered(tmp_path, answer, "get", "-i", "/v1.41/x", terminal=True)
    assert code in (5, 8) and b"\x1b" not in out and "\x1b" not in err
    assert code == 8 or b"\nline</html>\n" in out


def test_a_tar_archive_is_kept_from_a_terminal(tmp_path: Path) -> None:
    answer = reply(b"\x00" * 512, headers=["Content-Type: application/x-tar"])
    code, out, err = answered(tmp_path, answer, "get", "/v1.41/images/x/get", terminal=True)
    assert (code, out) == (2, b"") and "would upset the terminal; write it to a file: -o FILE" in err


def test_a_stream_on_a_terminal_is_a_document_a_line_as_it_comes(tmp_path: Path) -> None:
    script: Script = [REQUEST, CHUNKED + chunk(b'{"a":') + chunk(b'1}\n{"b":2}\r\n') + chunk(b'{"c":3}') + END, HOLD]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        out = run("get", "/v1.41/events", "-H", daemon.url, terminal=True, environ={"NO_COLOR": "1"})[1]
    assert out == b'{"a": 1}\n{"b": 2}\n{"c": 3}\n'


def test_select_prints_text_bare(tmp_path: Path) -> None:
    answer = reply(b'[{"Names":["/a"]},{"Names":["/b\\n"]}]')
    assert answered(tmp_path, answer, "get", "/v1.41/x", "--select", "[].Names[0]") == (0, b"/a\n/b\n\n", "")


def test_a_part_that_is_selected_is_laid_out_on_a_terminal_too(tmp_path: Path) -> None:
    answer, words = reply(b'{"a":{"b":[1]},"c":"\\u001b[31mred"}'), ["get", "/v1.41/x", "--select"]
    for name in "abcd":
        (tmp_path / name).mkdir()
    assert answered(tmp_path / "a", answer, *words, "a") == (0, b'{"b":[1]}\n', "")
    laid_out = answered(tmp_path / "b", answer, *words, "a", terminal=True, environ={"NO_COLOR": "1"})[1]
    assert laid_out == b'{\n  "b": [\n    1\n  ]\n}\n'
    assert b'\x1b[34;1m"b"\x1b[0m' in answered(tmp_path / "c", answer, *words, "a", terminal=True)[1]
    assert b"\x1b" not in answered(tmp_path / "d", answer, *words, "c", terminal=True)[1]


def test_select_of_a_stream_is_of_each_document(tmp_path: Path) -> None:
    script: Script = [REQUEST, CHUNKED + chunk(b'{"Action":"start"}\n{"Action":"die"}\n') + END, HOLD]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        assert run("get", "/v1.41/events", "--select", "Action", "-H", daemon.url) == (0, b"start\ndie\n", "")


@pytest.mark.parametrize(
    ("body", "code", "sentence"),
    [(b"OK", 8, "the answer is no JSON: it begins 'OK'"), (b'{"a":1}', 2, "[] of an object")],
)
def test_select_of_what_has_none_is_one_sentence(tmp_path: Path, body: bytes, code: int, sentence: str) -> None:
    path = "a[]" if code == 2 else "a"
    found, out, err = answered(tmp_path, reply(body), "get", "/v1.41/x", "--select", path)
    assert (found, out, err.count("\n")) == (code, b"", 1)
    assert sentence in err or "[] of a number" in err


def test_an_error_is_printed_whole_whatever_is_selected(tmp_path: Path) -> None:
    answer = reply(b'{"message":"no"}', "404 Not Found")
    assert answered(tmp_path, answer, "get", "/v1.41/x", "--select", "a") == (4, b'{"message":"no"}', "")


def test_head_prints_the_head(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\nX-Docker-Container-Path-Stat: e30=\r\nContent-Length: 100\r\n\r\n"
    code, out, err = answered(tmp_path, answer, "head", "/v1.41/containers/a/archive")
    assert (code, out, err) == (0, answer, "")


# Files


def test_a_file_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "out.tar"
    assert answered(tmp_path, reply(b"abc"), "get", "/v1.41/x", "-o", str(target)) == (0, b"", "")
    assert target.read_bytes() == b"abc"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["docker.sock", "out.tar"]


def test_a_cut_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    target = tmp_path / "out.tar"
    target.write_bytes(b"old")
    with WireDaemon(tmp_path, "unix", [REQUEST, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"]) as daemon:
        code, out, err = run("get", "/v1.41/x", "-o", str(target), "-H", daemon.url)
    assert (code, out) == (8, b"") and "the reply ended after 3 of 9 bytes" in err
    assert target.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["docker.sock", "out.tar"]


def test_an_error_goes_to_stdout_not_into_the_file(tmp_path: Path) -> None:
    answer = reply(b'{"message":"no"}', "404 Not Found")
    assert answered(tmp_path, answer, "get", "/v1.41/x", "-o", str(tmp_path / "out")) == (4, b'{"message":"no"}', "")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["-", "/dev/null"])
def test_a_device_and_standard_output_are_written_as_they_are(tmp_path: Path, name: str) -> None:
    assert answered(tmp_path, reply(b"abc"), "get", "/v1.41/x", "-o", name) == (0, b"abc" if name == "-" else b"", "")


# Frames

FRAMES = frame(1, b"out\n") + frame(2, b"err\n") + frame(1, b"\x1b[1mbold\n")


def test_log_frames_are_put_apart(tmp_path: Path) -> None:
    answer = reply(FRAMES, headers=[FRAMED])
    expected = (0, b"out\n\x1b[1mbold\n", "err\n")
    assert answered(tmp_path, answer, "get", "/v1.42/containers/a/logs?stdout=1", terminal=True) == expected


@pytest.mark.parametrize(
    ("kind", "settings", "tty"),
    [
        ("containers", {"Config": {"Tty": False}}, False),
        ("containers", {"Config": {"Tty": True}}, True),
        ("services", {"Spec": {"TaskTemplate": {"ContainerSpec": {"TTY": True}}}}, True),
        ("services", {"Spec": {"TaskTemplate": {}}}, False),
        ("tasks", {"Spec": {"ContainerSpec": None}}, False),
    ],
)
@pytest.mark.parametrize("header", [[], ["Content-Type: application/vnd.docker.raw-stream"]])
def test_where_the_answer_does_not_say_the_settings_do(
    tmp_path: Path, kind: str, settings: object, tty: bool, header: list[str]
) -> None:
    inspect = reply(json.dumps(settings).encode())
    scripts: list[Script] = [[REQUEST, reply(FRAMES, headers=header), HOLD], [REQUEST, inspect, HOLD]]
    with WireDaemon(tmp_path, "unix", *scripts) as daemon:
        found = run("get", f"/v1.41/{kind}/a/logs", "stdout==1", "-H", daemon.url)
    assert found == ((0, FRAMES, "") if tty else (0, b"out\n\x1b[1mbold\n", "err\n"))
    suffix = "/json" if kind == "containers" else ""
    assert daemon.lines[1] == [f"GET /v1.41/{kind}/a{suffix} HTTP/1.1"]


def test_raw_leaves_frames_as_they_are(tmp_path: Path) -> None:
    assert answered(tmp_path, reply(FRAMES), "get", "/v1.41/containers/a/logs", "--raw") == (0, FRAMES, "")


def test_what_the_daemon_says_instead_of_a_log_is_an_error(tmp_path: Path) -> None:
    answer = reply(frame(1, b"out\n") + frame(3, b"Error grabbing logs: gone"), headers=[FRAMED])
    code, out, err = answered(tmp_path, answer, "get", "/v1.42/containers/a/logs")
    assert (code, out) == (1, b"out\n") and "Error grabbing logs: gone" in err and err.count("\n") == 1


def test_logs_in_a_file_are_those_of_stdout(tmp_path: Path) -> None:
    answer = reply(FRAMES, headers=[FRAMED])
    words = ["get", "/v1.42/containers/a/logs", "-o", str(tmp_path / "log")]
    assert answered(tmp_path, answer, *words) == (0, b"", "err\n")
    assert (tmp_path / "log").read_bytes() == b"out\n\x1b[1mbold\n"


# Errors in the middle

ERROR = b'{"errorDetail":{"message":"no such host"},"error":"no such host"}'


@pytest.mark.parametrize("path", ["/images/create", "/images/a/b/push", "/images/load", "/build?t=x", "/plugins/pull"])
@pytest.mark.parametrize("end", [b"\r\n", b""])
@pytest.mark.parametrize("words", [(), ("--select", "status")])
def test_an_error_in_the_middle_is_said_and_is_exit_code_1(
    tmp_path: Path, path: str, end: bytes, words: Sequence[str]
) -> None:
    body = [b'{"status":"Pulling"}\r\n', ERROR[:20], ERROR[20:] + end]
    script: Script = [REQUEST, CHUNKED, *(chunk(part) for part in body), END, HOLD]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        code, out, err = run("post", f"/v1.41{path}", *words, "-H", daemon.url)
    assert (code, err) == (1, "rawdock: the daemon gave up in the middle: no such host\n")
    assert out.startswith(b"Pulling\n") if words else out == b"".join(body)


@pytest.mark.parametrize(
    ("verb", "path"), [("get", "/events"), ("post", "/containers/a/wait"), ("post", "/containers/create")]
)
def test_an_error_elsewhere_is_a_document(tmp_path: Path, verb: str, path: str) -> None:
    assert answered(tmp_path, reply(ERROR), verb, f"/v1.41{path}") == (0, ERROR, "")


def test_a_file_of_a_build_that_failed_is_not_there(tmp_path: Path) -> None:
    words = ["post", "/v1.41/build", "-o", str(tmp_path / "log")]
    assert answered(tmp_path, reply(ERROR), *words)[:2] == (1, b"")
    assert not (tmp_path / "log").exists()


# Upgrades


def upgraded(kind: str = "application/vnd.docker.raw-stream") -> bytes:
    return f"HTTP/1.1 101 UPGRADED\r\nContent-Type: {kind}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n".encode()


def inspected(stdin: bool) -> Script:
    return [REQUEST, reply(json.dumps({"OpenStdin": stdin}).encode())]


def echo(connection: Connection) -> None:
    connection.send(frame(1, connection.until_eof()) + frame(2, b"end\n"))


def test_exec_start_passes_on_stdin_and_its_end(tmp_path: Path) -> None:
    script: Script = [*inspected(True), REQUEST, upgraded(), echo]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        assert run("post", "/v1.41/exec/e/start", "-H", daemon.url, stdin=b"hello\n") == (0, b"hello\n", "end\n")
    assert daemon.lines == [["GET /v1.41/exec/e/json HTTP/1.1", "POST /v1.41/exec/e/start HTTP/1.1"]]


def test_an_exec_without_stdin_is_sent_none(tmp_path: Path) -> None:
    script: Script = [*inspected(False), REQUEST, upgraded(), frame(1, b"out\n")]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        assert run("post", "/v1.41/exec/e/start", "-H", daemon.url, stdin=b"hello\n") == (0, b"out\n", "")
        assert b"hello" not in daemon.connections[0].received


def test_an_exec_with_a_tty_comes_as_it_is(tmp_path: Path) -> None:
    script: Script = [*inspected(False), REQUEST, upgraded(), b"$ \x1b[1m"]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        assert run("post", "/v1.41/exec/e/start", "Tty:=true", "-H", daemon.url) == (0, b"$ \x1b[1m", "")


@pytest.mark.parametrize(("tty", "out"), [(True, FRAMES), (False, b"out\n\x1b[1mbold\n")])
def test_attach_asks_the_container_for_its_tty(tmp_path: Path, tty: bool, out: bytes) -> None:
    inspect = reply(json.dumps({"Config": {"Tty": tty}}).encode())
    scripts: list[Script] = [[REQUEST, upgraded(), FRAMES], [REQUEST, inspect, HOLD]]
    with WireDaemon(tmp_path, "unix", *scripts) as daemon:
        code, found, _ = run("post", "/v1.41/containers/a/attach", "stdout==1", "stream==1", "-H", daemon.url)
    assert (code, found) == (0, out)


def test_attach_feeds_stdin_when_it_was_asked_for(tmp_path: Path) -> None:
    script: Script = [REQUEST, upgraded("application/vnd.docker.multiplexed-stream"), echo]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        words = ["post", "/v1.42/containers/a/attach?stdout=1", "stdin==1", "-H", daemon.url]
        assert run(*words, stdin=b"hello\n") == (0, b"hello\n", "end\n")


def test_an_upgrade_that_a_proxy_took_away_can_still_be_read(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n" + FRAMES
    with WireDaemon(tmp_path, "unix", [*inspected(False), REQUEST, answer]) as daemon:
        assert run("post", "/v1.41/exec/e/start", "-H", daemon.url) == (0, b"out\n\x1b[1mbold\n", "err\n")


def test_and_cannot_be_written_which_is_said(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
    with WireDaemon(tmp_path, "unix", [*inspected(True), REQUEST, answer]) as daemon:
        code, out, err = run("post", "/v1.41/exec/e/start", "-H", daemon.url, stdin=b"x")
    assert (code, out) == (8, b"") and "answered 200 instead of 101" in err


def test_a_refused_upgrade_is_printed_like_any_answer(tmp_path: Path) -> None:
    missing = reply(b'{"message":"No such exec instance"}', "404 Not Found")
    with WireDaemon(tmp_path, "unix", [REQUEST, missing, REQUEST, missing, HOLD]) as daemon:
        found = run("post", "/v1.41/exec/e/start", "-H", daemon.url)
    assert found == (4, b'{"message":"No such exec instance"}', "")


def test_a_pipe_is_passed_on_while_its_writer_still_writes(tmp_path: Path) -> None:
    """Both ways at once: the second line is written only when the answer to the first has come."""

    def answer_lines(connection: Connection) -> None:
        for _ in range(2):
            data = connection.receive()
            connection.send(frame(1, data.upper()))
        connection.until_eof()

    script: Script = [*inspected(True), REQUEST, upgraded(), answer_lines]
    argv = [*RAWDOCK, "post", "/v1.41/exec/e/start"]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        pipe = subprocess.PIPE
        with subprocess.Popen([*argv, "-H", daemon.url], stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0) as process:
            assert process.stdin and process.stdout and process.stderr
            for word in (b"one\n", b"two\n"):
                process.stdin.write(word)
                assert process.stdout.read(4) == word.upper()
            process.stdin.close()
            assert (process.wait(30), process.stderr.read()) == (0, b"")


def test_the_process_may_end_while_stdin_is_open(tmp_path: Path) -> None:
    script: Script = [*inspected(True), REQUEST, upgraded(), frame(1, b"bye\n")]
    read, write = os.pipe()
    argv = [*RAWDOCK, "post", "/v1.41/exec/e/start"]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        done = subprocess.run([*argv, "-H", daemon.url], stdin=read, capture_output=True, timeout=30, check=False)
    for end in (read, write):
        os.close(end)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"bye\n", b"")


# -v


def test_verbose_tells_what_goes_over_the_wire_without_secrets(tmp_path: Path) -> None:
    words = ["post", "/v1.41/build", "remote==https://joe:pw1@host/x", 'buildargs=={"P":"pw2"}', "X-Registry-Auth:pw3"]
    words += ["X-Registry-Config:pw4", "password=pw5", "a[UnlockKey]=pw6", "Env[]=MY_PASSWORD=pw7", "shown=yes"]
    code, out, err = answered(tmp_path, reply(b'{"stream":"ok"}\n'), *words, "-v")
    assert (code, out) == (0, b'{"stream":"ok"}\n')
    assert "pw" not in err and "joe" not in err
    lines = err.splitlines()
    assert any(line.startswith("> POST /v1.41/build?remote=https%3A%2F%2F…%40host") for line in lines)
    assert "> X-Registry-Auth: …" in lines and "> X-Registry-Config: …" in lines and '"shown": "yes"' in err
    assert any(line.startswith("< HTTP/1.1 200 OK  (") for line in lines) and "< Content-Length: 16" in lines
    assert lines[0].startswith("* connecting to unix://") and lines[-1].startswith("* closed")


def test_verbose_tells_of_frames(tmp_path: Path) -> None:
    script: Script = [*inspected(True), REQUEST, upgraded(), echo]
    with WireDaemon(tmp_path, "unix", script) as daemon:
        _, out, err = run("post", "/v1.41/exec/e/start", "-v", "-H", daemon.url, stdin=b"hello\n")
    assert out == b"hello\n"
    told = [line.partition("  (")[0] for line in err.splitlines()]
    for line in ("< HTTP/1.1 101 UPGRADED", "> 6 bytes", "> end of input", "< frame stdout, 6 bytes", "< end"):
        assert line in told


def test_verbose_shows_no_secret_of_a_secret(tmp_path: Path) -> None:
    _, _, err = answered(tmp_path, reply(b"{}"), "post", "/v1.41/secrets/create", "Name=n", "Data=cHc=", "-v")
    assert "cHc=" not in err and '"Name": "n"' in err


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET /x?buildargs=a&b=1 HTTP/1.1", "GET /x?buildargs=…&b=1 HTTP/1.1"),
        ("GET /x?access_token=a&b=1 HTTP/1.1", "GET /x?access_token=…&b=1 HTTP/1.1"),
        ("/swarm/update?rotateWorkerToken=true&version=1", "/swarm/update?rotateWorkerToken=true&version=1"),
        ("https://u:p@h/x", "https://…@h/x"),
        ("GET /images/a@sha256:1/json HTTP/1.1", "GET /images/a@sha256:1/json HTTP/1.1"),
        ("remote=git%3A%2F%2Fu%3Ap%40h", "remote=git%3A%2F%2F…%40h"),
    ],
)
def test_secrets_in_a_line_are_blanked(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


# Transfers


def test_a_terminal_sees_no_progress_of_a_short_one(tmp_path: Path) -> None:
    words = ["get", "/v1.41/x", "-o", str(tmp_path / "out")]
    assert answered(tmp_path, reply(b"abc"), *words, terminal=True) == (0, b"", "")


def test_an_upload_from_a_terminal_arrives_whole(tmp_path: Path) -> None:
    (tmp_path / "in.tar").write_bytes(bytes(range(256)) * 3000)
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(b"{}"), HOLD]) as daemon:
        words = ["post", "/v1.41/images/load", "--input", str(tmp_path / "in.tar"), "-H", daemon.url]
        assert run(*words, terminal=True, environ={"NO_COLOR": "1"}) == (0, b"{}\n", "")
    assert daemon.requests[0][0].endswith(bytes(range(256)) * 3000)


def test_an_early_refusal_of_an_upload_is_heard(tmp_path: Path) -> None:
    (tmp_path / "in.tar").write_bytes(bytes(8 * 1024 * 1024))

    def refuse(connection: Connection) -> None:
        connection.receive()
        connection.send(reply(b'{"message":"no such container"}', "404 Not Found", ["Connection: close"]))

    over = threading.Event()
    with WireDaemon(tmp_path, "unix", [refuse, waiting_for(over)]) as daemon:
        found = run(
            "put", "/v1.41/containers/a/archive", "path==/", "--input", str(tmp_path / "in.tar"), "-H", daemon.url
        )
        over.set()
    assert found == (4, b'{"message":"no such container"}', "")
