"""docs/errors.md says what `rawdock doctor` says, of every fault that the fixtures hold."""

from __future__ import annotations

from errors_page import FAULTS, PAGE, cli_words, fixture_faults, page, results


def test_the_page_is_what_the_doctor_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run scripts/errors"


def test_every_fault_of_the_fixtures_is_on_the_page() -> None:
    known = {name for faults in FAULTS.values() for fault in faults for name in fault.ids}
    assert fixture_faults() - known == set()
    assert len(fixture_faults()) > 40


def test_what_stops_the_docker_cli_is_told_with_a_remedy_or_works() -> None:
    for name, (cause, remedy) in results().items():
        assert bool(cause) == bool(remedy)
        assert cause or name in ("dmold", "docs", "bom", "server-partial")
        assert "/certs" in cause or "/certs" not in cli_words().get(name, "")
