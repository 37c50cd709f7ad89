"""`rawdock curl --to …`: what each language's program reads, and that it makes the request that curl makes."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from certificates import authority
from curl_lines import ours, theirs, with_curl
from wire_daemon import HOLD, REQUEST, Script, WireDaemon, reply

from rawdock.cli.curl import LANGUAGES
from rawdock.curl import code

PROGRAMS = ["python", "python-async", "httpx", "requests"]
LINES = [
    "-s http://localhost/v1.41/version",
    "-s http://localhost/v1.41/containers/json?all=1&filters=%7B%22label%22%3A%5B%22a%3Db%20c%22%5D%7D",
    "-X POST http://localhost/v1.41/containers/web/stop?t=5",
    "-XDELETE http://localhost/v1.41/containers/web?force=1&v=",
    '-d {"Image":"alpine","Tty":false,"Env":["A=é"],"Labels":{},"N":null} -H Content-Type:application/json http://d/v1.41/x?name=hi',
    "-H Content-Type:application/json -d {} http://d/v1.41/x",
    "-H Content-Type:application/json -d no-json http://d/v1.41/x",
    "-d form=1 http://d/v1.41/x",
    "-X PUT --data-binary @DIR/context.tar -H Content-Type:application/x-tar http://d/v1.41/containers/web/archive?path=/",
    "-T DIR/context.tar http://d/v1.41/containers/web/archive?path=/",
    "-N http://d/v1.41/events?until=0",
    "http://d/v1.41/images/get?names=a&names=b -o DIR/out.tar",
    "-u me:secret -A me/1 -H X-Registry-Auth:e30= -X POST http://d/v1.41/images/x/push?tag=1",
    "-X GET -H Content-Type:application/json -d [1] http://d/v1.41/x",
]


def heard(request: bytes) -> tuple[str, str, list[tuple[str, str]], dict[str, str], bytes]:
    """What counts of a request: method, path, query, the headers that say something, body."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    pairs = [(line.partition(":")[0].lower(), line.partition(":")[2].strip()) for line in lines]
    headers = {name: value for name, value in pairs if name in ("content-type", "authorization", "x-registry-auth")}
    if headers.get("content-type") == "application/json" and body[:1] in (b"{", b"["):
        body = json.dumps(json.loads(body)).encode()
    path, _, query = target.partition("?")
    return method, path, parse_qsl(query, keep_blank_values=True), headers, body


ANSWER: Script = [REQUEST, reply(b"\x00the answer\xff", headers=["Connection: close"])]


@with_curl
@pytest.mark.parametrize("language", [*PROGRAMS, "curl"])
def test_the_program_makes_the_request_that_curl_makes(tmp_path: Path, language: str) -> None:
    """One process runs the programs of all lines, one after the other: each begins with its own imports."""
    tmp_path.joinpath("context.tar").write_bytes(b"a tar\0")
    with WireDaemon(tmp_path, "unix", ANSWER) as daemon:
        shown, programs = [], []
        for line in LINES:
            words = ["-sS", "--unix-socket", daemon.path, *line.replace("DIR", str(tmp_path)).split(" ")]
            shown.append(theirs(words).out)
            told = ours(["--to", language, *words])
            assert (told.code, told.err) == (0, "")
            programs.append(told.out.decode())
        tmp_path.joinpath("out.tar").unlink()
        argv = ["sh", "-ec"] if language == "curl" else [sys.executable, "-W", "error", "-c"]
        done = subprocess.run([*argv, "".join(programs)], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout == b"".join(shown)
    assert tmp_path.joinpath("out.tar").read_bytes() == b"\x00the answer\xff"
    sent = [heard(requests[0]) for requests in daemon.requests]
    for line, theirs_sent, program_sent, program in zip(
        LINES, sent[: len(LINES)], sent[len(LINES) :], programs, strict=True
    ):
        assert program_sent == theirs_sent, f"{line}\n{program}"


@pytest.mark.parametrize("language", PROGRAMS)
def test_over_tls_the_files_are_named(tmp_path: Path, language: str) -> None:
    folder = authority().folder(tmp_path / "certs")
    with WireDaemon(tmp_path, "tls1.3", [*ANSWER, HOLD]) as daemon:
        words = f"--cacert {folder}/ca.pem --cert {folder}/cert.pem --key {folder}/key.pem".split()
        told = ours(["--to", language, *words, f"https://127.0.0.1:{daemon.port}/v1.41/version"])
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", told.out.decode()], capture_output=True, timeout=60, check=False
        )
    assert (done.returncode, done.stdout) == (0, b"\x00the answer\xff"), done.stderr.decode()


@pytest.mark.parametrize("language", PROGRAMS)
def test_with_f_a_status_from_400_is_an_error(tmp_path: Path, language: str) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(b"{}", "404 Not Found", ["Connection: close"])]) as daemon:
        told = ours(["--to", language, "-f", "--unix-socket", daemon.path, "http://d/v1.41/x"])
        done = subprocess.run([sys.executable, "-c", told.out.decode()], capture_output=True, timeout=60, check=False)
    assert done.returncode == 1 and b"404" in done.stderr.splitlines()[-1] + done.stderr.splitlines()[-2]


@pytest.mark.parametrize("language", PROGRAMS)
def test_with_i_the_head_is_shown(tmp_path: Path, language: str) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(b"", headers=["X-Here: yes", "Connection: close"])]) as daemon:
        told = ours(["--to", language, "-i", "--unix-socket", daemon.path, "http://d/_ping"])
        done = subprocess.run([sys.executable, "-c", told.out.decode()], capture_output=True, timeout=60, check=False)
    assert done.stdout.startswith(b"200 ") and b"'yes'" in done.stdout


