"""The quick reading of plain words gives what argparse gives, or leaves it to argparse."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rawdock.cli import VERBS, endpoint_options, verbs
from rawdock.cli.parser import parser_of
from rawdock.cli.plain_words import plain_options
from rawdock.errors import UsageError

WORDS = [
    "get",
    "post",
    "/x",
    "a==b",
    "-",
    "-i",
    "-v",
    "--raw",
    "-o",
    "file",
    "--filter",
    "a=b",
    "--timeout",
    "5",
    "-H",
    "u",
]
ODD = ["--help", "-iv", "--output=x", "--outp", "--", "-1", "-o-", "nan", "doctor", "--machine", "", "-x y"]


def plain(words: list[str]) -> dict[str, object] | None:
    found = plain_options(words, VERBS, verbs.OPTIONS, endpoint_options.OPTIONS)
    return None if found is None else vars(found)


def parsed(words: list[str]) -> dict[str, object]:
    found = vars(parser_of(80).parse_args(words))
    del found["run"]
    return {**found, "items": list(found["items"])}


@settings(deadline=None)  # building argparse takes its time
@given(st.lists(st.sampled_from([*WORDS, *ODD]), max_size=8))
def test_both_read_the_same(words: list[str]) -> None:
    found = plain(words)
    if found is not None:
        assert found == parsed(words)


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=8))
def test_words_behind_the_command_that_are_right_are_plain(words: list[str]) -> None:
    words = ["get", "/y", *words]
    try:
        expected = parsed(words)
    except UsageError:
        return
    assert plain(words) == expected


@pytest.mark.parametrize(
    "words", [[], ["get"], ["doctor"], ["get", "--help"], ["-i", "get", "/x"], ["get", "/x", "-o"]]
)
def test_the_rest_is_left_to_argparse(words: list[str]) -> None:
    assert plain(words) is None
