"""Which paths .dockerignore leaves out. The real CLI reads the same files in test_build_lab.py."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rawdock.errors import RequestError
from rawdock.wire.dockerignore import Ignore

PATTERNS = [  # (file, what it ignores, what it does not)
    ("", [], ["a", "a/b"]),
    ("a", ["a", "a/b", "a/b/c"], ["b/a", "ab", "b"]),
    ("/a/", ["a", "a/b"], ["b/a"]),
    ("//a", ["a"], []),
    ("./a/../b", ["b", "b/c"], ["a"]),
    ("../a", [], ["a"]),
    (".", [], ["a"]),
    ("/", [], ["a"]),
    ("*", ["a", "a/b", ".git"], []),
    ("*/b", ["a/b", "a/b/c"], ["b", "a/c/b"]),
    ("*.py", ["a.py", "a.py/b"], ["a/b.py", "a.pyc", "axpy"]),
    ("a?", ["ab", "ab/c"], ["a", "abc", "a/"]),
    ("**", ["a", "a/b"], []),
    ("**/a", ["a", "b/a", "b/c/a/d"], ["ba", "b/ca"]),
    ("**/*.py", ["a.py", "b/c/a.py"], ["a.pyc"]),
    ("**.py", ["a.py", "b/a.py", "b.py/c"], ["a.pyc", "py"]),
    ("a/**", ["a/b", "a/b/c"], ["a", "ab"]),
    ("a**", ["a", "ab", "a/b", "ab/c"], ["ba"]),
    ("a/**/b", ["a/b", "a/x/b", "a/x/y/b/c"], ["a/xb", "b"]),
    ("[ab]", ["a", "b/c"], ["c", "[ab]"]),
    ("[^ab]", ["c", "c/a"], ["a", "b/c"]),
    ("[a-c]x", ["bx"], ["dx", "-x"]),
    (r"[\]\-^]", ["]", "-", "^"], ["\\", "a"]),
    (r"\*", ["*", "*/a"], ["a"]),
    ("a.b+(c)|$", ["a.b+(c)|$"], ["aXb+(c)|$"]),
    ("# a\n#b", [], ["# a", "#b"]),
    (" # a", ["# a"], ["a"]),
    ("\ufeffa\r\nb\r\n\r\n", ["a", "b"], ["\ufeffa"]),
    ("  a b  ", ["a b"], ["a", "b"]),
    ("*\n!a", ["b", "b/a"], ["a", "a/b"]),
    ("*\n! /a/", ["b"], ["a", "a/b"]),
    ("*.md\n!README*.md\nREADME-secret.md", ["a.md", "README-secret.md"], ["README.md", "README-a.md"]),
    ("*.md\nREADME-secret.md\n!README*.md", ["a.md"], ["README-secret.md"]),
    ("a\n!a/b\na/b/c", ["a", "a/x", "a/b/c/d"], ["a/b", "a/b/x"]),
    ("!a\na", ["a"], []),
]


@pytest.mark.parametrize(("text", "ignored", "kept"), PATTERNS)
def test_the_last_pattern_that_matches_decides(text: str, ignored: list[str], kept: list[str]) -> None:
    ignore = Ignore.parse(text.encode())
    assert [path for path in ignored + kept if ignore.ignores(path)] == ignored


@pytest.mark.parametrize("text", ["[", "[]", "[]a]", "[a", "[a-]", "[-a]", "[^]", "[z-a]", "a\\", "a\n!b["])
def test_a_pattern_that_is_none_is_named_with_its_line(text: str) -> None:
    line, pattern = (2, "b[") if "\n" in text else (1, text)
    with pytest.raises(RequestError, match=re.escape(f"line {line} of app/.dockerignore: {pattern!r} is no pattern")):
        Ignore.parse(text.encode(), "app/.dockerignore")


def test_a_bare_exclamation_mark_is_no_pattern() -> None:
    with pytest.raises(RequestError, match=r"line 2 of .dockerignore is a bare '!'"):
        Ignore.parse(b"a\n! ")


def test_a_name_that_is_no_utf_8_is_a_name() -> None:
    assert Ignore.parse(b"\xff*").ignores("\udcffa")


@pytest.mark.parametrize(
    ("text", "folder", "looked_into"),
    [
        ("*\n!a/b/c", "a", True),
        ("*\n!a/b/c", "a/b", True),
        ("*\n!a/b/c", "b", False),
        ("*\n!ab", "a", False),
        ("*\n!a/**", "a", True),
        ("*\n!**/c", "a", False),  # as for the CLI: what is in an ignored folder comes back by name only
        ("*", "a", False),
    ],
)
def test_an_ignored_folder_is_looked_into_when_something_in_it_is_taken_back(
    text: str, folder: str, looked_into: bool
) -> None:
    ignore = Ignore.parse(text.encode())
    assert ignore.ignores(folder)
    assert ignore.may_keep_below(folder) is looked_into


def test_what_is_kept_is_kept_as_it_is_called() -> None:
    ignore = Ignore.parse(b"*").keeping("docker/[a]")
    assert not ignore.ignores("docker/[a]") and ignore.ignores("docker/a")
    assert ignore.may_keep_below("docker")


SEGMENTS = st.text("ab*?.", min_size=1, max_size=3).filter(lambda text: text not in (".", ".."))
PATHS = st.lists(st.text("ab.", min_size=1, max_size=3).filter(lambda text: text not in (".", "..")), min_size=1)


@given(st.lists(SEGMENTS, min_size=1, max_size=3), PATHS, st.text("ab", min_size=1))
def test_what_is_below_an_ignored_path_is_ignored(pattern: list[str], path: list[str], below: str) -> None:
    ignore = Ignore.parse("/".join(pattern).encode())
    if ignore.ignores("/".join(path)):
        assert ignore.ignores("/".join([*path, below]))


@given(PATHS)
def test_a_path_ignores_itself_and_taking_it_back_undoes_that(path: list[str]) -> None:
    text = "/".join(path)
    assert Ignore.parse(text.encode()).ignores(text)
    assert not Ignore.parse(f"{text}\n!{text}".encode()).ignores(text)


@given(st.binary(max_size=40))
def test_any_bytes_are_patterns_or_a_request_error(text: bytes) -> None:
    try:
        ignore = Ignore.parse(text)
    except RequestError:
        return
    assert ignore.ignores("a/b") in (True, False)
