"""`rawdock curl`: what it says of a sloppy line, what it refuses, and where it puts and finds what a line names."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from curl_lines import Done, answer_once, ours
from wire_daemon import HOLD, REQUEST, Connection, Script, WireDaemon, reply

from rawdock.cli.console import Console
from rawdock.cli.curl import Run
from rawdock.curl.parse import parse

OK = reply(b"OK")
MISSING = reply(b'{"message":"page not found"}\n', "404 Not Found", ["Content-Type: application/json"])


# Notes


def said(tmp_path: Path, words: Sequence[str], answer: bytes = OK) -> str:
    with WireDaemon(tmp_path, "unix", [REQUEST, answer, HOLD]) as daemon:
        done = ours(["-s", "--unix-socket", daemon.path, *words])
    assert done.code == 0
    return done.err


@pytest.mark.parametrize(
    ("words", "answer", "note"),
    [
        (["http:/containers/json"], MISSING, "makes 'containers' the host and asks for /json; for /containers write http://localhost/"),
        (["http://images/json"], MISSING, "makes 'images' the host"),
        (["http://me:geheim@v1.24/info"], OK, "http://v1.24/info makes 'v1.24' the host"),
        (["http:/v1.24/info"], OK, "makes 'v1.24' the host and asks for /info without a version"),
        (["http://v1.41/info?x"], OK, "with the version it is http://localhost/v1.41/info?x"),
        (['http://d/json?filters={"a":true}'], OK, 'what is asked for is http://d/json?filters="a":true; -g keeps them'),
        (["-d", "{}", "http://d/x"], reply(b"{}", "400 Bad Request"), "add -H 'Content-Type: application/json'"),
        (["-w", "%{remote_ip}", "http://d/x"], OK, "-w tells no %{remote_ip} here"),
        (["-I", "http://d/info"], MISSING.partition(b"{")[0], "-I asks by HEAD"),
        (["-k", "http://d/info"], OK, "-k does nothing here"),
        (["-X", "PUT", "-d", "@/dev/null", "http://d/containers/web/archive"], OK, "-d takes line ends and NULs out of a file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_what_a_sloppy_line_really_does_is_said(tmp_path: Path, words: list[str], answer: bytes, note: str) -> None:
    err = said(tmp_path, words, answer)
    assert err.startswith("rawdock: note: ") and note in err and err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ["http://localhost/containers/json"],
        ["localhost/info"],
        ["http:/localhost/info"],
        ["-g", 'http://d/x?filters={"a":["b"]}'],
        ["-d", "{}", "http://d/x"],
        ["-I", "http://d/_ping"],
        ["-H", "Content-Type: application/json", "-d", "{}", "http://d/x"],
    ],
    ids=" ".join,
)
def test_a_line_that_does_what_it_seems_to_is_not_talked_about(tmp_path: Path, words: list[str]) -> None:
    assert said(tmp_path, words, OK.removesuffix(b"OK") if "-I" in words else OK) == ""


def test_a_note_is_said_once_for_all_urls(tmp_path: Path) -> None:
    assert said(tmp_path, ["-k", "http://d/a", "http://d/b"]).count("-k does nothing") == 1


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        (
            {},
            "curl was given no --unix-socket, so it asks the host nosuch.invalid: add --unix-socket /var/run/docker.sock",
        ),
        ({"DOCKER_HOST": "unix:///run/x.sock"}, "curl does not read DOCKER_HOST: add --unix-socket /run/x.sock"),
        (
            {"DOCKER_HOST": "tcp://box:2375"},
            "curl does not read DOCKER_HOST: write its address into the URL, http://box:2375",
        ),
    ],
)
def test_without_a_socket_and_a_host_it_is_explained(environ: dict[str, str], words: str) -> None:
    done = ours(["http://nosuch.invalid/info"], environ=environ)
    assert done.code == 6 and words in done.err


def test_silent_says_no_error_and_verbose_no_secret(tmp_path: Path) -> None:
    assert ours(["-s", "--unix-socket", str(tmp_path / "no"), "http://d/"]) == Done(7, b"", "")
    with WireDaemon(tmp_path, "unix", [answer_once]) as daemon:
        words = [
            "-v",
            "--unix-socket",
            daemon.path,
            "-u",
            "me:geheim",
            "-H",
            "X-Registry-Auth: geheim",
            "-H",
            "Cookie: geheim",
            "http://d/_ping",
        ]
        done = ours(words)
    assert "> GET /_ping HTTP/1.1\n> Host: d\n" in done.err and "< HTTP/1.1 200 OK\n" in done.err
    assert "> X-Registry-Auth: (not shown)\n" in done.err and "> Authorization: (not shown)\n" in done.err
    assert "geheim" not in done.err and "bWU6Z2VoZWlt" not in done.err


# Bodies, files, repeats


def test_the_body_is_not_read_into_memory_first_and_stops_at_a_refusal(tmp_path: Path) -> None:
    big = tmp_path / "big.tar"
    with big.open("wb") as file:
        file.truncate(1 << 32)

    def refuse(connection: Connection) -> None:
        while b"\r\n\r\n" not in connection.received:
            connection.receive()
        connection.send(MISSING)
        connection.until_eof()

    with WireDaemon(tmp_path, "unix", [refuse]) as daemon:
        done = ours(["-fsS", "--unix-socket", daemon.path, "-T", str(big), "http://d/x"])
    assert (done.code, done.out) == (22, b"")
    assert b"Content-Length: 4294967296\r\n" in bytes(daemon.connections[0].received)


def test_output_goes_to_the_files_that_are_named(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [answer_once]) as daemon:
        words = [
            "--unix-socket",
            daemon.path,
            "--output-dir",
            f"{tmp_path}/a/b",
            "--create-dirs",
            "-D",
            f"{tmp_path}/heads",
        ]
        assert (
            ours([*words, "-O", "-o", "#1.txt", "http://d/one", "http://d/{two,three}", "http://d/four"]).out == b"OK"
        )
    made = {path.name: path.read_bytes() for path in (tmp_path / "a/b").iterdir()}
    assert made == {"one": b"OK", "two.txt": b"OK", "three.txt": b"OK"}
    assert tmp_path.joinpath("heads").read_bytes().count(b"HTTP/1.1 200 OK") == 4


def test_an_empty_reply_makes_an_empty_file(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(b"")]) as daemon:
        assert ours(["--unix-socket", daemon.path, "-o", f"{tmp_path}/out", "http://d/"]).code == 0
    assert tmp_path.joinpath("out").read_bytes() == b""


def repeated(daemon: WireDaemon | None, *words: str) -> tuple[int, list[float], str]:
    """(exit code, the seconds waited before each retry, standard error)"""
    waited: list[float] = []
    err = io.StringIO()
    socket = daemon.path if daemon else "/nosuch.sock"
    command = parse(["--unix-socket", socket, *words, "http://d/x"])
    return Run(command, Console(io.BytesIO(), err, io.BytesIO(), {}), waited.append).run(), waited, err.getvalue()


def test_retry_waits_twice_as_long_each_time_and_says_so(tmp_path: Path) -> None:
    later: Script = [REQUEST, reply(b"", "503 Later", ["Connection: close"])]
    with WireDaemon(tmp_path, "unix", later, later, later, [answer_once]) as daemon:
        code, waited, err = repeated(daemon, "--retry", "5", "-f")
    assert (code, waited, len(daemon.connections)) == (0, [1, 2, 4], 4)
    assert err.startswith("Warning: The requested URL returned error: 503. Will retry in 1 s. 5 retries left.\n")


@pytest.mark.parametrize(
    ("words", "waits"),
    [
        (["--retry", "2"], []),
        (["--retry", "2", "--retry-connrefused"], [1, 2]),
        (["--retry", "2", "--retry-all-errors", "--retry-delay", "3"], [3, 3]),
        (["--retry-all-errors"], []),
    ],
    ids=str,
)
def test_what_is_no_transient_error_is_retried_only_when_asked(words: list[str], waits: list[float]) -> None:
    code, waited, _ = repeated(None, *words)
    assert (code, waited) == (7, waits)


# Words that are not curl's


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--abstract-unix-socket", "x", "http://d/"], "curl: (2) --abstract-unix-socket is not taken here; no daemon"),
        (["-F", "a=b", "http://d/"], "curl: (2) -F is not taken here; a daemon takes no multipart form"),
        (["-sSx", "http://p", "http://d/"], "curl: (2) -x is not taken here; no proxy is used"),
        (["--request=POST", "http://d/"], "is no option of curl: a value is a word of its own; write --request and"),
        (["--unix", "/s", "http://d/"], "curl: (2) --unix is not written out; write --unix-socket"),
        (["--nosuch", "http://d/"], "curl: (2) --nosuch is no option of curl that is known here"),
        (["--user=me:geheim", "http://d/"], "curl: (2) --user=… is no option of curl"),
        (["http://me:geheim@d:x/"], "curl: (3) the URL 'http://d:x/' has the host and port 'd:x'"),
        (["http://me:geheim@d/[a"], "curl: (3) the URL 'http://d/[a' has a '['"),
        (["me:geheim@d/ x"], "curl: (3) the URL 'd/ x' holds ' '"),
        (["-u", "me", "http://d/"], "curl: (2) -u gives a user without a password"),
        (["--cert", "a.pem:geheim", "https://127.0.0.1:1/"], "curl: (2) --cert has a password behind a colon"),
        (["--unix-socket", "/s", "https://d/"], "asks for TLS over a Unix socket, which no daemon speaks there; write http://"),
        (["--to", "perl", "http://d/"], "rawdock: --to 'perl', expected one of rawdock, python, "),
        (["--to"], "rawdock: --to nothing, expected one of rawdock, python, "),
        (["-X", "GET /", "http://127.0.0.1:1/"], "curl: (2) 'GET /' is no HTTP method"),
        (["-d", "@/nosuch", "http://d/"], "curl: (26) '/nosuch' cannot be read: No such file or directory"),
        (["--unix-socket", "/x" * 60, "http://d/"], "is 120 bytes long, a socket path may have 107"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)  # fmt: skip
def test_what_is_not_taken_is_one_clear_sentence(words: list[str], sentence: str) -> None:
    done = ours(words)
    assert done.code != 0 and done.out == b""
    assert sentence in done.err and done.err.count("\n") == 1 and "geheim" not in done.err


def test_a_daemon_named_before_curl_is_refused() -> None:
    from rawdock.cli import main

    err = io.StringIO()
    assert main(["-H", "unix:///x", "curl", "-s", "http://d/"], Console(io.BytesIO(), err, io.BytesIO(), {})) == 2
    assert err.getvalue() == "rawdock: --host names a daemon, and curl's own words do so too; leave it out\n"


def test_a_line_pasted_whole_is_taken(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [answer_once]) as daemon:
        assert ours(["curl", "--unix-socket", daemon.path, "http://d/_ping"]) == Done(0, b"OK", "")


def test_a_line_for_a_unix_socket_imports_nothing_heavy(tmp_path: Path) -> None:
    from test_cli import HEAVY, modules_after

    program = "from rawdock.cli import main; assert main(sys.argv[1:]) == 0"
    with WireDaemon(tmp_path, "unix", [answer_once]) as daemon:
        loaded = modules_after(program, "curl", "-s", "--unix-socket", daemon.path, "http://d/_ping")
    assert "rawdock.curl.transfer" in loaded and not set(HEAVY) & set(loaded)
