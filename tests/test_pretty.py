"""JSON laid out for a terminal: the same document, and nothing that steers."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rawdock.cli.pretty import is_json, pretty

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda parts: st.lists(parts) | st.dictionaries(st.text(), parts),
    max_leaves=20,
)


@given(VALUES, st.booleans(), st.sampled_from([None, 2]))
def test_it_is_the_same_document(value: object, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    shown = pretty(text, colour=False, indent=indent)
    assert json.loads(shown) == value
    assert all(ch.isprintable() or ch == "\n" for ch in shown)
    if indent is None:
        assert "\n" not in shown


@given(VALUES)
def test_indented_as_json_dumps_does(value: object) -> None:
    text = json.dumps(value)
    assert pretty(text, colour=False) == json.dumps(value, indent=2)


def test_colours() -> None:
    shown = pretty('{"a":"b","n":null,"i":1}', colour=True, indent=None)
    assert shown == (
        '{\x1b[34;1m"a"\x1b[0m: \x1b[32m"b"\x1b[0m, \x1b[34;1m"n"\x1b[0m: \x1b[2mnull\x1b[0m, '
        '\x1b[34;1m"i"\x1b[0m: \x1b[0m1\x1b[0m}'
    )


@given(VALUES)
def test_without_its_colours_it_is_the_plain_one(value: object) -> None:
    text = json.dumps(value)
    assert re.sub(r"\x1b\[[\d;]*m", "", pretty(text, colour=True)) == pretty(text, colour=False)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('"\x7f\x9b2J\u202e\U000e0001"', '"\\u007f\\u009b2J\\u202e\\udb40\\udc01"'),
        ("1.0", "1.0"),
        ("1E400", "1E400"),
        ("12345678901234567890.10", "12345678901234567890.10"),
        ('{"a":1,"a":2}', '{\n  "a": 1,\n  "a": 2\n}'),
        ("[]", "[]"),
        ('{"a":[],"b":{}}', '{\n  "a": [],\n  "b": {}\n}'),
        ('"a\\"b\\\\"', '"a\\"b\\\\"'),
    ],
)
def test_text_stays_as_it_was_written(text: str, shown: str) -> None:
    assert pretty(text, colour=False) == shown


@pytest.mark.parametrize("text", ["OK", "", "{", '{"a":1}x', "[" * 100_000])
def test_what_is_no_json_is_told_apart(text: str) -> None:
    assert not is_json(text)
