"""HTML: what a reader of a page reads, from small pages and from thousands of real ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import HELP, MANUALS, headings, outline, read_as_document

from iio_kg.corpus.document import Metadata, Repair
from iio_kg.corpus.library import as_document
from iio_kg.corpus.readers.html import read_html
from iio_kg.corpus.segment import segment
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path


def read(tmp_path: Path, html: str | bytes, name: str = "x.html") -> list[tuple[object, ...]]:
    path = tmp_path / name
    path.write_bytes(html.encode() if isinstance(html, str) else html)
    return outline(read_as_document(path))


def test_headings_paragraphs_and_lists(tmp_path: Path) -> None:
    html = """<!doctype html><html lang=nl><title>Site | Titel</title><body>
    <header><p>Merk</p></header><nav><a href=/>Home</a></nav>
    <article><header><h1>De <em>kop</em></h1></header>
    <p>Een&nbsp;alinea<br>met <b>vet</b>.<p>Nog een &amp; &lt;meer&gt;.
    <ol start=3><li>Derde<ul><li>binnenin</ul><li><p>Vierde</p><p>gaat door</p></ol></article>
    <script>var x = "<p>geen tekst</p>"</script><style>p{}</style><footer>Colofon</footer>"""
    assert read(tmp_path, html) == [
        ("heading", "De kop", 1),
        ("paragraph", "Een alinea met vet."),
        ("paragraph", "Nog een & <meer>."),
        ("item", "Derde", 3),
        ("item", "binnenin"),
        ("item", "Vierde", 4),
        ("paragraph", "gaat door"),
    ]


def test_tables_are_rows_and_tables_that_lay_out_are_not(tmp_path: Path) -> None:
    html = """<table><caption>Cijfers</caption><thead><tr><th>School<th>2012</tr></thead>
    <tr><td>De<br>Wilgen<td>7,1<tr><td colspan=2>Toelichting<tr><td><td>6,9</table>
    <table><tr><td><h2>Kop</h2><p>Tekst</p><td>Rechts</table>"""
    assert read(tmp_path, html) == [
        ("paragraph", "Cijfers"),
        ("row", "School\t2012", 1),
        ("row", "De Wilgen\t7,1"),
        ("paragraph", "Toelichting"),
        ("row", "\t6,9"),
        ("heading", "Kop", 2),
        ("paragraph", "Tekst"),
        ("paragraph", "Rechts"),
    ]


def test_what_leads_elsewhere_or_is_hidden_is_not_read(tmp_path: Path) -> None:
    html = """<ul><li><a href=#a>Een</a><li><a href=#b>Twee</a><li>3. <a href=#c>Drie</a></ul>
    <p hidden>weg</p><p style="DISPLAY: none">weg</p><div aria-hidden=true>weg</div><div role=navigation>weg</div>
    <p>Blijft<sup><a href=#n1>1</a></sup>, met x<sup>2</sup> en <a href=/>een link</a>.</p><template>weg</template>"""
    assert read(tmp_path, html) == [("paragraph", "Blijft, met x2 en een link.")]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('<meta charset="iso-8859-1"><p>één café – ’t</p>'.encode("cp1252"), "x.html"),
        ("<p>één café – ’t</p>".encode("cp1252"), "x.htm"),
        ("<p>één café – ’t</p>".encode("utf-16"), "x.html"),
        ("﻿<p>één café – ’t</p>".encode(), "x.html"),
        ('<meta charset="koi8-onzin"><p>één café – ’t</p>'.encode(), "x.html"),
        ('<?xml version="1.0"?><html><head><title/><script/></head><p>één café – ’t</p></html>'.encode(), "x.xhtml"),
    ],
)  # fmt: skip
def test_encodings(tmp_path: Path, content: bytes, name: str) -> None:
    assert read(tmp_path, content, name) == [("paragraph", "één café – ’t")]


@pytest.mark.slow
def test_fifty_thousand_nested_elements_and_what_follows_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, "<div>" * 50_000 + "diep" + "</div>" * 50_000 + "<p>daarna") == [
        ("paragraph", "diep"),
        ("paragraph", "daarna"),
    ]


@pytest.mark.parametrize("html", ["", "<script>alles</script>", "<!-- niets -->"])
def test_a_page_without_text_is_refused(tmp_path: Path, html: str) -> None:
    with pytest.raises(CorpusError, match="no text"):
        read(tmp_path, html)


def test_unseen_characters_are_left_out_and_kept_in_the_source(tmp_path: Path) -> None:
    path = tmp_path / "x.html"
    path.write_text("<p>leer&shy;ling&#8203;en \u202eomgekeerd\u202c שלום</p>", "utf-8")
    document = read_as_document(path)
    assert document.text == "leerlingen omgekeerd שלום"
    start = document.text.index("omgekeerd")
    found = document.offsets.to_source(start, start + len("omgekeerd"))
    assert document.source[found.start : found.end] == "omgekeerd"
    assert "\u00ad" in document.source


TAGS = ["<p>", "</p>", "<ul>", "<li>", "</ul>", "<table>", "<tr>", "<td>", "</table>", "<h2>", "</h2>", "<sup>"]
MORE = ["<a href=x>", "</a>", "een ", "twee.", " ", "&amp;", "<br>", "<div hidden>", "</div>", "<main>"]


@given(st.lists(st.sampled_from(TAGS + MORE)))
def test_any_page_is_read_or_refused_and_every_block_is_in_its_source(parts: list[str]) -> None:
    try:
        reading = read_html("".join(parts), Repair())
    except CorpusError:
        return
    metadata = Metadata(id="x", title="x", kind="report", language="nl", file="x.html")
    document = as_document(metadata, reading)
    for block in document.blocks:
        there = document.offsets.to_source(block.body.start, block.body.end)
        assert (
            document.source[there.start : there.end].split() == document.text[block.body.start : block.body.end].split()
        )


def read_metadata():
    from iio_kg.corpus.document import Metadata

    return Metadata(id="x", title="x", kind="report", language="nl", file="x.html")


@pytest.mark.slow
@pytest.mark.skipif(not HELP.is_dir(), reason="needs Debian's package libreoffice-help-nl; see dev/material.sh")
def test_real_pages_have_their_heading_and_no_furniture() -> None:
    pages = sorted(HELP.rglob("*.html"))[::8]
    with_heading = empty = 0
    for page in pages:
        try:
            document = read_as_document(page)
        except CorpusError:
            # Pages for the makers of the help hold pictures only.
            empty += 1
            continue
        found = headings(document)
        with_heading += bool(found)
        assert "Inhoud" not in [p.text for p in segment(document)][:1]
        assert all(document.text[p.span.start : p.span.end] == p.text for p in segment(document))
    assert empty <= 0.01 * len(pages)
    assert with_heading >= 0.95 * len(pages)


@pytest.mark.slow
@pytest.mark.skipif(not MANUALS, reason="needs Debian's package debian-edu-doc-nl; see dev/material.sh")
def test_all_headings_of_a_real_manual_are_found() -> None:
    for manual in MANUALS:
        raw = manual.read_text("utf-8")
        expected = {
            " ".join(re.sub(r"<[^>]+>", "", one).replace("&amp;", "&").replace("\xa0", " ").split())
            for one in re.findall(r"<h\d[^>]*>(.*?)</h\d>", raw, re.DOTALL)
        } - {""}
        found = set(headings(read_as_document(manual)))
        assert len(expected & found) >= 0.95 * len(expected)
