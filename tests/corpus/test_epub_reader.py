"""EPUB: a real manual, and books made for the occasion."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest
from reading import MANUALS, headings, outline, read_as_document, words

from iio_kg.corpus.document import Repair
from iio_kg.corpus.readers import read_file
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path

CONTAINER = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">
<rootfiles><rootfile full-path="OEBPS/boek.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
PACKAGE = """<?xml version="1.0"?><!DOCTYPE package [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>Het  boek</dc:title><dc:creator>A. Schrijver</dc:creator><dc:creator>B. Ander</dc:creator>
<dc:language>nl-NL</dc:language><dc:date>2015-06-18T00:00:00Z</dc:date><dc:publisher>Uitgever</dc:publisher></metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="een" href="hoofdstuk%20een.xhtml" media-type="application/xhtml+xml"/>
<item id="twee" href="twee.xhtml" media-type="application/xhtml+xml"/>
<item id="plaat" href="p.png" media-type="image/png"/>
</manifest>
<spine><itemref idref="nav"/><itemref idref="twee"/><itemref idref="een"/><itemref idref="weg"/></spine></package>"""
PAGE = """<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
<head><title/></head><body>{}</body></html>"""
PARTS = {
    "META-INF/container.xml": CONTAINER,
    "OEBPS/boek.opf": PACKAGE,
    "OEBPS/nav.xhtml": PAGE.format("<h1>Inhoud</h1>"),
    "OEBPS/hoofdstuk een.xhtml": PAGE.format(
        '<h1>Slot</h1><p>Loopt <span epub:type="pagebreak" id="p43" title="43"/>door &x;.</p>'
    ),
    "OEBPS/twee.xhtml": PAGE.format(
        '<a id="los"/><div role="doc-pagebreak" aria-label="pagina 42"/><h1>Begin</h1><p>Tekst.</p>'
    ),
}


def pack(path: Path, parts: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_the_order_is_that_of_the_spine_and_pages_are_those_in_print(tmp_path: Path) -> None:
    document = read_as_document(pack(tmp_path / "x.epub", PARTS))
    assert outline(document) == [
        ("heading", "Begin", 1),
        ("paragraph", "Tekst."),
        ("heading", "Slot", 1),
        ("paragraph", "Loopt door &x;."),
    ]
    pages = {document.text[b.span.start : b.span.end]: document.page_at(b.span.start).label for b in document.blocks}
    assert pages["Begin"] == "42"
    assert document.page_at(document.text.index("door")).label == "43"


def test_what_the_book_says_of_itself(tmp_path: Path) -> None:
    its = read_file(pack(tmp_path / "x.epub", PARTS), Repair()).properties
    assert its.title == "Het boek"
    assert its.authors == ("A. Schrijver", "B. Ander")
    assert (its.language, its.date, its.publisher) == ("nl", "2015-06-18", "Uitgever")


def test_a_folder_around_everything_does_no_harm(tmp_path: Path) -> None:
    around = pack(tmp_path / "x.epub", {f"epub/{name}": content for name, content in PARTS.items()})
    assert headings(read_as_document(around)) == ["Begin", "Slot"]


def test_a_page_that_is_missing_is_told_of_and_the_others_are_read(tmp_path: Path) -> None:
    path = pack(tmp_path / "x.epub", {name: content for name, content in PARTS.items() if "twee" not in name})
    reading = read_file(path, Repair())
    assert "twee.xhtml" in reading.warnings[0]
    assert "Slot" in reading.source


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"META-INF/container.xml": None}, "is not an EPUB"),
        ({"META-INF/container.xml": ""}, "is not XML"),
        ({"META-INF/container.xml": "<container/>"}, "where its package is"),
        ({"OEBPS/boek.opf": None}, "the part OEBPS/boek.opf is missing"),
        ({"OEBPS/twee.xhtml": "", "OEBPS/hoofdstuk een.xhtml": ""}, "no text"),
    ],
)
def test_what_is_no_book_is_refused(tmp_path: Path, changed: dict[str, str | None], said: str) -> None:
    parts = {name: content for name, content in (PARTS | changed).items() if content is not None}
    with pytest.raises(CorpusError, match=said):
        read_as_document(pack(tmp_path / "x.epub", parts))


@pytest.mark.slow
@pytest.mark.skipif(not MANUALS, reason="needs Debian's package debian-edu-doc-nl; see dev/material.sh")
@pytest.mark.parametrize("manual", MANUALS, ids=lambda path: path.stem)
def test_a_real_book_has_the_words_and_headings_of_the_page_of_the_same_text(manual: Path) -> None:
    book, page = read_as_document(manual.with_suffix(".epub")), read_as_document(manual)
    theirs, ours = words(page.text), words(book.text)
    assert (theirs & ours).total() >= 0.995 * theirs.total()
    assert len(headings(book)) >= 0.95 * len(headings(page))
