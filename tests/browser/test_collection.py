"""Lists, comparisons and figures as they are shown: on a page of any width, in the widget, in print."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe

from iio_kg.evaluate.sets import read_set_questions
from support import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

    from support import Server

pytestmark = [pytest.mark.model, pytest.mark.browser]

EACH = "Wat leverde elk concept op?"
HOST = """<!doctype html><html lang="nl"><meta charset="utf-8"><title>Een school</title><body><main><h1>Een school</h1>
<script type="module" src="{url}/widget/v1/iio-ask.js"></script><iio-ask></iio-ask></main></body></html>"""


def answer(server: Server, question: str) -> Any:
    """What the API answers."""
    with urllib.request.urlopen(f"{server.url}/api/v1/ask?q={quote(question)}", timeout=30) as response:
        return json.load(response)


def findings(server: Server) -> int:
    """How many findings the list of all has."""
    return len(answer(server, EACH)["collection"]["rows"])


@pytest.fixture(scope="module")
def beside(server: Server) -> tuple[str, str]:
    """A question whose list is only likely to be wanted, and what that list is called."""
    for row in read_set_questions(ROOT / "tests" / "questions", "dev"):
        its = answer(server, row.text)
        if row.wanted and its["language"] == "nl" and its["collection"] and not its["collection"]["leads"]:
            return row.text, its["collection"]["title"]
    pytest.fail("no list of the dev part stands beside an answer")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_a_table_fits_every_screen_and_bars_nobody(browser: Browser, server: Server, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{server.url}/?q={quote(EACH)}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.get_by_role("row").count() == findings(server) + 1, "a heading and all findings, whatever the width"
    assert page.get_by_role("rowheader").count() == findings(server)
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_a_set_that_may_be_wanted_stands_below_the_answer(
    browser: Browser, server: Server, beside: tuple[str, str], width: int
) -> None:
    question, title = beside
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(f"{server.url}/?q={quote(question)}")
    answer, table = page.locator(".answer__text"), page.get_by_role("table", name=title)
    assert table.get_by_role("rowheader").count() > 1
    above, below = answer.bounding_box(), table.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] < below["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.close()


def test_every_row_leads_to_its_marked_words(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?q={quote(EACH)}")
    row = page.get_by_role("row").filter(has_text="3–6")
    row.locator("summary").click()
    words = row.locator("blockquote").inner_text()
    assert "flipping the classroom" in words
    row.locator("a").click()
    page.wait_for_url("**/documents/factsheet-2015?start=*")
    assert page.locator("mark").first.inner_text() == words


def test_contradicting_sources_stand_in_the_row_they_contradict(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?q={quote('Welke effecten had SlimFit?')}")
    rows = page.get_by_role("row").filter(has_text="Andere bronnen zeggen iets anders")
    assert rows.count() == 1
    assert "werkdruk" in rows.inner_text()


def test_figures_that_depend_on_a_condition_are_shown_with_it(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?q={quote('Met hoeveel procent stegen de citoscores?')}")
    cards = page.locator(".figure")
    assert cards.count() == 2
    texts = [text.replace("\u00a0", " ") for text in cards.all_inner_texts()]
    assert "gemiddeld 3 % hoger" in texts[0]
    assert "leertempo" in texts[0]
    assert "gemiddeld 4 % hoger" in texts[1]
    assert "volledig groepsoverstijgend" in texts[1]
    cards.nth(1).locator("a").click()
    page.wait_for_url("**/documents/factsheet-2015?start=*")
    assert "4% hogere cito-scores" in page.locator("mark").first.inner_text()


def test_a_table_can_be_printed(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?q={quote(EACH)}")
    page.emulate_media(media="print")
    assert page.get_by_role("row").last.is_visible()
    assert page.locator(".collection__source summary").first.is_visible()


def test_the_widget_lists_every_finding_with_its_words(page: Page, server: Server, host: Callable[[str], str]) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(host(HOST.format(url=server.url)))
    field = page.locator("iio-ask").get_by_role("combobox")
    field.fill(EACH)
    field.press("Enter")
    items = page.locator("iio-ask .rows > li")
    items.first.wait_for()
    assert items.count() == findings(server)
    items.first.locator("summary").click()
    assert items.first.locator("blockquote").get_attribute("lang") == "nl"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
