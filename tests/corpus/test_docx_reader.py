"""DOCX: files written by python-docx and by pandoc."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from typing import TYPE_CHECKING

import docx
import pytest
from docx.oxml import parse_xml
from reading import MANUALS, headings, outline, read_as_document, words

from iio_kg.corpus.document import Repair
from iio_kg.corpus.readers import read_file
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def test_title_headings_lists_and_tables(tmp_path: Path) -> None:
    made = docx.Document()
    made.add_heading("Het rapport", 0)
    made.add_heading("Inleiding", 1)
    made.add_paragraph("Eerste alinea.\tMet een tab.")
    made.add_heading("Doel", 2)
    for text in ("een", "twee"):
        made.add_paragraph(text, style="List Number")
    made.add_paragraph("bolletje", style="List Bullet")
    table = made.add_table(rows=2, cols=2)
    for cell, text in zip(
        (c for row in table.rows for c in row.cells), ("Kop", "2012", "De Wilgen", "7,1"), strict=True
    ):
        cell.text = text
    table.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {W}/>"))
    made.core_properties.title, made.core_properties.author = "Het  rapport", "A. Een; B. Twee"
    made.save(tmp_path / "x.docx")
    assert outline(read_as_document(tmp_path / "x.docx")) == [
        ("heading", "Het rapport", 1),
        ("heading", "Inleiding", 2),
        ("paragraph", "Eerste alinea. Met een tab."),
        ("heading", "Doel", 3),
        ("item", "een", 1),
        ("item", "twee", 2),
        ("item", "bolletje"),
        ("row", "Kop\t2012", 1),
        ("row", "De Wilgen\t7,1"),
    ]
    its = read_file(tmp_path / "x.docx", Repair()).properties
    assert (its.title, its.authors) == ("Het rapport", ("A. Een", "B. Twee"))


def test_pages_as_last_laid_out_and_only_what_a_reader_sees(tmp_path: Path) -> None:
    made = docx.Document()
    paragraph = made.add_paragraph("Voor ")
    for xml in (
        "<w:r {}><w:lastRenderedPageBreak/><w:t>na de grens</w:t></w:r>",
        '<w:del {} w:id="1"><w:r><w:delText>geschrapt</w:delText></w:r></w:del>',
        '<w:ins {} w:id="2"><w:r><w:t>, ingevoegd</w:t></w:r></w:ins>',
        "<w:r {}><w:instrText>PAGE</w:instrText></w:r>",
        "<w:r {}><w:t>, taal</w:t><w:noBreakHyphen/><w:t>les.</w:t></w:r>",
    ):
        paragraph._p.append(parse_xml(xml.format(W)))
    contents = '<w:sdt {}><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
    made.element.body.insert(
        0,
        parse_xml(
            (contents + "<w:sdtContent><w:p><w:r><w:t>Inhoud 1</w:t></w:r></w:p></w:sdtContent></w:sdt>").format(W)
        ),
    )
    made.element.body.insert(
        1, parse_xml(f"<w:sdt {W}><w:sdtContent><w:p><w:r><w:t>In een veld.</w:t></w:r></w:p></w:sdtContent></w:sdt>")
    )
    made.save(tmp_path / "x.docx")
    document = read_as_document(tmp_path / "x.docx")
    assert outline(document) == [
        ("paragraph", "In een veld."),
        ("paragraph", "Voor na de grens, ingevoegd, taal-les."),
    ]
    assert [page.label for page in document.pages] == ["1", "2"]
    assert document.page_at(document.text.index("Voor")).label == "1"
    assert document.page_at(document.text.index("na de")).label == "2"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a whole DOCX"),
        (b"gewone tekst", "not a whole DOCX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Office file"),
        (b"%PDF-1.4 ...", r"called \.docx but is PDF"),
    ],
)
def test_what_is_no_docx_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "x.docx").write_bytes(content)
    with pytest.raises(CorpusError, match=said):
        read_as_document(tmp_path / "x.docx")


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.docx", "w") as archive:
        archive.writestr("foto.txt", "geen Word")
    with pytest.raises(CorpusError, match="is not a DOCX"):
        read_as_document(tmp_path / "x.docx")


@pytest.mark.slow
@pytest.mark.skipif(
    not MANUALS or not shutil.which("pandoc"), reason="needs debian-edu-doc-nl and pandoc; see dev/material.sh"
)
def test_a_manual_as_pandoc_writes_it_has_the_words_and_headings_of_the_page(tmp_path: Path) -> None:
    target = tmp_path / "manual.docx"
    subprocess.run(["pandoc", "-f", "html", "-o", str(target), str(MANUALS[0])], check=True, capture_output=True)
    ours, page = read_as_document(target), read_as_document(MANUALS[0])
    theirs = words(page.text)
    assert (theirs & words(ours.text)).total() >= 0.995 * theirs.total()
    assert len(set(headings(page)) & set(headings(ours))) >= 0.95 * len(set(headings(page)))
    assert sum(b.kind == "row" for b in ours.blocks) == sum(b.kind == "row" for b in page.blocks)
