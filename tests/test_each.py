"""Several objects asked at a time, their answers in their order."""

from __future__ import annotations

import threading

import pytest

from rawdock.cli.each import in_order

PATIENCE = 20.0  # seconds until a stuck test fails; none waits for it


def test_answers_come_in_the_order_of_the_names_and_each_as_soon_as_it_can() -> None:
    late = threading.Event()

    def ask(name: str) -> str:
        if name == "b":
            assert late.wait(PATIENCE)
        return name.upper()

    answers = in_order(ask, ["a", "b", "c"], 3)
    assert next(answers) == "A"
    late.set()
    assert list(answers) == ["B", "C"]


def test_so_many_are_asked_at_once() -> None:
    meeting = threading.Barrier(3)
    answers = in_order(lambda number: meeting.wait(PATIENCE) >= 0, range(6), 3)
    assert list(answers) == [True] * 6


def test_one_at_a_time_asks_the_next_only_when_the_answer_is_taken() -> None:
    asked: list[int] = []
    answers = in_order(lambda number: asked.append(number) or number, [1, 2, 3], 1)  # type: ignore[func-returns-value]
    assert next(answers) == 1 and asked == [1]
    assert list(answers) == [2, 3]


def test_what_asking_raises_is_raised_where_the_answer_is_taken() -> None:
    def ask(name: str) -> str:
        if name == "bad":
            raise KeyError(name)
        return name

    answers = in_order(ask, ["good", "bad"], 2)
    assert next(answers) == "good"
    with pytest.raises(KeyError):
        next(answers)


def test_an_error_that_is_an_answer_is_no_failure() -> None:
    assert [str(error) for error in in_order(ValueError, ["a", "b"], 2)] == ["a", "b"]
