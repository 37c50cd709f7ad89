"""The query of a request: what Python has, as Docker takes it."""

from __future__ import annotations

import datetime
from pathlib import PurePosixPath
from typing import Any

import pytest

from rawdock.client.params import encode_filters, query_of
from rawdock.errors import RequestError


@pytest.mark.parametrize(
    ("params", "query"),
    [
        ({}, ""),
        ({"all": None}, ""),
        ({"all": True, "size": False}, "?all=true&size=false"),
        ({"limit": 3, "since": 1.5, "path": PurePosixPath("/etc")}, "?limit=3&since=1.5&path=%2Fetc"),
        ({"names": ["a:1", "b", None]}, "?names=a%3A1&names=b"),
        ({"t": ("a", "b")}, "?t=a&t=b"),
        ({"names": []}, ""),
        ([("t", "a"), ("t", "b")], "?t=a&t=b"),
        ({"buildargs": {"A": "1", "B": None}}, "?buildargs=%7B%22A%22%3A+%221%22%2C+%22B%22%3A+null%7D"),
        (
            {"filters": {"label": "a", "exited": 0}},
            "?filters=%7B%22label%22%3A+%5B%22a%22%5D%2C+%22exited%22%3A+%5B%220%22%5D%7D",
        ),
        ({"filters": {}}, ""),
        ({"filters": '{"label":["a"]}'}, "?filters=%7B%22label%22%3A%5B%22a%22%5D%7D"),
    ],
)
def test_params_go_as_docker_takes_them(params: Any, query: str) -> None:
    assert query_of("/x", params) == query
    assert query_of("/x?a=1", params) == query.replace("?", "&", 1)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ("all=1", "params are of type str; give a dict"),
        (5, "params are of type int; give a dict"),
        (["all=1"], "params hold 'all=1'"),
        ([("a", "b", "c")], r"params hold \('a', 'b', 'c'\)"),
        ({1: "a"}, r"params hold \(1, 'a'\)"),
        ({"limit": b"1"}, "parameter limit is of type bytes; give text or a number"),
        ({"until": datetime.datetime(2026, 1, 1)}, "parameter until is a datetime; give the text or number"),
        ({"until": datetime.timedelta(1)}, "parameter until is a timedelta"),
        ({"x": [{"a": 1}]}, "parameter x is of type dict"),
        ({"x": {"a", "b"}}, "parameter x is of type set"),
        ({"filters": ["label=a"]}, r"parameter filters is of type list; give a dict such as \{\"label\""),
    ],
)
def test_what_docker_would_take_for_something_else_is_refused(params: Any, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        query_of("/x", params)


@pytest.mark.parametrize(
    ("filters", "encoded"),
    [
        (None, ""),
        ({}, ""),
        ({"label": None, "name": [], "id": ""}, '{"id": [""]}'),
        ({"label": "a=b"}, '{"label": ["a=b"]}'),
        ({"label": ("a", "b"), "all": False}, '{"label": ["a", "b"], "all": ["false"]}'),
        ({"exited": 0, "dangling": [True]}, '{"exited": ["0"], "dangling": ["true"]}'),
        ({"exited": [0, 1]}, '{"exited": ["0", "1"]}'),
    ],
)
def test_filters_are_lists_and_those_without_a_value_are_left_out(filters: Any, encoded: str) -> None:
    assert encode_filters(filters) == encoded


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        (["type=container"], r"filters are of type list; give a dict such as \{\"label\": \[\"a=b\"\]\}"),
        ("type=container", "filters are of type str"),
        ({"label": {"a": "b"}}, "filter label is of type dict; give text or a list"),
        ({"label": b"a"}, "filter label is of type bytes"),
    ],
)
def test_filters_of_another_form_are_refused(filters: Any, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        encode_filters(filters)
