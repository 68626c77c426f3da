"""The widget on pages of other sites, friendly and hostile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from support import Server

pytestmark = [pytest.mark.model, pytest.mark.browser]

PLAIN = """<!doctype html><html lang="nl"><meta charset="utf-8"><title>Een school</title>{head}<body><main>
<h1>Een school</h1><script type="module" src="{url}/widget/v1/iio-ask.js"></script>
<iio-ask {attributes}><form action="{url}/" method="get"><input name="q" aria-label="Vraag"></form></iio-ask>
<p id="after">Na het zoekvak.</p></main></body></html>"""
HOSTILE = """<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; script-src {url}; style-src 'self'; connect-src {url}">
<link rel="stylesheet" href="data:,">"""
QUESTION = "Met hoeveel procent stegen de citoscores?"


def ask(page: Page, question: str) -> None:
    field = page.locator("iio-ask").get_by_role("combobox")
    field.fill(question)
    field.press("Enter")


def test_a_page_elsewhere_asks_and_shows_the_cited_answer(
    page: Page, server: Server, host: Callable[[str], str]
) -> None:
    page.goto(host(PLAIN.format(url=server.url, head="", attributes="")))
    page.evaluate("addEventListener('iio-ask:result', event => window.heard = event.detail)")
    ask(page, QUESTION)
    quotation = page.locator("iio-ask blockquote").first
    quotation.wait_for()
    assert quotation.get_attribute("lang") == "nl"
    assert "3% hoger" in page.locator("iio-ask mark").first.inner_text()
    link = page.locator("iio-ask a[href*='/documents/factsheet-2015']").first
    assert (link.get_attribute("href") or "").startswith(server.url)
    assert page.evaluate("Boolean(window.heard)")


def test_what_is_not_answered_is_said_in_the_widget(page: Page, server: Server, host: Callable[[str], str]) -> None:
    page.goto(host(PLAIN.format(url=server.url, head="", attributes="")))
    ask(page, "Wat voor weer wordt het morgen in Utrecht?")
    page.locator("iio-ask").get_by_text("niet in het materiaal").first.wait_for()


def test_the_widget_says_how_it_read_a_typing_error(page: Page, server: Server, host: Callable[[str], str]) -> None:
    page.goto(host(PLAIN.format(url=server.url, head="", attributes="")))
    ask(page, "bleef de werkdrk gelijk bij slim fit")
    note = page.locator("iio-ask [part=read]")
    note.wait_for()
    assert note.inner_text().replace("“", "").endswith("bleef de werkdruk gelijk bij SlimFit")


def test_the_widget_speaks_english(page: Page, server: Server, host: Callable[[str], str]) -> None:
    page.goto(host(PLAIN.format(url=server.url, head="", attributes='lang="en"')))
    ask(page, "Did SlimFit change the workload of teachers?")
    page.locator("iio-ask blockquote[lang=nl]").first.wait_for()
    assert "workload" in page.locator("iio-ask .answer").inner_text()


def test_a_strict_page_that_styles_everything_away_does_not_break_it(
    page: Page, server: Server, host: Callable[[str], str]
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    html = PLAIN.format(url=server.url, head=HOSTILE.format(url=server.url), attributes="")
    page.goto(host(html))
    page.evaluate(
        """() => { const sheet = new CSSStyleSheet();
        sheet.replaceSync('* { all: revert; font-size: 60px; color: red } div, p { display: none }');
        document.adoptedStyleSheets = [sheet]; }"""
    )
    ask(page, QUESTION)
    quotation = page.locator("iio-ask blockquote").first
    quotation.wait_for(state="visible")
    size = quotation.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
    assert size < 30
    assert not [text for text in said if "style" in text.lower() and "data:" not in text]


def test_shortcuts_of_the_host_do_not_fire_while_someone_types(
    page: Page, server: Server, host: Callable[[str], str]
) -> None:
    page.goto(host(PLAIN.format(url=server.url, head="", attributes="")))
    page.evaluate("window.keys = []; addEventListener('keydown', event => window.keys.push(event.key))")
    field = page.locator("iio-ask").get_by_role("combobox")
    field.click()
    field.press_sequentially("s/k?")
    assert page.evaluate("window.keys") == []


def test_a_server_that_is_away_is_told_in_a_sentence(page: Page, server: Server, host: Callable[[str], str]) -> None:
    page.goto(host(PLAIN.format(url=server.url, head="", attributes='endpoint="http://127.0.0.1:9"')))
    ask(page, QUESTION)
    page.locator("iio-ask [role=alert], iio-ask [role=status]").first.wait_for()
    page.wait_for_function("() => !document.querySelector('iio-ask').shadowRoot.querySelector('[aria-busy=true]')")
    assert "undefined" not in page.locator("iio-ask .output").inner_text()


def test_loading_the_script_twice_is_harmless(page: Page, server: Server, host: Callable[[str], str]) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    twice = f'<script type="module" src="{server.url}/widget/v1/iio-ask.js?again"></script>'
    page.goto(host(PLAIN.format(url=server.url, head=twice, attributes="")), wait_until="networkidle")
    assert errors == []


def test_the_widget_has_no_barrier_and_leaves_nothing_behind(
    page: Page, server: Server, host: Callable[[str], str]
) -> None:
    page.goto(host(PLAIN.format(url=server.url, head="", attributes="")))
    ask(page, QUESTION)
    page.locator("iio-ask blockquote").first.wait_for()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
