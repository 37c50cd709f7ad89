"""The command line: words before and after the command, help, streams, pipes, signals and what is not imported.

It is long because the whole command line stands here.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from certificates import authority
from context_store import make_current, write_context
from wire_daemon import DAEMON, HOLD, REQUEST, Connection, Script, WireDaemon, ping, reply, waiting_for

from rawdock.cli import COMMANDS, main
from rawdock.cli.console import Console, printable

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
RAWDOCK = [sys.executable, "-W", "error", "-m", "rawdock"]


def run(*arguments: str, environ: Mapping[str, str] | None = None, terminal: bool = False) -> tuple[int, bytes, str]:
    """(exit code, stdout, stderr)"""
    out, err = io.BytesIO(), io.StringIO()
    code = main(arguments, Console(out, err, io.BytesIO(), environ or {}, out_is_terminal=terminal))
    return code, out.getvalue(), err.getvalue()


def start(*arguments: str, environ: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DOCKER")}
    argv = [*RAWDOCK, *arguments]
    return subprocess.Popen(argv, env={**clean, **(environ or {})}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


# Words


@pytest.mark.parametrize(
    "command", [[], *([name] for name in COMMANDS)], ids=lambda words: " ".join(words) or "rawdock"
)
def test_help_ends_with_examples(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--help"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    tail = shown.out[shown.out.index("\nexamples:\n") :]
    assert f"  rawdock {' '.join(command)}" in tail
    if command:
        assert "exit codes: 0 " in tail


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("rawdock ")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["fetch", "/info"], "rawdock has no command 'fetch'; `rawdock --help` lists those that it has"),
        (["pss"], "rawdock has no command 'pss'; did you mean ps?"),
        (["volume", "lst"], "rawdock volume has no command 'lst'; did you mean list or ls?"),
        ([], "the following arguments are required: COMMAND; see `rawdock --help`"),
        (["get"], "the following arguments are required: PATH; see `rawdock get --help`"),
        (["run"], "the following arguments are required: IMAGE; see `rawdock run --help`"),
        (["top"], "the following arguments are required: CONTAINER; see `rawdock top --help`"),
        (["get", "--nosuch", "/info"], "unrecognized arguments: --nosuch; see `rawdock get --help`"),
        (["--nosuch", "get", "/info"], "--nosuch"),
        (["get", "/a", "/b"], "'/b' is no item of a request; write name==value, "),
        (["get", "--inc", "/info"], "--inc"),
        (["get", "-H"], "argument -H/--host: expected one argument; see `rawdock get --help`"),
        (["doctor", "--timeout", "soon"], "argument --timeout: 'soon', expected a number of seconds above 0"),
        (["doctor", "--timeout", "-1"], "--timeout"),
        (["get", "--timeout", "nan", "/info"], "'nan', expected a number of seconds above 0"),
        (["-H", "unix:///a", "--machine", "b", "doctor"], "-H and --machine each name a daemon; give one of them"),
        (["get", "/x\n\x1b[31m", "/y\n"], "'/y\\n' is no item of a request"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_words_are_one_line_and_exit_2(words: list[str], sentence: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, b"")
    assert err.startswith("rawdock: ") and err.count("\n") == 1 and sentence in err


@pytest.mark.parametrize("order", ["before", "after", "both"])
def test_the_daemon_may_be_named_before_and_after_the_command(tmp_path: Path, order: str) -> None:
    with WireDaemon(tmp_path, "unix", DAEMON) as daemon:
        words = {
            "before": ["-H", daemon.url, "get", "/version"],
            "after": ["get", "/version", "-H", daemon.url],
            "both": ["-H", "unix:///nowhere", "get", "-H", daemon.url, "/version"],
        }[order]
        code, out, err = run(*words, environ={"DOCKER_HOST": "unix:///nowhere"})
    assert (code, err) == (0, "") and json.loads(out)["Version"] == "24.0.7"


def test_a_value_that_is_called_like_a_command_is_a_value(tmp_path: Path) -> None:
    """And the command of that name is not even imported."""
    program = "import sys; from rawdock.cli import main; main(sys.argv[1:]); print('rawdock.cli.doctor' in sys.modules)"
    argv = [sys.executable, "-c", program, "--machine", "doctor", "get", "probe"]
    environ = {**os.environ, "MACHINE_STORAGE_PATH": str(tmp_path)}
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout == "False\n" and done.stderr.startswith("rawdock: machine 'doctor' is not in ")


# get


def test_the_body_goes_out_as_it_came_and_nothing_else(tmp_path: Path) -> None:
    body = bytes(range(256)) * 300
    with WireDaemon(tmp_path, "tcp", [REQUEST, ping(), REQUEST, reply(body), HOLD]) as daemon:
        assert run("get", "/images/x/get", "-H", daemon.url) == (0, body, "")


def test_include_prints_status_and_headers_as_they_came(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 200 Fine\r\nX-Name: caf\xe9\r\nx-name: two\r\nContent-Length: 2\r\n\r\nOK"
    with WireDaemon(tmp_path, "unix", [REQUEST, answer, HOLD]) as daemon:
        assert run("get", "-i", "/_ping", "-H", daemon.url) == (0, answer, "")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("200 OK", 0),
        ("304 Not Modified", 0),
        ("404 Not Found", 4),
        ("409 Conflict", 4),
        ("500 Oops", 5),
        ("503 Later", 5),
    ],
)
def test_the_exit_code_tells_the_status(tmp_path: Path, status: str, code: int) -> None:
    body = b"" if status.startswith("3") else b'{"message":"no"}\n'
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, reply(body, status), HOLD]) as daemon:
        assert run("get", "/x", "-H", daemon.url) == (code, body, "")


@pytest.mark.parametrize(
    ("options", "environ", "line"),
    [
        (["--api-version", "1.30"], {}, "GET /v1.30/info HTTP/1.1"),
        ([], {"DOCKER_API_VERSION": "1.31"}, "GET /v1.31/info HTTP/1.1"),
        (["--api-version", "1.30"], {"DOCKER_API_VERSION": "1.31"}, "GET /v1.30/info HTTP/1.1"),
    ],
)
def test_a_fixed_version_is_spoken_without_asking(
    tmp_path: Path, options: Sequence[str], environ: dict[str, str], line: str
) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(b"{}"), HOLD]) as daemon:
        assert run("get", *options, "/info", "-H", daemon.url, environ=environ)[0] == 0
    assert daemon.lines == [[line]]


def test_a_body_that_breaks_off_is_an_error_after_what_came(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, CHUNKED + b"3\r\nabc\r\n"]) as daemon:
        code, out, err = run("get", "/v1.41/events", "-H", daemon.url)
    assert (code, out) == (8, b"abc")
    assert (
        err
        == f"rawdock: {daemon.url} from -H: GET /v1.41/events broke off: the reply ended in the middle, after 3 bytes\n"
    )


def test_the_first_chunk_is_out_before_the_second_is_sent(tmp_path: Path) -> None:
    seen = threading.Event()
    script: Script = [
        REQUEST, ping(), REQUEST, CHUNKED + b"4\r\none\n\r\n", waiting_for(seen), b"4\r\ntwo\n\r\n0\r\n\r\n", HOLD
    ]  # fmt: skip
    with WireDaemon(tmp_path, "unix", script) as daemon, start("get", "/events", "-H", daemon.url) as process:
        assert process.stdout and process.stderr
        assert process.stdout.readline() == b"one\n"
        seen.set()
        assert process.stdout.read() == b"two\n"
        assert process.stderr.read() == b"" and process.wait(30) == 0


def endless(connection: Connection) -> None:
    while True:
        connection.send(b"5\r\nline\n\r\n")


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, CHUNKED, endless]) as daemon,
        start("get", "/v1.41/events", "-H", daemon.url) as process,
    ):
        assert process.stdout and process.stderr
        assert process.stdout.readline() == b"line\n"
        process.stdout.close()
        assert (process.wait(30), process.stderr.read()) == (0, b"")


def test_ctrl_c_ends_a_stream_quietly_with_130(tmp_path: Path) -> None:
    with (
        WireDaemon(tmp_path, "unix", [REQUEST, CHUNKED + b"5\r\nline\n\r\n", HOLD]) as daemon,
        start("get", "/v1.41/events", "-H", daemon.url) as process,
    ):
        assert process.stdout and process.stderr
        assert process.stdout.readline() == b"line\n"
        process.send_signal(signal.SIGINT)
        assert (process.wait(30), process.stderr.read()) == (130, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", DAEMON) as daemon, open("/dev/full", "wb") as full:
        argv = [*RAWDOCK, "get", "/version", "-H", daemon.url]
        done = subprocess.run(argv, stdout=full, stderr=subprocess.PIPE, timeout=30, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(b"rawdock: standard output cannot be written: No space left on device; ")
    assert done.stderr.count(b"\n") == 1


# Terminals


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\u202egpj", "\\u202egpj"),
        ("\udc80", "\\udc80"),
        ("\x9b2J", "\\x9b2J"),
        ("Grüße 🐳", "Grüße 🐳"),
    ],
)
def test_control_characters_are_written_as_escapes(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_path_with_control_characters_never_steers_the_terminal(tmp_path: Path) -> None:
    path = f"{tmp_path}/\x1b[2J\nrawdock: all is well"
    for words in (["get", "/info"], ["doctor"]):
        _, out, err = run(*words, "-H", f"unix://{path}", terminal=True)
        assert "\x1b[2J" not in out.decode() + err and "\nrawdock: all is well" not in out.decode() + err


def test_a_peers_words_never_steer_the_terminal(tmp_path: Path) -> None:
    answer = reply(b"\x1b[2J\x07", "404 \x1b[31mNot")
    with WireDaemon(tmp_path, "unix", [REQUEST, answer, HOLD]) as daemon:
        _, out, err = run("get", "/info", "-H", daemon.url)
        _, shown, _ = run("doctor", "-H", daemon.url, terminal=False)
    assert "\x1b" not in err + out.decode() + shown.decode() and err.startswith("rawdock: ")


def test_colour_is_for_terminals_that_want_it(tmp_path: Path) -> None:
    url = f"unix://{tmp_path}/docker.sock"
    assert b"\x1b[31mbroken" in run("doctor", "-H", url, terminal=True)[1]
    for environ, terminal in (({"NO_COLOR": "1"}, True), ({"TERM": "dumb"}, True), ({}, False)):
        assert b"\x1b" not in run("doctor", "-H", url, environ=environ, terminal=terminal)[1]


# What a command costs


HEAVY = ["asyncio", "anyio", "httpx", "ssl", "requests", "cryptography", "rich", "trio", "http.client", "email"]


def modules_after(program: str, *arguments: str, environ: Mapping[str, str] | None = None) -> list[str]:
    argv = [sys.executable, "-c", f"import sys\n{program}\nprint(*sys.modules, sep='\\n', file=sys.stderr)", *arguments]
    done = subprocess.run(
        argv, env={**os.environ, **(environ or {})}, capture_output=True, text=True, timeout=30, check=True
    )
    return done.stderr.split()


def test_importing_rawdock_imports_nothing_heavy() -> None:
    loaded = modules_after("import rawdock")
    assert not {*HEAVY, "argparse", "json", "rawdock.client"} & set(loaded)


def test_a_client_does_without_the_registry_until_it_pulls_or_builds() -> None:
    loaded = modules_after("from rawdock import Client, SyncClient")
    assert "rawdock.client.images" in loaded
    assert not {*HEAVY, "rawdock.registry", "subprocess", "shutil", "dataclasses", "inspect"} & set(loaded)


def test_get_over_a_unix_socket_imports_nothing_heavy(tmp_path: Path) -> None:
    program = "from rawdock.cli import main; assert main(sys.argv[1:]) == 0"
    with WireDaemon(tmp_path, "unix", DAEMON) as daemon:
        loaded = modules_after(program, "get", "/version", "-H", daemon.url)
    assert "rawdock.client" in loaded
    unneeded = {
        "argparse",
        "dataclasses",
        "inspect",
        "socket",
        "threading",
        "json",
        "urllib.parse",
        "shutil",
        "datetime",
    }
    unneeded |= {"rawdock.registry", "rawdock.client.clients", "rawdock.client.hijack", "rawdock.cli.items"}
    assert not {*HEAVY, *unneeded, "tempfile", "rawdock.net.ssh"} & set(loaded)


@pytest.mark.parametrize("words", [["--help"], ["get", "--help"]])
def test_help_imports_no_client(words: list[str]) -> None:
    loaded = modules_after("from rawdock.cli import main; assert main(sys.argv[1:]) == 0", *words)
    assert not {*HEAVY, "shutil", "rawdock.client", "rawdock.net", "rawdock.endpoint"} & set(loaded)


@pytest.mark.parametrize("command", sorted(set(COMMANDS)))
def test_no_commands_help_imports_anything_heavy(command: str) -> None:
    """Their modules are imported by then, so whatever is heavy waits for what needs it."""
    loaded = modules_after("from rawdock.cli import main; assert main(sys.argv[1:]) == 0", command, "--help")
    assert not {*HEAVY, "rawdock.net.anyio"} & set(loaded)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["ps"], b"[]"),
        (["images"], b"[]"),
        (["volume", "ls"], b"{}"),
        (["network", "ls"], b"[]"),
        (["version"], b"{}"),
        (["inspect", "x"], b"{}"),
        (["top", "x"], b'{"Titles": [], "Processes": []}'),
        (["stop", "x"], b""),
        (["tag", "a", "b"], b""),
        (["logs", "x"], b'{"Config": {"Tty": true}}'),
        (["run", "-d", "x"], b'{"Id": "abc"}'),
        (["exec", "-d", "x", "true"], b'{"Id": "abc"}'),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_no_stand_in_over_a_unix_socket_imports_anything_heavy(tmp_path: Path, words: list[str], answer: bytes) -> None:
    again = [step for _ in range(3) for step in (REQUEST, reply(answer))]
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), *again, HOLD], [*again, HOLD]) as daemon:
        loaded = modules_after("from rawdock.cli import main; main(sys.argv[1:])", "-H", daemon.url, *words)
    assert "rawdock.client" in loaded and not {*HEAVY, "rawdock.net.anyio"} & set(loaded)
    if words[0] not in ("logs", "run", "exec", "tag"):
        unneeded = {"urllib.parse", "threading", "socket", "shutil", "rawdock.text.template"}
        if sys.version_info < (3, 14):  # argparse's colours are of dataclasses from then on
            unneeded.add("dataclasses")
        assert not {*unneeded, "rawdock.client.clients", "rawdock.registry"} & set(loaded)


def test_a_reader_of_the_help_that_goes_away_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([*RAWDOCK, "--help"], stdout=write, stderr=subprocess.PIPE, timeout=30, check=False)
    os.close(write)
    assert done.stderr == b""


def test_get_by_the_current_context_imports_nothing_heavy(tmp_path: Path) -> None:
    program = "from rawdock.cli import main; assert main(sys.argv[1:]) == 0"
    with WireDaemon(tmp_path, "unix", DAEMON) as daemon:
        write_context(tmp_path, "lab", {"Host": daemon.url})
        make_current(tmp_path, "lab")
        loaded = modules_after(program, "get", "/version", environ={"DOCKER_CONFIG": str(tmp_path), "DOCKER_HOST": ""})
    assert not {*HEAVY, "glob", "rawdock.discovery.candidates", "rawdock.discovery.sockets"} & set(loaded)


def test_get_over_tls_imports_ssl_alone_of_the_heavy_ones(tmp_path: Path) -> None:
    program = "from rawdock.cli import main; assert main(sys.argv[1:]) == 0"
    folder = authority().folder(tmp_path / "client")
    with WireDaemon(tmp_path, "tls1.3", DAEMON) as daemon:
        environ = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(folder)}
        loaded = modules_after(program, "get", "/version", "-H", daemon.url, environ=environ)
    assert set(HEAVY) & set(loaded) == {"ssl"}


def test_a_pasted_url_is_told_apart_from_a_path() -> None:
    code, out, err = run("get", "http://localhost/version")
    assert (code, out) == (2, b"")
    assert err == "rawdock: 'http://localhost/version' is a URL, expected a path; write /version; -H names the daemon\n"


def test_a_redirect_is_said_and_is_no_success(tmp_path: Path) -> None:
    moved = b"HTTP/1.1 301 Moved Permanently\r\nLocation: /v1.41/version\r\nContent-Length: 0\r\n\r\n"
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, moved, HOLD]) as daemon:
        code, out, err = run("get", "-H", daemon.url, "//version")
    assert (code, out) == (4, b"")
    assert "points to /v1.41/version, which is not followed; is //version the path?" in err
