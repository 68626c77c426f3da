"""Suggestions under the search field, on the page and in the widget: keys, screen readers, slow networks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Locator, Page, Route

    from support import Server

pytestmark = [pytest.mark.model, pytest.mark.browser]

WIDGET = """<!doctype html><html lang="nl"><meta charset="utf-8"><title>Een school</title><body><main>
<h1>Een school</h1><script type="module" src="{url}/widget/v1/iio-ask.js"></script>
<iio-ask></iio-ask><p>Na het zoekvak.</p></main></body></html>"""
QUESTION = "Wat doet SlimFit met de werkdruk?"


@pytest.fixture(params=["page", "widget"])
def field(request: pytest.FixtureRequest, page: Page, server: Server, host: Callable[[str], str]) -> Locator:
    """The search field of the page, and that of the widget on somebody else's."""
    if request.param == "page":
        page.goto(server.url)
        return page.locator("#q")
    page.goto(host(WIDGET.format(url=server.url)))
    return page.locator("iio-ask input")


def options(field: Locator) -> Locator:
    return field.locator("xpath=..").get_by_role("option")


def active(field: Locator) -> str | None:
    """The text of the option that a screen reader is told of, sought by id under the root of the field."""
    text: str | None = field.evaluate(
        "input => input.getRootNode().getElementById(input.getAttribute('aria-activedescendant'))?.textContent ?? null"
    )
    return text


def suggested(text: str, kind: str = "question") -> str:
    """What the server says when it suggests one thing."""
    one = {"text": text, "kind": kind, "language": "nl", "iri": None, "url": "http://x/", "highlights": [[0, 1]]}
    return json.dumps({"query": "", "suggestions": [one], "snapshot": ""})


def answer(route: Route, body: str) -> None:
    route.fulfill(body=body, content_type="application/json", headers={"Access-Control-Allow-Origin": "*"})


def test_a_field_tells_screen_readers_what_it_is_and_does(field: Locator) -> None:
    expect(field).to_have_attribute("role", "combobox")
    expect(field).to_have_attribute("aria-autocomplete", "list")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.fill("werkdr")
    expect(options(field)).to_have_count(8)
    expect(field).to_have_attribute("aria-expanded", "true")
    found = field.evaluate(
        """input => { const list = input.getRootNode().getElementById(input.getAttribute('aria-controls'));
        return [list.getAttribute('role'), list.getAttribute('aria-label'), list.children.length]; }"""
    )
    assert found == ["listbox", "Suggesties", 8]
    expect(field.locator("xpath=..").get_by_role("status")).to_have_text("8 suggesties")
    assert field.get_attribute("aria-activedescendant") is None
    assert options(field).first.locator("mark").inner_text() == "werkdr"


def test_keys_go_through_the_list_and_leave_the_text_alone(field: Locator) -> None:
    field.fill("werkdr")
    expect(options(field)).to_have_count(8)
    texts = options(field).all_text_contents()
    for key, index in [("ArrowDown", 0), ("ArrowDown", 1), ("End", 7), ("ArrowDown", 0), ("ArrowUp", 7), ("Home", 0)]:
        field.press(key)
        assert active(field) == texts[index]
        selected = [o.get_attribute("aria-selected") == "true" for o in options(field).all()]
        assert [number for number, is_on in enumerate(selected) if is_on] == [index]
    assert field.input_value() == "werkdr"
    expect(field).to_be_focused()
    field.press("ArrowLeft")
    assert active(field) is None


def test_who_goes_through_a_list_keeps_it_though_a_newer_one_is_under_way(page: Page, field: Locator) -> None:
    field.fill("werkdr")
    expect(options(field)).to_have_count(8)
    page.clock.install()
    page.route("**/api/v1/suggest?*", lambda route: answer(route, suggested("nieuwer")))
    field.press("u")
    field.press("ArrowDown")
    seen = active(field)
    page.clock.run_for(5000)
    assert seen
    assert active(field) == seen
    expect(options(field)).to_have_count(8)


def test_escape_closes_the_list_and_keeps_the_text(field: Locator) -> None:
    field.fill("werkdr")
    expect(options(field)).to_have_count(8)
    field.press("Escape")
    expect(options(field)).to_have_count(0)
    expect(field).to_have_attribute("aria-expanded", "false")
    assert field.input_value() == "werkdr"
    field.press("Escape")
    assert field.input_value() == ""


def test_arrow_down_opens_the_list_of_an_empty_field_with_questions_to_begin_with(field: Locator) -> None:
    field.press("ArrowDown")
    expect(options(field).first).to_be_visible()
    assert all(text.endswith("?") for text in options(field).all_text_contents())
    field.press("Tab")
    expect(options(field)).to_have_count(0)


def test_the_name_of_a_thing_leads_to_its_questions_and_a_question_to_its_answer(page: Page, field: Locator) -> None:
    field.fill("werkdr")
    expect(options(field)).to_have_count(8)
    field.press("ArrowDown")
    assert (active(field) or "").startswith("werkdruk ")
    field.press("Enter")
    expect(field).to_have_value("werkdruk")
    expect(options(field).first.locator("mark")).to_have_text("werkdruk")
    expect(field).to_be_focused()
    wanted = options(field).get_by_text(QUESTION, exact=True)
    wanted.click()
    page.locator("blockquote").first.wait_for()
    assert field.input_value() == QUESTION


