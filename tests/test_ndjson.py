"""The decoder of JSON streams: any cut of the bytes gives the same documents."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rawdock.errors import ProtocolError, TruncatedError
from rawdock.wire.ndjson import NDJSONDecoder

DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def decode(*parts: bytes) -> list[Any]:
    decoder = NDJSONDecoder()
    found = [document for part in parts for document in decoder.feed(part)]
    return found + decoder.close()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b'{"a":1}\n', [{"a": 1}]),
        (b'{"a":1}\r\n{"b":2}\r\n', [{"a": 1}, {"b": 2}]),
        (b'\x1e{"a":1}\n\x1e{"b":2}\n', [{"a": 1}, {"b": 2}]),
        (b'{"a":1}', [{"a": 1}]),
        (b"\n\r\n  \n", []),
    ],
)
def test_documents_are_found_whole_and_byte_by_byte(data: bytes, expected: list[Any]) -> None:
    assert decode(data) == expected
    assert decode(*(data[i : i + 1] for i in range(len(data)))) == expected


@given(st.lists(DOCUMENTS), st.data())
def test_any_cut_gives_the_same_documents(documents: list[Any], data: st.DataObject) -> None:
    stream = b"".join(json.dumps(document).encode() + b"\r\n" for document in documents)
    cut = data.draw(st.integers(0, len(stream)))
    assert decode(stream[:cut], stream[cut:]) == documents


def test_a_document_comes_as_soon_as_its_line_ends() -> None:
    decoder = NDJSONDecoder()
    assert decoder.feed(b'{"a":1}\n{"b"') == [{"a": 1}]
    assert decoder.feed(b":2}\n") == [{"b": 2}]


def test_an_end_inside_a_document_is_an_error() -> None:
    with pytest.raises(TruncatedError, match="middle of a document"):
        decode(b'{"a":1}\n{"b":')


def test_a_line_that_is_no_json_is_an_error() -> None:
    with pytest.raises(ProtocolError, match="no JSON: b'<html>'"):
        decode(b"<html>\n")
