"""JSON set out anew: what Go's json.Indent and json.Compact make of it, and nothing of it is read into values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rawdock.text.json_layout import compact, indented

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", "[]"),
        ("[{}]", "[\n    {}\n]"),
        (
            '{"a":1.50,"b":[1e400,{}],"c":{"d":[]}}',
            '{\n    "a": 1.50,\n    "b": [\n        1e400,\n        {}\n    ],\n    "c": {\n        "d": []\n    }\n}',
        ),
        (r'["\u003ca\u003e","\"{,:","\\"]', '[\n    "\\u003ca\\u003e",\n    "\\"{,:",\n    "\\\\"\n]'),
        (' { "a" : \n [ ] } \n', '{\n    "a": []\n}'),
    ],
)
def test_numbers_and_escapes_stay_as_they_were(text: str, expected: str) -> None:
    assert indented(text) == expected


@given(VALUES, st.booleans())
def test_it_is_what_json_makes_of_the_same(value: Any, ascii_: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_)
    assert indented(text) == json.dumps(value, ensure_ascii=ascii_, indent=4)
    assert compact(indented(text)) == json.dumps(value, ensure_ascii=ascii_, separators=(",", ":"))