def test_enter_without_a_choice_asks_what_was_typed(page: Page, field: Locator) -> None:
    field.press_sequentially(QUESTION)
    field.press("Enter")
    page.locator("blockquote").first.wait_for()
    assert field.input_value() == QUESTION
    expect(options(field)).to_have_count(0)


def test_an_answer_that_comes_too_late_is_not_shown(page: Page, field: Locator) -> None:
    held: list[Route] = []

    def first_late(route: Route) -> None:
        typed = parse_qs(urlsplit(route.request.url).query)["q"][0]
        if typed == "oud":
            held.append(route)
        else:
            answer(route, suggested(f"nieuw: {typed}"))

    page.route("**/api/v1/suggest?*", first_late)
    with page.expect_request("**/api/v1/suggest?q=oud*"):
        field.fill("oud")
    field.fill("jong")
    expect(options(field)).to_have_text(["nieuw: jong"])
    for route in held:
        answer(route, suggested("oud"))
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(options(field)).to_have_text(["nieuw: jong"])


def test_a_list_asked_for_before_the_field_was_left_does_not_open_after(page: Page, field: Locator) -> None:
    held: list[Route] = []
    page.route("**/api/v1/suggest?*", lambda route: held.append(route))
    with page.expect_request("**/api/v1/suggest?*"):
        field.fill("werkdr")
    field.blur()
    for route in held:
        answer(route, suggested("te laat"))
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(options(field)).to_have_count(0)
    expect(field).to_have_attribute("aria-expanded", "false")


def test_nothing_is_asked_while_an_input_method_composes(page: Page, field: Locator) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "api/v1/suggest" in request.url else None)
    page.clock.install()
    field.evaluate(
        """input => { input.value = 'werkdr';
        input.dispatchEvent(new InputEvent('input', {isComposing: true, bubbles: true}));
        input.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowDown', isComposing: true, bubbles: true})); }"""
    )
    page.clock.run_for(5000)
    assert asked == []
    field.focus()
    field.evaluate("input => input.dispatchEvent(new CompositionEvent('compositionend', {bubbles: true}))")
    page.clock.run_for(5000)
    expect(options(field)).to_have_count(8)


def test_markup_in_a_suggestion_stays_text(page: Page, field: Locator) -> None:
    text = "<img src=x onerror=alert(1)>"
    page.route("**/api/v1/suggest?*", lambda route: answer(route, suggested(text)))
    field.fill("img")
    expect(options(field)).to_have_text([text])
    assert options(field).locator("img").count() == 0


def test_a_server_that_fails_leaves_a_field(page: Page, field: Locator) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route("**/api/v1/suggest?*", lambda route: route.fulfill(status=500, body="broken"))
    with page.expect_response("**/api/v1/suggest?*"):
        field.fill("werkdr")
    expect(options(field)).to_have_count(0)
    field.fill(QUESTION)
    field.press("Enter")
    page.locator("blockquote").first.wait_for()
    assert errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("contrast", ["none", "active"])
def test_an_open_list_has_no_barrier(
    browser: Browser, server: Server, host: Callable[[str], str], scheme: str, contrast: str
) -> None:
    context = browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]
        forced_colors=contrast,  # type: ignore[arg-type]
        reduced_motion="reduce",
        viewport={"width": 360, "height": 740},
        has_touch=True,
    )
    page = context.new_page()
    for address, selector in ((server.url, "#q"), (host(WIDGET.format(url=server.url)), "iio-ask input")):
        page.goto(address)
        field = page.locator(selector)
        field.fill("werkdr")
        expect(options(field)).to_have_count(8)
        field.press("ArrowDown")
        # In forced colours the browser chooses them, and axe sees those of the style sheet.
        results = Axe().run(page, options={"rules": {"color-contrast": {"enabled": contrast == "none"}}})
        assert results.violations_count == 0, results.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        options(field).get_by_text(QUESTION, exact=True).tap()
        page.locator("blockquote").first.wait_for()
    context.close()


def test_without_javascript_the_field_is_a_search_field(browser: Browser, server: Server) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.url)
    field = page.get_by_role("searchbox")
    assert field.get_attribute("aria-expanded") is None
    assert page.get_by_role("listbox").count() == 0
    context.close()


def test_similar_questions_lead_on(page: Page, server: Server, host: Callable[[str], str]) -> None:
    page.goto(f"{server.url}/?q={quote(QUESTION)}")
    link = page.get_by_role("region", name="Vergelijkbare vragen").get_by_role("link").first
    other = link.inner_text()
    link.click()
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query)["q"] == [other])
    assert page.locator("#q").input_value() == other

    page.goto(host(WIDGET.format(url=server.url)))
    field = page.locator("iio-ask input")
    field.fill(QUESTION)
    field.press("Enter")
    link = page.locator("iio-ask [part=similar] a").first
    other = link.inner_text()
    assert (link.get_attribute("href") or "").startswith(f"{server.url}/?q=")
    link.click()
    expect(field).to_have_value(other)
    page.locator("iio-ask blockquote").first.wait_for()
    assert page.url.startswith("http://127.0.0.1")
    assert "/?q=" not in page.url
