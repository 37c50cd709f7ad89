"""The probe's page in a real browser: filters, the sentence on focus and on hover, light and dark, names that are markup."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Page, chromium, program
from probe_result import EVIL, result

from rawdock.probe.render import render

SHOWN = "[...document.querySelectorAll('{}')].filter(one => one.getClientRects().length).length"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    program()
    with chromium(tmp_path_factory.mktemp("profile")) as page:
        yield page


def opened(browser: Page, folder: Path, name: str = "web", why: str = "web listens") -> Page:
    file = folder / "probe.html"
    file.write_text(render("html", result(name, why)), encoding="utf-8")
    browser.open(file)
    return browser


def choose(page: Page, name: str, value: str) -> None:
    page.evaluate(f"{name}.value = '{value}'; {name}.dispatchEvent(new Event('change'))")


def test_the_first_view_is_from_this_machine_and_filters_choose_others(browser: Page, tmp_path: Path) -> None:
    page = opened(browser, tmp_path)
    edges, rows = SHOWN.format(".edge"), SHOWN.format("tbody tr")
    assert (page.evaluate("vantage.value"), page.evaluate(edges), page.evaluate(rows)) == ("client", 3, 3)
    choose(page, "vantage", "db")
    assert (page.evaluate(edges), page.evaluate(rows)) == (3, 3)
    choose(page, "verdict", "filtered")
    assert (page.evaluate(edges), page.evaluate(rows)) == (1, 1)
    assert page.evaluate(SHOWN.format(".edge text")) == 0  # what was cut off carries no words
    choose(page, "verdict", "accepted-then-closed")
    assert page.evaluate(SHOWN.format(".edge text")) == 1
    choose(page, "vantage", "")
    choose(page, "verdict", "")
    assert page.evaluate(SHOWN.format(".edge text")) == 0
    assert (page.evaluate(edges), page.evaluate(rows)) == (6, 7)


def test_an_edge_says_its_sentence_on_keyboard_focus(browser: Page, tmp_path: Path) -> None:
    page = opened(browser, tmp_path)
    for _ in range(3):  # two filters, then the first edge
        page.press("Tab", 9)
    assert page.evaluate("document.activeElement.classList.contains('edge')") is True
    assert page.evaluate("said.textContent").startswith("from this machine to ")
    assert page.evaluate("said.textContent === document.activeElement.getAttribute('aria-label')") is True


def test_an_edge_says_its_sentence_below_the_pointer(browser: Page, tmp_path: Path) -> None:
    page = opened(browser, tmp_path)
    middle = "(() => { const path = document.querySelector('.edge.good .seen');"
    middle += " const at = path.getPointAtLength(path.getTotalLength() * 0.6).matrixTransform(path.getScreenCTM());"
    x, y = page.evaluate(f"{middle} return [at.x, at.y]; }})()")
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    assert page.evaluate("said.textContent") == "from this machine to 192.168.99.100:8080 (web): open, web listens"


def test_names_and_sentences_that_are_markup_are_harmless(browser: Page, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, EVIL, EVIL)
    assert page.evaluate("typeof owned") == "undefined"
    assert page.evaluate("document.querySelectorAll('img').length + document.scripts.length") == 1
    assert EVIL[:50] in page.evaluate("document.querySelector('tbody').textContent")
    assert page.evaluate("vantage.value") == "client"  # our own script ran
    assert page.evaluate(SHOWN.format(".edge")) == 3


def test_the_policy_stops_a_script_that_is_not_ours(browser: Page, tmp_path: Path) -> None:
    page = opened(browser, tmp_path)
    page.evaluate(
        "const added = document.createElement('script'); added.textContent = 'owned = 1'; document.body.append(added)"
    )
    assert page.evaluate("typeof owned") == "undefined"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_the_paper(browser: Page, tmp_path: Path, scheme: str) -> None:
    """A contrast of at least 4.5, as WCAG 2.1 asks (1.4.3)."""
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    page = opened(browser, tmp_path)
    luminance = """
        const light = text => { const [r, g, b] = text.match(/\\d+/g).map(n => n / 255)
            .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
        const paper = light(getComputedStyle(document.body).backgroundColor);
        const contrast = text => { const [a, b] = [light(text), paper].sort(); return (b + 0.05) / (a + 0.05); };
    """
    words = "[...document.querySelectorAll('h1, dt, dd, td, th')].map(one => getComputedStyle(one).color)"
    drawn = "[...document.querySelectorAll('.drawing text')].map(one => getComputedStyle(one).fill)"
    lowest = page.evaluate(f"(() => {{ {luminance} return Math.min(...{words}.concat({drawn}).map(contrast)); }})()")
    assert lowest >= 4.5
    dark = page.evaluate(f"(() => {{ {luminance} return paper < 0.5; }})()")
    assert dark == (scheme == "dark")
    page.screenshot(tmp_path / f"{scheme}.png")
    assert (tmp_path / f"{scheme}.png").read_bytes().startswith(b"\x89PNG")


def test_without_a_script_everything_is_shown_and_no_filter(browser: Page, tmp_path: Path) -> None:
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page = opened(browser, tmp_path)
        assert page.evaluate(SHOWN.format(".edge")) == 6
        assert page.evaluate(SHOWN.format("#filters")) == 0
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
