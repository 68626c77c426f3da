"""PDF: real manuals held against other programs and forms of the same text; broken files refused in a sentence."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from iio_kg.corpus.clean import build_text
from iio_kg.corpus.document import Document, Metadata, Repair
from iio_kg.corpus.readers.pdf import read
from iio_kg.corpus.segment import segment
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from iio_kg.corpus.readers.reading import Reading

MANUALS = sorted(Path("/usr/share/doc/debian-edu-doc-nl").glob("*-manual.pdf"))
WORDS = re.compile(r"[^\W\d_]{3,}(?:-[^\W\d_]+)*")
NUMBERING = re.compile(r"^[\d.]+\s+")
pytestmark = pytest.mark.slow
on_manuals = pytest.mark.skipif(not MANUALS, reason="needs Debian's package debian-edu-doc-nl; see dev/material.sh")


class Words(HTMLParser):
    """The words of a page of HTML."""

    BLOCKS = frozenset("p div li td th tr h1 h2 h3 h4 h5 pre br dt dd table title".split())

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in self.BLOCKS:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.BLOCKS:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def plain(title: str) -> str:
    """A title without its number, and with the apostrophes of a typewriter."""
    return NUMBERING.sub("", title.strip()).replace("’", "'")


def as_document(reading: Reading) -> Document:
    text, offsets, blocks = build_text(reading.source, reading.blocks)
    metadata = Metadata(id="x", title="x", kind="report", language="nl", file="x.pdf")
    return Document(metadata, reading.source, text, offsets, reading.pages, blocks)


@pytest.fixture(scope="module", params=MANUALS, ids=lambda path: path.stem)
def manual(request: pytest.FixtureRequest) -> tuple[Path, Document]:
    return request.param, as_document(read(request.param, Repair()))


@on_manuals
def test_the_words_are_those_of_the_html_of_the_same_manual(manual: tuple[Path, Document]) -> None:
    path, document = manual
    known = {w.casefold() for w in WORDS.findall("".join(Words(path.with_suffix(".html").read_text("utf-8")).parts))}
    words = WORDS.findall(document.text)
    assert sum(word.casefold() in known for word in words) / len(words) >= 0.995


@on_manuals
def test_each_page_has_the_words_that_pdftotext_finds_on_it(manual: tuple[Path, Document]) -> None:
    path, document = manual
    alike = 0
    for page in document.pages:
        number = str(page.number)
        command = ["pdftotext", "-f", number, "-l", number, str(path), "-"]
        theirs = Counter(WORDS.findall(subprocess.run(command, capture_output=True, check=True).stdout.decode()))
        ours = Counter(WORDS.findall(document.source[page.source.start : page.source.end]))
        alike += (theirs & ours).total() >= 0.95 * theirs.total()
    assert alike >= 0.97 * len(document.pages)


@on_manuals
def test_the_headings_of_the_outline_are_found_on_their_pages(manual: tuple[Path, Document]) -> None:
    path, document = manual
    with pypdfium2.PdfDocument(path) as pdf:
        outline = {(plain(e.get_title()), e.get_dest().get_index() + 1) for e in pdf.get_toc() if e.get_dest()}
    found = {
        (plain(document.text[b.body.start : b.body.end]), document.page_at(b.span.start).number)
        for b in document.blocks
        if b.kind == "heading"
    }
    assert len(outline & found) >= 0.95 * len(outline)


@on_manuals
def test_every_passage_is_on_one_of_its_pages_and_no_running_foot_is_in_it(manual: tuple[Path, Document]) -> None:
    _, document = manual
    for passage in segment(document):
        assert document.text[passage.span.start : passage.span.end] == passage.text
        assert not re.fullmatch(r"[\divxlc ]+", passage.text)
    assert [page.label for page in document.pages[:2]] == ["i", "ii"]


def blank(path: Path) -> None:
    pdf = pypdfium2.PdfDocument.new()
    pdf.new_page(595, 842).close()
    pdf.save(path)
    pdf.close()


def test_a_pdf_without_text_is_refused_and_told_what_to_do(tmp_path: Path) -> None:
    blank(tmp_path / "scan.pdf")
    with pytest.raises(CorpusError, match="no text") as caught:
        read(tmp_path / "scan.pdf", Repair())
    assert "iio-kg[ocr]" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"geen pdf", b"%PDF-1.7\n", b"PK\x03\x04" + bytes(200)])
def test_what_is_no_pdf_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.pdf").write_bytes(content)
    with pytest.raises(CorpusError, match="not a whole PDF"):
        read(tmp_path / "x.pdf", Repair())


def test_a_truncated_pdf_is_refused_or_read_but_never_a_stack_trace(tmp_path: Path) -> None:
    blank(tmp_path / "whole.pdf")
    whole = (tmp_path / "whole.pdf").read_bytes()
    for length in range(0, len(whole), 7):
        (tmp_path / "part.pdf").write_bytes(whole[:length])
        with pytest.raises(CorpusError):
            read(tmp_path / "part.pdf", Repair())


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="is missing"):
        read(tmp_path / "gone.pdf", Repair())
