"""`rawdock curl` beside curl: what it prints, its exit codes, and what it says on standard error."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest
from certificates import authority
from curl_lines import Done, answer_once, before_8, ours, theirs, with_curl
from wire_daemon import HOLD, REQUEST, RESET, Script, WireDaemon, reply

CLOSE = ["Connection: close"]
OK = reply(b"OK", headers=["Api-Version: 1.43", "Content-Type: text/plain", "X-Two: 1", "X-Two: 2"])
MISSING = reply(b'{"message":"page not found"}\n', "404 Not Found", ["Content-Type: application/json"])
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GZIPPED = reply(gzip.compress(b"a tar" * 1000), headers=["Content-Encoding: gzip"])


def both(
    tmp_path: Path, script: Script, words: Sequence[str], flavour: str = "unix", **options: bool
) -> tuple[Done, Done]:
    """What rawdock and curl do with the same words; SOCK, PORT and DIR stand for what they say."""
    done = []
    for number, run in enumerate((ours, theirs)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with WireDaemon(folder, flavour, script, **options) as daemon:  # type: ignore[arg-type]
            place = {"SOCK": getattr(daemon, "path", ""), "PORT": str(getattr(daemon, "port", "")), "DIR": str(folder)}
            placed = list(words)
            for name, value in place.items():
                placed = [word.replace(name, value) for word in placed]
            done.append(run(placed))
    return done[0], done[1]


@with_curl
@pytest.mark.parametrize(
    ("script", "words", "code"),
    [
        ([REQUEST, OK, HOLD], "http://d/_ping", 0),
        ([REQUEST, OK, HOLD], "-i http://d/_ping", 0),
        ([REQUEST, OK, HOLD], "-o /dev/null -D - http://d/_ping", 0),
        ([REQUEST, OK, HOLD], "-IX GET http://d/_ping", 0),
        ([REQUEST, OK.replace(b"\r\n\r\nOK", b"\r\n\r\n"), HOLD], "-I http://d/_ping", 0),
        ([REQUEST, MISSING, HOLD], "http://d/x", 0),
        ([REQUEST, MISSING, HOLD], "-f http://d/x", 22),
        ([REQUEST, MISSING, HOLD], "-fi http://d/x", 22),
        ([REQUEST, MISSING, HOLD], "--fail-with-body http://d/x", 22),
        ([REQUEST, MISSING, HOLD], "-o DIR/out -f http://d/x", 22),
        ([REQUEST, CHUNKED + b"3\r\nabc\r\n0\r\n\r\n", HOLD], "-N http://d/x", 0),
        ([REQUEST, CHUNKED + b"3\r\nabc\r\n"], "http://d/x", 18),
        ([REQUEST, CHUNKED + b"3\r\nabc\r\n", RESET], "-o /dev/null http://d/x", None),
        ([REQUEST, CHUNKED + b"zz\r\n", HOLD], "http://d/x", 56),
        ([REQUEST, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"], "http://d/x", 18),
        ([REQUEST, b"HTTP/1.1 200 OK\r\n\r\nuntil the end"], "http://d/x", 0),
        ([REQUEST, b"HTTP/1.0 200 OK\r\n\r\nold"], "-i http://d/x", 0),
        ([REQUEST, b"HTTP/1.1 204 No Content\r\n\r\n", HOLD], "-i http://d/x", 0),
        ([REQUEST, b"HTTP/1.1 304 Not Modified\r\n\r\n", HOLD], "-f http://d/x", 0),
        ([REQUEST], "http://d/x", 52),
        ([REQUEST, RESET], "http://d/x", None),
        ([REQUEST, b"SSH-2.0-OpenSSH_9.2\r\n"], "http://d/x", 1),
        ([REQUEST, HOLD], "-m 0.2 http://d/x", 28),
        ([REQUEST, CHUNKED + b"3\r\nabc\r\n", HOLD], "-m 0.3 http://d/x", 28),
        ([REQUEST, GZIPPED, HOLD], "--compressed http://d/x", 0),
        ([REQUEST, GZIPPED, HOLD], "http://d/x", 0),
        ([REQUEST, OK, HOLD], "http://d/x -o /nosuch/folder/x", 23),
        pytest.param([REQUEST, OK, HOLD], "-O http://d/", 23, marks=before_8),
        ([REQUEST, OK, HOLD], "-w %{http_code}|%{size_download}|%{content_type}|%{method}\\n http://d/x", 0),
        ([REQUEST, OK, HOLD], "-w %{url}|%{url_effective}|%{http_version}|%{num_headers} http://d/x", 0),
        pytest.param([REQUEST, OK, HOLD], "-w %{scheme} http://d/x", 0, marks=before_8),
        ([REQUEST, OK, HOLD], "-w %{exitcode}|%{urlnum}|%%|%header{x-two}\\t http://d/x", 0),
        ([REQUEST, OK, HOLD], "-w %{time_appconnect}|%{time_redirect}|%{http_connect}|%{speed_upload} http://d/x", 0),
        ([REQUEST, MISSING, HOLD], "-f -w %{http_code}|%{exitcode}|%{errormsg}|%{size_header} http://d/x", 22),
        ([REQUEST, HOLD], "-m 0.1 -w %{http_code}|%{num_connects}|%{size_download} http://d/x", 28),
        ([REQUEST, OK, HOLD], "http://d/1 http://d/2 -o /dev/null -w [%{filename_effective}]", 0),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_output_and_exit_code_are_curls(tmp_path: Path, script: Script, words: str, code: int | None) -> None:
    mine, curl = both(tmp_path, script, ["-sS", "--unix-socket", "SOCK", *words.split(" ")])
    assert (mine.code, mine.out) == (curl.code, curl.out), mine.err
    assert code is None or mine.code == code
    assert (mine.err == "") == (curl.err == "") and mine.err.count("\n") <= 1
    assert not mine.err or mine.err.startswith((f"curl: ({mine.code}) ", "rawdock: note: "))


@with_curl
def test_a_format_from_a_file_is_one_line_but_for_its_escapes(tmp_path: Path) -> None:
    """As in the file that many keep for their times."""
    path = tmp_path / "format"
    path.write_bytes(b"  code: %{http_code}\\n\r\n  size: %{size_download}\\n\n\n")
    words = ["-sS", "--unix-socket", "SOCK", "-o", "/dev/null", "-w", f"@{path}", "http://d/x"]
    mine, curl = both(tmp_path, [REQUEST, OK, HOLD], words)
    assert mine.out == curl.out == b"  code: 200\n  size: 2\n"


@with_curl
@pytest.mark.parametrize(
    "words",
    ["", "-L", "-L -i", "-L -X POST", "-L -d x", "-L -w %{num_redirects}|%{url_effective}|%{redirect_url}",
     "-w %{num_redirects}|%{url_effective}|%{redirect_url}", "-L --max-redirs 0"],
)  # fmt: skip
@pytest.mark.parametrize("location", ["/v1.41/b?c", "b", "http://d/b", "http://other/b"])
def test_a_redirect_is_followed_only_when_asked_as_curl_does(tmp_path: Path, words: str, location: str) -> None:
    requests: list[list[str]] = []
    done: list[Done] = []
    for number, run in enumerate((ours, theirs)):
        folder = tmp_path / str(number)
        folder.mkdir()
        once: Script = [REQUEST, reply(b"moved", "301 Moved", [f"Location: {location}", *CLOSE])]
        with WireDaemon(folder, "unix", once, [answer_once]) as daemon:
            done.append(
                run([*words.split(), "-sS", "--unix-socket", daemon.path, "-u", "me:secret", "http://d/v1.41/a"])
            )
        sent = [bytes(connection.received) for connection in daemon.connections]
        requests.append([str((request.split(b"\r\n")[0], b"Authorization" in request)) for request in sent])
    assert requests[0] == requests[1]
    shown = done[1].out.replace(b"me:secret@", b"")  # curl puts the password of -u into -w's URLs
    assert (done[0].code, done[0].out) == (done[1].code, shown)


@with_curl
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("", 2), ("-X", 2), ("--nosuch http://d/", 2), ("-sSy http://d/", 2), ("-m soon http://d/", 2),
        pytest.param("--request=POST http://d/", 2, marks=before_8),
        ("-I -d x http://d/", 2), ("-T a -d x http://d/", 2), ("ftx://d/", 1),
        ("/info", 3), ("http:////x", 3), ("http://d:x/", 3), ("http://d:99999/", 3), ("http://d/[abc]", 3),
        ("http://d/{a", 3), ("http://d/a}", 3), ("-g http://", 3), ("http:d/x", 3), ("-T DIR/nosuch http://d/", 26),
        ("--unix-socket DIR/nosuch http://d/", 7), ("http://127.0.0.1:1/", 7), ("http://nosuch.invalid/", 6),
        ("http:/containers.invalid/json", 6),
        pytest.param("--cacert DIR/nosuch https://127.0.0.1:PORT/", 77, marks=before_8),
    ],
)  # fmt: skip
def test_what_cannot_be_done_ends_with_curls_code(tmp_path: Path, words: str, code: int) -> None:
    mine, curl = both(tmp_path, [answer_once], words.split(" ") if words else [], "tcp")
    assert (mine.code, curl.code, mine.out) == (code, code, b"")
    line = mine.err.splitlines()[-1]
    assert line.startswith(f"curl: ({code}) ")


def test_a_head_that_is_cut_short_is_an_error_though_curl_takes_it_for_well(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, b"HTTP/1.1 200 OK\r\nServ"]) as daemon:
        done = ours(["-sS", "--unix-socket", daemon.path, "http://d/x"])
    assert (done.code, done.out) == (56, b"") and "ended 21 bytes into the reply's head" in done.err


CERTIFICATES = "--cacert DIR/own/ca.pem --cert DIR/own/cert.pem --key DIR/own/key.pem"


@with_curl
@pytest.mark.parametrize("flavour", ["tls1.2", "tls1.3"])
@pytest.mark.parametrize(
    ("server", "client", "words", "code"),
    [
        ("server", "client", CERTIFICATES, 0),
        ("server", "client", "--capath DIR --cacert DIR/own/ca.pem -E DIR/own/both.pem", 0),
        ("server of another CA", "client", CERTIFICATES, 60),
        ("server expired", "client", CERTIFICATES, 60),
        ("server of another name", "client", CERTIFICATES, 60),
        ("server of another CA", "client", f"{CERTIFICATES} -k", 0),
        ("server", "client of another CA", CERTIFICATES, None),
        ("server", "client", "--cacert DIR/own/ca.pem", None),
        ("server", "client", "--cacert DIR/own/ca.pem --cert DIR/nosuch --key DIR/own/key.pem", 58),
        pytest.param(
            "server", "client", "--cacert DIR/own/ca.pem --cert DIR/own/cert.pem --key DIR/nosuch", 58, marks=before_8
        ),
        ("server", "client", "--cacert DIR/own/key.pem --cert DIR/own/cert.pem --key DIR/own/key.pem", 77),
    ],
)
def test_certificates_end_with_curls_codes(
    tmp_path: Path, flavour: str, server: str, client: str, words: str, code: int | None
) -> None:
    done = []
    for number, run in enumerate((ours, theirs)):
        folder = tmp_path / str(number)
        own = authority().folder(folder / "own", client)
        own.joinpath("both.pem").write_bytes(
            own.joinpath("cert.pem").read_bytes() + own.joinpath("key.pem").read_bytes()
        )
        with WireDaemon(folder, flavour, [answer_once], server=server) as daemon:
            placed = words.replace("DIR", str(folder)).split(" ")
            done.append(run(["-sS", *placed, f"https://127.0.0.1:{daemon.port}/_ping"]))
    mine, curl = done
    if curl.code == 55:  # under TLS 1.3 curl meets the refusal while it sends or when it receives, as it happens
        curl = curl._replace(code=56)
    assert (mine.code, mine.out) == (curl.code, curl.out), mine.err + curl.err
    assert code is None or mine.code == code
    assert ("rawdock: note: -k turns verification off" in mine.err) == words.endswith(" -k")


def test_plain_http_to_a_port_with_tls_and_the_other_way_round(tmp_path: Path) -> None:
    go = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
    with WireDaemon(tmp_path, "tcp", [REQUEST, go]) as daemon:
        plain = ours([f"http://127.0.0.1:{daemon.port}/info"])
    assert (plain.code, plain.out) == (0, go.partition(b"\r\n\r\n")[2])
    assert plain.err.startswith("rawdock: note: an answer like this comes from a port with TLS: write https://")
    with WireDaemon(tmp_path, "tcp", [answer_once]) as daemon:
        script: Script = [b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"]
        daemon._scripts = [script]
        assert ours([f"https://127.0.0.1:{daemon.port}/info"]).code == 35
