"""The PDF reader on a page that a browser printed: columns, sizes of type and lists as they are laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iio_kg.corpus.clean import build_text
from iio_kg.corpus.document import Repair
from iio_kg.corpus.readers.pdf import read

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

LAYOUT = """
<style>
 @page { size: A4; margin: 25mm }
 body { font: 11pt serif; hyphens: manual } h1 { font-size: 20pt } h2 { font-size: 15pt } .columns { columns: 2 }
</style>
<h1>Onderzoek op school</h1><p>De eerste alinea gaat over ex-leerlingen en taal- en rekenonderwijs.</p>
<h2>Twee kolommen</h2><div class="columns">
<p>Links begint een alinea die over meer dan een regel loopt, want kolommen zijn smal.</p>
<p>Rechts staat een alinea die na de linker gelezen moet worden.</p></div>
<ol><li>Het eerste punt van de lijst.</li><li>Het tweede punt van de lijst.</li></ol>
"""


def test_columns_headings_and_lists_of_a_printed_page(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    page.set_content(LAYOUT)
    path = tmp_path / "print.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    page.close()
    reading = read(path, Repair())
    text, _, blocks = build_text(reading.source, reading.blocks)
    found = [(b.kind, b.level, b.number, text[b.body.start : b.body.end]) for b in blocks]
    assert found == [
        ("heading", 1, None, "Onderzoek op school"),
        ("paragraph", 0, None, "De eerste alinea gaat over ex-leerlingen en taal- en rekenonderwijs."),
        ("heading", 2, None, "Twee kolommen"),
        ("paragraph", 0, None, "Links begint een alinea die over meer dan een regel loopt, want kolommen zijn smal."),
        ("paragraph", 0, None, "Rechts staat een alinea die na de linker gelezen moet worden."),
        ("item", 0, 1, "Het eerste punt van de lijst."),
        ("item", 0, 2, "Het tweede punt van de lijst."),
    ]  # fmt: skip