JSON = "-H Content-Type:application/json"
ROOT = "rawdock -H unix:///s"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("http://d/version", f"{ROOT} get /version"),
        ("-i http://d/v1.41/version", f"{ROOT} get -i /v1.41/version"),
        ("-I http://d/_ping", f"{ROOT} head /_ping"),
        ("http://d/containers/json?all=1&filters=%7B%7D", f"{ROOT} get /containers/json all==1 'filters=={{}}'"),
        ("http://d/images/get?names=a&names=b -o x", f"{ROOT} get /images/get names==a names==b > x"),
        ("http://d/x?a=@b", f"{ROOT} get /x 'a==\\@b'"),
        ("http://d/x?a=%5C%3Ab", f"{ROOT} get '/x?a=%5C%3Ab'"),
        ("-H X-A:@v -H X-E; http://d/x", f"{ROOT} get /x 'X-A:\\@v' 'X-E;'"),
        (
            JSON + r' -d {"A":"\\:"} http://d/x',
            rf"""printf '{{"A":"\134\134:"}}' | {ROOT} post /x {JSON[3:]} --input -""",
        ),
        ("-XPOST http://d/containers/web/stop?t=5", f"{ROOT} post /containers/web/stop t==5"),
        (
            JSON + ' -d {"Image":"a","Tty":false,"Cmd":["x"],"At":"@y"} http://d/x?name=n',
            f"""{ROOT} post /x name==n Image=a Tty:=false 'Cmd:=["x"]' 'At=\\@y'""",
        ),
        (JSON + " -d [1] http://d/x", f"printf '[1]' | {ROOT} post /x Content-Type:application/json --input -"),
        ("-d a=1 http://d/x", f"printf a=1 | {ROOT} post /x Content-Type:application/x-www-form-urlencoded --input -"),
        ("-T a.tar http://d/x?path=/", f"{ROOT} put /x path==/ --input a.tar"),
        ("-H X-A:1 -m 5 http://d/x", f"{ROOT} get --timeout 5 /x X-A:1"),
    ],
)
def test_rawdocks_own_line_has_items(line: str, told: str) -> None:
    done = ours(["--to", "rawdock", "--unix-socket", "/s", *line.split(" ")])
    assert (done.code, done.out.decode(), done.err) == (0, told + "\n", "")


def test_rawdocks_own_line_finds_certificates_in_one_folder() -> None:
    words = "--cacert /c/ca.pem --cert /c/cert.pem --key /c/key.pem https://box:2376/info"
    assert ours(["--to", "rawdock", *words.split()]).out.decode() == (
        "env DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH=/c rawdock -H tcp://box:2376 get /info\n"
    )
    done = ours(["--to", "rawdock", *words.replace("/c/ca", "/d/ca").split()])
    assert done.code == 2 and "are not ca.pem, cert.pem and key.pem of one folder; put them into one" in done.err


def test_rawdocks_own_line_runs(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", ANSWER) as daemon:
        told = ours(["--to", "rawdock", "--unix-socket", daemon.path, "http://d/v1.41/info"]).out.decode()
        words = shlex.split(told)
        done = subprocess.run([sys.executable, "-m", *words], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, b"\x00the answer\xff")


def test_the_tidied_line_is_short_and_says_what_counts() -> None:
    words = shlex.split("-k -sSLX GET --http1.1 --unix-socket /s http://localhost/containers/json?all=1 -f -m 5 -i")
    done = ours(["--to", "curl", *words[1:]])
    assert done.out.decode() == "curl -sS -f -i -L -m 5 --unix-socket /s 'http://localhost/containers/json?all=1'\n"
    refused = ours(["--to", "python", "-k", *words[1:]])
    assert refused.code == 2 and "-k turns verification off, which rawdock's clients never do" in refused.err


@pytest.mark.parametrize("language", ["httpx", "requests", "curl"])
def test_with_l_a_redirect_is_followed(tmp_path: Path, language: str) -> None:
    moved = reply(b"", "301 Moved Permanently", ["Location: /v1.41/info", "Connection: close"])
    with WireDaemon(tmp_path, "unix", [REQUEST, moved], ANSWER) as daemon:
        told = ours(["--to", language, "-L", "--unix-socket", daemon.path, "http://d/v1.41//info"])
        words = ["sh", "-c"] if language == "curl" else [sys.executable, "-c"]
        done = subprocess.run([*words, told.out.decode()], capture_output=True, timeout=60, check=True)
    assert (done.stdout, told.err) == (b"\x00the answer\xff", "")


@pytest.mark.parametrize("language", ["rawdock", "python", "python-async"])
def test_with_l_rawdock_says_that_it_follows_none(language: str) -> None:
    done = ours(["--to", language, "-L", "--unix-socket", "/s", "http://d/v1.41/info"])
    assert done.code == 0 and done.err.startswith("rawdock: note: rawdock follows no redirect, as -L asks")


def test_several_urls_are_several_programs_and_notes_go_to_stderr() -> None:
    done = ours(["--to", "python", "--unix-socket", "/s", "http:/v1.24/info", "http://d/version"])
    assert len(re.findall("^import rawdock$", done.out.decode(), re.MULTILINE)) == 2
    assert done.err.startswith("rawdock: note: http:/v1.24/info makes 'v1.24' the host")


def test_every_language_of_to_is_there() -> None:
    assert set(LANGUAGES) == set(code.LANGUAGES)
