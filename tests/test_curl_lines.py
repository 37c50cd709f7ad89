"""`rawdock curl` sends what curl sends: each line of the data file is run by both against a daemon that records it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from curl_lines import (
    CASES,
    FILES,
    INPUT,
    Case,
    Done,
    answer_once,
    curl_version,
    ours,
    same,
    shown,
    theirs,
    with_curl,
    words_of,
)
from wire_daemon import WireDaemon


def sent(tmp_path: Path, case: Case, run: Callable[..., Done], agents: str) -> list[str]:
    for name, content in FILES.items():
        tmp_path.joinpath(name).write_bytes(content)
    with WireDaemon(tmp_path, "tcp" if "PORT" in case.curl else "unix", [answer_once]) as daemon:
        words = [
            word.replace("context.tar", f"{tmp_path}/context.tar") if word == "context.tar" else
            word.replace("@", f"@{tmp_path}/", 1) if word[1:] in FILES else
            word.replace("n@", f"n@{tmp_path}/", 1) if word[2:] in FILES else
            f"{tmp_path}/{word}" if word in FILES else word
            for word in words_of(case.curl, daemon)
        ]  # fmt: skip
        done = run(words, stdin=INPUT)
    assert done.code == 0, done.err
    assert done.out.replace(b"OK", b"") == b"" or b"HTTP/1.1 200" in done.out
    return [same(shown(bytes(connection.received), daemon, agents)) for connection in daemon.connections]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.curl)
def test_a_line_becomes_the_request_that_curl_makes_of_it(tmp_path: Path, case: Case) -> None:
    assert sent(tmp_path, case, ours, "rawdock/") == [same(request) for request in case.sends]


@with_curl
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.curl)
def test_curl_on_this_machine_sends_the_same(tmp_path: Path, case: Case) -> None:
    if curl_version() < tuple(int(part) for part in case.since.split(".")):
        pytest.skip(f"came with curl {case.since}")
    assert sent(tmp_path, case, theirs, "curl/") == [same(request) for request in case.sends]


def test_the_file_holds_enough_lines() -> None:
    assert len(CASES) >= 60 and len({case.curl for case in CASES}) == len(CASES)
