"""--select: a part of a JSON document."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rawdock.cli.select import as_text, parse_path, select
from rawdock.errors import UsageError

DOCUMENT = [
    {"Names": ["/web", "/alias"], "State": "running", "Labels": {"com.example": "x"}, "Ports": {"80/tcp": None}},
    {"Names": ["/db"], "State": "exited", "Labels": {}, "Ports": {}},
]


def texts(path: str, document: Any = DOCUMENT) -> list[str]:
    return [as_text(value) for value in select(document, parse_path(path))]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("[].Names[0]", ["/web", "/db"]),
        (".[].Names[0]", ["/web", "/db"]),
        ("[].Names[]", ["/web", "/alias", "/db"]),
        ("[0].State", ["running"]),
        ("[-1].State", ["exited"]),
        ("[7].State", ["null"]),
        ("[0].Nosuch.Deeper", ["null"]),
        ("[0].Nosuch[]", []),
        ('[0].Labels["com.example"]', ["x"]),
        ("[0].Labels['com.example']", ["x"]),
        ("[0].Ports.80/tcp", ["null"]),
        ("[1].Labels", ["{}"]),
        ("[0].Labels[]", ["x"]),
        ("[0].Names", ['["/web","/alias"]']),
    ],
)
def test_paths(path: str, expected: list[str]) -> None:
    assert texts(path) == expected


def test_an_empty_path_is_the_document() -> None:
    assert texts("", {"a": 1}) == texts(".", {"a": 1}) == ['{"a":1}']


@pytest.mark.parametrize("path", ["a..b", "a.", "[", "[x]", '["a]', "a[0]b", "..", "[0"])
def test_what_is_no_path_is_one_sentence(path: str) -> None:
    with pytest.raises(UsageError, match="from --select"):
        parse_path(path)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("Names", "'Names' of a list; put [] before it to take it of each"),
        ("[0].State.Deeper", "'Deeper' of text"),
        ("[0].State[]", "[] of text"),
        ("[0][0]", "[0] of an object"),
    ],
)
def test_a_step_into_what_has_no_parts_is_one_sentence(path: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        texts(path)
    assert sentence in str(caught.value)


@given(st.text(alphabet="ab.[]0-\"'"))
def test_any_text_is_a_path_or_a_sentence(text: str) -> None:
    try:
        parse_path(text)
    except UsageError as error:
        assert error.remedy
