"""Keys that detach, and what else of a terminal needs none."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator

import pytest

from rawdock.cli.attached import Manner, prepared
from rawdock.cli.environment import environment_lines
from rawdock.cli.terminal import Detached, key_bytes, signals, typed
from rawdock.errors import UsageError
from rawdock.net.blocking import run


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ctrl-p,ctrl-q", b"\x10\x11"),
        ("a", b"a"),
        ("CTRL-A,d", b"\x01d"),
        ("ctrl-@", b"\0"),
        ("ctrl-[", b"\x1b"),
        ("ctrl-_", b"\x1f"),
    ],
)
def test_keys_are_bytes(words: str, expected: bytes) -> None:
    assert key_bytes(words) == expected


@pytest.mark.parametrize("words", ["", "ctrl-", "ctrl-pp", "ctrl-1", "ab", "a,,b", "shift-a", "é"])
def test_what_is_no_key_is_refused(words: str) -> None:
    with pytest.raises(UsageError, match="is no key; write letters and ctrl-a to ctrl-z"):
        key_bytes(words)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            pass


def read(pipe: tuple[int, int], keys: bytes, detach: bytes = b"") -> tuple[bytes, bool]:
    """What passes of keys, each pressed on its own, and whether they detached."""
    reading, writing = pipe
    passed = b""
    for key in keys:
        os.write(writing, bytes([key]))
    os.close(writing)

    async def body() -> bool:
        nonlocal passed
        try:
            async for part in typed(reading, detach):
                passed += part
        except Detached:
            return True
        return False

    gone = run(body())
    return passed, gone


@pytest.mark.parametrize(
    ("keys", "passed", "detached"),
    [
        (b"hello", b"hello", False),
        (b"a\x10\x11b", b"a", True),
        (b"\x10\x10\x11", b"\x10", True),
        (b"a\x10b", b"a\x10b", False),
        (b"\x11\x10", b"\x11\x10", False),
        (b"a\x10", b"a\x10", False),
    ],
)
def test_keys_pass_until_those_that_detach_have_come(
    pipe: tuple[int, int], keys: bytes, passed: bytes, detached: bool
) -> None:
    assert read(pipe, keys, detach=b"\x10\x11") == (passed, detached)


def test_without_detach_keys_everything_passes(pipe: tuple[int, int]) -> None:
    assert read(pipe, b"\x10\x11\0\xff") == (b"\x10\x11\0\xff", False)


@pytest.mark.parametrize("detach", [b"", b"\x10\x11"])
def test_a_file_passes_a_part_at_a_time_and_not_byte_by_byte(pipe: tuple[int, int], detach: bytes) -> None:
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    reading, writing = pipe
    os.write(writing, b"a" * 32768)
    os.close(writing)

    async def body() -> list[bytes]:
        return [part async for part in typed(reading, detach)]

    sys.setprofile(count)
    try:
        parts = run(body())
    finally:
        sys.setprofile(None)
    assert (b"".join(parts), calls < 1000) == (b"a" * 32768, True)


def test_signals_come_as_bytes_and_what_they_did_is_set_again() -> None:
    before = signal.getsignal(signal.SIGUSR1)
    with signals([signal.SIGUSR1]) as bell:
        os.kill(os.getpid(), signal.SIGUSR1)
        assert bell.recv(10) == bytes([signal.SIGUSR1])
    assert signal.getsignal(signal.SIGUSR1) is before


def test_what_is_no_terminal_is_left_as_it_is(pipe: tuple[int, int]) -> None:
    with prepared(Manner(tty=True, feed=True, resize_path="/x"), pipe[0]):
        pass


def test_environment_lines_come_from_files_words_and_our_own_environment(tmp_path: object) -> None:
    path = os.path.join(str(tmp_path), "env")
    with open(path, "w", encoding="utf-8") as file:
        file.write("# a comment\n\nA=1\n  B=two words\nOURS\nMISSING\nE=a\u2028b\x0cc\n")
    expected = ["A=1", "B=two words", "OURS=o", "E=a\u2028b\x0cc", "C=x=y", "D="]
    assert environment_lines([path], ["C=x=y", "D="], {"OURS": "o"}) == expected


@pytest.mark.parametrize("word", ["=x", "a b=c", ""])
def test_an_environment_word_without_a_name_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match="is no name"):
        environment_lines([], [word], {})


def test_an_environment_file_that_is_not_there_is_said() -> None:
    with pytest.raises(UsageError, match="--env-file '/nothing/here' cannot be read: No such file"):
        environment_lines(["/nothing/here"], [], {})
