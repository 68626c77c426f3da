"""The search page in a real browser: with and without JavaScript, on a desktop and on a phone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from support import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from support import Server

pytestmark = [pytest.mark.model, pytest.mark.browser]

QUESTION = "Met hoeveel procent stegen de citoscores?"
PATHS = ("/", f"/?q={quote(QUESTION)}", "/?q=weer+morgen", "/documents", "/documents/factsheet-2015", "/sparql",
         "/about", "/widget", "/concept/slimfit", "/nowhere")  # fmt: skip


def test_a_question_is_answered_with_the_passage_it_rests_on(page: Page, server: Server) -> None:
    page.goto(server.url)
    page.get_by_role("combobox").first.fill(QUESTION)
    page.get_by_role("combobox").first.press("Enter")
    page.wait_for_url("**/?q=*")
    assert "3%" in page.locator("main").inner_text()
    quotation = page.locator("blockquote").first
    assert quotation.get_attribute("lang") == "nl"
    assert "Gemiddeld liggen de scores 3% hoger" in quotation.locator("mark").first.inner_text()


def test_a_typing_error_is_read_as_what_was_meant_and_the_page_says_so(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?q={quote('bleef de werkdrk gelijk bij slim fit')}")
    assert page.get_by_role("combobox").first.input_value() == "bleef de werkdrk gelijk bij slim fit"
    read = page.locator(".stage__read q")
    assert read.inner_text() == "bleef de werkdruk gelijk bij SlimFit"
    assert read.get_attribute("lang") == "nl"
    page.goto(f"{server.url}/?q={quote('did the workloed change with slim fit')}")
    assert page.locator(".stage__read q").get_attribute("lang") == "en"
    assert not Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response["violations"]
    assert page.locator("blockquote mark").first.is_visible()


def test_the_page_works_without_javascript(browser: Browser, server: Server) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.url)
    page.get_by_role("searchbox").fill(QUESTION)
    page.get_by_role("searchbox").press("Enter")
    page.wait_for_url("**/?q=*")
    assert page.locator("blockquote mark").first.is_visible()
    context.close()


def test_the_link_under_a_quotation_leads_to_the_marked_words(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?q={quote(QUESTION)}")
    marked = page.locator("blockquote mark").first.inner_text()
    page.locator("a.button[href*='/documents/factsheet-2015?start=']").first.click()
    page.wait_for_url("**/documents/factsheet-2015?start=*")
    assert page.locator("mark").first.inner_text() == marked
    assert page.locator("mark").first.is_visible()
    anchor = urlsplit(page.url).fragment
    assert page.locator(f"#{anchor} mark").count() >= 1


def test_what_is_not_answered_is_said_plainly(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?q={quote('Wat voor weer wordt het morgen in Utrecht?')}")
    texts = json.loads((ROOT / "web" / "i18n" / "nl.json").read_text(encoding="utf-8"))
    assert texts["unanswered.title"] in page.locator("main").inner_text()
    assert page.locator(".figure").count() == 0


def test_an_english_page_is_english_and_keeps_its_language(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?lang=en")
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("combobox").first.fill("Did the workload of SlimFit teachers change?")
    page.get_by_role("combobox").first.press("Enter")
    page.wait_for_url("**q=*")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("blockquote").first.get_attribute("lang") == "nl"


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_wider_than_the_screen(browser: Browser, server: Server, path: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(server.url + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_no_barrier_is_found(browser: Browser, server: Server, path: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(server.url + path)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    context.close()


@pytest.mark.parametrize("path", PATHS)
def test_a_page_asks_nobody_else_and_breaks_no_rule(page: Page, server: Server, path: str) -> None:
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(server.url + path, wait_until="networkidle")
    assert all(url.startswith(server.url) for url in asked)
    assert [text for text in said if "404" not in text] == []
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_markup_in_a_question_stays_text(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?q={quote('<img src=x onerror=document.title=1><b>werkdruk</b>')}")
    assert page.locator("main b, main img").count() == 0
    assert page.get_by_role("combobox").first.input_value().startswith("<img")


def test_a_query_is_shown_as_a_table(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/sparql")
    page.locator("textarea").fill("SELECT ?label WHERE { concept:slimfit skos:prefLabel ?label }")
    page.locator("textarea").press("Control+Enter")
    page.wait_for_url("**query=*")
    assert page.locator("table").inner_text().count("SlimFit") == 2


def test_a_broken_query_is_told_on_the_page(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/sparql?query={quote('SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }')}")
    assert "SERVICE" in page.locator("main").inner_text()
    assert page.locator("textarea").input_value().startswith("SELECT")
