"""Durations, sizes and columns: what Go's own code made of the same values (fixtures/go_text.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rawdock.text.image_name import familiar
from rawdock.text.table import display_width, ellipsis, short_id, table
from rawdock.text.units import binary_size, bytes_of, human_duration, human_size

CAPTURED: dict[str, Any] = json.loads((Path(__file__).parent / "fixtures" / "go_text.json").read_text())


@pytest.mark.parametrize(("seconds", "expected"), CAPTURED["durations"])
def test_durations_are_worded_as_docker_words_them(seconds: float, expected: str) -> None:
    assert human_duration(seconds) == expected


@pytest.mark.parametrize(("size", "three", "four", "binary"), CAPTURED["sizes"])
def test_sizes_are_worded_as_docker_words_them(size: float, three: str, four: str, binary: str) -> None:
    assert (human_size(size), human_size(size, 4), binary_size(size)) == (three, four, binary)


def test_columns_stand_where_tabwriter_sets_them() -> None:
    assert "\n".join([*table(CAPTURED["rows"]), ""]) == CAPTURED["table"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("512", 512),
        ("64m", 64 << 20),
        ("1.5g", 3 << 29),
        ("10kb", 10240),
        ("1KiB", 1024),
        ("7b", 7),
        ("", None),
        ("m", None),
    ],
)
def test_a_size_is_read_in_powers_of_1024(text: str, expected: int | None) -> None:
    assert bytes_of(text) == expected


def test_wide_characters_take_two_columns() -> None:
    assert [display_width(text) for text in ("abc", "größe", "日本", "e\u0301")] == [3, 5, 4, 1]
    assert [ellipsis(text, 4) for text in ("abcd", "abcde", "日本語", "日本")] == ["abcd", "abc…", "日…", "日本"]


def test_an_identifier_is_shortened_to_twelve_digits() -> None:
    assert short_id("sha256:0123456789abcdef") == short_id("0123456789abcdef") == "0123456789ab"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("docker.io/library/alpine:3.20", "alpine:3.20"),
        ("index.docker.io/library/alpine", "alpine"),
        ("library/alpine", "alpine"),
        ("docker.io/team/app", "team/app"),
        ("docker.io/library/team/app", "library/team/app"),
        ("quay.io/library/alpine", "quay.io/library/alpine"),
        ("localhost:5000/app:1", "localhost:5000/app:1"),
        ("docker.io", "docker.io"),
        ("<none>", "<none>"),
    ],
)
def test_a_name_of_an_image_is_shown_without_what_is_meant_anyway(name: str, expected: str) -> None:
    assert familiar(name) == expected
