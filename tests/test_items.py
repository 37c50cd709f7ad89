"""The items of a request: HTTPie's grammar, nested bodies, and a sentence for what is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rawdock.cli.items import Item, Kind, encode_filters, parse_item, parts_of
from rawdock.errors import UsageError


def no_file(name: str, item: Item) -> str:
    return f"<{name}>"


def body(*words: str) -> Any:
    found = parts_of(words, no_file).body
    return None if found is None else json.loads(found)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("all==1", (Kind.QUERY, "all", "1", False)),
        ("Image=nginx:1.27", (Kind.FIELD, "Image", "nginx:1.27", False)),
        ("Tty:=true", (Kind.JSON, "Tty", "true", False)),
        ("X-Meta:a=b", (Kind.HEADER, "X-Meta", "a=b", False)),
        ("User-Agent:", (Kind.WITHOUT, "User-Agent", "", False)),
        ("X-Empty;", (Kind.HEADER, "X-Empty", "", False)),
        ("Data=@key.pem", (Kind.FIELD, "Data", "key.pem", True)),
        ("Spec:=@spec.json", (Kind.JSON, "Spec", "spec.json", True)),
        ("filters==@f.json", (Kind.QUERY, "filters", "f.json", True)),
        ("X-Registry-Auth:@auth", (Kind.HEADER, "X-Registry-Auth", "auth", True)),
        (r"a\:b=c", (Kind.FIELD, "a:b", "c", False)),
        (r"Env[]=\@home", (Kind.FIELD, "Env[]", "@home", False)),
        (r"Env[]=A\=b=c", (Kind.FIELD, "Env[]", "A=b=c", False)),
        (r"path=C:\dir", (Kind.FIELD, "path", r"C:\dir", False)),
        ("empty=", (Kind.FIELD, "empty", "", False)),
        ("empty==", (Kind.QUERY, "empty", "", False)),
        ("a===b", (Kind.QUERY, "a", "=b", False)),
    ],
)
def test_the_first_separator_decides(word: str, expected: tuple[Kind, str, str, bool]) -> None:
    assert parse_item(word) == Item(*expected, word)


@pytest.mark.parametrize("word", ["", "name", "/path", "name@file", ";", r"a\=b", r"x\;"])
def test_a_word_without_separator_is_no_item(word: str) -> None:
    with pytest.raises(UsageError, match=r"is no item of a request; write name==value, .*Header:value$"):
        parse_item(word)


@pytest.mark.parametrize("word", ["=x", "==x", ":=1", ":x"])
def test_an_item_needs_a_name(word: str) -> None:
    with pytest.raises(UsageError, match="has no name before"):
        parse_item(word)


@given(st.text(min_size=1))
def test_any_word_is_an_item_or_a_sentence(word: str) -> None:
    try:
        assert parse_item(word).name
    except UsageError as error:
        assert error.remedy


def test_a_body_of_fields() -> None:
    words = ["Image=nginx", "Tty:=true", 'Cmd:=["a"]', "Labels[com.example]=x", "Env[]=A=b", "Env[]=C"]
    words += ["HostConfig[PortBindings][80/tcp][][HostPort]=8080", "HostConfig[Memory]:=1024", "Spec:=@s"]
    assert body(*words[:-1]) == {
        "Image": "nginx",
        "Tty": True,
        "Cmd": ["a"],
        "Labels": {"com.example": "x"},
        "Env": ["A=b", "C"],
        "HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "8080"}]}, "Memory": 1024},
    }


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["a[0]=x", "a[1]=y", "a[0]=z"], {"a": ["z", "y"]}),
        (["a[b][0][c]=1", "a[b][0][d]=2"], {"a": {"b": [{"c": "1", "d": "2"}]}}),
        (["a=1", "a=2"], {"a": "2"}),
        ([r"a\[b\]=1"], {"a[b]": "1"}),
        ([r"a[b\]]=1"], {"a": {"b]": "1"}}),
        (["a:={}", "a[b]=1"], {"a": {"b": "1"}}),
        (["Data=@f"], {"Data": "<f>"}),
        (["all==1"], None),
    ],
)
def test_nesting(words: list[str], expected: Any) -> None:
    assert body(*words) == expected


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["a=1", "a[b]=2"], "made text where this one wants an object"),
        (["a[]=1", "a[b]=2"], "made a list where this one wants an object"),
        (["a[b]=1", "a[]=2"], "made an object where this one wants a list"),
        (["a:=1", "a[b]=2"], "made a value where this one wants an object"),
        (["a[2]=1"], "the list has 0 so far; write [0] or []"),
        (["a[b=1"], "the brackets of 'a[b' do not match"),
        (["a[b]c=1"], "the brackets of 'a[b]c' do not match"),
        (["n:=nginx"], "'nginx' is no JSON"),
        (["n:=NaN"], "NaN is no JSON"),
        (["n:="], "'' is no JSON"),
    ],
)
def test_what_does_not_fit_is_one_sentence(words: list[str], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        body(*words)
    assert sentence in str(caught.value) and words[-1] in str(caught.value)


def test_query_headers_and_defaults_left_out() -> None:
    found = parts_of(["a==1", "a==2", "X-A: b", "X-A:c", "User-Agent:", "X-E;"], no_file)
    assert found.query == (("a", "1"), ("a", "2"))
    assert found.headers == (("X-A", "b, c"), ("X-E", ""))
    assert (found.without, found.body) == (("User-Agent",), None)


def test_filters_are_json_by_name() -> None:
    assert encode_filters(["label=a=b", "label=c", "status=exited"]) == '{"label":["a=b","c"],"status":["exited"]}'


@pytest.mark.parametrize("word", ["label", "=x", ""])
def test_a_filter_needs_name_and_value(word: str) -> None:
    with pytest.raises(UsageError, match="from --filter has no value"):
        encode_filters([word])
