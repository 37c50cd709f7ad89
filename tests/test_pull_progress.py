"""Progress of pulls, pushes and builds as text. The bars' expected text is what docker 28.2 printed for the same numbers."""

from __future__ import annotations

from typing import Any

import pytest
from screen import screen

from rawdock.cli.console import printable
from rawdock.text.progress import ProgressText, progress_bar

PULL: list[Any] = [
    {"status": "Pulling from team/app", "id": "1"},
    {"status": "Pulling fs layer", "progressDetail": {}, "id": "aaa"},
    {"status": "Pulling fs layer", "progressDetail": {}, "id": "bbb"},
    {"status": "Downloading", "progressDetail": {"current": 500, "total": 1000}, "progress": "[=>]", "id": "aaa"},
    {"status": "Pull complete", "progressDetail": {}, "id": "bbb"},
    {"status": "Pull complete", "progressDetail": {}, "id": "aaa"},
    {"status": "Digest: sha256:0"},
    {"aux": {"ID": "sha256:1"}},
]


def text_of(documents: list[Any], width: int | None) -> str:
    text = ProgressText(width, printable, lambda: 100.0)
    return "".join(text.feed(document) for document in documents)


def test_without_a_terminal_each_is_a_line_and_bars_are_left_out() -> None:
    assert text_of(PULL, None).splitlines() == [
        "1: Pulling from team/app",
        "aaa: Pulling fs layer",
        "bbb: Pulling fs layer",
        "bbb: Pull complete",
        "aaa: Pull complete",
        "Digest: sha256:0",
    ]


def test_on_a_terminal_each_layer_keeps_its_line() -> None:
    assert screen(text_of(PULL[:4], 80)) == [
        "1: Pulling from team/app",
        "aaa: Downloading     500B/1kB",
        "bbb: Pulling fs layer",
        "",
    ]
    assert screen(text_of(PULL, 80)) == [
        "1: Pulling from team/app",
        "aaa: Pull complete",
        "bbb: Pull complete",
        "Digest: sha256:0",
        "",
    ]


@pytest.mark.parametrize(
    ("detail", "width", "expected"),
    [
        ({}, 120, ""),
        ({"current": 1234567}, 120, "1.235MB"),
        ({"current": 12}, 120, "     12B"),
        ({"current": 50, "total": 100}, 80, "     50B/100B"),
        ({"current": 50, "total": 100}, 111, f"[{'=' * 25}>{' ' * 25}]      50B/100B"),
        ({"current": 200, "total": 100}, 111, f"[{'=' * 50}>]     200B"),
        ({"current": 3, "total": 7, "units": "layers"}, 80, "3/7 layers"),
        ({"current": 3, "units": "layers"}, 80, "3 layers"),
        ({"current": 50, "total": 100, "hidecounts": True}, 80, ""),
        ({"current": 50, "total": 100, "start": 38}, 80, "     50B/100B 1m2s"),
        ({"current": "x", "total": None}, 80, ""),
    ],
)
def test_the_bar(detail: dict[str, Any], width: int, expected: str) -> None:
    assert progress_bar(detail, width, 100.0).strip() == expected.strip()


@pytest.mark.parametrize("width", [None, 80])
def test_no_escape_of_a_registry_reaches_a_terminal_but_a_builds_own_output_does(width: int | None) -> None:
    evil = [{"status": "x\x1b[2Jy\n"}, {"status": "\x1b]0;t\x07", "progressDetail": {}, "id": "\x1b[1A"}]
    text = text_of(evil, width)
    assert "\x1b[2J" not in text and "\x1b]0" not in text and "\x07" not in text and "\x1b[1A: " not in text
    assert text_of([{"stream": "\x1b[91merr\x1b[0m"}], width) == "\x1b[91merr\x1b[0m"


@pytest.mark.parametrize("document", ["text", 3, None, [], {"status": 3, "id": 4, "progressDetail": {"current": []}}])
def test_what_is_no_progress_breaks_nothing(document: Any) -> None:
    assert "Traceback" not in text_of([document], 80)
